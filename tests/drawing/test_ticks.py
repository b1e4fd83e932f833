"""The ticks of an axis: round, on it, few enough, and told apart."""

from __future__ import annotations

import math

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tests.drawing.figures import curve
from tutor.drawing.ticks import counts, named, ticks


@pytest.mark.parametrize(
    ("low", "high", "options", "said"),
    [
        (0, 5011, {}, "0 2000 4000"),
        (0, 5011, {"log": True}, "0 1 10 100 1000"),
        (0, 100_000, {"log": True}, "0 1 10 100 1000 10000 100 000"),
        (0, 100_000, {"log": True, "most": 4}, "0 10 1000 100 000"),
        (3, 40_000, {"log": True}, "10 100 1000 10000"),
        (0, 7, {"log": True}, "0 2 4 6"),
        (0, 0.6, {"log": True}, "0 0.2 0.4 0.6"),
        (0, 24.83, {}, "0 10 20"),
        (0, 1, {}, "0 0.5 1.0"),
        (0, 1, {"whole": True}, "0 1"),
        (4.5, 5.5, {"whole": True}, "5"),
        (-6.02, 7.31, {}, "-5 0 5"),
        (24.1, 24.4, {}, "24.1 24.2 24.3 24.4"),
        (0, 0.00003, {}, "0 1e-05 2e-05 3e-05"),
    ],
)
def test_ticks_are_round_numbers(low: float, high: float, options: dict[str, bool], said: str) -> None:
    assert " ".join(named(ticks(low, high, **options))) == said


ends = st.floats(-1e6, 1e6).map(lambda v: round(v, 6))


@given(ends, ends, st.booleans(), st.booleans(), st.integers(2, 9))
@example(0.5, 0.75, False, True, 2)  # no count lies between them
def test_ticks_lie_on_the_axis_and_are_few_and_different(a: float, b: float, log: bool, whole: bool, most: int) -> None:
    low, high = min(a, b), max(a, b)
    if high - low < 1e-3 * max(1.0, abs(low), abs(high)):
        return
    found = ticks(low, high, log=log and low >= 0, whole=whole, most=most)
    assert found == sorted(found)
    assert all(low - 1e-6 * (high - low) <= tick <= high + 1e-6 * (high - low) for tick in found)
    assert len(found) <= max(3, most)
    assert len(found) >= (1 if whole or most < 3 else 2)
    assert len(set(named(found))) == len(found)
    if low <= 0 <= high:
        assert any(math.isclose(tick, 0, abs_tol=1e-9) for tick in found), "0 is the roundest"


def test_counts_are_known_by_the_run_and_not_by_the_bet() -> None:
    assert counts(curve([3.5, 2.25], [3, 2]))
    assert not counts(curve([3.5, 2.25], [3.0, 2.0]))
    assert not counts(curve([None, None], names=("rank",)))
