"""The heatmap: its cursor, its scale, its ways to fit in, and what is left of it without colours."""

from __future__ import annotations

import re
from typing import Any

import pytest
from rich.color import Color
from textual.geometry import Offset

from engine.figures import LESS, MORE, NOT_YET, Heatmap, glyph
from tests.ui.example_figures import grid
from tests.ui.look import Stage, lines, until
from tutor.drawing import marked
from tutor.ui.figures import FigurePanel, HeatmapView
from tutor.ui.figures.colours import level, ramp
from tutor.ui.figures.grid import Grid


def test_levels_follow_the_values_and_nothing_is_shown_for_what_is_not_known() -> None:
    steps: list[Any] = [level(v, (0.0, 1.0)) for v in (0.0, 0.3, 0.6, 1.0)]
    assert steps == sorted(steps) == [*dict.fromkeys(steps)]
    assert steps[-1] == len(ramp(False, True)) - 1
    assert level(None, (0.0, 1.0)) is None
    assert level(float("nan"), (0.0, 1.0)) is None


def test_glyphs_tell_small_from_large_and_negative_from_positive_without_colour() -> None:
    assert [glyph(v, (0.0, 1.0), False) for v in (0, 0.25, 0.5, 0.75, 1)] == list(MORE)
    assert [glyph(-v, (-1.0, 1.0), True) for v in (0.25, 0.5, 0.75, 1)] == list(LESS[1:])
    assert not {*MORE[1:]} & {*LESS[1:]}
    assert glyph(None, (0.0, 1.0), False) == NOT_YET
    assert NOT_YET not in MORE + LESS


