"""The bets that a run decided, laid over its figures."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from engine.figures import Figure, Heatmap, Table, stored
from tutor.course.format import Cell
from tutor.drawing.marks import marked
from tutor.predict import beside
from tutor.predict.answers import as_cell
from tutor.predict.truths import cell_of
from tutor.state import Bet, State

COLUMNS = {"heads": ("head",), "positions": ("position", "after", "token")}
"""What a grid calls its columns, by what the question calls them."""


def laid(figures: Sequence[Figure | None], bets: Iterable[Bet], facts: Mapping[str, Any]) -> list[Figure | None]:
    """The figures of a run, those first on which a bet is laid over what happened; a table of both is no picture of the run
    and comes last. None is a figure that cannot be read."""
    first: list[Figure | None] = []
    rest = list(figures)
    for bet in bets:
        if isinstance(bet.question, Cell):
            grid = next((f for f in [*first, *rest] if _fits(f, bet.question)), None)
            if grid is None or (over := _marks(grid, bet.question, bet.answer, facts)) is grid:
                continue
            first, rest = ([f for f in some if f is not grid] for some in (first, rest))
            first.append(over)
        elif (figure := beside(bet.question, bet.answer, facts)) is not None:
            (rest if isinstance(figure, Table) else first).append(figure)
    return [*first, *rest]


def last_figures(state: State) -> list[Figure]:
    """The figures of the last run, with the bets that it decided laid over them."""
    return of_run(state, len(state.results) - 1) if state.results else []


def of_run(state: State, number: int) -> list[Figure]:
    """The figures of run `number` of the lesson with the bets that it decided."""
    result = state.results[number][1]
    bets = [bet for bet in state.bets if bet.run == number and bet.verdict is not None]
    figures = laid(stored(result.get("figures")), bets, result.get("facts", {}))
    return [figure for figure in figures if figure is not None]


def _fits(figure: Figure | None, question: Cell) -> bool:
    """Whether this is a grid of what the question asks about."""
    return (
        isinstance(figure, Heatmap) and figure.row_name == "layer" and figure.column_name in COLUMNS[question.columns]
    )


def _marks(grid: Figure, question: Cell, answer: Any, facts: Mapping[str, Any]) -> Figure:
    bet, run = as_cell(answer), cell_of(question, facts)
    return grid if bet is None or run is None else marked(grid, bet, run)
