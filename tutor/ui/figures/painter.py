"""The cells of a heatmap, a line at a time. Lines are kept: when the cursor moves, only its own line is drawn anew."""

from __future__ import annotations

from dataclasses import dataclass, field

from rich.color_triplet import ColorTriplet
from rich.style import Style
from textual.geometry import Offset, Region
from textual.strip import Strip

from engine.figures import NOT_YET, Heatmap, glyph, shown
from tutor.drawing import Marked
from tutor.ui.figures.cells import Piece, fit, strip
from tutor.ui.figures.colours import ink_on, level, paint, ramp
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
        here = at.x if at.y in self.grid.bands[line] else None
        if here is not None or self._selects(line):
            return strip(*self._cells(line, here, at.y))
        if line not in self.lines:
            self.lines[line] = strip(*self._cells(line, None, at.y))
        return self.lines[line]

    def _cells(self, line: int, here: int | None, row: int) -> list[Piece]:
        """The cells of a line; `here` is the column of the cursor if that is in this line, in row `row`."""
        band = self.grid.bands[line]
        if len(band) == 2:
            cells = self._halves(band[0], here, row)
        else:
            pieces = self._glyphs(band[0], here) if self.monochrome else self._colours(band[0], here)
            cells = [[piece] for piece in pieces]
        if self.selected and self._selects(line):
            for column in range(self.selected.x, self.selected.right):
                cells[column] = [hatched(piece, self.monochrome) for piece in cells[column]]
        return [piece for cell in cells for piece in cell]

    def _selects(self, line: int) -> bool:
        if self.selected is None:
            return False
        band = self.grid.bands[line]
        return self.selected.y <= band[-1] and band[0] < self.selected.bottom

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

    def _halves(self, row: int, here: int | None, at: int) -> list[list[Piece]]:
        """`row` and the one after it in one line, cell by cell. Under the cursor the ends of a half are black or white,
        whichever its colour is not; where there is room its colour stays between them."""
        figure, cell, colours = self.figure, self.grid.cell, ramp(self.figure.signed, self.dark)
        cells: list[list[Piece]] = []
        for column, values in enumerate(zip(figure.values[row], figure.values[row + 1], strict=True)):
            top, bottom = (None if (step := level(v, self.scale)) is None else colours[step] for v in values)
            if column != here:
                cells.append([self._half_blocks(top, bottom, cell)])
                continue
            own = top if at == row else bottom
            ink = ink_on(own or colours[0])
            upper, lower = (ink, bottom) if at == row else (top, ink)
            if own and cell >= 3:
                edge = self._half_blocks(upper, lower, 1)
                cells.append([edge, self._half_blocks(top, bottom, cell - 2), edge])
            else:
                cells.append([self._half_blocks(upper, lower, cell)])
        return cells

    def _half_blocks(self, top: ColorTriplet | None, bottom: ColorTriplet | None, width: int) -> Piece:
        """One colour over another; None is what is not measured yet."""
        if top is None and bottom is None:
            return NOT_YET * width, self.faint
        if top is None:
            return "▄" * width, self.plain + paint(bottom, None)
        if bottom is None:
            return "▀" * width, self.plain + paint(top, None)
        return "▀" * width, paint(top, bottom)

    def _glyphs(self, row: int, here: int | None) -> list[Piece]:
        """A row a line, without colours: the glyph of the value fills the cell, or stands before the cell's text."""
        cell, signed = self.grid.cell, self.figure.signed
        texts = self.figure.cells[row] if self.grid.texts and self.figure.cells else None
        pieces: list[Piece] = []
        for column, value in enumerate(self.figure.values[row]):
            sign = glyph(value, self.scale, signed)
            signs = self._signs(row, column)
            filled = sign if sign == NOT_YET else sign * max(0 if signs else 1, cell - 1 - len(signs))
            said = fit(f"{signs}{sign}{shown(texts[column])}", cell - 1) if texts else signs + filled
            pieces.append((fit(said, cell), Style(reverse=True) if column == here else self.plain))
        return pieces


def hatched(piece: Piece, monochrome: bool) -> Piece:
    """A cell that is selected."""
    text, style = piece
    ground = style.bgcolor or style.color
    if monochrome or ground is None or ground.triplet is None:
        return text, style + Style(reverse=True)
    return text.translate(HATCH), paint(ink_on(ground.triplet), ground.triplet, bold=True)
