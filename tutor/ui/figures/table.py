"""A table, aligned; also what "show as table" makes of every other figure."""

from __future__ import annotations

import re

from rich.cells import cell_len
from textual.strip import Strip

from engine.figures import Figure, Table, shown
from tutor.ui.figures.cells import fit, strip
from tutor.ui.figures.view import LineView

NUMERIC = re.compile(r"[-+−]?[\d. ]+(e[-+]?\d+)?\s*%?|–|")


def as_table(figure: Figure) -> Table:
    """The numbers of any figure."""
    heads, body = figure.table()
    return Table(title=figure.title, note=figure.note, heads=heads, body=body)


class TableView(LineView[Table]):
    """Heads stay on top and the first column stays on the left while the rest scrolls."""

    frozen_lines = 1

    def lines(self, width: int, height: int) -> list[Strip]:
        heads, body = ([shown(h) for h in self.figure.heads], [[shown(c) for c in row] for row in self.figure.body])
        columns = [*zip(*body, strict=True)] if body else [()] * len(heads)
        right = [bool(column) and all(NUMERIC.fullmatch(cell) for cell in column) for column in columns]
        widths = [max(cell_len(cell) for cell in (head, *column)) for head, column in zip(heads, columns, strict=True)]
        self.frozen_width = widths[0] + 2 if widths and widths[0] <= width // 3 and sum(widths) > width else 0

        def line(row: list[str], style: str) -> Strip:
            cells = [fit(cell, w, right=r) + "  " for cell, w, r in zip(row, widths, right, strict=True)]
            return strip(*((cell, self.style("strong" if i == 0 else style)) for i, cell in enumerate(cells))).crop(
                0, sum(widths) + 2 * len(widths) - 2
            )

        return [line(heads, "faint"), *(line(row, "plain") for row in body)]
