"""The bets that a run decided, laid over its figures."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from engine.figures import Figure, Heatmap
from tutor.course.format import Cell
from tutor.drawing.marks import marked
from tutor.predict import beside
from tutor.predict.answers import as_cell
from tutor.predict.truths import cell_of
from tutor.state import Bet, State

COLUMNS = {"heads": ("head",), "positions": ("position", "after", "token")}
"""What a grid calls its columns, by what the question calls them."""


def laid(figures: Sequence[Figure], bets: Iterable[Bet], facts: Mapping[str, Any]) -> list[Figure]:
    """The figures of a run, those first that show a bet beside what happened."""
    first: list[Figure] = []
    rest = list(figures)
    for bet in bets:
        if isinstance(bet.question, Cell):
            grid = next((f for f in [*first, *rest] if _fits(f, bet.question)), None)
            if grid is None or (over := _marks(grid, bet.question, bet.answer, facts)) is grid:
                continue
            first, rest = ([f for f in some if f is not grid] for some in (first, rest))
            first.append(over)
        elif (figure := beside(bet.question, bet.answer, facts)) is not None:
            first.append(figure)
    return [*first, *rest]


def of_run(state: State, number: int, figures: Sequence[Figure]) -> list[Figure]:
    """The figures of run `number` of the lesson with the bets that it decided."""
    bets = [bet for bet in state.bets if bet.run == number and bet.verdict is not None]
    return laid(figures, bets, state.results[number][1].get("facts", {}))


def _fits(figure: Figure, question: Cell) -> bool:
    """Whether this is a grid of what the question asks about."""
    return (
        isinstance(figure, Heatmap) and figure.row_name == "layer" and figure.column_name in COLUMNS[question.columns]
    )


def _marks(grid: Figure, question: Cell, answer: Any, facts: Mapping[str, Any]) -> Figure:
    bet, run = as_cell(answer), cell_of(question, facts)
    return grid if bet is None or run is None else marked(grid, bet, run)
