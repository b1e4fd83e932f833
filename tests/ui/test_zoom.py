"""Zooming into a grid, its two scales, its marks: by keys, by mouse, with and without colours."""

from __future__ import annotations

from typing import Any

import pytest
from textual.app import App
from textual.geometry import Offset, Region
from textual.pilot import Pilot

from tests.ui.example_figures import grid
from tests.ui.look import Stage, lines, until
from tutor.drawing import marked
from tutor.ui.figures import FigurePanel, HeatmapView
from tutor.ui.figures.zoom import between, cropped


def said(app: App[Any]) -> str:
    return "\n".join(lines(app))


async def ready(pilot: Pilot[None], view: HeatmapView) -> None:
    view.focus()
    await until(pilot, lambda: view.has_focus and "share" in said(pilot.app))


def test_a_part_is_a_figure_of_its_own() -> None:
    part = cropped(grid(10, 8, cells=True), Region(2, 3, 4, 5))
    assert part.rows == ["3", "4", "5", "6", "7"]
    assert part.columns == [" w2", " w3", " w4", " w5"]
    assert part.values[0] == [32.0, 33.0, 34.0, 35.0]
    assert part.cells
    assert part.cells[4][3] == " 7.5"
    assert part.scale() == (32.0, 75.0)


def test_the_corners_may_come_in_any_order() -> None:
    assert {between(Offset(1, 4), Offset(3, 2)), between(Offset(3, 2), Offset(1, 4))} == {Region(1, 2, 3, 3)}


async def test_two_corners_and_z_zoom_in_and_escape_backs_out() -> None:
    view = HeatmapView(grid(10, 8))
    async with Stage(view).run_test(size=(60, 20)) as pilot:
        await ready(pilot, view)
        await pilot.press("down", "down", "right", "z", "down", "down", "right")
        assert view.selected == Region(1, 2, 2, 3)
        assert "3 x 2 cells  arrows enlarge, enter zooms, esc leaves" in said(pilot.app)
        await pilot.press("z")
        assert view.figure.rows == ["2", "3", "4"]
        assert view.value == 42.0  # the cursor stays on its cell
        await until(pilot, lambda: "part, esc for all" in said(pilot.app))
        assert "w0" not in lines(pilot.app)[0]
        await pilot.press("ctrl+home", "z", "down", "enter")  # a part of the part
        assert view.figure.rows == ["2", "3"]
        assert view.figure.columns == [" w1"]
        await pilot.press("escape")
        assert view.figure.rows == ["2", "3", "4"]
        await pilot.press("Z")
        assert view.figure == grid(10, 8)
        assert view.value == 31.0


async def test_escape_leaves_the_selection_first_and_then_belongs_to_the_screen_again() -> None:
    left: list[str] = []

    class Screen(Stage):
        BINDINGS = [("escape", "leave", "leave"), ("enter", "go", "go")]

        def action_leave(self) -> None:
            left.append("escape")

        def action_go(self) -> None:
            left.append("enter")

    view = HeatmapView(grid(10, 8))
    async with Screen(view).run_test(size=(60, 20)) as pilot:
        await ready(pilot, view)
        await pilot.press("z", "down", "escape")
        assert view.selected is None
        assert view.figure == grid(10, 8)
        assert not left
        await pilot.press("escape", "enter")
        assert left == ["escape", "enter"]


async def test_one_cell_is_nothing_to_zoom_to() -> None:
    view = HeatmapView(grid(10, 8))
    async with Stage(view).run_test(size=(60, 20)) as pilot:
        await ready(pilot, view)
        await pilot.press("z", "z")
        assert view.figure == grid(10, 8)
        assert view.selected is None


