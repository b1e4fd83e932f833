"""The program around the screens: its start, its colours, its palette, and how it ends when something is wrong."""

from __future__ import annotations

import asyncio
import os
import pty
import re
import select
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from textual.color import Color
from textual.theme import Theme
from textual.widgets._toast import Toast

from tests.terminal import TUTOR, Terminal
from tests.ui.look import environment, lines, until
from tests.ui.stage import FakeApp
from tutor import events as ev
from tutor.dialogue.terms import terms
from tutor.journal.store import Store
from tutor.settings import Settings
from tutor.ui import prefs
from tutor.ui.app import TutorApp
from tutor.ui.screens.lesson import LessonScreen
from tutor.ui.screens.page import Page
from tutor.ui.themes import INK, PAPER

ROOT = Path(__file__).parents[2]
LATE = ("torch", "transformers", "numpy", "anthropic", "pydantic", "yaml", "sqlite3", "engine", "tutor.course")


def said(app: FakeApp) -> str:
    return "\n".join(lines(app))


def test_the_first_paint_waits_for_nothing_slow() -> None:
    code = f"import sys, tutor.ui.app; print([m for m in {LATE!r} if m in sys.modules])"
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    assert out.stdout.strip() == "[]"


def test_the_help_of_the_first_second_names_all_keys(tmp_path: Path) -> None:
    with Terminal([*TUTOR, "--home", str(tmp_path), "--offline", "--engine", "sleep 60"], 120, 70) as t:
        t.wait("llmw-tutor", 60)
        t.press("f1")
        t.wait("zoom: one corner", 60)
        for key, does in (("ctrl\\+s", "skip the step"), ("z Z esc", "zoom: one corner")):
            assert re.search(f"  {key} +{does}", t.text)


async def test_one_passing_word_at_a_time_and_warnings_stay(tmp_path: Path) -> None:
    app = FakeApp(tmp_path)
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        app.notify("the first word")
        app.notify("a warning", severity="warning")
        await until(pilot, lambda: "the first word" in said(app) and "a warning" in said(app))
        app.notify("the second word")
        await until(pilot, lambda: "the second word" in said(app) and "the first word" not in said(app))
        assert "a warning" in said(app)


async def test_the_map_is_painted_before_the_lessons_are_read(tmp_path: Path) -> None:
    class Waiting(FakeApp):
        def _open_desk(self) -> None:  # type: ignore[override]
            pass

    app = Waiting(tmp_path)
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: "llmw-tutor" in said(app))
        await pilot.press("j", "enter", "r", "f1")
        await until(pilot, lambda: isinstance(app.screen, Page))


async def test_the_chosen_theme_is_kept(tmp_path: Path) -> None:
    app = FakeApp(tmp_path)
    async with app.run_test(size=(80, 24)) as pilot:
        assert app.theme == INK.name
        app.theme = PAPER.name
        await until(pilot, lambda: prefs.load(tmp_path).get("theme") == PAPER.name)
    assert TutorApp(Settings(home=tmp_path)).theme == PAPER.name
    assert TutorApp(Settings(home=tmp_path, theme="nord")).theme == "nord", "a setting wins"
    assert TutorApp(Settings(home=tmp_path, theme="no-such")).theme == INK.name


def test_preferences_that_cannot_be_read_or_written_are_no_matter(tmp_path: Path) -> None:
    (tmp_path / prefs.FILE).write_text("{")
    assert prefs.load(tmp_path) == {}
    prefs.save(tmp_path / prefs.FILE / "below-a-file", theme="x")


def test_no_color_never_meets_an_ansi_theme(tmp_path: Path) -> None:
    prefs.save(tmp_path, theme="textual-ansi")
    with environment(NO_COLOR="1"):
        assert TutorApp(Settings(home=tmp_path)).theme == INK.name


