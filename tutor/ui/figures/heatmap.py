"""A grid of values, drawn line by line: coloured cells, half blocks where rows are many, glyphs without colours."""

from __future__ import annotations

from typing import ClassVar

from rich.cells import cell_len
from textual import events
from textual.binding import Binding, BindingType
from textual.geometry import Offset, Region, Size
from textual.reactive import reactive
from textual.strip import Strip

from engine.figures import Heatmap
from tutor.drawing import Marked
from tutor.ui.figures import around
from tutor.ui.figures.cells import Piece, strip
from tutor.ui.figures.grid import HEAD, Grid, telling
from tutor.ui.figures.painter import Painter
from tutor.ui.figures.view import FigureView
from tutor.ui.figures.zoom import Lens, between, can_flip, whole
from tutor.ui.keymap import hint


class HeatmapView(FigureView[Heatmap]):
    """The grid with the names of its rows and columns, the value at the cursor, and the scale.

    Names, value and scale stay where they are while the grid scrolls under them.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "step(-1, 0)", "Cursor up", show=False, id="move.up"),
        Binding("down,j", "step(1, 0)", "Cursor down", show=False, id="move.down"),
        Binding("left,h", "step(0, -1)", "Cursor left", show=False, id="move.left"),
        Binding("right,l", "step(0, 1)", "Cursor right", show=False, id="move.right"),
        Binding("pageup", "step(-8, 0)", "Eight rows up", show=False, id="move.page_up"),
        Binding("pagedown", "step(8, 0)", "Eight rows down", show=False, id="move.page_down"),
        Binding("home", "step(0, -1000000)", "First column", show=False, id="move.first"),
        Binding("end", "step(0, 1000000)", "Last column", show=False, id="move.last"),
        Binding("ctrl+home", "step(-1000000, -1000000)", "First cell", show=False, id="move.top"),
        Binding("ctrl+end", "step(1000000, 1000000)", "Last cell", show=False, id="move.bottom"),
        Binding("x", "toggle_texts", "Texts or colours", show=False, id="heatmap.texts"),
        Binding("o", "flip", "A scale around its middle, or a plain one", show=False, id="heatmap.scale"),
        Binding("z", "zoom", "Zoom: here is one corner, here the other", show=False, id="heatmap.zoom"),
        Binding("enter", "zoom_in", "Zoom to what is selected", show=False),
        Binding("Z,escape", "zoom_out", "Back out", show=False, id="heatmap.out"),
    ]
    ALLOW_SELECT = False
    cursor: reactive[Offset] = reactive(Offset(0, 0), repaint=False)
    """The cell that is read out: x is its column, y its row."""
    texts: reactive[bool] = reactive(True, repaint=False)
    """Whether the cells' texts are written into them, where the figure has any."""
    corner: reactive[Offset | None] = reactive(None, repaint=False)
    """The corner where a selection began; the cursor is the other one."""

    def __init__(self, figure: Heatmap) -> None:
        super().__init__(figure)
        self.grid = Grid(figure, 1, 1)
        self._lens = Lens(figure)
        self._pressed: Offset | None = None
        """The cell where the mouse went down."""
        self._room = (0, 0)
        """The width and height that the grid was made for."""
        self._scale = figure.scale()
        self._painter: Painter | None = None
        self._under: list[Strip] = []
        self._opens = False
        """Whether the cursor has yet to find the cell that it begins at."""
        self._begin()

    # --- the cursor ---

    def _begin(self) -> None:
        """Put the cursor where such a grid is looked at first."""
        figure, start = self.figure, Offset(0, 0)
        if isinstance(figure, Marked):
            start = Offset(figure.marks[-1].column, figure.marks[-1].row)
        elif figure.cells and figure.columns:  # texts: the last row after the last token is what the model says
            start = Offset(len(figure.columns) - 1, len(figure.rows) - 1)
        else:
            self._opens = True
        self.set_reactive(HeatmapView.cursor, start)

    @property
    def value(self) -> float | None:
        """The value at the cursor; None where there is none (yet)."""
        rows = self.figure.values
        x, y = self.cursor
        return rows[y][x] if y < len(rows) and x < len(rows[y]) else None

    @property
    def actions(self) -> tuple[str, ...]:
        flip = ("flip",) if can_flip(self._lens.grid) else ()
        return ("zoom", "step(0, 0)", *flip, *(("toggle_texts",) if self.figure.cells else ()))

    @property
    def reading(self) -> str:
        return " ".join(text.strip() for text, _ in self._reading() if text.strip())

    def validate_cursor(self, cursor: Offset) -> Offset:
        columns, rows = len(self.figure.columns), len(self.figure.rows)
        return Offset(max(0, min(cursor.x, columns - 1)), max(0, min(cursor.y, rows - 1)))

    def watch_cursor(self, before: Offset, now: Offset) -> None:
        self._opens = self._opens and before == now  # it is called once before anything moved
        self._follow()
        if self.corner is not None:
            self._select()
            self.refresh()
            return
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

    def _cell_at(self, event: events.MouseEvent) -> Offset | None:
        """The cell under the mouse, the upper one where two share a line; None beside the grid."""
        at = event.get_content_offset(self)
        if at is None or not HEAD <= at.y < HEAD + self._seen():
            return None
        x, line = at.x + self._shift() - self.grid.left, at.y - HEAD + self.scroll_offset.y
        inside = at.x >= self.grid.left and x < self.grid.cell * len(self.figure.columns) and line < self.grid.lines
        return Offset(x // self.grid.cell, self.grid.bands[line][0]) if inside else None

    def on_mouse_down(self, event: events.MouseDown) -> None:
        self.focus()
        self._pressed = self._cell_at(event) if event.button == 1 else None
        if self._pressed is not None:
            self.capture_mouse()

    def on_mouse_move(self, event: events.MouseMove) -> None:
        cell = self._cell_at(event)
        if self._pressed is not None and cell is not None and (self.corner is not None or cell != self._pressed):
            self.corner, self.cursor = self._pressed, cell

    def on_mouse_up(self, event: events.MouseUp) -> None:
        pressed, self._pressed = self._pressed, None
        self.release_mouse()
        if pressed is None:
            return
        if self.corner is not None:
            self.action_zoom_in()
        else:
            last = self.grid.bands[self.grid.line(pressed.y)][-1]
            self.cursor = Offset(
                pressed.x, last if pressed == self.cursor else pressed.y
            )  # a second click reaches the lower of two cells

    # --- zoom and scale ---

    def update_figure(self, figure: Heatmap) -> None:
        before = self._lens.grid
        if whole(figure) != whole(before):
            self.corner = None
        self._lens.take(figure)
        self.figure = self._lens.seen
        if (figure.rows, figure.columns) != (
            before.rows,
            before.columns,
        ):  # of another text: where one was means nothing
            self._begin()
        super().update_figure(self.figure)

    @property
    def selected(self) -> Region | None:
        """The cells that zooming would show."""
        return None if self.corner is None else between(self.corner, self.cursor)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Enter and escape belong to the zoom only while there is one."""
        if action == "zoom_in":
            return self.corner is not None
        return action != "zoom_out" or self.corner is not None or bool(self._lens.parts)

    def action_zoom(self) -> None:
        """Begin to select at the cursor; or zoom to what is selected."""
        if self.corner is not None:
            self.action_zoom_in()
        else:
            self.corner = self.cursor

    def action_zoom_in(self) -> None:
        part, self.corner = self.selected, None
        if part is not None:
            self._see(self._lens.zoom_in(part))

    def action_zoom_out(self) -> None:
        """Leave the selection, or the part that was zoomed to."""
        if self.corner is not None:
            self.corner = None
        else:
            self._see(self._lens.zoom_out())

    def action_flip(self) -> None:
        """From the middle of the scale both ways, or from the smallest value up."""
        if can_flip(self._lens.grid):
            self._lens.flipped = not self._lens.flipped
            self._see(Offset(0, 0))
        else:
            self.notify("All values are 0 or above: the plain scale shows them best.", timeout=3)

    def _see(self, moved: Offset) -> None:
        """Show what the lens shows; the cursor stays on its cell as far as that can be seen."""
        self.figure = self._lens.seen
        self.set_reactive(HeatmapView.cursor, self.validate_cursor(self.cursor + moved))
        self.lay_out()

    def watch_show_horizontal_scrollbar(self) -> None:
        """It takes a line of the grid, or gives one back."""
        self.call_after_refresh(self._follow)

    def watch_corner(self) -> None:
        self._select()
        self.refresh()

    def _select(self) -> None:
        if self._painter:
            self._painter.selected = self.selected

    def _open(self) -> bool:
        """Go to the cell that tells most, once all are measured; whether the cursor is there now, and was not before."""
        stays = self.corner is not None or any(self.scroll_offset)
        at = telling(self.figure) if self._opens and not stays else None
        if at is not None:
            self._opens = False
            self.set_reactive(HeatmapView.cursor, Offset(at[1], at[0]))
        return at is not None

    def _follow(self) -> None:
        """Scroll so that the cursor can be seen."""
        g, (sx, sy) = self.grid, self.scroll_offset
        x, line = self.cursor.x * g.cell, g.line(self.cursor.y)
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
        before, self._room = (self.grid, self._room), (width, height)
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
        self.spare = 0 if over else max(0, height - self.grid.height)
        self._under = self.under(width, self.spare) if self.spare else []
        self.set_reactive(HeatmapView.cursor, self.validate_cursor(self.cursor))
        self._select()
        if self._open() or (self.grid, self._room) != before:  # once the scroll bars are where they will be
            self.call_after_refresh(self._follow)
        self.refresh()

    def _seen(self) -> int:
        """Lines of the grid that can be seen at once."""
        return max(0, min(self.grid.lines, self.scrollable_content_region.height - HEAD - self.grid.foot))

    def _shift(self) -> int:
        """How far the columns are scrolled, in whole cells, so that none is cut on the left."""
        return self.scroll_offset.x // self.grid.cell * self.grid.cell

    def _screen_line(self, row: int) -> int:
        return HEAD + self.grid.line(row) - self.scroll_offset.y

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
            heads = strip(*around.heads(self.grid, self.cursor.x, self.style))
            return self._scrolled(around.corner(self.grid, self.style), heads, width)
        if y in foot:
            what = foot.stop - 1 - y
            if what > 1:
                return Strip.blank(width, self.style("plain"))
            pieces = self._scale_line(width) if what == 0 else self._with_beyond(self._reading(), width)
            return strip(*pieces).crop_extend(0, width, self.style("plain"))
        if y < foot.start:
            line = y - HEAD + self.scroll_offset.y
            name = around.row_name(self.grid, line, self.cursor.y, self.style)
            return self._scrolled(name, self._painter.line(line, self.cursor), width)
        beyond = self._under[y - foot.stop : y - foot.stop + 1]
        return Strip.join(beyond).crop_extend(0, width, self.style("plain"))

    def _scrolled(self, frozen: Piece, line: Strip, width: int) -> Strip:
        x = self._shift()
        moved = line.crop_extend(x, x + width - self.grid.left, self.style("plain"))
        return Strip.join([strip(frozen), moved])

    def _reading(self) -> list[Piece]:
        """What is selected, or else what the cursor points at."""
        out = hint(self.app, "{heatmap.out|esc}")
        if part := self.selected:
            return around.selection(part, out, self.style)
        return around.reading(self.figure, self.cursor, self.value, out if self._lens.parts else "", self.style)

    def _with_beyond(self, pieces: list[Piece], width: int) -> list[Piece]:
        """The pieces, and at the right end how many columns and rows are out of sight, where there is room for that."""
        g, first, left = self.grid, self.scroll_offset.y, self._shift() // self.grid.cell
        above, below = g.bands[:first], g.bands[first + self._seen() :]
        right = len(self.figure.columns) - left - (width - g.left) // g.cell
        out = {"←": left, "→": max(0, right), "↑": sum(map(len, above)), "↓": sum(map(len, below))}
        words = " ".join(f"{sign} {n}" for sign, n in out.items() if n) + " more"
        gap = width - sum(cell_len(text) for text, _ in pieces) - cell_len(words)
        return [*pieces, (" " * gap + words, self.style("faint"))] if any(out.values()) and gap > 1 else pieces

    def _scale_line(self, width: int) -> list[Piece]:
        dark = self.app.current_theme.dark
        return around.scale_line(self.figure, self._scale, width, dark, self.monochrome, self.style)
