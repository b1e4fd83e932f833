"""Which question next. A pure function of how the talk stands; no voice has a say in it.

The tutor asks before it explains, and does not withhold for ever: after PATIENCE failed turns, or when the learner asks
to be told, it tells. Before the run there is nothing to tell yet: the answer to "what will happen" is a bet and a run.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

PATIENCE = 3
"""Failed turns after the run until the tutor tells."""
PATIENCE_BEFORE_RUN = 2
"""Failed turns before the run until the tutor leaves it to the run."""
PATIENCE_BEYOND = 2
"""Failed turns after the deeper question until the exchange is closed: who asks back is asked once more."""


class Reply(StrEnum):
    """What kind of reply came."""

    RIGHT = "right"
    PARTLY = "partly"
    MISCONCEPTION = "misconception"
    WRONG = "wrong"
    QUESTION = "question"
    IDK = "idk"
    OFF_TOPIC = "off_topic"
    EMPTY = "empty"
    TELL_ME = "tell_me"
    UNSURE = "unsure"
    """The judge could not tell what was meant."""


def marked(met: int, of: int) -> Reply:
    """What a reply comes to whose learner marked `met` of the `of` expectations as held."""
    return Reply.RIGHT if met == of else Reply.PARTLY if met else Reply.WRONG


class Move(StrEnum):
    """What the tutor does next."""

    ELICIT = "elicit"
    """Ask the step's question."""
    PROBE = "probe"
    """Ask for what is missing, or for the reason."""
    COUNTER = "counter"
    """Let a misconception meet its consequence."""
    OBSERVE = "observe"
    """Ask what the learner sees."""
    RECONCILE = "reconcile"
    """Ask about the difference between the bet and the run."""
    DEEPER = "deeper"
    """Push on from a right answer."""
    CLOSE = "close"
    """Say what the lesson would have answered to its deeper question; the learner has had their say."""
    CONFIRM = "confirm"
    """Say that it is right."""
    TELL = "tell"
    """Give the authored explanation."""
    ASIDE = "aside"
    """Take up a question of the learner's own, and go on."""
    LEAVE = "leave"
    """Leave a deeper question open that the learner has no answer to."""
    DEFER = "defer"
    """Leave it to the run: the bet comes next."""
    MARK = "mark"
    """Show what a good answer holds; the learner marks what their own words covered."""
    REFLECT = "reflect"
    """Ask for the takeaway."""
    NEXT = "next"
    """Say nothing and go on."""


ENDS_STEP = frozenset({Move.CLOSE, Move.CONFIRM, Move.TELL, Move.ASIDE, Move.LEAVE, Move.DEFER, Move.NEXT})
"""Moves after which the step is done."""


@dataclass(frozen=True)
class Standing:
    """How the talk of one step stands when a reply was judged."""

    reply: Reply
    blind: bool
    """Whether no run of this lesson has come before the step: there is no result to speak of."""
    failed: int
    """Turns so far, this one included, that brought nothing new that was expected."""
    deeper: bool = False
    """Whether the lesson has a question for those who were right, not asked yet."""
    went_deeper: bool = False
    """Whether that question was asked: this reply answers it."""
    closes: bool = False
    """Whether the lesson has an answer of its own to that question."""
    asks: bool = False
    """Whether the reply asks something as well. Nobody is left without an answer to that."""
    known: bool = False
    """Whether the tutor has an answer to what it asks."""


def pick(s: Standing) -> Move:
    """The move for a judged reply. Complete: every standing has one."""
    if s.reply is Reply.EMPTY:
        return Move.ELICIT
    if s.blind:
        return _before_run(s)
    if s.went_deeper:
        return _beyond(s)
    if s.reply is Reply.TELL_ME:
        return Move.TELL
    if s.reply is Reply.RIGHT:
        return Move.DEEPER if s.deeper else Move.CONFIRM
    if s.failed >= PATIENCE:
        return Move.TELL
    if s.reply is Reply.UNSURE:
        return Move.MARK
    if s.reply is Reply.MISCONCEPTION:
        return Move.COUNTER
    return Move.PROBE


def _beyond(s: Standing) -> Move:
    """After the deeper question: who asks back is asked again, once where there is no answer; then the exchange is closed."""
    if s.reply is Reply.QUESTION and s.failed < (PATIENCE if s.known else PATIENCE_BEYOND):
        return Move.PROBE
    if s.closes:
        return Move.CLOSE
    if s.reply is Reply.TELL_ME:
        return Move.TELL
    return Move.ASIDE if s.asks else Move.LEAVE if s.reply is Reply.IDK else Move.NEXT


def _before_run(s: Standing) -> Move:
    if s.reply is Reply.RIGHT:
        return Move.ASIDE if s.asks else Move.NEXT
    if s.reply is Reply.TELL_ME or s.failed >= PATIENCE_BEFORE_RUN:
        return Move.DEFER
    return Move.COUNTER if s.reply is Reply.MISCONCEPTION else Move.PROBE
