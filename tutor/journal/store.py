"""The event store: SQLite in the learner's home, one file for all learners of that home.

    with Store.open(home, "ada") as store:     # the one tutor of this learner
        store.append("silence-one-head", Replied("warm-up", "nothing much"))
    with Store.read(home, "ada") as store:     # any command that only looks; needs no lock, changes nothing
        store.progress()

Events are only ever added; triggers refuse anything else. What `append` has returned from is on the disk
(write-ahead log, synchronous=FULL): it survives SIGKILL and a loss of power.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Container, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from threading import RLock
from typing import TYPE_CHECKING, Any

from tutor import __version__
from tutor import events as ev
from tutor.journal import disk, lock, schema
from tutor.journal.errors import JournalBusy, JournalError

if TYPE_CHECKING:
    from filelock import BaseFileLock

    from tutor.journal.bring import Brought
    from tutor.journal.import_ import Incoming

Clock = Callable[[], datetime]


def utc_now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True)
class Progress:
    """How far a learner is in a lesson."""

    last: int
    """The number of its last event, of those that move it."""
    done: bool
    """Whether it was finished since it was last started."""
    times_done: int
    """How often it was finished, with at least one run on the way."""

    @property
    def skipped(self) -> bool:
        """Whether it was skipped from end to end and never taken."""
        return self.done and not self.times_done


def to_go_on(progress: Mapping[str, Progress], lessons: Container[str]) -> str | None:
    """Of these lessons, the one last worked on that is not done. `progress` as `Store.progress` gives it."""
    return next((id for id, p in progress.items() if not p.done and id in lessons), None)


@dataclass(frozen=True)
class Record:
    """One stored event with what the journal knows about it."""

    id: int
    at: str
    version: str
    """The version of the tutor that wrote it."""
    learner: str
    lesson: str
    kind: str
    step: str
    body: dict[str, Any]

    @property
    def event(self) -> ev.Event | None:
        """The event; None for a kind that this version does not know."""
        return ev.from_row(self.kind, self.step, self.body)


class Store:
    """One learner's journal. `notices` are sentences that the learner should be shown once."""

    def __init__(self, db: sqlite3.Connection, home: Path, learner: str, clock: Clock, held: BaseFileLock | None):
        self.home = home
        self.learner = learner
        self.notices: list[str] = []
        self._db = db
        self._turn = RLock()
        """Threads that share a store take turns: since Python 3.13 sqlite3 itself no longer makes them wait."""
        self._clock = clock
        self._lock = held
        self._file = disk.identity(home / disk.NAME)

    @classmethod
    def open(cls, home: Path, learner: str, clock: Clock = utc_now) -> Store:
        """Open the journal to write in it, as the only tutor of this learner. A damaged file is set
        aside, with a notice.

        Raises JournalBusy, JournalNewer, or JournalError where the disk does not let us; then nothing was changed.
        """
        now = clock()
        with lock.opening(home):
            held = lock.take(home, learner, now)
            try:
                db, notices = disk.begin(home, learner, now)
            except BaseException:
                held.release()
                raise
        store = cls(db, home, learner, clock, held)
        store.notices = notices
        return store

    @classmethod
    def read(cls, home: Path, learner: str) -> Store:
        """Open the journal only to look; no journal yet is an empty one. Raises JournalNewer or JournalError."""
        return cls(disk.look(home / disk.NAME), home, learner, utc_now, None)

    def __enter__(self) -> Store:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the file and of the lock. Closing twice does no harm."""
        if self._lock is None:
            self._db.close()
            return
        with suppress(sqlite3.Error, OSError):
            self._db.close()
            disk.note_sound(self.home)
        self._lock.release()

    # --- writing ----------------------------------------------------------------------------------------------------

    def append(self, lesson: str, event: ev.Event) -> None:
        """Commit one event. When this returns it is on the disk. Raises JournalError; then it is not in the journal."""
        path = self.home / disk.NAME
        if disk.identity(path) != self._file:
            raise JournalError(
                f"The journal {path} is no longer there: it was removed, moved or replaced while this tutor had it open. "
                "Put it back, or start the tutor again."
            )
        kind, step, body = ev.to_row(event)
        at = self._clock().isoformat(timespec="milliseconds")
        self._do(
            "INSERT INTO events (at, version, learner, lesson, kind, step, body) VALUES (?, ?, ?, ?, ?, ?, ?)",
            (at, __version__, self.learner, lesson, kind, step, json.dumps(body, separators=(",", ":"))),
        )

    def bring(self, events: Sequence[Incoming]) -> Brought:
        """Add events of another journal: each once, all or none. Raises JournalError, and JournalBusy while another
        tutor has this file open, whoever's it is."""
        from tutor.journal.bring import bring

        with lock.alone(self.home, self.learner) as nobody_else:
            if not nobody_else:
                raise JournalBusy(f"Another tutor has the journal in {self.home} open. Close it first.")
            with self._turn:
                self._do("BEGIN IMMEDIATE")
                try:
                    brought = bring(self._db, self.learner, events)
                    self._db.execute("COMMIT")
                except sqlite3.Error as error:
                    self._db.rollback()
                    raise disk.said(error, self.home / disk.NAME) from None
                except BaseException:
                    self._db.rollback()
                    raise
        return brought

    def save_draft(self, lesson: str, step: str, field: str, text: str) -> None:
        """Keep what is typed; an empty text removes it. Sending an answer at the step removes its drafts by itself."""
        key = (self.learner, lesson, step, field)
        if text:
            self._do("INSERT OR REPLACE INTO drafts VALUES (?, ?, ?, ?, ?)", (*key, json.dumps(text)))
        else:
            self._do("DELETE FROM drafts WHERE learner = ? AND lesson = ? AND step = ? AND field = ?", key)

    # --- reading ----------------------------------------------------------------------------------------------------

    def events(self, lesson: str) -> list[ev.Event]:
        """The events of the lesson since it was last started, oldest first."""
        return [e for e in (r.event for r in self.taking(lesson)) if e is not None]

    def taking(self, lesson: str) -> Iterator[Record]:
        """The same, with what the journal knows about each."""
        begun = "SELECT max(id) FROM events WHERE learner = ?1 AND lesson = ?2 AND kind = 'started'"
        since = f"coalesce(({begun}), {-(2**62)})"  # what was brought in from elsewhere may have numbers below 0
        return self._records(f"learner = ?1 AND lesson = ?2 AND id >= {since}", (self.learner, lesson))

    def records(self, lesson: str | None = None) -> Iterator[Record]:
        """All that was ever stored of this learner (and this lesson), oldest first."""
        if lesson is None:
            return self._records("learner = ?1", (self.learner,))
        return self._records("learner = ?1 AND lesson = ?2", (self.learner, lesson))

    def record(self) -> list[Record]:
        """What the learner's record is made of: bets that a run decided, reviews, judged replies, skips and starts.
        Reads none of the runs, however many there are."""
        return list(self._records(f"learner = ?1 AND {schema.RECORD}", (self.learner,)))

    def notes(self) -> list[Record]:
        """The learner's notes, oldest first."""
        return list(self._records(f"learner = ?1 AND {schema.NOTED}", (self.learner,)))

    def settled(self) -> list[Record]:
        """Which notes the learner is done with, oldest first."""
        return list(self._records("learner = ?1 AND kind = 'settled'", (self.learner,)))

    def kept(self) -> list[Record]:
        """The turns of the tutor that left a question of the learner's open, oldest first."""
        keeps = (
            "json_valid(body) AND json_extract(body, '$.keeps') <> ''"  # or one body that is none would end the query
        )
        return list(self._records(f"learner = ?1 AND kind = 'said' AND {keeps}", (self.learner,)))

    def replies(self) -> list[Record]:
        """All that the learner wrote in answer to a question, oldest first."""
        return list(self._records("learner = ?1 AND kind = 'replied'", (self.learner,)))

    def written(self) -> Iterator[Record]:
        """All that was said, written and found, oldest first; of runs all but the figures, which are tens of kB each."""
        figures = "instr(body, ',\"figures\":')"
        body = (
            f"CASE WHEN kind = 'runfinished' AND {figures} THEN substr(body, 1, {figures} - 1) || '}}}}' ELSE body END"
        )
        return self._records(
            "learner = ?1 AND kind NOT IN ('judged', 'finished', 'continued', 'skipped', 'settled')",
            (self.learner,),
            body,
        )

    def draft(self, lesson: str, step: str) -> dict[str, str]:
        """What was typed at the step and not sent, by field."""
        rows = self._do(
            "SELECT field, text FROM drafts WHERE learner = ? AND lesson = ? AND step = ?", (self.learner, lesson, step)
        )
        return {field: json.loads(text) for field, text in rows}

    def progress(self) -> dict[str, Progress]:
        """How far each lesson is in which the learner has done or typed something, the one last worked on first. Reads a few rows
        a lesson.

        One that was opened and left is not begun. What stands aside from a lesson (a score, a note) does not move it. Reviews
        have a / in their name: no lesson. A lesson that was skipped from end to end is over, but was not done.
        """
        rows = self._do(
            """WITH begun AS
                (SELECT lesson AS name, max(id) AS start FROM events
                    WHERE learner = ?1 AND kind = 'started' AND instr(lesson, '/') = 0 GROUP BY lesson)
            SELECT name,
                last.id,
                (SELECT coalesce(max(id) > start, 0) FROM events
                    WHERE learner = ?1 AND lesson = name AND kind = 'finished'),
                (SELECT count(*) FROM events WHERE learner = ?1 AND lesson = name AND kind = 'finished'
                    AND instr(body, '"skipped":true') = 0)
            FROM begun JOIN events AS last
                ON last.id = (SELECT id FROM events WHERE learner = ?1 AND lesson = name
                    AND kind NOT IN ('scored', 'noted', 'reviewed', 'settled') ORDER BY id DESC LIMIT 1)
            WHERE EXISTS (SELECT 1 FROM events WHERE learner = ?1 AND lesson = name
                    AND kind NOT IN ('started', 'said', 'scored', 'noted', 'reviewed', 'settled'))
                OR EXISTS (SELECT 1 FROM drafts WHERE learner = ?1 AND lesson = name)
            ORDER BY last.id DESC""",
            (self.learner,),
        )
        return {lesson: Progress(last, bool(done), times) for lesson, last, done, times in rows}

    def learners(self) -> dict[str, int]:
        """Who has events in this journal, and how many."""
        return dict(self._do("SELECT learner, count(*) FROM events GROUP BY learner ORDER BY learner"))

    def check(self) -> str | None:
        """Read the whole file: what is wrong with it, or None."""
        try:
            with self._turn:
                schema.check(self._db)
        except schema.Damaged as damage:
            return str(damage)
        except sqlite3.Error as error:
            return str(error)
        return None

    def _records(self, where: str, values: tuple[str, ...], body: str = "body") -> Iterator[Record]:
        columns = f"id, at, version, learner, lesson, kind, step, {body}"
        for row in self._do(f"SELECT {columns} FROM events WHERE {where} ORDER BY id", values):
            try:
                yield Record(*row[:-1], body=dict(json.loads(row[-1])))  # type: ignore[misc]
            except (ValueError, TypeError):
                self.notices.append(f"Event {row[0]} of the journal cannot be read and was left out.")

    def _do(self, sql: str, values: tuple[str, ...] = ()) -> list[Any]:
        """One statement, which is one commit, and the rows it gives. Raises JournalError."""
        try:
            with self._turn:
                return self._db.execute(sql, values).fetchall()
        except sqlite3.Error as error:
            if schema.says_damaged(error):
                with suppress(OSError):
                    disk.sound_note(self.home).unlink(missing_ok=True)  # so that the next start looks at all of it
            raise disk.said(error, self.home / disk.NAME) from None
