"""What is typed is kept, and a journal that refuses loses nothing."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from textual.events import Key

from tests.ui.drive import ID, bet, reach, said, screen, to_observe, to_tweak, write
from tests.ui.look import focus_on, until
from tests.ui.stage import FakeApp, FakeBench, FakeVoice
from tutor import events as ev
from tutor.journal.errors import JournalError
from tutor.journal.store import Store
from tutor.todo import AskBet, ChooseTweak, Hear, RunNow, Say
from tutor.ui.screens.note import NoteCard
from tutor.ui.widgets.choices import Choices
from tutor.ui.widgets.sure import Sure

# --- what is typed is kept --------------------------------------------------------------------------------------------


async def test_half_typed_words_and_bets_come_back(tmp_path: Path) -> None:
    app = FakeApp(tmp_path, ID)
    async with app.run_test(size=(80, 24)) as pilot:
        await reach(pilot, Hear)
        await write(pilot, "so many he")
    app = FakeApp(tmp_path, ID)
    async with app.run_test(size=(80, 24)) as pilot:
        lesson = await reach(pilot, Hear)
        assert lesson.composer.text == "so many he"
        await write(pilot, " right", "enter")
        await reach(pilot, AskBet)
        await focus_on(pilot, "answer")
        await pilot.press("3", "enter", "w", "e")
        await until(pilot, lambda: lesson.session.journal.draft(ID, "guess").get("reason") == "we")
    app = FakeApp(tmp_path, ID)
    async with app.run_test(size=(80, 24)) as pilot:
        lesson = await reach(pilot, AskBet)
        await focus_on(pilot, "reason")  # in the middle of the word that was being typed
        lesson.query_one(Sure).focus()
        await pilot.press("4")
        await until(pilot, lambda: "sure" in lesson.session.journal.draft(ID, "guess"))
    app = FakeApp(tmp_path, ID)
    async with app.run_test(size=(80, 24)) as pilot:
        await reach(pilot, AskBet)
        await until(pilot, lambda: screen(app).query("#reason"))
        await until(pilot, lambda: "● 3 Nothing much" in said(app))
        assert "we" in said(app)
        assert screen(app).query_one(Sure).value == 40


async def test_words_are_kept_without_leaving(tmp_path: Path) -> None:
    app = FakeApp(tmp_path, ID)
    async with app.run_test(size=(80, 24)) as pilot:
        lesson = await reach(pilot, Hear)
        await write(pilot, "half")
        await until(pilot, lambda: lesson.session.journal.draft(ID, "warm-up") == {"reply": "half"})
        await write(pilot, " an hour")  # not the first words alone
        await until(pilot, lambda: lesson.session.journal.draft(ID, "warm-up") == {"reply": "half an hour"})


async def test_a_journal_that_refuses_moves_nothing_and_keeps_the_words(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = FakeApp(tmp_path, ID)
    async with app.run_test(size=(80, 24)) as pilot:
        lesson = await reach(pilot, Hear)

        def full(*_: object) -> None:
            raise JournalError("The disk is full. Make room, then send it again.")

        with monkeypatch.context() as patch:
            patch.setattr(Store, "append", full)
            await write(pilot, "right", "enter")
            await until(pilot, lambda: "Not saved: The disk is full." in said(app))
            assert lesson.composer.text == "right"
            assert lesson.session.state.at == "warm-up"
        await pilot.press("enter")
        await reach(pilot, AskBet)


async def test_a_result_that_cannot_be_saved_is_saved_by_enter(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    app = FakeApp(tmp_path, ID)
    append = Store.append

    def full(store: Store, lesson: str, event: ev.Event) -> None:
        if isinstance(event, ev.RunFinished):
            raise JournalError("The disk is full.")
        append(store, lesson, event)

    async with app.run_test(size=(80, 24)) as pilot:
        with monkeypatch.context() as patch:
            patch.setattr(Store, "append", full)
            await reach(pilot, Hear)
            await write(pilot, "right", "enter")
            await bet(pilot)
            await until(pilot, lambda: "The disk is full." in said(app) and isinstance(app.focused, Choices))
        await pilot.press("enter")
        await reach(pilot, Hear, "look")
        assert len(app.fake.ran) == 1, "it did not run twice"


async def test_keys_that_come_in_one_burst_keep_their_order(tmp_path: Path) -> None:
    app = FakeApp(tmp_path, ID)
    async with app.run_test(size=(80, 24)) as pilot:
        lesson = await reach(pilot, Hear)
        for key in (
            "w",
            "r",
            "ctrl+u",
            "x",
            "backspace",
            "o",
            "k",
            "left",
            "n",
        ):  # as from a slow line: no pause between
            lesson.composer.post_message(Key(key, key if len(key) == 1 else None))
        await until(pilot, lambda: lesson.composer.text == "onk")


# --- what is typed belongs to its step --------------------------------------------------------------------------------


async def test_what_is_typed_while_a_run_computes_is_no_part_of_a_later_answer(tmp_path: Path) -> None:
    bench = FakeBench()
    app = FakeApp(tmp_path, ID, bench=bench)
    async with app.run_test(size=(80, 24)) as pilot:
        await to_tweak(pilot)
        bench.hold = asyncio.Event()
        await pilot.press("backspace", "0", "enter")
        await bet(pilot, "3", sure="6")
        lesson = await reach(pilot, RunNow)
        await write(pilot, "pasted", "5", "5", "h", "y", "ctrl+o", "enter")
        assert app.screen is lesson, "nor are letters keys of the screen"
        assert lesson.composer.text == ""
        bench.hold.set()
        await reach(pilot, ChooseTweak)
        await focus_on(pilot, "p-layer")
        await pilot.press("ctrl+g")
        await reach(pilot, Hear, "keep")
        assert lesson.composer.text == ""
        await write(pilot, "In early layers", "enter")
        await until(pilot, lambda: lesson.session.state.at is None)
    with Store.read(tmp_path, "me") as store:
        assert [e.text for e in store.events(ID) if isinstance(e, ev.Replied) and e.step == "keep"] == [
            "In early layers"
        ]


async def test_what_is_typed_while_the_tutor_speaks_is_kept_for_that_step_alone(tmp_path: Path) -> None:
    voice = FakeVoice(hold=asyncio.Event())
    app = FakeApp(tmp_path, ID, voice=voice)
    async with app.run_test(size=(80, 24)) as pilot:
        lesson = await reach(pilot, Say, "warm-up")
        await write(pilot, "so many")
        await until(pilot, lambda: lesson.composer.text == "so many")
        assert voice.hold
        voice.hold.set()
        await reach(pilot, Hear, "warm-up")
        assert lesson.composer.text == "so many", "it was typed for this question"
        lesson.record(ev.Skipped("warm-up"))
        await bet(pilot)
        await reach(pilot, Hear, "look")
        assert lesson.composer.text == ""


async def test_a_draft_of_the_next_step_is_not_lost_with_the_words_of_this_one(tmp_path: Path) -> None:
    app = FakeApp(tmp_path, ID)
    async with app.run_test(size=(80, 24)) as pilot:
        lesson = await to_observe(pilot)
        lesson.session.journal.save_draft(ID, "why", "reply", "kept")
        await write(pilot, "half a line")
        lesson.record(ev.Skipped("look"))
        await reach(pilot, Hear, "why")
        await until(pilot, lambda: lesson.composer.text == "kept")
        await pilot.press("!")
        await until(pilot, lambda: lesson.session.journal.draft(ID, "why") == {"reply": "kept!"})


def fill_the_disk(app: FakeApp) -> None:
    """From now on the journal takes no draft."""
    assert app.desk is not None
    app.desk.store._db.execute(
        "CREATE TEMP TRIGGER full BEFORE INSERT ON drafts BEGIN SELECT RAISE(ABORT, 'no room'); END"
    )


@pytest.mark.parametrize("key", ["escape", "ctrl+q"])
async def test_what_cannot_be_kept_is_said_before_it_is_left(tmp_path: Path, key: str) -> None:
    app = FakeApp(tmp_path, ID)
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        lesson = await reach(pilot, Hear)
        fill_the_disk(app)
        await write(pilot, "half an hour of thought", key)
        await until(pilot, lambda: "What you typed is not kept" in " ".join(said(app).split()))
        assert app.screen is lesson
        assert lesson.composer.text == "half an hour of thought"
        await pilot.press(key)
        await until(pilot, lambda: app.return_code == 0 if key == "ctrl+q" else app.screen is app.home)


async def test_a_note_that_cannot_be_kept_is_not_put_off_without_a_word(tmp_path: Path) -> None:
    app = FakeApp(tmp_path, ID)
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        lesson = await reach(pilot, Hear)
        fill_the_disk(app)
        await pilot.press("ctrl+t")
        await until(pilot, lambda: isinstance(app.screen, NoteCard) and app.focused)
        await write(pilot, "half a thought", "escape")
        await until(pilot, lambda: "What you typed is not kept" in " ".join(said(app).split()))
        assert isinstance(app.screen, NoteCard)
        await pilot.press("escape")
        await until(pilot, lambda: app.screen is lesson)
