"""The forms that a figure can be looked at in: the picture, its numbers, a difference, an attention pattern as text."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine.figures import Curve, Figure, Heatmap, Table, Texts, Tokens
from tutor.drawing import Change, Marked, change
from tutor.ui.figures.attention import AttentionView, is_pattern
from tutor.ui.figures.change import ChangeView
from tutor.ui.figures.curve import CurveView
from tutor.ui.figures.heatmap import HeatmapView
from tutor.ui.figures.table import TableView, as_table
from tutor.ui.figures.texts import TextsView
from tutor.ui.figures.tokens import TokensView
from tutor.ui.figures.view import FigureView

PICTURE, TABLE, CHANGE, ATTENTION = "picture", "table", "change", "attention"

VIEWS: Mapping[type[Figure], type[FigureView[Any]]] = {
    Tokens: TokensView,
    Texts: TextsView,
    Curve: CurveView,
    Heatmap: HeatmapView,
    Marked: HeatmapView,
    Table: TableView,
    Change: ChangeView,
}


def in_form(figure: Figure, form: str) -> Figure | None:
    """What is shown of `figure` in this form; None where it has no such form."""
    match form:
        case "table":
            return as_table(figure) if has_table(figure) else None
        case "change":
            return change(figure)
        case "attention":
            return figure if is_pattern(figure) else None
    return figure


def forms_of(figure: Figure) -> frozenset[str]:
    """The forms that this figure has. Its numbers are not worked out for that: a run shows a figure many times."""
    forms = {form for form in (PICTURE, CHANGE, ATTENTION) if in_form(figure, form) is not None}
    return frozenset(forms | ({TABLE} if has_table(figure) else set()))


def has_table(figure: Figure) -> bool:
    """Whether showing it as a table would show something else."""
    return not isinstance(figure, Table)


def view_of(figure: Figure, form: str) -> FigureView[Any]:
    """A widget for what `in_form` gave."""
    if form == ATTENTION and isinstance(figure, Heatmap):
        return AttentionView(figure)
    return VIEWS[type(figure)](figure)
