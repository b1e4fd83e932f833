"""`llmw-tutor search`: what was said and written about something, from the shell."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

from engine.figures import visible
from tutor.commands import Unknown, say, screen_width
from tutor.journal.store import Store
from tutor.record.search import entries, excerpt, find, moment
from tutor.record.variant import with_reviews

if TYPE_CHECKING:
    from tutor.settings import Settings

FOUND, NOTHING = 0, 1
MOST = 1_000_000


def search(words: Sequence[str], limit: int, settings: Settings) -> int:
    """Print what holds all the words, newest first. Returns 1 where nothing does. Raises JournalError."""
    from tutor.course import load_course

    limit = min(limit, MOST)
    if not "".join(words).strip():
        raise Unknown("nothing to search for was given; name a word at least")
    lessons = {lesson.id: lesson for lesson in load_course(settings.lessons).lessons}
    with Store.read(settings.home, settings.learner) as store:
        lessons = with_reviews(lessons, store.record())
        found = find(entries(store, lessons), " ".join(words), limit + 1)
        notices = store.notices
    for notice in notices:
        print(visible(notice), file=sys.stderr)
    if not found:
        print(visible(f"Nothing in the journal of {settings.learner!r} holds: {' '.join(words)}"), file=sys.stderr)
        return NOTHING
    for entry in found[:limit]:
        lesson = lessons.get(entry.lesson)
        say(f"{moment(entry.at)}  {lesson.title if lesson else entry.lesson}")
        say(f"  {entry.who:>5}  {excerpt(entry.text, ' '.join(words), screen_width() - 9)}")
    if len(found) > limit:
        print(f"There is more; --limit {2 * limit} shows more.", file=sys.stderr)
    return FOUND
