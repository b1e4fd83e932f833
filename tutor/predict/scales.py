"""The axis of a question: where a value lies between 0 and 1, so that what is lost by being far off has an end."""

from __future__ import annotations

import math

from tutor.course.format import Drawn, Number

HALF_WAY = 10
"""Without a range, the axis is half used up at this many times `close`."""
WIDEST = 0.5
"""An interval that takes more of the axis than this says nothing."""


def on_axis(question: Number, value: float) -> float:
    """Where the value lies. A question without `low` or `high` gets an axis that is bent towards its open end."""
    low, high = question.low, question.high
    if low is not None and high is not None:
        return min(max((value - low) / (high - low), 0.0), 1.0)
    step = HALF_WAY * question.close
    if low is not None:
        return _bent(max(value - low, 0.0) / step)
    if high is not None:
        return 1 - _bent(max(high - value, 0.0) / step)
    return (1 + math.copysign(_bent(abs(value) / step), value)) / 2


def _bent(steps: float) -> float:
    return steps / (1 + steps)


def too_wide(question: Number, low: float, high: float) -> bool:
    """Whether an interval takes more than half of the axis."""
    return on_axis(question, high) - on_axis(question, low) > WIDEST + 1e-9


def measure(question: Drawn, value: float) -> float:
    """A value in the measure of the curve's scale, held within `low` to `high`: what cannot be drawn is not missed."""
    value = min(max(value, question.low), question.high)
    return math.log1p(value) if question.scale == "log" else value


def on_curve(question: Drawn, value: float) -> float:
    """Where a value of a curve lies between `low` (0) and `high` (1)."""
    low, high = measure(question, question.low), measure(question, question.high)
    return (measure(question, value) - low) / (high - low)


def close_enough(question: Drawn) -> float:
    """`close` in the measure of the curve's scale: on a log scale it is a factor."""
    return math.log(question.close) if question.scale == "log" else question.close
