# ruff: noqa: E501 - tables of cases
"""What does not fit together in a lesson, and how a course of lessons is put together."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.course.good import LESSON, changed, place_of, written
from tutor.course import load_course, read_course, shipped
from tutor.course.format import Predict
from tutor.course.reader import read_lesson
from tutor.course.structure import structure

CONTROL = 'control: {experiment: next_token, with: {prompt: "2 + 2 ="}}'
RUN = "  - id: go\n    run:"
OPTION = '{id: unsure, says: "Unsure, really", when: {top_prob: {below: 0.5}}}'
CLAIM = "when: {top_prob: {above: 0.6}}"
REACHED = "when: {top_prob: {below: 0.45}}"

# what is replaced, by what, where in the new text the problem must be said, what it must say
IDS_AND_ORDER = [
    ("id: look", "id: go", "go\n    observe", "the step id `go` a second time"),
    ("{id: unsure", "{id: sure", "sure, says: \"Unsure", "the option id `sure` a second time"),
    ("- id: calculator", "- id: digits", "digits\n          cues: [calculat", "id `digits` a second time"),
    ("- id: memory", "- id: always-sure", "always-sure\n        cues: [mem", "the misconception id `always-sure` a second time"),
    ("- id: same-word", "- id: close-second", "close-second\n        cues: [writes", "the reading id `close-second` a second time"),
    (LESSON[LESSON.index("  - id: look"):LESSON.index("  - id: why")], "", "ask: Where does", "explains a run that nobody has looked at"),
    (LESSON[LESSON.index("  - id: keep"):], "", "id: again", "the lesson ends with `tweak`"),
    ("steps:\n", "steps:\n  - {id: early, observe: What do you see}\n", "What do you see}", "speaks of a run and none came"),
    ("  - id: keep", "  - id: more\n    predict: {kind: token, ask: 'Which?', fact: top_token}\n  - id: keep",
     "{kind: token", "nothing runs after the prediction `more`"),
    ("  - id: look", '  - id: twice\n    run: {experiment: next_token, with: {prompt: "3 ="}}\n  - id: look',
     "{experiment: next_token, with: {prompt: \"3", "step `twice` runs before anything was predicted; put a `predict`"),
]  # fmt: skip
EXPERIMENTS = [
    (f"{RUN}\n      experiment: next_token", f"{RUN}\n      experiment: next_tokn", "next_tokn", "no experiment `next_tokn`.*did you mean `next_token`"),
    (CONTROL, CONTROL.replace("next_token", "nothing"), "nothing", "there is no experiment `nothing`"),
    (CONTROL, CONTROL.replace("prompt", "promt"), '"2 + 2 ="}}', "no parameter `promt`.*did you mean `prompt`"),
    (CONTROL, CONTROL.replace('"2 + 2 ="', "''"), "''", "prompt is empty; it must be text, not empty"),
    ('answer: " the"}', 'answer: " the", top: 99}', "99", "top = 99 is out of range; it must be a whole number from 1 to 50"),
    ('answer: " the"}', 'answer: " the", top: "5"}', '"5"', "top = '5'; it must be a whole number"),
    ('with: {prompt: "2 + 2 =", answer: " the"}', 'with: {answer: " the"}', "experiment: next_token\n      with", "prompt is missing"),
    ("seeds: [0, 1]", "seeds: [0]\n      on: {gpt2: {topp: 3}}", "3}", "no parameter `topp`"),
    (CONTROL, 'control: {experiment: head_ablation, with: {prompt: "2 +", layer: 0, head: 0, answer: " a", distractor: " b"}}',
     "head_ablation", "needs a model with heads.*add `models"),
    ("{default: smollm2-135m}", "{needs: [hedas]}", "hedas", "no experiment needs `hedas`.*did you mean `heads`"),
    ("vary: [prompt]", "vary: [promt]", "promt", "next_token has no parameter `promt`.*did you mean `prompt`"),
    ("by: {prompt: Is it so that}", "by: {promt: Is it so that}", "Is it so that}", "next_token has no parameter `promt`"),
    ("by: {prompt: Is it so that}", "by: {prompt: ''}", "''}", "prompt is empty; it must be text, not empty"),
]  # fmt: skip
FACTS = [
    ("fact: top_prob", "fact: top_pro", "top_pro,", "no fact `top_pro`.*did you mean `top_prob`"),
    ("fact: top_prob", "fact: top_token", "top_token,", "top_token is text, and a number prediction cannot take that"),
    ('kind: number, ask: "Which probability is it?", fact: top_prob, low: 0, high: 1, close: 0.1',
     "kind: token, ask: 'Which is it?', fact: top_prob", "top_prob}\n  - id: keep", "top_prob is a number, and a token prediction"),
    ("      options:", "      shows: 'it has {top_pob}'\n      options:", "'it has", "no fact `top_pob`.*did you mean `top_prob`"),
    (REACHED, f"says: 'it has {{top_pob}}', {REACHED}", "'it has", "no fact `top_pob`.*did you mean `top_prob`"),
    ("{top_prob: {below: 0.5}}", "{top_pob: {below: 0.5}}", "{below", "no fact `top_pob`"),
    (OPTION, OPTION.replace("0.5", "0.4"), "- {id: sure", "no option is true when top_prob = 0.4"),
    (OPTION, OPTION.replace("0.5", "0.7"), "- {id: sure", "options sure and unsure are both true when top_prob = 0.5"),
    (OPTION, OPTION.replace("top_prob: {below: 0.5}", 'top_token: {equals: " the"}'), "- {id: sure", "no option is true when|both true"),
    ("{top_prob: {below: 0.5}}", "{top_token: {below: 0.5}}", "{below", "a bound on top_token, which is text; compare it with `equals`"),
    ("{top_prob: {below: 0.5}}", '{top_prob: {equals: "low"}}', "{equals", "top_prob is a number and is compared with 'low'"),
    (OPTION, OPTION + "\n        - {id: never, says: Never, when: {top_prob: {above: 2}}}", "{top_prob: {above: 2}}", "never is never true"),
    ("when: {top_prob: {below: 0.3}}", "when: {top_pob: {below: 0.3}}", "{below: 0.3}", "no fact `top_pob`.*did you mean `top_prob`"),
    ("when: {top_prob: {below: 0.3}}", "when: {top_prob: {above: 1}}", "{top_prob: {above: 1}}", "a condition that is never true"),
    ("the first has {top_prob}", "the first has {top_pob}", '"the first has', "no fact `top_pob`.*did you mean `top_prob`"),
    (CLAIM, "when: {top_prob: {at_least: 0}}", "{top_prob: {at_least: 0}}", "a condition that is always true"),
    (CLAIM, "when: {top_prob: {above: 1}}", "{top_prob: {above: 1}}", "a condition that is never true"),
    (REACHED, "when: {top_prb: {below: 0.45}}", "{below: 0.45}}, by", "no fact `top_prb`"),
    (REACHED, "when: {top_prob: {below: 2}}", "{top_prob: {below: 2}}", "a condition that is always true"),
    (REACHED, "when: {top_prob: {below: 0}}", "{top_prob: {below: 0}}", "a condition that is never true"),
    (CLAIM, "when: {answer_prb: {above: 0}}", "{above: 0}}", "no fact `answer_prb`"),
    ("gets {top_prob}.", "gets {top_prb}.", '"“{top_token}', "no fact `top_prb`"),
    ("gets {top_prob}.", "gets {Top prob}.", '"“{top_token}', r"a \{ that begins no \{fact\}"),
    ("says: Nearly sure", 'says: "Sure of {top_tok}"', '"Sure of', "no fact `top_tok`"),
    ("low: 0, high: 1, close: 0.1", "low: 0, high: 1, close: 0.5", "0.5}\n  - id: keep", "`close` 0.50 makes the middle of 0.000 to 1.00 right"),
    ("low: 0, high: 1", "low: 1, high: 0", "1, high: 0", "`low` 1.00 is not below `high` 0.000"),
    ('"2 + 2 =", answer: " the"}', '"2 + 2 ="}', None, "."),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "at", "says"), [*IDS_AND_ORDER, *EXPERIMENTS, *FACTS])
def test_what_does_not_fit_is_said_where_it_is(tmp_path: Path, old: str, new: str, at: str | None, says: str) -> None:
    text = changed(old, new)
    if at is None:  # without `answer` the run does not give its probability
        text = changed(CLAIM, "when: {answer_prob: {above: 0.6}}", text)
        at, says = "{above: 0.6}", "answer_prob is given only where the run sets `answer`"
    file, problems = read_lesson(written(tmp_path, text))
    assert file is not None, [str(p) for p in problems]
    found = structure(file)
    fitting = [p for p in found if re.search(says, str(p).split(": ", 1)[1])]
    assert fitting, [str(p) for p in found]
    start = text.index(new) if new and at in new else 0
    line, column = place_of(text[start:], at.lstrip("- ") if at.startswith("- ") else at)
    if start:
        first = place_of(text, text[start:])
        line, column = first[0] + line - 1, column + (first[1] - 1 if line == 1 else 0)
    if at.startswith("- "):
        column -= 2
    assert (line, column) in [(p.line, p.column) for p in fitting], ([str(p) for p in fitting], line, column)


def test_the_lesson_that_is_right_fits_together(tmp_path: Path) -> None:
    file, _ = read_lesson(written(tmp_path))
    assert file is not None
    assert structure(file) == []


def test_a_list_fact_cannot_be_asked_about(tmp_path: Path) -> None:
    text = (
        LESSON.replace("next_token", "logit_lens").replace("top_token", "final_token").replace("top_prob", "final_prob")
    )
    file, _ = read_lesson(written(tmp_path, changed("fact: final_prob", "fact: answer_rank_by_layer", text)))
    assert file is not None
    assert any("answer_rank_by_layer is a list, and a number prediction" in p.found for p in structure(file))


# --- the course -------------------------------------------------------------------------------------------------------


def other(id: str, needs: str = "[]", unit: str = "sums") -> str:
    return LESSON.replace("id: two-and-two", f"id: {id}").replace("unit: sums", f"unit: {unit}\nneeds: {needs}")


def test_the_shipped_course_has_no_problems() -> None:
    course = load_course()
    assert [str(p) for p in course.problems] == []
    assert {"what-comes-next", "silence-one-head", "when-does-it-know"} <= {lesson.id for lesson in course.lessons}
    units = [unit.id for unit in course.units]
    places = [units.index(lesson.unit) for lesson in course.lessons]
    assert places == sorted(places)
    assert {lesson.unit for lesson in course.lessons} == set(units)  # no unit is empty
    kinds = {s.predict.kind for lesson in course.lessons for s in lesson.steps if isinstance(s, Predict)}
    assert kinds == {"choice", "number", "token", "ranking", "cell", "curve", "distribution", "text"}
    ids = [lesson.id for lesson in course.lessons]
    late = [(n, of.id) for of in course.lessons for n in of.needs if ids.index(n) > ids.index(of.id)]
    assert not late, "what others build on comes first"


def test_a_broken_lesson_hides_no_other(tmp_path: Path) -> None:
    written(tmp_path, other("a"), "a.yaml")
    broken = written(tmp_path, "steps: [", "b.yaml")
    written(tmp_path, other("c", needs="[b]"), "c.yaml")
    course = read_course([tmp_path])
    assert [lesson.id for lesson in course.lessons] == ["a", "c"]
    assert {p.path for p in course.problems} == {str(broken)}
    assert course.unread == f"1 lesson file could not be read: llmw-tutor check {broken} says why"


def test_lessons_of_ones_own_come_beside_the_shipped_ones(tmp_path: Path) -> None:
    written(tmp_path, other("mine", needs="[what-comes-next]", unit="my-sums"))
    course = load_course([tmp_path])
    assert course.problems == ()
    assert course.lesson("mine") is not None
    assert course.lesson("what-comes-next") is not None
    assert course.units[-1].title == "My sums"


def test_an_id_stands_for_one_lesson(tmp_path: Path) -> None:
    path = written(tmp_path, other("what-comes-next"))
    course = load_course([tmp_path])
    [problem] = course.problems
    assert (problem.path, problem.line, problem.column) == (str(path), 2, 5)
    assert "a second time (first in" in problem.found
    lesson = course.lesson("what-comes-next")
    assert lesson is not None
    assert lesson.unit == "first-look"  # the shipped one stays


@pytest.mark.parametrize(
    ("needs", "says"),
    [("[b, no-such]", "there is no lesson `no-such`"), ("[bb]", "did you mean `b`"), ("[c]", "`c` needs this lesson too"),
     ("[a]", "`a` needs this lesson too")],
)  # fmt: skip
def test_needs_exist_and_form_no_circle(tmp_path: Path, needs: str, says: str) -> None:
    written(tmp_path, other("a", needs), "a.yaml")
    written(tmp_path, other("b"), "b.yaml")
    written(tmp_path, other("c", "[a]"), "c.yaml")
    problems = [p for p in read_course([tmp_path]).problems if p.path.endswith("a.yaml")]
    assert any(says in str(p) and p.line == 5 for p in problems), [str(p) for p in problems]


def test_a_lesson_lies_in_the_folder_of_its_unit(tmp_path: Path) -> None:
    written(tmp_path, other("a", unit="sums"), "sums/a.yaml")
    written(tmp_path, other("b", unit="sums"), "differences/b.yaml")
    [problem] = read_course([tmp_path]).problems
    assert "unit `sums` in the folder `differences`" in str(problem)


def test_units_that_are_no_units_are_said(tmp_path: Path) -> None:
    written(tmp_path, "- {id: sums, title: Sums}\n- {id: more}\n", "units.yaml")
    course = read_course([tmp_path])
    assert [u.title for u in course.units] == ["Sums"]
    assert [(p.line, p.found) for p in course.problems] == [(2, "this is no unit")]


def test_a_path_that_is_not_there_is_a_problem(tmp_path: Path) -> None:
    [problem] = read_course([tmp_path / "nowhere"]).problems
    assert str(problem).endswith("/nowhere: there is no such file or folder; give a lesson or a folder of lessons")


def test_every_shipped_file_is_in_the_package() -> None:
    assert {p.suffix for p in shipped().rglob("*") if p.is_file() and "__pycache__" not in p.parts} == {".yaml", ".py"}
