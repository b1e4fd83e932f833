"""The plot on which a curve is drawn: its axis, its ticks, its dots. No keys here, and no state."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from textual.content import Content

from engine.figures import pad
from tutor.course.format import Drawn
from tutor.drawing.ticks import ticks
from tutor.ui.figures.curve import Canvas
from tutor.ui.themes import FAINT, MUTED
from tutor.ui.widgets.answers.base import HERE, Run, line

DRAWN, GUESSED = 0, 1
"""Which line a dot is of: between two points that were drawn, or elsewhere."""
STEPS = (1, 2, 5, 10, 20, 50, 100)
FEWEST = 25
"""Steps of the arrow keys from one end of the axis to the other: at least so many, at most twice and a half."""

NEAR = 0.25
"""A value is on a step if it is no further from it than this share of a step: values have three digits."""


@dataclass(frozen=True)
class Axis:
    """The upright axis: values, shares of its length (0 to 1), and the steps that the keys take."""

    low: float
    high: float
    log: bool

    @classmethod
    def of(cls, question: Drawn) -> Axis:
        return cls(question.low, question.high, question.scale == "log")

    @property
    def steps(self) -> float:
        """How many steps it is long. On a linear axis a step is 1, 2 or 5 of some power of ten."""
        if self.log:
            return 40
        span = self.high - self.low
        power = 10.0 ** math.floor(math.log10(span / FEWEST))
        step = max(p * power for p in (1, 2, 5) if p * power <= span / FEWEST * (1 + 1e-9))
        return span / step

    def share(self, value: float) -> float:
        low, high, at = (math.log1p(v) if self.log else v for v in (self.low, self.high, value))
        return min(max((at - low) / (high - low), 0.0), 1.0)

    def value(self, share: float) -> float:
        """The value there, with no more digits than one can mean."""
        share = min(max(share, 0.0), 1.0)
        if self.log:
            low, high = math.log1p(self.low), math.log1p(self.high)
            found = math.expm1(low + (high - low) * share)
        else:
            found = self.low + (self.high - self.low) * share
        return min(max(float(f"{found:.3g}"), self.low), self.high)

    def snapped(self, share: float) -> float:
        """The nearest step."""
        return min(max(round(share * self.steps) / self.steps, 0.0), 1.0)

    def moved(self, value: float, by: int) -> float:
        """The value `by` steps further up; from between two steps, the next step counts as one."""
        at = self.share(value) * self.steps
        step = round(at)
        if abs(at - step) > NEAR:
            step = math.floor(at) if by > 0 else math.ceil(at)
        return self.value((step + by) / self.steps)


@dataclass(frozen=True)
class Plot:
    """Where things are: columns of layers, rows of values."""

    axis: Axis
    n_layers: int
    width: int
    rows: int

    @property
    def marks(self) -> dict[int, str]:
        """What is written beside the axis, by row: its ends, on a linear axis the middle, on a log one the powers of ten."""
        last = self.rows - 1
        middle = last // 2
        values = {} if self.axis.log else {middle: self.axis.value(1 - middle / last)}
        if self.axis.log:
            values = {self.row(self.axis.share(v)): v for v in ticks(self.axis.low, self.axis.high, log=True)}
            values = {row: value for row, value in values.items() if 0 < row < last}
        values |= {0: self.axis.high, last: self.axis.low}
        return {row: f"{value:.6g}" for row, value in values.items()}

    @property
    def left(self) -> int:
        """Cells before the plot."""
        return max(len(mark) for mark in self.marks.values()) + 2

    @property
    def columns(self) -> int:
        return max(4, self.width - self.left)

    def column(self, layer: int) -> int:
        last = self.n_layers - 1
        return round(layer / last * (self.columns - 1)) if last > 0 else self.columns // 2

    def row(self, share: float) -> int:
        return self._dot(share) // 4

    def layer(self, x: int) -> int:
        """The layer whose column is nearest to cell `x`."""
        last = self.n_layers - 1
        return min(max(round((x - self.left) / (self.columns - 1) * last), 0), last)

    def share(self, y: int) -> float:
        """The share of the axis at line `y`."""
        return min(max(1 - y / (self.rows - 1), 0.0), 1.0)

    def _dot(self, share: float) -> int:
        return round((1 - share) * (4 * self.rows - 1))

    def lines(
        self, points: Mapping[int, float], curve: Sequence[float], at: int, focus: bool, guide: str
    ) -> list[Content]:
        """The plot and the names of the layers. `points` were drawn; `curve` has a value for each layer, or none at all:
        then `guide` stands in its place."""
        cells: dict[tuple[int, int], Run] = {}
        if not curve and len(guide) + 6 <= self.columns:
            start = (self.columns - len(guide)) // 2
            cells.update({(self.rows // 2, start + i): (c, MUTED) for i, c in enumerate(guide)})
        for k, cell in enumerate(self._dots(points, curve)):
            cells.update({(k, x): found for x, found in cell.items()})
        for layer, value in points.items():
            if not {layer - 1, layer + 1} <= points.keys():  # in a row of points the line itself shows them
                cells[self.row(self.axis.share(value)), self.column(layer)] = ("●", "$accent")
        x = self.column(at)
        if focus:
            for y in range(self.rows):
                cells.setdefault((y, x), ("┊", MUTED))
        share = self.axis.share(curve[at]) if curve else 0.5
        if focus or at in points:
            cells[self.row(share), x] = ("◆" if at in points else "◇", HERE)
        out = []
        for y in range(self.rows):
            mark = self.marks.get(y, "")
            edge: list[Run] = [(pad(mark, self.left - 2, before=True) + (" ┤" if mark else " │"), MUTED)]
            out.append(line([*edge, *(cells.get((y, column), (" ", FAINT)) for column in range(self.columns))]))
        tick = "┴" if focus else "─"
        foot: list[Run] = [(" " * (self.left - 1) + "└" + "─" * x, MUTED), (tick, HERE if focus else MUTED)]
        out.append(line([*foot, ("─" * (self.columns - x - 1), MUTED)]))
        out.append(line([(" " * self.left, MUTED), *self._names(at, focus)]))
        return out

    def _dots(self, points: Mapping[int, float], curve: Sequence[float]) -> list[dict[int, Run]]:
        """The curve in braille, row by row: thick where it was drawn, dotted and faint where it was not."""
        canvas = Canvas(self.columns, self.rows)
        places = [self._place(layer, value) for layer, value in enumerate(curve)]
        for layer, (a, b) in enumerate(pairwise(places)):
            self._stroke(canvas, a, b, sure=layer in points and layer + 1 in points)
        styles = ("$accent", "$accent 60%")
        return [
            {x: (chr(0x2800 + dots), styles[canvas.owner[y][x]]) for x, dots in enumerate(canvas.dots[y]) if dots}
            for y in range(self.rows)
        ]

    def _stroke(self, canvas: Canvas, a: tuple[int, int], b: tuple[int, int], sure: bool) -> None:
        """A line from a to b: two dots thick where it was drawn, every other dot where it was not."""
        steps = max(abs(b[0] - a[0]), abs(b[1] - a[1]), 1)
        longer = 0 if abs(b[0] - a[0]) == steps else 1
        for i in range(steps + 1):
            x, y = (round(a[k] + (b[k] - a[k]) * i / steps) for k in (0, 1))
            if sure:
                canvas.dot(x, y, DRAWN)
                canvas.dot(x, min(y + 1, 4 * self.rows - 1), DRAWN)
            elif (x, y)[longer] % 2:
                canvas.dot(x, y, GUESSED)

    def _place(self, layer: int, value: float) -> tuple[int, int]:
        last = max(1, self.n_layers - 1)
        return round(layer / last * (2 * self.columns - 1)), self._dot(self.axis.share(value))

    def _names(self, at: int, focus: bool) -> list[Run]:
        """The numbers of the layers below the axis, as many as there is room for; the cursor's always."""
        cells: list[Run] = [(" ", MUTED)] * self.columns
        taken: set[int] = set()

        def put(layer: int, style: str) -> None:
            name = str(layer)
            start = min(max(self.column(layer) - len(name) // 2, 0), self.columns - len(name))
            span = range(start, start + len(name))
            if not taken.intersection(range(start - 1, span.stop + 1)):
                cells[start : span.stop] = [(c, style) for c in name]
                taken.update(span)

        put(at, HERE if focus else MUTED)
        widest = len(str(self.n_layers - 1)) + 2
        step = next((k for k in STEPS if (self.columns - 1) * k >= widest * (self.n_layers - 1)), self.n_layers)
        for layer in range(0, self.n_layers, step):
            put(layer, MUTED)
        return cells
