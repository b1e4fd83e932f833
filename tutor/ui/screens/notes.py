"""The learner's notes: takeaways, surprises, open questions, what worked and what did not; newest first, with a filter."""

from __future__ import annotations

from collections import Counter

from textual.binding import Binding
from textual.content import Content
from textual.widget import Widget

from tutor.record.notes import KINDS
from tutor.ui.screens.found import FoundScreen
from tutor.ui.themes import MUTED
from tutor.ui.widgets.entry import Plain

FILTERS = ("", *KINDS)
"""What can be shown: all, or one kind."""


class NotesScreen(FoundScreen):
    """Left and right choose the kind."""

    DEFAULT_CSS = """
    NotesScreen #kinds { height: auto; padding: 1 2 0 2; }
    NotesScreen.-low #kinds { padding: 0 2; }
    """

    BINDINGS = [
        Binding("right", "turn(1)", "other kind", show=True, key_display="→", priority=True, id="notes.kind"),
        Binding("left", "turn(-1)", "kind before", show=False, priority=True, id="notes.kind_back"),
        Binding("n", "app.note", "new note", show=True, id="notes.new"),
    ]

    title_words = "My notes"

    def head(self) -> Widget:
        return Plain(id="kinds")

    def fill(self) -> None:
        self.kind = ""
        super().fill()
        self.list.focus()

    def loaded(self) -> None:
        entries = self.entries or []
        self._show_kinds()
        shown = [entry for entry in entries if self.kind in ("", entry.who)]
        self.show(
            shown, nothing="Nothing yet. What you take with you from a lesson comes here, and every note you make."
        )

    def _show_kinds(self) -> None:
        """How many there are of each kind; a kind is never broken over two lines."""
        entries = self.entries or []
        count = Counter(entry.who for entry in entries)
        lines = [Content()]
        for n, kind in enumerate(FILTERS):
            words = f"{KINDS.get(kind, 'all')} {count[kind] if kind else len(entries)}"
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
        """Read the journal again: a note was made."""
        self.run_worker(self._load, thread=True, exit_on_error=False)

    def action_turn(self, step: int) -> None:
        self.action_choose((FILTERS.index(self.kind) + step) % len(FILTERS))

    def action_choose(self, number: int) -> None:
        self.kind = FILTERS[number]
        if self.entries is not None:
            self.list.highlighted = None
            self.loaded()
