"""A page to read over whatever is on the screen: the help, the code of an experiment."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TypeAlias

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import VerticalScroll
from textual.content import Content
from textual.geometry import Size
from textual.message import Message
from textual.screen import ModalScreen
from textual.widgets import Static

from tutor.ui.screens.closing import Closing
from tutor.ui.themes import MUTED
from tutor.ui.widgets.header import Header
from tutor.ui.widgets.keys import Keys

Text: TypeAlias = Content | Callable[[int], Content]
"""A text, or what makes it for a width in cells."""


class Fitted(Static):
    """A text that is made while the screen is laid out, so that the first frame has it."""

    def __init__(self, text: Text):
        super().__init__()
        self.show(text)

    def show(self, text: Text) -> None:
        self._text, self._for = text, 0
        self.clear_cached_dimensions()
        self.refresh(layout=True)

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        if width != self._for:
            self._for = width
            self.update(self._text(width) if callable(self._text) else self._text, layout=False)
        return super().get_content_height(container, viewport, width)


class Page(Closing[None], ModalScreen[None]):
    """A title and a text that scrolls. Escape closes it."""

    DEFAULT_CSS = """
    Page { background: $background; }
    Page > VerticalScroll {
        height: 1fr; padding: 1 2 0 2; margin-bottom: 1; scrollbar-size-vertical: 1; overflow-y: scroll;
    }
    Page Static { height: auto; max-width: 92; }
    Page.-code Static { max-width: 124; }
    """

    BINDINGS = [
        Binding("escape,q,f1", "close", "close", show=True, id="page.close"),
        Binding("j,down", "scroll(1)", "down", show=False, id="move.down"),
        Binding("k,up", "scroll(-1)", "up", show=False, id="move.up"),
    ]

    class Ready(Message):
        """The text in its final form."""

        def __init__(self, text: Text):
            super().__init__()
            self.text = text

    where = ""
    """What stands beside the title."""

    def __init__(self, title: str, text: Text, later: Callable[[], Text] | None = None):
        """`later`, run in a thread, gives the text in its final form, to be shown then."""
        super().__init__()
        self._title, self._text, self._later = title, text, later

    def compose(self) -> ComposeResult:
        yield Header(id="where")
        with VerticalScroll():
            yield Fitted(self._text)
        yield Keys()

    def fill(self) -> None:
        self.query_one(Header).show(self._title, [(self.where, MUTED)] if self.where else [], [])
        self.query_one(VerticalScroll).focus()
        if self._later:
            self.run_worker(partial(self._dress, self._later), thread=True, exit_on_error=False)

    def _dress(self, later: Callable[[], Text]) -> None:
        self.post_message(self.Ready(later()))

    @on(Ready)
    def _ready(self, message: Ready) -> None:
        self.query_one(Fitted).show(message.text)

    def action_scroll(self, lines: int) -> None:
        self.query_one(VerticalScroll).scroll_relative(y=lines, animate=False)

    def action_close(self) -> None:
        self.dismiss()


class CodePage(Page):
    """The file of an experiment, `where`. The key that opens it closes it too."""

    BINDINGS = [Binding("s", "close", "Show the experiment's code", show=False, id="figure.code")]

    def __init__(self, title: str, source: Content, where: str, later: Callable[[], Content]):
        super().__init__(title, source, later)
        self.where = where
        self.add_class("-code")  # code has longer lines than prose
