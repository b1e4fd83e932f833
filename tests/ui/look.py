"""To look at a screen: what it says as lines, and what it looks like as a picture.

In a test: `lines(app)` for what it says, `await until(pilot, predicate)` to wait for something. By hand:

    python -m tests.ui.look OUT.png 80x24 tutor.ui.app:some_function [--light] [--no-color] [--press t,down]

where some_function() returns an App or a Widget. A PNG needs rsvg-convert (package librsvg2-bin) or cairosvg (pip), and
the font DejaVu Sans Mono; none of them is a dependency. Without them the picture is an SVG.
"""

from __future__ import annotations

import argparse
import asyncio
import importlib
import os
import re
import shutil
import subprocess
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from textual.app import App, ComposeResult
from textual.pilot import Pilot
from textual.widget import Widget

from tutor.ui.screens.told import Told
from tutor.ui.themes import INK, OURS, PAPER


class Stage(App[None]):
    """An app with one widget that fills it, in our own themes, on a terminal with all colours or with none."""

    CSS = "Screen { padding: 0 1; }"

    def __init__(self, widget: Widget, *, light: bool = False, colour: bool = True) -> None:
        with environment(COLORTERM="truecolor", TERM="xterm-256color", NO_COLOR=None if colour else "1"):
            super().__init__()
        self.widget = widget
        for theme in OURS:
            self.register_theme(theme)
        self.theme = (PAPER if light else INK).name
        self.animation_level = "none"

    def get_default_screen(self) -> Told[None]:
        """As in the tutor: what Textual forgets to tell the parts of its own is told."""
        return Told()

    def compose(self) -> ComposeResult:
        yield self.widget


def lines(app: App[Any]) -> list[str]:
    """What the screen says, line by line, without styles."""
    strips = app.screen._compositor.render_strips()
    return ["".join(segment.text for segment in strip).rstrip() for strip in strips]


async def drawn(pilot: Pilot[Any]) -> None:
    """Wait for the next frame, and for what its widgets wanted to do after it."""
    there = asyncio.Event()
    pilot.app.screen.call_after_refresh(there.set)
    await there.wait()
    await pilot.pause()


async def until(pilot: Pilot[Any], predicate: Callable[[], object], seconds: float = 10) -> None:
    """Wait until `predicate()` is true. Fails with what is on the screen when it does not become so.

    While a screen changes, what a predicate looks for may be missing or nothing may have the focus: a predicate that raises
    is not true yet. If it still raises at the end, that is the cause of the failure.
    """
    end = time.monotonic() + seconds
    while True:
        raised: Exception | None = None
        try:
            if predicate():
                return
        except Exception as error:
            raised = error
        if time.monotonic() > end:
            raise AssertionError("waited in vain; the screen says:\n" + "\n".join(lines(pilot.app))) from raised
        await pilot.pause(0.01)


async def focus_on(pilot: Pilot[Any], id: str) -> None:
    """Wait until the widget of this id has the focus."""
    await until(pilot, lambda: pilot.app.focused is not None and pilot.app.focused.id == id)


@contextmanager
def environment(**values: str | None) -> Iterator[None]:
    """Environment variables for a while; None takes one away."""

    def put(these: dict[str, str | None]) -> None:
        for name, value in these.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value

    before = {name: os.environ.get(name) for name in values}
    put(values)
    try:
        yield
    finally:
        put(before)


async def picture(app: App[Any], size: tuple[int, int], press: Iterable[str] = ()) -> str:
    """The app as SVG at `size` (columns, rows), after some keys."""
    async with app.run_test(size=size) as pilot:
        await pilot.pause()
        for key in press:
            await pilot.press(key)
        await pilot.pause()
        return app.export_screenshot()


def save(svg: str, path: Path) -> Path:
    """Write the picture as PNG if rsvg-convert or cairosvg is there, else as SVG; returns what was written."""
    svg = re.sub(r"@font-face\s*\{.*?\}", "", svg, flags=re.S).replace("Fira Code", "DejaVu Sans Mono")
    svg = svg.replace("<text ", '<text xml:space="preserve" ')
    if tool := shutil.which("rsvg-convert"):  # unlike cairosvg it looks for a missing glyph in other fonts
        subprocess.run([tool, "-o", str(path)], input=svg.encode(), check=True)
        return path
    try:
        import cairosvg
    except ImportError:
        path = path.with_suffix(".svg")
        path.write_text(svg)
        return path
    cairosvg.svg2png(bytestring=svg.encode(), write_to=str(path))
    return path


def main() -> None:
    parser = argparse.ArgumentParser(description="Take a picture of an app or a widget.")
    parser.add_argument("out", type=Path)
    parser.add_argument("size", help="columns x rows, such as 80x24")
    parser.add_argument("what", help="module:function that returns an App or a Widget")
    parser.add_argument("--press", default="", help="keys, with commas between them")
    parser.add_argument("--light", action="store_true")
    parser.add_argument("--no-color", action="store_true")
    args = parser.parse_args()
    module, _, name = args.what.partition(":")
    columns, rows = (int(n) for n in args.size.split("x"))
    with environment(NO_COLOR="1" if args.no_color else None):
        thing = getattr(importlib.import_module(module), name)()
        app = thing if isinstance(thing, App) else Stage(thing, light=args.light, colour=not args.no_color)
        keys = [key for key in args.press.split(",") if key]
        print(save(asyncio.run(picture(app, (columns, rows), keys)), args.out))


if __name__ == "__main__":
    main()
