"""A page to read over whatever is on the screen: the help, the code of an experiment."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from tutor.ui.widgets.header import Header
from tutor.ui.widgets.keys import Keys


class Page(ModalScreen[None]):
    """A title and a text that scrolls. Escape closes it."""

    DEFAULT_CSS = """
    Page { background: $background; }
    Page > VerticalScroll { height: 1fr; padding: 1 2 0 2; margin-bottom: 1; scrollbar-size-vertical: 1; }
    Page Static { height: auto; max-width: 92; }
    """

    BINDINGS = [
        Binding("escape,q,f1", "close", "close", show=True),
        Binding("j,down", "scroll(1)", "down", show=False),
        Binding("k,up", "scroll(-1)", "up", show=False),
    ]

    def __init__(self, title: str, text: Content):
        super().__init__()
        self._title, self._text = title, text

    def compose(self) -> ComposeResult:
        yield Header(id="where")
        with VerticalScroll():
            yield Static(self._text)
        yield Keys()

    def on_mount(self) -> None:
        self.query_one(Header).show(self._title, [], [])
        self.query_one(VerticalScroll).focus()

    def action_scroll(self, lines: int) -> None:
        self.query_one(VerticalScroll).scroll_relative(y=lines, animate=False)

    def action_close(self) -> None:
        self.dismiss()

    def action_press(self, key: str) -> None:
        self.app.simulate_key(key)
