"""One line that says where one is and that the machine is alive. The least part goes first when there is no room."""

from __future__ import annotations

from collections.abc import Sequence

from rich.cells import cell_len, set_cell_size
from textual.content import Content
from textual.widget import Widget

Part = tuple[str, str]
"""(text, style)."""


class Header(Widget):
    """A title, parts after it, and parts at the right end. The first of each go first; the title is cut last."""

    DEFAULT_CSS = """
    Header { height: 1; padding: 0 2; }
    """

    def __init__(self, id: str | None = None):
        super().__init__(id=id)
        self._title = ""
        self._parts: list[Part] = []
        self._right: list[Part] = []

    def show(self, title: str, parts: Sequence[Part], right: Sequence[Part]) -> None:
        """Show these. `parts` and `right` go from what is wanted least to what is wanted most."""
        now = (title, list(parts), list(right))
        if now != (self._title, self._parts, self._right):
            self._title, self._parts, self._right = now
            self.refresh()

    def render(self) -> Content:
        width = self.size.width
        parts, right = list(self._parts), list(self._right)
        for group in (parts, right):  # where one is goes before what the machine does
            while len(group) > 1 and self._needs(parts, right) > width:
                group.pop(0)
        title = self._title
        over = self._needs(parts, right) - width
        if over > 0:
            title = set_cell_size(title, max(4, cell_len(title) - over - 1)).rstrip() + "…"
        left = Content("   ").join([Content.styled(title, "bold"), *(Content.styled(*p) for p in parts)])
        end = Content("  ").join([Content.styled(*p) for p in right])
        return Content.assemble(left, " " * max(1, width - left.cell_length - end.cell_length), end)

    def _needs(self, parts: Sequence[Part], right: Sequence[Part]) -> int:
        left = cell_len(self._title) + sum(3 + cell_len(t) for t, _ in parts)
        return left + 2 + sum(2 + cell_len(t) for t, _ in right)
