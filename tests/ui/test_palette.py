"""The palette under quick hands: closed while it searches, and opened while it closes."""

from __future__ import annotations

import asyncio
from pathlib import Path

from textual.command import CommandList, CommandPalette, Hit, Hits, Provider
from textual.pilot import Pilot
from textual.widgets import Input

from tests.ui.look import until
from tests.ui.stage import FakeApp


class Slow(Provider):
    """Finds something when the palette is half gone."""

    async def search(self, query: str) -> Hits:
        await asyncio.sleep(0.1)
        yield Hit(1, query, lambda: None)

    async def shutdown(self) -> None:
        await asyncio.sleep(0.5)


class Searched(FakeApp):
    COMMANDS = {Slow}


async def opened(pilot: Pilot[int]) -> CommandPalette:
    await pilot.press("ctrl+p")
    await until(pilot, lambda: pilot.app.screen.has_class("-ready"))
    assert isinstance(pilot.app.screen, CommandPalette)
    return pilot.app.screen


async def test_a_letter_that_comes_as_the_palette_closes_searches_no_more(tmp_path: Path) -> None:
    app = Searched(tmp_path)
    async with app.run_test(size=(80, 24)) as pilot:
        palette = await opened(pilot)
        field = palette.query_one(Input)
        palette.dismiss()
        await asyncio.sleep(0)
        assert palette.post_message(Input.Changed(field, "x"))
        await until(pilot, lambda: not palette.is_attached)


async def test_the_palette_opens_while_another_closes(tmp_path: Path) -> None:
    app = Searched(tmp_path)
    async with app.run_test(size=(80, 24)) as pilot:
        before = await opened(pilot)
        before.dismiss()
        app.action_command_palette()
        assert before.is_attached
        await until(pilot, lambda: isinstance(app.screen, CommandPalette) and app.screen.has_class("-ready"))
        assert app.screen is not before


async def test_a_search_whose_list_goes_meanwhile_is_no_crash(tmp_path: Path) -> None:
    app = Searched(tmp_path)
    async with app.run_test(size=(80, 24)) as pilot:
        palette = await opened(pilot)
        await palette.query_one(CommandList).remove()
        search = palette._gather_commands("x")
        await until(pilot, lambda: search.is_finished)
        assert app.is_running


async def test_a_page_of_the_list_can_be_turned_in_a_window_that_shows_none_of_it(tmp_path: Path) -> None:
    app = FakeApp(tmp_path)
    async with app.run_test(size=(40, 5)) as pilot:
        palette = await opened(pilot)
        await until(pilot, lambda: palette.query_one(CommandList).option_count)
        for height in (5, 4, 3, 2):
            await pilot.resize_terminal(40, height)
            await pilot.press("pagedown", "pageup")
        assert app.screen is palette
