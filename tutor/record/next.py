"""One thing to do next, and why. A suggestion: nothing waits for it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tutor.course.format import Lesson
from tutor.journal.store import Progress, to_go_on
from tutor.record.mastery import Known, weakest
from tutor.record.overview import Overview
from tutor.record.surprises import Surprise


@dataclass(frozen=True)
class Suggestion:
    """What to do next."""

    kind: str
    """`review`, `go on`, `begin` or `again`."""
    words: str
    """What it is: `2 due again`, or a lesson's title."""
    why: str
    lesson: str = ""
    """The lesson's id; empty for a review."""


def suggestion(of: Overview, lessons: Sequence[Lesson], progress: Mapping[str, Progress]) -> Suggestion | None:
    """The suggestion for a learner with this record, who stands so in these lessons."""
    known = {lesson.id for lesson in lessons}
    done = frozenset(id for id, p in progress.items() if p.times_done)
    skipped = frozenset(id for id, p in progress.items() if p.skipped)
    return suggest(of.due, lessons, done, to_go_on(progress, known), of.known, skipped)


def suggest(
    due: Sequence[Surprise],
    lessons: Sequence[Lesson],
    done: frozenset[str],
    latest: str | None,
    known: Mapping[str, Known],
    skipped: frozenset[str] = frozenset(),
) -> Suggestion | None:
    """In this order: what is due again, the lesson that was begun, the next one that nothing is missing for, a lesson about
    the concept that stands worst, and one that was skipped. `done`, `skipped` and `latest` as the journal has them; None when
    all is done and steady."""
    if due:
        return Suggestion("review", f"{len(due)} due again", "sure, and something else happened")
    titles = {lesson.id: lesson.title for lesson in lessons}
    if latest in titles:
        return Suggestion("go on", titles[latest], "you began it", latest)
    for lesson in lessons:
        needs = [need for need in lesson.needs if need in titles]
        if lesson.id not in done | skipped and all(need in done | skipped for need in needs):
            builds = [titles[need] for need in needs if need in done]
            why = f"it builds on {' and '.join(builds)}, which you have done" if builds else "nothing comes before it"
            why = "you skipped what it builds on" if needs and not builds else why
            return Suggestion("begin", lesson.title, why, lesson.id)
    if shaky := weakest(known):
        about = [lesson for lesson in lessons if shaky.name in lesson.concepts]
        if about:
            return Suggestion("again", about[0].title, f"of all concepts, “{shaky.name}” stands worst", about[0].id)
    left = next((lesson for lesson in lessons if lesson.id in skipped), None)
    return Suggestion("begin", left.title, "you skipped it", left.id) if left else None
