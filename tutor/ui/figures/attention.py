"""An attention pattern read as text: the tokens in a line, one of them looking, each other shaded by how much it is seen."""

from __future__ import annotations

import math
from typing import ClassVar

from rich.cells import cell_len
from rich.style import Style
from textual import events
from textual.binding import Binding, BindingType
from textual.reactive import reactive
from textual.strip import Strip

from engine.figures import Figure, Heatmap, shown
from tutor.ui.figures.cells import Piece, fit, strip
from tutor.ui.figures.colours import ink_on, level, paint, ramp
from tutor.ui.figures.view import LineView

NARROWEST = 4
"""Cells of a token: its share stands below it, as `.62`."""
WIDEST = 14
MOST = 5
"""Tokens that are named below, those that are looked at most."""


def is_pattern(figure: Figure) -> bool:
    """Whether this is where a head looks: as many rows as columns, nothing seen of what comes later, rows that sum to 1."""
    if not isinstance(figure, Heatmap) or len(figure.rows) != len(figure.columns) or not figure.rows:
        return False
    for r, row in enumerate(figure.values):
        seen = [v for v in row[: r + 1] if v is not None and math.isfinite(v)]
        if len(seen) <= r or any(row[r + 1 :]) or not 0.97 < sum(seen) < 1.03:
            return False
    return True


class AttentionView(LineView[Heatmap]):
    """`cursor` is the token that looks (the query). Left and right move it, a click too."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left,h", "step(-1)", "Token before", show=False, id="move.left"),
        Binding("right,l", "step(1)", "Token after", show=False, id="move.right"),
        Binding("home", "step(-1000000)", "First token", show=False, id="move.first"),
        Binding("end", "step(1000000)", "Last token", show=False, id="move.last"),
    ]
    cursor: reactive[int] = reactive(0, repaint=False)

    def __init__(self, figure: Heatmap) -> None:
        super().__init__(figure)
        self._spots: list[tuple[int, int, int]] = []
        """Line, first column and width of each token."""
        self.set_reactive(AttentionView.cursor, max(0, len(figure.columns) - 1))

    @property
    def reading(self) -> str:
        """`·John at 5 looks at: ·Mary 0.62, ·and 0.11`."""
        at, tokens = self.cursor, self.figure.columns
        said = ", ".join(f"{shown(tokens[i])} {share:.2f}" for share, i in self._most())
        return f"{shown(tokens[at])} at {at} looks at: {said}"

    @property
    def copied(self) -> str:
        return f"{self.figure.text()}\n{self.reading}"

    def validate_cursor(self, cursor: int) -> int:
        return max(0, min(cursor, len(self.figure.columns) - 1))

    def watch_cursor(self) -> None:
        self.lay_out()
        self._follow()

    def on_resize(self) -> None:
        self.call_after_refresh(self._follow)  # after `LineView` has laid the tokens out

    def _follow(self) -> None:
        """Scroll so that the token that looks can be seen, and its share below it."""
        if self._spots:
            line = self._spots[self.cursor][0]
            if not self.scroll_offset.y <= line < self.scroll_offset.y + self.size.height - 1:
                self.scroll_to(y=line, animate=False)

    def action_step(self, by: int) -> None:
        self.cursor += by

    def on_click(self, event: events.Click) -> None:
        self.focus()
        at = event.get_content_offset(self)
        if at is None:
            return
        x, y = at.x + self.scroll_offset.x, at.y + self.scroll_offset.y
        for i, (line, left, width) in enumerate(self._spots):
            if line <= y <= line + 1 and left <= x < left + width:
                self.cursor = i

    def shares(self) -> list[float]:
        """How much the query looks at each token up to itself."""
        row = self.figure.values[self.cursor][: self.cursor + 1]
        return [v if v is not None and math.isfinite(v) else 0.0 for v in row]

    def _most(self) -> list[tuple[float, int]]:
        """The tokens that are looked at most, with their shares; the one with the larger share first."""
        best = sorted(((share, i) for i, share in enumerate(self.shares())), key=lambda s: (-s[0], s[1]))
        return best[:MOST]

    def lines(self, width: int, height: int) -> list[Strip]:
        self.set_reactive(AttentionView.cursor, self.validate_cursor(self.cursor))
        names = [shown(token) for token in self.figure.columns]
        shares, faint, cursor = self.shares(), self.style("faint"), self.style("cursor")
        above: list[Piece] = []
        below: list[Piece] = []
        out: list[Strip] = []
        self._spots = []
        used = 0
        for i, name in enumerate(names):
            cells = min(WIDEST, width, max(NARROWEST, cell_len(name)))
            if used and used + cells > width:
                out += [strip(*above), strip(*below), strip((" ", faint))]
                above, below, used = [], [], 0
            self._spots.append((len(out), used, cells))
            if used:
                above.append((" ", faint))
                below.append((" ", faint))
            if i < len(shares):
                ink = cursor if i == self.cursor else self._ink(shares[i])
                above.append((fit(name, cells), self._shade(shares[i], i == self.cursor)))
                below.append((fit(number(shares[i]), cells), ink))
            else:
                above.append((fit(name, cells), faint))
                below.append((" " * cells, faint))
            used += cells + 1
        out += [strip(*above), strip(*below), strip((" ", faint))]
        return out + self._list(names, width)

    def _list(self, names: list[str], width: int) -> list[Strip]:
        """The tokens that are looked at most, each with a bar."""
        at = self.cursor
        out = [strip((fit(f"{names[at]} at {at} looks at", width), self.style("cursor")))]
        best = self._most()
        label = min(WIDEST, max(cell_len(names[i]) for _, i in best))
        for share, i in best:
            bar = "█" * round(share * max(4, width - label - 16))
            pieces = [(fit(names[i], label), self.style("plain")), (f" at {i:<4}", self.style("faint"))]
            pieces += [(f"{share:.3f} ", self.style("plain")), (bar, self.style("run"))]
            out.append(strip(*pieces).crop(0, width))
        return out

    def _ink(self, share: float) -> Style:
        return self.style("plain" if share >= 0.005 else "faint")

    def _shade(self, share: float, here: bool) -> Style:
        """The token's ground; without colours more is bold and underlined. The one that looks is reversed there."""
        if self.monochrome:
            return Style(reverse=True) if here else Style(bold=share >= 0.1, underline=share >= 0.1)
        colours = ramp(False, self.app.current_theme.dark)
        colour = colours[level(share, (0.0, max(self.shares()) or 1.0)) or 0]
        style = paint(ink_on(colour), colour, bold=here)
        return style + Style(underline=True) if here else style


def number(share: float) -> str:
    """A share in at most four cells: `.62`, `1.0`, `·` for next to nothing."""
    if share < 0.005:
        return "·"
    return "1.0" if share >= 0.995 else f"{share:.2f}"[1:]
