"""Reviews name the bet that comes back by its number in the journal, and numbers differ from journal to journal.

A review is stored as a lesson called `again/NUMBER/TIMES`, and its `reviewed` event says `of: NUMBER`. Both are rewritten when
events leave a journal or come into one.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from tutor.course.format import Lesson
from tutor.journal.store import Record
from tutor.record.history import history
from tutor.record.variant import review_lesson

NAME = re.compile(r"again/(-?\d{1,18})/(\d{1,9})", re.ASCII)


def of(lesson: str) -> int | None:
    """The number of the bet that this review is about; None for a lesson."""
    found = NAME.fullmatch(lesson)
    return int(found[1]) if found else None


def renamed(lesson: str, numbers: Mapping[int, int]) -> str:
    """The review's name where the bet has another number; 0 if it has none. The name of a lesson stays."""
    bet = of(lesson)
    return lesson if bet is None else f"again/{numbers.get(bet, 0)}/{lesson.rsplit('/', 1)[1]}"


def body_of(kind: str, body: Mapping[str, Any], numbers: Mapping[int, int]) -> dict[str, Any]:
    """The body where the bet it may name has another number."""
    return {**body, "of": numbers.get(body.get("of", 0), 0)} if kind == "reviewed" else dict(body)


def with_reviews(lessons: Mapping[str, Lesson], records: Iterable[Record]) -> dict[str, Lesson]:
    """The lessons, and the reviews of these records as the lessons that they were. What cannot be asked any more is left out."""
    rows = list(records)
    bets = {bet.id: bet for bet in history(rows, lessons).bets}
    out = dict(lessons)
    for name in {row.lesson for row in rows}:
        bet = bets.get(of(name) or 0)
        lesson = lessons.get(bet.lesson) if bet else None
        if bet and lesson and (review := review_lesson(lesson, bet, int(name.rsplit("/", 1)[1]))):
            out[name] = review
    return out
