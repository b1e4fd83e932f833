"""A learner's life for tests: a real journal, and a clock that is set."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

from tutor import events as ev
from tutor.course.format import Lesson
from tutor.journal.store import Store
from tutor.record.history import History, history

BEGIN = datetime(2026, 3, 2, 9, tzinfo=UTC)
LESSON = "silence-one-head"


class Life:
    def __init__(self, home: Path, lessons: tuple[Lesson, ...] = ()) -> None:
        self.now = BEGIN
        self.lessons = {lesson.id: lesson for lesson in lessons}
        self.store = Store.open(home, "me", clock=lambda: self.now)

    def wait(self, days: float) -> None:
        self.now += timedelta(days=days)

    def put(self, event: ev.Event, lesson: str = LESSON) -> int:
        """Append it, a second later than the last; the id of its row."""
        self.now += timedelta(seconds=1)
        self.store.append(lesson, event)
        return int(self.store._db.execute("SELECT max(id) FROM events").fetchone()[0])

    def bet(self, right: bool, sure: int, step: str = "guess", lesson: str = LESSON, about: str = "ablation") -> int:
        score = 1 - (sure / 100 - right) ** 2
        return self.put(ev.Scored(step, 0, "choice", right, score, sure, "said", "truth", (about,)), lesson)

    def review(self, of: int, right: bool, sure: int = 70, shown: bool = False) -> int:
        return self.put(ev.Reviewed("guess", of, right, sure, shown=shown), f"again/{of}/0")

    @property
    def history(self) -> History:
        return history(self.store.record(), self.lessons)
