"""The scoring rules: bounded, best at the truth, proper, and symmetric where nothing tells left from right.

Proper means: whoever believes b and says something else expects no better score than by saying b. The expectations here are
exact sums over what can happen.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise, permutations, product

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tutor.predict import scoring

SHARE = st.floats(0, 1)
STEPS = [n / 10 for n in range(11)]
BETTER = 1e-9
"""How much better a score must be to be better."""


def beliefs(outcomes: int) -> st.SearchStrategy[list[float]]:
    """Probabilities of so many outcomes."""
    weights = st.lists(st.integers(0, 20), min_size=outcomes, max_size=outcomes).filter(any)
    return weights.map(lambda w: [v / sum(w) for v in w])


# --- choice, token, number ------------------------------------------------------------------------------------------


@given(SHARE, st.booleans(), st.one_of(st.none(), st.integers(2, 6)))
def test_brier_is_bounded_and_best_where_one_is_sure_and_right(p: float, right: bool, options: int | None) -> None:
    score = scoring.brier(p, right, options)
    assert 0 <= score <= 1
    assert score <= scoring.brier(1, True, options) == 1
    assert score >= scoring.brier(1, False, options) == 0


def expected_choice(belief: Sequence[float], option: int, confidence: float, options: int | None) -> float:
    return sum(b * scoring.brier(confidence, n == option, options) for n, b in enumerate(belief))


@given(st.integers(2, 6).flatmap(beliefs), SHARE)
@example([0.4, 0.4, 0.2], 0.0)
def test_no_choice_pays_more_than_the_likeliest_with_its_probability(belief: list[float], misreport: float) -> None:
    best = max(range(len(belief)), key=lambda n: belief[n])
    honest = expected_choice(belief, best, belief[best], len(belief))
    for option, confidence in product(range(len(belief)), [*STEPS, misreport]):
        assert expected_choice(belief, option, confidence, len(belief)) <= honest + BETTER


@given(st.integers(2, 6).flatmap(beliefs), SHARE)
def test_the_same_for_a_token_or_a_number_of_which_there_are_many(belief: list[float], misreport: float) -> None:
    best = max(range(len(belief)), key=lambda n: belief[n])
    honest = expected_choice(belief, best, belief[best], None)
    for option, confidence in product(range(len(belief)), [*STEPS, misreport]):
        assert expected_choice(belief, option, confidence, None) <= honest + BETTER
    assert expected_choice(belief, best, 0.0, None) == pytest.approx(0.5)  # whatever one names: nothing said


@given(st.integers(2, 6), SHARE)
def test_a_confidence_below_chance_says_as_little_as_chance(options: int, p: float) -> None:
    right, wrong = (scoring.brier(min(p, 1 / options), hit, options) for hit in (True, False))
    assert right == pytest.approx(wrong)
    if p > 1 / options + 1e-6:
        assert scoring.brier(p, True, options) > right


@given(SHARE, st.booleans())
def test_many_options_come_to_the_score_without_a_number_of_options(p: float, right: bool) -> None:
    assert scoring.brier(p, right, 10**7) == pytest.approx(scoring.brier(p, right), abs=1e-6)


# --- interval -------------------------------------------------------------------------------------------------------


def bets() -> st.SearchStrategy[tuple[float, float, float]]:
    return st.tuples(SHARE, SHARE, SHARE).map(lambda b: (min(b[:2]), max(b[:2]), b[2]))


@given(bets(), SHARE)
def test_an_interval_is_bounded_and_best_at_the_truth(bet: tuple[float, float, float], truth: float) -> None:
    score = scoring.interval(*bet, truth)
    assert -1e-12 <= score <= 1 + 1e-12
    assert score <= scoring.interval(truth, truth, 1.0, truth) + BETTER
    assert scoring.interval(truth, truth, 1.0, truth) == pytest.approx(1)


@given(bets(), SHARE)
def test_an_interval_does_not_tell_left_from_right(bet: tuple[float, float, float], truth: float) -> None:
    low, high, p = bet
    assert scoring.interval(low, high, p, truth) == pytest.approx(
        scoring.interval(1 - high, 1 - low, p, 1 - truth), abs=1e-9
    )


def below(bet: tuple[float, float, float], y: float) -> float:
    """How probable the bet makes "at most y"."""
    low, high, p = bet
    p, width = max(p, high - low), high - low
    outside = (1 - p) / (1 - width) if width < 1 else 0.0
    inside = p * (y >= low) if width == 0 else p * min(max((y - low) / width, 0), 1)
    return outside * min(y, low) + inside + outside * max(y - high, 0)


FINE = [(n + 0.5) / 400 for n in range(400)]


@given(bets(), SHARE)
def test_it_is_the_squared_distance_of_every_statement_it_is_at_most_y(
    bet: tuple[float, float, float], truth: float
) -> None:
    lost = sum((below(bet, y) - (y >= truth)) ** 2 for y in FINE) / len(FINE)
    assert scoring.interval(*bet, truth) == pytest.approx(1 - lost, abs=0.006)


def quantile(bet: tuple[float, float, float], level: float) -> float:
    """By halving: where the bet's probability of "at most y" reaches the level."""
    low, high = 0.0, 1.0
    for _ in range(40):
        middle = (low + high) / 2
        low, high = (middle, high) if below(bet, middle) < level else (low, middle)
    return (low + high) / 2


