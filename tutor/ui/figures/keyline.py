"""The keys of a panel in a line: for eyes and for the mouse. What does not fit is left to the help screen."""

from __future__ import annotations

from collections.abc import Iterable

from rich.cells import cell_len
from textual.containers import Horizontal
from textual.content import Content
from textual.message import Message
from textual.widgets import Static

from tutor.ui.keymap import hint

GAP = 2


class Key(Static):
    """A key and what it does."""

    class Clicked(Message):
        """Do it."""

        def __init__(self, action: str) -> None:
            super().__init__()
            self.action = action

    def __init__(self, key: str, does: str, action: str) -> None:
        """`key` as `hint` takes it: `{figure.table|t}`."""
        super().__init__()
        self._key, self._does, self.action = key, does, action

    @property
    def cells(self) -> int:
        """The room it takes, with the gap after it."""
        return cell_len(f"{self._key} {self._does}") + GAP

    def on_mount(self) -> None:
        self._key = hint(self.app, self._key)
        self.update(Content.assemble((self._key, "bold"), " ", self._does))

    def on_click(self) -> None:
        self.post_message(self.Clicked(self.action))


class KeyLine(Horizontal):
    """`offer` says which actions there are now. The first of `keys` that fit are shown."""

    DEFAULT_CSS = """
    KeyLine {
        height: 1;
        & > Key { width: auto; margin-right: 2; }
        & > Key:hover { color: $foreground; text-style: underline; }
    }
    """

    def __init__(self, *keys: Key, id: str | None = None) -> None:
        super().__init__(*keys, id=id)
        self._keys = keys
        self._offered: frozenset[str] = frozenset()

    def offer(self, actions: Iterable[str]) -> None:
        """Show the keys of these actions, as far as there is room."""
        offered = frozenset(actions)
        if offered != self._offered:
            self._offered = offered
            self.fit()

    def on_resize(self) -> None:
        self.fit()

    def fit(self) -> None:
        """Show what there is room for."""
        room = self.size.width + GAP
        for key in self._keys:
            shows = key.action in self._offered and key.cells <= room
            room -= key.cells * shows
            if key.display != shows:
                key.display = shows
