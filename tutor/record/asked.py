"""The question of a bet as it was put, with what its tweak had changed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine.errors import BadParameter
from engine.experiments import experiment
from tutor.course.format import Lesson, Predict, Prediction, Tweak
from tutor.parameters import changed, differences
from tutor.todo import tweak_question


def question_at(lesson: Lesson | None, step_id: str) -> Prediction | None:
    """The question of a bet, as far as it is still there."""
    match lesson.step(step_id) if lesson else None:
        case Predict(predict=question):
            return question
        case Tweak() as step if lesson:
            return tweak_question(lesson, step)
    return None


def asked(lesson: Lesson | None, step_id: str, parameters: Mapping[str, Any], model: str) -> str:
    """The words of the question. `parameters` are those of the run that decided the bet; empty where it is gone."""
    question = question_at(lesson, step_id)
    if lesson is None or question is None:
        return ""
    new: dict[str, Any] = {}
    run = lesson.run_before(step_id) if isinstance(lesson.step(step_id), Tweak) else None
    if run and parameters:
        try:
            of = experiment(run.run.experiment)
            new = differences(of, run.run.parameters(model), parameters)
        except BadParameter:  # of another version, which the experiment takes no more
            pass
    return f"{changed(new, {}) if new else ''}{question.ask.strip()}"
