"""The predict-run-explain loop as a pure state machine.

    state = start(lesson)
    state = advance(state, event)     # what happened
    todo(state)                       # what comes next

Nothing here reads a clock, a file, a screen or a model. Everything the screen shows of a lesson is in the state, and
the state is a fold over the learner's events: what was stored is what there is.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from tutor import events as ev
from tutor import goals
from tutor.course.conditions import holds
from tutor.course.format import Ask, Explain, Lesson, Observe, Predict, Run, Step, Takeaway, Tweak, fill
from tutor.dialogue.back import points_back
from tutor.dialogue.cues import own_question
from tutor.dialogue.moves import ENDS_STEP, Move, Reply, Standing, pick
from tutor.predict import verdict
from tutor.state import Bet, Line, State, Talk
from tutor.todo import tweak_question


def start(lesson: Lesson, model: str = "") -> State:
    """The lesson at its first step."""
    return _enter(State(lesson=lesson, model=model or lesson.models.default, at=None), lesson.steps[0].id)


def replay(lesson: Lesson, events: Iterable[ev.Event], model: str = "") -> State:
    """The state that these events lead to."""
    state = start(lesson, model)
    for event in events:
        state = advance(state, event)
    return state


# --- what an event does -----------------------------------------------------------------------------------------------


FITS: dict[type[ev.Event], tuple[type[Step], ...]] = {
    ev.Replied: (Ask, Observe, Explain, Tweak, Takeaway),
    ev.Judged: (Ask, Explain),
    ev.Said: (Ask, Observe, Explain, Tweak, Takeaway),
    ev.Predicted: (Predict, Tweak),
    ev.RunFinished: (Run, Tweak),
    ev.RunFailed: (Run, Tweak),
    ev.Tweaked: (Tweak,),
    ev.Continued: (Run, Tweak),
    ev.Skipped: (Step,),
}
"""Which events belong to which steps."""


def advance(state: State, event: ev.Event) -> State:
    """The state after the event.

    A lesson may have been edited since the event was stored, and a run may end after its step was skipped: an event of
    a step that is done, or that is of another kind now, changes nothing. One of a step that is gone leaves a note.
    """
    if isinstance(event, ev.Started):
        return start(state.lesson, event.model)
    if isinstance(event, ev.ASIDE):
        return state
    step = state.lesson.step(event.step)
    if step is None:
        return _vanished(state, event.step)
    if step.id in state.done or not isinstance(step, FITS.get(type(event), ())):
        return state
    if step.id != state.at and state.talk.move in ENDS_STEP:  # an older tutor went on here without a word
        state = _next(_ends(state))
    if step.id != state.at:
        state = _enter(state, step.id)
    match event:
        case ev.Replied():
            return _replied(state, event)
        case ev.Judged():
            return _judged(state, event)
        case ev.Said():
            return _said(_kept(state, event.keeps), event.move, event.text)
        case ev.Predicted():
            return _predicted(state, event)
        case ev.RunFinished(result=result):
            return _ran(state, result)
        case ev.RunFailed(kind=kind, message=message):
            return replace(state, failure=(kind, message))
        case ev.Tweaked(parameters=parameters):
            bets = tuple(replace(b, void=True) if b.step == step.id and b.waits else b for b in state.bets)
            return replace(state, tweak=dict(parameters), failure=None, bets=bets, talk=Talk())
        case ev.Continued():
            if state.failure:
                return replace(state, failure=None)
            if isinstance(step, Tweak):
                told = goals.way(state, step)
                return _next(_line(state, "note", told) if told else state)
            return state
        case ev.Skipped():
            return _next(_line(replace(state, skipped=state.skipped | {step.id}), "note", SKIPPED))
    return state


def _vanished(state: State, step: str) -> State:
    if step in state.vanished:
        return state
    known = replace(state, vanished=state.vanished | {step})
    return _line(known, "note", f"This lesson has changed: its step “{step}” is gone and was skipped.")


def _line(state: State, who: str, text: str, ref: int | None = None) -> State:
    return replace(state, lines=(*state.lines, Line(who, text, state.at or "", ref)))


def _next(state: State) -> State:
    """The step is done; on to the next that can be taken: no run without a bet, no talk about a result not there.

    What is done already is passed over: the lesson's steps may have been put in another order since.
    """
    here = state.lesson.index(state.at or "")
    state = replace(state, done=state.done | {state.at or ""}, failure=None)
    for step in state.lesson.steps[here + 1 :]:
        if step.id not in state.done and _ready(state, step):
            return _enter(state, step.id)
    return replace(state, at=None, talk=Talk(), tweak=None)


def skipped_along(state: State) -> int:
    """How many of the steps that follow go with this one if it is skipped: those that need its outcome."""
    if state.at is None:
        return 0
    after = advance(state, ev.Skipped(state.at)).at
    steps = state.lesson.steps
    return (state.lesson.index(after) if after else len(steps)) - state.lesson.index(state.at) - 1


def _ready(state: State, step: Step) -> bool:
    if isinstance(step, Run):
        return any(b.waits and _run_of(state, b) == step.id for b in state.bets)
    if isinstance(step, (Observe, Explain, Tweak)):
        run = state.lesson.run_before(step.id)
        return run is not None and state.result_of(run.id) is not None
    return True


def _run_of(state: State, bet: Bet) -> str | None:
    """The step whose run decides the bet."""
    if isinstance(state.lesson.step(bet.step), Tweak):
        return bet.step
    run = state.lesson.run_after(bet.step)
    return run.id if run else None


SKIPPED = "Skipped."
PUT = "One way to put it: "
RUN_GAVE = "This run gave: "
PUT_AGAINST = "Runs speak against that line. Hold it against this one: "
QUESTIONS = 3
"""So many questions in place of a reply are taken up before the lesson goes on."""
OPENING = {Ask: Move.ELICIT, Observe: Move.OBSERVE, Explain: Move.RECONCILE, Takeaway: Move.REFLECT}
"""How the talk of a step begins; that of a tweak begins with a try that surprised."""


def _enter(state: State, step_id: str) -> State:
    step = state.lesson.step(step_id)
    state = replace(state, at=step_id, tweak=None, failure=None, talk=Talk(move=_opening(state.lesson, step)))
    return _line(state, "task", step.tweak.goal) if isinstance(step, Tweak) else state


def _opening(lesson: Lesson, step: Step | None) -> Move | None:
    """The move that opens a step. A second question on one run holds no bet against it once more."""
    before = lesson.steps[lesson.index(step.id) - 1] if step else None
    if isinstance(step, Explain) and isinstance(before, Explain):
        return Move.ELICIT
    return OPENING.get(type(step))  # type: ignore[arg-type]


def _replied(state: State, event: ev.Replied) -> State:
    text = event.text
    if not state.listen and not text.strip():
        return replace(state, talk=Talk()) if isinstance(state.step, Tweak) else state
    meant = _meant(state, text)
    talk = replace(state.talk, replies=(*state.talk.replies, meant), reply=meant, move=None, last=None)
    if text.strip():  # an empty reply is answered, and leaves no line
        state = _line(state, "you", text)
    return replace(state, talk=talk) if state.listen else _unjudged(state, talk, event)


def _meant(state: State, text: str) -> str:
    """The reply; one that only points back at what was said before says that: all that the learner wrote since the last run."""
    if not state.listen or not points_back(text):
        return text
    start = max((n for n, line in enumerate(state.lines) if line.who == "run"), default=0)
    said = [line.text for line in state.lines[start:] if line.who == "you" and not points_back(line.text)]
    return ". ".join(part.rstrip(". ") for part in said) or text


def _unjudged(state: State, talk: Talk, event: ev.Replied) -> State:
    """A reply to a step that expects nothing ends its talk; a question in it is taken up first.

    Where it was no more than a question, the step's own is asked once more, so many times: what the learner sees and keeps
    comes from them. A smaller one is asked once, where nothing was said, and where a number was read off that no run gave.
    What holds something that the runs refute is asked about; a takeaway is then asked for anew.
    """
    asks = event.asks
    once_more = asks == "answer" or len(talk.replies) <= {"only": QUESTIONS, "nothing": 1, "astray": 1}.get(asks, 0)
    once_more = once_more and not isinstance(state.step, Tweak)
    asked = asks in ("only", "beside")
    move = OPENING[type(state.step)] if once_more else Move.ASIDE if asked else None  # type: ignore[index]
    last = {"nothing": Reply.IDK, "astray": Reply.WRONG}.get(asks)
    if event.misconception:
        last = Reply.MISCONCEPTION
        move = move if talk.misconception else Move.COUNTER
        talk = replace(talk, misconception=event.misconception)
    state = replace(state, talk=replace(talk, reply=None, move=move, asks=asked, last=last))
    if asks == "only" and isinstance(state.step, Takeaway):
        state = _kept(state, event.text)
    return state if move else _over(state)


def _judged(state: State, event: ev.Judged) -> State:
    listen, talk = state.listen, state.talk
    if listen is None or (talk.reply is None and talk.last is not Reply.UNSURE):
        return state
    reply = Reply(event.kind) if event.kind in set(Reply) else Reply.UNSURE
    expected = {e.id for e in listen.expects}
    met = talk.met | (set(event.met) & expected)
    new = met != talk.met
    if reply in (Reply.PARTLY, Reply.RIGHT):
        reply = Reply.RIGHT if met == expected else Reply.PARTLY
    answered = reply is Reply.QUESTION and event.known
    if talk.deeper and reply is Reply.QUESTION and talk.reply and own_question(talk.reply) == "beside":
        reply = Reply.UNSURE  # what stands beside the question was the answer
    excused = answered or reply in (Reply.RIGHT, Reply.EMPTY) or (reply is Reply.UNSURE and not state.blind)
    failed = talk.failed + (not new and not excused)
    move = pick(
        Standing(
            reply=reply,
            blind=state.blind,
            failed=failed,
            deeper=listen.deeper is not None and not talk.deeper,
            went_deeper=talk.deeper,
            closes=listen.deeper is not None and listen.deeper.answer is not None,
            asks=event.asks,
            known=event.known,
        )
    )
    talk = replace(talk, reply=None, move=move, met=met, misconception=event.misconception)
    talk = replace(talk, last=reply, failed=failed, asks=event.asks)
    state = replace(state, talk=talk)
    return _over(state) if move is Move.NEXT else state


def _kept(state: State, question: str) -> State:
    return state if not question or question in state.kept else replace(state, kept=(*state.kept, question))


def _said(state: State, move: str, text: str) -> State:
    talk = replace(state.talk, said=(*state.talk.said, text), move=None)
    if move == Move.DEEPER:
        talk = replace(talk, deeper=True, met=frozenset(), failed=0)
    state = _line(replace(state, talk=talk), "tutor", text)
    return _over(state) if move in ENDS_STEP else state


def _over(state: State) -> State:
    """The talk of the step is over, and the step with it; but after a try there may be another one."""
    return replace(state, talk=Talk()) if isinstance(state.step, Tweak) else _next(_ends(state))


def _ends(state: State) -> State:
    """The last words of a step that was talked through, which are the lesson's own."""
    if isinstance(state.step, Takeaway):
        put = PUT_AGAINST if state.talk.last is Reply.MISCONCEPTION else PUT
        return _line(state, "tutor", f"{put}“{state.step.answer.strip()}”") if state.step.answer else state
    return _reads(state) if isinstance(state.step, Observe) else _claims(state)


