"""What is asked for a bet, as lines: what there is to choose from, and how an answer is typed."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from engine.figures import shown
from tutor.course.format import Cell, Chips, Choice, Drawn, FreeText, Number, Prediction, Ranking, Token
from tutor.predict import NEAR_ENOUGH, between
from tutor.predict.numbers import examples

SURE = re.compile(
    r"\s*(?:about|around|roughly|maybe|perhaps|say|~|≈)?\s*(\d{1,3})(?:\s*(?:%|percent|per cent))?(?:\s*(?:sure|certain))?\s*",
    re.IGNORECASE,
)


def choices(question: Prediction, tokens: Sequence[str] = ()) -> list[str]:
    """What there is to choose from, a line each. `tokens` are those of the text whose positions are asked for."""
    match question:
        case Choice(options=options):
            return [f"{n}  {option.says}" for n, option in enumerate(options, 1)]
        case Ranking(items=items):
            return [f"{n}  {item.says}" for n, item in enumerate(items, 1)]
        case Chips(candidates=candidates):
            return [*(f"{n}  {shown(token)}" for n, token in enumerate(candidates, 1)), "else  something else"]
        case Cell(columns="positions") if tokens:
            return [f"position {n}  {shown(token)}" for n, token in enumerate(tokens)]
    return []


def hint(question: Prediction, sizes: Mapping[str, int], margin: str = "") -> str:
    """How an answer to this question is typed. `margin`: how far off a number may be."""
    layers = f" Layers go from 0 to {sizes['n_layers'] - 1}." if "n_layers" in sizes else ""
    match question:
        case Choice(options=options):
            return f"A number from 1 to {len(options)}."
        case Number(unit=unit):
            of = f" ({unit})" if unit else ""
            return f"A number{of}{between(question)}{margin}, or a range such as {examples(question)[1]}."
        case Token():
            return "One token; a space before it counts. · stands for a space, as in ·Paris."
        case Ranking(items=items):
            return f"The numbers, the largest first, such as {' '.join(str(n) for n in range(len(items), 0, -1))}."
        case Cell(columns=columns):
            column = "head" if columns == "heads" else "position"
            heads = f" Heads go from 0 to {sizes['n_heads'] - 1}." if column == "head" and "n_heads" in sizes else ""
            return f"A place, such as layer 4 {column} 2, or 4 2.{layers}{heads}"
        case Drawn(low=low, high=high, unit=unit):
            ends = f"{low:g} to {high:g} {unit}".rstrip()
            return f"Points of the curve, layer:value, such as 0:{low:g} 5:{high:g}; values from {ends}.{layers}"
        case Chips(candidates=candidates):
            first, second = (token.strip() for token in candidates[:2])
            example = f"20 chips, such as {first} 12, {second} 3, else 5; or a count each, the last for something else."
            return f"{example} {NEAR_ENOUGH[:1].upper()}{NEAR_ENOUGH[1:]}."
        case FreeText():
            return "In your own words."


def confidence(typed: str) -> int | None:
    """How sure the learner is, in percent; None where that cannot be read."""
    found = SURE.fullmatch(typed)
    return int(found[1]) if found and int(found[1]) <= 100 else None
