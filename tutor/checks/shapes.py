"""Rankings, cells, curves and distributions held against the facts of their runs: one for each seed.

Each must come out the same for every seed, and not by a hair; and who knows nothing must be able to miss.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from statistics import median

from engine.figures import number, shown
from tutor.checks.noise import Facts, alike, missing, noise
from tutor.course.facts import Finding
from tutor.course.format import Cell, Chips, Drawn, Ranking
from tutor.course.source import Key
from tutor.predict import scoring
from tutor.predict.places import steps
from tutor.predict.scales import close_enough, measure
from tutor.predict.spread import NEAR, off_by
from tutor.predict.truths import cell_of, curve_of, order_of, shares_of, values_of
from tutor.predict.writing import ELSE, place_text

Loc = tuple[Key, ...]
Grid = tuple[int, int]
"""Layers and columns of the run's heatmap."""


def ranking(question: Ranking, facts: Sequence[Facts], seeds: Sequence[int], loc: Loc) -> Iterator[Finding]:
    gone = [f for n, i in enumerate(question.items) for f in missing(i.fact, facts, seeds, (*loc, "items", n, "fact"))]
    yield from gone
    if gone:
        return
    found = [order_of(values) for f in facts if (values := values_of(question, f))]
    yield from alike([" > ".join(order) for order in found], seeds, (*loc, "items"))
    if len({tuple(order) for order in found}) > 1:
        return
    fact = {i.id: i.fact for i in question.items}
    for first, second in itertools.pairwise(found[0]):
        a, b = (min(facts, key=lambda f: abs(f[fact[first]] - f[fact[second]]))[fact[id]] for id in (first, second))
        by = max(noise(fact[first], facts), noise(fact[second], facts))
        if a - b <= by:
            tie = f"`{first}` and `{second}` tie by a hair: {number(a)} and {number(b)}, and the noise is {number(by)}"
            yield (*loc, "items"), tie, "rank what lies further apart"


def cell(
    question: Cell, facts: Sequence[Facts], seeds: Sequence[int], loc: Loc, grid: Grid | None
) -> Iterator[Finding]:
    gone = [
        f
        for key, fact in (("row_fact", question.row_fact), ("column_fact", question.column_fact))
        for f in missing(fact, facts, seeds, (*loc, key))
    ]
    yield from gone
    if gone:
        return
    places = [place for f in facts if (place := cell_of(question, f))]
    yield from alike([place_text(question, p) for p in places], seeds, (*loc, "row_fact"))
    if grid is None:
        right = "take an experiment that draws a heatmap"
        yield loc, "the run draws no heatmap, so there is no place to point at", right
        return
    row, column = places[0]
    if row >= grid[0] or column >= grid[1]:
        found = f"the truth is {place_text(question, places[0])}, and the heatmap has {grid[0]} by {grid[1]} cells"
        yield (*loc, "row_fact"), found, "facts that say where in the heatmap"
    farthest = max(steps(question, (r, c), places[0]) for r in (0, grid[0] - 1) for c in (0, grid[1] - 1))
    if question.close >= farthest:
        found = f"`close` {question.close} makes every cell right: the farthest is {farthest} steps away"
        yield (*loc, "close"), found, f"less than {farthest}"


def curve(question: Drawn, facts: Sequence[Facts], seeds: Sequence[int], loc: Loc) -> Iterator[Finding]:
    gone = list(missing(question.fact, facts, seeds, (*loc, "fact")))
    runs = [run for f in facts if (run := curve_of(question, f))]
    if gone or len(runs) < len(facts):
        yield from gone or [
            ((*loc, "fact"), f"{question.fact} is no list of numbers", "a fact with one for each layer")
        ]
        return
    least, most = min(min(r) for r in runs), max(max(r) for r in runs)
    if least < question.low or most > question.high:
        found = f"{question.fact} goes from {number(least)} to {number(most)}, outside `low` to `high`"
        yield (*loc, "fact"), found, "widen them"
    elif off_by(question, [_middle(question, runs[0])] * len(runs[0]), runs[0]) <= close_enough(question):
        found = f"`close` {number(question.close)} makes a flat line at {number(_middle(question, runs[0]))} right"
        yield (*loc, "close"), found, "a smaller one, or a fact that changes more from layer to layer"
    if any(len(r) != len(runs[0]) or off_by(question, r, runs[0]) > close_enough(question) for r in runs):
        right = "ask what every seed answers alike, or a larger `close`"
        yield (*loc, "fact"), "the truth changes with the seed by more than `close`", right


def _middle(question: Drawn, run: Sequence[float]) -> float:
    """Where a flat line is least far off: at the median, on either scale."""
    return sorted(run, key=lambda v: abs(measure(question, v) - median(measure(question, w) for w in run)))[0]


def distribution(question: Chips, facts: Sequence[Facts], seeds: Sequence[int], loc: Loc) -> Iterator[Finding]:
    gone = list(missing(question.fact, facts, seeds, (*loc, "fact")))
    runs = [run for f in facts if (run := shares_of(question, f))]
    if gone or len(runs) < len(facts):
        found = f"{question.fact} has not one number for each candidate"
        yield from gone or [((*loc, "fact"), found, "the fact that goes with the run's `candidates`")]
        return
    names = [*question.candidates, ELSE]
    for lazy, words in (
        ([1 / len(names)] * len(names), "chips spread evenly"),
        ([0.0] * (len(names) - 1) + [1.0], f"all chips on {ELSE}"),
    ):
        if scoring.elsewhere(lazy, runs[0]) <= NEAR:
            shares = ", ".join(f"{shown(n)} {number(p)}" for n, p in zip(names, runs[0], strict=True))
            yield (*loc, "candidates"), f"{words} would be right: {shares}", "other candidates, or another prompt"
    if any(scoring.elsewhere(r, runs[0]) > NEAR / 2 for r in runs):
        yield (*loc, "fact"), "the truth changes with the seed", "ask what every seed answers alike"
