"""A part of a grid as a figure of its own, and the way to it and back."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from textual.geometry import Offset, Region

from engine.figures import Heatmap
from tutor.drawing import Marked


def between(a: Offset, b: Offset) -> Region:
    """The cells of the rectangle that has `a` and `b` as its corners."""
    return Region.from_corners(min(a.x, b.x), min(a.y, b.y), max(a.x, b.x) + 1, max(a.y, b.y) + 1)


def cropped(figure: Heatmap, part: Region) -> Heatmap:
    """The rows and columns of `part`. Its scale is its own, so that what was too faint to see can be told apart."""
    rows, columns = slice(part.y, part.bottom), slice(part.x, part.right)
    update: dict[str, Any] = {
        "title": f"{figure.title} (part)",
        "rows": figure.rows[rows],
        "columns": figure.columns[columns],
        "values": [row[columns] for row in figure.values[rows]],
        "cells": [row[columns] for row in figure.cells[rows]] if figure.cells else None,
    }
    if isinstance(figure, Marked):
        update["marks"] = [
            mark.model_copy(update={"row": mark.row - part.y, "column": mark.column - part.x})
            for mark in figure.marks
            if part.contains(mark.column, mark.row)
        ]
    return figure.model_copy(update=update)


def whole(figure: Heatmap) -> Region:
    """All cells."""
    return Region(0, 0, len(figure.columns), len(figure.rows))


def can_flip(figure: Heatmap) -> bool:
    """Whether both a scale around its middle and a plain one have something to say: values of both signs, or a choice made."""
    known = [v for row in figure.values for v in row if v is not None]
    return figure.signed or any(v < 0 for v in known)


@dataclass
class Lens:
    """What is seen of a grid: a part of it, and on which of the two scales."""

    grid: Heatmap
    parts: list[Region] = field(default_factory=list)
    """The parts that were zoomed to, each within the one before, in cells of the whole grid; the last one is seen."""
    flipped: bool = False

    def take(self, grid: Heatmap) -> None:
        """Another state of the grid. The part stays, but for a grid of another size."""
        if whole(grid) != whole(self.grid):
            self.parts = []
        self.grid = grid

    @property
    def part(self) -> Region:
        return self.parts[-1] if self.parts else whole(self.grid)

    @property
    def seen(self) -> Heatmap:
        """The part as a figure, with the scale that is wanted."""
        seen = cropped(self.grid, self.part) if self.parts else self.grid
        return seen.model_copy(update={"signed": not seen.signed}) if self.flipped else seen

    def zoom_in(self, part: Region) -> Offset:
        """See this part of what is seen, if it is one; by how much cells move."""
        if part.area > 1 and part.size != self.part.size:
            self.parts.append(part.translate(self.part.offset))
            return Offset(-part.x, -part.y)
        return Offset(0, 0)

    def zoom_out(self) -> Offset:
        """See what was seen before; by how much cells move."""
        before = self.part.offset
        self.parts = self.parts[:-1]
        return before - self.part.offset
