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

    def __init__(self, store: Store, lesson: str = "", step: str = "", where: str = ""):
        super().__init__()
        self._store, self._lesson, self._step, self._where = store, lesson, step, where
        self.field = Field(store.draft(*DRAFT[:2]).get(DRAFT[2], ""), placeholder="one line", id="note")
        self.about = "question"
        self._settled = False

    def compose(self) -> ComposeResult:
        keep = Content.assemble(("enter", "bold $accent"), " keep").stylize("@click=screen.keep")
        kind = Content.assemble((hint(self.app, "{note.about|tab}"), "bold $accent"), " about").stylize(
            "@click=screen.turn(1)"
        )
        later = Content.assemble((hint(self.app, "{note.later|esc}"), "bold $accent"), " later").stylize(
            "@click=screen.later"
        )
        with Vertical():
            yield Plain(id="about")
            yield self.field
            yield Static(id="problem")
            yield Plain(Content.assemble(keep, "    ", kind, "    ", later))

    def fill(self) -> None:
        self.query_one("#problem").display = False
        self._show()

    def _show(self) -> None:
        parts = []
        for about, words in ABOUT.items():
            chosen = about == self.about
            part = Content.styled(f"{'●' if chosen else '○'} {words}", "bold $accent" if chosen else MUTED)
            parts.append(part.stylize(f"@click=screen.choose('{about}')"))
        where = Content.styled(f"Note · {self._where}" if self._where else "Note", MUTED)
        self.query_one("#about", Plain).update(Content.assemble(where, "\n", Content("  ").join(parts)))

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
        text = typed.strip()
        try:
            if text:
                self._store.append(self._lesson, ev.Noted(self._step, text, self.about))
            self._store.save_draft(*DRAFT, "")
        except JournalError as error:
            problem = self.query_one("#problem", Static)
            problem.update(Content(f"Not kept: {error}"))
            problem.display = True
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
