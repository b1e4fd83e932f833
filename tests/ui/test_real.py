"""A whole lesson with nothing made up: the program itself, a real engine process, a real (tiny, random) model."""

from __future__ import annotations

import asyncio
import os
import signal
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot

from tests.engine.tiny import tiny_folder
from tests.learner import ONE_HEAD
from tests.ui.look import lines, until
from tutor import events as ev
from tutor.journal.store import Store
from tutor.settings import Settings
from tutor.todo import AskBet, ChooseTweak, Done, Hear, Retry
from tutor.ui import work
from tutor.ui.app import TutorApp
from tutor.ui.bench import Bench
from tutor.ui.screens.lesson import LessonScreen


async def asked(pilot: Pilot[Any], kind: type, step: str) -> LessonScreen:
    def there() -> bool:
        s = pilot.app.screen
        return isinstance(s, LessonScreen) and isinstance(s._doing, kind) and s.session.state.at == step

    await until(pilot, there, 90)
    await until(pilot, lambda: pilot.app.focused is not None)
    await pilot.pause()
    screen = pilot.app.screen
    assert isinstance(screen, LessonScreen)
    return screen


async def bet(pilot: Pilot[Any]) -> None:
    await until(pilot, lambda: pilot.app.focused is not None and pilot.app.focused.id == "answer")
    await pilot.press("1", "enter", *"why", "enter", "6", "enter")


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    (tmp_path / "own").mkdir()
    (tmp_path / "own" / "tiny.yaml").write_text(ONE_HEAD)
    return Settings(
        home=tmp_path / "home", lessons=(tmp_path / "own",), model=str(tiny_folder("llama")), device="cpu", offline=True
    )


async def test_a_whole_lesson_on_a_real_engine(settings: Settings) -> None:
    app = TutorApp(settings, "one-head")
    async with app.run_test(size=(120, 40)) as pilot:
        lesson = await asked(pilot, AskBet, "guess")
        await bet(pilot)
        await asked(pilot, Hear, "look")
        await until(pilot, lambda: "TWEAK" in "\n".join(lines(app)))
        assert lesson.side.panel.figures
        await pilot.press(*"less", "enter")
        await asked(pilot, ChooseTweak, "try")
        await until(pilot, lambda: "a whole number from 0 to 2" in "\n".join(lines(app)))
        await until(pilot, lambda: app.focused is not None and app.focused.id == "p-layer")
        await pilot.press("ctrl+u", "0", "enter")
        await asked(pilot, AskBet, "try")
        await bet(pilot)
        await asked(pilot, ChooseTweak, "try")
        await pilot.press("ctrl+g")
        await asked(pilot, Hear, "keep")
        await pilot.press(*"depends", "enter")
        await until(pilot, lambda: isinstance(lesson._doing, Done))
    with Store.read(settings.home, "me") as store:
        runs = [e for e in store.events("one-head") if isinstance(e, ev.RunFinished)]
        assert [r.result["parameters"]["layer"] for r in runs] == [1, 0]
        assert store.progress()["one-head"].done


async def test_an_engine_that_is_killed_is_one_line_and_runs_again(settings: Settings) -> None:
    app = TutorApp(settings, "one-head")
    async with app.run_test(size=(80, 24)) as pilot:
        await asked(pilot, AskBet, "guess")
        await until(pilot, lambda: app.bench and app.bench.status.phase == "ready" and app.bench.model, 90)
        assert app.bench is not None
        life = app.bench.engine._life
        assert life is not None
        os.kill(life.process.pid, signal.SIGSTOP)  # it will not answer, so that the run is under way when it dies
        await bet(pilot)
        await until(pilot, lambda: app.bench is not None and app.bench.status.phase == "busy")
        os.kill(life.process.pid, signal.SIGKILL)
        lesson = await asked(pilot, Retry, "do-it")
        message = lesson.session.todo.message  # type: ignore[union-attr]
        assert "\n" not in message
        await until(pilot, lambda: "run it again" in "\n".join(lines(app)))
        await pilot.press("enter")
        await asked(pilot, Hear, "look")


async def test_a_run_tells_the_sizes_of_a_model_whose_loading_was_cancelled(tmp_path: Path) -> None:
    model = str(tiny_folder("llama"))
    heard: list[Any] = []
    bench = Bench(device="cpu")
    try:
        await bench.start()
        loading = asyncio.create_task(work.prepare(heard.append, bench, model))
        await asyncio.sleep(0)
        await bench.cancel()
        await loading
        assert [getattr(m, "problem", None) or "" for m in heard] == [""], "whoever cancelled is told nothing"
        bench.model = None
        await bench.run("next_token", {"prompt": "the cat"}, model, 0, lambda event: None)
        assert bench.model is not None
        assert bench.model.name == model
    finally:
        await bench.close()
