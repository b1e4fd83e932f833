"""Curves and grids."""

from __future__ import annotations

import math

from engine.figures import Curve, Heatmap, cell_len, cut, number, shown
from tutor.drawing.marks import Marked
from tutor.drawing.paper import CELL, MARGIN, ROW, Paper, colour
from tutor.drawing.ramps import dark_ink, level, steps
from tutor.drawing.roles import role
from tutor.drawing.ticks import counts, named, ticks

HEIGHT = 260.0
"""Height of a plot."""
DASHES = ("", "6 4", "12 4", "2 4")
SHADES = 32
MANY = 900
"""More cells than this have no words for the mouse: the file would be all words."""
LONGEST = 14


def bounds(figure: Curve) -> tuple[float, float]:
    """The values at the lower and upper end: 0 is among them where it is no further away than the curve is high."""
    known = [v for s in figure.series for v in s.values if v is not None and math.isfinite(v)]
    if not known:
        return 0.0, 1.0
    low, high = min(known), max(known)
    span = high - low
    low, high = (min(low, 0.0) if low <= span else low), (max(high, 0.0) if -high <= span else high)
    return (low, high) if high > low else (low - 0.5, high + 0.5)


def runs(values: list[float | int | None], n: int) -> list[list[tuple[int, float]]]:
    """The values that are known, as (index, value), in the stretches without a gap."""
    out: list[list[tuple[int, float]]] = [[]]
    for i, value in enumerate(values[:n]):
        if value is not None and math.isfinite(value):
            out[-1].append((i, value))
        elif out[-1]:
            out.append([])
    return [run for run in out if run]


def curve(figure: Curve, paper: Paper) -> None:
    """Axes, the series in lines that differ by their dashes too, a legend where there are several."""
    inks, names = paper.inks, [s.name for s in figure.series]
    low, high = bounds(figure)
    log = figure.log and low >= 0

    def height(value: float) -> float:
        """Where a value stands, as the figure's axis has it."""
        return math.log1p(max(0.0, value)) if log else value

    values = ticks(low, high, log=log, whole=counts(figure))
    marks = [*zip(values, named(values), strict=True)]
    left = MARGIN + CELL * (max(cell_len(name) for _, name in marks) + 1)
    right, top = paper.width - MARGIN, paper.y + ROW + 8
    last = max(1, len(figure.x) - 1)

    def at(index: int, value: float) -> tuple[float, float]:
        x = left + (right - left) * (index / last if len(figure.x) > 1 else 0.5)
        return x, top + HEIGHT * (height(high) - height(value)) / (height(high) - height(low))

    _legend(figure, names, paper)
    for mark, name in marks:
        y = at(0, mark)[1]
        paper.rule(left, y, right, y)
        paper.say(left - CELL, y + 4, name, inks.faint, anchor="end")
    if figure.between and len(figure.series) > 1:
        first, second = (dict(p for run in runs(s.values, len(figure.x)) for p in run) for s in figure.series[:2])
        both = [i for i in first if i in second]
        if both:
            there = [at(i, first[i]) for i in both]
            paper.area([*there, *reversed([at(i, second[i]) for i in both])], inks.of(role(names, 0)))
    for k, series in enumerate(figure.series):
        ink = inks.of(role(names, k))
        for run in runs(series.values, len(figure.x)):
            points = [at(i, v) for i, v in run]
            if len(points) > 1:
                paper.stroke(points, ink, DASHES[k % len(DASHES)])
            if len(figure.x) <= 60:
                for x, y in points:
                    paper.dot(x, y, ink)
    paper.y = top + HEIGHT
    widest = max((cell_len(shown(x)) for x in figure.x), default=1)
    step = max(1, math.ceil((min(widest, LONGEST) + 2) * CELL * last / (right - left)))
    for i in range(0, len(figure.x), step):
        anchor = "" if i == 0 else "end" if i == last else "middle"
        paper.say(at(i, 0)[0], paper.y + ROW, cut(shown(figure.x[i]), LONGEST), inks.faint, anchor=anchor)
    paper.y += 2 * ROW
    paper.say((left + right) / 2, paper.y, shown(figure.x_name), inks.faint, anchor="middle")


def _legend(figure: Curve, names: list[str], paper: Paper) -> None:
    paper.y += ROW
    paper.say(MARGIN, paper.y - 5, shown(figure.y_name), paper.inks.faint)
    if len(names) < 2:
        return
    x = MARGIN + CELL * (cell_len(shown(figure.y_name)) + 3)
    for k, name in enumerate(names):
        ink = paper.inks.of(role(names, k))
        paper.stroke([(x, paper.y - 10), (x + 28, paper.y - 10)], ink, DASHES[k % len(DASHES)])
        paper.say(x + 34, paper.y - 5, shown(name), ink)
        x += 34 + CELL * (cell_len(shown(name)) + 3)


