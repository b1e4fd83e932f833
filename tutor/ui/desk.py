"""What the screens stand on: the desk, with an engine for the screens. Imported after the first paint, as that takes a while.

The map comes first: what only a lesson needs (`warm`) is imported when the map is there, or when a lesson is wanted.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress

from tutor import desk
from tutor.course import load_course
from tutor.journal.errors import JournalError
from tutor.journal.store import Store
from tutor.settings import Settings
from tutor.ui.bench import Bench


class Desk(desk.Desk):
    """The desk of `tutor.desk`, with an engine that the screens hear from."""

    def warm(self) -> None:
        """Import what a lesson and the help need, so that they open at once. For a thread beside the map."""
        from tutor.ui import keymap

        _ = self.voice
        keymap.actions()  # which imports every screen

    def bench(self, on_change: Callable[[], None], on_notice: Callable[[str], None]) -> Bench:
        """The engine's link, made in the loop that will use it."""
        options = self.settings.engine_options()
        return Bench(**options, fetch=not self.settings.offline, on_change=on_change, on_notice=on_notice)


def open_desk(settings: Settings) -> Desk:
    """Read the lessons and open the journal. Raises JournalError, JournalBusy, JournalNewer."""
    course = load_course(settings.lessons)
    found = Desk(settings, course, Store.open(settings.home, settings.learner))
    with suppress(JournalError):  # said when the map is shown
        found.board()  # whoever called from a thread has folded here what is begun, and shows the map at once
    return found
