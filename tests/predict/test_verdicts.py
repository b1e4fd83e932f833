"""Bets of every kind held against facts, and laid over the run."""

from __future__ import annotations

import math
from typing import Any

import pytest

from engine.figures import Curve, Table, Tokens
from tests.predict.every_kind import a_bet, lesson, question
from tests.predict.test_reading import JUNK
from tutor.course.format import Cell, Chips, Choice, Drawn, FreeText, Number, Ranking
from tutor.predict import Verdict, beside, verdict

BITS: Number = question("bet-range")
ORDER: Ranking = question("bet-order")
HEAD: Cell = question("bet-head")
PLACE = HEAD.model_copy(update={"columns": "positions"})
LOG: Drawn = question("bet-curve")
PLAIN = LOG.model_copy(update={"scale": "linear", "low": 0.0, "high": 20.0, "close": 1.0, "unit": "logits"})
CHIPS: Chips = question("bet-chips")
WORDS: FreeText = question("bet-words")
FACTS: dict[str, Any] = {
    "top_prob": 0.2,
    "top_token": " the",
    "entropy_bits": 7.3,
    "answer_rank": 40,
    "candidate_probs": [0.1, 0.6, 0.05],
    "norm_by_layer": [10.0, 12.0, 14.0, 20.0],
    "worst_layer": 4,
    "worst_head": 2,
}
HEATMAP = {"kind": "heatmap", "rows": [str(n) for n in range(9)], "columns": ["When", " Mary", " and"]}


def held(to: Any, answer: Any, facts: dict[str, Any] | None = None, run: Any = None) -> Verdict:
    return verdict(to, answer, FACTS if facts is None else facts, 70, run)


def test_an_interval_that_holds_the_value() -> None:
    seen = held(BITS, [6, 8])
    assert seen.right
    assert seen.line == "It is 7.30 bits, within your 6 to 8. You were 70 % sure."
    assert seen.rule == "interval score"


def test_an_interval_that_does_not_says_by_how_much_and_which_way() -> None:
    low, high = held(BITS, [3, 5]), held(BITS, [9, 10])
    assert not low.right
    assert not high.right
    assert "you said 3 to 5, 2.30 too low" in low.line
    assert "1.70 too high" in high.line


def test_an_interval_as_narrow_as_a_point_is_held_no_more_strictly_than_one() -> None:
    assert held(BITS, 7.7).right
    assert held(BITS, [7.6, 7.8]).right
    assert "near enough" in held(BITS, [7.6, 7.8]).line
    assert not held(BITS, [7.9, 8.1]).right


def test_an_interval_that_says_nothing_is_never_right() -> None:
    seen = held(BITS, [0, 16])
    assert not seen.right
    assert "too wide to say anything" in seen.line


@pytest.mark.parametrize("range_", [{"low": 0, "high": 16}, {"low": 0}, {"high": 16}, {}])
def test_a_better_interval_scores_higher_with_any_range(range_: dict[str, float]) -> None:
    to = Number(kind="number", ask="?", fact="entropy_bits", close=0.5, **range_)  # type: ignore[arg-type]
    scores = [verdict(to, bet, FACTS, 80).score for bet in ([7, 8], [5, 9], [9, 12], [14, 16])]
    assert scores == sorted(scores, reverse=True)
    assert all(0 <= s <= 1 for s in scores)


def test_a_ranking() -> None:
    right = held(ORDER, ["rank", "bits", "top"])
    assert right.right
    assert right.score == 1
    wrong = held(ORDER, ["rank", "top", "bits"])
    assert not wrong.right
    assert wrong.score == pytest.approx(2 / 3)
    but = "all but The entropy in bits > The probability of the first choice"
    assert f"Of 3 pairs you had 2 in this order, {but}." in wrong.line
    assert "Of 3 pairs you had 1 in this order. " in held(ORDER, ["bits", "top", "rank"]).line
    assert wrong.truth == "How many tokens are above “·is” > The entropy in bits > The probability of the first choice"
    assert "you had none" in held(ORDER, ["top", "bits", "rank"]).line


def test_a_ranking_with_a_tie_is_right_either_way() -> None:
    facts = {**FACTS, "entropy_bits": 40}
    assert held(ORDER, ["rank", "bits", "top"], facts).right
    assert held(ORDER, ["bits", "rank", "top"], facts).right


def test_a_cell_with_heads() -> None:
    assert held(HEAD, [4, 2]).score == 1
    assert "layer 4, head 2, as you said" in held(HEAD, [4, 2]).line
    assert held(HEAD, [3, 2]).right  # one layer off, and `close` is 1
    assert held(HEAD, [4, 0]).right  # another head is one step, however far its number
    assert not held(HEAD, [3, 0]).right
    assert held(HEAD, [4, 0]).score == held(HEAD, [4, 3]).score
    assert "2 layers too late and another head" in held(HEAD, [6, 1]).line