def heatmap(figure: Heatmap, paper: Paper) -> None:
    """The cells in the colours of the scale, the names of rows and columns, the scale, and marks where there are any."""
    inks, scale = paper.inks, figure.scale()
    rows, columns = ([cut(shown(n), LONGEST) for n in names] for names in (figure.rows, figure.columns))
    left = MARGIN + CELL * (max([cell_len(n) for n in [*rows, figure.row_name]], default=0) + 1)
    across = (paper.width - MARGIN - left) / max(1, len(columns))
    longest = max((cell_len(n) for n in columns), default=1)
    texts = bool(figure.cells) and across >= 5 * CELL
    down = max(4.0, 20.0 if texts else min(20.0, across))
    if not texts:
        across = min(across, 3 * down)
    upright = longest * CELL > across
    paper.say(left, paper.y + ROW - 5, shown(figure.column_name), inks.faint)
    paper.y += ROW
    top = paper.y + (longest * CELL + 4 if upright else ROW)
    step = max(1, math.ceil(12 / across))
    for c in range(0, len(columns), step):
        middle = left + (c + 0.5) * across
        if upright:
            paper.say(middle + 4, top - 4, columns[c], inks.faint, turned=True)
        else:
            paper.say(middle, top - 5, columns[c], inks.faint, anchor="middle")
    paper.say(left - CELL, top - 5, shown(figure.row_name), inks.faint, anchor="end")
    for r in range(0, len(rows), max(1, math.ceil(12 / down))):
        paper.say(left - CELL, top + (r + 0.5) * down + 4, rows[r], inks.faint, anchor="end")
    ramp = steps(figure.signed, paper.dark)
    several = len(rows) * len(columns) <= MANY
    for r, line in enumerate(figure.values):
        for c, value in enumerate(line):
            x, y, step_of = left + c * across, top + r * down, level(value, scale)
            if step_of is None:
                paper.say(x + across / 2, y + down / 2 + 4, "·", inks.faint, anchor="middle")
                continue
            where = f"{figure.row_name} {rows[r]}, {figure.column_name} {columns[c]}: {number(value)}"
            paper.box(x, y, across, down, colour(ramp[step_of]), title=where if several else "")
            if texts and figure.cells:
                said = cut(shown(figure.cells[r][c]), int(across // CELL))
                ink = "#000000" if dark_ink(ramp[step_of]) else "#ffffff"
                paper.say(x + across / 2, y + down - 6, said, ink, anchor="middle", small=True)
    if isinstance(figure, Marked):
        _marks(figure, paper, left, top, across, down)
    paper.y = top + len(rows) * down + ROW / 2
    _scale(figure, scale, paper, left)


def _marks(figure: Marked, paper: Paper, left: float, top: float, across: float, down: float) -> None:
    for mark in figure.marks:
        x, y = left + mark.column * across, top + mark.row * down
        ink = paper.inks.yours if mark.name == "yours" else paper.inks.run
        paper.frame(x, y, across, down, ink)
        value = level(figure.values[mark.row][mark.column], figure.scale())
        known = value is not None and dark_ink(steps(figure.signed, paper.dark)[value])
        signs = figure.signs(mark.row, mark.column)
        paper.say(x + across / 2, y + down / 2 + 5, signs, "#000000" if known else "#ffffff", anchor="middle")


def _scale(figure: Heatmap, scale: tuple[float, float], paper: Paper, left: float) -> None:
    """The two ends in numbers, and the middle where that is not 0; the colours between them; what is measured."""
    low, high = (number(end) for end in scale)
    between = number(figure.middle) if figure.signed and figure.middle else ""
    gap = CELL * (cell_len(between) + 2) if between else 0.0
    ramp, half = steps(figure.signed, paper.dark), SHADES // 2
    paper.y += ROW
    start = left + CELL * (cell_len(low) + 1)
    paper.say(left, paper.y - 5, low, paper.inks.faint)
    for i in range(SHADES):
        ink = colour(ramp[i * (len(ramp) - 1) // (SHADES - 1)])
        paper.box(start + i * 6 + (gap if i >= half else 0.0), paper.y - ROW + 5, 6.2, ROW - 8, ink)
    if between:
        paper.say(start + half * 6 + CELL, paper.y - 5, between, paper.inks.faint)
    end = start + SHADES * 6 + gap + CELL
    paper.say(end, paper.y - 5, f"{high}  {shown(figure.value_name)}", paper.inks.faint)