@pytest.mark.parametrize("theme", [INK, PAPER], ids=lambda t: t.name)
def test_our_themes_can_be_read(theme: Theme) -> None:
    """Contrast of at least 4.5 to 1 (WCAG 2.1 AA) for every colour that carries words."""
    ground = Color.parse(theme.background or "")
    for name in ("foreground", "accent", "primary", "error"):
        assert contrast(Color.parse(getattr(theme, name)), ground) >= 4.5, name
    assert contrast(ground.blend(Color.parse(theme.foreground or ""), 0.65), ground) >= 4.5, "muted words"


def contrast(one: Color, other: Color) -> float:
    def luminance(colour: Color) -> float:
        parts = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in colour.normalized]
        return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]

    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


async def test_the_palette_finds_a_word_of_the_field(tmp_path: Path) -> None:
    app = FakeApp(tmp_path)
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: app.home.board)
        offered = {c.title: c for c in app.get_system_commands(app.screen)}
        names = [name for term in terms() for name in (term.term, *term.also)]
        assert {f"Word: {name}" for name in names} == {title for title, c in offered.items() if not c.discover}
        await pilot.press("ctrl+p", *"word: logit")
        await until(pilot, lambda: "Word: logit " in said(app))
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(app.screen, Page))
        assert "The higher it is, the likelier is the token" in " ".join(" ".join(lines(app)).split())


@pytest.mark.parametrize(("typed", "found"), [("colour", "Theme"), ("calib", "My record"), ("takeaways", "My notes")])
async def test_the_palette_finds_a_command_by_what_it_does(tmp_path: Path, typed: str, found: str) -> None:
    app = FakeApp(tmp_path)
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: app.home.board and app.home.overview)
        await pilot.press("ctrl+p", *typed)
        await until(pilot, lambda: found in said(app))
        assert "Word: " not in said(app), "words of the field are found by their names"


async def test_the_palette_opens_a_lesson_and_skips(tmp_path: Path) -> None:
    app = FakeApp(tmp_path)
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: app.home.board)
        titles = [c.title for c in app.get_system_commands(app.screen)]
        assert "○ Silence one head" in titles
        await pilot.press("ctrl+p")
        await until(pilot, lambda: "Search" in said(app))
        await pilot.press(*"silence")
        await until(pilot, lambda: "Silence one head" in said(app))
        await until(pilot, lambda: app.screen.query("CommandList"))
        await pilot.press("enter")
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(app.screen, LessonScreen))
        titles = [c.title for c in app.get_system_commands(app.screen)]
        assert {"Skip the step", "Figure", "Copy", "Model", "Theme", "Quit"} <= set(titles)


DOORS: list[Callable[[FakeApp], object]] = [
    FakeApp.action_command_palette, FakeApp.action_help, FakeApp.action_note, FakeApp.action_notes, FakeApp.action_search,
    FakeApp.search_themes, FakeApp.show_record, FakeApp.show_reviews, lambda app: app.open_lesson("silence-one-head"),
]  # fmt: skip


@pytest.mark.parametrize("turns", [0, 1, 5])
@pytest.mark.parametrize("opens", DOORS)
async def test_what_opens_as_the_program_quits_is_no_crash(
    tmp_path: Path, opens: Callable[[FakeApp], object], turns: int
) -> None:
    app = FakeApp(tmp_path)
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: app.home.overview)
        opens(app)
        for _ in range(turns):
            await asyncio.sleep(0)
        app.exit(0)
    assert app.return_code == 0


async def test_what_comes_in_as_the_program_quits_is_no_crash(tmp_path: Path) -> None:
    app = FakeApp(tmp_path, "silence-one-head")
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: isinstance(app.screen, LessonScreen) and app.focused)
        assert isinstance(app.screen, LessonScreen)
        app.call_next(app.screen.record, ev.Skipped("warm-up"))
        app.exit(0)
    assert app.return_code == 0


