"""The map at every size: nothing done yet, much done and something due, long and wide words, notices."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from tests.ui.look import environment, until
from tests.ui.snapshots import NOON, Album
from tests.ui.stage import FIRST, LESSON, FakeApp, course, lesson
from tutor import events as ev
from tutor.course.source import Problem
from tutor.journal.store import Store
from tutor.session import Session
from tutor.ui.themes import PAPER

ID = "silence-one-head"
WITH = {"layer": 1, "head": 2, "answer": " Mary", "distractor": " John",
        "prompt": "When Mary and John went to the store, John gave a drink to"}  # fmt: skip
LONG = FIRST.replace("What comes next, and how sure is it", "What comes next when one asks, and how sure of it is "
                     "a model that has seen nearly all there is to see")  # fmt: skip
WIDE = LESSON.replace("Silence one head", "注意頭を一つ黙らせる 🙂 そして何が残るかを見る、それから予測する")


def a_past(home: Path) -> Path:
    """A home in which one lesson was done, another begun, and a confident bet went wrong three days ago."""
    with Store.open(home, "me", clock=lambda: NOON - timedelta(days=3)) as store:
        for event in (ev.Started(""), ev.Finished("")):
            store.append("what-comes-next", event)
        session = Session(lesson(LESSON), store)
        session.record(ev.Skipped("warm-up"))
        for n, (right, sure) in enumerate([(False, 90), (True, 70), (True, 80)]):
            store.append(ID, ev.Scored("guess", n, "choice", right, float(right), sure, "The lead is gone",
                                       "It shrinks, Mary still wins", ("ablation", "redundancy"), "head_ablation",
                                       WITH, "gpt2"))  # fmt: skip
    return home


async def test_nothing_done(tmp_path: Path, album: Album) -> None:
    app = FakeApp(tmp_path)
    async with app.run_test(size=(120, 40)) as pilot:
        await until(pilot, lambda: app.home.overview)
        await album.take(pilot, "nothing done")


async def test_all_done(tmp_path: Path, album: Album) -> None:
    with Store.open(tmp_path, "me", clock=lambda: NOON - timedelta(days=3)) as store:
        for id in ("what-comes-next", ID):
            store.append(id, ev.Started(""))
            store.append(id, ev.Finished(""))
    app = FakeApp(tmp_path)
    async with app.run_test(size=(120, 40)) as pilot:
        await until(pilot, lambda: app.home.overview)
        await album.take(pilot, "all done")


@pytest.mark.parametrize("look", ["dark", "light", "no colour"])
async def test_some_done_and_something_due(tmp_path: Path, album: Album, look: str) -> None:
    a_past(tmp_path)
    with environment(NO_COLOR="1" if look == "no colour" else None):
        app = FakeApp(tmp_path)
    if look == "light":
        app.theme = PAPER.name
    async with app.run_test(size=(120, 40)) as pilot:
        await until(pilot, lambda: app.home.overview)
        await pilot.press("j", "j")
        await album.take(pilot, "due")


async def test_long_and_wide_words_and_notices(tmp_path: Path, album: Album) -> None:
    broken = (Problem("a.yaml", 1, 1, "wrong"), Problem("b.yaml", 1, 1, "wrong"))
    app = FakeApp(tmp_path, of=course(LONG, WIDE, problems=broken))
    async with app.run_test(size=(120, 40)) as pilot:
        await until(pilot, lambda: app.home.overview)
        app.home.notice(
            "The journal was damaged and set aside as journal.db.2026-03-14-120000.damaged; a new one is there. 日記"
        )
        await pilot.press("j")
        await album.take(pilot, "notices")
