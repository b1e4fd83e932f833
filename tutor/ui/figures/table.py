"""A table, aligned; also what "show as table" makes of every other figure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import accumulate

from rich.cells import cell_len
from rich.style import Style
from textual.strip import Strip

from engine.figures import Figure, Table, shown
from tutor.ui.figures.cells import fit, strip, words, wrapped_text
from tutor.ui.figures.view import LineView

NUMERIC = re.compile(r"[-+−]?[\d. ]+(e[-+]?\d+)?\s*%?|–|")
GAP = 2
LONGEST_WORD = 16
"""Cells of a word that a column must hold; a longer one may be broken."""


def as_table(figure: Figure) -> Table:
    """The numbers of any figure."""
    heads, body = figure.table()
    return Table(title=figure.title, note=figure.note, heads=heads, body=body)


def word(text: str) -> int:
    """The width of the longest word of a text, as far as a column must hold it."""
    each = map(len, text.split()) if text.isascii() else map(cell_len, words(text))
    return min(LONGEST_WORD, max(each, default=0))


def shared(least: Sequence[int], most: Sequence[int], room: int) -> list[int]:
    """Widths of at least `least` that fill the room: it goes to the narrowest column first that wants more, up to `most`."""
    out = list(least)
    for _ in range(room - sum(least)):
        wanting = [i for i, (now, full) in enumerate(zip(out, most, strict=True)) if now < full]
        if not wanting:
            break
        out[min(wanting, key=lambda i: out[i])] += 1
    return out


def widths_of(heads: Sequence[str], columns: Sequence[Sequence[str]], numeric: Sequence[bool], width: int) -> list[int]:
    """The width of each column: heads are broken into lines first, then words of the body. Numbers never are; where even
    so there is no room for all, the columns are as wide as their cells."""
    room = width - GAP * (len(heads) - 1)
    cells = [max(map(cell_len, column), default=0) for column in columns]
    full = [max(cell_len(head), size) for head, size in zip(heads, cells, strict=True)]
    whole = [max(word(head), size) for head, size in zip(heads, cells, strict=True)]
    if sum(whole) <= room:
        return shared(whole, full, room)
    broken = [
        size if number else max(map(word, (head, *column)))
        for head, column, number, size in zip(heads, columns, numeric, whole, strict=True)
    ]
    return shared(broken, whole, room) if sum(broken) <= room else whole


def broken(cell: str, width: int) -> list[str]:
    """A cell in lines; the sign of a line break has no room of its own."""
    if cell_len(cell) <= width:
        return [cell]
    lines = [line.rstrip() for line in wrapped_text(cell, width)]
    return [line if cell_len(line) <= width else line.removesuffix("⏎") for line in lines]


class TableView(LineView[Table]):
    """Heads stay on top and the first column stays on the left while the rest scrolls. Words wrap to spare that."""

    def __init__(self, figure: Table) -> None:
        super().__init__(figure)
        self._spans: list[tuple[int, int]] = []
        """Where each column begins and ends."""

    def lines(self, width: int, height: int) -> list[Strip]:
        heads, body = ([shown(h) for h in self.figure.heads], [[shown(c) for c in row] for row in self.figure.body])
        columns = [*zip(*body, strict=True)] if body else [()] * len(heads)
        right = [bool(column) and all(NUMERIC.fullmatch(cell) for cell in column) for column in columns]
        widths = widths_of(heads, columns, right, width)
        ends = [*accumulate(w + GAP for w in widths)]
        self._spans = [(end - GAP - w, end - GAP) for end, w in zip(ends, widths, strict=True)]
        total = self._spans[-1][1] if self._spans else 0
        self.frozen_width = widths[0] + GAP if widths and widths[0] <= width // 3 and total > width else 0
        first, faint, plain = (self.style(name) for name in ("strong", "faint", "plain"))
        kept = self.kept((widths, right, self._look))

        def row(cells: list[str], *, low: bool = False) -> list[tuple[str, ...]]:
            """A row in as many lines as its longest cell takes; `low`: short cells stand on the last of them."""
            parts = [broken(cell, w) for cell, w in zip(cells, widths, strict=True)]
            tall = max(map(len, parts), default=1)
            filled = [[""] * (tall - len(p)) + p if low else p + [""] * (tall - len(p)) for p in parts]
            return list(zip(*filled, strict=True))

        def drawn(line: tuple[str, ...], style: Style) -> Strip:
            said = [fit(part, w, right=r) for part, w, r in zip(line, widths, right, strict=True)]
            last = len(said) - 1
            return strip(*((part + " " * GAP * (i < last), style if i else first) for i, part in enumerate(said)))

        top = [drawn(line, faint) for line in row(heads, low=True)]
        self.frozen_lines = min(len(top), max(1, height // 2))
        for line in (line for cells in body for line in row(cells)):
            if (known := kept.get(line)) is None:
                known = kept[line] = drawn(line, plain)
            top.append(known)
        return top

    def render_line(self, y: int) -> Strip:
        """A column that is cut by an edge is left out, where it would fit: half a number is another number."""
        line = super().render_line(y)
        width, x, frozen = self.scrollable_content_region.width, self.scroll_offset.x, self.frozen_width
        if self.virtual_size.width <= width or y + self.scroll_offset.y >= self.virtual_size.height:
            return line
        for start, end in ((a - x, b - x) for a, b in self._spans[frozen > 0 :]):
            cut = start < frozen < end or start < width < end
            if cut and end - start <= width - frozen:
                left, right = max(start, frozen), min(end, width)
                sign = strip((fit("…", right - left), self.style("faint")))
                line = Strip.join([line.crop(0, left), sign, line.crop(right, width)])
        return line