@given(bets(), SHARE)
@example((0.25, 0.5, 0.9), 0.8)
def test_it_is_the_interval_score_over_all_levels(bet: tuple[float, float, float], truth: float) -> None:
    lost = 0.0
    alphas = [(n + 0.5) / 200 for n in range(200)]
    for alpha in alphas:
        low, high = quantile(bet, alpha / 2), quantile(bet, 1 - alpha / 2)
        missed = max(low - truth, 0) + max(truth - high, 0)
        lost += alpha / 2 * ((high - low) + 2 / alpha * missed) / len(alphas)
    assert scoring.interval(*bet, truth) == pytest.approx(1 - lost, abs=0.01)


CELLS = 40


def expected_interval(belief: tuple[float, float, float], bet: tuple[float, float, float]) -> float:
    """What `bet` scores on average if the truth is as `belief` says, in parts of the axis."""
    edges = [n / CELLS for n in range(CELLS + 1)]
    weights = [below(belief, b) - below(belief, a) for a, b in pairwise(edges)]
    return sum(w * mean_score(bet, a, b) for w, a, b in zip(weights, edges, edges[1:], strict=False))


def mean_score(bet: tuple[float, float, float], a: float, b: float) -> float:
    """Over a part of the axis, by Gauss's three points: exact for the score, a parabola within a part."""
    middle, half = (a + b) / 2, (b - a) / 2
    reach = half * 0.6**0.5
    return (
        5 * scoring.interval(*bet, middle - reach)
        + 8 * scoring.interval(*bet, middle)
        + 5 * scoring.interval(*bet, middle + reach)
    ) / 18


def on_grid() -> st.SearchStrategy[tuple[float, float, float]]:
    ends = st.lists(st.integers(0, CELLS), min_size=2, max_size=2, unique=True).map(sorted)
    return st.tuples(ends, SHARE).map(lambda b: (b[0][0] / CELLS, b[0][1] / CELLS, b[1]))


@given(on_grid(), on_grid())
@example((0.4, 0.5, 0.8), (0.0, 1.0, 0.99))  # as wide as can be, and nearly certain
@example((0.4, 0.5, 0.8), (0.4, 0.5, 0.99))  # too sure
@example((0.4, 0.5, 0.8), (0.3, 0.6, 0.99))
def test_no_interval_and_no_confidence_pays_more_than_what_one_believes(
    belief: tuple[float, float, float], other: tuple[float, float, float]
) -> None:
    assert expected_interval(belief, other) <= expected_interval(belief, belief) + BETTER


def test_a_wide_interval_that_is_nearly_certain_does_not_beat_a_narrow_one_that_is_right() -> None:
    assert scoring.interval(0.0, 0.5, 0.99, 0.3) < scoring.interval(0.25, 0.35, 0.8, 0.3)


# --- curve ----------------------------------------------------------------------------------------------------------

CURVE = st.lists(SHARE, min_size=1, max_size=6)


@given(st.integers(1, 6).flatmap(lambda n: st.tuples(*[st.lists(SHARE, min_size=n, max_size=n)] * 2)))
def test_a_curve_is_bounded_best_at_the_truth_and_symmetric(curves: tuple[list[float], list[float]]) -> None:
    a, b = curves
    assert 0 <= scoring.distance(a, b) <= 1
    assert scoring.distance(b, b) == 1
    assert scoring.distance(a, b) == scoring.distance(b, a)
    assert scoring.distance(a, b) == pytest.approx(scoring.distance([1 - v for v in a], [1 - v for v in b]))


