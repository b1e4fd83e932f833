"""The axes on which numbers and curves are scored: from 0 to 1, and never the other way round."""

from __future__ import annotations

import math

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from tests.predict.every_kind import question
from tutor.course.format import Number
from tutor.predict import verdict
from tutor.predict.scales import measure, on_axis, on_curve, too_wide

VALUE = st.floats(-1e6, 1e6)
RANGES = st.sampled_from([{"low": -3.0, "high": 20.0}, {"low": 2.0}, {"high": 2.0}, {}])
LOG = question("bet-curve")
PLAIN = LOG.model_copy(update={"scale": "linear", "low": -1.0, "high": 20.0, "close": 0.5})


def number(of: dict[str, float]) -> Number:
    return Number(kind="number", ask="?", fact="it", close=0.5, **of)  # type: ignore[arg-type]


@given(RANGES, VALUE, VALUE)
def test_a_larger_value_never_lies_before_a_smaller_one(of: dict[str, float], a: float, b: float) -> None:
    first, second = (on_axis(number(of), v) for v in sorted((a, b)))
    assert 0 <= first <= second <= 1


@given(VALUE)
def test_an_axis_that_is_open_on_both_sides_does_not_tell_them_apart(value: float) -> None:
    assert on_axis(number({}), value) == pytest.approx(1 - on_axis(number({}), -value))


@given(RANGES, VALUE, VALUE, VALUE, st.integers(0, 100))
def test_no_interval_beats_the_value_itself(of: dict[str, float], a: float, b: float, it: float, sure: int) -> None:
    assume(a != b)
    low, high = sorted((a, b))
    assume(low < it < high)
    seen = verdict(number(of), [low, high], {"it": it}, sure)
    narrow = [it - 1e-9 * abs(it), it + 1e-9 * abs(it) + 1e-12]
    best = verdict(number(of), narrow, {"it": it}, 100)
    assert 0 <= seen.score <= best.score + 1e-6
    assert best.score == pytest.approx(1, abs=1e-5)
    assert seen.right is (not too_wide(number(of), low, high))


@given(st.floats(0, 1e5), st.floats(0, 1e5))
def test_a_curves_scales_go_from_low_to_high(a: float, b: float) -> None:
    for to in (LOG, PLAIN):
        first, second = (on_curve(to, v) for v in sorted((a, b)))
        assert 0 <= first <= second <= 1
        assert on_curve(to, to.low) == 0
        assert on_curve(to, to.high) == 1
    assert measure(LOG, 9) - measure(LOG, 0) == pytest.approx(math.log(10))
