"""The conversation: the last entries, anchored at the end until the learner scrolls up; older ones on demand."""

from __future__ import annotations

from collections.abc import Sequence

from textual import events
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Static

from tutor.ui.widgets.entry import Entry

WINDOW = 150
"""Entries kept on the screen: lag grows with the number of widgets."""
MORE = 50
"""Entries added each time the learner asks for older ones."""

Item = tuple[str, str, Content]
"""(kind, label, text) of an entry."""


class Older(Static):
    """Says how much is above, and brings it when clicked."""


class Talk(VerticalScroll, can_focus=False):
    """Give it items; it shows them."""

    DEFAULT_CSS = """
    Talk {
        height: 1fr; align-vertical: bottom; padding: 1 0 0 0;
        scrollbar-size-vertical: 1; scrollbar-gutter: stable;  /* lines break alike before and after the bar comes */
    }
    Talk > Older { height: 1; padding: 0 2 0 8; color: $foreground 65%; }
    Talk > .-gap { margin-bottom: 1; }
    Talk > .-found { background: $panel; text-style: bold; }
    """

    def __init__(self, id: str | None = None) -> None:
        super().__init__(id=id)
        self._items: list[Item] = []
        self._first = 0
        """Index of the first item on the screen."""
        self._live: Entry | None = None
        self._from: int | None = None
        """The item that is to be seen at the end, with what comes after it."""

    def on_mount(self) -> None:
        self.follow()

    @property
    def last_said(self) -> str:
        """The tutor's last words, for copying."""
        if self._live is not None:
            return self._live.body.plain
        return next((text.plain for kind, _, text in reversed(self._items) if kind == "tutor"), "")

    @property
    def items(self) -> Sequence[Item]:
        return self._items

    def clear(self) -> None:
        self._items, self._first, self._live = [], 0, None
        self.remove_children()

    def add(self, items: Sequence[Item]) -> None:
        """Append these, above what is pending."""
        if not items:
            return
        fresh = self._first == len(self._items)
        self._items += items
        if fresh or len(items) > WINDOW:
            self._first = max(0, len(self._items) - WINDOW)
            for child in self.children:
                if child is not self._live:
                    child.remove()
            self.mount_all([*self._older(), *self._entries(self._first, len(self._items))], before=self._live)
            return
        self.mount_all(self._entries(len(self._items) - len(items), len(self._items)), before=self._live)
        if len(self._items) - self._first > WINDOW + MORE:
            self._forget(len(self._items) - WINDOW)

    def pending(self, item: Item) -> None:
        """Show this at the end, as something that is not yet settled: words that stream, a question that waits."""
        kind, label, text = item
        if self._live is None:
            self._live = Entry(kind, label, text)
            self.mount(self._live)
        else:
            self._live.say(text)

    def hush(self) -> None:
        """Take away what is pending."""
        if self._live is not None:
            self._live.remove()
            self._live = None

    def older(self) -> None:
        """Bring entries from before the window."""
        if self._first == 0:
            return
        start = max(0, self._first - MORE)
        new = self._entries(start, self._first)
        self._first = start
        self.query(Older).remove()
        top = next(iter(self.query(Entry)), None)
        self.mount_all([*self._older(), *new], before=top)

    def reveal(self, index: int) -> None:
        """Scroll to this item, and mark it."""
        self._from = None
        while self._first > index:
            self.older()
        self.release_anchor()
        self.call_after_refresh(self._reveal, index)

    def _reveal(self, index: int) -> None:
        entries = [entry for entry in self.query(Entry) if entry is not self._live]
        if 0 <= index - self._first < len(entries):
            entry = entries[index - self._first]
            entry.add_class("-found")
            self.scroll_to_widget(entry, animate=False, top=True)

    def begin_at(self, index: int) -> None:
        """Stay at the end; but where more comes from this item on than the screen holds, let it be the first that is seen."""
        self._from = index
        self.call_after_refresh(self._hold)

    def _hold(self, tries: int = 20) -> None:
        """Once the last entry is laid out."""
        entries = [entry for entry in self.query(Entry) if entry is not self._live]
        at = self._from - self._first if self._from is not None else -1
        if not 0 <= at < len(entries):
            return
        if not entries[-1].size.height and tries:
            self.call_after_refresh(self._hold, tries - 1)
        elif (top := entries[at].virtual_region.y) < self.max_scroll_y:
            self.scroll_to(y=top, animate=False)
        else:
            self.anchor()

    def on_resize(self) -> None:
        if self._from is not None:
            self.call_after_refresh(self._hold)

    def follow(self) -> None:
        """Go to the end, and stay there until the learner scrolls up."""
        self._from = None
        self.anchor()

    def page(self, direction: int) -> None:
        """Scroll by a page; at the very top, bring older entries."""
        self._from = None
        if direction < 0:
            if self.scroll_y <= 0:
                self.older()
            self.release_anchor()
            self.scroll_page_up(animate=False)
        else:
            self.scroll_page_down(animate=False)

    def on_click(self, event: events.Click) -> None:
        if isinstance(event.widget, Older):
            event.stop()
            self.older()

    def _entries(self, start: int, end: int) -> list[Entry]:
        out = []
        for i in range(start, end):
            kind, label, text = self._items[i]
            tight = i + 1 < len(self._items) and self._items[i + 1][0] == kind and kind in ("claim", "sum")
            out.append(Entry(kind, label, text, gap=not tight))
        return out

    def _older(self) -> list[Older]:
        return [Older(Content(f"↑ {self._first} older"))] if self._first else []

    def _forget(self, first: int) -> None:
        drop = first - self._first
        for entry in [e for e in self.query(Entry) if e is not self._live][:drop]:
            entry.remove()
        self._first = first
        self.query(Older).remove()
        self.mount_all(self._older(), before=0)