def weighted_median(values: Sequence[float], weights: Sequence[float]) -> float:
    total = 0.0
    for value, weight in sorted(zip(values, weights, strict=True)):
        total += weight
        if total >= 0.5 - 1e-12:
            return value
    raise AssertionError


@given(
    st.integers(1, 4).flatmap(lambda n: st.lists(st.lists(SHARE, min_size=n, max_size=n), min_size=3, max_size=3)),
    beliefs(3),
    st.lists(SHARE, min_size=4, max_size=4),
)
def test_no_curve_pays_more_than_the_medians_of_what_one_believes(
    runs: list[list[float]], belief: list[float], other: list[float]
) -> None:
    def expected(bet: Sequence[float]) -> float:
        return sum(b * scoring.distance(bet, run) for b, run in zip(belief, runs, strict=True))

    layers = list(zip(*runs, strict=True))
    honest = [weighted_median(layer, belief) for layer in layers]
    for bet in ([*other][: len(layers)], *runs, [sum(v) / 3 for v in layers]):
        assert expected(bet) <= expected(honest) + BETTER


# --- cell -----------------------------------------------------------------------------------------------------------

ROWS, COLUMNS = 5, 4
PLACES = list(product(range(ROWS), range(COLUMNS)))
PLACE = st.sampled_from(PLACES)


@given(PLACE, PLACE, st.booleans())
def test_a_cell_is_bounded_best_at_the_truth_and_symmetric(
    a: tuple[int, int], b: tuple[int, int], ordered: bool
) -> None:
    score = scoring.cell(a, b, (ROWS, COLUMNS), ordered)
    assert 0 <= score <= 1
    assert (score == 1) is (a == b)
    assert score == scoring.cell(b, a, (ROWS, COLUMNS), ordered)
    turned = [(ROWS - 1 - r, COLUMNS - 1 - c) for r, c in (a, b)]
    assert score == scoring.cell(turned[0], turned[1], (ROWS, COLUMNS), ordered)


def test_a_cell_beyond_the_grid_and_a_grid_of_one() -> None:
    assert scoring.cell((90, 90), (0, 0), (ROWS, COLUMNS), True) == 0
    assert scoring.cell((0, 0), (0, 0), (1, 1), True) == 1


@given(beliefs(len(PLACES)), st.booleans())
def test_no_cell_pays_more_than_the_medians_or_the_likeliest_head(belief: list[float], ordered: bool) -> None:
    def expected(bet: tuple[int, int]) -> float:
        return sum(b * scoring.cell(bet, p, (ROWS, COLUMNS), ordered) for b, p in zip(belief, PLACES, strict=True))

    rows = [sum(b for b, (r, _) in zip(belief, PLACES, strict=True) if r == row) for row in range(ROWS)]
    columns = [sum(b for b, (_, c) in zip(belief, PLACES, strict=True) if c == column) for column in range(COLUMNS)]
    across = weighted_median(range(COLUMNS), columns) if ordered else columns.index(max(columns))
    honest = (int(weighted_median(range(ROWS), rows)), int(across))
    assert max(expected(place) for place in PLACES) <= expected(honest) + BETTER


# --- ranking --------------------------------------------------------------------------------------------------------

ORDERS = [list(order) for order in permutations("abcd")]


def values(order: Sequence[str]) -> dict[str, float]:
    return {id: -float(n) for n, id in enumerate(order)}


@given(st.sampled_from(ORDERS), st.sampled_from(ORDERS))
def test_a_ranking_is_bounded_best_at_the_truth_and_symmetric(a: list[str], b: list[str]) -> None:
    score = scoring.ranking(a, values(b))
    assert 0 <= score <= 1
    assert (score == 1) is (a == b)
    assert scoring.ranking(list(reversed(b)), values(b)) == 0
    assert score == scoring.ranking(b, values(a)) == scoring.ranking(list(reversed(a)), values(list(reversed(b))))


def test_items_that_tie_may_stand_either_way() -> None:
    tie = {"a": 1.0, "b": 1.0, "c": 0.0}
    assert scoring.ranking("abc", tie) == scoring.ranking("bac", tie) == 1
    assert scoring.pairs("cab", tie) == (1, 3)


