"""A bet that points at what is not there is refused, as far as the sizes are known."""

from __future__ import annotations

import pytest

from engine.experiments import experiment
from tests.predict.every_kind import question
from tutor.course.format import Cell, Drawn, Number
from tutor.predict import NotAnAnswer, between, bounded, within
from tutor.predict.numbers import examples

LENS = experiment("logit_lens")
SIZES = {"n_layers": 30, "n_heads": 9, "positions": 14}
FIRST = Number(kind="number", ask="From which layer on?", fact="first_layer_top", low=0, close=1)
RANK = FIRST.model_copy(update={"fact": "final_prob"})
HEAD: Cell = question("bet-head")
PLACE = HEAD.model_copy(update={"columns": "positions"})
CURVE: Drawn = question("bet-curve")


@pytest.mark.parametrize(
    ("to", "answer"),
    [
        (FIRST, 29),
        (FIRST, 29.0),
        (FIRST, [0, 2.5]),
        (RANK, 99),
        (RANK, 0.5),
        (HEAD, [29, 8]),
        (PLACE, [29, 13]),
        (CURVE, [[0, 1.0], [29, 2.0]]),
    ],
    ids=lambda v: str(v) if isinstance(v, (int, float, list)) else v.kind,
)
def test_what_is_there_may_be_bet_on(to: Number, answer: float) -> None:
    within(to, answer, LENS, SIZES)


@pytest.mark.parametrize(
    ("to", "answer", "words"),
    [
        (FIRST, 30, "30 is too high: layers go from 0 to 29 here"),
        (FIRST, [12, 64], "64 is too high: layers go from 0 to 29 here"),
        (FIRST, 12.5, "12.5 is no whole number, and the run gives one"),
        (HEAD, [30, 1], "30 is too high: layers go from 0 to 29 here"),
        (HEAD, [3, 9], "9 is too high: heads go from 0 to 8 here"),
        (PLACE, [3, 14], "14 is too high: positions go from 0 to 13 here"),
        (CURVE, [[0, 1.0], [40, 2.0]], "40 is too high: layers go from 0 to 29 here"),
    ],
)
def test_what_is_not_there_is_refused_with_what_is(to: Number, answer: float, words: str) -> None:
    with pytest.raises(NotAnAnswer) as caught:
        within(to, answer, LENS, SIZES)
    assert str(caught.value) == words


def test_a_size_that_is_not_known_bounds_nothing() -> None:
    within(FIRST, 99, LENS, {})
    within(PLACE, [3, 99], LENS, {"n_layers": 30, "positions": 0})


def test_a_bet_on_a_layer_says_how_many_there_are() -> None:
    asked = bounded(FIRST, LENS, SIZES)
    assert isinstance(asked, Number)
    assert between(asked) == " from 0 to 29"
    assert examples(asked) == ("10", "9 to 11")
    assert bounded(FIRST, LENS, {}) is FIRST, "not known yet"
    assert bounded(RANK, LENS, SIZES) is RANK
    assert bounded(CURVE, LENS, SIZES) is CURVE
    low = FIRST.model_copy(update={"high": 9})
    assert bounded(low, LENS, SIZES) is low, "the lesson says so itself"
