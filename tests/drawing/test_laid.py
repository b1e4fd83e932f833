"""Differences, marks, and bets laid over the figures of the run that decided them."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest

from engine.figures import Curve, Heatmap
from tests.drawing.figures import curve, grid, tokens
from tutor.course.format import Cell, Choice, Drawn
from tutor.drawing import Change, Marked, change, marked
from tutor.drawing.laid import laid, of_run
from tutor.drawing.roles import role
from tutor.predict import Verdict
from tutor.state import Bet

DRAWN = Drawn(kind="curve", ask="Draw it.", fact="ranks", unit="rank", low=0, high=10, close=1)
CELL = Cell(kind="cell", ask="Which head?", row_fact="top_layer", column_fact="top_head", columns="heads")
CHOICE = Choice.model_validate(
    {
        "kind": "choice",
        "ask": "Which?",
        "options": [
            {"id": "a", "says": "A", "when": {"x": {"below": 1}}},
            {"id": "b", "says": "B", "when": {"x": {"at_least": 1}}},
        ],
    }
)


def bet(question: Any, answer: Any, run: int = 0) -> Bet:
    scored = Verdict(right=False, truth="", line="")
    return Bet("guess", question, answer, "", 70, scored, run=run)


# --- differences ---


def test_the_change_of_each_token_is_signed_and_the_largest_comes_first() -> None:
    found = change(tokens())
    assert isinstance(found, Change)
    assert found.names == ("BASE", "TWEAK")
    changes = dict(zip(found.tokens, found.changes, strict=True))
    assert changes[" Mary"] == pytest.approx(-0.5)
    assert changes[" 北京"] == pytest.approx(0.3)
    assert changes["🙂"] is None  # not among those that the other run showed
    assert found.tokens[:2] == [" Mary", " 北京"]
    said = found.text()
    assert "-0.500" in said
    assert "+0.300" in said
    assert found.table()[1][0] == ["·Mary", "0.7500", "0.2500", "-0.500"]


def test_a_bet_and_a_run_have_a_difference_too() -> None:
    found = change(tokens("YOURS", "RUN"))
    assert isinstance(found, Change)
    assert "RUN less YOURS" in found.title
    of_curves = change(curve([1.0, None, 3.0], [2.0, 5.0, 1.0]))
    assert isinstance(of_curves, Curve)
    assert of_curves.series[0].values == [1.0, None, -2.0]


def test_what_has_no_two_runs_has_no_difference() -> None:
    assert change(grid()) is None
    assert change(curve([1.0], names=("rank",))) is None
    assert change(tokens("BASE", "#2")) is None


def test_ink_follows_whose_it_is() -> None:
    assert [role(["your bet", "run"], i) for i in (0, 1)] == ["yours", "run"]
    assert [role(["BASE", "TWEAK"], i) for i in (0, 1)] == ["base", "run"]
    assert role(["rank"], 0) == "run"
    assert len({role(["a", "b", "c"], i) for i in range(3)}) == 3


# --- marks ---


def test_both_cells_are_marked_and_said() -> None:
    found = marked(grid(), (1, 2), (3, 4))
    assert isinstance(found, Marked)
    assert found.signs(1, 2) == "◆"
    assert found.signs(3, 4) == "★"
    assert found.signs(0, 0) == ""
    assert "◆ yours: layer 1, head 2   ★ the run: layer 3, head 4" in found.text()
    assert found.values == grid().values


def test_one_cell_can_hold_both() -> None:
    found = marked(grid(), (1, 2), (1, 2))
    assert isinstance(found, Marked)
    assert found.signs(1, 2) == "◆★"


def test_a_layer_is_found_by_its_name() -> None:
    part = grid().model_copy(update={"rows": ["4", "5", "6", "7"]})
    found = marked(part, (5, 0), (7, 1))
    assert isinstance(found, Marked)
    assert [(m.row, m.column) for m in found.marks] == [(1, 0), (3, 1)]


def test_cells_that_are_not_there_are_not_marked() -> None:
    assert marked(grid(), (99, 0), (0, 99)) == grid()
    assert marked(tokens(), (0, 0), (0, 0)) == tokens()


# --- bets over the run ---


def test_a_drawn_curve_comes_first_with_the_run_over_it() -> None:
    first, *rest = laid([grid()], [bet(DRAWN, [[0, 9.0], [2, 1.0]])], {"ranks": [8.0, 5.0, 2.0]})
    assert isinstance(first, Curve)
    assert [s.name for s in first.series] == ["your bet", "run"]
    assert first.series[0].values == [9.0, 5.0, 1.0]
    assert first.between
    assert rest == [grid()]


def test_the_grid_of_a_cell_bet_is_marked_and_comes_first() -> None:
    figures = [tokens(), grid(column="position"), grid()]
    first, *rest = laid(figures, [bet(CELL, [1, 2])], {"top_layer": 3, "top_head": 4})
    assert isinstance(first, Marked)
    assert [m.sign for m in first.marks] == ["◆", "★"]
    assert rest == figures[:2]


def test_two_cell_bets_share_a_grid() -> None:
    first, *rest = laid([grid()], [bet(CELL, [1, 2]), bet(CELL, [0, 0])], {"top_layer": 3, "top_head": 4})
    assert isinstance(first, Marked)
    assert len(first.marks) == 4
    assert not rest


@pytest.mark.parametrize(
    ("question", "answer", "facts"),
    [
        (CHOICE, "a", {"x": 1}),
        (DRAWN, [[0, 1.0]], {}),
        (DRAWN, "junk", {"ranks": [1.0]}),
        (CELL, [1, 2], {"top_layer": None}),
        (CELL, "junk", {"top_layer": 1, "top_head": 1}),
    ],
)
def test_bets_that_cannot_be_laid_over_leave_the_figures_alone(question: Any, answer: Any, facts: Any) -> None:
    figures = [tokens(), grid()]
    assert laid(figures, [bet(question, answer)], facts) == figures


def test_only_the_bets_that_a_run_decided_are_laid_over_it() -> None:
    mine = bet(DRAWN, [[0, 9.0]], run=0)
    state: Any = SimpleNamespace(
        bets=(mine, replace(mine, run=1), replace(mine, verdict=None, run=None)),
        results=(
            ("do-it", {"facts": {"ranks": [1.0, 2.0]}, "figures": [grid().model_dump()]}),
            ("tweak", {"facts": {}, "figures": [grid().model_dump()]}),
        ),
    )
    assert isinstance(of_run(state, 0)[0], Curve)
    assert isinstance(of_run(state, 1)[0], Heatmap)
