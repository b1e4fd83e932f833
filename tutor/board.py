"""The map of lessons as data: what is done, what is begun, what is better taken first. Nothing is ever locked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tutor.course import Course
    from tutor.course.format import Lesson
    from tutor.journal.store import Progress, Store

SIGNS = {"done": "●", "begun": "◐", "new": "○", "skipped": "○"}


@dataclass(frozen=True)
class Place:
    """One lesson on the map."""

    id: str
    title: str
    state: str
    """done, begun, new or skipped."""
    words: str
    """The state in words: `done`, `done 2 times`, `step 3 of 7`, `again 3 of 7` where it was done before, `not begun`,
    `skipped`."""
    minutes: int
    first: tuple[str, ...]
    """Titles of lessons that it builds on and that are neither done nor skipped."""
    concepts: tuple[str, ...] = ()
    difficulty: int = 1

    @property
    def sign(self) -> str:
        return SIGNS[self.state]


@dataclass(frozen=True)
class Area:
    """A unit with its lessons."""

    title: str
    about: str
    places: tuple[Place, ...]


@dataclass(frozen=True)
class Board:
    areas: tuple[Area, ...]
    go_on: Place | None
    """The lesson that the top line offers, one that was skipped last of all; None when all are done."""

    def place(self, id: str) -> Place | None:
        return next((p for a in self.areas for p in a.places if p.id == id), None)


class Map:
    """The board as the journal has it. A lesson that is begun is folded once for each time that something happened in it."""

    def __init__(self, course: Course, store: Store):
        self._course, self._store = course, store
        self._folded: dict[tuple[str, int], str | None] = {}

    def board(self) -> Board:
        """Raises JournalError."""
        progress = self._store.progress()
        begun = {id: p.last for id, p in progress.items() if not p.done}
        self._folded = {(id, last): self._step(id, last) for id, last in begun.items()}
        steps = {id: step for (id, _), step in self._folded.items()}
        return board(self._course, progress, steps)

    def _step(self, id: str, last: int) -> str | None:
        """The id of the step at which the lesson stands."""
        if (id, last) in self._folded:
            return self._folded[id, last]
        lesson = self._course.lesson(id)
        if lesson is None:
            return None
        from tutor.loop import replay  # here, since a map without a lesson that is begun does without

        try:
            return replay(lesson, self._store.events(id)).at
        except (KeyError, TypeError, ValueError, AttributeError):  # an event that is none; opening the lesson meets it
            return lesson.steps[0].id


def board(course: Course, progress: Mapping[str, Progress], steps: Mapping[str, str | None]) -> Board:
    """The map. `progress` as `Store.progress` gives it, `steps` where each lesson that is begun stands."""
    from tutor.journal.store import to_go_on  # here: whoever has a progress has loaded the store

    titles = {lesson.id: lesson.title for lesson in course.lessons}
    done = {id for id, p in progress.items() if p.times_done or p.skipped}
    areas = []
    for unit in course.units:
        lessons = [lesson for lesson in course.lessons if lesson.unit == unit.id]
        if lessons:
            places = tuple(
                _place(lesson, progress.get(lesson.id), steps.get(lesson.id), done, titles) for lesson in lessons
            )
            areas.append(Area(unit.title, unit.about, places))
    known = {p.id: p for area in areas for p in area.places}
    new = [p for state in ("new", "skipped") for p in known.values() if p.state == state]
    begun = to_go_on(progress, known)
    go_on = known[begun] if begun else next((p for p in new if not p.first), new[0] if new else None)
    return Board(tuple(areas), go_on)


def _place(
    lesson: Lesson, progress: Progress | None, step: str | None, done: set[str], titles: Mapping[str, str]
) -> Place:
    if progress is None:
        state, words = "new", "not begun"
    elif progress.skipped:
        state, words = "skipped", "skipped"
    elif progress.done:
        state, words = "done", "done" if progress.times_done < 2 else f"done {progress.times_done} times"
    else:
        here = lesson.index(step) + 1 if step else len(lesson.steps)
        state, words = "begun", f"{'again' if progress.times_done else 'step'} {here} of {len(lesson.steps)}"
    first = tuple(titles[need] for need in lesson.needs if need not in done and need in titles)
    return Place(
        lesson.id, lesson.title, state, words, lesson.minutes, first, tuple(lesson.concepts), lesson.difficulty
    )
