"""One question with two answers, over whatever is on the screen."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from tutor.ui.keymap import hint
from tutor.ui.screens.closing import Closing
from tutor.ui.widgets.entry import Plain

AGAIN = "Take “{}” again from its first step? What you did stays in the journal."


class Confirm(Closing[bool], ModalScreen[bool]):
    """Dismissed with True only where the learner says so."""

    DEFAULT_CSS = """
    Confirm { align: center middle; background: $background 60%; }
    Confirm > Vertical { width: 56; max-width: 90%; height: auto; padding: 1 3; background: $panel; }
    Confirm Static { height: auto; }
    Confirm #ways { margin-top: 1; }
    """

    BINDINGS = [
        Binding("enter,y", "answer(True)", "yes", show=True, id="confirm.yes"),
        Binding("escape,n,q", "answer(False)", "no", show=True, id="confirm.no"),
    ]

    def __init__(self, question: str, yes: str):
        super().__init__()
        self._question, self._yes = question, yes

    def compose(self) -> ComposeResult:
        go, stay = hint(self.app, "{confirm.yes|enter}"), hint(self.app, "{confirm.no|esc}")
        yes = Content.assemble((go, "bold $accent"), f" {self._yes}").stylize("@click=screen.answer(True)")
        no = Content.assemble((stay, "bold $accent"), " stay").stylize("@click=screen.answer(False)")
        with Vertical():
            yield Static(Content(self._question))
            yield Plain(Content.assemble(yes, "    ", no), id="ways")

    def action_answer(self, yes: bool) -> None:
        self.dismiss(yes)
