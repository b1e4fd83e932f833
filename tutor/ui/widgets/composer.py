"""Where the learner writes: grows to a few lines, enter sends."""

from __future__ import annotations

from typing import Any
from unicodedata import category

from textual import events
from textual.actions import SkipAction
from textual.binding import Binding
from textual.message import Message
from textual.widgets import TextArea

NEW_LINE = ("ctrl+o", "ctrl+n", "ctrl+j", "shift+enter", "alt+enter")
"""Terminals differ in what they send: the first come through everywhere, the last two only where a terminal tells them."""

IN_LINE = ("delete_", "cursor_left", "cursor_right", "cursor_word", "cursor_line")
"""Beginnings of the actions that edit or move within the line."""


class Field(TextArea):
    """A text field that grows with its text. Enter is for the form it stands in; posts `Edited` and `Entered`.

    Page keys scroll the talk while one types.
    """

    DEFAULT_CSS = """
    Field {
        height: auto; max-height: 3; width: 1fr; border: none; padding: 0; background: $background;
        scrollbar-size-vertical: 1;
        &:focus { border: none; }
        & .text-area--cursor-line { background: $background; }
        & .text-area--placeholder { color: $foreground 65%; }
    }
    """

    BINDINGS = [
        Binding("enter", "enter", "next", show=True),
        Binding("pageup", "scroll_talk(-1)", "scroll the talk", show=False, id="lesson.page_up"),
        Binding("pagedown", "scroll_talk(1)", "scroll the talk", show=False, id="lesson.page_down"),
    ]

    class Edited(Message):
        """The text is another one now."""

        def __init__(self, field: Field):
            super().__init__()
            self.field = field

        @property
        def control(self) -> Field:
            return self.field

    class Entered(Message):
        """Enter was pressed, when the text was `text`: more may have been typed since."""

        def __init__(self, field: Field):
            super().__init__()
            self.field, self.text = field, field.text

        @property
        def control(self) -> Field:
            return self.field

    class Scrolled(Message):
        """The talk is to scroll, -1 up or 1 down."""

        def __init__(self, direction: int):
            super().__init__()
            self.direction = direction

    multiline = False

    def __init__(self, text: str = "", placeholder: str = "", id: str | None = None, **more: Any):
        super().__init__(text, placeholder=placeholder, id=id, compact=True, highlight_cursor_line=False,
                         tab_behavior="focus", **more)  # fmt: skip

    def on_mount(self) -> None:
        self.cursor_blink = self.app.animation_level != "none"
        self.move_cursor(self.document.end)

    def watch_has_focus(self, has_focus: bool) -> None:
        """It looks the same with the focus, but for the cursor; Textual would style it and its parts anew.

        Where the cursor does not blink, that is what it takes: TextArea shows a line again as it painted it last, with the
        cursor or without.
        """
        if not self.cursor_blink:
            super().watch_has_focus(has_focus)

    def on_resize(self) -> None:
        """The lines are others now: the cursor stays in sight."""
        self.call_after_refresh(self.scroll_cursor_visible)

    def put(self, text: str) -> None:
        """Show this text, the cursor at its end."""
        self.text = text
        self.move_cursor(self.document.end)

    async def _on_key(self, event: events.Key) -> None:
        """Keys that edit are taken here: left to the bindings, they may come later than a letter typed after them.

        Textual goes on to TextArea's own handler, unless the default is prevented.
        """
        if event.key == "enter":
            self.action_enter()
        elif event.key in NEW_LINE:
            self.action_new_line()
        elif action := self._edit_of(event.key):
            await self.run_action(action)
        else:
            return
        event.stop()
        event.prevent_default()

    def _edit_of(self, key: str) -> str | None:
        """The binding of this key, if it deletes or moves the cursor within the line."""
        actions = (binding.action for binding in self._bindings.key_to_bindings.get(key, ()))
        return next((action for action in actions if action.startswith(IN_LINE)), None)

    async def _on_paste(self, event: events.Paste) -> None:
        """Leave out what a terminal would obey; TextArea's own handler then puts the rest in."""
        lines = ["".join(c for c in line if category(c) != "Cc" or c == "\t") for line in event.text.splitlines()]
        event.text = ("\n" if self.multiline else " ").join(lines)

    def on_text_area_changed(self, event: TextArea.Changed) -> None:
        event.stop()
        self.post_message(self.Edited(self))

    def action_enter(self) -> None:
        self.post_message(self.Entered(self))

    def action_scroll_talk(self, direction: int) -> None:
        self.post_message(self.Scrolled(direction))

    def action_delete_to_start_of_line(self) -> None:
        """To the start of the line that was typed; Textual stops where the screen breaks it."""
        row, _ = end = self.selection.end
        if end != (row, 0):
            self._delete_via_keyboard((row, 0), end)
        else:
            super().action_delete_to_start_of_line()

    def action_cursor_up(self, select: bool = False) -> None:
        self._leave_at(self.navigator.is_first_wrapped_line(self.cursor_location) and not select)
        super().action_cursor_up(select)

    def action_cursor_down(self, select: bool = False) -> None:
        self._leave_at(self.navigator.is_last_wrapped_line(self.cursor_location) and not select)
        super().action_cursor_down(select)

    def _leave_at(self, edge: bool) -> None:
        """At the first and the last line the key is for the form, which goes to the next field."""
        if edge and not self.multiline:
            raise SkipAction

    def action_new_line(self) -> None:
        if self.multiline:
            self._replace_via_keyboard("\n", *self.selection)


class Composer(Field):
    """The learner's reply, up to five lines high.

    While it is `read_only` what is typed is dropped: left to others, a letter of a word would be a key of theirs.
    """

    DEFAULT_CSS = """
    Composer { max-height: 5; }
    """

    BINDINGS = [
        Binding("enter", "enter", "send", show=True),
    ]

    multiline = True

    async def _on_key(self, event: events.Key) -> None:
        if self.read_only and event.is_printable:
            event.stop()
            event.prevent_default()