async def test_dragging_the_mouse_zooms_and_a_click_does_not() -> None:
    view = HeatmapView(grid(10, 8))
    async with Stage(view).run_test(size=(60, 20)) as pilot:
        await ready(pilot, view)
        g = view.grid
        await pilot.mouse_down(view, offset=(g.left + 2 * g.cell, 1 + 3))
        await pilot.hover(view, offset=(g.left + 4 * g.cell, 1 + 6))
        assert view.selected == Region(2, 3, 3, 4)
        await pilot.mouse_up(view, offset=(g.left + 4 * g.cell, 1 + 6))
        assert view.figure.rows == ["3", "4", "5", "6"]
        assert view.figure.columns == [" w2", " w3", " w4"]
        await pilot.press("escape")
        await pilot.click(view, offset=(g.left + g.cell, 1))
        assert view.figure == grid(10, 8)
        assert view.cursor == Offset(1, 0)


@pytest.mark.parametrize("colour", [True, False])
@pytest.mark.parametrize("rows", [8, 30])
async def test_what_is_selected_looks_otherwise(colour: bool, rows: int) -> None:
    view = HeatmapView(grid(rows, 8))
    async with Stage(view, colour=colour).run_test(size=(60, 20)) as pilot:
        await ready(pilot, view)
        await pilot.press("ctrl+home", "right", "right")  # the cursor is elsewhere in both
        before = [list(view.render_line(y)) for y in (1, 4)]
        await pilot.press("z", "down", "right")
        after = [list(view.render_line(y)) for y in (1, 4)]
        assert before[0] != after[0]
        assert before[1] == after[1]


async def test_a_partial_result_keeps_the_part_and_another_size_does_not() -> None:
    view = HeatmapView(grid(10, 8, known=3))
    async with Stage(view).run_test(size=(60, 20)) as pilot:
        await ready(pilot, view)
        await pilot.press("down", "down", "z", "down", "down", "right", "z")
        view.update_figure(grid(10, 8, known=4))
        assert view.figure.rows == ["2", "3", "4"]
        assert view.figure.values[1] == [30.0, 31.0]
        view.update_figure(grid(12, 8))
        assert view.figure == grid(12, 8)
        assert view.value is not None


async def test_the_scale_can_be_centred_on_0_or_plain() -> None:
    view = HeatmapView(grid(10, 8, signed=True))
    async with Stage(view).run_test(size=(60, 20)) as pilot:
        await ready(pilot, view)
        assert view.figure.scale() == (-77.0, 77.0)
        await pilot.press("o")
        assert view.figure.scale() == (-20.0, 77.0)
        await until(pilot, lambda: "-20.00" in lines(pilot.app)[-1] + said(pilot.app))
        view.update_figure(grid(10, 8, signed=True, known=5))  # more comes in: the choice stays
        assert not view.figure.signed
        await pilot.press("o")
        assert view.figure.signed


async def test_a_scale_around_0_is_not_offered_where_nothing_is_below_0() -> None:
    panel = FigurePanel([grid(10, 8)])
    async with Stage(panel).run_test(size=(60, 20)) as pilot:
        panel.focus()
        await until(pilot, lambda: panel.view and panel.view.has_focus)
        await pilot.press("o")
        assert isinstance(panel.view, HeatmapView)
        assert not panel.view.figure.signed


@pytest.mark.parametrize("colour", [True, False])
@pytest.mark.parametrize("rows", [8, 30])
async def test_marks_are_seen_with_and_without_colours_and_move_with_the_part(colour: bool, rows: int) -> None:
    figure = marked(grid(rows, 8), (2, 3), (5, 6))
    panel = FigurePanel([figure])
    async with Stage(panel, colour=colour).run_test(size=(60, 24)) as pilot:
        panel.focus()
        await until(pilot, lambda: panel.view and panel.view.has_focus and "share" in said(pilot.app))
        await until(pilot, lambda: said(pilot.app).count("◆") == 2)  # in the line above and on its cell
        assert "…" not in said(pilot.app), "what fills a cell makes room for the sign"
        view = panel.view
        assert isinstance(view, HeatmapView)
        assert view.cursor == Offset(6, 5)  # begins at what the run says
        assert view.reading.startswith("56.00 ★")
        await pilot.press("ctrl+home", "down", "down", "right", "right", "right")
        assert "◆" in view.reading
        await pilot.press("z", "down", "left", "z")
        view = panel.view
        assert isinstance(view, HeatmapView)
        await pilot.press("home", "up", "right")
        assert "◆" in view.reading
