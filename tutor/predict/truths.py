"""What happened, as a question asks for it: looked up in the facts of the run. None where the run did not measure it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tutor.course.conditions import When, holds
from tutor.course.format import Cell, Chips, Drawn, FreeText, Ranking
from tutor.predict.answers import as_cell, real, reals

Facts = Mapping[str, Any]
GRID = (32, 32)
"""How many layers and columns a grid is taken to have where the run drew no heatmap."""


def measured(when: When, facts: Facts) -> bool:
    """Whether the run gave everything that a condition speaks of."""
    return all(facts.get(fact) is not None for fact in when)


def values_of(question: Ranking, facts: Facts) -> dict[str, float] | None:
    """The value of every item, by its id."""
    found = {i.id: real(facts.get(i.fact)) for i in question.items}
    values = {id: v for id, v in found.items() if v is not None}
    return values if len(values) == len(found) else None


def order_of(values: Mapping[str, float]) -> list[str]:
    """The items from the largest to the smallest; those that tie keep the question's order."""
    return sorted(values, key=lambda id: -values[id])


def cell_of(question: Cell, facts: Facts) -> tuple[int, int] | None:
    """The cell that the run points at."""
    return as_cell([facts.get(question.row_fact), facts.get(question.column_fact)])


def curve_of(question: Drawn, facts: Facts) -> list[float] | None:
    """The value at each layer."""
    return reals(facts.get(question.fact))


def shares_of(question: Chips, facts: Facts, run: Mapping[str, Any] | None = None) -> list[float] | None:
    """The probability of each candidate and of something else. `run` says which candidates it had, if it is given."""
    found = reals(facts.get(question.fact))
    ran = ((run or {}).get("parameters") or {}).get("candidates")
    if found is None or len(found) != len(question.candidates) or (ran and list(ran) != list(question.candidates)):
        return None
    return [*found, max(0.0, 1.0 - sum(found))]


def true_of(question: FreeText, facts: Facts) -> list[str] | None:
    """The ids of the outcomes that came."""
    if not any(measured(o.when, facts) for o in question.expects):
        return None
    return [o.id for o in question.expects if holds(o.when, facts)]


def heatmap_of(run: Mapping[str, Any] | None) -> Mapping[str, Any]:
    """The first heatmap of a result as plain data; empty if there is none."""
    figures = (run or {}).get("figures") or []
    return next((f for f in figures if isinstance(f, Mapping) and f.get("kind") == "heatmap"), {})


def grid_of(run: Mapping[str, Any] | None) -> tuple[int, int]:
    """How many layers and columns the run's heatmap has."""
    heatmap = heatmap_of(run)
    return (len(heatmap["rows"]), len(heatmap["columns"])) if heatmap else GRID


def token_at(question: Cell, place: tuple[int, int], run: Mapping[str, Any] | None) -> str:
    """The token at the cell's position, as the run's heatmap names it; empty where there is none."""
    columns = heatmap_of(run).get("columns") or []
    return str(columns[place[1]]) if question.columns == "positions" and place[1] < len(columns) else ""
