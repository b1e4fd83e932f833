"""The cells of a heatmap, a line at a time. Lines are kept: when the cursor moves, only its own line is drawn anew."""

from __future__ import annotations

from dataclasses import dataclass, field

from rich.style import Style
from textual.geometry import Offset, Region
from textual.strip import Strip

from engine.figures import Heatmap, shown
from tutor.drawing import Marked
from tutor.ui.figures.cells import Piece, fit, strip
from tutor.ui.figures.colours import NOT_YET, glyph, ink_on, level, paint, ramp
from tutor.ui.figures.grid import Grid

HATCH = str.maketrans(dict.fromkeys(" ▀▄", "░"))


@dataclass
class Painter:
    """Draws one state of a heatmap on one grid."""

    figure: Heatmap
    grid: Grid
    scale: tuple[float, float]
    dark: bool
    monochrome: bool
    plain: Style
    faint: Style
    cursor: Style
    lines: dict[int, Strip] = field(default_factory=dict)
    selected: Region | None = None
    """Cells that are hatched: the part to zoom to."""

    def line(self, line: int, at: Offset) -> Strip:
        """Line `line` of the grid, all columns wide, with the cursor on the cell `at`."""
        if line >= self.grid.lines:  # scrolled further than a smaller figure goes
            return Strip([])
        here = at.x if at.y // self.grid.stacked == line else None
        if here is not None or self._selects(line):
            return strip(*self._cells(line, here, at.y))
        if line not in self.lines:
            self.lines[line] = strip(*self._cells(line, None, at.y))
        return self.lines[line]

    def _cells(self, line: int, here: int | None, row: int) -> list[Piece]:
        """The cells of a line; `here` is the column of the cursor if that is in this line, in row `row`."""
        if self.monochrome:
            pieces = self._glyphs(line, here)
        elif self.grid.stacked == 2:
            pieces = self._halves(line, here, row)
        else:
            pieces = self._colours(line, here)
        if self.selected and self._selects(line):
            for column in range(self.selected.x, self.selected.right):
                pieces[column] = hatched(pieces[column], self.monochrome)
        return pieces

    def _selects(self, line: int) -> bool:
        if self.selected is None:
            return False
        stacked = self.grid.stacked
        return self.selected.y // stacked <= line <= (self.selected.bottom - 1) // stacked

    def _signs(self, row: int, column: int) -> str:
        """The marks on a cell."""
        return self.figure.signs(row, column) if isinstance(self.figure, Marked) else ""

    def _colours(self, row: int, here: int | None) -> list[Piece]:
        """A row a line: the colour of the value, and the cell's text where texts are wanted."""
        cell, colours = self.grid.cell, ramp(self.figure.signed, self.dark)
        texts = self.figure.cells[row] if self.grid.texts and self.figure.cells else None
        pieces: list[Piece] = []
        for column, value in enumerate(self.figure.values[row]):
            step = level(value, self.scale)
            text = self._signs(row, column) + (shown(texts[column]) if texts else "")
            if step is None:
                text = text or ("–" if texts else NOT_YET)
                style = self.cursor if column == here else self.faint
            else:
                style = paint(ink_on(colours[step]), colours[step], column == here)
            if cell == 1:
                said = "+" if column == here else text[-1:] or " "
            elif column == here:
                said = f"[{fit(text, cell - 2)}]"
            else:
                said = " " + fit(text, cell - 1)
            pieces.append((said, style))
        return pieces

    def _halves(self, line: int, here: int | None, at: int) -> list[Piece]:
        """Two rows a line. The half under the cursor is black or white, whichever its colour is not."""
        figure, cell, colours = self.figure, self.grid.cell, ramp(self.figure.signed, self.dark)
        upper = figure.values[2 * line]
        lower = figure.values[2 * line + 1] if 2 * line + 1 < len(figure.rows) else [None] * len(upper)
        pieces: list[Piece] = []
        for column, (a, b) in enumerate(zip(upper, lower, strict=True)):
            up, down = level(a, self.scale), level(b, self.scale)
            top = None if up is None else colours[up]
            bottom = None if down is None else colours[down]
            if column == here and at == 2 * line:
                top = ink_on(top or colours[0])
            elif column == here:
                bottom = ink_on(bottom or colours[0])
            signs = self._signs(2 * line, column) or self._signs(2 * line + 1, column)
            if signs:
                ground = top if self._signs(2 * line, column) else bottom
                pieces.append((fit(signs, cell), paint(ink_on(ground) if ground else None, ground, bold=True)))
            elif top is None and bottom is None:
                pieces.append((NOT_YET * cell, self.faint))
            elif top is None:
                pieces.append(("▄" * cell, self.plain + paint(bottom, None)))
            elif bottom is None:
                pieces.append(("▀" * cell, self.plain + paint(top, None)))
            else:
                pieces.append(("▀" * cell, paint(top, bottom)))
        return pieces

    def _glyphs(self, row: int, here: int | None) -> list[Piece]:
        """A row a line, without colours: the glyph of the value fills the cell, or stands before the cell's text."""
        cell, signed = self.grid.cell, self.figure.signed
        texts = self.figure.cells[row] if self.grid.texts and self.figure.cells else None
        pieces: list[Piece] = []
        for column, value in enumerate(self.figure.values[row]):
            sign = glyph(value, self.scale, signed)
            filled = sign if sign == NOT_YET else sign * max(1, cell - 1)
            said = fit(sign + shown(texts[column]), cell - 1) if texts else filled
            if signs := self._signs(row, column):
                said = fit(signs + said, max(1, cell - 1))
            pieces.append((fit(said, cell), Style(reverse=True) if column == here else self.plain))
        return pieces


def hatched(piece: Piece, monochrome: bool) -> Piece:
    """A cell that is selected."""
    text, style = piece
    ground = style.bgcolor or style.color
    if monochrome or ground is None or ground.triplet is None:
        return text, style + Style(reverse=True)
    return text.translate(HATCH), paint(ink_on(ground.triplet), ground.triplet, bold=True)
