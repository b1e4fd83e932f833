"""The journal: what is stored comes back, and one tutor at a time writes it."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from tests.journal.writing import LESSON, latest, put, reply, texts
from tutor import __version__
from tutor.events import Continued, Finished, Noted, Predicted, Replied, RunFinished, Said, Started, Tweaked
from tutor.journal.errors import JournalBusy, JournalError
from tutor.journal.store import Clock, Progress, Store

# --- events ---------------------------------------------------------------------------------------------------------


def test_events_come_back_as_they_were(home: Path) -> None:
    events = [
        Started("", model="gpt2"),
        Said("warm-up", "elicit", "What would you notice?"),
        Replied("warm-up", "nothing\n [red]x[/red] \x1b[31m 日本 \udc80"),
        Predicted("guess", "dent", "there are so many", 70),
        RunFinished("do-it", {"facts": {"drop": 0.5, "rank": None}, "figures": [], "parameters": {"answer": " Mary"}}),
        Tweaked("break-it", {"layer": 3}),
    ]
    with Store.open(home, "me") as store:
        for event in events:
            store.append(LESSON, event)
        assert store.events(LESSON) == events
    with Store.open(home, "me") as store:
        assert store.events(LESSON) == events
        assert store.events("another") == []


def test_events_begin_at_the_last_start_and_nothing_is_lost(home: Path) -> None:
    with Store.open(home, "me") as store:
        for text in ("first", "second"):
            store.append(LESSON, Started(""))
            reply(store, text)
        assert store.events(LESSON) == [Started(""), Replied("warm-up", "second")]
        assert [r.body.get("text") for r in store.records() if r.kind == "replied"] == ["first", "second"]


def test_each_event_has_its_time_and_the_version_that_wrote_it(home: Path, clock: Clock) -> None:
    with Store.open(home, "ada", clock) as store:
        reply(store, "one")
        reply(store, "two")
        first, second = store.records(LESSON)
    assert (first.at, second.at) == ("2026-01-02T03:04:06.000+00:00", "2026-01-02T03:04:07.000+00:00")
    assert first.version == __version__
    assert (first.learner, first.kind, first.step) == ("ada", "replied", "warm-up")


@pytest.mark.parametrize("statement", ["UPDATE events SET body = '{}'", "DELETE FROM events"])
def test_events_can_be_neither_changed_nor_removed(home: Path, statement: str) -> None:
    with Store.open(home, "me") as store:
        reply(store, "kept")
    db = sqlite3.connect(home / "journal.db")
    with pytest.raises(sqlite3.IntegrityError, match="events"):
        db.execute(statement)
    db.close()
    assert texts(home) == ["kept"]


def test_an_event_of_an_unknown_kind_is_left_out_but_kept(home: Path) -> None:
    with Store.open(home, "me") as store:
        store.append(LESSON, Started(""))
        put(store, "drew", "{}")
        assert store.events(LESSON) == [Started("")]
        assert [r.kind for r in store.records()] == ["started", "drew"]


def test_an_event_that_cannot_be_read_is_left_out_with_a_notice(home: Path) -> None:
    with Store.open(home, "me") as store:
        put(store, "said", "{x")
        reply(store, "readable")
        assert store.events(LESSON) == [Replied("warm-up", "readable")]
        assert "Event 1" in store.notices[0]
        assert store.kept() == [], "nor does it take the notes with it"


def test_learners_do_not_see_each_other(home: Path) -> None:
    with Store.open(home, "ada") as ada, Store.open(home, "Ben Ö.") as ben:
        reply(ada, "from ada")
        reply(ben, "from ben")
        ada.save_draft(LESSON, "warm-up", "reply", "half")
        assert ben.draft(LESSON, "warm-up") == {}
        assert [e.text for e in ben.events(LESSON)] == ["from ben"]  # type: ignore[attr-defined]
        assert ada.learners() == {"Ben Ö.": 1, "ada": 1}


def test_threads_may_share_a_store(home: Path) -> None:
    with Store.open(home, "me") as store:

        def write() -> None:
            for _ in range(50):
                reply(store, "x")

        work = [threading.Thread(target=write) for _ in range(4)]
        for thread in work:
            thread.start()
        for thread in work:
            thread.join()
        assert len(store.events(LESSON)) == 200


# --- drafts ---------------------------------------------------------------------------------------------------------


def test_a_draft_comes_back_and_an_empty_one_goes(home: Path) -> None:
    with Store.open(home, "me") as store:
        store.save_draft(LESSON, "guess", "reason", "beca")
        store.save_draft(LESSON, "guess", "reason", "because \udc80")
        store.save_draft(LESSON, "guess", "answer", "dent")
    with Store.open(home, "me") as store:
        assert store.draft(LESSON, "guess") == {"answer": "dent", "reason": "because \udc80"}
        store.save_draft(LESSON, "guess", "reason", "")
        assert store.draft(LESSON, "guess") == {"answer": "dent"}


def test_sending_an_answer_removes_its_drafts_and_no_others(home: Path) -> None:
    with Store.open(home, "me") as store:
        for step in ("warm-up", "guess"):
            store.save_draft(LESSON, step, "reply", "half")
        store.append(LESSON, Said("warm-up", "probe", "And what else?"))
        assert store.draft(LESSON, "warm-up") == {"reply": "half"}, "the tutor's words are no answer"
        reply(store, "whole")
        assert store.draft(LESSON, "warm-up") == {}
        assert store.draft(LESSON, "guess") == {"reply": "half"}
        store.append(LESSON, Started(""))
        assert store.draft(LESSON, "guess") == {}


# --- progress -------------------------------------------------------------------------------------------------------


def test_progress_tells_where_each_lesson_stands(home: Path, clock: Clock) -> None:
    with Store.open(home, "me", clock) as store:
        assert store.progress() == {}
        assert latest(store) is None
        store.append("a", Started(""))
        reply(store, "x", "a")
        store.append("a", Finished(""))
        store.append("b", Started(""))
        store.append("b", Started(""))
        store.append("b", Continued("break-it"))
        assert store.progress() == {
            "b": Progress(6, False, 0),
            "a": Progress(3, True, 1),
        }
        assert latest(store) == "b"
        store.append("b", Finished(""))
        assert latest(store) is None
        store.append("a", Started(""))
        assert store.progress()["a"] == Progress(8, False, 1)
        assert list(store.progress()) == ["a", "b"], "the last touched comes first"
        assert latest(store) == "a"


def test_a_lesson_that_was_opened_and_left_is_not_begun(home: Path, clock: Clock) -> None:
    with Store.open(home, "me", clock) as store:
        store.append("a", Started(""))
        store.append("a", Said("warm-up", "elicit", "Why?"))
        store.append("", Noted("", "a note", "question"))
        assert store.progress() == {}
        store.save_draft("a", "warm-up", "reply", "hal")
        assert list(store.progress()) == ["a"], "half a word is a beginning"
        store.save_draft("a", "warm-up", "reply", "")
        assert store.progress() == {}
        reply(store, "x", "a")
        assert latest(store) == "a"


def test_reading_a_lesson_uses_its_index_however_long_the_journal(home: Path) -> None:
    with Store.open(home, "me") as store:
        store.append(LESSON, Started(""))
        queries: list[str] = []
        store._db.set_trace_callback(queries.append)
        store.events(LESSON)
        store.progress()
        store._db.set_trace_callback(None)
        assert queries
        for query in queries:
            plan = " / ".join(row[3] for row in store._db.execute("EXPLAIN QUERY PLAN " + query))
            assert "SCAN events" not in plan.replace("SCAN events USING COVERING INDEX events_started", ""), plan


# --- one tutor a learner --------------------------------------------------------------------------------------------


def test_a_second_tutor_is_told_who_has_the_journal(home: Path) -> None:
    with Store.open(home, "me") as store:
        reply(store, "before")
        holder = subprocess.Popen(
            [sys.executable, "-c", HOLD.format(home=str(home), learner="ben")],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert holder.stdout is not None
        assert holder.stdout.readline() == "open\n"
        with pytest.raises(JournalBusy, match=rf"process {holder.pid}, open since .*--learner NAME.*--home DIR"):
            Store.open(home, "ben")
        holder.kill()
        holder.wait()
        with Store.open(home, "ben") as ben:
            assert ben.notices == []
        reply(store, "after")
    assert texts(home) == ["before", "after"]


def test_the_lock_is_the_stores_whichever_thread_opens_and_closes_it(home: Path) -> None:
    stores: list[Store] = []
    thread = threading.Thread(target=lambda: stores.append(Store.open(home, "me")))
    thread.start()
    thread.join()
    with pytest.raises(JournalBusy):
        Store.open(home, "me")
    reply(stores[0], "from here")
    stores[0].close()
    stores[0].close()
    with Store.open(home, "me") as store:
        assert store.events(LESSON) == [Replied("warm-up", "from here")]


HOLD = """
import sys
from pathlib import Path
from tutor.journal.store import Store
store = Store.open(Path({home!r}), {learner!r})
print("open", flush=True)
sys.stdin.read()
"""


def test_reading_needs_no_lock_and_sees_what_was_written(home: Path) -> None:
    with Store.open(home, "me") as store:
        reply(store, "just now")
        assert texts(home) == ["just now"]


def test_reading_where_nothing_is_makes_nothing(home: Path) -> None:
    assert texts(home) == []
    assert not home.exists()


def test_a_reader_cannot_write(home: Path) -> None:
    Store.open(home, "me").close()
    with Store.read(home, "me") as store, pytest.raises(JournalError, match="may not be written"):
        reply(store, "no")
