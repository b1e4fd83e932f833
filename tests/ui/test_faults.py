"""An engine that hangs, dies, runs out of memory or prints junk, seen through the lesson: one line, and a way on.

The tutor and its client are the real ones; the engine is a small program behind the same pipes.
"""

from __future__ import annotations

import re
import shlex
import sys
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot

from tests.learner import ONE_HEAD
from tests.ui.drive import bet, reach
from tests.ui.look import lines, until
from tests.ui.stage import result
from tutor.journal.store import Store
from tutor.settings import Settings
from tutor.todo import AskBet, Hear, Retry, RunNow
from tutor.ui.app import TutorApp
from tutor.ui.screens.lesson import LessonScreen
from tutor.ui.widgets.choices import Choices

ID = "one-head"


def tutor(folder: Path, how: str) -> TutorApp:
    """The tutor with an engine that goes wrong in this way once."""
    (folder / "own").mkdir()
    (folder / "own" / "one-head.yaml").write_text(ONE_HEAD)
    parameters = {"prompt": "When Mary and John", "layer": 1, "head": 2, "answer": " Mary", "distractor": " John"}
    done = result("head_ablation", "smollm2-135m", parameters, 0)
    (folder / "result.json").write_text(done.model_dump_json())
    program = Path(__file__).with_name("bad_engine.py")
    engine = shlex.join([sys.executable, "-S", "-P", str(program), how, str(folder)])
    return TutorApp(Settings(home=folder / "home", lessons=(folder / "own",), engine=engine, offline=True), ID)


async def to_run(pilot: Pilot[Any]) -> None:
    """As far as the first run, with an engine that is not waited for too long."""
    app = pilot.app
    assert isinstance(app, TutorApp)
    await until(pilot, lambda: app.bench and app.bench.model and app.bench.status.phase == "ready", 30)
    assert app.bench is not None
    app.bench.engine.hang_after, app.bench.engine.grace = 2.0, 0.3
    await reach(pilot, AskBet, "guess")
    await bet(pilot, "1")


def said(app: TutorApp) -> str:
    return "\n".join(lines(app))


@pytest.mark.parametrize(
    ("how", "says"),
    [
        ("hangs", "the engine gave no sign of life for 2 s and was stopped. It starts again at the next request."),
        ("killed", "the engine was ended by the system (SIGKILL, perhaps because memory ran out)."),
        ("memory", "the run needs 14.2 GB, more memory than the budget of 12 GB: take a shorter prompt"),
    ],
)
async def test_it_is_one_line_and_enter_runs_again(tmp_path: Path, how: str, says: str) -> None:
    app = tutor(tmp_path, how)
    async with app.run_test(size=(80, 24)) as pilot:
        await to_run(pilot)
        await until(pilot, lambda: isinstance(app.screen, LessonScreen) and isinstance(app.screen._doing, Retry), 30)
        await until(pilot, lambda: isinstance(app.focused, Choices))
        await until(pilot, lambda: says in " ".join(said(app).split()))
        assert "Traceback" not in said(app)
        assert "enter run it again" in " ".join(said(app).split())
        await pilot.press("enter")
        lesson = await reach(pilot, Hear, "look")
        assert len(lesson.session.state.results) == 1
        assert [b.verdict.right for b in lesson.session.state.bets if b.verdict] == [True], (
            "the locked bet still counts"
        )
    with Store.read(tmp_path / "home", "me") as store:
        kinds = [type(e).__name__ for e in store.events(ID)]
    assert kinds.index("Predicted") < kinds.index("RunFailed") < kinds.index("RunFinished")


async def test_junk_on_its_output_changes_nothing_and_is_said_once(tmp_path: Path) -> None:
    app = tutor(tmp_path, "junk")
    async with app.run_test(size=(80, 24)) as pilot:
        await to_run(pilot)
        lesson = await reach(pilot, Hear, "look")
        assert lesson.session.state.results[0][1]["facts"]["drop"] == 0.5
        shown = said(app)
        assert "a library prints" not in shown
        assert "\x1b" not in shown
        notices = [line for line in app.home._notices if "prints to its output" in line]
        assert len(notices) == 1
        await pilot.press("escape")
        await until(pilot, lambda: "prints to its output" in said(app))


async def test_an_engine_that_lives_and_never_answers_is_left_by_escape(tmp_path: Path) -> None:
    app = tutor(tmp_path, "mute")
    async with app.run_test(size=(80, 24)) as pilot:
        await to_run(pilot)
        await reach(pilot, RunNow, "do-it")
        await until(pilot, lambda: (tmp_path / "once").exists())
        await pilot.press("escape")
        await reach(pilot, Retry, "do-it")
        await until(pilot, lambda: "had to be stopped" in " ".join(said(app).split()))
        await until(pilot, lambda: isinstance(app.focused, Choices))
        await pilot.press("enter")
        await reach(pilot, Hear, "look")


@pytest.mark.parametrize(
    ("how", "says"), [("wrong", "␛[31m[bold]layer 2[/bold]"), ("dies", "␛[31m[b]disk[/b] is gone")]
)
async def test_what_the_engine_says_of_an_error_is_shown_as_it_is(tmp_path: Path, how: str, says: str) -> None:
    app = tutor(tmp_path, how)
    async with app.run_test(size=(80, 24)) as pilot:
        await to_run(pilot)
        await reach(pilot, Retry, "do-it")
        await until(pilot, lambda: says in said(app))
        assert not re.search("[\x00-\x09\x0b-\x1f]", said(app))
        await until(pilot, lambda: isinstance(app.focused, Choices))
        await pilot.press("s")
        await until(pilot, lambda: isinstance(app.screen, LessonScreen) and app.screen.session.state.at != "do-it")
