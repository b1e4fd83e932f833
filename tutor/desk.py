"""What the ways in work at: the settings, the lessons, the journal, and what is made of them.

What only a lesson or the record needs is imported when it is wanted: the map is there at once.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING

from tutor.board import Board, Map
from tutor.course import Course
from tutor.journal.store import Store
from tutor.settings import Settings

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
