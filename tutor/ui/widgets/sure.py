"""How sure the learner is: 0 to 100 in steps of ten. Nothing is set until the learner sets it."""

from __future__ import annotations

from textual import events
from textual.binding import Binding
from textual.content import Content
from textual.message import Message
from textual.reactive import reactive
from textual.widget import Widget

from tutor.ui.themes import FAINT, MUTED

RAMP = "▁▂▂▃▄▅▅▆▇█"


class Sure(Widget, can_focus=True):
    """A ramp of ten steps. Left and right, digits (`7` or `70`), home and end, or a click."""

    DEFAULT_CSS = """
    Sure { height: 1; width: 1fr; }
    Sure:focus { text-style: bold; }
    """

    BINDINGS = [
        Binding("left,h", "step(-10)", "less", show=False, id="move.left"),
        Binding("right,l", "step(10)", "more", show=False, id="move.right"),
        Binding("home", "set(0)", "0 %", show=False, id="move.first"),
        Binding("end", "set(100)", "100 %", show=False, id="move.last"),
        Binding("enter", "enter", "lock the bet", show=True),
    ]

    value: reactive[int | None] = reactive(None)

    class Changed(Message):
        """Another confidence."""

    class Entered(Message):
        """Enter was pressed."""

    def __init__(self, value: int | None = None, id: str | None = None):
        super().__init__(id=id)
        self.set_reactive(Sure.value, value)
        self._typed = ""

    def render(self) -> Content:
        if self.value is None:
            rest = "  ←→ or digits" if self.has_focus else ""
            return Content.assemble((RAMP, FAINT), "   ? %", (rest, MUTED))
        full = self.value // 10
        return Content.assemble((RAMP[:full], "$accent"), (RAMP[full:], FAINT), f" {self.value:>3} %")

    def action_step(self, by: int) -> None:
        self._typed = ""
        self._set(50 if self.value is None else self.value + by)

    def action_set(self, value: int) -> None:
        self._typed = ""
        self._set(value)

    def action_enter(self) -> None:
        self.post_message(self.Entered())

    def on_key(self, event: events.Key) -> None:
        if not (event.character and event.character in "0123456789"):
            return
        event.stop()
        typed = self._typed + event.character
        self._typed = typed if int(typed) <= 100 and len(typed) <= 3 else event.character
        number = int(self._typed)
        self._set(number * 10 if len(self._typed) == 1 else (number + 5) // 10 * 10)

    def on_blur(self) -> None:
        self._typed = ""
        self.refresh()

    def on_focus(self) -> None:
        self.refresh()

    def on_click(self, event: events.Click) -> None:
        offset = event.get_content_offset(self)
        if offset is not None and offset.x <= len(RAMP):
            self.action_set(offset.x * 10)

    def _set(self, value: int) -> None:
        value = max(0, min(100, value))
        if value != self.value:
            self.value = value
            self.post_message(self.Changed())
