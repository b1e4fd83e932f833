"""A sentence and what can be done about it: `enter run again · s skip`. Keys and mouse."""

from __future__ import annotations

from collections.abc import Sequence

from textual import events
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Static

from engine.figures import visible
from tutor.ui.widgets.entry import Plain
from tutor.ui.widgets.form import FromForm

Way = tuple[str, str, str]
"""(key, words, what it is called in `Chosen`)."""
LINE = 50
"""Cells that the narrowest screen has for them: what is longer stands one below the other."""


class Choices(Vertical, can_focus=True):
    """Posts `Chosen` for the key that was pressed or the words that were clicked."""

    DEFAULT_CSS = """
    Choices { height: auto; max-height: 50vh; padding: 0 2 0 8; overflow-y: auto; }
    Choices > Static { height: auto; }
    Choices > #says.-wrong { color: $error; }
    """

    class Chosen(FromForm):
        """One of the choices."""

        def __init__(self, form: Choices, what: str):
            super().__init__(form)
            self.what = what

    def __init__(self, says: str, choices: Sequence[Way], wrong: bool = False):
        super().__init__()
        self._says, self._wrong = says, wrong
        self._choices = tuple(choices)

    def compose(self) -> ComposeResult:
        if self._says:
            words = "\n".join(visible(line) for line in self._says.split("\n"))
            yield Static(Content(words), id="says", classes="-wrong" if self._wrong else "")
        parts: list[Content] = []
        for key, words, what in self._choices:
            style = f"@click=focused.choose('{what}')"  # a click gives them the focus first
            parts.append(Content.assemble((key, "bold $accent"), " ", words).stylize(style))
        line = Content("   ").join(parts)
        yield Plain(line if line.cell_length <= LINE else Content("\n").join(parts), id="choices")

    quiet = False
    """Whether it waits for the learner to come, who is elsewhere."""

    def on_mount(self) -> None:
        if not self.quiet:
            self.focus()

    def enter_first(self) -> None:
        self.focus()

    def on_key(self, event: events.Key) -> None:
        for key, _, what in self._choices:
            if event.key == key:
                event.stop()
                self.post_message(self.Chosen(self, what))

    def action_choose(self, what: str) -> None:
        self.post_message(self.Chosen(self, what))
