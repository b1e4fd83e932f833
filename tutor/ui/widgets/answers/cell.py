"""A place in a grid of layers by heads, or layers by positions: which one is it?"""

from __future__ import annotations

from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.message import Message

from engine.figures import cell_len, cut, pad, shown
from tutor.course.format import Cell
from tutor.ui.look import Look
from tutor.ui.themes import FAINT, MUTED
from tutor.ui.widgets.answers.base import HERE, Digits, Run, beside, line
from tutor.ui.widgets.answers.modelled import Modelled

KEYS = "arrows   shift: farther   digits: the layer"
CORNER = "layer"
LEFT = len(CORNER) + 1
WIDEST = {"heads": 5, "positions": 9}
LEAST = 3
NARROW = 6
"""Cells that the name of a token wants; under that, two neighbours share their room."""


class CellAnswer(Modelled):
    """The grid with a cursor; where the cursor is moved to is the answer."""

    missing = "point at a cell: the arrows move, digits type the layer"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "step(-1, 0)", "up", show=False, id="move.up"),
        Binding("down,j", "step(1, 0)", "down", show=False, id="move.down"),
        Binding("left,h", "step(0, -1)", "left", show=False, id="move.left"),
        Binding("right,l", "step(0, 1)", "right", show=False, id="move.right"),
        Binding("shift+up", "step(-5, 0)", "5 layers up", show=False, id="move.far_up"),
        Binding("shift+down", "step(5, 0)", "5 layers down", show=False, id="move.far_down"),
        Binding("home", "step(0, -1000)", "first column", show=False, id="move.first"),
        Binding("end", "step(0, 1000)", "last column", show=False, id="move.last"),
        Binding("space", "step(0, 0)", "this one", show=False, id="pick"),
    ]

    class Named(Message):
        """The tokens of the columns."""

        def __init__(self, tokens: list[str]):
            super().__init__()
            self.tokens = tokens

    def __init__(self, question: Cell, kept: str, look: Look, id: str | None = None):
        super().__init__(question, kept, look, id)
        held = self.before()
        self.touched = isinstance(held, list)
        self.row, self.column = (int(held[0]), int(held[1])) if isinstance(held, list) else (0, 0)
        self.tokens: list[str] = []
        self._top = self._first = 0
        """The first layer and the first column that are seen."""
        self._digits = Digits()

    @property
    def value(self) -> str:
        return f"{self.row} {self.column}" if self.touched else ""

    @property
    def heads(self) -> bool:
        return bool(self.question.columns == "heads")

    @property
    def n_columns(self) -> int:
        """Heads of the model, or tokens of the prompt; while these are not known, one more than was pointed at."""
        if self.heads:
            return self.n_heads
        return len(self.tokens) or max(self.column + 1, 12)

    def known(self) -> None:
        if not self.heads:
            self.run_worker(self._ask(), exit_on_error=False)

    async def _ask(self) -> None:
        tokens = await self.look.tokens(self.question.of)
        if tokens:
            self.post_message(self.Named(tokens))

    def on_cell_answer_named(self, event: Named) -> None:
        event.stop()
        self.tokens = event.tokens
        self._stay_inside()
        self.refresh(layout=True)

    def _stay_inside(self) -> None:
        self.row = min(max(self.row, 0), self.n_layers - 1)
        self.column = min(max(self.column, 0), self.n_columns - 1)

    # --- keys and mouse -------------------------------------------------------------------------------------------------

    def action_step(self, down: int, right: int) -> None:
        if self.n_layers:
            self._digits.end()
            self.point(self.row + down, self.column + right)

    def action_enter(self) -> None:
        if self.n_layers and not self.touched:
            self.point(self.row, self.column)
        super().action_enter()

    def point(self, row: int, column: int) -> None:
        """This is the answer; a place outside is the nearest inside."""
        self.row, self.column, self.touched = row, column, True
        self._stay_inside()
        self._follow()
        self.changed()

    def on_key(self, event: events.Key) -> None:
        if event.character and event.character in "0123456789" and self.n_layers:
            event.stop()
            layer = self._digits.add(event.character, self.n_layers - 1)
            if layer is not None:
                self.point(layer, self.column)

    def on_click(self, event: events.Click) -> None:
        at = event.get_content_offset(self)
        if at is None or not self.n_layers:
            return
        pitch = self._pitch(self.size.width)
        y = at.y - (2 if self._two_heads(pitch) else 1)
        row, column = self._top + y, self._first + (at.x - LEFT) // pitch
        if 0 <= y < self._seen and row < self.n_layers and at.x >= LEFT and column < self.n_columns:
            self._digits.end()
            self.point(row, column)

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        self._scroll(event, 2)

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        self._scroll(event, -2)

    def _scroll(self, event: events.MouseEvent, by: int) -> None:
        to = min(max(self._top + by, 0), self.n_layers - self._seen)
        if to != self._top:
            event.stop()
            self._top = to
            self.refresh()

    def on_resize(self) -> None:
        self._follow()

    # --- drawing --------------------------------------------------------------------------------------------------------

    @property
    def _seen(self) -> int:
        """Layers that are seen at once."""
        return min(self.n_layers, max(4, self.room - 2 - self._two_heads(self._pitch(self.size.width))))

    def _pitch(self, width: int) -> int:
        """Cells a column."""
        widest = WIDEST[self.question.columns]
        return min(max((width - LEFT - 2) // max(1, self.n_columns), LEAST), widest)

    def _across(self, width: int) -> int:
        """Columns that are seen at once."""
        return max(1, min(self.n_columns, (width - LEFT - 2) // self._pitch(width)))

    def _follow(self) -> None:
        """Scroll so that the cursor is seen."""
        seen, across = self._seen, self._across(self.size.width)
        self._top = min(max(self._top, self.row - seen + 1, 0), self.row, max(0, self.n_layers - seen))
        self._first = min(max(self._first, self.column - across + 1, 0), self.column, max(0, self.n_columns - across))

    def draw_known(self, width: int) -> list[Content]:
        self._follow_if_out(width)
        pitch, columns = self._pitch(width), range(self._first, self._first + self._across(width))
        lines = [line(heads, width) for heads in self._heads(columns, pitch)]
        rows = range(self._top, self._top + self._seen)
        for r in rows:
            name = pad(str(r), len(CORNER), before=True) + " "
            pieces: list[Run] = [(name, HERE if r == self.row else MUTED)]
            pieces += [self._sign(r, c, pitch) for c in columns]
            pieces.append((self._bar(r, rows), MUTED))
            lines.append(line(pieces, width))
        return [*lines, self._reading(width)]

    def _heads(self, columns: range, pitch: int) -> list[list[Run]]:
        """The names over the columns; where these are narrow, in two lines that take turns."""
        turns = 2 if self._two_heads(pitch) else 1
        lines = []
        for turn in range(turns):
            corner = CORNER if turn == turns - 1 else ""
            pieces: list[Run] = [(corner.ljust(LEFT) + " " * pitch * turn, MUTED)]
            room = pitch * turns
            for c in columns[turn::turns]:
                name = pad(_fits(self._column_name(c), room - 1), room)
                pieces.append((name, HERE if c == self.column else MUTED))
            if turn == 0 and columns.stop < self.n_columns:
                pieces.append((" →", MUTED))
            lines.append(pieces)
        return lines

    def _two_heads(self, pitch: int) -> bool:
        return not self.heads and pitch < NARROW

    def _follow_if_out(self, width: int) -> None:
        """After a change of size: keep the window inside the grid."""
        self._top = min(self._top, self.n_layers - self._seen)
        self._first = min(self._first, max(0, self.n_columns - self._across(width)))

    def _sign(self, row: int, column: int, pitch: int) -> Run:
        if (row, column) == (self.row, self.column):
            return ("◆" if self.touched else "◇").ljust(pitch), HERE
        return "·".ljust(pitch), MUTED if row == self.row or column == self.column else FAINT

    def _bar(self, row: int, rows: range) -> str:
        """A scroll bar, where not all layers are seen."""
        if len(rows) == self.n_layers:
            return ""
        length = max(1, round(len(rows) ** 2 / self.n_layers))
        start = round(rows.start / max(1, self.n_layers - len(rows)) * (len(rows) - length))
        return "┃" if start <= row - rows.start < start + length else "│"

    def _column_name(self, column: int) -> str:
        return shown(self.tokens[column]) if column < len(self.tokens) else str(column)

    def _reading(self, width: int) -> Content:
        what = "head" if self.heads else "position"
        token = f"  {shown(self.tokens[self.column])}" if self.column < len(self.tokens) else ""
        place: list[Run] = [
            (f"layer {self.row}, {what} {self.column}", HERE if self.touched else MUTED),
            (token, "bold"),
        ]
        if not self.touched:
            place.append(("   not pointed at yet", MUTED))
        return beside(line(place, width), self.hint(KEYS), width, MUTED)


def _fits(name: str, width: int) -> str:
    return name if cell_len(name) <= width else cut(name, max(0, width - 1)) + "…"
