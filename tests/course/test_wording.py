# ruff: noqa: E501 - tables of cases
"""How a lesson asks and how it listens: both are checked, from both sides."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from tests.course.good import changed, written
from tutor.checks.check import check_paths
from tutor.checks.wording import wording
from tutor.course import shipped
from tutor.course.reader import read_lesson
from tutor.settings import Settings

OBSERVE = "observe: What do you see?"
ANSWER = "answer: It writes what follows in the texts that it has read."

QUESTIONS = [
    (OBSERVE, "observe: Say what you see.", "this does not end with a question"),
    (OBSERVE, "observe: What do you see? Say it.", "this does not end with a question"),
    (OBSERVE, "observe: What do you see? And what not?", "2 questions at once"),
    (OBSERVE, "observe: Do you see a difference?", "a question that yes or no would answer"),
    (OBSERVE, "observe: Look. There it is. It is small. What is it?", "4 sentences; at most 3"),
    (OBSERVE, f"observe: What do you see {'there ' * 60}?", "words; at most 60"),
    (OBSERVE, "observe: What do you simply see?", "“simply”"),
    (OBSERVE, "observe: Well done. What do you see?", "praise"),
    (OBSERVE, "observe: What do you see in these 270 heads?", "“270 heads”, a count of one model"),
    (OBSERVE, "observe: What is {top_prob}?", "{top_prob} is not filled in here"),
    ("says: Nearly sure", 'says: "Sure of {top_token}"', "{top_token} is not filled in here"),
    ("cues: [texts,", "cues: [all fail, texts,", "“fail” turns the words near it around: leave it out, or put it first"),
    (OBSERVE, 'observe: "What do you **see**?"', "markup"),
    ("ask: What would a model write after a sum, and why?", "ask: Would a model write a sum?", "a question that yes or no would answer"),
    ("ask: Where has it met", "ask: Has it met", "a question that yes or no would answer"),
    ("ask: How would you notice that", "ask: Would you notice if", "a question that yes or no would answer"),
    ("ask: Which other sum would", "ask: Would", "a question that yes or no would answer"),
    ("takeaway: What do you keep,", "takeaway: Keep this,", "a question that yes or no would answer"),
    ("ask: What would a model", "ask: What would the tokenizer of a model", "“tokenizer” before the explain step"),
    (ANSWER, "answer: It writes what follows in the texts that it has read, as the tokenizer cut them.", "“tokenizer” before the explain step"),
    ("says: Nearly sure", "says: Nearly sure of its tokenizer", "“tokenizer” before the explain step"),
    ("ask: Which number stands beside", "ask: Is a number beside", "a question that yes or no would answer"),
    ("shows: \"the first", "shows: \"obviously the first", "“obviously”"),
    ("goal: Find a sum", "goal: Obviously find a sum", "“obviously”"),
]  # fmt: skip
LISTENING = [
    (ANSWER, "answer: It works the sum out.", "the model answer does not meet `digits`"),
    (ANSWER, "answer: It uses its arithmetic on the texts that it read.", "the model answer holds the misconception `calculator`"),
    (ANSWER, "answer: " + "It writes what follows in texts. " * 30, "180 words; at most 150"),
    ("wrong: [It adds", "wrong: [It copies from texts", "the wrong answer “It copies from texts” meets `digits`"),
    ("cues: [texts, corpus]", "cues: [texts, sum]", "the cue “sum” is in the question already"),
    ("cues: [calculat, arithmetic]", "cues: [calculat, does not know]", "the cue “does not know” is in “I don't know” and the like"),
    ("cues: [texts, corpus]", "cues: [texts, it]", "the cue “it” is too short to show anything"),
    ("cues: [calculat, arithmetic]", "cues: [works the sum out]", "the cue “works the sum out” is in the question already"),
    ("answer: One that nobody has written down, such as a very long one.", "answer: Any other.", "the answer holds none of the cues"),
    ("answer: It goes on like a page.", "answer: It is always sure.", "the lesson's own line holds the misconception `always-sure`"),
    ("answer: It goes on like a page.", "answer: It does arithmetic.", "the lesson's own line holds the misconception `calculator`"),
    ("cues: [always sure]", "cues: [one line]", "the cue “one line” is in the question already"),
    ("cues: [all alike, level]", "cues: [you see]", "the cue “you see” is in the question already"),
    ("cues: [writes the]", "cues: [first]", "the cue “first” is in the question already"),
    ("ask: Of which sum was it less sure?", "ask: Was it less sure of one?", "a question that yes or no would answer"),
    ("wrong: [The same again]", "wrong: [A long one]", "the wrong answer “A long one” is called right"),
    ("answer: One that nobody has written down, such as a very long one.\n        cues: [long", "cues: [long", "`cues` and no `answer`"),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "says"), QUESTIONS + LISTENING)
def test_what_is_said_badly_is_said_where_it_stands(tmp_path: Path, old: str, new: str, says: str) -> None:
    text = changed(old, new)
    file, problems = read_lesson(written(tmp_path, text))
    assert file is not None, [str(p) for p in problems]
    found = wording(file)
    assert any(says in str(p) for p in found), [str(p) for p in found]
    first = text[: text.index(new)].count("\n") + 1
    assert first in {p.line for p in found if says in str(p)}


def test_the_lesson_that_is_right_has_nothing_to_mend(tmp_path: Path) -> None:
    file, _ = read_lesson(written(tmp_path))
    assert file is not None
    assert wording(file) == []


# --- the command ------------------------------------------------------------------------------------------------------


def check(home: Path, *paths: Path, lessons: tuple[Path, ...] = ()) -> tuple[int, str]:
    out = io.StringIO()
    return check_paths(list(paths), Settings(home=home, lessons=lessons), False, out), out.getvalue()


def test_the_shipped_lessons_pass(tmp_path: Path) -> None:
    status, said = check(tmp_path)
    assert status == 0, said
    assert "ok    silence-one-head" in said


def test_a_file_that_is_right_is_one_line(tmp_path: Path) -> None:
    assert check(tmp_path, written(tmp_path)) == (0, "ok    two-and-two\n")


def test_problems_are_lines_that_an_editor_can_jump_to(tmp_path: Path) -> None:
    path = written(tmp_path, changed("minutes: 5", "minuts: no"))
    status, said = check(tmp_path, path)
    assert status == 1
    assert said.splitlines()[0] == (
        f"{path}:5:1: there is no key `minuts` here; keys here are format, id, title, unit, minutes, difficulty, needs,"
        " concepts, models, bars, steps; did you mean `minutes`?"
    )
    assert said.splitlines()[-1] == "2 problems in 1 file; docs/lessons.md explains each"


def test_a_lesson_checked_by_itself_may_need_a_known_one_and_may_not_take_its_id(tmp_path: Path) -> None:
    needing = written(tmp_path, changed("unit: sums", "unit: sums\nneeds: [what-comes-next]"))
    assert check(tmp_path, needing)[0] == 0
    taking = written(tmp_path, changed("id: two-and-two", "id: what-comes-next"), "taking.yaml")
    status, said = check(tmp_path, taking)
    assert status == 1
    assert "taking.yaml:2:5: the lesson id `what-comes-next` a second time (first in " in said
    assert check(tmp_path, shipped() / "first-look" / "what-comes-next.yaml")[0] == 0, "it takes no id from itself"


def test_the_learners_own_folder_is_checked_with_the_shipped_ones(tmp_path: Path) -> None:
    own = written(tmp_path, changed("takeaway: What do you keep,", "takeaway: Keep this,"), "own/lesson.yaml")
    status, said = check(tmp_path, lessons=(own.parent,))
    assert status == 1
    assert "ok    what-comes-next" in said
    assert f"{own}:" in said


def test_the_example_in_the_docs_is_right(tmp_path: Path) -> None:
    docs = (Path(__file__).parents[2] / "docs" / "lessons.md").read_text(encoding="utf-8")
    example = docs.split("```yaml\n", 1)[1].split("\n```", 1)[0]
    assert check(tmp_path, written(tmp_path, example))[0] == 0, check(tmp_path, written(tmp_path, example))[1]
