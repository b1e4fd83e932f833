"""A year of use: the map and the record read a few rows through an index, never the runs. `make bench-year` has the times."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from benchmarks.year import END, write_year
from tutor import events as ev
from tutor.course import load_course
from tutor.journal import schema
from tutor.journal.store import Store
from tutor.record.overview import Overview, overview


@pytest.fixture(scope="module")
def year(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("year")
    write_year(home, 2000)
    return home


def plans(store: Store, read: str) -> Iterator[str]:
    """How SQLite goes about each statement that the store's method runs."""
    statements: list[str] = []
    store._db.set_trace_callback(statements.append)
    getattr(store, read)()
    store._db.set_trace_callback(None)
    assert statements
    for statement in statements:
        yield from (row[3] for row in store._db.execute(f"EXPLAIN QUERY PLAN {statement}"))


@pytest.mark.parametrize(
    ("read", "index"), [("record", "events_record"), ("notes", "events_noted"), ("progress", "events_started")]
)
def test_what_the_map_reads_is_found_through_an_index(year: Path, read: str, index: str) -> None:
    with Store.read(year, "me") as store:
        steps = list(plans(store, read))
    assert any(index in step for step in steps), steps
    assert not [step for step in steps if step.startswith("SCAN") and "events" in step and "INDEX" not in step], steps
    assert not [step for step in steps if "TEMP B-TREE" in step and read != "progress"], "the index has the order"


def test_the_record_holds_no_run(year: Path) -> None:
    with Store.read(year, "me") as store:
        rows = store.record()
        everything = sum(1 for _ in store.records())
    assert {r.kind for r in rows} <= {"judged", "reviewed", "scored", "skipped", "started"}
    assert 0 < len(rows) < everything / 2
    assert max(len(str(r.body)) for r in rows) < 2000


def read_overview(home: Path) -> Overview:
    with Store.read(home, "me") as store:
        return overview(store.record(), load_course().lessons, END)


def test_a_year_gives_a_record_with_all_its_parts(year: Path) -> None:
    of = read_overview(year)
    assert [f.title for f in of.figures()] == [
        "Of the bets you were so sure of, how many came true",
        "Brier score over time",
        "By how sure you were",
        "By concept",
        "By kind of bet",
        "Surprises",
    ]
    assert of.cards
    assert 0 < len(of.due) <= 5
    assert of.words


def test_a_surprise_whose_lesson_is_gone_is_counted_and_does_not_come_back(year: Path) -> None:
    with Store.read(year, "me") as store:
        of = overview(store.record(), [], END)
    assert of.cards == of.due == ()
    assert of.gone > 0


def test_a_journal_of_an_older_tutor_gets_the_indexes_and_keeps_all(tmp_path: Path) -> None:
    with Store.open(tmp_path, "me") as store:
        store.append("silence-one-head", ev.Started("", model="gpt2"))
    db = sqlite3.connect(tmp_path / "journal.db")
    for name in ("events_record", "events_noted"):
        db.execute(f"DROP INDEX {name}")
    db.commit()
    assert schema.version_of(db) == schema.VERSION
    db.close()
    with Store.read(tmp_path, "me") as looking:  # it may only look: it works, and nothing is added
        assert [r.kind for r in looking.record()] == ["started"]
    with Store.open(tmp_path, "me") as store:
        assert store.notices == []
        assert [r.kind for r in store.record()] == ["started"]
        names = {row[0] for row in store._db.execute("SELECT name FROM sqlite_master WHERE type = 'index'")}
    assert {"events_record", "events_noted"} <= names


def test_times_that_cannot_be_read_are_left_out(tmp_path: Path) -> None:
    kind, step, body = ev.to_row(ev.Scored("guess", 0, "choice", False, 0.1, 90, "", ""))
    columns = "at, version, learner, lesson, kind, step, body"
    with Store.open(tmp_path, "me") as store:
        for at in ("not a time", "2026-03-01T10:00:00+00:00"):
            values = (at, "9", "me", "silence-one-head", kind, step, json.dumps(body))
            store._db.execute(f"INSERT INTO events ({columns}) VALUES (?, ?, ?, ?, ?, ?, ?)", values)
        found = overview(store.record(), [], END)
    assert [b.at.day for b in found.history.bets] == [1]
