"""What happens in a lesson, as the journal keeps it. The state of a lesson is a fold over these and nothing else."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from typing import Any


@dataclass(frozen=True)
class Event:
    step: str
    """The step it belongs to; empty for the lesson as a whole."""


@dataclass(frozen=True)
class Started(Event):
    """A lesson begins, or begins again: what came before no longer counts for its state."""

    model: str = ""


@dataclass(frozen=True)
class Replied(Event):
    """The learner wrote something.

    `asks`, of a step where nobody judges replies: `beside` where it asks something as well, `only` where it does no more;
    `nothing` where it says nothing at all, such as that the learner does not know; `astray` where it names a number as
    seen that no run gave; `answer` where it is one to what was asked about a takeaway, and not the takeaway.
    misconception: of the lesson, that a takeaway holds, and that the learner is asked about.
    """

    text: str
    asks: str = ""
    misconception: str | None = None


@dataclass(frozen=True)
class Judged(Event):
    """What kind of reply that was. `judge` says who judged: authored, claude, or the learner who marked.

    `asks`: whether it asked something as well; `known`: whether it does no more than ask for
    a word whose meaning the tutor has.
    """

    kind: str
    met: tuple[str, ...] = ()
    misconception: str | None = None
    judge: str = "authored"
    asks: bool = False
    known: bool = False


@dataclass(frozen=True)
class Said(Event):
    """The tutor said something. `voice` is authored, claude, or claude+authored where the authored voice ended the turn.

    keeps: the learner's own question that it left open, and that is kept among their notes.
    """

    move: str
    text: str
    voice: str = "authored"
    keeps: str = ""


@dataclass(frozen=True)
class Predicted(Event):
    """A bet, locked: from here on it cannot be changed."""

    answer: Any
    reason: str
    confidence: int
    """0 to 100."""


@dataclass(frozen=True)
class RunFinished(Event):
    """A run ended well. `result` is `engine.protocol.Result` as plain data."""

    result: dict[str, Any]


@dataclass(frozen=True)
class RunFailed(Event):
    """A run did not end well. `kind` is a key of `engine.errors.ERRORS`."""

    kind: str
    message: str


@dataclass(frozen=True)
class Tweaked(Event):
    """The learner changed parameters of the lesson's run; a bet comes next. `parameters` holds what differs from it."""

    parameters: dict[str, Any]


@dataclass(frozen=True)
class Continued(Event):
    """The learner goes on: runs again what failed, or leaves the tweaks."""


@dataclass(frozen=True)
class Skipped(Event):
    """The learner skips the step."""


@dataclass(frozen=True)
class Finished(Event):
    """The lesson was taken to its end. skipped: nothing ran on the way, all that runs was skipped."""

    skipped: bool = False


@dataclass(frozen=True)
class Scored(Event):
    """What a bet came to, as the learner was shown it. Kept so that their record can be read without replaying lessons;
    the state of a lesson never depends on it."""

    bet: int
    """Which bet of the lesson since it was last started, from 0."""
    kind: str
    """The kind of prediction."""
    right: bool
    score: float
    """0 to 1, 1 is best: `tutor.predict`."""
    confidence: int
    said: str
    truth: str
    concepts: tuple[str, ...] = ()
    experiment: str = ""
    parameters: dict[str, Any] = field(default_factory=dict)
    model: str = ""


@dataclass(frozen=True)
class Noted(Event):
    """A note the learner made at any time: an open question, what worked, what did not."""

    text: str
    about: str = "question"
    """`question`, `worked` or `failed`."""


@dataclass(frozen=True)
class Reviewed(Event):
    """A surprise came back and was predicted again. `of` is the id of its `Scored` record in the journal.

    shown: whether its lesson had shown that very run, so that remembering was enough.
    """

    of: int
    right: bool
    confidence: int
    parameters: dict[str, Any] = field(default_factory=dict)
    said: str = ""
    truth: str = ""
    shown: bool = False


@dataclass(frozen=True)
class Settled(Event):
    """The learner is done with one of their notes. `of` is the id of its record in the journal.

    again: it is open once more.
    """

    of: int
    again: bool = False


ASIDE = (Finished, Scored, Noted, Reviewed, Settled)
"""Events that change nothing in the state of a lesson."""

KINDS: dict[str, type[Event]] = {
    c.__name__.lower(): c
    for c in (
        Started,
        Replied,
        Judged,
        Said,
        Predicted,
        RunFinished,
        RunFailed,
        Tweaked,
        Continued,
        Skipped,
        Finished,
        Scored,
        Noted,
        Reviewed,
        Settled,
    )
}


def to_row(event: Event) -> tuple[str, str, dict[str, Any]]:
    """(kind, step, body): how the journal stores an event."""
    body = asdict(event)
    return type(event).__name__.lower(), body.pop("step"), body


def from_row(kind: str, step: str, body: Mapping[str, Any]) -> Event | None:
    """The event of a stored row; None for a kind that this version does not know. Unknown fields are left out."""
    cls = KINDS.get(kind)
    if cls is None:
        return None
    known = {f.name for f in fields(cls)}
    values = {
        k: tuple(v) if isinstance(v, list) and k in ("met", "concepts") else v for k, v in body.items() if k in known
    }
    try:
        return cls(step=step, **values)
    except TypeError:
        return None