def test_a_cell_with_positions() -> None:
    run = {"figures": [{"kind": "texts"}, HEATMAP]}
    assert held(PLACE, [4, 1], run=run).right
    assert not held(PLACE, [4, 0], run=run).right
    assert held(PLACE, [4, 1], run=run).score == pytest.approx(1 - 1 / 4)
    assert held(PLACE, [3, 2], run=run).score == pytest.approx(1 - 1 / 16)
    assert held(PLACE, [4, 1], run=run).truth == "layer 4, position 2 (·and)"
    assert "1 position off" in held(PLACE, [4, 1], run=run).line
    assert held(PLACE, [4, 1]).score > held(PLACE, [4, 1], run=run).score  # a larger grid where none is known


def test_a_curve() -> None:
    right = held(PLAIN, [[0, 10], [3, 18]])
    assert right.right
    assert "off by 1.00 logits a layer on average, near enough" in right.line
    assert "most at layer 3: 20.00 logits where you drew 18.00" in right.line
    wrong = held(PLAIN, [[0, 0]])
    assert not wrong.right
    assert wrong.score == pytest.approx(1 - 14 / 20)
    assert held(PLAIN, [[n, v] for n, v in enumerate(FACTS["norm_by_layer"])]).score == 1


def test_a_curve_on_a_log_scale_is_off_by_a_factor() -> None:
    facts = {"norm_by_layer": [9.0, 99.0, 999.0]}
    seen = held(LOG, [[0, 19], [1, 199], [2, 1999]], facts)
    assert not seen.right
    assert "off by a factor of 2.00 a layer on average" in seen.line
    assert held(LOG.model_copy(update={"close": 2.0}), [[0, 19], [1, 199], [2, 1999]], facts).right
    assert seen.score == pytest.approx(1 - math.log(2) / math.log(100_001))


def test_what_cannot_be_drawn_is_not_missed() -> None:
    assert held(PLAIN, [[0, 20]], {"norm_by_layer": [25.0, 90.0]}).score == 1


def test_a_curve_drawn_for_another_model_is_read_at_the_layers_that_there_are() -> None:
    assert held(PLAIN, [[0, 10], [29, 39]], {"norm_by_layer": [10.0, 11.0, 12.0]}).right


def test_chips() -> None:
    right = held(CHIPS, [2, 12, 1, 5])
    assert right.right
    assert right.score == pytest.approx(1)
    assert right.truth == "·Paris 0.10, ·the 0.60, ·located 0.050, something else 0.25"
    wrong = held(CHIPS, [20, 0, 0, 0])
    assert not wrong.right
    assert wrong.line.startswith(
        "18 of your 20 chips would have to move to match the run; ·Paris got 0.10, your chips say 1.00"
    )
    assert held(CHIPS, [2, 11, 2, 5]).line.startswith(
        "1 of your 20 chips would have to move to match the run: near enough; "
    )
    near = held(CHIPS, [2, 8, 1, 9])  # 4 chips elsewhere
    assert near.right
    assert not held(CHIPS, [2, 7, 1, 10]).right


def test_chips_on_other_candidates_than_the_run_had_are_not_held_against_it() -> None:
    run = {"parameters": {"candidates": [" Rome", " the", " located"]}}
    assert held(CHIPS, [2, 12, 1, 5], run=run).truth == "not measured"
    assert held(CHIPS, [2, 12, 1, 5], run={"parameters": {"candidates": CHIPS.candidates}}).right


def test_words() -> None:
    seen = held(WORDS, "I think that it hesitates")
    assert seen.right
    assert seen.score == 1
    assert seen.line == "As you said: it hesitates, at 7.30 bits. You were 70 % sure."
    both = held(WORDS, "It hesitates, and it says Paris")
    assert not both.right
    assert both.score == pytest.approx(2 / 3)
    assert "Not so: it names Paris." in both.line


def test_what_words_deny_is_not_said() -> None:
    seen = held(WORDS, "It is not certain")
    assert not seen.right
    assert seen.score == pytest.approx(2 / 3)
    assert "It came, and you did not speak of it: it hesitates" in seen.line


def test_words_that_speak_of_nothing_and_a_run_in_which_nothing_came() -> None:
    facts = {"top_prob": None, "top_token": " the", "entropy_bits": 7.3}
    assert held(WORDS, "who knows", facts).truth == "none of these"
    assert not held(WORDS, "who knows", facts).right


