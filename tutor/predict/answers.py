"""What a locked answer is, kind by kind, as it lies in the journal.

An answer may be older than the lesson that it answers: `as_…` gives None where it is not of the shape that the question
now asks for, and nothing here raises.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from tutor.course.format import Chips, Ranking

Answer = str | float | list[Any]
"""choice: the option's id. number: a number, or [low, high]. token, text: text. ranking: item ids, the largest first.
cell: [layer, column]. curve: [[layer, value], …]. distribution: chips on each candidate, then on something else."""

CHIPS = 20
"""How many chips a learner puts on the candidates and on something else."""


class NotAnAnswer(ValueError):
    """What was typed is no answer to this question; the message says what would be."""


@dataclass(frozen=True)
class Verdict:
    """A prediction held against a run."""

    right: bool
    truth: str
    """What happened, in the words of the question: an option's text, a number with its unit, a token."""
    line: str
    """One sentence for the learner; nothing about the learner's person."""
    score: float = 0.0
    """0 to 1, 1 is best: `tutor.predict.scoring`."""
    rule: str = ""
    """The scoring rule; empty where the run did not measure what was asked, and nothing was scored."""


def real(value: Any) -> float | None:
    """A finite number, or None."""
    if isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value):
        return float(value)
    return None


def reals(value: Any) -> list[float] | None:
    """A list of finite numbers with at least one in it, or None."""
    if not isinstance(value, (list, tuple)) or not value:
        return None
    found = [real(v) for v in value]
    return None if None in found else [v for v in found if v is not None]


def as_range(answer: Any) -> tuple[float, float] | None:
    """Both ends of an interval; twice the same for a point."""
    if (point := real(answer)) is not None:
        return point, point
    ends = reals(answer)
    return (min(ends), max(ends)) if ends and len(ends) == 2 else None


def as_order(question: Ranking, answer: Any) -> list[str] | None:
    """The ids of all items, each once."""
    ids = [i.id for i in question.items]
    given = list(answer) if isinstance(answer, (list, tuple)) else []
    return given if all(isinstance(i, str) for i in given) and sorted(given) == sorted(ids) else None


def as_cell(answer: Any) -> tuple[int, int] | None:
    """(layer, column), both counted from 0."""
    place = reals(answer)
    if place is None or len(place) != 2 or any(v < 0 or v != int(v) for v in place):
        return None
    return int(place[0]), int(place[1])


def as_points(answer: Any) -> list[tuple[int, float]] | None:
    """The points that were drawn, by layer."""
    if not isinstance(answer, (list, tuple)) or not answer:
        return None
    cells = [reals(p) for p in answer]
    if any(c is None or len(c) != 2 or c[0] < 0 or c[0] != int(c[0]) for c in cells):
        return None
    return sorted((int(c[0]), c[1]) for c in cells if c)


def as_chips(question: Chips, answer: Any) -> list[int] | None:
    """Chips on each candidate and on something else: `CHIPS` in all."""
    counts = reals(answer)
    if counts is None or len(counts) != len(question.candidates) + 1:
        return None
    if any(c < 0 or c != int(c) for c in counts) or sum(counts) != CHIPS:
        return None
    return [int(c) for c in counts]


def drawn(answer: Any, n: int, scale: str = "linear") -> list[float]:
    """The drawn curve at layers 0 to n - 1: straight between the points, flat before the first and after the last.

    Straight is meant on the question's `scale`, where it was drawn: on a log scale, in log(1 + value). Empty where `answer`
    is no curve.
    """
    points = as_points(answer)
    if scale == "log" and points:
        straight = drawn([[layer, math.log1p(max(0.0, value))] for layer, value in points], n)
        touched = dict(points)
        return [touched.get(layer, math.expm1(value)) for layer, value in enumerate(straight)]
    if not points:
        return []
    out = []
    for layer in range(n):
        value = points[0][1] if layer <= points[0][0] else points[-1][1]
        for (a, low), (b, high) in pairwise(points):
            if a <= layer <= b and a < b:
                value = low + (high - low) * (layer - a) / (b - a)
        out.append(value)
    return out
