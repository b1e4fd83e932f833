"""The ways into the learner's journal from any screen: a note, all notes, search."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from tutor.journal.store import Store
from tutor.record import notes as noted
from tutor.record import search as searched
from tutor.record.search import Entry
from tutor.record.variant import with_reviews
from tutor.ui.screens.note import ABOUT, NoteCard
from tutor.ui.screens.notes import NotesScreen
from tutor.ui.screens.room import Room
from tutor.ui.screens.search import SearchScreen

if TYPE_CHECKING:
    from tutor.ui.doors import Doors


def note(app: Doors) -> None:
    """The card for a note, about the lesson that is open, if one is."""
    if app.desk is None or isinstance(app.screen, NoteCard):
        return
    room = next((screen for screen in reversed(app.screen_stack) if isinstance(screen, Room)), None)
    about = (room.session.lesson.id, room.session.state.at or "", room.session.lesson.title) if room else ()
    card = NoteCard(app.desk.store, *about)

    def closed(kept: bool | None) -> None:
        if kept:
            app.notify(f"Kept as {ABOUT[card.about]}.", timeout=2)
            if isinstance(app.screen, NotesScreen):
                app.screen.refresh_notes()

    app.push_screen(card, closed)


def notes(app: Doors) -> None:
    if app.desk is not None and not isinstance(app.screen, NotesScreen):
        lessons = {lesson.id: lesson for lesson in app.desk.course.lessons}
        app.push_screen(NotesScreen(reading(app, lambda store: noted.notes(store, lessons)), lessons, app.desk.store))


def search(app: Doors) -> None:
    if app.desk is not None and not isinstance(app.screen, SearchScreen):
        lessons = {lesson.id: lesson for lesson in app.desk.course.lessons}

        def read(store: Store) -> list[Entry]:
            return searched.entries(store, with_reviews(lessons, store.record()))

        app.push_screen(SearchScreen(reading(app, read), lessons))


def reading(app: Doors, read: Callable[[Store], list[Entry]]) -> Callable[[], list[Entry]]:
    """What a thread calls to read the journal: over a connection of its own, so that no commit waits for it."""
    settings = app.settings

    def entries() -> list[Entry]:
        with Store.read(settings.home, settings.learner) as store:
            return read(store)

    return entries
