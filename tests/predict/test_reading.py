"""Typed answers of every kind, and the way back."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tests.predict.every_kind import lesson, question
from tutor.course.format import Cell, Chips, Drawn, Number, Ranking, Token
from tutor.predict import NotAnAnswer, answer_text, drawn, parse, typed

BITS = question("bet-range")
OPEN = Number(kind="number", ask="How much?", fact="drop", close=0.1)
SHARE = Number(kind="number", ask="How probable?", fact="top_prob", low=0, high=1, close=0.05)
LAYER = Number(kind="number", ask="Which layer?", fact="first_layer_top", low=0, close=2)
COUNT = Number(kind="number", ask="How many?", fact="distinct", low=1, high=10, close=1)
ORDER: Ranking = question("bet-order")
HEAD: Cell = question("bet-head")
PLACE = HEAD.model_copy(update={"columns": "positions"})
CURVE: Drawn = question("bet-curve")
PLAIN = CURVE.model_copy(update={"scale": "linear", "low": -1.0, "high": 20.0, "close": 0.5})
CHIPS: Chips = question("bet-chips")
WORDS = question("bet-words")
TOKEN = Token(kind="token", ask="Which token?", fact="top_token")


@pytest.mark.parametrize(
    ("to", "said", "answer"),
    [
        (BITS, "2 to 4", [2, 4]),
        (BITS, "2..4", [2, 4]),
        (BITS, "2…4", [2, 4]),
        (BITS, "2-4", [2, 4]),
        (BITS, "2 – 4 bits", [2, 4]),
        (BITS, "2 bits to 4 bits", [2, 4]),
        (BITS, "from 2 to 4", [2, 4]),
        (BITS, "between 2.5 and 4", [2.5, 4]),
        (BITS, "about 2 to 4", [2, 4]),
        (BITS, "4 to 2", [2, 4]),
        (BITS, "3 to 3", 3),
        (BITS, "1e-3 to 1e-1", [0.001, 0.1]),
        (BITS, "1e-3-2e-1", [0.001, 0.2]),
        (SHARE, "10 to 20 %", [0.1, 0.2]),
        (SHARE, "10% to 0,3", [0.1, 0.3]),
        (SHARE, "10-20%", [0.1, 0.2]),
        (LAYER, "layer 15", 15),
        (LAYER, "about layer 15", 15),
        (LAYER, "at layer three", 3),
        (LAYER, "layers 3 to 5", [3, 5]),
        (LAYER, "between layer 3 and layer 5", [3, 5]),
        (LAYER, "twelve", 12),
        (COUNT, "one", 1),
        (COUNT, "Ten", 10),
        (COUNT, "three to four", [3, 4]),
        (COUNT, "about two tokens", 2),
        (COUNT, "head 3", 3),
        (SHARE, "zero", 0),
        (SHARE, "one percent", 0.01),
        (OPEN, "-0.2 to -0.1", [-0.2, -0.1]),
        (OPEN, "-0.2--0.1", [-0.2, -0.1]),
        (OPEN, "−0.2 to 0.1", [-0.2, 0.1]),
        (ORDER, "bits top rank", ["bits", "top", "rank"]),
        (ORDER, "2 1 3", ["bits", "top", "rank"]),
        (ORDER, " Rank > bits, top ", ["rank", "bits", "top"]),
        (HEAD, "23 3", [23, 3]),
        (HEAD, "23, 3", [23, 3]),
        (HEAD, "layer 23 head 3", [23, 3]),
        (HEAD, "Layer 23, head 3", [23, 3]),
        (HEAD, "L23H3", [23, 3]),
        (HEAD, "[23, 3]", [23, 3]),
        (PLACE, "layer 4 position 12", [4, 12]),
        (CURVE, "0:12 10:8 29:0.5", [[0, 12], [10, 8], [29, 0.5]]),
        (CURVE, "10: 8, 0:12,29 = 1e3", [[0, 12], [10, 8], [29, 1000]]),
        (CURVE, "0:12,10:8", [[0, 12], [10, 8]]),
        (CURVE, "0:1,5 10:8", [[0, 1.5], [10, 8]]),
        (PLAIN, "0:-0.5 3:50%", [[0, -0.5], [3, 0.5]]),
        (CHIPS, "Paris 12, the 3, else 5", [12, 3, 0, 5]),
        (CHIPS, "·Paris 12 the 3 located 1 else 4", [12, 3, 1, 4]),
        (CHIPS, "paris: 12; something else 8", [12, 0, 0, 8]),
        (CHIPS, "12 3 0 5", [12, 3, 0, 5]),
        (CHIPS, "12, 3, 0, 5", [12, 3, 0, 5]),
        (WORDS, "  it is certain,\n and names Paris ", "it is certain, and names Paris"),
    ],
)
def test_what_people_type_is_read_and_can_be_typed_again(to: Any, said: str, answer: Any) -> None:
    read = parse(to, said)
    assert read == answer
    assert json.loads(json.dumps(read)) == read  # as the journal keeps it
    assert parse(to, typed(to, read)) == read
    assert answer_text(to, read)


@pytest.mark.parametrize(
    ("to", "said", "says"),
    [
        (BITS, "2 to", "type a number from 0 to 16, such as 6, or a range: 5 to 7"),
        (LAYER, "late", "type a number, at least 0, such as 4, or a range: 3 to 5"),
        (LAYER, "head 3", "asks for a layer, and “head 3” names a head"),
        (COUNT, "some", "type a number from 1 to 10, such as 4, or a range: 3 to 5"),
        (COUNT, "one hundred", "type a number from 1 to 10"),
        (SHARE, "one half", "such as 0.5, 1e-3 or 50%, or a range: 0.2 to 0.4"),
        (SHARE, "one-third", "such as 0.5"),
        (OPEN, "some", "type a number, such as 0.5, 1e-3 or 50%, or a range"),
        (BITS, "2 to 40", "^40 is outside the range from 0 to 16"),
        (BITS, "0 to 12", "more than half of what is possible"),
        (SHARE, "1.004", "^1.004 is outside the range from 0 to 1"),
        (SHARE, "0-100%", "more than half of what is possible"),
        (OPEN, "-1000 to 1000", "more than half of what is possible"),
        (BITS, "1,000 to 2", "1000 or 1.000"),
        (ORDER, "", "top, bits, rank in your order"),
        (ORDER, "top bits", "rank is missing"),
        (ORDER, "top", "bits, rank are missing"),
        (ORDER, "top bits top", "top is there twice"),
        (ORDER, "top 1 rank", "top is there twice"),
        (ORDER, "top bits size", "there is no size here"),
        (ORDER, "1 2 4", "there is no 4 here"),
        (HEAD, "", "type a layer and a head, both counted from 0"),
        (HEAD, "23", "type a layer and a head"),
        (HEAD, "-3 4 5", "type a layer and a head"),
        (HEAD, "-1 3", "type a layer and a head"),
        (HEAD, "layer 12", "type a layer and a head"),
        (HEAD, "L12", "type a layer and a head"),
        (HEAD, "1.5", "type a layer and a head"),
        (PLACE, "the last one", "type a layer and a position"),
        (CURVE, "", "type points as layer:value"),
        (CURVE, "12 8 1", "type points as layer:value"),
        (CURVE, "0:12 end:3", "type points as layer:value"),
        (CURVE, "0:12 0:13", "layer 0 is there twice"),
        (PLAIN, "0:25", "^25 is outside the range from -1 to 20"),
        (CHIPS, "", "put 20 chips on the candidates|no candidate with its chips"),
        (CHIPS, "Paris 12, the 3", "there are 20 chips, and you put down 15: 5 are left to put down"),
        (CHIPS, "Paris 12, the 9", "you put down 21: 1 too many"),
        (CHIPS, "20", "1 counts for Paris, the, located and something else"),
        (CHIPS, "London 20", "there are Paris, the, located and else"),
        (CHIPS, "Paris 10, paris 10", "paris is there twice"),
        (CHIPS, "Paris", "no candidate with its chips"),
        (WORDS, "  ...  ", "say in a few words what you expect"),
    ],
)
def test_what_is_no_answer_says_what_would_be(to: Any, said: str, says: str) -> None:
    with pytest.raises(NotAnAnswer, match=says):
        parse(to, said)


def test_numbers_for_candidates_are_no_counts() -> None:
    sums = CHIPS.model_copy(update={"candidates": [" 4", " 5"]})
    assert parse(sums, "4 12, 5 3, else 5") == [12, 3, 5]
    assert parse(sums, "4 12 5 3 else 5") == [12, 3, 5]
    assert parse(sums, "12 3 5") == [12, 3, 5]


@given(st.text(max_size=60))
@example(";")
@example("·")
@example("⏎⏎")
def test_nothing_that_can_be_typed_breaks_the_reading(said: str) -> None:
    for to in (BITS, OPEN, ORDER, HEAD, CURVE, CHIPS, WORDS, TOKEN):
        try:
            answer = parse(to, said)
        except NotAnAnswer:
            continue
        assert parse(to, typed(to, answer)) == answer


@given(st.lists(st.tuples(st.integers(0, 40), st.floats(0, 1e5)), min_size=1, max_size=8, unique_by=lambda p: p[0]))
def test_a_drawn_curve_comes_back_as_it_was(points: list[tuple[int, float]]) -> None:
    answer = [list(p) for p in sorted(points)]
    assert parse(CURVE, typed(CURVE, answer)) == answer


@given(st.floats(0, 8), st.floats(0, 8))
def test_an_interval_comes_back_as_it_was(a: float, b: float) -> None:
    answer = sorted((a, b)) if a != b else a
    assert parse(BITS, typed(BITS, answer)) == answer


def test_between_the_points_a_curve_is_straight_and_beyond_them_flat() -> None:
    assert drawn([[1, 10.0], [3, 20.0], [4, 0.0]], 6) == [10, 10, 15, 20, 0, 0]
    assert drawn([[9, 5.0], [2, 1.0]], 4) == pytest.approx(
        [1, 1, 1, 1 + 4 / 7]
    )  # a smaller model than it was drawn for
    assert drawn([[2, 7]], 3) == [7, 7, 7]


def test_on_a_log_scale_straight_is_meant_as_it_was_drawn() -> None:
    assert drawn([[0, 0], [2, 99]], 4, "log") == pytest.approx([0, 9, 99, 99])


@pytest.mark.parametrize(
    "answer", ["", "0:1", [], [[0]], [[0, "x"]], [[-1, 2]], [[0.5, 2]], [[0, float("nan")]], None, 3]
)
def test_what_is_no_curve_is_drawn_nowhere(answer: Any) -> None:
    assert drawn(answer, 5) == []


JUNK: list[Any] = [None, True, 3, -1.5, "x", "", [], [1], ["top"], [[1]], [1, 2, 3, 4], [1.5, 2], ["a", "b", "c"], {}]


@pytest.mark.parametrize("junk", JUNK, ids=repr)
def test_an_answer_of_another_kind_can_still_be_shown(junk: Any) -> None:
    for step in lesson.steps:
        if step.key == "predict":
            to = question(step.id)
            assert isinstance(answer_text(to, junk), str)
            assert isinstance(typed(to, junk), str)


def test_answers_for_people() -> None:
    assert answer_text(BITS, [2.0, 4.5]) == "2.00 to 4.50 bits"
    assert answer_text(ORDER, ["bits", "top", "rank"]).startswith("The entropy in bits > The probability of")
    assert answer_text(HEAD, [23, 3]) == "layer 23, head 3"
    assert answer_text(PLACE, [23, 3]) == "layer 23, position 3"
    assert answer_text(PLAIN, [[0, 1], [5, 2.5]]) == "1.00 at layer 0, 2.50 at layer 5"
    assert (
        answer_text(PLAIN, [[n, float(n)] for n in range(9)]) == "0.000 at layer 0, 8.00 at layer 8, 7 points between"
    )
    assert answer_text(CHIPS, [12, 3, 0, 5]) == "·Paris 12, ·the 3, ·located 0, something else 5"
