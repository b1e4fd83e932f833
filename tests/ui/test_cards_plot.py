"""The plot of a drawn curve: its axis and its cells, without a screen."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.figures import cell_len
from tests.ui.cards import question
from tutor.course.format import Drawn
from tutor.predict import drawn, parse
from tutor.ui.widgets.answers.base import Digits
from tutor.ui.widgets.answers.plot import Axis, Plot

AXES = (
    Axis(0, 1, False),
    Axis(0, 16, False),
    Axis(-3, 12.5, False),
    Axis(0, 49151, True),
    Axis(0, 1, True),
    Axis(1, 3, True),
)
shares = st.floats(0, 1)


@given(st.sampled_from(AXES), shares)
def test_a_value_lies_where_it_was_put(axis: Axis, share: float) -> None:
    value = axis.value(share)
    assert axis.low <= value <= axis.high
    assert axis.share(value) == pytest.approx(share, abs=0.006), "three digits"


@given(st.sampled_from(AXES), shares, st.integers(1, 8))
def test_up_and_down_always_move_until_the_end(axis: Axis, share: float, by: int) -> None:
    value = axis.value(share)
    assert axis.moved(value, by) > value or value == axis.high
    assert axis.moved(value, -by) < value or value == axis.low


@pytest.mark.parametrize("axis", AXES)
def test_the_keys_reach_both_ends_and_come_back(axis: Axis) -> None:
    value = axis.low
    up: list[float] = []
    while value < axis.high and len(up) < 100:
        value = axis.moved(value, 1)
        up.append(value)
    assert 25 <= len(up) <= 63
    for expected in [*reversed(up[:-1]), axis.low]:
        value = axis.moved(value, -1)
        assert value == pytest.approx(expected, rel=0.02, abs=1e-9)


def test_steps_on_a_linear_axis_are_round_numbers() -> None:
    axis = Axis(0, 16, False)
    assert [axis.moved(4, by) for by in (1, 2, -1, 5)] == [4.5, 5, 3.5, 6.5]
    assert axis.moved(4.2, 1) == 4.5, "from in between to the next step"


@given(
    st.sampled_from(AXES),
    st.dictionaries(st.integers(0, 29), shares, max_size=30),
    st.integers(28, 120),
    st.sampled_from([5, 7, 9, 15]),
    st.integers(0, 29),
    st.booleans(),
)
def test_every_line_fits_and_the_cursor_is_there(
    axis: Axis, places: dict[int, float], width: int, rows: int, at: int, focus: bool
) -> None:
    points = {layer: axis.value(share) for layer, share in places.items()}
    curve = drawn([[k, v] for k, v in sorted(points.items())], 30)
    lines = [line.plain for line in Plot(axis, 30, width, rows).lines(points, curve, at, focus, "guide")]
    assert len(lines) == rows + 2
    assert {cell_len(line) for line in lines} == {width}
    cursors = sum(line.count(c) for line in lines for c in "◆◇")
    assert cursors == (1 if focus or at in points else 0)
    assert not focus or str(at) in lines[-1].split()


@given(st.integers(30, 120), st.integers(1, 48))
def test_a_click_on_a_layer_is_that_layer(width: int, n_layers: int) -> None:
    plot = Plot(Axis(0, 16, False), n_layers, width, 9)
    if plot.columns >= n_layers:
        assert [plot.layer(plot.left + plot.column(k)) for k in range(n_layers)] == list(range(n_layers))
    assert (plot.share(0), plot.share(4), plot.share(8)) == (1, 0.5, 0)


def test_what_was_drawn_and_what_was_not_look_different_without_colour() -> None:
    axis = Axis(0, 16, False)
    sure = dict.fromkeys(range(30), 8.0)
    drawn_line = Plot(axis, 30, 80, 9).lines(sure, [8.0] * 30, 0, False, "")[4].plain
    guessed = Plot(axis, 30, 80, 9).lines({0: 8.0}, [8.0] * 30, 0, False, "")[4].plain
    assert not set(drawn_line[20:60]) & set(guessed[20:60])


def test_a_log_axis_names_its_powers_of_ten_and_a_linear_one_its_middle() -> None:
    powers = {"1", "10", "100", "1000", "10000"}
    assert set(Plot(Axis(0, 49151, True), 30, 80, 15).marks.values()) == {"0", *powers, "49151"}
    assert set(Plot(Axis(0, 49151, True), 30, 80, 5).marks.values()) == {"0", "10", "100", "1000", "49151"}
    assert set(Plot(Axis(0, 16, False), 30, 80, 9).marks.values()) == {"0", "8", "16"}


@pytest.mark.parametrize("kind", ["curve", "log"])
def test_axis_reaches_over_the_range_of_the_question(kind: str) -> None:
    asked = question(kind)
    assert isinstance(asked, Drawn)
    axis = Axis.of(asked)
    assert (axis.value(0), axis.value(1)) == (asked.low, asked.high)
    assert parse(asked, f"0:{axis.value(1):g} 3:{axis.value(0.3):g}")


def test_digits_make_a_number_as_long_as_it_fits() -> None:
    digits = Digits()
    assert [digits.add(d, 29) for d in "2993"] == [2, 29, 9, 3]
    digits.end()
    assert digits.add("1", 29) == 1
    assert Digits().add("7", 5) is None
