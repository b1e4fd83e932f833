"""A lesson as it stands, unfolded event by event: when each bet was locked, and where in the talk an event came."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from tutor.course.format import Lesson
from tutor.journal.store import Record
from tutor.loop import advance, start
from tutor.state import State


def unfolded(lesson: Lesson, records: Iterable[Record]) -> Iterator[tuple[Record, State]]:
    """Each of the records (`Store.taking`) with the state that it led to."""
    state = start(lesson)
    for record in records:
        if event := record.event:
            state = advance(state, event)
            yield record, state


def locked(lesson: Lesson, records: Iterable[Record]) -> dict[int, str]:
    """Number of each bet -> when it was locked, as the journal writes times."""
    out: dict[int, str] = {}
    for record, state in unfolded(lesson, records):
        if len(state.bets) > len(out):
            out[len(out)] = record.at
    return out


def state_at(lesson: Lesson, records: Iterable[Record], id: int) -> State | None:
    """The state once the event of this id had come; None where it is not among them."""
    return next((state for record, state in unfolded(lesson, records) if record.id == id), None)
