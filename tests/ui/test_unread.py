"""A journal that can no longer be read, or that refuses a note, under an open tutor: what needs it says why, and everything
else goes on."""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from textual.command import CommandPalette
from textual.pilot import Pilot
from textual.widgets import OptionList

from tests.ui.drive import ID, reach, said, write
from tests.ui.look import until
from tests.ui.stage import FakeApp
from tutor import events as ev
from tutor.journal.disk import NAME
from tutor.journal.errors import JournalError
from tutor.journal.store import Store
from tutor.todo import Hear
from tutor.ui.screens.note import NoteCard
from tutor.ui.screens.notes import NotesScreen
from tutor.ui.screens.record import RecordScreen
from tutor.ui.screens.search import SearchScreen


def spoil(home: Path) -> None:
    """As another program would that cannot keep its hands off."""
    with sqlite3.connect(home / NAME) as db:
        db.execute("DROP TABLE drafts")
        db.execute("DROP TABLE events")
    db.close()


@asynccontextmanager
async def spoiled(home: Path) -> AsyncIterator[tuple[FakeApp, Pilot[int]]]:
    """The map, over a journal that could be read until now."""
    app = FakeApp(home)
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: app.overview)
        spoil(home)
        yield app, pilot


async def test_a_note_and_the_record_open_all_the_same(tmp_path: Path) -> None:
    async with spoiled(tmp_path) as (app, pilot):
        await pilot.press("ctrl+t")
        await until(pilot, lambda: isinstance(app.screen, NoteCard) and app.focused)
        await write(pilot, "kept?", "enter")
        await until(pilot, lambda: "Not kept: " in said(app))
        await pilot.press("escape", "escape")
        await until(pilot, lambda: app.screen is app.home)
        await pilot.press("m")
        await until(pilot, lambda: isinstance(app.screen, RecordScreen))


async def test_the_palette_offers_what_does_not_need_it(tmp_path: Path) -> None:
    async with spoiled(tmp_path) as (app, pilot):
        await pilot.press("ctrl+p")
        await until(pilot, lambda: isinstance(app.screen, CommandPalette) and app.screen.has_class("-ready"))
        await write(pilot, "Quit")
        await until(pilot, lambda: "What you typed is kept" in said(app))


async def test_who_goes_to_a_lesson_from_elsewhere_is_told_where_they_are(tmp_path: Path) -> None:
    app = FakeApp(tmp_path)
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        await until(pilot, lambda: app.overview and app.desk)
        assert app.desk
        taking = app.desk.session(ID)
        taking.record(ev.Said("warm-up", "elicit", "What would lead you there?"))
        await pilot.press("s")
        await until(pilot, lambda: isinstance(app.screen, SearchScreen) and app.focused)
        await write(pilot, "lead")
        await until(pilot, lambda: app.screen.query_one(OptionList).option_count)
        spoil(tmp_path)
        await pilot.press("enter")
        await until(pilot, lambda: any("no such table" in n.message for n in app._notifications))


async def test_a_lesson_begun_before_says_that_it_cannot_save(tmp_path: Path) -> None:
    app = FakeApp(tmp_path, ID)
    async with app.run_test(size=(80, 24)) as pilot:
        await reach(pilot, Hear)
        spoil(tmp_path)
        await write(pilot, "right", "enter")
        await until(pilot, lambda: "Not saved: " in said(app))


async def test_who_quits_over_a_note_that_cannot_be_kept_is_asked_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = FakeApp(tmp_path, ID)
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        await reach(pilot, Hear)
        await pilot.press("ctrl+t")
        await until(pilot, lambda: isinstance(app.screen, NoteCard) and app.focused)
        await write(pilot, "an idea")

        def full(*_: object) -> None:
            raise JournalError("The disk is full.")

        monkeypatch.setattr(Store, "save_draft", full)
        await pilot.press("ctrl+q")
        await until(pilot, lambda: any("What you typed is not kept" in n.message for n in app._notifications))
        assert app.is_running
        await pilot.press("ctrl+q")
    assert app.return_code == 0


async def test_an_edit_that_was_saved_by_half_is_not_added_twice(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    append = Store.append

    def full(store: Store, lesson: str, event: ev.Event) -> None:
        if isinstance(event, ev.Settled):
            raise JournalError("The disk is full.")
        append(store, lesson, event)

    with Store.open(tmp_path, "me") as store:
        store.append("", ev.Noted("", "a prompt of 200 words", "failed"))
    app = FakeApp(tmp_path)
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: app.home.board)
        await pilot.press("n")
        await until(pilot, lambda: isinstance(app.screen, NotesScreen) and app.screen.entries)
        screen = app.screen
        await pilot.press("e")
        await until(pilot, lambda: isinstance(app.screen, NoteCard) and app.focused)
        with monkeypatch.context() as patch:
            patch.setattr(Store, "append", full)
            await write(pilot, ", all one", "enter")
            await until(pilot, lambda: "Not kept: The disk is full." in said(app))
        await pilot.press("enter")
        await until(pilot, lambda: app.screen is screen)
    with Store.read(tmp_path, "me") as store:
        assert [r.body["text"] for r in store.notes()] == ["a prompt of 200 words", "a prompt of 200 words, all one"]
