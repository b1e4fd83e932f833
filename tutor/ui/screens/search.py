"""Search in all that the learner wrote, the tutor said and the runs gave. Results come as one types."""

from __future__ import annotations

from functools import partial

from textual import on
from textual.binding import Binding
from textual.message import Message
from textual.widget import Widget

from tutor.record.search import Entry, find
from tutor.ui.screens.found import SHOWN, FoundScreen
from tutor.ui.widgets.composer import Field


class Found(Message):
    """What holds the words of `query`."""

    def __init__(self, query: str, entries: list[Entry]):
        super().__init__()
        self.query, self.entries = query, entries


class SearchField(Field):
    """The words to look for. Up and down move in the list below."""

    BINDINGS = [
        Binding("enter", "enter", "open", show=True),
        Binding("up", "screen.move(-1)", "up", show=False, id="move.up"),
        Binding("down", "screen.move(1)", "down", show=False, id="move.down"),
    ]


class SearchScreen(FoundScreen):
    """A field, and below it what was found, newest first."""

    DEFAULT_CSS = """
    SearchScreen SearchField { margin: 1 2 0 2; max-height: 1; }
    SearchScreen.-low SearchField { margin: 0 2; }
    """

    title_words = "Search"

    def head(self) -> Widget:
        return SearchField(placeholder="words in what you wrote, the tutor said, the runs gave", id="words")

    def fill(self) -> None:
        super().fill()
        self.field = self.query_one(SearchField)
        self.field.focus()

    def loaded(self) -> None:
        self._look()

    @on(Field.Edited)
    def _look(self) -> None:
        """Look in a thread: the list of a long journal takes longer than a key may."""
        if self.entries is not None:
            look = partial(self._find, self.field.text, self.entries)
            self.run_worker(look, thread=True, group="find", exclusive=True, exit_on_error=False)

    def _find(self, query: str, entries: list[Entry]) -> None:
        self.post_message(Found(query, find(entries, query, SHOWN)))

    @on(Found)
    def _found(self, message: Found) -> None:
        if message.query == self.field.text:  # else another is on its way
            self.list.highlighted = None
            nothing = f"Nothing holds: {message.query.strip()}" if message.query.strip() else ""
            self.show(message.entries, message.query, nothing)

    @on(Field.Entered)
    def _entered(self) -> None:
        self.action_open()

    def action_move(self, step: int) -> None:
        self.list.action_cursor_down() if step > 0 else self.list.action_cursor_up()
