"""A curve drawn with braille dots: 2 x 4 points a cell. Series differ by colour and by the pattern of their dots."""

from __future__ import annotations

import math
from typing import ClassVar

from rich.cells import cell_len
from rich.style import Style
from textual import events
from textual.binding import Binding, BindingType
from textual.reactive import reactive
from textual.strip import Strip

from engine.figures import Curve, number, shown
from tutor.ui.figures.cells import Piece, fit, strip
from tutor.ui.figures.view import LineView

DOTS = ((0x01, 0x08), (0x02, 0x10), (0x04, 0x20), (0x40, 0x80))
"""The bit of each dot of a braille cell, by row and column."""
PATTERNS = ((1, 0, "──"), (1, 2, "┄┄"), (4, 2, "╌╌"), (2, 4, "··"))
"""Dots drawn, dots left out, and how the legend shows it."""
STEPS = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000)
"""Every how many points one is named below the axis."""
MAX_HEIGHT = 16


class Canvas:
    """Dots on a grid of braille cells. Where two series meet in a cell, the later one gives the colour."""

    def __init__(self, width: int, height: int) -> None:
        self.width, self.height = width, height
        self.dots = [[0] * width for _ in range(height)]
        self.owner = [[0] * width for _ in range(height)]

    def dot(self, x: int, y: int, series: int) -> None:
        """A dot at column x of 2 * width, row y of 4 * height."""
        self.dots[y // 4][x // 2] |= DOTS[y % 4][x % 2]
        self.owner[y // 4][x // 2] = series

    def line(self, a: tuple[int, int], b: tuple[int, int], series: int, step: int = 0) -> int:
        """A line from a to b in the series' pattern, whose phase starts at `step`; returns the phase at the end."""
        on, off, _ = PATTERNS[series % len(PATTERNS)]
        n = max(abs(b[0] - a[0]), abs(b[1] - a[1]), 1)
        for i in range(n):
            if (step + i) % (on + off) < on:
                self.dot(round(a[0] + (b[0] - a[0]) * i / n), round(a[1] + (b[1] - a[1]) * i / n), series)
        return step + n


class CurveView(LineView[Curve]):
    """The plot, its axes, and what the curves are at the cursor."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left,h", "step(-1)", "Cursor left", show=False),
        Binding("right,l", "step(1)", "Cursor right", show=False),
        Binding("home", "step(-1000000)", "First point", show=False),
        Binding("end", "step(1000000)", "Last point", show=False),
    ]
    cursor: reactive[int] = reactive(0, repaint=False)
    """The index into `figure.x` that is read out."""

    def __init__(self, figure: Curve, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(figure, id=id, classes=classes)
        self._left = self._plot = 0
        self.set_reactive(CurveView.cursor, max(0, len(figure.x) - 1))

    @property
    def reading(self) -> str:
        return "   ".join(text for text, _ in self._reading())

    def validate_cursor(self, cursor: int) -> int:
        return max(0, min(cursor, len(self.figure.x) - 1))

    def watch_cursor(self) -> None:
        self.lay_out()

    def action_step(self, by: int) -> None:
        self.cursor += by

    def on_click(self, event: events.Click) -> None:
        self.focus()
        last = len(self.figure.x) - 1
        if self._plot > 1 and last > 0 and (at := event.get_content_offset(self)) is not None:
            self.cursor = round((at.x - self._left) / (self._plot - 1) * last)

    def bounds(self) -> tuple[float, float]:
        """The values at the lower and upper end: 0 is among them where it is no further away than the curve is high."""
        known = [v for s in self.figure.series for v in s.values if v is not None and math.isfinite(v)]
        if not known:
            return 0.0, 1.0
        low, high = min(known), max(known)
        span = high - low
        low, high = (min(low, 0.0) if low <= span else low), (max(high, 0.0) if -high <= span else high)
        return (low, high) if high > low else (low - 0.5, high + 0.5)

    def lines(self, width: int, height: int) -> list[Strip]:
        self.set_reactive(CurveView.cursor, self.validate_cursor(self.cursor))
        low, high = self.bounds()
        rows = max(4, min(MAX_HEIGHT, height - 5))
        marks = {0: number(high), rows - 1: number(low)}
        if low < 0 < high:
            marks.setdefault(round((rows - 1) * high / (high - low)), "0")
        else:
            marks.setdefault((rows - 1) // 2, number(high - (high - low) * ((rows - 1) // 2) / (rows - 1)))
        gutter = max(cell_len(m) for m in marks.values())
        self._left, self._plot = gutter + 2, max(4, width - gutter - 2)
        plot = self._draw(self._plot, rows, low, high)
        at = self._column(self.cursor) if self.figure.x else -1
        faint, cursor = self.style("faint"), self.style("cursor")
        out = [strip(*self._legend(width))]
        for y in range(rows):
            pieces: list[Piece] = [
                (fit(marks.get(y, ""), gutter, right=True), faint),
                (" ┤" if y in marks else " │", faint),
            ]
            for x in range(self._plot):
                dots = plot.dots[y][x]
                if dots:
                    pieces.append((chr(0x2800 + dots), cursor if x == at else self._ink(plot.owner[y][x])))
                else:
                    pieces.append(("│", cursor) if x == at else (" ", faint))
            out.append(strip(*pieces))
        out.append(strip((" " * (gutter + 1) + "└", faint), *self._axis(at)))
        out.append(strip(("", faint)) if not self.figure.x else strip((" " * self._left, faint), *self._ticks(at)))
        out.append(strip(*self._joined(self._reading(), width)))
        return out

    def _column(self, index: int) -> int:
        """The column of the plot where point `index` is."""
        last = len(self.figure.x) - 1
        return round(index / last * (self._plot - 1)) if last > 0 else self._plot // 2

    def _draw(self, width: int, rows: int, low: float, high: float) -> Canvas:
        canvas = Canvas(width, rows)
        last = max(1, len(self.figure.x) - 1)
        for k, series in enumerate(self.figure.series):
            before: tuple[int, int] | None = None
            phase = 0
            for i, value in enumerate(series.values[: len(self.figure.x)]):
                if value is None or not math.isfinite(value):
                    before = None
                    continue
                x = round(i / last * (2 * width - 1)) if len(self.figure.x) > 1 else width
                here = x, round((high - value) / (high - low) * (4 * rows - 1))
                if before:
                    phase = canvas.line(before, here, k, phase)
                canvas.dot(*here, k)
                before = here
        return canvas

    def _ink(self, series: int) -> Style:
        several = len(self.figure.series) > 1
        if several and self.figure.series[series].name == "BASE":
            return self.style("base")
        return self.style(("run", "plain", "base")[series % 3] if several and not self._paired() else "run")

    def _paired(self) -> bool:
        return [s.name for s in self.figure.series] == ["BASE", "TWEAK"]

    def _legend(self, width: int) -> list[Piece]:
        pieces: list[Piece] = [(shown(self.figure.y_name), self.style("faint"))]
        if len(self.figure.series) > 1:
            for k, series in enumerate(self.figure.series):
                pieces.append((f"{PATTERNS[k % len(PATTERNS)][2]} {shown(series.name)}", self._ink(k)))
        return self._joined(pieces, width)

    def _axis(self, at: int) -> list[Piece]:
        faint = self.style("faint")
        if at < 0:
            return [("─" * self._plot, faint)]
        return [("─" * at, faint), ("┴", self.style("cursor")), ("─" * (self._plot - at - 1), faint)]

    def _ticks(self, at: int) -> list[Piece]:
        """The names of the points below the axis, as many as there is room for; that of the cursor always."""
        line = [" "] * self._plot
        here = fit(name := shown(self.figure.x[self.cursor]), min(cell_len(name), self._plot))
        start = max(0, min(at - cell_len(here) // 2, self._plot - cell_len(here)))
        taken = range(start - 1, start + cell_len(here) + 1)
        names = [shown(x) for x in self.figure.x]
        widest = max(cell_len(name) for name in names) + 2
        step = next((k for k in STEPS if (self._plot - 1) * k >= widest * (len(names) - 1)), len(names))
        for i in range(0, len(names), step):
            size = cell_len(names[i])
            left = max(0, min(self._column(i) - size // 2, self._plot - size))
            if size <= self._plot and not any(c in taken for c in range(left, left + size)):
                line[left : left + size] = [names[i], *[""] * (size - 1)]
        faint = self.style("faint")
        end = start + cell_len(here)
        return [("".join(line[:start]), faint), (here, self.style("cursor")), ("".join(line[end:]), faint)]

    def _reading(self) -> list[Piece]:
        """The point at the cursor, then the value of each series there."""
        if not self.figure.x:
            return [("nothing measured yet", self.style("faint"))]
        pieces: list[Piece] = [
            (f"{shown(self.figure.x_name)} {shown(self.figure.x[self.cursor])}", self.style("cursor"))
        ]
        for k, series in enumerate(self.figure.series):
            value = series.values[self.cursor] if self.cursor < len(series.values) else None
            said = "not yet" if value is None else number(value)
            pieces.append((f"{shown(series.name)} {said}".strip(), self._ink(k)))
        return pieces

    def _joined(self, pieces: list[Piece], width: int) -> list[Piece]:
        """The pieces with space between them, cut to `width` cells."""
        out: list[Piece] = []
        for text, style in pieces:
            gap = "   " if out else ""
            room = width - sum(cell_len(t) for t, _ in out)
            text = gap + text
            out.append((fit(text, min(cell_len(text), max(0, room))), style))
        return out
