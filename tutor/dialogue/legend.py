"""How a figure of the run is read, for a learner who asks: `what is the unit of the y axis?`"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from engine.figures import Curve, Figure, Heatmap, Texts, Tokens, shown, stored
from tutor.dialogue.asking import SMALL
from tutor.dialogue.cues import parse
from tutor.dialogue.words import PLAIN

WHAT = rf"{SMALL}(?:what(?:'?s)?|which)\b"
AXES = re.compile(
    rf"{WHAT}(?: \S+){{0,5}} (?:[xy]-)?(?:ax[ie]s|units?)"
    r"(?: (?:mean|show|here|is|are|of|in|the|this|that|these|those|it|[xy]-ax[ie]s|[xy]|ax[ie]s|figure|plot|curve))*\W*$",
    re.IGNORECASE,
)
CELLS = re.compile(
    rf"{WHAT} (?:is|are|does|do) (?:in )?(?:(?:an?|the|each|every|these|those|one) )?"
    r"(?:rows?|columns?|cells?|colou?rs?|shades?)(?: (?:mean|show|stand for|say|here))?\W*$",
    re.IGNORECASE,
)
FIGURE = re.compile(
    rf"{SMALL}(?:how (?:do|should|can) i read (?:this|the|that|it)\b|what am i (?:looking at|seeing)\b"
    r"|what (?:does|do) (?:this|the|these|that) (?:figures?|plots?|curves?|heatmaps?|graphs?|charts?|diagrams?|grids?) "
    r"(?:show|mean)\b)",
    re.IGNORECASE,
)
ASKED: tuple[tuple[re.Pattern[str], tuple[type[Figure], ...]], ...] = (
    (AXES, (Curve,)),
    (CELLS, (Heatmap,)),
    (FIGURE, (Curve, Heatmap, Tokens)),
    (AXES, (Heatmap,)),
    (AXES, (Tokens,)),
    (FIGURE, (Texts,)),
    (AXES, (Texts,)),
)
"""What may be asked, and the kinds of figures that it may be asked of."""


def legend(reply: str, figures: Sequence[Any]) -> str:
    """What the first figure that the reply can ask about has on its axes. `figures` as they are stored; empty where it asks
    for nothing of the kind."""
    there = stored(list(figures)) if figures else []
    said = [sentence.text for sentence in parse(reply.translate(PLAIN))]
    for form, kinds in ASKED:
        if any(form.match(text) for text in said):
            for figure in there:
                if isinstance(figure, kinds):
                    return _read(figure)
    return ""


def _read(figure: Figure) -> str:
    """`“Length of the stream”: upwards norm, along it layer.`"""
    name, note = f"“{shown(figure.title)}”", shown(figure.note)
    if isinstance(figure, Curve):
        scale = " on a log scale" if figure.log else ""
        says = f"{name}: upwards {shown(figure.y_name)}{scale}, along it {shown(figure.x_name)}."
    elif isinstance(figure, Heatmap):
        row, column, value = (shown(of) for of in (figure.row_name, figure.column_name, figure.value_name))
        says = f"{name}: {row} by row, {column} by column, {value} as colour."
    elif isinstance(figure, Tokens):
        says = f"{name}: a bar for each of the likeliest tokens, as long as its probability."
    elif isinstance(figure, Texts):
        says = f"{name}: what the model wrote, text by text; it has no axes."
    else:
        return ""
    return f"{says} {note}".strip()
