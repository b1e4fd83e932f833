"""What lies over a lesson or the map: help, palette, a question, code, the model, a note; the journal's lists, the record."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from textual.command import CommandList, CommandPalette
from textual.content import Content
from textual.pilot import Pilot
from textual.widgets import Static

from engine.protocol import ModelInfo
from tests.ui.drive import ID, bet, reach, screen, write
from tests.ui.look import environment, until
from tests.ui.snapshots import NOON, Album, resize
from tests.ui.stage import LESSON, FakeApp, lesson
from tests.ui.test_snapshots_home import a_past
from tutor import events as ev
from tutor.journal.store import Store
from tutor.session import Session
from tutor.todo import AskBet, Done, Hear
from tutor.ui.figures import FigurePanel
from tutor.ui.screens.confirm import Confirm
from tutor.ui.screens.note import NoteCard
from tutor.ui.screens.notes import NotesScreen
from tutor.ui.screens.page import Page
from tutor.ui.screens.record import RecordScreen
from tutor.ui.screens.review import ReviewScreen
from tutor.ui.screens.search import SearchScreen
from tutor.ui.themes import PAPER
from tutor.ui.widgets.choices import Choices

HOME = Path("/home/ada/.local/share/llmw-tutor")
MODEL = ModelInfo(name="smollm2-135m", family="llama", n_layers=30, n_heads=9, d_model=576, d_mlp=1536, n_vocab=49_152,
                  n_ctx=8192, n_parameters=134_515_008, device="cpu", dtype="float32", bytes=538_060_032)  # fmt: skip


def a_journal(home: Path) -> Path:
    """A home with a lesson begun, and notes that are short, long and wide."""
    with Store.open(home, "me", clock=lambda: NOON - timedelta(days=2)) as store:
        session = Session(lesson(LESSON), store)
        session.record(ev.Said("warm-up", "elicit", "If one of them fell silent, what would you notice?"))
        session.record(ev.Replied("warm-up", "one of many is nothing much, " * 9))
        session.record(ev.Judged("warm-up", "right", ("redundancy", "lead")))
        store.append(ID, ev.Scored("guess", 0, "choice", False, 0.1, 90, "The lead is gone", "It shrinks"))
        store.append(ID, ev.Replied("keep", "heads share the work [of] many 頭は仕事を分け合う 🙂"))
        store.append("", ev.Noted("", "does GPT-2 do the same?"))
        store.append(
            "", ev.Noted("", "guessing the entropy first, before looking at any of the tokens, " * 4, "worked")
        )
        store.append(ID, ev.Noted("warm-up", "二百語のプロンプト、長すぎる 🙂", "failed"))
    return home


async def on(pilot: Pilot[Any], kind: type) -> Any:
    """Wait until this screen is there, with a focus."""
    await until(pilot, lambda: isinstance(pilot.app.screen, kind) and (pilot.app.focused or kind is Confirm))
    return pilot.app.screen


async def test_over_a_lesson(tmp_path: Path, album: Album) -> None:
    app = FakeApp(tmp_path, ID)
    async with app.run_test(size=(120, 40)) as pilot:
        await reach(pilot, Hear, "warm-up")
        await write(pilot, "half a reply")
        await pilot.press("ctrl+s")
        await on(pilot, Confirm)
        await album.take(pilot, "skip?")
        await pilot.press("escape", "ctrl+t")
        await on(pilot, NoteCard)
        await album.take(pilot, "note, empty")
        await write(pilot, "why are there 270 of them, なぜ二百七十なのか、and what for 🙂", "tab")
        await album.take(pilot, "note")
        await pilot.press("escape", "ctrl+p")
        palette = await on(pilot, CommandPalette)
        await until(pilot, lambda: palette.query_one(CommandList).option_count > 5)
        await album.take(pilot, "palette")
        await pilot.press(*"what", "space", *"you", "space", *"tried")
        await until(pilot, lambda: palette.query_one(CommandList).option_count == 1)
        await album.take(pilot, "palette, one found")
        await pilot.press("escape")
        await until(pilot, lambda: app.screen is not palette)
        app.fake.model = MODEL
        screen(app).action_model()
        await on(pilot, Page)
        await album.take(pilot, "model")
        await pilot.press("escape")
        await until(pilot, lambda: not isinstance(app.screen, Page))
        screen(app).action_code()
        page = await on(pilot, Page)
        text = page.query("VerticalScroll Static").first(Static)
        await until(pilot, lambda: isinstance(text.content, Content) and text.content.spans)
        await album.take(pilot, "code")
        await pilot.press("escape")
        await reach(pilot, Hear, "warm-up")
        assert screen(app).composer.text == "half a reply"


async def test_help(tmp_path: Path, album: Album) -> None:
    app = FakeApp(tmp_path)
    async with app.run_test(size=(120, 40)) as pilot:
        await until(pilot, lambda: app.home.overview)
        app.settings = replace(app.settings, home=HOME)
        await pilot.press("question_mark")
        await on(pilot, Page)
        await album.take(pilot, "help")
        await resize(pilot, (60, 20))
        await pilot.press("end")
        await album.take(pilot, "help, its end", [(60, 20)])


async def test_notes_and_search(tmp_path: Path, album: Album) -> None:
    app = FakeApp(a_journal(tmp_path))
    async with app.run_test(size=(120, 40)) as pilot:
        await until(pilot, lambda: app.home.overview)
        await pilot.press("n")
        notes = await on(pilot, NotesScreen)
        await until(pilot, lambda: notes.entries is not None and notes.list.option_count)
        await album.take(pilot, "notes")
        await pilot.press("right", "right", "right", "right")
        await album.take(pilot, "notes, one kind", [(60, 20)])
        await pilot.press("escape", "s")
        search = await on(pilot, SearchScreen)
        await until(pilot, lambda: search.entries is not None)
        await album.take(pilot, "search, nothing typed")
        await write(pilot, "of many")
        await until(pilot, lambda: search.list.option_count == 2)
        await album.take(pilot, "search")
        await write(pilot, " zebras")
        await until(pilot, lambda: search.list.option_count == 0)
        await album.take(pilot, "search, nothing found")


def bets(home: Path, count: int) -> Path:
    """A home in which so many bets were decided, one a day, of two concepts."""
    for n in range(count):
        with Store.open(home, "me", clock=lambda n=n: NOON - timedelta(days=count - n)) as store:  # type: ignore[misc]
            if not n:
                store.append(ID, ev.Started("", model="gpt2"))
            right, sure = n % 3 > 0, 50 + 10 * (n % 5)
            store.append(ID, ev.Scored("guess", n, "choice", right, 1 - (right - sure / 100) ** 2, sure, "The lead is gone",
                                       "It shrinks, Mary still wins", ("ablation", "注意の頭") if n % 2 else ("ablation",),
                                       "head_ablation", {}, "gpt2"))  # fmt: skip
    return home


@pytest.mark.parametrize(("count", "look"), [(0, "dark"), (4, "dark"), (24, "dark"), (24, "light"), (24, "no colour")])
async def test_the_record(tmp_path: Path, album: Album, count: int, look: str) -> None:
    with environment(NO_COLOR="1" if look == "no colour" else None):
        app = FakeApp(bets(tmp_path, count))
    if look == "light":
        app.theme = PAPER.name
    async with app.run_test(size=(120, 40)) as pilot:
        await until(pilot, lambda: app.home.overview)
        await pilot.press("m")
        record = await on(pilot, RecordScreen) if count else app
        await until(pilot, lambda: isinstance(app.screen, RecordScreen))
        await album.take(pilot, "record")
        if look != "dark" or not count:
            return
        for n in range(1, len(record.query_one("#figures", FigurePanel).figures)):
            await pilot.press("n")
            await album.take(pilot, f"record, figure {n + 1}", [(60, 20), (80, 24)])


async def test_a_review(tmp_path: Path, album: Album) -> None:
    app = FakeApp(a_past(tmp_path))
    async with app.run_test(size=(120, 40)) as pilot:
        await until(pilot, lambda: app.home.overview)
        await pilot.press("d")
        review = await on(pilot, ReviewScreen)
        await until(pilot, lambda: isinstance(review._doing, AskBet) and app.focused and app.focused.id == "answer")
        await album.take(pilot, "bet again")
        await bet(pilot)
        await until(pilot, lambda: isinstance(review._doing, Done) and isinstance(app.focused, Choices))
        await album.take(pilot, "decided")
