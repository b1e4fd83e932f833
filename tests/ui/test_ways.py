"""The side ways of a lesson: marks, skipping, the figure, resizing, odd text, the mouse."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest
from textual.events import Paste
from textual.pilot import Pilot

from tests.ui.drive import ID, reach, said, screen, skip_all, to_observe, write
from tests.ui.look import focus_on, lines, until
from tests.ui.stage import FakeApp, FakeVoice
from tutor import events as ev
from tutor.journal.store import Store
from tutor.todo import AskBet, ChooseTweak, Hear, Mark
from tutor.ui.screens.confirm import Confirm
from tutor.ui.widgets.choices import Choices
from tutor.ui.widgets.sure import Sure


async def to_marks(pilot: Pilot[Any], *replies: str) -> None:
    """To the list of what a good answer holds, by these replies."""
    await to_observe(pilot)
    for reply in ("it shrank", *replies):
        await reach(pilot, Hear)
        await write(pilot, reply, "enter")
    await reach(pilot, Mark)
    await focus_on(pilot, "marks")


def assert_marked_right(home: Path) -> None:
    with Store.read(home, "me") as store:
        judged = [e for e in store.events(ID) if isinstance(e, ev.Judged)]
    assert judged[-1] == ev.Judged("why", "right", ("redundancy", "lead"), None, "learner")


async def test_the_learner_marks_what_their_words_covered(tmp_path: Path) -> None:
    app = FakeApp(tmp_path, ID)
    async with app.run_test(size=(80, 24)) as pilot:
        await to_marks(pilot, "unsure")
        await pilot.press("space", "down", "space", "enter")
        await reach(pilot, ChooseTweak)
    assert_marked_right(tmp_path)


async def test_what_earlier_words_covered_is_marked_already(tmp_path: Path) -> None:
    app = FakeApp(tmp_path, ID)
    async with app.run_test(size=(80, 24)) as pilot:
        await to_marks(pilot, "partly", "unsure")
        assert "☑ 1" in said(app)
        assert "☐ 2" in said(app)
        await pilot.press("space", "enter")
        await reach(pilot, ChooseTweak)
    assert_marked_right(tmp_path)


async def test_skipping_asks_once(tmp_path: Path) -> None:
    app = FakeApp(tmp_path, ID)
    async with app.run_test(size=(80, 24)) as pilot:
        await reach(pilot, Hear)
        await pilot.press("ctrl+s")
        await until(pilot, lambda: isinstance(app.screen, Confirm))
        await pilot.press("escape")
        await reach(pilot, Hear, "warm-up")
        await pilot.press("ctrl+s")
        await until(pilot, lambda: isinstance(app.screen, Confirm))
        await pilot.press("enter")
        await reach(pilot, AskBet, "guess")


async def test_skipping_while_the_tutor_speaks_does_not_let_late_words_in(tmp_path: Path) -> None:
    voice = FakeVoice(hold=asyncio.Event())
    app = FakeApp(tmp_path, ID, voice=voice)
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: "attention heads" in said(app))
        await pilot.press("ctrl+s")
        await until(pilot, lambda: isinstance(app.screen, Confirm))
        await pilot.press("enter")
        lesson = await reach(pilot, AskBet, "guess")
        assert voice.hold is not None
        voice.hold.set()
        await pilot.pause()
        assert [line.who for line in lesson.session.state.lines] == ["note"]


async def test_tab_swaps_talk_and_figure_when_narrow_and_keeps_the_prompt(tmp_path: Path) -> None:
    app = FakeApp(tmp_path, ID)
    async with app.run_test(size=(80, 24)) as pilot:
        lesson = await to_observe(pilot)
        assert "TWEAK" not in said(app)
        await pilot.press("tab")
        await until(pilot, lambda: "TWEAK" in said(app) and lesson.side.focused_here)
        assert "you" in said(app)
        assert not lesson.talk.display
        await pilot.press("t")
        await until(pilot, lambda: "0.9200" in said(app))
        await pilot.press("tab")
        await until(pilot, lambda: lesson.talk.display and lesson.composer.has_focus)


async def test_who_types_at_the_figure_is_told_that_nothing_is_written_there(tmp_path: Path) -> None:
    app = FakeApp(tmp_path, ID)
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        lesson = await to_observe(pilot)
        await pilot.press("tab")
        await until(pilot, lambda: lesson.side.focused_here)
        await pilot.press("t", "up", "t")
        assert not list(app._notifications)
        await pilot.press("I")
        await until(pilot, lambda: [n.message for n in app._notifications])
        assert [n.message for n in app._notifications] == ["Nothing is written at the figure: tab goes back."]
        await pilot.press("tab")
        await until(pilot, lambda: lesson.composer.has_focus)
        await pilot.press("I")
        await until(pilot, lambda: lesson.composer.text == "I")


async def test_before_the_run_the_side_shows_only_what_the_model_will_read(tmp_path: Path) -> None:
    app = FakeApp(tmp_path, ID)
    async with app.run_test(size=(120, 40)) as pilot:
        lesson = await reach(pilot, Hear)
        words = " ".join(str(lesson.query_one("#plan").render()).split())
        reads = "When Mary and John went to the store, John gave a drink to"
        assert words == f"the model will read {reads} The run's figures will stand here."


async def test_resizing_in_the_middle_keeps_everything(tmp_path: Path) -> None:
    app = FakeApp(tmp_path, ID)
    async with app.run_test(size=(120, 40)) as pilot:
        await reach(pilot, Hear)
        await write(pilot, "right", "enter")
        await reach(pilot, AskBet)
        await focus_on(pilot, "answer")
        await pilot.press("2", "enter")
        await write(pilot, "half a rea")
        for size in [(60, 20), (80, 24), (120, 40), (200, 50)]:
            await pilot.resize_terminal(*size)
            await until(pilot, lambda size=size: app.size == size)  # type: ignore[misc]
            await until(pilot, lambda: "half a rea" in said(app) and "● 2 It shrinks" in said(app))
            assert app.focused is not None
            assert app.focused.id == "reason"


@pytest.mark.parametrize("text", ["[red]x[/red]", "[@click=app.quit]go[/]", "a \x1b[31mred", "[", "日本語 🙂 wide"])
async def test_what_looks_like_markup_is_shown_as_it_is(tmp_path: Path, text: str) -> None:
    with Store.open(tmp_path, "me") as store:
        store.append(ID, ev.Started("", "smollm2-135m"))
        store.append(ID, ev.Said("warm-up", "elicit", text))
        store.append(ID, ev.Replied("warm-up", text))
    app = FakeApp(tmp_path, ID)
    async with app.run_test(size=(80, 24)) as pilot:
        lesson = await reach(pilot, Hear)
        shown = said(app)
        assert "\x1b" not in shown
        assert text.replace("\x1b", "␛") in shown
        assert [t.plain for who, _, t in lesson.talk.items if who == "you"] == [text.replace("\x1b", "␛")]


async def test_enter_sends_and_other_keys_make_lines(tmp_path: Path) -> None:
    app = FakeApp(tmp_path, ID)
    async with app.run_test(size=(80, 24)) as pilot:
        lesson = await reach(pilot, Hear)
        for key in ("ctrl+o", "ctrl+n", "ctrl+j", "shift+enter", "alt+enter"):
            await pilot.press("a", key)
        assert lesson.composer.text == "a\n" * 5
        assert lesson.composer.size.height == 5
        await pilot.press(*"bcd", "enter")
        await until(pilot, lambda: "a\na\na\na\na\nbcd" in [line.text for line in lesson.session.state.lines])


async def test_page_keys_scroll_the_talk_while_typing_and_the_end_is_kept(tmp_path: Path) -> None:
    with Store.open(tmp_path, "me") as store:
        store.append(ID, ev.Started("", "smollm2-135m"))
        for n in range(200):
            store.append(ID, ev.Said("warm-up", "elicit", f"question {n}"))
            store.append(ID, ev.Replied("warm-up", f"reply {n}"))
    app = FakeApp(tmp_path, ID)
    async with app.run_test(size=(80, 24)) as pilot:
        lesson = await reach(pilot, Hear)
        assert len(lesson.talk.query("Entry")) <= 201, "a long talk is windowed"
        await until(pilot, lambda: lesson.talk.scroll_y == lesson.talk.max_scroll_y > 0)
        await pilot.press("pageup")
        await until(pilot, lambda: lesson.talk.scroll_y < lesson.talk.max_scroll_y)
        assert lesson.composer.has_focus
        before = lesson.talk.query("Entry").first()
        lesson.talk.scroll_to(y=0, animate=False)
        await pilot.pause()
        await pilot.press("pageup")
        await until(pilot, lambda: lesson.talk.query("Entry").first() is not before)


async def test_copying_the_tutors_words(tmp_path: Path) -> None:
    app = FakeApp(tmp_path, ID)
    async with app.run_test(size=(80, 24)) as pilot:
        await to_observe(pilot)
        await pilot.press("y")
        assert screen(app).composer.text == "y", "while one types, y is a letter"
        await pilot.press("tab")
        await until(pilot, lambda: screen(app).side.focused_here)
        await pilot.press("y")
        assert app.copied == "Before I say anything, what do you see?"


async def test_the_mouse_can_do_it_as_well(tmp_path: Path) -> None:
    app = FakeApp(tmp_path, ID)
    async with app.run_test(size=(80, 24)) as pilot:
        await reach(pilot, Hear)
        await write(pilot, "right", "enter")
        lesson = await reach(pilot, AskBet)
        await focus_on(pilot, "answer")
        await pilot.click(lesson.query("Options > Static")[1])
        await pilot.click("#reason")
        await write(pilot, "so")
        await pilot.click(Sure, offset=(6, 0))
        await until(pilot, lambda: lesson.query_one(Sure).value == 60)
        await until(pilot, lambda: "● 2 It shrinks" in said(app))
        row = next(i for i, line in enumerate(lines(app)) if "enter lock the bet" in line)
        await pilot.click(offset=(4, row))
        await reach(pilot, Hear, "look")


async def test_a_paste_comes_once_and_without_control_characters(tmp_path: Path) -> None:
    app = FakeApp(tmp_path, ID)
    async with app.run_test(size=(80, 24)) as pilot:
        lesson = await reach(pilot, Hear)
        app.post_message(Paste("one\r\ntwo \x1b[31mred\x07"))
        await until(pilot, lambda: lesson.composer.text == "one\ntwo [31mred")
        assert "\x1b" not in said(app)


async def test_where_the_mouse_goes_the_keys_go_along(tmp_path: Path) -> None:
    app = FakeApp(tmp_path, ID)
    async with app.run_test(size=(120, 40)) as pilot:
        lesson = await to_observe(pilot)
        await pilot.click(lesson.side.panel.view, offset=(3, 1))
        await until(pilot, lambda: lesson.key_words()["back"] == "talk")
        await pilot.press("escape")
        await until(pilot, lambda: lesson.composer.has_focus)
        assert app.screen is lesson, "esc leaves the figure first"
        await pilot.press("tab")
        await until(pilot, lambda: lesson.key_words()["back"] == "talk")
        await pilot.click(lesson.composer)
        await until(pilot, lambda: lesson.key_words()["back"] == "home")
        await pilot.press("tab")
        await until(pilot, lambda: not lesson.composer.has_focus)


async def test_the_second_of_two_quick_keys_does_not_close_the_question_of_the_first(tmp_path: Path) -> None:
    app = FakeApp(tmp_path, ID)
    async with app.run_test(size=(80, 24)) as pilot:
        lesson = await skip_all(pilot)
        await until(pilot, lambda: isinstance(app.focused, Choices))
        choices = app.focused
        assert isinstance(choices, Choices)
        for what in ("again", "home"):  # both keys were heard before the question stood over the lesson
            choices.action_choose(what)
        await until(pilot, lambda: isinstance(app.screen, Confirm))
        await pilot.pause()
        await pilot.press("escape")
        await until(pilot, lambda: app.screen is lesson)
        await pilot.press("h")
        await until(pilot, lambda: app.screen is app.home)
