"""Where the cells of a heatmap are: how wide, one or two rows a line, and what must scroll."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from statistics import median

from rich.cells import cell_len

from engine.figures import Heatmap, shown
from tutor.drawing import Marked

HEAD = 1
"""Lines above the grid: the names of the columns."""
WIDEST = 16
"""Cells of a value at most, where there is room: for a long word and the space around it."""
NARROWEST_TEXT = 7
ENOUGH = 6
"""Cells of a value that is only a colour; more where the names of the columns want it."""


@dataclass(frozen=True)
class Grid:
    """The measures of a heatmap on the screen, in cells of the terminal."""

    figure: Heatmap = field(compare=False)
    left: int
    """Width of the row names, with the space after them."""
    cell: int
    """Width of one value."""
    stacked: int = 1
    """Rows in one line: 2 with half blocks, but for rows with marks."""
    texts: bool = False
    """Whether the cells hold their texts."""
    foot: int = 2
    """Lines below the grid: an empty one where there is room, the value at the cursor, the scale."""

    @property
    def lines(self) -> int:
        return len(self.bands)

    @cached_property
    def bands(self) -> tuple[tuple[int, ...], ...]:
        """The rows of each line. A sign takes a whole cell of the terminal, so that two rows in one line would wear it
        both: where one of them is marked, each has a line of its own."""
        rows, marked = range(len(self.figure.rows)), marked_rows(self.figure)
        bands: list[tuple[int, ...]] = []
        for start in range(0, len(rows), self.stacked):
            band = tuple(rows[start : start + self.stacked])
            bands += [(row,) for row in band] if marked.intersection(band) else [band]
        return tuple(bands)

    def line(self, row: int) -> int:
        """The line that row `row` is in; that of the last row for what is beyond."""
        return next((line for line, band in enumerate(self.bands) if row in band), max(0, self.lines - 1))

    @property
    def width(self) -> int:
        return self.left + self.cell * len(self.figure.columns)

    @property
    def height(self) -> int:
        return HEAD + self.lines + self.foot

    @classmethod
    def fitting(cls, figure: Heatmap, width: int, height: int, *, texts: bool, halves: bool) -> Grid:
        """The best grid for a room of `width` x `height`: texts if they are wanted and there, else cells that fill the
        width, two rows a line (`halves`) if that saves scrolling. A scroll bar takes a column or a line of the room."""
        grid = cls._in(figure, width, height, texts, halves)
        if grid.height > height:
            grid = cls._in(figure, width - 1, height, texts, halves)
        if grid.width > width:
            grid = cls._in(figure, width - (grid.height > height - 1), height - 1, texts, halves)
        return grid

    @classmethod
    def _in(cls, figure: Heatmap, width: int, height: int, texts: bool, halves: bool) -> Grid:
        names = [shown(name) for name in [*figure.rows, figure.row_name]]
        left = min(max((cell_len(name) for name in names), default=0), max(3, width // 4)) + 1
        rows, share = len(figure.rows), (width - left) // max(1, len(figure.columns))
        foot = 3 if HEAD + rows + 3 <= height else 2
        if texts and figure.cells:
            want = min(longest([*figure.cells, figure.columns]) + 2, WIDEST)
            return cls(figure, left, min(want, max(share, NARROWEST_TEXT)), texts=True, foot=foot)
        stacked = 2 if halves and HEAD + rows + foot > height else 1
        want = min(max(longest([figure.columns]) + 1, ENOUGH), WIDEST)
        grid = cls(figure, left, max(1, min(share, want)), stacked=stacked)
        return replace(grid, foot=3 if HEAD + grid.lines + 3 <= height else 2)


def telling(figure: Heatmap) -> tuple[int, int] | None:
    """Row and column of the value that is farthest from the middle one: a patch that does what no other does, a head that
    counts. None while there are values that were not measured yet."""
    cells = [(v, (r, c)) for r, row in enumerate(figure.values) for c, v in enumerate(row)]
    known = sorted(v for v, _ in cells if v is not None and math.isfinite(v))
    if not known or len(known) < len(cells):
        return None
    middle = median(known)
    return max(((abs(v - middle), at) for v, at in cells if v is not None), key=lambda cell: cell[0])[1]


def longest(lines: Sequence[Sequence[str]]) -> int:
    """The width of the longest of these texts."""
    return max((cell_len(shown(text)) for line in lines for text in line), default=1)


def marked_rows(figure: Heatmap) -> set[int]:
    """The rows that hold a mark."""
    return {mark.row for mark in figure.marks} if isinstance(figure, Marked) else set()
