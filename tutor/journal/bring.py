"""Bringing events from another machine into a journal: each once, with its own time and version, all of them or none.

Events never change and never move, so what comes gets numbers after all that is here, or before. In each lesson the side that
was worked on last stays the one to go on with: what is newer than the last event here goes after it, what is older goes
before the first event of the journal, with numbers below 0.
"""

from __future__ import annotations

import json
import sqlite3
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from tutor.journal import again
from tutor.journal.import_ import Incoming

Key = tuple[str, str, str, str, str, str]
NOWHERE = -(10**15)


@dataclass(frozen=True)
class Brought:
    new: int
    """How many events came."""
    known: int
    """How many were here already."""
    lessons: int
    """In how many lessons events came."""
    newer: tuple[str, ...]
    """Lessons that had events here and now go on where the file left them."""
    older: tuple[str, ...]
    """Lessons that had events here and go on as before; what came is in their past."""


def bring(db: sqlite3.Connection, learner: str, events: Sequence[Incoming]) -> Brought:
    """Add those of the events that are not there. Runs within a transaction of the caller's."""
    times = {event.at for event in events}
    here: defaultdict[Key, list[int]] = defaultdict(list)
    """Events of the journal that may be among those of the file: their ids, by all that they say."""
    last: dict[str, str] = {}
    """Lesson -> when something last happened in it here."""
    for id, at, *rest, body in db.execute(
        "SELECT id, at, version, lesson, kind, step, body FROM events WHERE learner = ? ORDER BY id DESC", (learner,)
    ):
        last[rest[1]] = max(at, last.get(rest[1], ""))
        if at in times:
            here[(at, *rest, _same(body))].append(id)
    coming: list[tuple[Incoming, str]] = []
    """What is new, and in which lesson."""
    ids: dict[int, int] = {0: 0}
    """Number in the file -> id here. What is not here yet has one that nothing can have."""
    late: dict[str, str] = {}
    """Lesson -> when something last happened in it, of what is new."""
    for event in events:
        key = _key(event, ids)
        if here[key]:
            ids[event.number] = here[key].pop()
            continue
        ids[event.number] = NOWHERE - len(coming)
        lesson = again.renamed(event.lesson, ids)
        coming.append((event, lesson))
        late[lesson] = max(event.at, late.get(lesson, ""))
    newest = max(last.values(), default="")
    after = {lesson for lesson, at in late.items() if at >= last.get(lesson, newest)}
    _insert(db, learner, coming, after, ids)
    met = sorted(set(late) & set(last) - {""})
    return Brought(
        new=len(coming),
        known=len(events) - len(coming),
        lessons=len({name for name in late if name and again.of(name) is None}),
        newer=tuple(lesson for lesson in met if lesson in after),
        older=tuple(lesson for lesson in met if lesson not in after),
    )


def _insert(
    db: sqlite3.Connection, learner: str, coming: Sequence[tuple[Incoming, str]], after: set[str], ids: dict[int, int]
) -> None:
    """Add these in their order. What is half typed here stays, though answers to the same steps come in."""
    drafts = db.execute("SELECT * FROM drafts WHERE learner = ?", (learner,)).fetchall()
    lowest = db.execute("SELECT min(id) FROM events").fetchone()[0]
    below = min(0, lowest or 0) - sum(lesson not in after for _, lesson in coming)
    for event, lesson in coming:
        id = None
        if lesson not in after:
            id, below = below, below + 1
        at, version, name, kind, step, body = _key(event, ids)
        row = (id, at, version, learner, name, kind, step, body)
        ids[event.number] = int(db.execute("INSERT INTO events VALUES (?, ?, ?, ?, ?, ?, ?, ?)", row).lastrowid or 0)
    db.executemany("INSERT OR REPLACE INTO drafts VALUES (?, ?, ?, ?, ?)", drafts)


def _key(event: Incoming, ids: dict[int, int]) -> Key:
    """All that the event says, as the journal stores it. A review names its bet by the number that this has here."""
    body = _written(again.body_of(event.kind, event.body, ids))
    return event.at, event.version, again.renamed(event.lesson, ids), event.kind, event.step, body


def _same(body: str) -> str:
    """A stored body in the one way of writing it, whoever wrote it."""
    try:
        return _written(json.loads(body))
    except ValueError:
        return body


def _written(body: Any) -> str:
    return json.dumps(body, separators=(",", ":"))
