"""The scoring rules, as arithmetic. Each gives 0 to 1, is best at the truth, and rewards nothing but what one believes.

`docs/predictions.md` has the formulas, their sources, and why each rule is proper: no answer other than the honest one has a
better expected score. Here are no questions and no facts, only numbers.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from itertools import combinations, pairwise


def brier(confidence: float, right: bool, options: int | None = None) -> float:
    """The Brier score of an answer with a confidence (0 to 1), out of `options` possible answers (None: very many).

    The confidence is read as the probability of the answer that was given, and the rest as spread evenly over the other
    answers. Squared distances are summed over all answers and halved, since they add up to 2 at most. A confidence below
    1/options is read as 1/options, which says nothing: else it could pay to name what one believes impossible.

    Source: G. W. Brier, Verification of forecasts expressed in terms of probability, Monthly Weather Review 78 (1950).
    """
    if options is None:  # the limit of the sum below for ever more options
        return (1 + right - (confidence - right) ** 2) / 2
    p = max(confidence, 1 / options)
    rest = (1 - p) / (options - 1)
    if right:
        return 1 - ((1 - p) ** 2 + (options - 1) * rest**2) / 2
    return 1 - (p**2 + (1 - rest) ** 2 + (options - 2) * rest**2) / 2


def interval(low: float, high: float, confidence: float, truth: float) -> float:
    """The interval score at every level at once, for an interval on an axis from 0 to 1.

    The bet is read as a distribution: the confidence spread evenly over the interval, the rest evenly over the rest of the
    axis. Of a distribution the interval scores of its central intervals, weighted by half their alpha and taken over all
    levels, come to the continuous ranked probability score: the squared distance between "it is at most y" as believed and
    as it is, for every y. One level alone, the learner's own, would give nearly everything to a wide interval at 99 %.

    Source: T. Gneiting and A. E. Raftery, Strictly proper scoring rules, prediction, and estimation, Journal of the
    American Statistical Association 102 (2007), sections 4.2 and 6.2.
    """
    width = high - low
    p = max(confidence, width)  # less would make the interval the place where it is not expected
    before = (1 - p) * low / (1 - width) if width < 1 else 0.0
    believed = [(0.0, 0.0), (low, before), (high, before + p), (1.0, 1.0)]  # (y, probability of at most y)
    lost = 0.0
    for (a, at_a), (b, at_b) in pairwise(believed):
        if b <= a:
            continue
        cut = min(max(truth, a), b)
        at_cut = at_a + (at_b - at_a) * (cut - a) / (b - a)
        lost += _square(a, cut, at_a, at_cut) + _square(cut, b, at_cut - 1, at_b - 1)
    return 1 - lost


def _square(a: float, b: float, at_a: float, at_b: float) -> float:
    """The integral from a to b of the square of a straight line with these values at its ends."""
    return (b - a) * (at_a**2 + at_a * at_b + at_b**2) / 3


def distance(bet: Sequence[float], run: Sequence[float]) -> float:
    """The mean distance of two curves on an axis from 0 to 1, taken from 1.

    The expected distance is least at the median of what one believes, layer by layer.

    Source: T. Gneiting, Making and evaluating point forecasts, Journal of the American Statistical Association 106 (2011).
    """
    return 1 - sum(abs(a - b) for a, b in zip(bet, run, strict=True)) / len(run)


def cell(bet: tuple[int, int], run: tuple[int, int], grid: tuple[int, int], ordered: bool) -> float:
    """How near a cell is, taken from 1: the mean of the two distances, each as a share of the longest way in the grid.

    ordered: whether the columns have an order, as positions do. Heads have none: another head is as far as can be.
    As for curves the median is best on an axis with an order, and without one the most likely column.
    """
    rows, columns = (max(size - 1, 1) for size in grid)
    down = min(abs(bet[0] - run[0]) / rows, 1.0)
    across = min(abs(bet[1] - run[1]) / columns, 1.0) if ordered else float(bet[1] != run[1])
    return 1 - (down + across) / 2


def pairs(order: Sequence[str], values: Mapping[str, float]) -> tuple[int, int]:
    """How many pairs of items are in the order of their values, the largest first, and how many pairs there are.

    Items of the same value may stand either way.
    """
    found = list(combinations(order, 2))
    return sum(values[first] >= values[second] for first, second in found), len(found)


def ranking(order: Sequence[str], values: Mapping[str, float]) -> float:
    """The share of pairs in the right order: Kendall's distance, divided by the number of pairs and taken from 1.

    Source: M. G. Kendall, A new measure of rank correlation, Biometrika 30 (1938). The order with the least expected
    distance is J. G. Kemeny's median (Mathematics without numbers, Daedalus 88, 1959).
    """
    held, count = pairs(order, values)
    return held / count


def chips(shares: Sequence[float], probabilities: Sequence[float]) -> float:
    """The Brier score of a whole distribution, held against the distribution of the run: half the squared distance.

    It is, up to a number that no bet changes, the expected score against one token that the model draws.

    Source: as for `brier`.
    """
    return 1 - sum((a - b) ** 2 for a, b in zip(shares, probabilities, strict=True)) / 2


def elsewhere(shares: Sequence[float], probabilities: Sequence[float]) -> float:
    """The share that lies elsewhere in the other distribution: their total variation distance, 0 to 1."""
    return sum(abs(a - b) for a, b in zip(shares, probabilities, strict=True)) / 2


def held(said: Collection[str], true: Collection[str], outcomes: Collection[str]) -> float:
    """The share of outcomes that were said and are true, or were not said and are not.

    To say exactly what one believes more likely than not is best.
    """
    return sum((o in said) == (o in true) for o in outcomes) / len(outcomes)
