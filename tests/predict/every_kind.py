"""A lesson with a bet of every kind that has more than one word for an answer, and bets to make in it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tutor.course.format import Lesson, Prediction
from tutor.course.reader import read_lesson

PATH = Path(__file__).with_suffix(".yaml")
_file, _problems = read_lesson(PATH)
assert _file, _problems
lesson: Lesson = _file.lesson


def question(step: str) -> Any:
    """The prediction of that step."""
    found = lesson.step(step)
    assert found is not None
    return found.predict  # type: ignore[attr-defined]


def a_bet(question: Prediction) -> Any:
    """Some answer that one may lock."""
    match question.kind:
        case "choice":
            return question.options[-1].id
        case "number":
            return 0.5
        case "token":
            return " Mary"
        case "ranking":
            return [item.id for item in question.items]
        case "cell":
            return [1, 2]
        case "curve":
            return [[0, question.low], [5, question.high]]
        case "distribution":
            return [20, *(0 for _ in question.candidates)]
        case "text":
            return "it goes on as before"
