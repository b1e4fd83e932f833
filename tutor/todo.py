"""What comes next in a lesson, given how it stands: a voice speaks, the learner writes, bets or chooses, the engine runs.

    todo(state)

Asking again gives the same answer, so a tutor that was killed goes on where it was.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from engine.experiments import experiment
from tutor.course.format import Lesson, Predict, Prediction, Run, Step, Tweak
from tutor.dialogue.moves import Move, Reply
from tutor.parameters import changed
from tutor.state import State


@dataclass(frozen=True)
class Say:
    """A voice words this move; then comes `Said`."""

    move: Move
    step: str


@dataclass(frozen=True)
class Hear:
    """The learner writes; then comes `Replied`."""

    step: str


@dataclass(frozen=True)
class Mark:
    """The learner marks which expectations their words covered; then comes `Judged` by the learner."""

    step: str


@dataclass(frozen=True)
class Judge:
    """The reply `text` wants judging against the step's expectations; then comes `Judged`."""

    step: str
    text: str


@dataclass(frozen=True)
class AskBet:
    """The learner bets: an answer, a reason, a confidence; then comes `Predicted`."""

    step: str
    question: Prediction
    asks: str
    """The question in words, behind what a tweak changed."""
    changed: dict[str, Any] = field(default_factory=dict)
    """What a tweak changed."""


@dataclass(frozen=True)
class RunNow:
    """The engine runs this; then comes `RunFinished` or `RunFailed`."""

    step: str
    experiment: str
    parameters: dict[str, Any]
    seed: int


@dataclass(frozen=True)
class Retry:
    """A run failed; the learner runs again (`Continued`), changes a tweak (`Tweaked`) or skips (`Skipped`)."""

    step: str
    kind: str
    message: str


@dataclass(frozen=True)
class ChooseTweak:
    """The learner changes parameters (`Tweaked`) or goes on (`Continued`)."""

    step: str
    experiment: str
    parameters: dict[str, Any]
    """Those of the last run."""
    vary: tuple[str, ...]
    """The parameters that the lesson speaks of; all others of the experiment may be changed as well."""


@dataclass(frozen=True)
class Done:
    """The lesson is over."""


Todo = Say | Hear | Mark | Judge | AskBet | RunNow | Retry | ChooseTweak | Done


def todo(state: State) -> Todo:
    """What comes next."""
    step, talk = state.step, state.talk
    if step is None:
        return Done()
    if state.failure:
        return Retry(step.id, *state.failure)
    if talk.move:
        return Say(talk.move, step.id)
    if talk.reply is not None:
        return Judge(step.id, talk.reply)
    if talk.last is Reply.UNSURE and talk.said and not state.blind:
        return Mark(step.id)
    match step:
        case Predict(predict=question):
            return AskBet(step.id, question, question.ask)
        case Run(run=spec):
            return RunNow(step.id, spec.experiment, spec.parameters(state.model), spec.seeds[0])
        case Tweak() if not talk.said:
            return _tweak_todo(state, step)
    return Hear(step.id)


def _tweak_todo(state: State, step: Tweak) -> Todo:
    run = state.lesson.run_before(step.id)
    assert run is not None, "checked when the lesson was loaded"
    base = run.run.parameters(state.model)
    if state.tweak is None:
        last = state.result_of(step.id)
        now = {**base, **(last["parameters"] if last else {})}
        return ChooseTweak(step.id, run.run.experiment, now, tuple(step.tweak.vary))
    if any(b.step == step.id and b.waits for b in state.bets):
        return tweaked(state, step, state.tweak)
    question = tweak_question(state.lesson, step)
    return AskBet(
        step.id, question, f"{changed(state.tweak, base, experiment(run.run.experiment))}{question.ask}", state.tweak
    )


def tweaked(state: State, step: Step, parameters: dict[str, Any]) -> RunNow:
    """The run of a tweak; `parameters` are those that are not as in the lesson's own run."""
    run = state.lesson.run_before(step.id)
    assert run is not None, "checked when the lesson was loaded"
    return RunNow(step.id, run.run.experiment, {**run.run.parameters(state.model), **parameters}, run.run.seeds[0])


def choose_again(state: State) -> ChooseTweak | None:
    """The choice of a tweak once more, starting from what was chosen; None where nothing was."""
    step = state.step
    if not isinstance(step, Tweak) or state.tweak is None:
        return None
    run = tweaked(state, step, state.tweak)
    return ChooseTweak(step.id, run.experiment, run.parameters, tuple(step.tweak.vary))


def tweak_question(lesson: Lesson, step: Tweak) -> Prediction:
    """What is asked before each tweak."""
    if step.tweak.predict:
        return step.tweak.predict
    before = lesson.predict_before(step.id)
    assert before is not None, "checked when the lesson was loaded"
    return before.predict
