"""Verdicts on where things stand: a ranking, a cell of a grid."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import combinations
from typing import Any

from engine.errors import counted
from tutor.course.format import Cell, Ranking
from tutor.predict import scoring
from tutor.predict.answers import Verdict, as_cell, as_order, real
from tutor.predict.phrases import sure, unmeasured
from tutor.predict.truths import cell_of, grid_of, order_of, token_at, values_of
from tutor.predict.writing import in_order, place_text

KENDALL = "Kendall distance"
GRID = "distance in the grid"
SHORT = 80
"""Characters that a pair may have to be named in a verdict."""


def ranking(question: Ranking, answer: Any, facts: Mapping[str, Any], confidence: int) -> Verdict:
    values = values_of(question, facts)
    if values is None:
        missing = next(i.fact for i in question.items if real(facts.get(i.fact)) is None)
        return unmeasured(missing, confidence)
    end, truth = sure(confidence), in_order(question, order_of(values))
    order = as_order(question, answer)
    if order is None:
        return Verdict(False, truth, f"In order it is: {truth}; your bet was no order of these. {end}", 0.0, KENDALL)
    held, pairs = scoring.pairs(order, values)
    score = scoring.ranking(order, values)
    if held == pairs:
        return Verdict(True, truth, f"As you said: {in_order(question, order)}. {end}", score, KENDALL)
    line = f"In order it is: {truth}. Of {pairs} pairs you had {held or 'none'} in this order"
    turned = [(larger, it) for it, larger in combinations(order, 2) if values[it] < values[larger]]
    if len(turned) == 1 < pairs and len(pair := in_order(question, turned[0])) <= SHORT:
        line += f", all but {pair}"
    return Verdict(False, truth, f"{line}. {end}", score, KENDALL)


def cell(
    question: Cell, answer: Any, facts: Mapping[str, Any], confidence: int, run: Mapping[str, Any] | None
) -> Verdict:
    happened = cell_of(question, facts)
    if happened is None:
        missing = question.row_fact if real(facts.get(question.row_fact)) is None else question.column_fact
        return unmeasured(missing, confidence)
    end, truth = sure(confidence), place_text(question, happened, token_at(question, happened, run))
    bet = as_cell(answer)
    if bet is None:
        return Verdict(False, truth, f"It is {truth}; your bet was no such place. {end}", 0.0, GRID)
    score = scoring.cell(bet, happened, grid_of(run), question.columns == "positions")
    if bet == happened:
        return Verdict(True, truth, f"It is {truth}, as you said. {end}", score, GRID)
    right = steps(question, bet, happened) <= question.close
    line = f"It is {truth}; you said {place_text(question, bet)}, {_off(question, bet, happened)}"
    return Verdict(right, truth, f"{line}{': near enough' if right else ''}. {end}", score, GRID)


def steps(question: Cell, bet: tuple[int, int], run: tuple[int, int]) -> int:
    """How many steps away: one a layer, one a position. Heads have no order, so any other head is one step."""
    across = abs(bet[1] - run[1])
    return abs(bet[0] - run[0]) + (across if question.columns == "positions" else min(across, 1))


def _off(question: Cell, bet: tuple[int, int], run: tuple[int, int]) -> str:
    down, across = abs(bet[0] - run[0]), abs(bet[1] - run[1])
    parts = [f"{counted(down, 'layer')} too {'early' if bet[0] < run[0] else 'late'}"] if down else []
    if across:
        parts.append("another head" if question.columns == "heads" else f"{counted(across, 'position')} off")
    return " and ".join(parts)
