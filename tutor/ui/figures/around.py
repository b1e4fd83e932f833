"""What stands around the cells of a heatmap: the names of its rows and columns, the value at the cursor, the scale."""

from __future__ import annotations

from collections.abc import Callable

from rich.cells import cell_len
from rich.style import Style
from textual.geometry import Offset, Region

from engine.figures import LESS, MORE, Heatmap, number, shown
from tutor.drawing import Marked
from tutor.ui.figures.cells import Piece, fit
from tutor.ui.figures.colours import LEVELS, paint, ramp
from tutor.ui.figures.grid import Grid

LONGEST_HEAD = 6
"""Cells for the name of a column where cells are too narrow to name each."""

Ink = Callable[[str], Style]
"""The style of a part of a figure, by its name."""


def corner(grid: Grid, ink: Ink) -> Piece:
    """What the rows are, above their names."""
    return fit(shown(grid.figure.row_name), grid.left - 1, right=True) + " ", ink("faint")


def row_name(grid: Grid, line: int, at: int, ink: Ink) -> Piece:
    """The names of a line's rows; where there is no room for two, of row `at`, where the cursor is, or of the first."""
    band = grid.bands[line] if line < grid.lines else ()
    here = at in band
    name = "–".join(shown(grid.figure.rows[row]) for row in band)
    if cell_len(name) >= grid.left:
        name = shown(grid.figure.rows[at if here else band[0]])
    return fit(name, grid.left - 1, right=True) + " ", ink("cursor" if here else "faint")


def heads(grid: Grid, at: int, ink: Ink) -> list[Piece]:
    """The names of the columns; where cells are narrow, of every second, third, ... column. The cursor is in column `at`."""
    cell, names = grid.cell, [shown(name) for name in grid.figure.columns]
    longest = max((cell_len(name) for name in names), default=1)
    step = 1 if cell > 3 else -(-(min(longest, LONGEST_HEAD) + 1) // cell)
    pieces: list[Piece] = []
    for c in range(0, len(names), step):
        room = step * cell
        name = fit(names[c], min(cell_len(names[c]), room - 1))
        pieces.append((fit(name, room), ink("cursor" if c <= at < c + step else "faint")))
    return pieces


def selection(part: Region, out: str, ink: Ink) -> list[Piece]:
    """How much is selected, and what can be done with it; `out` is the key that ends it."""
    what = f"{part.height} x {part.width} cells"
    return [(what, ink("cursor")), (f"  arrows enlarge, enter zooms, {out} leaves", ink("faint"))]


def reading(figure: Heatmap, at: Offset, value: float | None, out: str, ink: Ink) -> list[Piece]:
    """The value at the cursor, first so that it is seen on any screen; then the cell's text and its place. Of a
    larger figure it may be a part: `out` is the key that leads back, else empty."""
    x, y = at
    if not figure.rows or not figure.columns:
        return [("nothing measured yet", ink("faint"))]
    pieces: list[Piece] = [("not yet" if value is None else number(value), ink("cursor"))]
    if figure.cells and figure.cells[y][x]:
        pieces.append((f"  {shown(figure.cells[y][x])}", ink("strong")))
    where = [(figure.row_name, figure.rows[y]), (figure.column_name, figure.columns[x])]
    place = ", ".join(f"{shown(axis)} {shown(name)}" for axis, name in where)
    if isinstance(figure, Marked) and (signs := figure.signs(y, x)):
        pieces.append((f"  {signs}", ink("strong")))
    part = f"   part, {out} for all" if out else ""
    return [*pieces, (f"  {place}{part}", ink("faint"))]


def scale_line(
    figure: Heatmap, scale: tuple[float, float], width: int, dark: bool, mono: bool, ink: Ink
) -> list[Piece]:
    """The scale: its two ends in numbers, and its middle where that is not 0; the colours (`mono`: glyphs) between them; what
    is measured."""
    low, high = (number(end) for end in scale)
    between = f" {number(figure.middle)} " if figure.signed and figure.middle else ""
    name, faint = shown(figure.value_name), ink("faint")
    free = width - cell_len(low) - cell_len(between) - cell_len(high) - 4
    room = max(8, min(24, max(12, free - cell_len(name)), free - 4))  # the colours give way to what is measured
    if mono:
        inks = LESS[:0:-1] + MORE if figure.signed else MORE
        bar: list[Piece] = [(glyph * max(1, room // len(inks)), ink("plain")) for glyph in inks]
    else:
        colours = ramp(figure.signed, dark)
        bar = [(" ", paint(None, colours[i * (LEVELS - 1) // (room - 1)])) for i in range(room)]
    rest = free - sum(len(text) for text, _ in bar)
    name = fit(name, min(cell_len(name), max(0, rest)))
    if between:
        bar.insert(len(bar) // 2, (between, faint))
    return [(f"{low} ", faint), *bar, (f" {high}  {name}", faint)]
