"""A part that first appears right after something was scrolled hears its size, and so does one that another size comes to."""

from __future__ import annotations

import importlib
import pkgutil
from typing import Any

from rich.console import RenderableType
from textual.app import App, ComposeResult
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.events import Resize
from textual.pilot import Pilot
from textual.screen import Screen
from textual.widgets import Static

from tests.ui.look import drawn, lines, until
from tests.ui.snapshots import settle
from tutor.ui.screens.page import Page
from tutor.ui.screens.told import Told
from tutor.ui.widgets.composer import Field

LONG = "many words in a line " * 6


class Two(Told[None]):
    """Something to scroll, and a place under it."""

    CSS = "VerticalScroll { height: 4; } #below { height: auto; }"

    def compose(self) -> ComposeResult:
        with VerticalScroll():
            yield Static("\n".join(map(str, range(40))))
        yield Vertical(id="below")


class Hearing(Static):
    """Knows how wide it was told to be."""

    width = 0

    def on_resize(self, event: Resize) -> None:
        self.width = event.size.width


class Stage(App[None]):
    def on_mount(self) -> None:
        self.push_screen(Two())


async def scrolled(pilot: Pilot[None]) -> None:
    """A few lines down, and drawn. From now on Textual works the places of all widgets out anew when it is asked for one."""
    await drawn(pilot)  # a layout that is still to come would do so once, and no more
    above = pilot.app.screen.query_one(VerticalScroll)
    above.scroll_to(y=above.scroll_y + 3, animate=False)
    await until(pilot, lambda: "5" in lines(pilot.app)[2])


async def test_a_field_that_appears_after_a_scroll_breaks_its_lines() -> None:
    async with Stage().run_test(size=(40, 20)) as pilot:
        await until(pilot, lambda: pilot.app.screen.query("#below"))
        await scrolled(pilot)
        field = Field(LONG)
        await pilot.app.screen.query_one("#below").mount(field)
        assert field.region.width == 40, "asked for before it is drawn"
        await settle(pilot)
        assert field.size.height == 3, "\n".join(lines(pilot.app))


async def test_a_part_that_became_narrower_hears_it() -> None:
    async with Stage().run_test(size=(80, 20)) as pilot:
        await until(pilot, lambda: pilot.app.screen.query("#below"))
        part, below = Hearing("words"), pilot.app.screen.query_one("#below")
        await below.mount(part)
        await until(pilot, lambda: part.width == 80)
        await scrolled(pilot)
        await below.mount(other := Static("x"))
        below.styles.width = 40
        assert other.region.width == part.region.width == 40, "asked for before it is drawn"
        await until(pilot, lambda: part.width == 40)


async def test_a_part_that_changes_twice_around_a_layout_has_the_height_of_the_second() -> None:
    async with Stage().run_test(size=(40, 20)) as pilot:
        await until(pilot, lambda: pilot.app.screen.query("#below"))
        screen = pilot.app.screen
        await screen.mount(part := Static("first"))
        await settle(pilot)
        part.update("second")
        screen._clear_arrangement_cache()  # as another part does that changed
        screen._refresh_layout()
        part.update("third\nand one more line")
        await settle(pilot)
        assert part.size.height == 2, "\n".join(lines(pilot.app))


class Counting(Stage):
    """Knows how many frames were painted."""

    frames = 0

    def _display(self, screen: Screen[Any], renderable: RenderableType | None) -> None:
        self.frames += 1
        super()._display(screen, renderable)


async def test_a_screen_that_is_covered_paints_nothing_and_shows_all_when_it_is_not() -> None:
    app = Counting()
    async with app.run_test(size=(40, 20)) as pilot:
        await until(pilot, lambda: app.screen.query("#below"))
        await app.screen.query_one("#below").mount(part := Static("before"))
        await app.push_screen(Page("Help", Content("read this")))
        await until(pilot, lambda: "read this" in "\n".join(lines(app)))
        await settle(pilot)
        painted = app.frames
        part.update("after")
        await settle(pilot)
        assert app.frames == painted
        await pilot.press("escape")
        await until(pilot, lambda: "after" in "\n".join(lines(app)))


def test_every_screen_of_ours_tells() -> None:
    import tutor.ui.screens as screens

    for module in pkgutil.iter_modules(screens.__path__, f"{screens.__name__}."):
        for name, made in vars(importlib.import_module(module.name)).items():
            if isinstance(made, type) and issubclass(made, Screen) and made.__module__ == module.name:
                assert issubclass(made, Told), name
