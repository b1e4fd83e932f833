"""Figures as widgets: one for each kind of `engine.figures`, and the panel that holds those of a run."""

from __future__ import annotations

from tutor.ui.figures.clipboard import copy
from tutor.ui.figures.curve import CurveView
from tutor.ui.figures.heatmap import HeatmapView
from tutor.ui.figures.panel import FigurePanel
from tutor.ui.figures.table import TableView, as_table
from tutor.ui.figures.texts import TextsView
from tutor.ui.figures.tokens import TokensView
from tutor.ui.figures.view import FigureView

__all__ = [
    "CurveView",
    "FigurePanel",
    "FigureView",
    "HeatmapView",
    "TableView",
    "TextsView",
    "TokensView",
    "as_table",
    "copy",
]
