"""A figure as SVG: one element, no fonts or files from elsewhere, the same figure always the same text."""

from __future__ import annotations

from engine.figures import Curve, Figure, Heatmap, Texts, Tokens, shown
from tutor.drawing import bars, plots
from tutor.drawing.change import Change
from tutor.drawing.paper import DARK, LIGHT, MARGIN, Paper


def svg(figure: Figure, dark: bool = False) -> str:
    """The figure as a drawing, on a dark ground or a light one. Its text form is its description."""
    paper = Paper(DARK if dark else LIGHT, dark)
    if figure.title:
        paper.lines(shown(figure.title), bold=True)
    if figure.note:
        paper.lines(shown(figure.note), paper.inks.faint)
    paper.y += MARGIN / 2
    match figure:
        case Tokens():
            bars.tokens(figure, paper)
        case Change():
            bars.change(figure, paper)
        case Texts():
            bars.texts(figure, paper)
        case Curve():
            plots.curve(figure, paper)
        case Heatmap():
            plots.heatmap(figure, paper)
        case _:
            bars.table(figure, paper)
    return paper.finish(figure.title, figure.text())
