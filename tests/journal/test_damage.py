"""Damage and bad disks: nothing is overwritten, the learner is told, and there is a way on."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from tests.journal.writing import LESSON, reply, texts
from tutor.events import Replied, Started
from tutor.journal.errors import JournalError, JournalNewer
from tutor.journal.store import Clock, Store


def a_journal(home: Path) -> bytes:
    with Store.open(home, "me") as store:
        store.append(LESSON, Started(""))
        for i in range(200):
            reply(store, f"{i} " + "x" * 200)
    return (home / "journal.db").read_bytes()


def not_a_database(good: bytes) -> bytes:
    return b"this is no database" * 500


def cut_short(good: bytes) -> bytes:
    return good[: len(good) // 2 + 100]


def overwritten(good: bytes) -> bytes:
    return good[:4096] + b"\xff" * 8192 + good[12288:]


def other_tables(good: bytes) -> bytes:
    db = sqlite3.connect(":memory:")
    db.execute("CREATE TABLE recipes (name TEXT)")
    return db.serialize()


def emptied(good: bytes) -> bytes:
    return b""


@pytest.mark.parametrize("damage", [not_a_database, emptied, cut_short, overwritten, other_tables])
def test_a_damaged_journal_is_set_aside_whole_and_said(home: Path, damage: object, clock: Clock) -> None:
    damaged = damage(a_journal(home))  # type: ignore[operator]
    for name in ("journal.damaged-20260102T030405Z-2.db", "journal.damaged-20260102T030405Z.db"):
        (home / name).write_bytes(b"an older one")
    (home / "journal.db").write_bytes(damaged)
    with Store.open(home, "me", clock) as store:
        (notice,) = store.notices
        assert store.events(LESSON) == []
        reply(store, "a fresh start")
    kept = home / "journal.damaged-20260102T030405Z-3.db"
    assert str(kept) in notice
    assert "damaged" in notice
    assert kept.read_bytes() == damaged
    assert (home / "journal.damaged-20260102T030405Z.db").read_bytes() == b"an older one"
    assert texts(home) == ["a fresh start"]


def test_a_journal_whose_main_file_vanished_keeps_its_log(home: Path) -> None:
    a_journal(home)
    (home / "journal.db").unlink()
    (home / "journal.db-wal").write_bytes(b"what there is of it")
    with Store.open(home, "me") as store:
        assert "damaged" in store.notices[0]
    (kept,) = home.glob("journal.damaged-*-wal")
    assert kept.read_bytes() == b"what there is of it"


def test_a_damaged_journal_that_another_tutor_has_open_is_left_alone(home: Path) -> None:
    a_journal(home)
    other = Store.open(home, "ben")
    (home / "journal.db").write_bytes(b"this is no database" * 500)
    with pytest.raises(JournalError, match="another tutor has it open"):
        Store.open(home, "me")
    other._lock.release()  # type: ignore[union-attr]
    with Store.open(home, "me") as store:
        assert len(store.notices) == 1


def test_any_damage_ends_in_a_journal_that_works(home: Path) -> None:
    """Bytes overwritten anywhere: the journal opens, as it was or anew, and takes an answer."""
    good = a_journal(home)
    for place in range(0, len(good), 1531):
        (home / "journal.db").write_bytes(good[:place] + b"\x00\xff\x13\x37" * 16 + good[place + 64 :])
        with Store.open(home, "me") as store:
            reply(store, "still here")
            assert store.events(LESSON)[-1] == Replied("warm-up", "still here")


def test_a_journal_closed_well_and_not_touched_is_not_read_through_again(home: Path) -> None:
    a_journal(home)
    assert checks_at_opening(home) == 0
    good = (home / "journal.db").read_bytes()
    (home / "journal.db").write_bytes(good)
    assert checks_at_opening(home) == 1, "somebody wrote it"


def checks_at_opening(home: Path) -> int:
    code = """
import sys
from pathlib import Path
from tutor.journal import schema, store
count = 0
def counted(db, check=schema.check):
    global count
    count += 1
    check(db)
schema.check = counted
store.Store.open(Path(sys.argv[1]), "me").close()
print(count)
"""
    out = subprocess.run([sys.executable, "-c", code, str(home)], capture_output=True, text=True, check=True).stdout
    return int(out)


def test_a_newer_journal_is_refused_and_left_as_it_is(home: Path) -> None:
    a_journal(home)
    db = sqlite3.connect(home / "journal.db")
    db.execute("PRAGMA user_version = 2")
    db.close()
    before = (home / "journal.db").read_bytes()
    for attempt in (Store.open, Store.read):
        with pytest.raises(JournalNewer, match="newer llmw-tutor"):
            attempt(home, "me")
    assert (home / "journal.db").read_bytes() == before
    assert not list(home.glob("journal.damaged*"))


# --- the disk -------------------------------------------------------------------------------------------------------


def test_a_full_disk_is_one_line_and_nothing_moves(home: Path) -> None:
    code = """
import resource, sys
from pathlib import Path
from tutor.events import Replied
from tutor.journal.errors import JournalError
from tutor.journal.store import Store
with Store.open(Path(sys.argv[1]), "me") as store:
    store.append("a", Replied("s", "before"))
    resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, 200_000))
    try:
        for i in range(1000):
            store.append("a", Replied("s", "x" * 1000))
    except JournalError as error:
        print(error)
    print(len(store.events("a")) - 1 == i)
"""
    out = subprocess.run([sys.executable, "-c", code, str(home)], capture_output=True, text=True, check=True).stdout
    said, same = out.splitlines()
    assert "disk" in said
    assert same == "True", "what was refused is not there, what was taken is"
    assert texts(home, lesson="a")[0] == "before"


def test_a_home_that_cannot_be_made_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(JournalError, match="cannot write"):
        Store.open(tmp_path / "file" / "home", "me")
    (tmp_path / "home" / "journal.db").mkdir(parents=True)
    with pytest.raises(JournalError, match="could not be used"):
        Store.open(tmp_path / "home", "me")


@pytest.mark.parametrize("how", ["removed", "replaced", "moved"])
def test_a_journal_that_is_no_longer_there_takes_nothing_more(home: Path, how: str) -> None:
    """SQLite would go on writing in a file that nobody can find again."""
    with Store.open(home, "me") as store:
        reply(store, "kept")
        file = home / "journal.db"
        if how == "moved":
            home = home.rename(home.with_name("elsewhere"))
        else:
            file.unlink()
        if how == "replaced":
            file.write_bytes(b"")
        with pytest.raises(JournalError, match=r"is no longer there: it was removed, moved or replaced .* Put it back"):
            reply(store, "lost")
