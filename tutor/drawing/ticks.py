"""The values that are named beside an axis: round numbers that lie on it."""

from __future__ import annotations

import math
from collections.abc import Sequence

from engine.figures import Curve, number

ENOUGH = 3
"""Ticks of an axis at least, where numbers are round enough."""
HUGE = 1e9


def ticks(low: float, high: float, *, log: bool = False, whole: bool = False, most: int = 8) -> list[float]:
    """At most `most` round values from `low` to `high`, upwards: powers of ten and 0 on a scale of log(1 + value), else steps
    of 1, 2 or 5 times some power of ten. `whole`: the values are counts, and there is nothing between 0 and 1."""
    powers = [10.0**k for k in range(math.ceil(math.log10(high)) + 1) if low <= 10.0**k <= high] if high >= 1 else []
    if log and len(powers) >= ENOUGH - (low == 0):
        zero = [0.0] if low == 0 else []
        every = -(-len(powers) // (max(most, ENOUGH) - len(zero)))
        return zero + powers[::-1][::every][::-1]  # the highest power is among them
    return _even(low, high, whole, most)


def _even(low: float, high: float, whole: bool, most: int) -> list[float]:
    """Multiples of one step."""
    power = math.floor(math.log10(high - low)) + 1
    steps = [(digit, power - down) for down in range(4) for digit in (5, 2, 1)]
    for digit, e in steps:
        if whole and e < 0:
            break
        step = digit * 10.0**e
        first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
        found = range(first, last + 1)
        if whole and not found and (digit, e) == (1, 0):
            return _even(low, high, False, most)  # no count lies on this axis
        if len(found) >= ENOUGH or (whole and (digit, e) == (1, 0)):
            every = -(-len(found) // max(most, ENOUGH))
            return [round(k * digit * 10.0**e, max(0, -e)) for k in found if k % every == 0]
    return [low, high]


def named(values: Sequence[float]) -> list[str]:
    """The ticks in words, with as many decimals as all of them need; whole numbers have none."""
    decimals = next((d for d in range(5) if all(math.isclose(v, round(v, d), abs_tol=1e-12) for v in values)), None)

    def name(value: float) -> str:
        if value == 0:
            return "0"
        if decimals is None or abs(value) >= HUGE:
            return f"{value:g}"
        return f"{value:.{decimals}f}" if decimals else number(round(value))

    return [name(value) for value in values]


def counts(figure: Curve) -> bool:
    """Whether the values are whole numbers by their nature: those of one series at least; a bet may lie between them."""
    known = [[v for v in s.values if v is not None] for s in figure.series]
    return any(values and all(isinstance(v, int) for v in values) for values in known)
