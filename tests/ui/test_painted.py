"""What stands on the terminal is what the program means to show, whatever was dropped, painted in parts or left out as a
repetition on the way."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyte
import pytest
from textual.drivers.headless_driver import HeadlessDriver
from textual.pilot import Pilot

from tests.ui.drive import ID, reach, said, to_tweak, write
from tests.ui.look import lines, until
from tests.ui.snapshots import settle
from tests.ui.stage import FakeApp
from tutor.todo import Hear
from tutor.ui.screens.page import Page


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> pyte.Screen:
    """A terminal that takes all that the program writes."""
    screen = pyte.Screen(80, 24)
    stream = pyte.Stream(screen)
    monkeypatch.setattr(HeadlessDriver, "is_headless", property(lambda _: False))
    monkeypatch.setattr(HeadlessDriver, "write", lambda _, data: stream.feed(data))
    return screen


async def shows(pilot: Pilot[Any], terminal: pyte.Screen) -> None:
    """At rest the terminal shows what is meant."""
    await settle(pilot)
    try:
        await until(pilot, lambda: [line.rstrip() for line in terminal.display] == lines(pilot.app), 2)
    except AssertionError as error:
        raise AssertionError(f"{error}\n\nand the terminal shows:\n" + "\n".join(terminal.display)) from None


async def pressed(pilot: Pilot[Any], terminal: pyte.Screen, keys: str) -> None:
    for key in keys.split():
        await pilot.press(key)
        await shows(pilot, terminal)


async def resized(pilot: Pilot[Any], terminal: pyte.Screen, width: int, height: int) -> None:
    terminal.resize(height, width)
    await pilot.resize_terminal(width, height)
    await until(pilot, lambda: pilot.app.size == (width, height))


@pytest.mark.parametrize("page", ["help", "model", "words", "code"])
async def test_pages_from_the_palette_and_from_keys(tmp_path: Path, terminal: pyte.Screen, page: str) -> None:
    app = FakeApp(tmp_path, ID)
    async with app.run_test(size=(80, 24)) as pilot:
        await reach(pilot, Hear)
        await shows(pilot, terminal)
        for _ in range(2):
            await pilot.press("ctrl+p")
            await shows(pilot, terminal)
            await write(pilot, page)
            await until(pilot, lambda: page in said(app))
            await shows(pilot, terminal)
            await pilot.press("enter")
            await until(pilot, lambda: isinstance(app.screen, Page))
            await shows(pilot, terminal)
            await pilot.press("escape")
            await shows(pilot, terminal)
            await pilot.press("f1", "escape", "f1")
            await shows(pilot, terminal)
            await pilot.press("escape")
            await shows(pilot, terminal)


async def test_a_lesson_up_to_its_tweak(tmp_path: Path, terminal: pyte.Screen) -> None:
    app = FakeApp(tmp_path, ID)
    async with app.run_test(size=(80, 24)) as pilot:
        await to_tweak(pilot)
        await shows(pilot, terminal)
        await pressed(pilot, terminal, "tab t t tab f2 escape ctrl+t escape ctrl+l ctrl+p escape")
        for size in ((120, 40), (60, 20), (80, 24)):
            await resized(pilot, terminal, *size)
            await shows(pilot, terminal)
        await pilot.press("escape", "escape")
        await until(pilot, lambda: app.screen is app.home)
        await shows(pilot, terminal)
        await pressed(pilot, terminal, "n escape s escape m escape question_mark escape slash escape")
