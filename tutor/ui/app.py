"""The program in the terminal. It paints first and imports later; what a screen shows is its own business."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from textual import on, work
from textual.app import App, SystemCommand
from textual.binding import Binding
from textual.message import Message
from textual.screen import Screen

from tutor.ui import prefs
from tutor.ui.screens.home import HomeScreen, LessonWanted
from tutor.ui.themes import DEFAULT, OURS

if TYPE_CHECKING:
    from tutor.settings import Settings
    from tutor.ui.bench import Bench
    from tutor.ui.desk import Desk


class DeskOpened(Message):
    """The lessons and the journal are there."""

    def __init__(self, desk: Desk):
        super().__init__()
        self.desk = desk


class DeskFailed(Message):
    """They are not."""

    def __init__(self, error: Exception):
        super().__init__()
        self.error = error


class TutorApp(App[int]):
    """`lesson` is opened at once if it is given."""

    TITLE = "llmw-tutor"
    CSS_PATH = Path(__file__).with_name("styles.tcss")
    ENABLE_COMMAND_PALETTE = True
    BINDINGS = [
        Binding("ctrl+p", "command_palette", "palette", show=True, priority=True),
        Binding("f1", "help", "help", show=True),
        Binding("ctrl+q", "quit", "quit", show=False, priority=True),
    ]

    def __init__(self, settings: Settings, lesson: str | None = None):
        super().__init__()
        self.settings = settings
        self.home = HomeScreen()
        self.desk: Desk | None = None
        self.bench: Bench | None = None
        self._wanted = lesson
        self._farewell = ""
        """What is printed when the screen is gone."""
        for theme in OURS:
            self.register_theme(theme)
        kept = settings.theme or prefs.load(settings.home).get("theme", DEFAULT)
        self.theme = kept if kept in self.available_themes and not (self.no_color and "ansi" in kept) else DEFAULT
        if settings.reduced_motion:
            self.animation_level = "none"

    # --- from the first paint to the first lesson ---------------------------------------------------------------------

    def get_default_screen(self) -> Screen[Any]:
        return self.home

    def on_mount(self) -> None:
        self.theme_changed_signal.subscribe(self, lambda theme: prefs.save(self.settings.home, theme=theme.name))
        self.call_after_refresh(self._open_desk)

    @work(thread=True, exit_on_error=False)
    def _open_desk(self) -> None:
        """The slow imports, the lessons and the journal, beside a screen that is there already."""
        try:
            from tutor.ui.desk import open_desk

            self.post_message(DeskOpened(open_desk(self.settings)))
        except Exception as error:
            self.post_message(DeskFailed(error))

    @on(DeskOpened)
    def _opened(self, message: DeskOpened) -> None:
        self.desk = message.desk
        self.bench = self.desk.bench(self._bench_changed, self._noticed)
        for notice in self.desk.store.notices:
            self.home.notice(notice)
        self.show_board()
        self.run_worker(self._start_engine(), group="engine", exit_on_error=False)
        if self._wanted:
            self.open_lesson(self._wanted)

    @on(DeskFailed)
    def _failed(self, message: DeskFailed) -> None:
        from tutor.journal.errors import JournalError

        if isinstance(message.error, JournalError):
            self._farewell = f"llmw-tutor: {message.error}"
            self.exit(1, return_code=1)
        else:
            self._handle_exception(message.error)

    async def _start_engine(self) -> None:
        from engine.errors import EngineError

        assert self.bench is not None
        try:
            await self.bench.start()
        except EngineError as error:
            self._noticed(str(error))

    def _bench_changed(self) -> None:
        from tutor.ui.screens.lesson import BenchChanged

        self.screen.post_message(BenchChanged())

    def _noticed(self, line: str) -> None:
        self.home.notice(line)

    # --- screens ------------------------------------------------------------------------------------------------------

    def show_board(self) -> None:
        if self.desk:
            self.home.show(self.desk.board(), self.settings.learner, self.desk.broken)

    @on(LessonWanted)
    def _lesson_wanted(self, message: LessonWanted) -> None:
        self.open_lesson(message.lesson, message.again)

    def open_lesson(self, id: str, again: bool = False) -> None:
        """Show the lesson, in place of another that may be open."""
        from tutor.journal.errors import JournalError
        from tutor.ui.screens.lesson import LessonScreen

        assert self.desk is not None
        assert self.bench is not None
        try:
            session = self.desk.session(id, again)
        except KeyError as error:
            self.home.notice(str(error.args[0]))
            return
        except JournalError as error:
            self.home.notice(str(error))
            return

        def closed(how: str | None) -> None:
            self.show_board()
            if how == "again":
                self.open_lesson(id, again=True)

        screen = LessonScreen(session, self.desk.voice, self.bench)
        if isinstance(self.screen, LessonScreen):
            self.pop_screen()
        self.push_screen(screen, closed)

    def action_help(self) -> None:
        from tutor.ui import help
        from tutor.ui.screens.page import Page

        self.push_screen(Page("Help", help.text(self.settings.home)))

    def get_system_commands(self, screen: Screen[Any]) -> Iterable[SystemCommand]:
        from tutor.ui.palette import commands

        yield from commands(self, screen)

    async def action_quit(self) -> None:
        self.exit(0)

    async def on_unmount(self) -> None:
        if self.bench:
            await self.bench.close()
        if self.desk:
            self.desk.store.close()

    # --- when something goes wrong that nobody foresaw ----------------------------------------------------------------

    def note_crash(self, error: BaseException) -> Path | None:
        """Write a crash log without keys or values; the path of it."""
        from tutor import crash

        return crash.write_log(self.settings.home, error)

    def _handle_exception(self, error: Exception) -> None:
        from tutor import crash

        self._farewell = crash.line(self.settings.home, error)
        super()._handle_exception(error)
        self._return_code = crash.EXIT_STATUS

    def _fatal_error(self) -> None:
        """In place of Textual's traceback, which prints the values of variables."""
        self._close_messages_no_wait()

    def _print_error_renderables(self) -> None:
        """The last words, as one line, when the terminal is as it was."""
        self._exit_renderables.clear()
        if self._farewell:
            print(self._farewell, file=sys.__stderr__)


def run_app(settings: Settings, lesson: str | None = None) -> int:
    """Open the tutor; returns the exit status."""
    if settings.reduced_motion:
        os.environ["TEXTUAL_ANIMATIONS"] = "none"
    app = TutorApp(settings, lesson)
    app.run()
    return app.return_code or 0
