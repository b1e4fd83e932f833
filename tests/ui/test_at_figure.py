"""Who is at the figure when something is asked."""

from __future__ import annotations

import asyncio
from pathlib import Path

from engine.errors import Cancelled
from tests.ui.drive import ID, bet, fields, reach, to_tweak, write
from tests.ui.look import until
from tests.ui.stage import FakeApp, FakeBench
from tutor.todo import ChooseTweak, Hear, Retry, RunNow
from tutor.ui.widgets.choices import Choices
from tutor.ui.widgets.tweak import TweakForm


async def test_who_is_at_the_figure_when_a_run_ends_stays_there(tmp_path: Path) -> None:
    """Keys of the figure are letters: in a field that took the focus they would be typed."""
    bench = FakeBench()
    app = FakeApp(tmp_path, ID, bench=bench)
    async with app.run_test(size=(120, 40)) as pilot:
        await to_tweak(pilot)
        bench.hold = asyncio.Event()
        await pilot.press("ctrl+u", "5", "enter")
        await bet(pilot, sure="6")
        lesson = await reach(pilot, RunNow)
        await pilot.press("tab")
        await until(pilot, lambda: lesson.side.focused_here)
        bench.hold.set()
        await until(pilot, lambda: isinstance(lesson._doing, ChooseTweak) and lesson.foot.form)
        await until(pilot, lambda: lesson.query("TweakForm"))
        await pilot.pause()
        await pilot.press("t")
        assert lesson.side.focused_here
        of = lesson.query_one(TweakForm)
        assert fields(of)["layer"] == "5"
        await pilot.press("tab")
        await until(pilot, lambda: of.has_focus_within)
        await pilot.press("7")
        await until(pilot, lambda: fields(of)["layer"] == "7")


async def test_who_cancels_a_run_at_the_figure_can_say_how_to_go_on(tmp_path: Path) -> None:
    bench = FakeBench(hold=asyncio.Event())
    app = FakeApp(tmp_path, ID, bench=bench)
    async with app.run_test(size=(120, 40)) as pilot:
        await reach(pilot, Hear, "warm-up")
        await write(pilot, "right", "enter")
        await bet(pilot)
        lesson = await reach(pilot, RunNow)
        await pilot.press("tab")
        await until(pilot, lambda: lesson.side.focused_here)
        bench.fail = Cancelled("The run was cancelled.")
        await pilot.press("escape")
        await until(pilot, lambda: isinstance(lesson._doing, Retry))
        await until(pilot, lambda: isinstance(app.focused, Choices))
        await pilot.press("s")
        await until(pilot, lambda: lesson.session.state.at != "do-it")
