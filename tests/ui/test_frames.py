"""A frame that is there already is not painted once more, as far as that can be known."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from rich.segment import Segment
from textual._compositor import LayoutUpdate
from textual.app import App
from textual.geometry import Offset, Region
from textual.strip import Strip

from tests.learner import write_lesson
from tests.terminal import TUTOR, Terminal
from tests.ui.drive import ID, reach
from tests.ui.look import until
from tests.ui.snapshots import settle
from tests.ui.stage import FakeApp
from tutor.todo import Hear
from tutor.ui import frames
from tutor.ui.frames import Frames
from tutor.ui.screens.page import Page

HERE = Offset(0, 0)


def whole(text: str) -> LayoutUpdate:
    return LayoutUpdate([[Strip([Segment(text)])]], Region(0, 0, len(text), 1))


def test_the_same_whole_frame_is_a_repetition_and_nothing_else_is(monkeypatch: pytest.MonkeyPatch) -> None:
    seen = Frames()
    assert not seen.repeats(whole("one"), HERE)
    assert seen.repeats(whole("one"), HERE)
    assert not seen.repeats(None, HERE)
    assert seen.repeats(whole("one"), HERE), "nothing was painted in between"
    assert not seen.repeats(whole("one"), Offset(1, 0)), "the cursor is elsewhere"
    assert not seen.repeats(whole("two"), Offset(1, 0))
    assert not seen.repeats("a part of it", HERE)
    assert not seen.repeats(whole("two"), HERE), "a part may be another one now"
    monkeypatch.setattr(frames, "SOON_S", 0)
    assert not seen.repeats(whole("two"), HERE), "something else may have written on it"


@pytest.fixture
def painted(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """What goes to the terminal."""
    updates: list[Any] = []

    def display(app: App[int], screen: object, update: object) -> None:
        if update is not None:
            updates.append(update)

    monkeypatch.setattr(App, "_display", display)
    return updates


async def test_a_page_is_painted_once_when_it_opens_and_what_lay_under_it_when_it_closes(
    tmp_path: Path, painted: list[Any]
) -> None:
    app = FakeApp(tmp_path, ID)
    async with app.run_test(size=(120, 40)) as pilot:
        await reach(pilot, Hear)
        for _ in range(2):  # the first time, the words come behind the page
            await settle(pilot)
            painted.clear()
            app.action_help()
            await until(pilot, lambda: isinstance(app.screen, Page) and app.screen.query("Fitted"))
            await settle(pilot)
            opening = len(painted)
            painted.clear()
            await pilot.press("escape")
            await until(pilot, lambda: not isinstance(app.screen, Page))
            await settle(pilot)
            assert sum(isinstance(update, LayoutUpdate) for update in painted) == 1
    assert opening == 1


def test_a_page_that_is_chosen_in_the_palette_is_seen(tmp_path: Path) -> None:
    """While the palette goes, what would be painted is dropped: it is not there yet, whatever was meant."""
    home, lessons = str(tmp_path / "home"), str(write_lesson(tmp_path / "lessons"))
    argv = [*TUTOR, "--home", home, "--lessons", lessons, "--engine", "sleep 600", "--offline", "small-steps"]
    with Terminal(argv) as t:
        t.wait("in your own words", 60)
        for page in ("help", "model"):
            t.press("ctrl+p")
            t.wait("Search for")
            t.press(page)
            t.wait(lambda text: "Search" not in text and "Code" not in text)
            t.press("enter")
            t.wait(lambda text: "▔▔▔" not in text and "in your own words" not in text)
            t.press("esc")
            t.wait("in your own words")
