"""A screen as words: its lines, and under them which of them are ours, the run's, an error, bold, or under the cursor.

`Album` takes one scene at three sizes and holds on the way what must be so at every size. After a change that is meant:
`pytest tests/ui/test_snapshots_*.py --snapshot-update`, and look at the difference. To look at the screens as pictures:
`PICTURES=/tmp/screens pytest tests/ui/test_snapshots_home.py` writes each as a PNG as well.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import groupby
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from rich.cells import cell_len
from rich.segment import Segment
from syrupy.assertion import SnapshotAssertion
from textual.app import App
from textual.color import Color
from textual.pilot import Pilot
from textual.scrollbar import ScrollBar
from textual.strip import Strip
from textual.widget import Widget
from textual.widgets import TextArea

from tests.ui.look import lines, save, until
from tutor.ui.screens.room import Room

Size = tuple[int, int]
SIZES: list[Size] = [(120, 40), (60, 20), (80, 24)]
NOON = datetime(2026, 3, 14, 12, 0, tzinfo=UTC)
"""The time at which all of it happens."""
STOPPED = 1000.0
"""The same for the clock that counts seconds."""

FRAME_S = 1 / 60
"""How often Textual draws what has changed."""

WORDS = ("accent", "primary", "error")
GROUNDS = {"input-cursor-background": "caret", "block-cursor-background": "cursor", "panel": "panel"}
MAY_SCROLL = ("HeatmapView", "TableView", "Grid")
"""What is as wide as its figure is, and scrolls by itself."""


# --- the clock ----------------------------------------------------------------------------------------------------------


class Noon(datetime):
    @classmethod
    def now(cls, tz: Any = None) -> datetime:  # type: ignore[override]
        return NOON.astimezone(tz)


def stop_the_clock(patch: pytest.MonkeyPatch) -> None:
    """It is noon in Greenwich, for as long as the test takes."""
    from tutor.journal.store import Store

    patch.setenv("TZ", "UTC")
    patch.setattr("tutor.ui.doors.datetime", Noon)
    patch.setattr("tutor.ui.screens.room.time", SimpleNamespace(monotonic=lambda: STOPPED))
    patch.setattr(Store.open.__func__, "__defaults__", (lambda: NOON,))  # type: ignore[attr-defined]


# --- a screen as words --------------------------------------------------------------------------------------------------


def portrait(app: App[Any]) -> str:
    """The lines of the screen, then the marks: `line: word “what it stands on”`; grounds by their columns."""
    strips = _without_thumbs(app)
    said = ["".join(segment.text for segment in strip).rstrip() for strip in strips]
    known = _known(app)
    here = app.focused
    focus = f"{type(here).__name__}{f'#{here.id}' if here.id else ''}" if here else "nothing"
    marks = [f"{n:>3}: {mark}" for n, strip in enumerate(strips) if (mark := " · ".join(_marks(list(strip), known)))]
    return "\n".join([*_squeezed(said), f"focus: {focus}", *marks])


def _without_thumbs(app: App[Any]) -> list[Strip]:
    """The screen, with a plain mark where something scrolls: the thumb is an eighth of a line off now and then."""
    strips = app.screen._compositor.render_strips()
    for widget, (region, _) in app.screen._compositor.visible_widgets.items():
        if isinstance(widget, ScrollBar):
            for y in range(max(0, region.y), min(len(strips), region.bottom)):
                mark = Strip([Segment("┆" * region.width)])
                strips[y] = Strip.join([strips[y].crop(0, region.x), mark, strips[y].crop(region.right)])
    return strips


def _squeezed(said: list[str]) -> Iterator[str]:
    """The lines, each after a bar; many empty ones as their number."""
    for empty, run in groupby(said, key=lambda line: not line):
        those = list(run)
        yield from [f"({len(those)} empty lines)"] if empty and len(those) > 2 else (f"|{line}" for line in those)


@dataclass
class Known:
    """Colours of the theme that mean something, as they stand on the screen: of words, and of what is behind them."""

    words: dict[tuple[int, ...], str]
    grounds: dict[tuple[int, ...], str]


def _known(app: App[Any]) -> Known:
    variables = app.get_css_variables()

    def rgb(name: str) -> tuple[int, ...]:
        color = Color.parse(variables[name])
        return (color.monochrome if app.no_color else color).rgb

    words = {} if app.no_color else {rgb(name): name for name in WORDS}
    return Known(words, {rgb(name): word for name, word in GROUNDS.items()} | {rgb("background"): ""})


def _marks(segments: list[Segment], known: Known) -> Iterator[str]:
    cells: list[tuple[str, str, str]] = []  # (character, its word, its ground)
    for segment in segments:
        style = segment.style
        word = ground = ""
        if style is not None:
            fore, back = (c.get_truecolor() if c else None for c in (style.color, style.bgcolor))
            parts = [known.words.get(fore, "") if fore else ""]
            parts += [name for name in ("bold", "reverse", "underline", "italic", "strike") if getattr(style, name)]
            word = " ".join(part for part in parts if part)
            ground = known.grounds.get(back, "shade") if back else ""
        cells += [(c, word, ground) for c in segment.text]
    at = 0
    for (word,), run in groupby(cells, key=lambda cell: (cell[1],)):
        text = "".join(c for c, _, _ in run)
        if word and text.strip():
            yield f"{word} “{text.strip()}”"
    for ground, run in groupby(cells, key=lambda cell: cell[2]):
        width = cell_len("".join(c for c, _, _ in run))
        if ground and ground != "panel":
            yield f"{ground} {at}–{at + width - 1}"
        at += width


# --- an album -----------------------------------------------------------------------------------------------------------


class Album:
    """The pictures of one test. `take` takes a scene at each size; leaving the test holds them against the snapshots."""

    def __init__(self, snapshot: SnapshotAssertion, name: str):
        self._snapshot, self._name = snapshot, name
        self.pictures: dict[str, str] = {}

    async def take(self, pilot: Pilot[Any], scene: str, sizes: list[Size] = SIZES) -> None:
        """The scene as it stands at each size, from the one that is there to the one farthest from it."""
        before = standing(pilot.app)
        for size in sizes if pilot.app.size == sizes[0] else reversed(sizes):
            await resize(pilot, size)
            assert standing(pilot.app) == before, f"{scene}: another size changed more than the size"
            await until(pilot, lambda size=size: fits(pilot.app, size))  # type: ignore[misc]
            self.keep(pilot.app, f"{scene} {size[0]}x{size[1]}")

    def keep(self, app: App[Any], name: str) -> None:
        self.pictures[name] = portrait(app)
        if folder := os.environ.get("PICTURES"):
            where = Path(folder) / (re.sub(r"[^\w-]+", "-", f"{self._name} {name}") + ".png")
            where.parent.mkdir(parents=True, exist_ok=True)
            save(app.export_screenshot(), where)

    def close(self) -> None:
        """Hold every picture against what was kept; all that differ are shown."""
        wrong = []
        for name, picture in self.pictures.items():
            kept = self._snapshot(name=name)
            if picture != kept:
                wrong.append("\n".join([f"{name} is not as it was:", *kept.get_assert_diff()]))
        if wrong:
            pytest.fail("\n\n".join(wrong), pytrace=False)


async def resize(pilot: Pilot[Any], size: Size) -> None:
    app = pilot.app
    if app.size != size:
        await pilot.resize_terminal(*size)
        await until(pilot, lambda: app.size == size and app.screen.size == size)
    await settle(pilot)


async def settle(pilot: Pilot[Any]) -> None:
    """Wait until nothing is left to be drawn, and the screen says the same for a few frames."""
    app, same = pilot.app, 0
    before: list[str] = []
    for _ in range(200):
        await pilot.pause(FRAME_S)
        now = lines(app)
        screen = app.screen
        busy = screen._layout_required or screen._dirty_widgets or screen._callbacks
        same = same + 1 if now == before and not busy else 0
        if same == 2:
            return
        before = now
    raise AssertionError("the screen does not come to rest")


def standing(app: App[Any]) -> tuple[object, ...]:
    """What another size must not change: the screen, the focus, what was typed, the step."""
    screen, focused = app.screen, app.focused
    typed = {field.id: field.text for field in screen.query(TextArea)}
    answers = [str(getattr(widget, "value", "")) for widget in screen.query("#answer, #sure")]
    step = screen.session.state.at if isinstance(screen, Room) else None
    return screen, focused, typed, answers, step


# --- what holds at every size -------------------------------------------------------------------------------------------


def fits(app: App[Any], size: Size) -> bool:
    """Nothing hangs over the edge, nothing scrolls sideways, and what has the focus is in sight. True, or it raises."""
    screen = app.screen
    assert all(cell_len(line) <= size[0] for line in lines(app))
    assert screen.max_scroll_x == 0
    for widget in screen.query("*"):
        if not seen(widget):
            continue
        if type(widget).__name__ not in MAY_SCROLL:
            assert widget.max_scroll_x == 0 or not widget.allow_horizontal_scroll, f"{widget} scrolls sideways"
        if widget.focusable:
            assert widget.region.x >= 0, f"{widget} hangs over the left edge"
            assert widget.region.right <= size[0], f"{widget} hangs over the right edge"
    focused = app.focused
    if focused is not None:
        assert screen.region.contains_region(focused.region) or part(focused), f"{focused} is out of sight"
    if isinstance(focused, TextArea):
        assert part(focused)
        x, y = focused.cursor_screen_offset
        assert 0 <= x < size[0], "the cursor is out of sight"
        assert 0 <= y < size[1], "the cursor is out of sight"
    return True


def seen(widget: Widget) -> bool:
    """Whether it and all it stands in are displayed."""
    return all(w.display for w in widget.ancestors_with_self if isinstance(w, Widget)) and bool(widget.region)


def part(widget: Widget) -> bool:
    """Whether at least a line of it can be seen."""
    region = widget.region
    for above in widget.ancestors:
        if isinstance(above, Widget):
            region = region.intersection(above.region)
    return region.height > 0 and region.width > 0
