"""What is typed and not sent: gathered for a moment, then kept by the journal, and given back after a kill."""

from __future__ import annotations

from textual.timer import Timer
from textual.widget import Widget

from tutor.journal.errors import JournalError
from tutor.session import Journal

AFTER_S = 0.3
"""A key is kept this long after it at the latest, and at every change of focus."""


class Drafts:
    """The drafts of one lesson. A disk that refuses is said when something is sent or left, not at each key, and tried
    again."""

    def __init__(self, journal: Journal, lesson: str):
        self._journal, self._lesson = journal, lesson
        self._waiting: dict[tuple[str, str], str] = {}
        self._timer: Timer | None = None

    def begin(self, widget: Widget) -> None:
        """Keep by the clock of this widget from now on."""
        self._timer = widget.set_interval(AFTER_S, self.keep, pause=True)

    def note(self, step: str | None, field: str, text: str) -> None:
        """Remember this until `keep`; from the first key on, so that who types without a pause is kept as well."""
        if step is None:
            return
        if self._timer and not self._waiting:
            self._timer.reset()
            self._timer.resume()
        self._waiting[step, field] = text

    def keep(self) -> str:
        """Write what waits. Gives why it could not be written; mostly empty."""
        problem = ""
        waiting, self._waiting = self._waiting, {}
        try:
            for (step, field), text in waiting.items():
                self._journal.save_draft(self._lesson, step, field, text)
        except JournalError as error:
            self._waiting, problem = waiting | self._waiting, str(error)
        if self._timer and not self._waiting:
            self._timer.pause()
        return problem

    def drop(self) -> None:
        """Forget what waits: it was sent."""
        self._waiting.clear()

    def of(self, step: str) -> dict[str, str]:
        """What was typed at the step, by field."""
        try:
            return self._journal.draft(self._lesson, step)
        except JournalError:
            return {}
