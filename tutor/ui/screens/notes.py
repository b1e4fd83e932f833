"""The learner's notes: takeaways, surprises, open questions, what worked and what did not; newest first, with a filter.

Nothing is ever removed: what one is done with leaves the lists for one of its own, from where it can come back.
"""

from __future__ import annotations

from collections.abc import Mapping

from textual.binding import Binding
from textual.content import Content
from textual.widget import Widget

from tutor import events as ev
from tutor.course.format import Lesson
from tutor.journal.errors import JournalError
from tutor.journal.store import Store
from tutor.record.notes import KINDS
from tutor.record.search import Entry
from tutor.ui.screens.found import FoundScreen, Read
from tutor.ui.screens.note import NoteCard
from tutor.ui.themes import MUTED
from tutor.ui.widgets.entry import Plain

SETTLED = "settled"
NOTHING = "Nothing yet. What you take with you from a lesson comes here, and every note you make."
FILTERS = ("", *KINDS, SETTLED)
"""What can be shown: all that is open, one kind of it, or what the learner is done with."""
NAMES = {"": "all", **KINDS, SETTLED: "done with"}


class NotesScreen(FoundScreen):
    """Left and right choose the kind."""

    DEFAULT_CSS = """
    NotesScreen #kinds { height: auto; padding: 1 2 0 2; }
    NotesScreen.-low #kinds { padding: 0 2; }
    """

    BINDINGS = [
        Binding("right", "turn(1)", "other kind", show=True, key_display="→", priority=True, id="notes.kind"),
        Binding("left", "turn(-1)", "kind before", show=False, priority=True, id="notes.kind_back"),
        Binding("x", "settle", "done with", show=True, id="notes.settle"),
        Binding("e", "rewrite", "edit", show=True, id="notes.edit"),
        Binding("n", "app.note", "new note", show=True, id="notes.new"),
    ]

    title_words = "My notes"

    def __init__(self, read: Read, lessons: Mapping[str, Lesson], store: Store):
        super().__init__(read, lessons)
        self._store = store

    def head(self) -> Widget:
        return Plain(id="kinds")

    def fill(self) -> None:
        self.kind = ""
        super().fill()
        self.list.focus()

    def loaded(self) -> None:
        entries = self.entries or []
        self._show_kinds()
        shown = [entry for entry in entries if self._of(entry, self.kind)]
        done = any(entry.settled for entry in entries)
        nothing = "Nothing here that you are not done with." if done else NOTHING
        self.show(shown, nothing=nothing)

    @staticmethod
    def _of(entry: Entry, kind: str) -> bool:
        """Whether the filter lets the entry through."""
        return entry.settled if kind == SETTLED else not entry.settled and kind in ("", entry.who)

    def _show_kinds(self) -> None:
        """How many there are of each kind; a kind is never broken over two lines."""
        entries = self.entries or []
        lines = [Content()]
        for n, kind in enumerate(FILTERS):
            words = f"{NAMES[kind]} {sum(self._of(entry, kind) for entry in entries)}"
            chosen = kind == self.kind
            part = Content.styled(f"{'●' if chosen else '○'} {words}", "bold $accent" if chosen else MUTED)
            part = part.stylize(f"@click=screen.choose({n})")
            if n and lines[-1].cell_length + 3 + part.cell_length <= self.size.width - 4:
                lines[-1] = Content.assemble(lines[-1], "   ", part)
            elif n:
                lines.append(part)
            else:
                lines = [part]
        self.query_one("#kinds", Plain).update(Content("\n").join(lines))

    def on_resize(self) -> None:
        super().on_resize()
        self._show_kinds()

    def refresh_notes(self) -> None:
        """Read the journal again: a note was made, or one is as it was not."""
        self.run_worker(self._load, thread=True, exit_on_error=False)

    def key_words(self) -> dict[str, str]:
        """What x does in this list; to edit is named where it can be."""
        here = self.here if self.entries else None
        edit = {} if self._is_own(here) else {"rewrite": ""}
        return {"settle": "" if here is None else "open again" if here.settled else "done with", **edit}

    def action_settle(self) -> None:
        """The learner is done with this entry; or, where they were, it is open again."""
        if not self.entries or (here := self.here) is None:
            return
        try:
            self._store.append(here.lesson, ev.Settled(here.step, of=here.id, again=here.settled))
        except JournalError as error:
            self.notify(f"Not saved: {error}", severity="error", markup=False)
        else:
            self.refresh_notes()

    def action_rewrite(self) -> None:
        """The card with this note in it; what is kept takes its place."""
        if self.entries and (here := self.here) and self._is_own(here):
            lesson = self._lessons.get(here.lesson)
            card = NoteCard(self._store, here.lesson, here.step, lesson.title if lesson else "", old=here)
            self.app.push_screen(card, lambda kept: self.refresh_notes() if kept else None)

    @staticmethod
    def _is_own(entry: Entry | None) -> bool:
        """Whether it was written as a note, and stands."""
        return entry is not None and entry.kind == "noted" and not entry.settled

    def action_turn(self, step: int) -> None:
        self.action_choose((FILTERS.index(self.kind) + step) % len(FILTERS))

    def action_choose(self, number: int) -> None:
        self.kind = FILTERS[number]
        if self.entries is not None:
            self.list.highlighted = None
            self.loaded()
