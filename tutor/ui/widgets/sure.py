"""How sure the learner is, from 0 to 100 %. Nothing is set until the learner sets it."""

from __future__ import annotations

from textual import events
from textual.binding import Binding
from textual.content import Content
from textual.message import Message
from textual.reactive import reactive
from textual.widget import Widget

from tutor.ui.keymap import hint
from tutor.ui.themes import FAINT, MUTED

RAMP = "▁▂▂▃▄▅▅▆▇█"
LONGEST = 6
"""Digits that are kept: no more make a number here."""


class Sure(Widget, can_focus=True):
    """A ramp of ten steps. Left and right, digits (`7` is 70, `65` is 65), home and end, or a click."""

    DEFAULT_CSS = """
    Sure { height: 1; width: 1fr; }
    Sure:focus { text-style: bold; }
    """

    BINDINGS = [
        Binding(
            "left", "step(-10)", "less", show=False, id="sure.less"
        ),  # no letters: who types words here means no key
        Binding("right", "step(10)", "more", show=False, id="sure.more"),
        Binding("home", "set(0)", "0 %", show=False, id="move.first"),
        Binding("end", "set(100)", "100 %", show=False, id="move.last"),
        Binding("enter", "enter", "lock the bet", show=True),
    ]

    value: reactive[int | None] = reactive(None)

    class Changed(Message):
        """Another confidence."""

    class Refused(Message):
        """Digits make more than 100 %: `typed`, all of them. They set nothing, and stay until backspace."""

        def __init__(self, typed: str):
            super().__init__()
            self.typed = typed

    class Misplaced(Message):
        """A letter was typed, which can be no part of a number."""

    class Entered(Message):
        """Enter was pressed, when it stood at `value`: more may have been typed since."""

        def __init__(self, value: int | None):
            super().__init__()
            self.value = value

    def __init__(self, value: int | None = None, id: str | None = None):
        super().__init__(id=id)
        self.set_reactive(Sure.value, value)
        self._typed = ""

    def render(self) -> Content:
        if self.value is None:
            arrows = hint(self.app, "{sure.less|←}{sure.more|→}")
            rest = f"  {arrows} or digits, 7 for 70 %" if self.has_focus else ""
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
        self._typed = ""
        self.post_message(self.Entered(self.value))

    def on_key(self, event: events.Key) -> None:
        if event.key == "enter":  # here, in its turn: as a binding, the digit that is typed after it would overtake it
            event.stop()
            self.action_enter()
            return
        if event.key == "backspace":
            typed = self._typed[:-1]
        elif event.character and event.character in "0123456789":
            typed = self._typed + event.character
        else:
            if event.character and event.character.isalpha() and event.key not in self.screen.active_bindings:
                self.post_message(self.Misplaced())
            return
        event.stop()
        self._typed = typed[:LONGEST]
        if typed and int(typed) > 100:  # who typed 900 did not mean 90: better asked than guessed
            self._set(None)
            self.post_message(self.Refused(self._typed))
            return
        self._set(None if not typed else int(typed) * 10 if len(typed) == 1 else int(typed))

    def on_blur(self) -> None:
        self._typed = ""
        self.refresh()

    def on_focus(self) -> None:
        self.refresh()

    def on_click(self, event: events.Click) -> None:
        offset = event.get_content_offset(self)
        if offset is not None and offset.x <= len(RAMP):
            self.action_set(offset.x * 10)

    def _set(self, value: int | None) -> None:
        value = None if value is None else max(0, min(100, value))
        if value != self.value:
            self.value = value
            self.post_message(self.Changed())
