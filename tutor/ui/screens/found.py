"""What was found in the journal, as a list: each with its lesson and time, the one under the cursor whole below it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING

from rich.cells import cell_len
from textual import on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.content import Content
from textual.message import Message
from textual.widget import Widget
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from tutor.journal.errors import JournalError
from tutor.record.search import Entry, excerpt, moment, spans
from tutor.ui.screens.closing import Closing
from tutor.ui.screens.page import Page
from tutor.ui.themes import MUTED
from tutor.ui.transcript import plain
from tutor.ui.widgets.header import Header
from tutor.ui.widgets.keys import Keys
from tutor.ui.widgets.listed import Listed

if TYPE_CHECKING:
    from tutor.course.format import Lesson

Read = Callable[[], list[Entry]]
"""Reads the journal, in a thread."""
SHOWN = 200
"""Entries in the list at most: the newest."""


class PlaceWanted(Message):
    """A lesson is to be opened where this entry stands in its talk."""

    def __init__(self, entry: Entry):
        super().__init__()
        self.entry = entry


class Loaded(Message):
    """The journal was read."""

    def __init__(self, entries: list[Entry]):
        super().__init__()
        self.entries = entries


class Unread(Message):
    """It was not; why."""

    def __init__(self, problem: str):
        super().__init__()
        self.problem = problem


class FoundScreen(Closing[None]):
    """`head` of the class below says what is looked for; `show` fills the list."""

    DEFAULT_CSS = """
    FoundScreen #found {
        width: 100%; height: 1fr; border: none; padding: 1 1 0 1; background: $background; scrollbar-size-vertical: 1;
        scrollbar-gutter: stable; background-tint: $background 0%;
        & > .option-list--option { padding: 0 1; }
        & > .option-list--option-highlighted { text-style: none; }
        &:focus { border: none; background-tint: $background 0%; }
    }
    FoundScreen #whole { height: auto; max-height: 6; padding: 0 2; margin-bottom: 1; }
    FoundScreen.-low #whole { max-height: 2; }
    """
    VERTICAL_BREAKPOINTS = [(0, "-low"), (24, "-tall")]

    BINDINGS = [Binding("escape", "close", "close", show=True, id="page.close")]

    title_words = ""

    def __init__(self, read: Read, lessons: Mapping[str, Lesson]):
        super().__init__()
        self._read, self._lessons = read, lessons
        self.entries: list[Entry] | None = None
        """All there is, newest first; None until the journal was read."""
        self._rows: list[Entry] = []
        self._query = ""

    def head(self) -> Widget:
        """What stands above the list."""
        raise NotImplementedError

    def loaded(self) -> None:
        """The entries are there."""
        raise NotImplementedError

    def compose(self) -> ComposeResult:
        yield Header(id="where")
        yield self.head()
        yield Rows(id="found")
        yield Static(id="whole")
        yield Keys(id="keys")

    def fill(self) -> None:
        self.query_one(Header).show(self.title_words, [], [])
        self.list = self.query_one(Rows)
        self.run_worker(self._load, thread=True, exit_on_error=False)

    def _load(self) -> None:
        try:
            self.post_message(Loaded(self._read()))
        except JournalError as error:
            self.post_message(Unread(str(error)))

    @on(Loaded)
    def _loaded(self, message: Loaded) -> None:
        self.entries = message.entries
        self.loaded()

    @on(Unread)
    def _unread(self, message: Unread) -> None:
        self.query_one("#whole", Static).update(Content.styled(message.problem, "$error"))

    # --- the list -----------------------------------------------------------------------------------------------------

    def show(self, entries: Iterable[Entry], query: str = "", nothing: str = "") -> None:
        """Show these; `nothing` is said where there are none. The words of the query stand out."""
        self._rows, self._query = list(entries)[:SHOWN], query
        self._fill()
        if not self._rows:
            self.query_one("#whole", Static).update(Content.styled(nothing, MUTED))

    def _fill(self) -> None:
        here = self.list.highlighted or 0
        self.list.clear_options()
        width = max(20, self.list.scrollable_content_region.width - 2)
        self.list.add_options(Option(self._row(entry, width)) for entry in self._rows)
        if self._rows:
            self.list.highlighted = min(here, len(self._rows) - 1)

    def _row(self, entry: Entry, width: int) -> Content:
        """What it is and its words, then where and when."""
        gap = 11
        text = excerpt(entry.text, self._query, width - gap)
        words = Content(text)
        for start, end in spans(text, self._query):
            words = words.stylize("bold $accent", start, end)
        where, when = self._where(entry), moment(entry.at)
        place = excerpt(where, "", max(1, width - gap - cell_len(when) - 3))
        second = f"{' ' * gap}{place}{' · ' if place else ''}{when}"
        return Content.assemble((f"{label(entry):<{gap}}", MUTED), words, "\n", (second, MUTED))

    def _where(self, entry: Entry) -> str:
        lesson = self._lessons.get(entry.lesson)
        return lesson.title if lesson else "a review" if "/" in entry.lesson else entry.lesson

    @on(OptionList.OptionHighlighted)
    def _say(self) -> None:
        if (entry := self.here) is not None:
            self.query_one("#whole", Static).update(plain(entry.text))
            self.refresh_bindings()  # what can be done with it may be something else

    @property
    def here(self) -> Entry | None:
        """The entry under the cursor."""
        at = self.list.highlighted
        return self._rows[at] if at is not None and at < len(self._rows) else None

    def on_resize(self) -> None:
        if self.entries is not None:
            self.call_after_refresh(self._fill)

    # --- what can be done ---------------------------------------------------------------------------------------------

    @on(OptionList.OptionSelected)
    def action_open(self) -> None:
        """The lesson at that place; or the entry whole, where it is of an earlier time or of no lesson."""
        entry = self.here
        if entry is None:
            return
        if entry.now and entry.lesson in self._lessons:
            self.post_message(PlaceWanted(entry))
        else:
            where = " · ".join(part for part in (self._where(entry), moment(entry.at)) if part)
            self.app.push_screen(Page(where, plain(entry.text)))

    def action_close(self) -> None:
        self.dismiss()


class Rows(Listed):
    """The list of what was found."""

    BINDINGS = [
        Binding("enter", "select", "open", show=True),
        Binding("j", "cursor_down", "down", show=False, id="move.down"),
        Binding("k", "cursor_up", "up", show=False, id="move.up"),
    ]


LABELS = {"failed": "did not"}


def label(entry: Entry) -> str:
    return LABELS.get(entry.who, entry.who)
