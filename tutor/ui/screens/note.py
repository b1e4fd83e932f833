"""A note, at any time and over whatever is on the screen: one line, kept in the journal."""

from __future__ import annotations

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from tutor import events as ev
from tutor.journal.errors import JournalError
from tutor.journal.store import Store
from tutor.record.search import Entry
from tutor.ui.keymap import hint
from tutor.ui.screens.closing import Closing
from tutor.ui.themes import MUTED
from tutor.ui.widgets.composer import Field
from tutor.ui.widgets.entry import Plain

ABOUT = {"question": "an open question", "worked": "what worked", "failed": "what did not"}
DRAFT = ("", "note", "text")
"""Where a note is kept that was not finished: it belongs to no lesson."""


class NoteCard(Closing[bool], ModalScreen[bool]):
    """Dismissed with True where a note was kept. What is typed and not kept comes back the next time."""

    DEFAULT_CSS = """
    NoteCard { align: center middle; background: $background 60%; }
    NoteCard > Vertical { width: 70; max-width: 94%; height: auto; padding: 1 3; background: $panel; }
    NoteCard Static { height: auto; }
    NoteCard Field { margin: 1 0; background: $panel; & .text-area--cursor-line { background: $panel; } }
    NoteCard #problem { color: $error; }
    """
    AUTO_FOCUS = "Field"

    BINDINGS = [
        Binding("tab", "turn(1)", "about", show=False, priority=True, id="note.about"),
        Binding("shift+tab", "turn(-1)", "about", show=False, priority=True, id="note.about_back"),
        Binding("escape", "later", "later", show=False, id="note.later"),
    ]

    def __init__(self, store: Store, lesson: str = "", step: str = "", where: str = "", old: Entry | None = None):
        """`old` is a note that this one is to take the place of."""
        super().__init__()
        self._store, self._lesson, self._step, self._where, self._old = store, lesson, step, where, old
        text = old.text if old else self._kept()
        self.field = Field(text, placeholder="one line", id="note")
        # held and not looked up: the program may end while the card opens
        self._kinds, self._problem = Plain(id="about"), Static(id="problem")
        self.about = old.who if old else "question"
        self._added: ev.Noted | None = None
        """What is in the journal already, though not all was saved."""
        self._settled = bool(old)  # what is not kept of it needs no draft: the old one stands

    def _kept(self) -> str:
        """What was typed the last time and not kept as a note."""
        try:
            return self._store.draft(*DRAFT[:2]).get(DRAFT[2], "")
        except JournalError:
            return ""

    def compose(self) -> ComposeResult:
        keep = Content.assemble(("enter", "bold $accent"), " keep").stylize("@click=screen.keep")
        kind = Content.assemble((hint(self.app, "{note.about|tab}"), "bold $accent"), " about").stylize(
            "@click=screen.turn(1)"
        )
        words = " as it was" if self._old else " later"
        later = Content.assemble((hint(self.app, "{note.later|esc}"), "bold $accent"), words).stylize(
            "@click=screen.later"
        )
        with Vertical():
            yield self._kinds
            yield self.field
            yield self._problem
            yield Plain(Content.assemble(keep, "    ", kind, "    ", later))

    def fill(self) -> None:
        self._problem.display = False
        self._show()

    def _show(self) -> None:
        parts = []
        for about, words in ABOUT.items():
            chosen = about == self.about
            part = Content.styled(f"{'●' if chosen else '○'} {words}", "bold $accent" if chosen else MUTED)
            parts.append(part.stylize(f"@click=screen.choose('{about}')"))
        what = "Edit the note" if self._old else "Note"
        where = Content.styled(f"{what} · {self._where}" if self._where else what, MUTED)
        self._kinds.update(Content.assemble(where, "\n", Content("  ").join(parts)))

    def action_turn(self, step: int) -> None:
        kinds = list(ABOUT)
        self.action_choose(kinds[(kinds.index(self.about) + step) % len(kinds)])

    def action_choose(self, about: str) -> None:
        self.about = about
        self._show()

    @on(Field.Entered)
    def _entered(self, event: Field.Entered) -> None:
        self._keep(event.text)

    def action_keep(self) -> None:
        self._keep(self.field.text)

    def _keep(self, typed: str) -> None:
        """Commit the note. A journal that refuses is said here, and the words stay."""
        text, old = typed.strip(), self._old
        try:
            note = ev.Noted(self._step, text, self.about)
            if text and (old is None or (text, self.about) != (old.text, old.who)):
                if note != self._added:
                    self._store.append(self._lesson, note)
                    self._added = note
                if old:
                    self._store.append(self._lesson, ev.Settled(self._step, of=old.id))
            if old is None:
                self._store.save_draft(*DRAFT, "")
        except JournalError as error:
            self._problem.update(Content(f"Not kept: {error}"))
            self._problem.display = True
            return
        self._settled = True
        self.dismiss(bool(text))

    def action_later(self) -> None:
        if not self.app.stays_for(self.keep_typed()):  # type: ignore[attr-defined]
            self._settled = True
            self.dismiss(False)

    def on_unmount(self) -> None:
        self.keep_typed()

    def keep_typed(self) -> str:
        """Keep what is typed for the next time. Gives why it could not be kept; mostly empty."""
        try:
            if not self._settled:
                self._store.save_draft(*DRAFT, self.field.text)
        except JournalError as error:
            return str(error)
        return ""
