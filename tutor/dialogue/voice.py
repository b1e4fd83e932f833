"""What a voice is: it words a move and it judges a reply. The authored voice is always there; Claude is another one.

A voice is given a `Turn` and nothing else. Before the run a Turn holds no fact, no figure and no authored explanation:
what a voice does not know it cannot give away.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

from engine.protocol import ModelInfo
from tutor.course.format import Ask, Explain, Observe, Predict, Takeaway, Tweak
from tutor.course.listening import Listen
from tutor.dialogue import phrases
from tutor.dialogue.asking import clarifies
from tutor.dialogue.back import pointed_at
from tutor.dialogue.cues import READ, own_question, parse, question_in
from tutor.dialogue.judge import Judgement
from tutor.dialogue.legend import legend
from tutor.dialogue.loss import says_nothing
from tutor.dialogue.moves import ENDS_STEP, Move, Reply
from tutor.dialogue.refuted import listen_for, refuted
from tutor.dialogue.sight import astray
from tutor.dialogue.sizes import told
from tutor.dialogue.words import sentences, stems
from tutor.events import Replied, Said
from tutor.state import Bet, State


@dataclass(frozen=True)
class Turn:
    """All that a voice may know when it words a move or judges a reply."""

    lesson: str
    """The lesson's title."""
    step: str
    move: Move | None
    """The move to word; None when a reply is to be judged."""
    question: str
    """The question that the step asks."""
    blind: bool
    """Whether the run that the step is about has no result yet."""
    listen: Listen | None
    """Expectations and misconceptions of the step; without its answer while blind."""
    said: tuple[str, ...]
    """What the tutor said in this step."""
    replies: tuple[str, ...]
    """What the learner wrote in this step."""
    met: frozenset[str]
    misconception: str | None
    reply: Reply | None
    """What kind of reply the last one was."""
    bars: tuple[str, ...] = ()
    """Terms that may not be used yet."""
    bets: tuple[Bet, ...] = ()
    facts: Mapping[str, Any] = field(default_factory=dict)
    figures: tuple[Mapping[str, Any], ...] = ()
    """The last run's figures as plain data."""
    meaning: str = ""
    """What the last reply asked for: what a word of the field means, how large the model is, or how a figure is read."""
    asked: str = ""
    """The question that the last reply asked as well."""
    astray: str = ""
    """The number that the last reply says is to be seen, and that stands nowhere in the run."""
    deeper: bool = False
    """Whether the lesson's deeper question is at hand."""
    ahead: bool = True
    """Whether a bet comes after this step."""

    @property
    def last(self) -> str:
        """The learner's last reply in this step."""
        return self.replies[-1] if self.replies else ""


class Voice(Protocol):
    """Words moves and judges replies. Neither raises: a voice that cannot speak gives way to the authored one."""

    name: str
    speaker: str
    """Who worded the last turn: `name`, `authored` where that took over, `claude+authored` where it did in the middle."""
    notice: str
    """A quiet line for the learner about the last turn or judgement; mostly empty."""

    @property
    def label(self) -> str:
        """A few words on who speaks, for the last line of the screen."""
        ...

    def say(self, turn: Turn) -> AsyncIterator[str]:
        """The words of the move, in pieces that may be shown as they come: each passed the gate."""
        ...

    async def judge(self, turn: Turn) -> Judgement:
        """What kind of reply `turn.last` is."""
        ...


def asked_last(turn: Turn) -> str:
    """The question that the last reply had before it."""
    asked = [s for text in (turn.question, *turn.said) for s in sentences(text) if s.endswith("?")]
    return asked[-1] if asked else turn.question


def open_question(turn: Turn) -> str:
    """The question that the authored voice leaves open in this turn; empty where it leaves none. Mostly it is the learner's
    own; one in place of a takeaway is among the notes as it is.
    """
    if turn.move is Move.LEAVE:
        return turn.listen.deeper.ask if turn.deeper and turn.listen and turn.listen.deeper else asked_last(turn)
    leaves = turn.move is not Move.REFLECT and not turn.meaning and not reworded(turn)
    return turn.asked.strip() if leaves and stems(turn.asked) else ""


def reworded(turn: Turn) -> str:
    """The deeper question in other words, where the learner asks for them; else empty."""
    deeper = turn.listen.deeper if turn.deeper and turn.listen else None
    return deeper.again or "" if deeper and turn.move is Move.PROBE and clarifies(turn.last) else ""


def kept(turn: Turn) -> str:
    """The open question that this turn speaks of as one: not where it asks back."""
    asks_back = turn.reply is Reply.QUESTION and turn.move not in ENDS_STEP and not turn.deeper
    return "" if asks_back else open_question(turn)


def said(turn: Turn, text: str, voice: Voice) -> Said:
    """What the journal keeps of the words of a turn."""
    assert turn.move is not None
    question = open_question(turn) if voice.speaker == "authored" else ""
    return Said(turn.step, turn.move.value, text.strip(), voice.speaker, question)


def reply(state: State, text: str) -> Replied:
    """What the journal keeps of what the learner wrote at the step at hand. Where a judge reads it, he finds what is in it."""
    if state.listen:
        return Replied(state.at or "", text)
    asks = own_question(text)
    if asks != "only" and state.talk.last is Reply.MISCONCEPTION and isinstance(state.step, Takeaway):
        return Replied(state.at or "", text, "answer")
    text = pointed_at(text, state.talk.replies) if isinstance(state.step, Takeaway) else text  # what is kept is a line
    asks = asks or ("nothing" if says_nothing(text) else "astray" if astray(state, text) else "")
    return Replied(state.at or "", text, asks, None if asks in ("only", "nothing") else refuted(state, text))


def turn_of(state: State, move: Move | None, model: ModelInfo | None = None) -> Turn:
    """What a voice may know of this state. Of the model, once it is loaded: its sizes, where the last reply asks for one."""
    step, talk, blind = state.step, state.talk, state.blind
    assert step is not None, "a lesson that is over has no turn"
    match step:
        case Ask(ask=question) | Observe(observe=question) | Takeaway(takeaway=question):
            pass
        case Explain(explain=explanation):
            question = explanation.ask
        case Tweak():
            question = phrases.turned(phrases.SURPRISED, len(state.results))[0]
        case _:
            question = ""
    listen = listen_for(state, talk.misconception) if move is Move.COUNTER and not state.listen else state.listen
    if listen and blind:
        listen = listen.model_copy(update={"answer": "", "deeper": None})
    explained = any(isinstance(s, Explain) for s in state.lesson.steps[: state.number])
    result = state.results[-1][1] if state.results and not blind else {}
    later, last = state.lesson.steps[state.number :], talk.replies[-1][:READ] if talk.replies else ""
    return Turn(
        lesson=state.lesson.title,
        ahead=any(isinstance(s, Predict) and s.id not in state.done for s in later),
        step=step.id,
        move=move,
        question=question,
        blind=blind,
        listen=listen,
        said=talk.said,
        replies=talk.replies,
        met=talk.met,
        misconception=talk.misconception,
        deeper=talk.deeper,
        reply=talk.last,
        bars=() if explained else tuple(state.lesson.bars),
        bets=tuple(replace(b, verdict=None) for b in state.bets) if blind else state.bets,
        facts=result.get("facts", {}),
        figures=tuple(result.get("figures", ())),
        meaning=told(last, model) or legend(last, result.get("figures", ())),
        asked=question_in(parse(last)) if talk.asks else "",
        astray=astray(state, last) if talk.last is Reply.WRONG and last else "",
    )
