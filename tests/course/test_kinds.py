# ruff: noqa: E501 - tables of cases
"""What `check` says about predictions of every kind: without a run, and held against the facts of one."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from tests.course.good import changed, place_of, written
from tests.predict.every_kind import PATH, lesson, question
from tutor.checks.against import prediction
from tutor.checks.noise import Facts
from tutor.checks.wording import wording
from tutor.course.reader import read_lesson
from tutor.course.source import Problem
from tutor.course.structure import structure

WHOLE = PATH.read_text("utf-8")
CANDIDATES = 'candidates: &cities [" Paris", " the", " located"]'

# what is replaced, by what, where in the new text the problem must be said, what it must say
RANKING = [
    ("fact: answer_rank", "fact: answer_ran", "answer_ran}", "next_token has no fact `answer_ran`.*did you mean `answer_rank`"),
    ("fact: answer_rank", "fact: top_token", "top_token}", "top_token is text, and a ranking cannot take that"),
    ("fact: answer_rank", "fact: top_prob", "top_prob}\n  - id: bet-chips", "top_prob a second time: `top` always ties with `rank`"),
    ("{id: rank, says", "{id: top, says", "top, says: \"How", "the item id `top` a second time"),
    (", answer: \" is\"", "", "answer_rank}", "answer_rank is given only where the run sets `answer`"),
    ("says: The entropy in bits", "says: \"Entropy {entropy_bits}\"", '"Entropy', "a { in what is read before the run"),
    ("says: The entropy in bits", "says: \"What is simply the entropy\"", '"What is simply', "“simply”; leave it out"),
]  # fmt: skip
CELL = [
    ("row_fact: worst_layer", "row_fact: worst_laye", "worst_laye\n", "no fact `worst_laye`.*did you mean `worst_layer`"),
    ("row_fact: worst_layer", "row_fact: worst_drop", "worst_drop\n", "worst_drop is no whole number, and a cell is a place in a grid"),
    ("column_fact: worst_head", "column_fact: worst_layer", "worst_layer\n      columns", "row and column are the same fact"),
    ("columns: heads", "columns: positions\n      of: corrupt", "corrupt\n", "head_sweep has no text `corrupt`, whose tokens would be the columns; one of prompt"),
    ("columns: heads", "columns: positions\n      of: mode", "mode\n", "head_sweep has no text `mode`"),
]  # fmt: skip
CURVE = [
    ("fact: norm_by_layer", "fact: growth", "growth\n", "growth is a number, and a curve cannot take that; one of norm_by_layer, cosine_by_layer"),
    ("fact: norm_by_layer", "fact: norm", "norm\n", "no fact `norm`.*norm_by_layer"),
    ("low: 0\n", "low: -1\n", "-1\n", "`low` -1.00 on a log scale; 0 or more"),
    ("high: 100000\n      scale: log", "high: 0\n      scale: linear", "0\n      high", "is not below `high`"),
    ("high: 100000\n      scale: log", "high: 0\n      scale: log", "0\n      high", "is not below `high`"),
    ("close: 1.5\n", "close: 1\n", "1\n  - id: go-deep", "`close` 1.00 on a log scale, where it is a factor; more than 1"),
    ("close: 1.5\n", "close: 400\n", "400\n", "`close` 400 makes the middle of 0.000 to 100000 right whatever comes; less than 316"),
    ("scale: log\n      close: 1.5", "scale: linear\n      close: 50000", "50000\n", "`close` 50000 makes the middle"),
]  # fmt: skip
DISTRIBUTION = [
    (CANDIDATES, 'candidates: [" Paris", " the", " located"]', None, ""),
    ("candidates: *cities", 'candidates: [" the", " Paris", " located"]', '&cities', "the run's `candidates` are “·the”, “·Paris”, “·located”, and the bet's are “·Paris”"),
    (", candidates: *cities", "", '&cities', "the run's `candidates` are not set"),
    ("candidates: *cities", 'candidates: "a, b"', '&cities', "the run's `candidates` are not a list"),
    ('" located"]', '" paris"]', '" paris"]', "nobody can type the candidate “·paris” so that it is not another one"),
    ("likely is each?\n", "likely is each?\n      fact: top_prob\n", "top_prob\n", "top_prob is a number, and a distribution cannot take that; one of candidate_probs"),
    ('located"]\n  - id: bet-range', 'located"]\n  - id: bet-range', None, ""),
]  # fmt: skip
TEXT = [
    ("when: {top_token: {equals: \" Paris\"}}", "when: {top_toke: {equals: x}}", "{equals", "no fact `top_toke`"),
    ("when: {top_prob: {at_least: 0.6}}", "when: {top_prob: {at_least: 0}}", "{top_prob: {at_least: 0}}", "a condition that is always true"),
    ("when: {top_prob: {at_least: 0.6}}", "when: {top_prob: {above: 1}}", "{top_prob: {above: 1}}", "a condition that is never true"),
    ("{entropy_bits} bits\", cues", "{entropy} bits\", cues", '"It hesitates', "next_token has no fact `entropy`"),
    ("{id: torn", "{id: sure", "sure, says: \"It hes", "the outcome id `sure` a second time"),
]  # fmt: skip
WORDS = [
    ("cues: [paris, city]", "cues: [it]", "it], when: {top_token", "the cue “it” is too short"),
    ("cues: [paris, city]", "cues: [how sure]", "how sure]", "the cue “how sure” is in the question already|not found in its own words"),
    ("cues: [paris, city]", "cues: [city]", "It names Paris", "none of the cues finds what `city` says"),
    ("says: It names Paris", "says: It is not Paris", "It is not Paris", "none of the cues finds what `city` says"),
    ("says: It names Paris", "says: It is certain of Paris", "It is certain of Paris", "what `city` says speaks of `sure` too; make the cues of `sure` narrower"),
    ("wrong: [It sleeps, \"I don't know\"]", "wrong: [It hesitates]", "It hesitates]", "the wrong answer “It hesitates” speaks of `torn`"),
    ("ask: What will it look like, and how sure will it be?", "ask: Tell me what it will look like.", "Tell me what", "does not end with a question"),
]  # fmt: skip


def problems_of(folder: Path, text: str) -> list[Problem]:
    file, problems = read_lesson(written(folder, text))
    return [*problems, *(structure(file) if file else []), *(wording(file) if file else [])]


@pytest.mark.parametrize(
    ("old", "new", "where", "says"), [*RANKING, *CELL, *CURVE, *DISTRIBUTION, *TEXT, *WORDS], ids=lambda v: str(v)[:40]
)
def test_one_thing_is_wrong_and_it_is_said_where(
    tmp_path: Path, old: str, new: str, where: str | None, says: str
) -> None:
    text = changed(old, new, WHOLE)
    if old == CANDIDATES:
        text = text.replace("*cities", '[" Paris", " the", " located"]')
    found = problems_of(tmp_path, text)
    if where is None:
        assert not found
        return
    assert any(re.search(says, str(p)) and (p.line, p.column) == place_of(text, where) for p in found), [
        str(p) for p in found
    ]


def test_the_whole_lesson_is_right() -> None:
    file, problems = read_lesson(PATH)
    assert file
    assert [*problems, *structure(file), *wording(file)] == []


def test_a_bet_on_candidates_cannot_be_about_others(tmp_path: Path) -> None:
    bet = '\n      predict: {kind: distribution, ask: "What comes next?", candidates: [" a", " b"]}'
    text = changed("vary: [prompt]", f"vary: [prompt, candidates]{bet}", WHOLE).replace(
        "experiment: head_sweep\n      with: {",
        'experiment: next_token\n      with: {candidates: [" a", " b"], ',
    )
    problems = problems_of(tmp_path, text)
    assert any("the tweak varies `candidates`, and the bet names them" in str(p) for p in problems)


def test_other_candidates_on_another_model_are_other_candidates(tmp_path: Path) -> None:
    text = changed("candidates: *cities}", 'candidates: *cities}\n      on: {gpt2: {candidates: [" a", " b"]}}', WHOLE)
    problems = problems_of(tmp_path, text)
    assert [p for p in problems if "the run's `candidates` are “·a”, “·b”" in str(p)]


# --- held against facts -----------------------------------------------------------------------------------------------

ORDER = question("bet-order")
HEAD = question("bet-head")
PLACE = HEAD.model_copy(update={"columns": "positions", "close": 0})
LOG = question("bet-curve")
PLAIN = LOG.model_copy(update={"scale": "linear", "low": 0.0, "high": 20.0, "close": 1.0})
CHIPS = question("bet-chips")
TEXTS = question("bet-words")
GRID = (30, 9)


def order(top: float, bits: float, rank: float | None) -> Facts:
    return {"top_prob": top, "entropy_bits": bits, "answer_rank": rank}


def cell(layer: int | None, head: int | None) -> Facts:
    return {"worst_layer": layer, "worst_head": head}


def line(*values: Any) -> Facts:
    return {"norm_by_layer": list(values)}


def chips(*values: float) -> Facts:
    return {"candidate_probs": list(values)}


def happened(prob: float, token: str) -> Facts:
    return {"top_prob": prob, "top_token": token, "entropy_bits": 1.0}


@pytest.mark.parametrize(
    ("to", "facts", "says"),
    [
        (ORDER, [order(0.2, 7.1, 40), order(0.2, 7.2, 40)], None),
        (ORDER, [order(0.2, 0.2004, 40)], "`bits` and `top` tie by a hair: 0.20 and 0.20"),
        (ORDER, [order(0.2, 2.0, 2)], "`bits` and `rank` tie by a hair"),
        (ORDER, [order(0.2, 7.1, 9), order(0.2, 8.9, 9)], "`rank` and `bits` tie by a hair: 9 and 8.90"),
        (ORDER, [order(0.2, 7.1, 40), order(0.2, 7.2, 3)], "changes with the seed: rank > bits > top with seed 0, bits > rank > top with seed 1"),
        (ORDER, [order(0.2, 7.1, None)], "the run does not give answer_rank with seed 0"),
        (HEAD, [cell(4, 2), cell(4, 2)], None),
        (HEAD, [cell(4, 2), cell(5, 2)], "changes with the seed: layer 4, head 2 with seed 0, layer 5, head 2 with seed 1"),
        (HEAD, [cell(4, None)], "the run does not give worst_head with seed 0"),
        (HEAD, [cell(30, 2)], "the heatmap has 30 by 9 cells"),
        (HEAD.model_copy(update={"close": 26}), [cell(4, 2)], "`close` 26 makes every cell right: the farthest is 26 steps away"),
        (PLACE.model_copy(update={"close": 26}), [cell(4, 2)], None),  # positions are farther
        (PLACE.model_copy(update={"close": 31}), [cell(4, 2)], "makes every cell right"),
        (PLAIN, [line(3, 9, 18), line(3, 9, 17)], None),
        (PLAIN, [line(3, 9, 28)], "norm_by_layer goes from 3 to 28, outside `low` to `high`|from 3.00 to 28.00"),
        (PLAIN, [line(9, 10, 11.0)], "`close` 1.00 makes a flat line at 10.00 right"),
        (PLAIN, [line(3, 9, 18), line(3, 15, 18)], "the truth changes with the seed by more than `close`"),
        (PLAIN, [line(3, 9, 18), line(3, 9)], "the truth changes with the seed"),
        (PLAIN, [line()], "norm_by_layer is no list of numbers"),
        (PLAIN, [{}], "the run does not give norm_by_layer"),
        (LOG, [line(9, 99, 999)], None),
        (LOG, [line(9, 10, 11, 12)], "makes a flat line"),
        (CHIPS, [chips(0.7, 0.1, 0.1), chips(0.68, 0.1, 0.1)], None),
        (CHIPS, [chips(0.3, 0.25, 0.2)], "chips spread evenly would be right: ·Paris 0.30"),
        (CHIPS, [chips(0.05, 0.05, 0.01)], "all chips on something else would be right"),
        (CHIPS, [chips(0.7, 0.1, 0.1), chips(0.5, 0.1, 0.1)], "the truth changes with the seed"),
        (CHIPS, [chips(0.7, 0.1)], "candidate_probs has not one number for each candidate"),
        (CHIPS, [{"candidate_probs": None}], "the run does not give candidate_probs with seed 0"),
        (TEXTS, [happened(0.8, " Paris")], None),
        (TEXTS, [happened(0.6003, " Paris")], "an outcome comes by a hair: top_prob is 0.60"),
        (TEXTS, [happened(0.8, " Paris"), happened(0.8, " the")], "changes with the seed: sure and city with seed 0, sure with seed 1"),
        (TEXTS, [{"top_token": " the"}], "none of the outcomes comes with seed 0"),
    ],
)  # fmt: skip
def test_every_kind_is_held_against_the_facts_of_every_seed(to: Any, facts: list[Facts], says: str | None) -> None:
    found = [f"{found}; {right}" for _, found, right in prediction(to, facts, range(len(facts)), (), GRID)]
    assert any(re.search(says, f) for f in found) if says else not found, found


def test_a_cell_needs_a_heatmap_to_point_at() -> None:
    found = [found for _, found, _ in prediction(HEAD, [cell(4, 2)], [0], (), None)]
    assert found == ["the run draws no heatmap, so there is no place to point at"]


@pytest.mark.parametrize("step", [s.id for s in lesson.steps if s.key == "predict"])
def test_facts_that_a_run_leaves_out_are_a_line_and_no_crash(step: str) -> None:
    nothing = dict.fromkeys([*order(0, 0, 0), *cell(0, 0), *line(), *chips(), *happened(0, "")])
    assert list(prediction(question(step), [nothing, {}], [0, 1], (), GRID))
