"""What is looked through for garbage, and when."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from textual.screen import Screen
from textual.widget import Widget

from tests.ui.look import until
from tests.ui.stage import FakeApp
from tutor.ui import garbage
from tutor.ui.screens.page import Page


@pytest.fixture
def looking() -> Iterator[None]:
    was = gc.isenabled()
    garbage.settle()
    yield
    if not was:
        gc.disable()


def traces(screen: Screen[Any]) -> list[weakref.ref[Any]]:
    """Of the screen, of its widgets, and of the lines that were painted of them."""
    parts: list[Widget] = [screen, *screen.query()]
    return [weakref.ref(x) for part in parts for x in (part, part._styles_cache)]


@pytest.mark.usefixtures("looking")
async def test_nothing_is_left_of_a_page_that_was_closed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(garbage, "ENOUGH", 0)
    app = FakeApp(tmp_path)
    async with app.run_test(size=(80, 24)) as pilot:
        for _ in range(2):  # what the program begins while the first is open keeps that one
            await pilot.press("f1")
            await until(pilot, lambda: isinstance(app.screen, Page) and app.screen.query("Fitted"))
            left = traces(app.screen)
            assert len(left) > 8
            await pilot.press("escape")
            await until(pilot, lambda: app.screen is app.home)

        def gone() -> bool:
            garbage.sweep()
            return not any(ref() for ref in left)

        await until(pilot, gone)
