"""Places marked on a grid: where the bet was, and where the run says it is."""

from __future__ import annotations

from engine.figures import Figure, Heatmap, Record, shown

YOURS, RUN = "◆", "★"


class Mark(Record):
    """One marked cell, by the index of its row and of its column in the figure."""

    sign: str
    name: str
    row: int
    column: int


class Marked(Heatmap):
    """A heatmap with marks on some of its cells. Its note says what they are."""

    marks: list[Mark]

    def signs(self, row: int, column: int) -> str:
        """The signs on a cell; empty for most."""
        return "".join(m.sign for m in self.marks if (m.row, m.column) == (row, column))


def marked(figure: Figure, yours: tuple[int, int], run: tuple[int, int]) -> Figure:
    """`figure` with the cell that was bet on and the run's, both as (layer, position or head). Unchanged if it has no
    such cells."""
    if not isinstance(figure, Heatmap):
        return figure
    marks = [
        Mark(sign=sign, name=name, row=row, column=column)
        for sign, name, (row, column) in ((YOURS, "yours", _row(figure, yours)), (RUN, "the run", _row(figure, run)))
        if 0 <= row < len(figure.rows) and 0 <= column < len(figure.columns)
    ]
    if not marks:
        return figure
    said = "   ".join(f"{m.sign} {m.name}: {place(figure, m.row, m.column)}" for m in marks)
    given = {name: getattr(figure, name) for name in Heatmap.model_fields}
    before = figure.marks if isinstance(figure, Marked) else []
    return Marked(**{**given, "note": f"{said}   {figure.note}".rstrip()}, marks=[*before, *marks])


def _row(figure: Heatmap, cell: tuple[int, int]) -> tuple[int, int]:
    """The cell by the names of the rows: a grid need not begin at layer 0."""
    layer, column = cell
    return figure.rows.index(str(layer)) if str(layer) in figure.rows else layer, column


def place(figure: Heatmap, row: int, column: int) -> str:
    """`layer 3, head 2`: a cell in the words of its figure."""
    return f"{figure.row_name} {shown(figure.rows[row])}, {figure.column_name} {shown(figure.columns[column])}"
