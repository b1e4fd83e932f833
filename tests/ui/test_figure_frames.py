"""What a figure draws when it comes back: itself, once."""

from __future__ import annotations

from typing import Any

import pytest
from textual.screen import Screen
from textual.scrollbar import ScrollBar
from textual.widget import Widget

from tests.ui.example_figures import texts
from tests.ui.look import Stage, until
from tests.ui.snapshots import settle
from tutor.ui.figures import FigurePanel


async def test_a_long_form_comes_back_with_its_scroll_bar_and_not_that_once_more(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    panel = FigurePanel([texts("a long line, " * 99, "another long line, " * 99)])
    async with Stage(panel).run_test(size=(60, 20)) as pilot:
        panel.focus()
        await until(pilot, lambda: panel.view and panel.view.has_focus and panel.view.virtual_size.height)
        await settle(pilot)
        painted: list[Widget] = []
        refresh = Screen._compositor_refresh

        def noted(screen: Screen[Any]) -> None:
            painted.extend(screen._dirty_widgets)
            refresh(screen)

        monkeypatch.setattr(Screen, "_compositor_refresh", noted)
        for turn in range(4):
            painted.clear()
            await pilot.press("t")
            await settle(pilot)
            assert panel.view in painted
            assert panel.view
            assert panel.view.show_vertical_scrollbar
            bars = [widget for widget in painted if isinstance(widget, ScrollBar)]
            assert not bars or turn == 0, "the first time it is not there before its lines are counted"


async def test_it_is_scrolled_at_once() -> None:
    """An animation of one line shows nothing new in its first frame, and is a key that waits."""
    panel = FigurePanel([texts("a long line, " * 99, "another long line, " * 99)])
    async with Stage(panel).run_test(size=(60, 20)) as pilot:
        panel.focus()
        await until(pilot, lambda: panel.view and panel.view.has_focus and panel.view.show_vertical_scrollbar)
        await settle(pilot)
        assert panel.view
        pilot.app.animation_level = "full"
        moved: list[float] = []
        panel.watch(panel.view, "scroll_y", lambda y: moved.append(y), init=False)
        await pilot.press("down", "down", "up", "end", "home")
        await settle(pilot)
        assert moved == [1, 2, 1, panel.view.max_scroll_y, 0]
