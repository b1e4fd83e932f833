"""The side of a lesson: what the model will read, then the run with the bet laid over it, then a tweak's."""

from __future__ import annotations

from typing import Any

import pytest
from textual.app import App

from engine.figures import Curve, Heatmap, Tokens
from tests.drawing.figures import grid, tokens
from tests.ui.look import Stage, lines, until
from tests.ui.stage import lesson
from tutor import events as ev
from tutor.drawing import Marked
from tutor.loop import replay
from tutor.state import State
from tutor.ui.figures import FigurePanel
from tutor.ui.side import Side

LESSON = """
format: 1
id: a-lesson
title: A lesson
unit: attention
minutes: 5
difficulty: 1
concepts: [rank]
steps:
  - id: draw
    predict: {kind: curve, ask: "Draw it.", fact: ranks, unit: rank, low: 0, high: 10, close: 1}
  - id: point
    predict: {kind: cell, ask: "Which head?", row_fact: top_layer, column_fact: top_head, columns: heads}
  - id: do-it
    run: {experiment: logit_lens, with: {prompt: The capital of France is}}
  - id: look
    observe: "What do you see?"
  - id: keep
    takeaway: "What will you remember?"
"""
FACTS = {"ranks": [9.0, 6.0, 2.0, 0.0], "top_layer": 2, "top_head": 3}
BETS = [ev.Predicted("draw", [[0, 8.0], [3, 2.0]], "it falls", 70), ev.Predicted("point", [1, 0], "early", 40)]


def state(*events: ev.Event) -> State:
    return replay(lesson(LESSON), events)


def ran() -> State:
    figures: list[dict[str, Any]] = [f.model_dump(mode="json") for f in (tokens(), grid(4, 5))]
    result = {"facts": FACTS, "figures": figures, "parameters": {}}
    return state(*BETS, ev.RunFinished("do-it", result))


def said(app: App[Any]) -> str:
    return "\n".join(lines(app))


@pytest.mark.parametrize("size", [(60, 20), (80, 24), (60, 40)])
async def test_the_bets_are_laid_over_the_run_that_decided_them(size: tuple[int, int]) -> None:
    side = Side()
    async with Stage(side).run_test(size=size) as pilot:
        side.show_state(state(*BETS))
        await until(pilot, lambda: "The capital of France is" in said(pilot.app))
        side.show_state(ran())
        await until(pilot, lambda: "Your bet and the run  1/3" in said(pilot.app) and "░" in said(pilot.app))
        panel = pilot.app.query_one(FigurePanel)
        first, second, third = panel.figures
        assert isinstance(first, Curve)
        bet, run = first.series
        assert (bet.name, bet.values) == ("your bet", [8.0, 6.0, 4.0, 2.0])
        assert (run.name, run.values) == ("run", FACTS["ranks"])
        assert isinstance(second, Marked)
        assert isinstance(third, Tokens)
        side.focus_figure()
        await pilot.press("n")
        await until(pilot, lambda: "◆ yours: layer 1, head 0" in said(pilot.app) and said(pilot.app).count("★") >= 2)


async def test_while_a_run_goes_on_its_figures_are_plain() -> None:
    side = Side()
    async with Stage(side).run_test(size=(60, 24)) as pilot:
        side.show_state(state(*BETS))
        side.show_partial(0, grid(4, 5))
        await until(pilot, lambda: "A grid" in said(pilot.app))
        panel = pilot.app.query_one(FigurePanel)
        assert [type(f) for f in panel.figures] == [Heatmap]
        side.show_state(ran())
        await until(pilot, lambda: "Your bet and the run" in said(pilot.app))


async def test_a_result_of_an_older_version_is_no_crash() -> None:
    side = Side()
    result = {"facts": FACTS, "figures": [{"kind": "hologram"}], "parameters": {}}
    async with Stage(side).run_test(size=(60, 24)) as pilot:
        side.show_state(state(*BETS, ev.RunFinished("do-it", result)))
        await until(pilot, lambda: "Your bet and the run" in said(pilot.app))  # the facts can still be read


@pytest.mark.parametrize("partial", [[], [tokens()], [grid(4, 5)]], ids=["none", "another kind", "the same kind"])
async def test_who_turned_to_it_before_there_was_a_figure_is_at_the_figure_then(partial: list[Any]) -> None:
    """Its keys are named below it: they have to work."""
    side = Side()
    async with Stage(side).run_test(size=(60, 24)) as pilot:
        side.show_state(state(*BETS))
        await until(pilot, lambda: "The capital of France is" in said(pilot.app))
        side.focus_figure()
        await until(pilot, lambda: side.has_focus)
        for figure in partial:
            side.show_partial(0, figure)
            await until(pilot, lambda figure=figure: figure.title in said(pilot.app))  # type: ignore[misc]
        side.show_state(ran())
        await until(pilot, lambda: "Your bet and the run  1/3" in said(pilot.app))
        await pilot.press("n")
        await until(pilot, lambda: "2/3" in said(pilot.app))
