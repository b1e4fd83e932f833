"""An answer as it would be typed, and as a person reads it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from engine.figures import number, shown
from tutor.course.format import Cell, Chips, Choice, Drawn, FreeText, Number, Prediction, Ranking, Token
from tutor.predict.answers import Answer, as_cell, as_chips, as_order, as_points, as_range

FEW = 4
"""So many points of a curve are named one by one."""
ELSE = "something else"


def typed(question: Prediction, answer: Answer) -> str:
    """What one would type for this answer: `parse` gives the answer back. An answer of another kind is given as text."""
    match question:
        case Number():
            if ends := as_range(answer):
                low, high = (_plain(v) for v in ends)
                return low if low == high else f"{low} to {high}"
        case Token():
            written = str(answer).replace("\n", "⏎")
            return written if written.strip() else written.replace(" ", "·")  # a token of spaces alone is still seen
        case Ranking():
            if order := as_order(question, answer):
                return " ".join(order)
        case Cell():
            if place := as_cell(answer):
                return f"{place[0]} {place[1]}"
        case Drawn():
            if points := as_points(answer):
                return " ".join(f"{layer}:{_plain(value)}" for layer, value in points)
        case Chips():
            if counts := as_chips(question, answer):
                return " ".join(str(c) for c in counts)
        case Choice() | FreeText():
            pass
    return str(answer)


def answer_text(question: Prediction, answer: Answer) -> str:
    """The answer in the words of the question."""
    match question:
        case Choice():
            return next((o.says for o in question.options if o.id == answer), str(answer))
        case Number():
            if ends := as_range(answer):
                return with_unit(ends, question.unit)
        case Token():
            return shown(str(answer))
        case Ranking():
            if order := as_order(question, answer):
                return in_order(question, order)
        case Cell():
            if place := as_cell(answer):
                return place_text(question, place)
        case Drawn():
            if points := as_points(answer):
                return curve_text(question, points)
        case Chips():
            if counts := as_chips(question, answer):
                return chips_text(question, [str(c) for c in counts])
        case FreeText():
            pass
    return str(answer)


def _plain(value: float) -> str:
    """A number that reads back as the same number."""
    return str(int(value)) if value == int(value) and abs(value) < 1e15 else repr(value)


def as_said(value: float) -> str:
    """A number as a person says it: 16, not 16.00."""
    return number(int(value) if float(value).is_integer() and abs(value) < 1e15 else value)


def with_unit(ends: tuple[float, float], unit: str) -> str:
    """A number or an interval with its unit."""
    low, high = ends
    whole = float(low).is_integer() and float(high).is_integer()
    first, last = (as_said(v) if whole or v == 0 else number(v) for v in ends)
    return f"{first}{'' if low == high else f' to {last}'} {unit}".strip()


def in_order(question: Ranking, order: Sequence[str]) -> str:
    """The items' texts, the largest first."""
    says = {i.id: i.says.rstrip(".") for i in question.items}
    return " > ".join(says[id] for id in order)


def place_text(question: Cell, place: tuple[int, int], token: str = "") -> str:
    """`layer 4, head 2`, or `layer 4, position 2 (·is)` where the token is known."""
    what = "head" if question.columns == "heads" else "position"
    return f"layer {place[0]}, {what} {place[1]}" + (f" ({shown(token)})" if token else "")


def curve_text(question: Drawn, points: Sequence[tuple[int, float]]) -> str:
    """A curve by its points, or by its ends where there are many."""
    unit = f" {question.unit}" if question.unit else ""
    named = points if len(points) <= FEW else [points[0], points[-1]]
    text = ", ".join(f"{number(float(value))}{unit} at layer {layer}" for layer, value in named)
    return text if len(points) <= FEW else f"{text}, {len(points) - 2} points between"


def chips_text(question: Chips, values: Sequence[Any]) -> str:
    """Each candidate with its chips or its probability, and something else."""
    names = [*(shown(c) for c in question.candidates), ELSE]
    return ", ".join(f"{name} {value}" for name, value in zip(names, values, strict=True))
