"""A grid of values, drawn line by line: coloured cells, half blocks where rows are many, glyphs without colours."""

from __future__ import annotations

from typing import ClassVar

from rich.cells import cell_len
from textual import events
from textual.binding import Binding, BindingType
from textual.geometry import Offset, Region, Size
from textual.reactive import reactive
from textual.strip import Strip

from engine.figures import Heatmap, number, shown
from tutor.ui.figures.cells import Piece, fit, strip
from tutor.ui.figures.colours import LESS, LEVELS, MORE, paint, ramp
from tutor.ui.figures.grid import HEAD, Grid
from tutor.ui.figures.painter import Painter
from tutor.ui.figures.view import FigureView

LONGEST_HEAD = 6
"""Cells for the name of a column where cells are too narrow to name each."""


class HeatmapView(FigureView[Heatmap]):
    """The grid with the names of its rows and columns, the value at the cursor, and the scale.

    Names, value and scale stay where they are while the grid scrolls under them.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "step(-1, 0)", "Cursor up", show=False),
        Binding("down,j", "step(1, 0)", "Cursor down", show=False),
        Binding("left,h", "step(0, -1)", "Cursor left", show=False),
        Binding("right,l", "step(0, 1)", "Cursor right", show=False),
        Binding("pageup", "step(-8, 0)", "Eight rows up", show=False),
        Binding("pagedown", "step(8, 0)", "Eight rows down", show=False),
        Binding("home", "step(0, -1000000)", "First column", show=False),
        Binding("end", "step(0, 1000000)", "Last column", show=False),
        Binding("ctrl+home", "step(-1000000, -1000000)", "First cell", show=False),
        Binding("ctrl+end", "step(1000000, 1000000)", "Last cell", show=False),
        Binding("x", "toggle_texts", "Texts or colours", show=False),
    ]
    cursor: reactive[Offset] = reactive(Offset(0, 0), repaint=False)
    """The cell that is read out: x is its column, y its row."""
    texts: reactive[bool] = reactive(True, repaint=False)
    """Whether the cells' texts are written into them, where the figure has any."""

    def __init__(self, figure: Heatmap, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(figure, id=id, classes=classes)
        self.grid = Grid(figure, 1, 1)
        self._scale = figure.scale()
        self._painter: Painter | None = None
        if figure.cells and figure.columns:  # texts: the last row after the last token is what the model says
            self.set_reactive(HeatmapView.cursor, Offset(len(figure.columns) - 1, len(figure.rows) - 1))

    # --- the cursor ---

    @property
    def value(self) -> float | None:
        """The value at the cursor; None where there is none (yet)."""
        rows = self.figure.values
        x, y = self.cursor
        return rows[y][x] if y < len(rows) and x < len(rows[y]) else None

    @property
    def reading(self) -> str:
        return " ".join(text.strip() for text, _ in self._reading() if text.strip())

    def validate_cursor(self, cursor: Offset) -> Offset:
        columns, rows = len(self.figure.columns), len(self.figure.rows)
        return Offset(max(0, min(cursor.x, columns - 1)), max(0, min(cursor.y, rows - 1)))

    def watch_cursor(self, before: Offset, now: Offset) -> None:
        self._follow()
        for y in (0, *(self._screen_line(cell.y) for cell in (before, now)), *self._foot()):
            self.refresh(Region(0, y, self.size.width, 1))

    def action_step(self, down: int, right: int) -> None:
        self.cursor = Offset(self.cursor.x + right, self.cursor.y + down)

    def watch_texts(self) -> None:
        if self.is_mounted:
            self.lay_out()

    def action_toggle_texts(self) -> None:
        if self.figure.cells:
            self.texts = not self.texts

    def on_click(self, event: events.Click) -> None:
        self.focus()
        at = event.get_content_offset(self)
        if at is None or not HEAD <= at.y < HEAD + self._seen():
            return
        x = at.x + self._shift() - self.grid.left
        if at.x >= self.grid.left and x < self.grid.cell * len(self.figure.columns):
            line = at.y - HEAD + self.scroll_offset.y
            row = line * self.grid.stacked
            if self.grid.stacked == 2 and row == self.cursor.y and x // self.grid.cell == self.cursor.x:
                row += 1  # a second click reaches the lower of two cells
            self.cursor = Offset(x // self.grid.cell, row)

    def _follow(self) -> None:
        """Scroll so that the cursor can be seen."""
        g, (sx, sy) = self.grid, self.scroll_offset
        x, line = self.cursor.x * g.cell, self.cursor.y // g.stacked
        room = self.scrollable_content_region.width - g.left
        new_x = min(x, max(sx, -(-(x + g.cell - room) // g.cell) * g.cell))
        new_y = min(line, max(sy, line + 1 - self._seen()))
        if (new_x, new_y) != (sx, sy):
            self.scroll_to(new_x, new_y, animate=False, force=True)

    # --- where things are ---

    def lay_out(self) -> None:
        width, height = self.container_size
        if width <= 0 or height <= 0:
            return
        texts = self.texts and not (self.monochrome and self.figure.cells is None)
        before = self.grid
        self.grid = Grid.fitting(self.figure, width, height, texts=texts, halves=not self.monochrome)
        self._scale = self.figure.scale()
        self._painter = Painter(
            self.figure,
            self.grid,
            self._scale,
            dark=self.app.current_theme.dark,
            monochrome=self.monochrome,
            plain=self.style("plain"),
            faint=self.style("faint"),
            cursor=self.style("cursor"),
        )
        over = max(0, self.grid.width - width + (self.grid.height > height))
        whole = -over % self.grid.cell  # scrolled to its end, the grid starts with a whole cell
        self.virtual_size = Size(self.grid.width + whole, self.grid.height)
        self.set_reactive(HeatmapView.cursor, self.validate_cursor(self.cursor))
        if self.grid != before:  # once the scroll bars are where they will be
            self.call_after_refresh(self._follow)
        self.refresh()

    def _seen(self) -> int:
        """Lines of the grid that can be seen at once."""
        return max(0, min(self.grid.lines, self.scrollable_content_region.height - HEAD - self.grid.foot))

    def _shift(self) -> int:
        """How far the columns are scrolled, in whole cells, so that none is cut on the left."""
        return self.scroll_offset.x // self.grid.cell * self.grid.cell

    def _screen_line(self, row: int) -> int:
        return HEAD + row // self.grid.stacked - self.scroll_offset.y

    def _foot(self) -> range:
        """The lines below the grid."""
        start = HEAD + self._seen()
        return range(start, start + self.grid.foot)

    # --- drawing ---

    def render_line(self, y: int) -> Strip:
        width = self.scrollable_content_region.width
        foot = self._foot()
        if self._painter is None:  # the room is not known yet
            return Strip.blank(width, self.style("plain"))
        if y == 0:
            return self._scrolled(self._corner(), strip(*self._heads()), width)
        if y in foot:
            what = foot.stop - 1 - y
            if what > 1:
                return Strip.blank(width, self.style("plain"))
            pieces = self._scale_line(width) if what == 0 else self._reading()
            return strip(*pieces).crop_extend(0, width, self.style("plain"))
        if y < foot.start:
            line = y - HEAD + self.scroll_offset.y
            return self._scrolled(self._row_name(line), self._painter.line(line, self.cursor), width)
        return Strip.blank(width, self.style("plain"))

    def _scrolled(self, frozen: Piece, line: Strip, width: int) -> Strip:
        x = self._shift()
        moved = line.crop_extend(x, x + width - self.grid.left, self.style("plain"))
        return Strip.join([strip(frozen), moved])

    def _corner(self) -> Piece:
        return fit(shown(self.figure.row_name), self.grid.left - 1, right=True) + " ", self.style("faint")

    def _row_name(self, line: int) -> Piece:
        row, here = line * self.grid.stacked, self.cursor.y // self.grid.stacked == line
        if here:
            row = self.cursor.y
        name = shown(self.figure.rows[row]) if row < len(self.figure.rows) else ""
        return fit(name, self.grid.left - 1, right=True) + " ", self.style("cursor" if here else "faint")

    def _heads(self) -> list[Piece]:
        """The names of the columns; where cells are narrow, of every second, third, ... column."""
        cell, names = self.grid.cell, [shown(name) for name in self.figure.columns]
        longest = max((cell_len(name) for name in names), default=1)
        step = 1 if cell > 3 else -(-(min(longest, LONGEST_HEAD) + 1) // cell)
        pieces: list[Piece] = []
        for c in range(0, len(names), step):
            room = step * cell
            name = fit(names[c], min(cell_len(names[c]), room - 1))
            pieces.append((fit(name, room), self.style("cursor" if c <= self.cursor.x < c + step else "faint")))
        return pieces

    def _reading(self) -> list[Piece]:
        """The value at the cursor, first so that it is seen on any screen; then the cell's text and its place."""
        figure, (x, y) = self.figure, self.cursor
        if not figure.rows or not figure.columns:
            return [("nothing measured yet", self.style("faint"))]
        said = "not yet" if self.value is None else number(self.value)
        pieces: list[Piece] = [(said, self.style("cursor"))]
        if figure.cells and figure.cells[y][x]:
            pieces.append((f"  {shown(figure.cells[y][x])}", self.style("strong")))
        where = [(figure.row_name, figure.rows[y]), (figure.column_name, figure.columns[x])]
        place = ", ".join(f"{shown(axis)} {shown(name)}" for axis, name in where)
        return [*pieces, (f"  {place}", self.style("faint"))]

    def _scale_line(self, width: int) -> list[Piece]:
        """The scale: its two ends in numbers, the colours or glyphs between them, what is measured."""
        low, high = (number(end) for end in self._scale)
        faint = self.style("faint")
        room = max(8, min(24, width - cell_len(low) - cell_len(high) - 8))
        if self.monochrome:
            inks = LESS[:0:-1] + MORE if self.figure.signed else MORE
            middle: list[Piece] = [(ink * max(1, room // len(inks)), self.style("plain")) for ink in inks]
        else:
            colours = ramp(self.figure.signed, self.app.current_theme.dark)
            middle = [(" ", paint(None, colours[i * (LEVELS - 1) // (room - 1)])) for i in range(room)]
        rest = width - cell_len(low) - cell_len(high) - sum(len(text) for text, _ in middle) - 4
        name = fit(name := shown(self.figure.value_name), min(cell_len(name), max(0, rest)))
        return [(f"{low} ", faint), *middle, (f" {high}  {name}", faint)]
