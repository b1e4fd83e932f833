"""The program in the terminal. It paints first and imports later; what a screen shows is its own business."""

from __future__ import annotations

import asyncio
import signal
import sys
import time
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from textual import constants, events, on, work
from textual.app import SystemCommand
from textual.binding import Binding
from textual.driver import Driver
from textual.message import Message
from textual.notifications import Notify
from textual.screen import Screen

from tutor.journal.errors import JournalError
from tutor.ui import garbage, hangup, prefs
from tutor.ui.doors import Doors
from tutor.ui.frames import Frames
from tutor.ui.screens.home import HomeScreen
from tutor.ui.themes import DEFAULT, OURS
from tutor.ui.toasts import Passing

if TYPE_CHECKING:
    from rich.console import RenderableType
    from textual.command import Provider
    from textual.notifications import SeverityLevel

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


def found_in_palette() -> type[Provider]:
    """Imported when the palette is opened."""
    from tutor.ui.palette import Commands

    return Commands


class TutorApp(Doors):
    """`lesson` is opened at once if it is given."""

    TITLE = "llmw-tutor"
    CSS_PATH = Path(__file__).with_name("styles.tcss")
    ENABLE_COMMAND_PALETTE = True
    COMMANDS = {found_in_palette}
    BINDINGS = [
        Binding("ctrl+p", "command_palette", "palette", show=True, priority=True, id="app.palette"),
        Binding("f1", "help", "help", show=True, id="app.help"),
        Binding("ctrl+t", "note", "note", show=False, priority=True, id="app.note"),
        Binding("ctrl+q", "quit", "quit", show=False, priority=True, id="app.quit"),
        Binding(
            "ctrl+z", "suspend_process", "to the shell; fg comes back", show=False, priority=True, id="app.suspend"
        ),
    ]

    def __init__(self, settings: Settings, lesson: str | None = None):
        super().__init__()
        self.settings = settings
        self.home = HomeScreen()
        self.desk: Desk | None = None
        self.bench: Bench | None = None
        self.keys: dict[str, str] = {}
        """Keys of the learner's own, by action."""
        self._wanted = lesson
        self._touched = 0.0
        """When a key was pressed or the mouse moved last, on the monotonic clock."""
        self._farewell = ""
        """What is printed when the screen is gone."""
        self._frames = Frames()
        for theme in OURS:
            self.register_theme(theme)
        kept = settings.theme or prefs.load(settings.home).get("theme", DEFAULT)
        self.theme = kept if kept in self.available_themes and not (self.no_color and "ansi" in kept) else DEFAULT
        if settings.reduced_motion:
            self.animation_level = "none"

    # --- from the first paint to the first lesson ---------------------------------------------------------------------

    def get_driver_class(self) -> type[Driver]:
        if constants.DRIVER or sys.platform == "win32":
            return super().get_driver_class()
        from tutor.ui.driver import Terminal

        return Terminal

    def get_default_screen(self) -> Screen[Any]:
        return self.home

    def on_mount(self) -> None:
        # asked to go, it gives the terminal back as it was
        for asked in (signal.SIGTERM, signal.SIGHUP):
            asyncio.get_running_loop().add_signal_handler(asked, self.exit, None, 128 + asked)
        self.theme_changed_signal.subscribe(self, lambda theme: prefs.save(self.settings.home, theme=theme.name))
        self.set_interval(garbage.LOOK_S, self._sweep)
        self.call_after_refresh(self._open_desk)

    @work(thread=True, exit_on_error=False)
    def _open_desk(self) -> None:
        """The slow imports, the lessons and the journal, beside a screen that is there already."""
        try:
            from tutor.ui.desk import open_desk

            desk = open_desk(self.settings)
            if self._wanted:  # a lesson is what the learner waits for, not the map
                desk.warm()
            self.post_message(DeskOpened(desk))
        except Exception as error:
            self.post_message(DeskFailed(error))

    @on(DeskOpened)
    def _opened(self, message: DeskOpened) -> None:
        self.desk = message.desk
        self.bench = self.desk.bench(self._bench_changed, self._noticed)
        for notice in self.desk.store.notices:
            self.home.notice(notice)
        self._take_keys()
        self.show_board()
        self._warm()
        self.run_worker(self._start_engine(), group="engine", exit_on_error=False)
        if self._wanted:
            self.open_lesson(self._wanted)

    @work(thread=True, exit_on_error=False)
    def _warm(self) -> None:
        assert self.desk is not None
        self.desk.warm()
        garbage.settle()

    def _take_keys(self) -> None:
        """The keys that config.toml names, or a line on why not; the same for a theme that is none."""
        if self.settings.theme and self.settings.theme not in self.available_themes:
            from difflib import get_close_matches

            near = get_close_matches(self.settings.theme, self.available_themes, n=3, cutoff=0.6)
            right = f"did you mean {' or '.join(near)}?" if near else "the palette lists them under Theme."
            self._noticed(f"theme = {self.settings.theme!r}: there is no such theme; {right}")
        if self.settings.keys:
            from tutor.ui import keymap

            self.keys, problem = keymap.read(self.settings.keys)
            self.set_keymap(self.keys)
            if problem:
                self._noticed(problem)
                if self._wanted:  # the map, where it stands, is not what the learner sees first
                    self.call_later(self.notify, problem, severity="warning", timeout=15, markup=False)

    @on(DeskFailed)
    def _failed(self, message: DeskFailed) -> None:
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
        from tutor.ui.bench import BenchChanged

        self.screen.post_message(BenchChanged())

    def _noticed(self, line: str) -> None:
        self.home.notice(line)

    def action_command_palette(self) -> None:
        from tutor.ui.palette import Palette

        if not isinstance(self.screen, Palette):
            self.push_screen(Palette())

    def search_themes(self) -> None:
        from textual.theme import ThemeProvider

        from tutor.ui.palette import Palette

        self.push_screen(Palette(providers=[ThemeProvider], placeholder="Search for themes…"))

    def get_system_commands(self, screen: Screen[Any]) -> Iterable[SystemCommand]:
        from tutor.ui.palette import commands

        yield from commands(self, screen)

    async def action_quit(self) -> None:
        keeps = [keep for screen in self.screen_stack if (keep := getattr(screen, "keep_typed", None))]
        problems = [problem for keep in keeps if (problem := keep())]
        if not self.stays_for(problems[0] if problems else ""):
            self.exit(0)

    def action_suspend_process(self) -> None:
        """To the shell, where there is one."""
        leave = getattr(self._driver, "to_the_shell", None)
        if leave and not leave():
            self.notify("There is no shell here that could call the tutor back.", timeout=4)

    async def on_event(self, event: events.Event) -> None:
        if isinstance(event, events.InputEvent):
            self._touched = time.monotonic()
        await super().on_event(event)

    def _sweep(self) -> None:
        if time.monotonic() - self._touched > garbage.QUIET_S:
            garbage.sweep()

    def _display(self, screen: Screen[Any], renderable: RenderableType | None) -> None:
        # what comes while a batch is open is dropped: it is not there, and comes once more
        if not self._batch_count and self._frames.repeats(renderable, self.cursor_position):
            renderable = None
        super()._display(screen, renderable)

    @on(Driver.SignalResume)
    def _repaint(self) -> None:
        """A terminal that was given back to the shell has forgotten what was on it."""
        self._frames = Frames()
        self.screen.refresh()

    async def on_unmount(self) -> None:
        if self.bench:
            await self.bench.close()
        if self.desk:
            self.desk.store.close()

    def notify(
        self,
        message: str,
        *,
        title: str = "",
        severity: SeverityLevel = "information",
        timeout: float | None = None,
        markup: bool = True,
    ) -> None:
        wait = self.NOTIFICATION_TIMEOUT if timeout is None else timeout
        self.post_message(Notify(Passing(message, title, severity, wait, markup=markup)))

    def on_notify(self, event: Notify) -> None:
        """One passing word at a time: ten of them, as when somebody types at a figure, would cover it. Warnings stay."""
        if event.notification.severity == "information":
            for old in [one for one in self._notifications if one.severity == "information"]:
                del self._notifications[old]

    # --- when something goes wrong that nobody foresaw ----------------------------------------------------------------

    def note_crash(self, error: BaseException) -> Path | None:
        """Write a crash log without keys or values; the path of it."""
        from tutor import crash

        return crash.write_log(self.settings.home, error)

    def _handle_exception(self, error: Exception) -> None:
        from textual.css.query import NoMatches
        from textual.widget import MountError
        from textual.worker import WorkerFailed

        from tutor import crash

        cause = error.error if isinstance(error, WorkerFailed) else error
        if self._exit and isinstance(cause, MountError | NoMatches):
            return  # on the way out Textual mounts nothing; what came in is in the journal, and shown next time
        if self._exception is None:  # what follows from the first is no news
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
    garbage.hold()
    sys.setswitchinterval(
        0.001
    )  # keys come in by one thread, paint goes out by another: neither waits long for its turn
    hangup.watch(0)
    app = TutorApp(settings, lesson)
    app.run()
    garbage.leave()
    return app.return_code or 0
