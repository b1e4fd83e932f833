"""The options of a choice: one under the other, one chosen. Arrows, digits, space and the mouse."""

from __future__ import annotations

from collections.abc import Sequence

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.content import Content
from textual.message import Message
from textual.widgets import Static

from tutor.ui.widgets.entry import Hanging


class Options(Vertical, can_focus=True):
    """One of several (`many` off), or any of several (`many` on)."""

    DEFAULT_CSS = """
    Options { height: auto; width: 1fr; }
    Options > Static { height: auto; width: 1fr; }
    Options > .-chosen { color: $accent; text-style: bold; }
    Options:focus > .-here { background: $block-cursor-background; }
    """

    BINDINGS = [
        Binding("up,k", "step(-1)", "up", show=False, id="move.up"),
        Binding("down,j", "step(1)", "down", show=False, id="move.down"),
        Binding("space", "pick", "choose", show=True, key_display="space", id="pick"),
        Binding("enter", "enter", "next", show=True),
        *(Binding(str(n), f"pick({n - 1})", show=False) for n in range(1, 10)),
    ]

    class Picked(Message):
        """Another option is chosen now."""

    class Entered(Message):
        """Enter was pressed."""

    class Left(Message):
        """The cursor went past an end: -1 above, 1 below."""

        def __init__(self, direction: int):
            super().__init__()
            self.direction = direction

    def __init__(self, says: Sequence[str], chosen: Sequence[int] = (), many: bool = False, id: str | None = None):
        super().__init__(id=id)
        self._says = list(says)
        self.chosen = set(chosen)
        self.many = many
        free = (n for n in range(len(says)) if n not in self.chosen)
        self.here = next(free, 0) if many else min(self.chosen, default=0)
        self._pointed = False
        """Whether the cursor was moved: only then does enter choose where it stands. One key too many is no bet."""

    def compose(self) -> ComposeResult:
        for i in range(len(self._says)):
            yield Static(self._line(i), classes=self._signs(i))

    @property
    def value(self) -> int | None:
        """The chosen option, where only one can be."""
        return min(self.chosen, default=None)

    def action_step(self, step: int) -> None:
        to = self.here + step
        if 0 <= to < len(self._says):
            self.here, self._pointed = to, True
            self._show()
        else:
            self.post_message(self.Left(step))

    def action_pick(self, index: int | None = None) -> None:
        index = self.here if index is None else index
        if not 0 <= index < len(self._says):
            return
        self.here = index
        self.chosen = self.chosen ^ {index} if self.many else {index}
        self._show()
        self.post_message(self.Picked())

    def action_enter(self) -> None:
        if self._pointed and not self.many:
            self.action_pick()
        self.post_message(self.Entered())

    def on_click(self, event: events.Click) -> None:
        for i, child in enumerate(self.children):
            if child is event.widget:
                self.action_pick(i)

    def _show(self) -> None:
        for i, child in enumerate(self.children):
            if isinstance(child, Static):
                child.update(self._line(i))
                child.set_classes(self._signs(i))
        self.children[self.here].scroll_visible(animate=False)

    def _signs(self, i: int) -> str:
        return " ".join(c for c, on in (("-here", i == self.here), ("-chosen", i in self.chosen)) if on)

    def _line(self, i: int) -> Hanging:
        on, off = ("☑", "☐") if self.many else ("●", "○")
        mark = on if i in self.chosen else off
        return Hanging(Content(f"{mark} {i + 1} "), Content(self._says[i]), gutter=4)
