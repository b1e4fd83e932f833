"""The line above the place to type. While something goes on it is the progress bar, so nothing has to move for it."""

from __future__ import annotations

from rich.cells import cell_len
from textual.content import Content
from textual.widget import Widget

from tutor.ui.themes import MUTED


class Rule(Widget):
    """`── your bet ────────────` or `── reading layers ━━━━━━━──── 12 of 30 · 3 s · esc cancels ──`."""

    DEFAULT_CSS = """
    Rule { height: 1; width: 100%; color: $border; }
    """

    def __init__(self, id: str | None = None):
        super().__init__(id=id)
        self._title = self._right = ""
        self._share: float | None = None
        self._going = False

    def rest(self, title: str = "") -> None:
        """A plain line with a title."""
        self._set(title, "", None, False)

    def progress(self, title: str, right: str, share: float | None) -> None:
        """Something is going on; `share` None where nobody knows how far it is."""
        self._set(title, right, share, True)

    @property
    def going(self) -> bool:
        return self._going

    @property
    def words(self) -> str:
        """What the line says, without the line."""
        return f"{self._title} {self._right}".strip()

    def _set(self, *now: object) -> None:
        if now != (self._title, self._right, self._share, self._going):
            self._title, self._right, self._share, self._going = now  # type: ignore[assignment]
            self.refresh()

    def render(self) -> Content:
        width = self.size.width
        title = f" {self._title} " if self._title else ""
        right = f" {self._right} " if self._right else ""
        if cell_len(title) + cell_len(right) + 12 > width:
            right = ""
        room = max(0, width - 4 - cell_len(title) - cell_len(right))
        full = round((self._share or 0.0) * room) if self._going else 0
        if not (title or right or full):
            return Content.styled("─" * width, "$border")
        return Content.assemble(
            ("──", "$border"),
            (title, "$primary" if self._going else MUTED),
            ("━" * full, "$primary"),
            ("─" * (room - full), "$border"),
            (right, MUTED),
            ("──", "$border"),
        )
