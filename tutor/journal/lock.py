"""One tutor at a time for each learner of a home. The system lets go when the process ends, however it ends."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from tutor.journal.errors import JournalBusy, JournalError

if TYPE_CHECKING:
    from filelock import BaseFileLock

FOLDER = "locks"


@dataclass(frozen=True)
class Holder:
    """Who holds a lock: read for a message, never to decide whether the lock is held."""

    learner: str
    pid: int
    since: str
    """UTC, ISO 8601."""

    def __str__(self) -> str:
        try:
            since = datetime.fromisoformat(self.since).astimezone().strftime("%Y-%m-%d %H:%M")
        except (TypeError, ValueError):
            since = "an unknown time"
        return f"process {self.pid}, open since {since}"


def take(home: Path, learner: str, now: datetime) -> BaseFileLock:
    """Take the learner's lock without waiting. Raises JournalBusy, naming the holder."""
    lock = _lock(_place(home, learner))
    if not _acquire(lock):
        held = holder(home, learner)
        by = f" ({held})" if held else ""
        raise JournalBusy(
            f"Another tutor{by} has the journal of {learner!r} open. Go on there, or close it first. "
            "To open a second tutor, give it a learner (--learner NAME) or a folder (--home DIR) of its own."
        )
    note = Holder(learner, os.getpid(), now.isoformat(timespec="seconds"))
    with suppress(OSError):
        _place(home, learner).with_suffix(".json").write_text(json.dumps(asdict(note)), encoding="utf-8")
    return lock


def holder(home: Path, learner: str) -> Holder | None:
    """Who holds the learner's lock, or held it last; None if that is not known."""
    try:
        return Holder(**json.loads(_place(home, learner).with_suffix(".json").read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return None


def busy(home: Path) -> list[Holder]:
    """The tutors that have this home open. Changes nothing."""
    held = []
    for path in sorted((home / FOLDER).glob("*.lock")):
        lock = _lock(path)
        try:
            free = _acquire(lock)
        except JournalError:
            continue  # not ours to look into
        if free:
            lock.release()
        else:
            with suppress(OSError, ValueError, TypeError):
                held.append(Holder(**json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))))
    return held


@contextmanager
def alone(home: Path, learner: str) -> Iterator[bool]:
    """Hold the locks of all other learners for a moment. Yields whether they could be had: no other tutor is open."""
    mine, taken, free = _place(home, learner), [], True
    try:
        for path in sorted((home / FOLDER).glob("*.lock")):
            if path != mine:
                lock = _lock(path)
                free = _acquire(lock) and free
                taken.append(lock)
        yield free
    finally:
        for lock in taken:
            lock.release()


def opening(home: Path) -> BaseFileLock:
    """Held while a tutor opens the journal, so that two never create or set aside one file at once."""
    lock = _lock(home / "journal.lock")
    if not _acquire(lock, wait=10):
        raise JournalError(f"Another tutor has been opening the journal in {home} for 10 seconds; try again.")
    return lock


def _place(home: Path, learner: str) -> Path:
    """The lock file: learners have names that need not be file names."""
    return home / FOLDER / f"{hashlib.sha256(learner.encode()).hexdigest()[:16]}.lock"


def _lock(path: Path) -> BaseFileLock:
    from filelock import FileLock  # here, since it takes 45 ms to import

    return FileLock(path, thread_local=False)  # a screen opens its journal in one thread and closes it in another


def _acquire(lock: BaseFileLock, wait: float = 0) -> bool:
    from filelock import Timeout

    try:
        Path(lock.lock_file).parent.mkdir(parents=True, exist_ok=True)
        lock.acquire(timeout=wait)
    except Timeout:
        return False
    except OSError as error:
        raise JournalError(f"cannot write in {Path(lock.lock_file).parent}: {reason(error)}") from None
    return True


def reason(error: OSError) -> str:
    """Why, without the path that the message names anyway."""
    return (error.strerror or str(error)).lower()