KINDS = [step.id for step in lesson.steps if step.key == "predict"]


@pytest.mark.parametrize("step", KINDS)
@pytest.mark.parametrize(
    "value", [None, "gone", True, [], [1.0], [None, 2.0], float("nan"), float("inf"), {}, "x" * 9], ids=repr
)
def test_facts_that_are_not_there_or_not_as_expected_are_never_right(step: str, value: Any) -> None:
    to = question(step)
    facts = dict.fromkeys(FACTS, value)
    seen = held(to, a_bet(to), facts)
    assert isinstance(seen.line, str)
    if not (step == "bet-curve" and value == [1.0]):
        assert not seen.right
        assert beside(to, a_bet(to), facts) is None or step == "bet-words"
    for facts in ({}, dict.fromkeys(FACTS)):
        seen = held(to, a_bet(to), facts)
        assert (seen.right, seen.truth, seen.score, seen.rule) == (False, "not measured", 0, "")


@pytest.mark.parametrize("step", KINDS)
@pytest.mark.parametrize("junk", JUNK, ids=repr)
def test_an_answer_of_another_kind_is_not_right_and_does_not_fail(step: str, junk: Any) -> None:
    to = question(step)
    seen = held(to, junk)
    assert 0 <= seen.score <= 1
    if not (step == "bet-range" and junk in (3, [1.5, 2])):
        assert not seen.right
    beside(to, junk, FACTS)


def test_a_curve_beside_the_run() -> None:
    figure = beside(PLAIN, [[0, 10], [3, 19]], FACTS)
    assert isinstance(figure, Curve)
    assert figure.between
    assert [s.name for s in figure.series] == ["your bet", "run"]
    assert figure.series[0].values == [10, 13, 16, 19]
    assert figure.series[1].values == FACTS["norm_by_layer"]
    assert figure.table()[0] == ["layer", "your bet", "run"]


def test_chips_beside_the_run() -> None:
    figure = beside(CHIPS, [2, 12, 1, 5], FACTS)
    assert isinstance(figure, Tokens)
    assert [run.name for run in figure.runs] == ["YOURS", "RUN"]
    assert figure.runs[0].probabilities == [0.1, 0.6, 0.05, 0.25]
    assert figure.runs[1].tokens == [" Paris", " the", " located", "something else"]
    assert sum(figure.runs[1].probabilities) == pytest.approx(1)


def test_a_ranking_and_words_beside_the_run() -> None:
    figure = beside(ORDER, ["rank", "top", "bits"], FACTS)
    assert isinstance(figure, Table)
    assert [row[3] for row in figure.table()[1]] == ["40", "7.30", "0.20"]
    assert figure.table()[1][1][1:3] == ["The probability of the first choice", "The entropy in bits"]
    words = beside(WORDS, "it is certain", FACTS)
    assert words is not None
    assert words.table()[1][0] == ["It is nearly certain", "you said it", "–"]
    assert words.table()[1][1] == ["It hesitates, at 7.30 bits", "–", "it came"]


def test_a_cell_has_its_marks_on_the_runs_own_heatmap() -> None:
    assert beside(HEAD, [4, 2], FACTS) is None


def test_a_choice_says_what_the_run_gave_in_the_words_of_the_lesson() -> None:
    options = [
        {"id": "gone", "says": "The lead is gone", "when": {"drop": {"at_least": 0.9}}},
        {"id": "dent", "says": "It shrinks", "when": {"drop": {"below": 0.9}}},
    ]
    spec = {"kind": "choice", "ask": "What happens?", "options": options, "shows": "{drop} of the lead is lost"}
    line = held(Choice.model_validate(spec), "dent", {"drop": 0.5021}).line
    assert line == "As you said: it shrinks (0.50 of the lead is lost). You were 70 % sure."


def test_a_choice_says_the_number_that_decided_it() -> None:
    options = [
        {"id": "gone", "says": "The lead is gone", "when": {"drop": {"at_least": 0.9}}},
        {"id": "dent", "says": "It shrinks", "when": {"drop": {"below": 0.9}}},
    ]
    question = Choice.model_validate({"kind": "choice", "ask": "What happens?", "options": options})
    assert held(question, "dent", {"drop": 0.5021}).line == "As you said: it shrinks (drop 0.50). You were 70 % sure."
    assert held(question, "gone", {"drop": 0.5021}).line.startswith("It went another way: it shrinks (drop 0.50).")
    deep = question.model_copy(
        update={"options": [o.model_copy(update={"when": {"kl_bits": o.when["drop"]}}) for o in question.options]}
    )
    assert held(deep, "dent", {"kl_bits": 0.5}).line == "As you said: it shrinks. You were 70 % sure."
