"""What tests of the journal write in it and read out of it."""

from __future__ import annotations

from pathlib import Path

from tutor.events import Replied
from tutor.journal.store import Store, to_go_on

LESSON = "silence-one-head"


def reply(store: Store, text: str, lesson: str = LESSON) -> None:
    store.append(lesson, Replied("warm-up", text))


def put(store: Store, kind: str, body: str) -> None:
    """A row that another version, or a bad disk, has left."""
    columns = "at, version, learner, lesson, kind, step, body"
    values = ("", "9", "me", LESSON, kind, "", body)
    store._db.execute(f"INSERT INTO events ({columns}) VALUES (?, ?, ?, ?, ?, ?, ?)", values)


def texts(home: Path, learner: str = "me", lesson: str = LESSON) -> list[str]:
    with Store.read(home, learner) as store:
        return [e.text for e in store.events(lesson) if isinstance(e, Replied)]


def latest(store: Store) -> str | None:
    """The lesson last worked on that is not done."""
    progress = store.progress()
    return to_go_on(progress, progress)
