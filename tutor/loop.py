"""The predict-run-explain loop as a pure state machine.

    state = start(lesson)
    state = advance(state, event)     # what happened
    todo(state)                       # what comes next

Nothing here reads a clock, a file, a screen or a model. Everything the screen shows of a lesson is in the state, and the state
is a fold over the learner's events: what was stored is what there is.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Any

from tutor import events as ev
from tutor.course.conditions import holds
from tutor.course.format import (
    Ask,
    Explain,
    Lesson,
    Listen,
    Observe,
    Predict,
    Prediction,
    Run,
    Step,
    Takeaway,
    Tweak,
    fill,
)
from tutor.dialogue.moves import ENDS_STEP, Move, Reply, Standing, pick
from tutor.predict import Verdict, answer_text, verdict

# --- what comes next --------------------------------------------------------------------------------------------------


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
    """The learner bets: an answer, a reason, a confidence; then comes `Predicted`. `changed`: the tweaked parameters, if any."""

    step: str
    question: Prediction
    changed: dict[str, Any] = field(default_factory=dict)


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
    vary: tuple[str, ...]


@dataclass(frozen=True)
class Done:
    """The lesson is over."""


Todo = Say | Hear | Mark | Judge | AskBet | RunNow | Retry | ChooseTweak | Done

# --- the state --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Bet:
    """A locked prediction and, once its run is done, how it went."""

    step: str
    question: Prediction
    answer: Any
    reason: str
    confidence: int
    verdict: Verdict | None = None

    @property
    def text(self) -> str:
        return answer_text(self.question, self.answer)


@dataclass(frozen=True)
class Line:
    """One entry of the conversation. `who`: tutor, you, bet, run, claim, task or note. `ref` is the number of the bet or run."""

    who: str
    text: str
    step: str = ""
    ref: int | None = None


@dataclass(frozen=True)
class Talk:
    """How the talk of the step at hand stands."""

    said: tuple[str, ...] = ()
    """What the tutor said in this step."""
    replies: tuple[str, ...] = ()
    reply: str | None = None
    """A reply that was not judged yet."""
    move: Move | None = None
    """A move that was not said yet."""
    met: frozenset[str] = frozenset()
    misconception: str | None = None
    last: Reply | None = None
    failed: int = 0
    deeper: bool = False
    told: bool = False


@dataclass(frozen=True)
class State:
    lesson: Lesson
    model: str
    at: str | None
    """The step at hand; None when the lesson is over."""
    talk: Talk = Talk()
    lines: tuple[Line, ...] = ()
    bets: tuple[Bet, ...] = ()
    results: tuple[tuple[str, dict[str, Any]], ...] = ()
    """(step, result) of every run, in order."""
    tweak: dict[str, Any] | None = None
    """Parameters of a tweak that was chosen and has not run."""
    failure: tuple[str, str] | None = None
    """(kind, message) of the run that did not end well."""
    skipped: frozenset[str] = frozenset()
    vanished: frozenset[str] = frozenset()

    @property
    def step(self) -> Step | None:
        return self.lesson.step(self.at) if self.at else None

    @property
    def number(self) -> int:
        """The step at hand, counted from 1."""
        return self.lesson.index(self.at) + 1 if self.at else len(self.lesson.steps)

    def result_of(self, step: str) -> dict[str, Any] | None:
        return next((r for s, r in reversed(self.results) if s == step), None)

    @property
    def facts(self) -> dict[str, Any]:
        """The facts of the last run; empty before the first."""
        return self.results[-1][1]["facts"] if self.results else {}

    @property
    def blind(self) -> bool:
        """Whether there is no result yet for the step at hand."""
        here = self.lesson.index(self.at or "")
        return not any(self.lesson.index(step) < here for step, _ in self.results)

    @property
    def listen(self) -> Listen | None:
        match self.step:
            case Ask(listen=listen):
                return listen
            case Explain(explain=explanation):
                return explanation.listen
        return None


def start(lesson: Lesson, model: str = "") -> State:
    """The lesson at its first step."""
    return _enter(State(lesson=lesson, model=model or lesson.models.default, at=None), lesson.steps[0].id)


def replay(lesson: Lesson, events: Iterable[ev.Event], model: str = "") -> State:
    """The state that these events lead to."""
    state = start(lesson, model)
    for event in events:
        state = advance(state, event)
    return state


# --- what comes next, given a state -----------------------------------------------------------------------------------


def todo(state: State) -> Todo:
    """What comes next. Asking again gives the same answer, so a tutor that was killed goes on where it was."""
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
            return AskBet(step.id, question)
        case Run(run=spec):
            return RunNow(step.id, spec.experiment, spec.parameters(state.model), spec.seeds[0])
        case Tweak():
            return _tweak_todo(state, step)
    return Hear(step.id)


def _tweak_todo(state: State, step: Tweak) -> Todo:
    run = state.lesson.run_before(step.id)
    assert run is not None, "checked when the lesson was loaded"
    base = run.run.parameters(state.model)
    if state.tweak is None:
        last = state.result_of(step.id)
        now = {k: last["parameters"].get(k, base.get(k)) for k in base} if last else base
        return ChooseTweak(step.id, run.run.experiment, now, tuple(step.tweak.vary))
    if any(b.step == step.id and b.verdict is None for b in state.bets):
        return RunNow(step.id, run.run.experiment, {**base, **state.tweak}, run.run.seeds[0])
    return AskBet(step.id, tweak_question(state.lesson, step), state.tweak)


def tweak_question(lesson: Lesson, step: Tweak) -> Prediction:
    """What is asked before each tweak."""
    if step.tweak.predict:
        return step.tweak.predict
    before = lesson.predict_before(step.id)
    assert before is not None, "checked when the lesson was loaded"
    return before.predict


# --- what an event does -----------------------------------------------------------------------------------------------


def advance(state: State, event: ev.Event) -> State:
    """The state after the event. An event of a step that the lesson no longer has changes nothing but leaves a note."""
    if isinstance(event, ev.Started):
        return start(state.lesson, event.model)
    if isinstance(event, ev.Finished):
        return state
    if state.lesson.index(event.step) < 0:
        return _vanished(state, event.step)
    if event.step != state.at:
        state = _enter(state, event.step)
    match event:
        case ev.Replied(text=text):
            return _replied(state, text)
        case ev.Judged():
            return _judged(state, event)
        case ev.Said(move=move, text=text):
            return _said(state, Move(move), text)
        case ev.Predicted():
            return _predicted(state, event)
        case ev.RunFinished(result=result):
            return _ran(state, result)
        case ev.RunFailed(kind=kind, message=message):
            return replace(state, failure=(kind, message))
        case ev.Tweaked(parameters=parameters):
            return replace(state, tweak=dict(parameters), failure=None)
        case ev.Continued():
            return replace(state, failure=None) if state.failure else _next(state)
        case ev.Skipped():
            skipped = replace(state, skipped=state.skipped | {event.step}, failure=None)
            return _next(_line(skipped, "note", "Skipped."))
    return state


def _vanished(state: State, step: str) -> State:
    if step in state.vanished:
        return state
    known = replace(state, vanished=state.vanished | {step})
    return _line(known, "note", f"This lesson has changed: its step “{step}” is gone and was skipped.")


def _line(state: State, who: str, text: str, ref: int | None = None) -> State:
    return replace(state, lines=(*state.lines, Line(who, text, state.at or "", ref)))


def _next(state: State) -> State:
    """On to the next step that can be taken: no run without a bet, no talk about a result that is not there."""
    here = state.lesson.index(state.at or "")
    for step in state.lesson.steps[here + 1 :]:
        if _ready(state, step):
            return _enter(state, step.id)
    return replace(state, at=None, talk=Talk(), tweak=None)


def _ready(state: State, step: Step) -> bool:
    if isinstance(step, Run):
        return any(b.verdict is None for b in state.bets)
    if isinstance(step, (Observe, Explain, Tweak)):
        run = state.lesson.run_before(step.id)
        return run is not None and state.result_of(run.id) is not None
    return True


OPENING = {Ask: Move.ELICIT, Observe: Move.OBSERVE, Explain: Move.RECONCILE, Takeaway: Move.REFLECT}


def _enter(state: State, step_id: str) -> State:
    step = state.lesson.step(step_id)
    state = replace(state, at=step_id, tweak=None, failure=None, talk=Talk(move=OPENING.get(type(step))))  # type: ignore[arg-type]
    return _line(state, "task", step.tweak.goal) if isinstance(step, Tweak) else state


def _replied(state: State, text: str) -> State:
    talk = replace(state.talk, replies=(*state.talk.replies, text), reply=text, move=None, last=None)
    state = _line(replace(state, talk=talk), "you", text)
    return state if state.listen else _next(state)


def _judged(state: State, event: ev.Judged) -> State:
    listen, talk = state.listen, state.talk
    if listen is None:
        return state
    try:
        reply = Reply(event.kind)
    except ValueError:
        reply = Reply.UNSURE
    met = talk.met | set(event.met)
    new = bool(met - talk.met)
    if reply in (Reply.PARTLY, Reply.RIGHT):
        reply = Reply.RIGHT if met >= {e.id for e in listen.expects} else Reply.PARTLY
    failed = talk.failed + (reply not in (Reply.RIGHT, Reply.EMPTY) and not new)
    move = pick(
        Standing(
            reply=reply,
            blind=state.blind,
            failed=failed,
            deeper=listen.deeper is not None and not talk.deeper,
            went_deeper=talk.deeper,
        )
    )
    talk = replace(talk, reply=None, move=move, met=met, misconception=event.misconception, last=reply, failed=failed)
    state = replace(state, talk=talk)
    return _next(state) if move is Move.NEXT else state


def _said(state: State, move: Move, text: str) -> State:
    talk = replace(
        state.talk,
        said=(*state.talk.said, text),
        move=None,
        deeper=state.talk.deeper or move is Move.DEEPER,
        told=state.talk.told or move is Move.TELL,
    )
    state = _line(replace(state, talk=talk), "tutor", text)
    if move not in ENDS_STEP:
        return state
    return _next(_claims(state) if move in (Move.CONFIRM, Move.TELL) else state)


def _claims(state: State) -> State:
    """What this run made true, said plainly; what it did not is not said."""
    claims = state.step.explain.claims if isinstance(state.step, Explain) else []
    true = [c for c in claims if holds(c.when, state.facts)]
    for claim in true:
        state = _line(state, "claim", fill(claim.says, state.facts))
    if len(true) < len(claims):
        state = _line(state, "note", "Your model did something else here than the lesson expects; trust the run.")
    return state


def _predicted(state: State, event: ev.Predicted) -> State:
    step = state.step
    if isinstance(step, Predict):
        question = step.predict
    elif isinstance(step, Tweak):
        question = tweak_question(state.lesson, step)
    else:
        return state
    bet = Bet(event.step, question, event.answer, event.reason, event.confidence)
    state = _line(replace(state, bets=(*state.bets, bet)), "bet", bet.text, ref=len(state.bets))
    return _next(state) if isinstance(step, Predict) else state


def _ran(state: State, result: dict[str, Any]) -> State:
    """The run is in: every bet that waited for it is scored against its facts."""
    facts = result["facts"]
    state = replace(state, results=(*state.results, (state.at or "", result)), failure=None)
    bets = []
    for bet in state.bets:
        if bet.verdict is None:
            bet = replace(bet, verdict=verdict(bet.question, bet.answer, facts, bet.confidence))
            state = _line(state, "run", bet.verdict.line if bet.verdict else "", ref=len(state.results) - 1)
        bets.append(bet)
    state = replace(state, bets=tuple(bets), tweak=None)
    return _next(state) if isinstance(state.step, Run) else state
