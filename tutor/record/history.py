"""What a learner has bet, reviewed and explained, read out of the rows of the journal."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from tutor import events as ev
from tutor.course.format import Explain, Lesson
from tutor.dialogue.moves import Reply
from tutor.journal.store import Record
from tutor.record.days import stored


@dataclass(frozen=True)
class Bet:
    """A bet that a run decided."""

    id: int
    """The id of its `Scored` row in the journal."""
    at: datetime
    lesson: str
    step: str
    right: bool
    confidence: int
    """0 to 100."""
    said: str = ""
    truth: str = ""
    concepts: tuple[str, ...] = ()
    experiment: str = ""
    parameters: Mapping[str, Any] = field(default_factory=dict)
    model: str = ""
    kind: str = ""
    """The kind of prediction."""
    score: float = 0.0
    """How near it came by the rule of its kind, 0 to 1."""


@dataclass(frozen=True)
class Review:
    """A surprise that was bet on again."""

    of: int
    """The id of the bet."""
    at: datetime
    right: bool
    confidence: int
    shown: bool = False
    """Whether the lesson had shown that run: it says whether the learner remembers, not what they can foretell."""


@dataclass(frozen=True)
class Explained:
    """An explanation in the learner's own words, as far as it went in one taking of the lesson."""

    at: datetime
    lesson: str
    share: float
    """1 when everything expected was said, 0.5 when some of it was, 0 when none was."""


@dataclass(frozen=True)
class History:
    """All of it, oldest first."""

    bets: tuple[Bet, ...] = ()
    reviews: tuple[Review, ...] = ()
    explained: tuple[Explained, ...] = ()
    skipped: int = 0
    """Steps that were skipped."""


def history(rows: Iterable[Record], lessons: Mapping[str, Lesson]) -> History:
    """Read the rows of `Store.record`. What this version cannot read is left out."""
    bets: list[Bet] = []
    reviews: list[Review] = []
    replies: dict[tuple[str, str, int], Explained] = {}
    met: dict[tuple[str, str, int], set[str]] = {}
    taking: dict[str, int] = {}
    skipped = 0
    for row in rows:
        at, event = stored(row.at), row.event
        if at is None:
            continue
        match event:
            case ev.Started():
                taking[row.lesson] = taking.get(row.lesson, 0) + 1
            case ev.Skipped():
                skipped += 1
            case ev.Scored():
                bets.append(_bet(row, event, at))
            case ev.Reviewed(of=of, right=right, confidence=sure, shown=shown):
                reviews.append(Review(of, at, right, sure, shown))
            case ev.Judged():
                expected = _expected(lessons.get(row.lesson), row.step)
                key = row.lesson, row.step, taking.get(row.lesson, 0)
                if expected and event.kind not in (Reply.EMPTY, Reply.UNSURE):
                    known = met.setdefault(key, set())
                    known |= set(event.met) & expected
                    share = 1.0 if known == expected else 0.5 if known else 0.0
                    replies[key] = Explained(at, row.lesson, share)
    return History(tuple(bets), tuple(reviews), tuple(sorted(replies.values(), key=lambda e: e.at)), skipped)


def _bet(row: Record, event: ev.Scored, at: datetime) -> Bet:
    return Bet(
        row.id, at, row.lesson, event.step, event.right, event.confidence, event.said, event.truth,
        event.concepts, event.experiment, event.parameters, event.model, event.kind, event.score,
    )  # fmt: skip


def _expected(lesson: Lesson | None, step: str) -> set[str]:
    """What an explanation at the step is to say; empty where the step asks for none."""
    found = lesson.step(step) if lesson else None
    return {e.id for e in found.explain.listen.expects} if isinstance(found, Explain) else set()