async def test_help_says_where_the_files_are_and_scrolls(tmp_path: Path) -> None:
    app = FakeApp(tmp_path, "silence-one-head")
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: isinstance(app.screen, LessonScreen) and app.focused)
        await pilot.press("f1")
        await until(pilot, lambda: isinstance(app.screen, Page))
        await pilot.press("end")
        await until(pilot, lambda: "journal.db" in said(app))
        assert max(map(len, lines(app))) <= 80
        await pilot.press("escape")
        await until(pilot, lambda: isinstance(app.screen, LessonScreen))


# --- in a terminal of its own -----------------------------------------------------------------------------------------


def in_a_terminal(code: str, keys: bytes = b"", within: float = 60) -> tuple[int, str]:
    """Run Python code on a pseudo-terminal; (exit status, all that was printed)."""
    parent, child = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-c", code], stdin=child, stdout=child, stderr=child, cwd=ROOT, start_new_session=True,
        env={**os.environ, "TERM": "xterm-256color", "LINES": "24", "COLUMNS": "80"},
    )  # fmt: skip
    os.close(child)
    out = b""
    try:
        while select.select([parent], [], [], within)[0]:
            try:
                piece = os.read(parent, 65536)
            except OSError:
                break
            if not piece:
                break
            out += piece
            if keys and b"llmw-tutor" in out:
                os.write(parent, keys)
                keys = b""
        return process.wait(within), out.decode("utf-8", "replace")
    finally:
        process.kill()
        os.close(parent)


CRASH = """
import sys
from collections.abc import Callable
from pathlib import Path
from tutor.settings import Settings
from tutor.ui import app
secret = "sk-ant-0123456789abcdef"
def boom(self):
    key = secret
    try:
        raise RuntimeError("a key in the message: " + key)
    except RuntimeError as error:
        self._handle_exception(error)
    raise ValueError("what came of it")
app.TutorApp._open_desk = boom
sys.exit(app.run_app(Settings(home=Path(sys.argv[1] if len(sys.argv) > 1 else {home!r}))))
"""


def test_a_crash_is_one_line_with_the_path_of_one_log_without_keys(tmp_path: Path) -> None:
    status, out = in_a_terminal(CRASH.format(home=str(tmp_path)))
    last = out.rstrip().splitlines()[-1]
    assert status == 70
    assert "something went wrong" in last
    assert "(RuntimeError)" in last
    assert str(tmp_path / "crash-") in last
    assert "Traceback" not in out
    assert "sk-ant" not in out
    (log,) = tmp_path.glob("crash-*.log")
    text = log.read_text()
    assert "RuntimeError" in text
    assert "sk-ant" not in text


BUSY = """
import sys
from collections.abc import Callable
from pathlib import Path
from tutor.settings import Settings
from tutor.ui.app import run_app
sys.exit(run_app(Settings(home=Path({home!r}))))
"""


def test_a_second_tutor_on_the_same_journal_is_told_so_and_leaves(tmp_path: Path) -> None:
    with Store.open(tmp_path, "me"):
        status, out = in_a_terminal(BUSY.format(home=str(tmp_path)))
    assert status == 1
    assert "Another tutor" in out.rstrip().splitlines()[-1]
    assert "--learner" in out


def test_quitting_is_quick_and_clean(tmp_path: Path) -> None:
    status, out = in_a_terminal(BUSY.format(home=str(tmp_path)), keys=b"\x11")
    assert status == 0
    assert "Traceback" not in out
    assert "Exception" not in out


async def test_words_that_go_in_the_moment_they_are_shown_again_do_go(tmp_path: Path) -> None:
    app = FakeApp(tmp_path)
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        app.notify("soon over", timeout=60)
        await until(pilot, lambda: app.screen.query(Toast))
        notification = app.screen.query_one(Toast)._notification
        notification.timeout = -1.0
        assert notification.has_expired
        assert notification.time_left > 0, "a timer of less would never end, and hear no key"
        again = Toast(notification)
        await app.screen.mount(again)
        await until(pilot, lambda: not again.is_attached)