@pytest.mark.parametrize("dark", [True, False])
def test_the_middle_of_the_signed_scale_is_close_to_the_screen(dark: bool) -> None:
    middle = ramp(True, dark)[len(ramp(True, dark)) // 2]
    assert (sum(middle) / 3 < 90) if dark else (sum(middle) / 3 > 200)


async def test_the_heatmap_says_the_value_at_the_cursor_and_its_scale() -> None:
    view = HeatmapView(grid())
    async with Stage(view).run_test(size=(60, 16)) as pilot:
        view.focus()
        await pilot.press("down", "down", "right")
        assert view.value == 21.0
        screen = "\n".join(lines(pilot.app))
        assert "21.00  layer 2, position ·w1" in screen
        assert "0.000" in screen
        assert "34.00  share" in screen  # the ends of the scale
        await pilot.press("ctrl+end", "right", "down")
        assert view.cursor == Offset(4, 3)
        assert view.reading.startswith("34.00")


async def test_a_click_moves_the_cursor_to_the_cell() -> None:
    view = HeatmapView(grid())
    async with Stage(view).run_test(size=(60, 16)) as pilot:
        await until(pilot, lambda: "share" in "\n".join(lines(pilot.app)))
        await pilot.click(view, offset=(view.grid.left + 3 * view.grid.cell, 1 + 2))
        assert view.cursor == Offset(3, 2)
        assert view.has_focus
        await pilot.click(view, offset=(1, 0))  # a name is no cell
        assert view.cursor == Offset(3, 2)


async def test_a_heatmap_larger_than_its_room_scrolls_within_itself() -> None:
    view = HeatmapView(grid(100, 90))
    async with Stage(view).run_test(size=(60, 16)) as pilot:
        view.focus()
        await until(pilot, lambda: view.max_scroll_x and view.max_scroll_y)
        await pilot.press("ctrl+end")
        await until(pilot, lambda: view.scroll_y == view.max_scroll_y)
        screen = lines(pilot.app)
        assert "layer 99, position ·w89" in "\n".join(screen)
        assert any(line.split()[:1] == ["98–99"] for line in screen)  # its row is in sight
        assert "layer" in screen[0]  # the names of the columns did not scroll away
        assert pilot.app.screen.max_scroll_x == 0


@pytest.mark.parametrize("size", [(40, 12), (60, 16), (118, 38)])
@pytest.mark.parametrize("cells", [True, False])
async def test_the_cell_under_the_cursor_is_in_sight_at_every_size(size: tuple[int, int], cells: bool) -> None:
    view = HeatmapView(grid(30, 14, cells=cells))
    async with Stage(view).run_test(size=size) as pilot:
        view.focus()
        for keys in (["ctrl+end"], ["ctrl+home"], ["end"], ["pagedown"]):
            await pilot.press(*keys)
            await pilot.pause()
            x = view.cursor.x * view.grid.cell - view._shift()
            assert 0 <= x <= view.scrollable_content_region.width - view.grid.left - view.grid.cell
            assert 1 <= view._screen_line(view.cursor.y) < view._foot().start
            assert view.reading in " ".join(line.strip() for line in " ".join(lines(pilot.app)).split())


@pytest.mark.parametrize("cells", [True, False])
async def test_the_row_of_the_cursor_stays_in_sight_when_there_is_less_room(cells: bool) -> None:
    view = HeatmapView(grid(30, 5, cells=cells))
    async with Stage(view, colour=False).run_test(size=(60, 30)) as pilot:
        view.focus()
        await pilot.press("ctrl+end")
        for height in (26, 20, 16):
            await pilot.resize_terminal(60, height)
            await until(pilot, lambda h=height: view.size.height == h)  # type: ignore[misc]
            await until(pilot, lambda: any(line.split()[:1] == ["29"] for line in lines(pilot.app)))


@pytest.mark.parametrize("size", [(60, 14), (60, 16), (80, 16), (80, 18), (100, 20)])
@pytest.mark.parametrize("hidden", [True, False])
async def test_a_lens_that_is_too_wide_has_its_answer_in_sight(size: tuple[int, int], hidden: bool) -> None:
    """The scroll bar under it takes a line, once it is known that there is one."""
    panel = FigurePanel([grid(30, 5, cells=True)])
    async with Stage(panel).run_test(size=size) as pilot:
        await until(pilot, lambda: panel.view and "29.4" in "\n".join(lines(pilot.app)))
        panel.display = not hidden
        await pilot.pause()
        panel.show_figures([grid(30, 14, cells=True)])
        await pilot.pause()
        panel.display = True
        view = panel.view
        assert isinstance(view, HeatmapView)
        await until(pilot, lambda: view.show_horizontal_scrollbar)
        assert view.cursor == Offset(13, 29), "of another text: where one was means nothing"
        await until(pilot, lambda: any(line.split()[:1] == ["29"] and "[·29" in line for line in lines(pilot.app)))


@pytest.mark.parametrize("cells", [True, False])
async def test_names_of_columns_are_whole_where_there_is_room(cells: bool) -> None:
    figure = grid(30, 4, cells=cells).model_copy(update={"columns": ["The", " capital", " of", " Finland"]})
    async with Stage(HeatmapView(figure)).run_test(size=(60, 20)) as pilot:
        await until(pilot, lambda: "share" in "\n".join(lines(pilot.app)))
        assert lines(pilot.app)[0].split() == ["layer", "The", "·capital", "·of", "·Finland"]


@pytest.mark.parametrize("cells", [True, False])
async def test_without_colours_small_and_large_still_look_different(cells: bool) -> None:
    view = HeatmapView(grid(signed=True, cells=cells))
    async with Stage(view, colour=False).run_test(size=(60, 16)) as pilot:
        await until(pilot, lambda: "share" in "\n".join(lines(pilot.app)))
        assert view.monochrome
        assert view.grid.stacked == 1
        screen = "\n".join(lines(pilot.app)[1:5])
        assert "#" in screen  # the most negative
        assert MORE[3] in screen  # positive: 14 of 20


@pytest.mark.parametrize("colour", [True, False])
@pytest.mark.parametrize("middle", [0.0, -6.0])
async def test_the_middle_of_the_scale_is_said_where_it_is_not_0(middle: float, colour: bool) -> None:
    view = HeatmapView(grid(signed=True).model_copy(update={"middle": middle}))
    async with Stage(view, colour=colour).run_test(size=(60, 16)) as pilot:
        await until(pilot, lambda: "share" in "\n".join(lines(pilot.app)))
        said = next(line for line in lines(pilot.app) if "share" in line)
        assert re.findall(r"-?[\d.]+", said) == (["-26.00", "-6.00", "14.00"] if middle else ["-20.00", "20.00"])


async def test_many_rows_are_drawn_two_in_a_line_and_the_cursor_reaches_both() -> None:
    view = HeatmapView(grid(30, 14))
    async with Stage(view).run_test(size=(60, 20)) as pilot:
        view.focus()
        await until(pilot, lambda: view.grid.stacked == 2)
        before = view.render_line(1)
        await pilot.press("down")
        assert view.cursor.y == 1
        assert view.render_line(1) != before  # the other half of the same line
        at = (view.grid.left + 2 * view.grid.cell, 1)
        await pilot.click(view, offset=at)
        await pilot.click(view, offset=at)
        assert view.cursor == Offset(2, 1)


def with_marks(rows: int, columns: int, yours: tuple[int, int], run: tuple[int, int]) -> HeatmapView:
    figure = marked(grid(rows, columns), yours, run)
    assert isinstance(figure, Heatmap)
    return HeatmapView(figure)


def grounds(view: HeatmapView, line: int) -> list[object]:
    """What each cell of the terminal in a line of the grid has behind it."""
    if not view._painter:
        return []
    strip = view._painter.line(line, view.cursor)
    return [segment.style and segment.style.bgcolor for segment in strip for _ in segment.text]


async def test_a_mark_is_on_its_own_row_in_its_own_colour_where_rows_share_lines() -> None:
    view = with_marks(30, 6, (27, 4), (5, 2))
    async with Stage(view).run_test(size=(60, 20)) as pilot:
        view.focus()
        await until(pilot, lambda: view.grid.stacked == 2 and "★" in "\n".join(lines(pilot.app)))
        assert view.cursor == Offset(2, 5)
        screen = lines(pilot.app)
        names = {row.split()[0]: row for row in screen if row.split()}
        assert "6–7" in names
        assert "★" in names["5"], "not in a line that is called 4"
        assert "★" not in names["4"]
        colours, wide = ramp(False, True), view.grid.cell
        for row, column in ((4, 2), (5, 2), (26, 4), (27, 4)):
            step = level(view.figure.values[row][column], view.figure.scale())
            assert step is not None
            ground = Color.from_triplet(colours[step])
            line = grounds(view, view.grid.line(row))
            assert line[column * wide : (column + 1) * wide] == [ground] * wide, f"row {row}, also under the cursor"
        assert view.grid.bands[view.grid.line(28)] == (28, 29), "rows without marks share a line as before"
        view.cursor = Offset(4, 27)
        await until(pilot, lambda: any("27" in row and "◆" in row for row in lines(pilot.app)[1:]))


async def test_every_row_can_be_clicked_where_some_have_a_line_of_their_own() -> None:
    view = with_marks(12, 6, (7, 4), (4, 2))
    async with Stage(view).run_test(size=(60, 12)) as pilot:
        view.focus()
        await until(pilot, lambda: view.grid.stacked == 2 and "share" in "\n".join(lines(pilot.app)))
        for line, band in enumerate(view.grid.bands):
            for row in band:
                await pilot.click(view, offset=(view.grid.left, 1 + line))
                assert view.cursor == Offset(0, row)


async def test_the_colour_under_the_cursor_can_still_be_seen_where_two_rows_share_a_line() -> None:
    view = HeatmapView(grid(30, 6))
    async with Stage(view).run_test(size=(60, 20)) as pilot:
        view.focus()
        await until(pilot, lambda: view.grid.stacked == 2 and view.grid.cell > 3)
        assert view._painter
        view.cursor = Offset(1, 4)
        here = list(view._painter.line(2, view.cursor))
        view.cursor = Offset(1, 9)
        gone = list(view._painter.line(2, view.cursor))
        assert here[1].text != gone[1].text, "its ends are marked"
        assert here[2].style == gone[1].style, "and between them it is as before"


async def test_rows_that_are_not_measured_yet_look_and_read_so() -> None:
    view = HeatmapView(grid(known=2))
    async with Stage(view).run_test(size=(60, 16)) as pilot:
        view.focus()
        await pilot.press("ctrl+end")
        assert view.reading.startswith("not yet")
        assert NOT_YET in lines(pilot.app)[3]
        assert NOT_YET not in lines(pilot.app)[1]


def test_a_grid_uses_the_room_it_is_given() -> None:
    assert Grid.fitting(grid(10, 10), 60, 20, texts=True, halves=True).stacked == 1
    assert Grid.fitting(grid(30, 10), 60, 20, texts=True, halves=True).stacked == 2
    assert Grid.fitting(grid(30, 10), 60, 20, texts=True, halves=False).stacked == 1
    wide, narrow = (Grid.fitting(grid(10, 10), w, 20, texts=True, halves=True) for w in (118, 40))
    assert wide.cell > narrow.cell >= 1


def patched(known: int = 30) -> Heatmap:
    """A patching sweep: most patches change nothing, one brings the answer back, one takes it farther away."""
    figure = grid(30, 8, known=known, signed=True)
    values: list[list[float | None]] = [[None if v is None else -3.0 for v in row] for row in figure.values]
    for (row, column), value in {(28, 5): 4.0, (3, 1): -5.0}.items():
        if row < known:
            values[row][column] = value
    return figure.model_copy(update={"values": values})


@pytest.mark.parametrize("colour", [True, False])
async def test_a_grid_opens_at_the_cell_that_tells_most(colour: bool) -> None:
    view = HeatmapView(patched())
    async with Stage(view, colour=colour).run_test(size=(60, 16)) as pilot:
        await until(pilot, lambda: any("4.00  layer 28, position ·w5" in line for line in lines(pilot.app)))
        await until(pilot, lambda: any("28" in line.split()[0] for line in lines(pilot.app)[1:] if line.split()))
        assert view.scroll_y > 0


async def test_columns_out_of_sight_are_counted_as_rows_are() -> None:
    view = HeatmapView(grid(4, 60))
    async with Stage(view, colour=False).run_test(size=(60, 16)) as pilot:
        view.focus()
        await until(pilot, lambda: any(" more" in line and "→" in line for line in lines(pilot.app)))
        assert not any("←" in line for line in lines(pilot.app))
        await pilot.press("end")
        await until(pilot, lambda: any(" more" in line and "←" in line for line in lines(pilot.app)))
        hidden = next(line for line in lines(pilot.app) if "←" in line)
        assert "→" not in hidden
        shown = (view.scrollable_content_region.width - view.grid.left) // view.grid.cell
        assert f"← {60 - shown} more" in hidden


async def test_rows_out_of_sight_are_counted_where_there_is_room() -> None:
    view = HeatmapView(grid(30, 4))
    async with Stage(view, colour=False).run_test(size=(60, 16)) as pilot:
        view.focus()
        await until(pilot, lambda: any(line.endswith("↓ 17 more") for line in lines(pilot.app)))
        await pilot.press("pagedown", "pagedown")
        await until(pilot, lambda: any(line.endswith("↑ 4 ↓ 13 more") for line in lines(pilot.app)))
        await pilot.press("ctrl+end")
        await until(pilot, lambda: any(line.endswith("↑ 17 more") for line in lines(pilot.app)))
        await pilot.resize_terminal(60, 40)
        await until(pilot, lambda: view.size.height == 40)
        await until(pilot, lambda: not any("more" in line for line in lines(pilot.app)))


async def test_while_a_run_fills_a_grid_in_its_cursor_stays() -> None:
    view = HeatmapView(patched(4))
    async with Stage(view, colour=False).run_test(size=(60, 16)) as pilot:
        for known in (5, 20, 28):
            view.update_figure(patched(known))
            await pilot.pause()
            assert (view.cursor, view.scroll_y) == (Offset(0, 0), 0)
        view.update_figure(patched())
        await until(pilot, lambda: view.cursor == Offset(5, 28) and view.scroll_y > 0)
        view.update_figure(patched().model_copy(update={"values": grid(30, 8).values}))
        await pilot.pause()
        assert view.cursor == Offset(5, 28), "another grid in its place: it is found once"


async def test_a_cursor_that_the_learner_moved_is_theirs() -> None:
    view = HeatmapView(patched(4))
    async with Stage(view).run_test(size=(60, 16)) as pilot:
        view.focus()
        await pilot.press("down", "right")
        view.update_figure(patched())
        await pilot.pause()
        assert view.cursor == Offset(1, 1)


async def test_every_row_that_is_seen_has_its_name() -> None:
    view = HeatmapView(grid(30, 6))
    async with Stage(view).run_test(size=(60, 20)) as pilot:
        view.focus()
        await pilot.press("ctrl+end")
        for _ in range(3):
            await until(pilot, lambda: view.grid.stacked == 2)
            named = [line.split()[0] for line in lines(pilot.app) if "–" in line[:6]]
            assert named == [f"{row}–{row + 1}" for row in range(0, 30, 2)][-len(named) :]
            assert len(named) > 10
            await pilot.press("up")


async def test_the_key_line_says_that_the_arrows_move() -> None:
    panel = FigurePanel([grid()])
    async with Stage(panel).run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: "←↑↓→ move" in "\n".join(lines(pilot.app)))
        row = next(y for y, line in enumerate(lines(pilot.app)) if "move" in line)
        await pilot.click(offset=(lines(pilot.app)[row].index("move"), row))
        await until(pilot, lambda: panel.view and panel.view.has_focus)
        assert isinstance(panel.view, HeatmapView)
        assert panel.view.cursor == Offset(0, 0)


@pytest.mark.parametrize(("width", "whole"), [(70, True), (56, True), (36, False)])
async def test_the_colours_of_the_scale_give_way_to_what_is_measured(width: int, whole: bool) -> None:
    figure = grid().model_copy(update={"value_name": "probability of the top token"})
    async with Stage(HeatmapView(figure)).run_test(size=(width, 20)) as pilot:
        await until(pilot, lambda: any("  prob" in line for line in lines(pilot.app)))
        (scale,) = [line for line in lines(pilot.app) if "  prob" in line]
        assert scale.endswith("probability of the top token") == whole
        assert whole or scale.endswith("…")
