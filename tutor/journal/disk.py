"""The journal's file: opening it, setting a damaged one aside, and SQLite's errors in words for a person."""

from __future__ import annotations

import sqlite3
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from tutor.journal import lock, schema
from tutor.journal.errors import JournalError, JournalNewer
from tutor.journal.schema import Damaged

NAME = "journal.db"
PARTS = ("", "-wal", "-shm")
"""The endings of the files that SQLite keeps a journal in."""


def begin(home: Path, learner: str, now: datetime) -> tuple[sqlite3.Connection, list[str]]:
    """The journal to write in, and what the learner should know. The caller holds the locks. Raises JournalError."""
    path = home / NAME
    try:
        if not _size(path) and _size(_part(path, "-wal")):
            raise Damaged("its main file is gone")  # SQLite would throw the log away
        if _emptied(path):
            raise Damaged("it is empty")
        return _connect(path), []
    except Damaged as damage:
        with lock.alone(home, learner) as nobody_else:
            if not nobody_else:
                raise JournalError(
                    f"The journal {path} is damaged ({damage}) and another tutor has it open. "
                    "Close that one, then start again: the file will be set aside."
                ) from None
            kept = _set_aside(path, now)
        notice = f"The journal was damaged ({damage}). It is kept as {kept}, and a new one was begun."
        try:
            return _connect(path), [notice]
        except Damaged as again:  # a disk that damages what was just written
            raise JournalError(f"The journal {path} cannot be begun: {again}.") from None


def _connect(path: Path) -> sqlite3.Connection:
    """Open or create the file. Raises Damaged, JournalNewer or JournalError."""
    try:
        db = _connection(str(path))
    except sqlite3.Error as error:
        raise said(error, path) from None
    try:
        sound = _is_sound(path.parent)
        db.execute("PRAGMA synchronous = FULL")
        version = schema.version_of(db)
        if version > schema.VERSION:
            raise _newer(path, version)
        db.execute("PRAGMA journal_mode = WAL")
        if version == 0:
            schema.create(db)
        else:
            if not sound:
                schema.check(db)
            schema.bring_up(db)
        db.execute("BEGIN IMMEDIATE")  # a file that may not be written says so now, not at the first answer
        db.execute("ROLLBACK")
        return db
    except sqlite3.Error as error:
        db.close()
        if schema.says_damaged(error):
            raise Damaged(str(error)) from None
        raise said(error, path) from None
    except BaseException:
        db.close()
        raise


def look(path: Path) -> sqlite3.Connection:
    """The journal to look at. Creates, mends and moves nothing. Raises JournalNewer or JournalError."""
    if _emptied(path):
        raise JournalError(f"The journal {path} is damaged: it is empty. Start the tutor: it sets the file aside.")
    if not _size(path) and not _size(_part(path, "-wal")):
        db = sqlite3.connect(":memory:", isolation_level=None)
        schema.create(db)
        return db
    uri = path.absolute().as_uri() + "?mode=ro"
    try:
        try:
            db = _connection(uri)
            version = schema.version_of(db)
        except sqlite3.OperationalError:
            if _size(_part(path, "-wal")):
                raise
            # Even to read, SQLite writes beside the file. Where it may not, and no log waits, the file is all there is.
            db = _connection(uri + "&immutable=1")
            version = schema.version_of(db)
    except sqlite3.Error as error:
        raise said(error, path) from None
    except Damaged as damage:
        raise JournalError(f"The journal {path} is damaged: {damage}.") from None
    if version > schema.VERSION:
        db.close()
        raise _newer(path, version)
    return db


def _connection(where: str) -> sqlite3.Connection:
    """A connection in which every statement is a commit, threads may share, and text that is not UTF-8 can be read."""
    db = sqlite3.connect(where, uri=where.startswith("file:"), timeout=2, isolation_level=None, check_same_thread=False)
    db.text_factory = lambda raw: raw.decode("utf-8", "replace")
    return db


def _set_aside(path: Path, now: datetime) -> Path:
    """Rename the journal and what belongs to it to a name that is free. Raises JournalError."""
    stem = f"journal.damaged-{now.astimezone(UTC).strftime('%Y%m%dT%H%M%SZ')}"
    names = (f"{stem}{more}.db" for more in ("", *(f"-{n}" for n in range(2, 1000))))
    kept = next(p for p in map(path.with_name, names) if not any(_part(p, s).exists() for s in PARTS))
    try:
        for part in PARTS:
            with suppress(FileNotFoundError):
                _part(path, part).rename(_part(kept, part))
    except OSError as error:
        raise JournalError(f"The journal {path} is damaged and cannot be set aside: {lock.reason(error)}.") from None
    return kept


def identity(path: Path) -> tuple[int, int] | None:
    """Which file this is, whatever its name; None where there is none."""
    try:
        stat = path.stat()
    except OSError:
        return None
    return stat.st_dev, stat.st_ino


def _emptied(path: Path) -> bool:
    """Whether nothing is left of a journal that was closed well; one that was never filled is a new one."""
    return path.exists() and not _size(path) and not _size(_part(path, "-wal")) and sound_note(path.parent).exists()


def _part(path: Path, part: str) -> Path:
    return path.with_name(path.name + part)


def _size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0


# --- a journal that was closed well need not be read through at the next start --------------------------------------


def sound_note(home: Path) -> Path:
    return home / "journal.ok"


def _state(home: Path) -> str | None:
    """Size and time of change of the file; None while a log waits beside it."""
    file = home / NAME
    if _size(_part(file, "-wal")):
        return None
    stat = file.stat()
    return f"{stat.st_size} {stat.st_mtime_ns}"


def note_sound(home: Path) -> None:
    if (state := _state(home)) is not None:
        sound_note(home).write_text(state, encoding="utf-8")


def _is_sound(home: Path) -> bool:
    """Whether nobody has touched the file since it was last closed well."""
    try:
        return sound_note(home).read_text(encoding="utf-8") == _state(home)
    except (OSError, ValueError):
        return False


# --- words ----------------------------------------------------------------------------------------------------------


def _newer(path: Path, version: int) -> JournalNewer:
    return JournalNewer(
        f"The journal {path} was written by a newer llmw-tutor (schema {version}, this one reads {schema.VERSION}). "
        "Update llmw-tutor, or use another folder (--home DIR). The journal was left as it is."
    )


def said(error: sqlite3.Error, path: Path) -> JournalError:
    """SQLite's error with what to do about it."""
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    if schema.says_damaged(error):
        return JournalError(f"The journal {path} is damaged ({error}). Start the tutor again: it sets the file aside.")
    todo = {
        sqlite3.SQLITE_FULL: "The disk is full. Make room, then send it again.",
        sqlite3.SQLITE_IOERR: "The disk did not take it. See whether it is full or was taken out, then send it again.",
        sqlite3.SQLITE_READONLY: "It may not be written. See who owns it and its folder, or use --home DIR.",
        sqlite3.SQLITE_CANTOPEN: "See whether its folder is there and may be written, or use --home DIR.",
        sqlite3.SQLITE_BUSY: "Another program is writing in it. Try again.",
    }.get(code, "")
    return JournalError(f"The journal {path} could not be used: {error}. {todo}".rstrip())
