"""Taking a lesson by events, as a learner, a voice and an engine would."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from tests.dialogue.course import ABLATION, LENS
from tests.predict.every_kind import a_bet
from tutor import events as ev
from tutor.dialogue.moves import Reply
from tutor.loop import advance
from tutor.state import State
from tutor.todo import AskBet, ChooseTweak, Done, Hear, Judge, Mark, Retry, RunNow, Say, Todo, todo

RESULTS = {"head_ablation": ABLATION, "logit_lens": LENS}
BETS = {"choice": "dent", "number": 26.0, "token": " Mary"}


def answer(state: State, now: Todo, kinds: Sequence[Reply] = (Reply.RIGHT,)) -> ev.Event:
    """An event that does what is asked: everything right, unless other kinds of reply are given, one a turn."""
    listen = state.listen
    every = tuple(e.id for e in listen.expects) if listen else ()
    match now:
        case Say(move=move, step=step):
            return ev.Said(step, move.value, f"{move.value} {len(state.talk.said)}")
        case Hear(step=step):
            return ev.Replied(step, f"reply {len(state.talk.replies)}")
        case Judge(step=step):
            kind = kinds[min(len(state.talk.replies), len(kinds)) - 1]
            return ev.Judged(
                step, kind.value, every if kind is Reply.RIGHT else every[:1] if kind is Reply.PARTLY else ()
            )
        case Mark(step=step):
            return ev.Judged(step, "right", every, judge="learner")
        case AskBet(step=step, question=question):
            bet = BETS.get(question.kind) or a_bet(question)
            return ev.Predicted(step, bet, "since I think so", 70)
        case RunNow(step=step, experiment=name, parameters=parameters):
            return ev.RunFinished(step, {**RESULTS[name], "parameters": parameters})
        case Retry(step=step) | ChooseTweak(step=step):
            return ev.Continued(step)
    raise AssertionError(f"nothing answers {now}")


def take(
    state: State, kinds: Sequence[Reply] = (Reply.RIGHT,), until: Callable[[State], bool] = lambda s: False
) -> tuple[State, list[ev.Event]]:
    """Do what is asked until the lesson is over, or until the state is as wanted."""
    events: list[ev.Event] = []
    while not isinstance(now := todo(state), Done) and not until(state):
        events.append(answer(state, now, kinds))
        state = advance(state, events[-1])
        assert len(events) < 300, f"it does not end: {now}"
    return state, events


def at(step: str) -> Callable[[State], bool]:
    return lambda state: state.at == step
