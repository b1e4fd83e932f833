"""A lesson that is being left: what still comes finds its parts, and not that they are gone."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from tests.ui.look import until
from tests.ui.stage import FakeApp
from tutor import events as ev
from tutor.ui.bench import BenchChanged
from tutor.ui.screens.lesson import LessonScreen


@pytest.mark.parametrize("turns", range(0, 32, 4))
async def test_what_comes_as_a_lesson_is_left_is_no_crash(tmp_path: Path, turns: int) -> None:
    app = FakeApp(tmp_path, "silence-one-head")
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: isinstance(app.screen, LessonScreen) and app.focused)
        lesson = app.screen
        assert isinstance(lesson, LessonScreen)
        lesson.dismiss()
        for _ in range(turns):
            await asyncio.sleep(0)
        lesson.call_next(lesson.record, ev.Skipped("warm-up"))
        app.call_later(lesson.set_focus, lesson.side)
        lesson.post_message(BenchChanged())
        await until(pilot, lambda: app.screen is app.home and not lesson.is_attached)
        await until(pilot, lambda: not app.message_queue_size)
