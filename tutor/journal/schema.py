"""The tables of the journal, and what a journal on disk turns out to be."""

from __future__ import annotations

import sqlite3

VERSION = 1
"""The schema's version, kept in `user_version`."""

TABLES = (
    """CREATE TABLE events (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        at TEXT NOT NULL,
        version TEXT NOT NULL,
        learner TEXT NOT NULL,
        lesson TEXT NOT NULL,
        kind TEXT NOT NULL,
        step TEXT NOT NULL,
        body TEXT NOT NULL
    )""",
    "CREATE INDEX events_of_lesson ON events (learner, lesson, id)",
    # A lesson's state begins at its last start: these two find it, and how often it was done, without reading the rest.
    "CREATE INDEX events_started ON events (learner, lesson, id) WHERE kind = 'started'",
    "CREATE INDEX events_finished ON events (learner, lesson, id) WHERE kind = 'finished'",
    """CREATE TRIGGER events_stay BEFORE UPDATE ON events
        BEGIN SELECT RAISE(ABORT, 'events never change'); END""",
    """CREATE TRIGGER events_last BEFORE DELETE ON events
        BEGIN SELECT RAISE(ABORT, 'events are never removed'); END""",
    """CREATE TABLE drafts (
        learner TEXT NOT NULL,
        lesson TEXT NOT NULL,
        step TEXT NOT NULL,
        field TEXT NOT NULL,
        text TEXT NOT NULL,
        PRIMARY KEY (learner, lesson, step, field)
    ) WITHOUT ROWID""",
    # What was sent is no draft any more, in the same commit: no kill can leave it both sent and half-typed.
    """CREATE TRIGGER drafts_sent AFTER INSERT ON events
        WHEN NEW.kind IN ('replied', 'predicted', 'tweaked', 'skipped')
        BEGIN DELETE FROM drafts WHERE learner = NEW.learner AND lesson = NEW.lesson AND step = NEW.step; END""",
    """CREATE TRIGGER drafts_over AFTER INSERT ON events WHEN NEW.kind IN ('started', 'finished')
        BEGIN DELETE FROM drafts WHERE learner = NEW.learner AND lesson = NEW.lesson; END""",
)

RECORD = "kind IN ('judged', 'reviewed', 'scored', 'skipped', 'started')"
"""The events that a learner's record is made of. A query must hold these very words, or the index is no help to it."""
NOTED = "kind = 'noted'"

LATER = (
    # Runs are tens of kB each: the record and the notes are read without passing over them.
    f"CREATE INDEX IF NOT EXISTS events_record ON events (learner, id) WHERE {RECORD}",
    f"CREATE INDEX IF NOT EXISTS events_noted ON events (learner, id) WHERE {NOTED}",
)
"""What came to the tables after version 1. Indexes hold no data: a journal without them is whole, and any version of the
tutor that knows version 1 can still use one that has them."""


class Damaged(Exception):
    """The file is no journal, or not all of it can be read. The message says what was found."""


def version_of(db: sqlite3.Connection) -> int:
    """The schema's version of this file, 0 if it holds nothing yet. Raises Damaged where there are other tables."""
    version = int(db.execute("PRAGMA user_version").fetchone()[0])
    if VERSION < version < 1000:
        return version
    found = {row[0] for row in db.execute("SELECT sql FROM sqlite_master WHERE sql IS NOT NULL")}
    if version == 0 and not found:
        return 0
    if version != VERSION or not found >= set(TABLES):
        raise Damaged("its tables are not those of a journal")
    return version


def create(db: sqlite3.Connection) -> None:
    """Make the tables, all or none."""
    db.execute("BEGIN IMMEDIATE")
    with db:
        for statement in (*TABLES, *LATER):
            db.execute(statement)
        db.execute(f"PRAGMA user_version = {VERSION}")


def bring_up(db: sqlite3.Connection) -> None:
    """Add what an older tutor did not make. Does nothing where it is all there."""
    for statement in LATER:
        db.execute(statement)


def check(db: sqlite3.Connection) -> None:
    """Read the whole file. Raises Damaged if something does not fit together."""
    found = [str(row[0]) for row in db.execute("PRAGMA quick_check(1)")]
    if found != ["ok"]:
        raise Damaged("it does not hold together (" + found[0].splitlines()[-1] + ")")


def says_damaged(error: sqlite3.Error) -> bool:
    """Whether SQLite itself found the file damaged."""
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    return code in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)
