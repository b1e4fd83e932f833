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
from tutor.drawing import ticks
from tutor.drawing.plots import bounds
from tutor.drawing.roles import role
from tutor.ui.figures.cells import Piece, fit, strip
from tutor.ui.figures.view import LineView

DOTS = ((0x01, 0x08), (0x02, 0x10), (0x04, 0x20), (0x40, 0x80))
"""The bit of each dot of a braille cell, by row and column."""
PATTERNS = ((1, 0, "──"), (1, 2, "┄┄"), (4, 2, "╌╌"), (2, 4, "··"))
"""Dots drawn, dots left out, and how the legend shows it."""
STEPS = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000)
"""Every how many points one is named below the axis."""
MAX_HEIGHT = 16
SHADE = "░"
"""Between a bet and the run."""


def can_be_log(figure: Curve) -> bool:
    """Whether a logarithmic axis would say anything: no value is below 0, and one is above."""
    known = [v for s in figure.series for v in s.values if v is not None and math.isfinite(v)]
    return bool(known) and min(known) >= 0 and max(known) > 0


class Canvas:
    """Dots on a grid of braille cells. Where two series meet in a cell, the later one gives the colour."""

    def __init__(self, width: int, height: int) -> None:
        self.width, self.height = width, height
        self.dots = [[0] * width for _ in range(height)]
        self.owner = [[0] * width for _ in range(height)]
        self.spans: dict[tuple[int, int], tuple[int, int]] = {}
        """The first and the last cell row that a series takes in a column, by (series, column)."""

    def dot(self, x: int, y: int, series: int) -> None:
        """A dot at column x of 2 * width, row y of 4 * height."""
        self.dots[y // 4][x // 2] |= DOTS[y % 4][x % 2]
        self.owner[y // 4][x // 2] = series

    def reach(self, x: int, y: int, series: int) -> None:
        """The series comes by here, whether it leaves a dot or not."""
        row, key = y // 4, (series, x // 2)
        first, last = self.spans.get(key, (row, row))
        self.spans[key] = min(first, row), max(last, row)

    def between(self) -> set[tuple[int, int]]:
        """The cells, as (row, column), that lie between the first two series."""
        out: set[tuple[int, int]] = set()
        for x in range(self.width):
            a, b = self.spans.get((0, x)), self.spans.get((1, x))
            if a and b:
                upper, lower = sorted((a, b))
                out.update((y, x) for y in range(upper[1] + 1, lower[0]))
        return out

    def line(self, a: tuple[int, int], b: tuple[int, int], series: int, step: int = 0) -> int:
        """A line from a to b in the series' pattern, whose phase starts at `step`; returns the phase at the end."""
        on, off, _ = PATTERNS[series % len(PATTERNS)]
        n = max(abs(b[0] - a[0]), abs(b[1] - a[1]), 1)
        for i in range(n + 1):
            x, y = round(a[0] + (b[0] - a[0]) * i / n), round(a[1] + (b[1] - a[1]) * i / n)
            self.reach(x, y, series)
            if i < n and (step + i) % (on + off) < on:
                self.dot(x, y, series)
        return step + n


class CurveView(LineView[Curve]):
    """The plot, its axes, and what the curves are at the cursor."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left,h", "step(-1)", "Cursor left", show=False, id="move.left"),
        Binding("right,l", "step(1)", "Cursor right", show=False, id="move.right"),
        Binding("home", "step(-1000000)", "First point", show=False, id="move.first"),
        Binding("end", "step(1000000)", "Last point", show=False, id="move.last"),
        Binding("o", "scale", "A logarithmic scale, or a plain one", show=False, id="curve.scale"),
    ]
    least = 12
    cursor: reactive[int] = reactive(0, repaint=False)
    """The index into `figure.x` that is read out."""
    logarithmic: reactive[bool] = reactive(False, init=False, repaint=False)
    """Whether the axis is that of log(1 + value); at first as the figure has it."""

    def __init__(self, figure: Curve) -> None:
        super().__init__(figure)
        self._left = self._plot = 0
        self._ends = (0.0, 1.0)
        self.set_reactive(CurveView.cursor, max(0, len(figure.x) - 1))
        self.set_reactive(CurveView.logarithmic, figure.log)

    @property
    def actions(self) -> tuple[str, ...]:
        return ("scale",) if can_be_log(self.figure) else ()

    @property
    def reading(self) -> str:
        return "   ".join(text for text, _ in self._reading())

    def validate_cursor(self, cursor: int) -> int:
        return max(0, min(cursor, len(self.figure.x) - 1))

    def watch_cursor(self) -> None:
        self.lay_out()

    def watch_logarithmic(self) -> None:
        self.lay_out()

    def action_step(self, by: int) -> None:
        self.cursor += by

    def action_scale(self) -> None:
        """A logarithmic axis, or a plain one."""
        if not can_be_log(self.figure):
            self.notify("A logarithmic scale is for values of 0 and above.", timeout=3)
        else:
            self.logarithmic = not self.logarithmic

    def on_click(self, event: events.Click) -> None:
        self.focus()
        last = len(self.figure.x) - 1
        if self._plot > 1 and last > 0 and (at := event.get_content_offset(self)) is not None:
            self.cursor = round((at.x - self._left) / (self._plot - 1) * last)

    def bounds(self) -> tuple[float, float]:
        """The values at the lower and upper end of the axis."""
        return bounds(self.figure)

    def _height(self, value: float) -> float:
        """Where a value stands on the axis: 0 at its lower end, 1 at its upper."""
        low, high = self._ends
        if self._log:
            low, high, value = (math.log1p(max(0.0, v)) for v in (low, high, value))
        return (value - low) / (high - low)

    @property
    def _log(self) -> bool:
        return self.logarithmic and self._ends[0] >= 0

    def _marks(self, rows: int) -> dict[int, str]:
        """The values that are named beside the axis, by their row."""
        low, high = self._ends
        values = ticks.ticks(low, high, log=self._log, whole=ticks.counts(self.figure), most=rows // 2)
        pairs = sorted(zip(values, ticks.named(values), strict=True), key=lambda tick: abs(tick[0]))
        marks: dict[int, str] = {}
        for value, name in pairs:  # where two fall into one row, the one nearer to 0 is named
            marks.setdefault(round((rows - 1) * (1 - self._height(value))), name)
        return marks

    def lines(self, width: int, height: int) -> list[Strip]:
        self.set_reactive(CurveView.cursor, self.validate_cursor(self.cursor))
        self._ends = self.bounds()
        rows = max(4, min(MAX_HEIGHT, height - 5))
        marks = self._marks(rows)
        gutter = max(map(cell_len, marks.values()))
        self._left, self._plot = gutter + 2, max(4, width - gutter - 2)
        plot = self._draw(self._plot, rows)
        between = plot.between() if self.figure.between else set()
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
                    ground = SHADE if (y, x) in between else " "
                    pieces.append(("│", cursor) if x == at else (ground, faint))
            out.append(strip(*pieces))
        out.append(strip((" " * (gutter + 1) + "└", faint), *self._axis(at)))
        out.append(strip(("", faint)) if not self.figure.x else strip((" " * self._left, faint), *self._ticks(at)))
        out.append(strip(*self._joined(self._reading(), width)))
        return out

    def _column(self, index: int) -> int:
        """The column of the plot where point `index` is."""
        last = len(self.figure.x) - 1
        return round(index / last * (self._plot - 1)) if last > 0 else self._plot // 2

    def _draw(self, width: int, rows: int) -> Canvas:
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
                here = x, round((1 - self._height(value)) * (4 * rows - 1))
                if before:
                    phase = canvas.line(before, here, k, phase)
                canvas.reach(*here, k)
                canvas.dot(*here, k)
                before = here
        return canvas

    def _ink(self, series: int) -> Style:
        return self.style(role([s.name for s in self.figure.series], series))

    def _legend(self, width: int) -> list[Piece]:
        scale = ", log scale" if self._log else ""
        pieces: list[Piece] = [(shown(self.figure.y_name) + scale, self.style("faint"))]
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
        """The pieces with space between them, as much as there is room for, cut to `width` cells."""
        needs = sum(cell_len(text) for text, _ in pieces)
        between = max(1, min(3, (width - needs) // max(1, len(pieces) - 1)))
        out: list[Piece] = []
        for text, style in pieces:
            room = width - sum(cell_len(t) for t, _ in out)
            text = " " * between + text if out else text
            out.append((fit(text, min(cell_len(text), max(0, room))), style))
        return out
