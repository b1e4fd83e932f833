"""What a run decided, as events for the learner's record."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from tutor import events as ev
from tutor.course.format import Lesson
from tutor.loop import advance, start
from tutor.state import State


def scored(before: State, after: State, result: Mapping[str, Any], unmeasured: bool = False) -> Iterator[ev.Scored]:
    """A score for each bet that was open before the run and is decided after it. `result` is the run's own.

    A bet on what the run did not measure says nothing of the learner and gets none, unless `unmeasured`.
    """
    for n, bet in enumerate(after.bets):
        if bet.verdict is None or (n < len(before.bets) and before.bets[n].verdict is not None):
            continue
        if not bet.verdict.rule and not unmeasured:
            continue
        yield ev.Scored(
            bet.step,
            bet=n,
            kind=bet.question.kind,
            right=bet.verdict.right,
            score=bet.verdict.score,
            confidence=bet.confidence,
            said=bet.text,
            truth=bet.verdict.truth,
            concepts=tuple(after.lesson.concepts),
            experiment=str(result.get("experiment", "")),
            parameters=dict(result.get("parameters", {})),
            model=str(result.get("model", after.model)),
        )


def retold(
    lesson: Lesson, events: Sequence[ev.Event], model: str, unmeasured: bool = False
) -> tuple[State, list[ev.Scored]]:
    """The state that the events lead to, and the scores that are not among them yet: a tutor that was killed right after
    a run, or an older one that kept no scores, leaves some."""
    state = start(lesson, model)
    missing: list[ev.Scored] = []
    for event in events:
        before, state = state, advance(state, event)
        match event:
            case ev.Started():
                missing = []
            case ev.RunFinished(result=result):
                missing += scored(before, state, result, unmeasured)
            case ev.Scored(step=step):  # by its step: in an edited lesson the numbers of the bets are others
                done = next((score for score in missing if score.step == step), None)
                missing = [score for score in missing if score is not done]
            case ev.Reviewed():
                missing = []
    return state, missing