def _reads(state: State) -> State:
    """What the run gave, for who says once more what it did not, or asks in reply."""
    step, talk, run = state.step, state.talk, state.own_run
    result = state.result_of(run.id) if run else None
    asks = talk.misconception and talk.replies[-1].rstrip().endswith("?")
    if isinstance(step, Observe) and result and (talk.last is Reply.MISCONCEPTION or asks):
        shows = [fill(reading.shows, result["facts"]) for reading in step.readings if reading.id == talk.misconception]
        return _line(state, "claim", f"{RUN_GAVE}{shows[0]}.") if shows else state
    return state


def _claims(state: State) -> State:
    """What this run made true, said plainly; what it did not is not said."""
    step, run = state.step, state.own_run
    result = state.result_of(run.id) if run else None
    if not isinstance(step, Explain) or result is None:
        return state
    claims = step.explain.claims
    true = [c for c in claims if holds(c.when, result["facts"])]
    for claim in true:
        state = _line(state, "claim", fill(claim.says, result["facts"]))
    if len(true) < len(claims):
        state = _line(state, "note", "Your model did something else here than the lesson expects; trust the run.")
    return state


def _predicted(state: State, event: ev.Predicted) -> State:
    """A bet is locked. One that has no tweak to be about, or that comes on top of a locked one, is none."""
    step = state.step
    if isinstance(step, Predict):
        question = step.predict
    elif (
        isinstance(step, Tweak)
        and state.tweak is not None
        and not any(b.step == step.id and b.waits for b in state.bets)
    ):
        question = tweak_question(state.lesson, step)
    else:
        return state
    changed = state.tweak if isinstance(step, Tweak) else None
    bet = Bet(event.step, question, event.answer, event.reason, event.confidence, changed=changed)
    state = _line(replace(state, bets=(*state.bets, bet)), "bet", bet.text, ref=len(state.bets))
    return _next(state) if isinstance(step, Predict) else state


def _ran(state: State, result: dict[str, Any]) -> State:
    """The run is in: every bet that waited for this run is scored against its facts."""
    result = {"parameters": {}, "figures": [], **result}  # a journal may come from anywhere
    facts = result["facts"]
    state = replace(state, results=(*state.results, (state.at or "", result)), failure=None, tweak=None)
    bets = list(state.bets)
    for n, bet in enumerate(bets):
        if bet.waits and _run_of(state, bet) == state.at:
            scored = verdict(bet.question, bet.answer, facts, bet.confidence, result)
            bets[n] = replace(bet, verdict=scored, run=len(state.results) - 1)
            state = _line(state, "run", scored.line, ref=len(state.results) - 1)
    state = replace(state, bets=tuple(bets))
    if isinstance(state.step, Tweak):
        if state.step.tweak.reached:
            state = _line(state, *goals.how_near(state, state.step, state.step.tweak.reached))
        if any(bet.surprised and bet.run == len(state.results) - 1 for bet in bets):
            state = replace(state, talk=Talk(move=Move.RECONCILE))
    return _next(state) if isinstance(state.step, Run) else state
