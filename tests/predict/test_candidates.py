"""The candidates of a distribution: a parameter of `next_token`, and the fact that comes of it."""

from __future__ import annotations

from typing import Any

import pytest

from engine.errors import BadParameter
from engine.experiments import experiment
from engine.lab import Lab
from tests.engine.doing import SHORT, do
from tests.engine.tiny import tiny_lab
from tutor import repeat


@pytest.fixture(scope="module")
def lab() -> Lab:
    return tiny_lab("gpt2")


def test_their_probabilities_come_in_their_order(lab: Lab) -> None:
    names = [" Mary", " John", " the"]
    said: Any = do(lab, "next_token", prompt=SHORT, candidates=names).facts
    alone = [do(lab, "next_token", prompt=SHORT, answer=name).facts.answer_prob for name in names]  # type: ignore[attr-defined]
    assert said.candidate_probs == pytest.approx(alone)
    assert do(lab, "next_token", prompt=SHORT).facts.candidate_probs is None  # type: ignore[attr-defined]


def test_the_figure_shows_them_all(lab: Lab) -> None:
    names = [" Mary", " John", " the"]
    figure: Any = do(lab, "next_token", prompt=SHORT, candidates=names, top=1).figures[0]
    assert set(names) <= set(figure.runs[0].tokens)


def test_what_is_not_one_token_is_the_usual_error(lab: Lab) -> None:
    with pytest.raises(BadParameter, match=r"candidates = ' Mary and John' is \d tokens, not one"):
        do(lab, "next_token", prompt=SHORT, candidates=[" Mary", " Mary and John"])


@pytest.mark.parametrize("wrong", ["", " Mary", "[1, 2]", "[oops", [" Mary"], [str(n) for n in range(8)], 5])
def test_fewer_than_two_or_more_than_seven_are_refused(wrong: Any) -> None:
    with pytest.raises(BadParameter, match=r"candidates (= .*|is empty); it must be 2 to 7 texts \(optional\)"):
        experiment("next_token").parse({"prompt": SHORT, "candidates": wrong})


def test_they_can_be_typed_and_the_command_that_repeats_the_run_reads_back() -> None:
    page = experiment("next_token")
    names = [" Mary", " it's", " the"]
    assert page.parse({"prompt": SHORT, "candidates": " Mary, it's, the"}).candidates == names  # type: ignore[attr-defined]
    word = repeat.command("next_token", {"candidates": names}, "m", 0)
    assert "candidates=" in word
    assert page.parse({"prompt": SHORT, "candidates": str(names)}).candidates == names  # type: ignore[attr-defined]
