"""What the screens stand on: lessons, journal, voice, engine. Imported after the first paint, as that takes a while.

The map comes first: what only a lesson needs (`warm`) is imported when the map is there, or when a lesson is wanted.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING

from tutor.board import Board, Map
from tutor.course import Course, load_course
from tutor.journal.errors import JournalError
from tutor.journal.store import Store
from tutor.settings import Settings
from tutor.ui.bench import Bench

if TYPE_CHECKING:
    from tutor.dialogue.voice import Voice
    from tutor.record.next import Suggestion
    from tutor.record.overview import Overview
    from tutor.record.review import ReviewSession
    from tutor.record.surprises import Surprise
    from tutor.session import Session


@dataclass
class Desk:
    settings: Settings
    course: Course
    store: Store
    own_voice: Voice | None = None
    """In place of the one that the settings give."""

    @cached_property
    def voice(self) -> Voice:
        """Who words the moves."""
        from tutor.dialogue.claude import voice_of

        return self.own_voice or voice_of(self.settings, os.environ)

    def warm(self) -> None:
        """Import what a lesson and the help need, so that they open at once. For a thread beside the map."""
        from tutor.ui import keymap

        _ = self.voice
        keymap.actions()  # which imports every screen

    @cached_property
    def map(self) -> Map:
        return Map(self.course, self.store)

    def board(self) -> Board:
        """Raises JournalError."""
        return self.map.board()

    def session(self, lesson: str, again: bool = False) -> Session:
        """The lesson as far as it was taken, or from its first step, as where all of it was skipped. Raises JournalError, or
        KeyError where there is no such lesson."""
        from tutor.session import Session

        found = self.course.lesson(lesson)
        if found is None:
            raise KeyError(f"There is no lesson {lesson!r}.")
        session = Session(found, self.store, self.settings.model)
        if (again and session.resumed) or session.passed_by:
            session.restart(self.settings.model)
        return session

    def overview(self, now: datetime) -> Overview:
        """The learner's record, over a connection of its own: for a thread beside the screen. Raises JournalError."""
        from tutor.record.overview import overview  # here, since only this thread needs FSRS

        with Store.read(self.settings.home, self.settings.learner) as store:
            return overview(store.record(), self.course.lessons, now, self.settings.reviews_per_day)

    def suggestion(self, of: Overview) -> Suggestion | None:
        """One thing to do next."""
        from tutor.record.next import suggestion

        return suggestion(of, self.course.lessons, self.store.progress())

    def review(self, card: Surprise) -> ReviewSession:
        """A surprise, to be bet on again. Raises JournalError, or KeyError where its lesson is gone or has changed."""
        from tutor.record.review import ReviewSession

        lesson = self.course.lesson(card.bet.lesson)
        if lesson is None:
            raise KeyError(f"There is no lesson {card.bet.lesson!r}.")
        return ReviewSession(lesson, card, self.store, self.settings.model)

    def bench(self, on_change: Callable[[], None], on_notice: Callable[[str], None]) -> Bench:
        """The engine's link, made in the loop that will use it."""
        options = self.settings.engine_options()
        return Bench(**options, fetch=not self.settings.offline, on_change=on_change, on_notice=on_notice)


def open_desk(settings: Settings) -> Desk:
    """Read the lessons and open the journal. Raises JournalError, JournalBusy, JournalNewer."""
    course = load_course(settings.lessons)
    desk = Desk(settings, course, Store.open(settings.home, settings.learner))
    with suppress(JournalError):  # said when the map is shown
        desk.board()  # whoever called from a thread has folded here what is begun, and shows the map at once
    return desk