@given(beliefs(len(ORDERS)))
def test_no_ranking_pays_more_than_the_one_with_the_least_expected_inversions(belief: list[float]) -> None:
    """Kemeny's median, found by counting for each pair how probable it is that one comes before the other."""

    def expected(bet: list[str]) -> float:
        return sum(b * scoring.ranking(bet, values(o)) for b, o in zip(belief, ORDERS, strict=True))

    def ahead(x: str, y: str) -> float:
        return sum(b for b, o in zip(belief, ORDERS, strict=True) if o.index(x) < o.index(y))

    kemeny = max(ORDERS, key=lambda o: sum(ahead(x, y) for n, x in enumerate(o) for y in o[n + 1 :]))
    assert max(expected(order) for order in ORDERS) <= expected(kemeny) + BETTER


@given(st.sampled_from(ORDERS))
def test_who_is_certain_of_an_order_does_best_to_say_it(order: list[str]) -> None:
    assert max(ORDERS, key=lambda bet: scoring.ranking(bet, values(order))) == order


# --- distribution ---------------------------------------------------------------------------------------------------


def spread(n: int) -> st.SearchStrategy[list[int]]:
    """20 chips on n places."""
    cuts = st.lists(st.integers(0, 20), min_size=n - 1, max_size=n - 1).map(sorted)
    return cuts.map(lambda c: [b - a for a, b in zip([0, *c], [*c, 20], strict=True)])


@given(st.integers(2, 8).flatmap(lambda n: st.tuples(spread(n), beliefs(n))))
def test_chips_are_bounded_best_at_the_truth_and_do_not_care_for_the_order(bet: tuple[list[int], list[float]]) -> None:
    counts, truth = bet
    shares = [c / 20 for c in counts]
    score = scoring.chips(shares, truth)
    assert -1e-12 <= score <= 1
    assert scoring.chips(truth, truth) == 1
    assert scoring.chips(shares[::-1], truth[::-1]) == pytest.approx(score)
    assert 0 <= scoring.elsewhere(shares, truth) <= 1 + 1e-12


@given(st.integers(2, 5).flatmap(lambda n: st.tuples(spread(n), spread(n))))
def test_no_chips_pay_more_than_what_one_believes_of_the_token_that_comes(both: tuple[list[int], list[int]]) -> None:
    belief, other = ([c / 20 for c in counts] for counts in both)

    def expected(bet: list[float]) -> float:
        return sum(
            b * scoring.chips(bet, [float(n == token) for n in range(len(bet))]) for token, b in enumerate(belief)
        )

    assert expected(other) <= expected(belief) + BETTER


@given(st.lists(beliefs(3), min_size=3, max_size=3), beliefs(3), beliefs(3))
def test_no_chips_pay_more_than_the_mean_of_the_distributions_one_believes_in(
    runs: list[list[float]], belief: list[float], other: list[float]
) -> None:
    def expected(bet: Sequence[float]) -> float:
        return sum(b * scoring.chips(bet, run) for b, run in zip(belief, runs, strict=True))

    mean = [sum(b * run[n] for b, run in zip(belief, runs, strict=True)) for n in range(3)]
    assert expected(other) <= expected(mean) + BETTER


# --- text -----------------------------------------------------------------------------------------------------------

OUTCOMES = "abc"
SETS = [frozenset(o for o, held in zip(OUTCOMES, bits, strict=True) if held) for bits in product((0, 1), repeat=3)]


@given(st.sampled_from(SETS), st.sampled_from(SETS))
def test_words_are_bounded_best_at_the_truth_and_symmetric(said: frozenset[str], true: frozenset[str]) -> None:
    score = scoring.held(said, true, OUTCOMES)
    assert 0 <= score <= 1
    assert (score == 1) is (said == true)
    assert score == scoring.held(true, said, OUTCOMES)


@given(beliefs(len(SETS)))
def test_no_words_pay_more_than_what_one_thinks_more_likely_than_not(belief: list[float]) -> None:
    def expected(said: frozenset[str]) -> float:
        return sum(b * scoring.held(said, true, OUTCOMES) for b, true in zip(belief, SETS, strict=True))

    likely = frozenset(o for o in OUTCOMES if sum(b for b, s in zip(belief, SETS, strict=True) if o in s) > 0.5)
    assert max(expected(said) for said in SETS) <= expected(likely) + BETTER
