"""A surprise that came back: the same screen as a lesson, with one bet and its run."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from textual.content import Content

from tutor.dialogue.voice import Voice
from tutor.record.days import calendar
from tutor.record.review import ReviewSession
from tutor.record.surprises import STAYS_DUE
from tutor.ui import transcript
from tutor.ui.bench import Port
from tutor.ui.screens.lesson import LessonScreen
from tutor.ui.themes import MUTED
from tutor.ui.widgets.choices import Way
from tutor.ui.widgets.talk import Item


class ReviewScreen(LessonScreen):
    """Dismissed with "home", "next" or "lesson"."""

    def __init__(self, session: ReviewSession, voice: Voice, bench: Port, now: Callable[[], datetime], left: int):
        """`left` says how many more are due after this one."""
        super().__init__(session, voice, bench, now)
        self.review, self._left = session, left

    def ending(self) -> list[Item]:
        """What was bet the first time, now that the run has spoken."""
        if not self.review.decided:
            return [transcript.note(STAYS_DUE)]
        old = self.review.card.bet
        words = f"{old.said.rstrip('.')}, {old.confidence} %  →  {old.truth.rstrip('.')}"
        date = calendar(old.at.astimezone().date(), datetime.now())
        return [
            ("sum", "then", Content.assemble(("✘ ", "bold $primary"), transcript.plain(words), (f"   {date}", MUTED)))
        ]

    def ways_on(self) -> list[Way]:
        home, lesson = ("enter", "home", "home"), ("l", "the lesson", "lesson")
        if self._left:
            return [("enter", f"next, {self._left} left", "next"), ("h", "home", "home"), lesson]
        return [home, lesson]
