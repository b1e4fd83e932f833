"""What is typed and not sent: gathered for a moment, then kept by the journal, and given back after a kill."""

from __future__ import annotations

from tutor.journal.errors import JournalError
from tutor.session import Journal


class Drafts:
    """The drafts of one lesson. A disk that refuses is said when something is sent, not at each key."""

    def __init__(self, journal: Journal, lesson: str):
        self._journal, self._lesson = journal, lesson
        self._waiting: dict[tuple[str, str], str] = {}

    def note(self, step: str, field: str, text: str) -> None:
        """Remember this until `keep`."""
        self._waiting[step, field] = text

    @property
    def waiting(self) -> bool:
        """Whether something is not kept yet."""
        return bool(self._waiting)

    def keep(self) -> None:
        """Write what waits."""
        waiting, self._waiting = self._waiting, {}
        try:
            for (step, field), text in waiting.items():
                self._journal.save_draft(self._lesson, step, field, text)
        except JournalError:
            self._waiting = waiting | self._waiting

    def drop(self) -> None:
        """Forget what waits: it was sent."""
        self._waiting.clear()

    def of(self, step: str) -> dict[str, str]:
        """What was typed at the step, by field."""
        try:
            return self._journal.draft(self._lesson, step)
        except JournalError:
            return {}
