"""The pages of a lesson: the code of its experiment, as it stands in the file and in colours."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Static

from engine.experiments import experiment
from tests.ui.drive import ID, to_observe
from tests.ui.look import Stage, lines, until
from tests.ui.stage import FakeApp
from tests.ui.test_side import state
from tutor.ui import pages
from tutor.ui.code import coloured
from tutor.ui.screens.page import Page

SOURCE = Path(experiment("logit_lens").path or "").read_text("utf-8")


@pytest.mark.parametrize("light", [True, False])
@pytest.mark.parametrize("colour", [True, False])
async def test_the_code_is_the_file_and_its_colours_come_by_themselves(light: bool, colour: bool) -> None:
    app = Stage(Static("below"), light=light, colour=colour)
    async with app.run_test(size=(80, 24)) as pilot:
        page = pages.code(state())
        assert page is not None
        await app.push_screen(page)
        await until(pilot, lambda: "residual stream grows" in "\n".join(lines(app)))
        text = page.query_one(VerticalScroll).query_one(Static)
        await until(pilot, lambda: isinstance(text.content, Content) and text.content.spans)
        assert isinstance(text.content, Content)
        assert text.content.plain.rstrip() == SOURCE.rstrip()
        styles = {text.content.plain[s.start : s.end]: str(s.style) for s in text.content.spans}
        assert "bold" in styles["import"]
        assert "italic" not in styles["import"]
        assert "engine/experiments/logit_lens.py" in lines(app)[0]
        await pilot.press("s")  # the key that opens it
        await until(pilot, lambda: app.screen is not page)


async def test_a_page_can_be_read_and_closed_before_its_colours_are_there() -> None:
    go = threading.Event()

    def later() -> Content:
        go.wait(10)
        return coloured("x = 1")

    app = Stage(Static("below"))
    async with app.run_test(size=(60, 20)) as pilot:
        page = Page("Code", Content("x = 1"), later=later)
        await app.push_screen(page)
        await until(pilot, lambda: "x = 1" in "\n".join(lines(app)))
        await pilot.press("escape")
        await until(pilot, lambda: "below" in "\n".join(lines(app)))
        go.set()
        await until(pilot, lambda: all(w.is_finished for w in app.workers))
        assert "below" in "\n".join(lines(app))


async def test_keys_in_a_burst_open_one_page(tmp_path: Path) -> None:
    """Who types at the figure by mistake had a page for every letter of its key."""
    app = FakeApp(tmp_path, ID)
    async with app.run_test(size=(120, 40)) as pilot:
        lesson = await to_observe(pilot)
        await pilot.press("tab")
        await until(pilot, lambda: lesson.side.focused_here)
        for _ in range(4):
            app.simulate_key("s")
        await until(pilot, lambda: app.screen is not lesson)
        await pilot.pause()
        await pilot.press("escape")
        await until(pilot, lambda: app.screen is lesson)
