"""The panel that holds the figures of a run: turning, tables, partial results, copying, resizing."""

from __future__ import annotations

import pytest
from textual.containers import Vertical
from textual.geometry import Offset
from textual.pilot import Pilot
from textual.widgets import Input

from engine.figures import Distribution, Figure, Table, Tokens
from tests.ui.example_figures import MARKUP, curve, grid, texts, tokens
from tests.ui.look import Stage, drawn, lines, until
from tutor.ui.figures import FigurePanel, FigureView, HeatmapView, TableView


async def ready(pilot: Pilot[None], panel: FigurePanel) -> None:
    panel.focus()
    await until(pilot, lambda: panel.view and panel.view.has_focus and panel.view.virtual_size.height)
    await drawn(pilot)


async def test_the_panel_turns_from_figure_to_figure_and_keeps_the_focus() -> None:
    panel = FigurePanel([tokens(), grid(), curve(1.0, 2.0)])
    async with Stage(Vertical(Input(), panel)).run_test(size=(60, 24)) as pilot:
        await ready(pilot, panel)
        assert "The next token  1/3" in "\n".join(lines(pilot.app))
        assert "After a prompt." in "\n".join(lines(pilot.app))
        # the input above is where the focus would go if nobody kept it
        for key, title in (("n", "A grid"), ("right_square_bracket", "Rank"), ("n", "The next token"), ("p", "Rank")):
            await pilot.press(key)
            await until(pilot, lambda title=title: f"{title}  " in lines(pilot.app)[3])  # type: ignore[misc]
            await until(pilot, lambda: panel.view and panel.view.has_focus)
        assert "After a prompt." not in "\n".join(lines(pilot.app))


@pytest.mark.parametrize("figure", [tokens(), texts(" a", " b"), curve(1.0, 2.0), grid(cells=True)])
async def test_every_figure_can_be_read_as_a_table(figure: Figure) -> None:
    panel = FigurePanel([figure])
    async with Stage(panel).run_test(size=(80, 24)) as pilot:
        await ready(pilot, panel)
        picture = panel.view
        assert picture is not None
        await pilot.press("t")
        await until(pilot, lambda: isinstance(panel.view, TableView) and panel.view.has_focus)
        heads, rows = figure.table()
        for word in (heads[0], rows[0][-1].strip()):  # the picture may hold the first one, too
            await until(pilot, lambda word=word: word in "\n".join(lines(pilot.app)))  # type: ignore[misc]
        await pilot.press("t")
        await until(pilot, lambda: panel.view is picture and picture.has_focus)


async def test_a_partial_result_fills_in_and_leaves_the_cursor_where_it_is() -> None:
    panel = FigurePanel([grid(known=1)])
    async with Stage(panel).run_test(size=(60, 20)) as pilot:
        await ready(pilot, panel)
        view = panel.view
        assert isinstance(view, HeatmapView)
        await pilot.press("down", "down", "right", "right", "right")
        before = view.value
        assert before is None
        for known in (2, 3):
            panel.update_figure(0, grid(known=known))
        assert view.has_focus
        assert (view.cursor, view.value) == (Offset(3, 2), 23.0)
        assert panel.view is view
        await until(pilot, lambda: "23.00" in "\n".join(lines(pilot.app)))


async def test_a_partial_result_does_not_undo_scrolling() -> None:
    panel = FigurePanel([grid(100, 5, known=50)])
    async with Stage(panel).run_test(size=(60, 20)) as pilot:
        await ready(pilot, panel)
        assert panel.view
        panel.view.scroll_to(y=20, animate=False)
        await drawn(pilot)
        panel.update_figure(0, grid(100, 5, known=60))
        await drawn(pilot)
        assert panel.view.scroll_y == 20


async def test_figures_may_come_one_by_one_and_in_any_order() -> None:
    panel = FigurePanel()
    async with Stage(panel).run_test(size=(60, 20)) as pilot:
        assert "no figure yet" in "\n".join(lines(pilot.app))
        panel.update_figure(1, tokens())
        await until(pilot, lambda: "BASE" in "\n".join(lines(pilot.app)))
        panel.update_figure(0, grid())
        await until(pilot, lambda: "The next token  2/2" in lines(pilot.app)[0])
        assert [f.title for f in panel.figures] == ["A grid", "The next token"]
        panel.update_figure(1, grid())  # another kind in the same place
        await until(pilot, lambda: isinstance(panel.view, HeatmapView))
        panel.show_figures([curve(1.0, 2.0)])
        await until(pilot, lambda: lines(pilot.app)[0].strip() == "Rank")
        await until(pilot, lambda: len(panel.query(FigureView)) == 1)


async def test_copying_gives_the_text_form_and_code_is_asked_for() -> None:
    asked: list[FigurePanel.CodeWanted] = []

    class Screen(Stage):
        def on_figure_panel_code_wanted(self, message: FigurePanel.CodeWanted) -> None:
            asked.append(message)

    figure = tokens()
    panel = FigurePanel([figure])
    app = Screen(panel)
    async with app.run_test(size=(60, 20)) as pilot:
        await ready(pilot, panel)
        await pilot.press("c")
        assert app.clipboard == figure.text()
        await pilot.press("s")
        await until(pilot, lambda: asked)


async def test_the_keys_of_the_panel_can_be_clicked() -> None:
    panel = FigurePanel([tokens()])
    async with Stage(panel).run_test(size=(60, 20)) as pilot:
        await until(pilot, lambda: "t table" in lines(pilot.app)[-1])
        await pilot.click(offset=(lines(pilot.app)[-1].index("table"), 19))
        await until(pilot, lambda: isinstance(panel.view, TableView))


@pytest.mark.parametrize("light", [True, False])
@pytest.mark.parametrize("size", [(40, 20), (60, 20)])
async def test_text_of_a_model_is_shown_as_what_it_is(size: tuple[int, int], light: bool) -> None:
    odd = "[red]x[/red]␛[31m"
    figures: list[Figure] = [
        Tokens(title=MARKUP, note=MARKUP, runs=[Distribution(tokens=[MARKUP], probabilities=[1.0])]),
        texts(MARKUP, MARKUP),
        grid().model_copy(update={"columns": [MARKUP] * 5}),
        curve(1.0).model_copy(update={"x": [MARKUP]}),
        Table(title="", heads=[MARKUP], body=[[MARKUP]]),
    ]
    panel = FigurePanel(figures)
    async with Stage(panel, light=light).run_test(size=size) as pilot:
        for _ in figures:
            await ready(pilot, panel)
            await pilot.pause()
            screen = "\n".join(lines(pilot.app))
            assert "\x1b" not in screen
            assert odd[:5] in screen
            await pilot.press("n")
        await until(pilot, lambda: odd in lines(pilot.app)[0])


async def test_a_resize_keeps_the_cursor_and_the_figure() -> None:
    panel = FigurePanel([tokens(), grid(30, 14, cells=True)])
    async with Stage(panel).run_test(size=(118, 38)) as pilot:
        await ready(pilot, panel)
        await pilot.press("n")
        await ready(pilot, panel)
        await pilot.press("ctrl+home", *["down"] * 12, *["right"] * 9)
        for size in ((40, 16), (60, 20), (118, 38)):
            await pilot.resize_terminal(*size)
            await until(pilot, lambda size=size: panel.size.width == size[0] - 2)  # type: ignore[misc]
            view = panel.view
            assert isinstance(view, HeatmapView)
            assert view.cursor == Offset(9, 12)
            await until(pilot, lambda: "129  ·12.9  layer 12" in "\n".join(lines(pilot.app)))


NUMBERS = Table(title="The two logits", heads=["run", "difference"], body=[["BASE", "6.12"], ["TWEAK", "3.08"]])


async def test_the_next_figures_stand_under_one_that_leaves_them_room() -> None:
    panel = FigurePanel([tokens(n=2), texts(" Mary", " John"), NUMBERS])
    async with Stage(panel).run_test(size=(60, 30)) as pilot:
        await ready(pilot, panel)
        shown = titles(pilot)
        assert shown == ["The next token  1/3", "What it writes  2/3", "The two logits  3/3"]
        assert "TWEAK        3.08" in "\n".join(lines(pilot.app))
        await pilot.press("n")
        await until(pilot, lambda: titles(pilot) == shown[1:])
        await pilot.press("n")
        await until(pilot, lambda: titles(pilot) == shown[2:])
        await pilot.press("n")
        await until(pilot, lambda: titles(pilot) == shown)


async def test_a_figure_stands_under_another_whole_or_not_at_all() -> None:
    panel = FigurePanel([tokens(n=2), curve(1.0, 2.0), NUMBERS])
    async with Stage(panel).run_test(size=(60, 18)) as pilot:
        await ready(pilot, panel)
        assert titles(pilot) == ["The next token  1/3", "The two logits  3/3"]
        await pilot.resize_terminal(60, 40)
        await until(pilot, lambda: len(titles(pilot)) == 3)
        await pilot.resize_terminal(60, 10)
        await until(pilot, lambda: titles(pilot) == ["The next token  1/3"])


@pytest.mark.parametrize("first", [tokens(n=2), curve(1.0, 2.0), grid(3, 4)])
async def test_what_stands_under_a_figure_follows_the_run(first: Figure) -> None:
    panel = FigurePanel([first])
    async with Stage(panel).run_test(size=(60, 40)) as pilot:
        await ready(pilot, panel)
        panel.update_figure(1, NUMBERS)
        await until(pilot, lambda: "6.12" in "\n".join(lines(pilot.app)))
        panel.update_figure(1, NUMBERS.model_copy(update={"body": [["BASE", "7.50"]]}))
        await until(pilot, lambda: "7.50" in "\n".join(lines(pilot.app)))
        assert "6.12" not in "\n".join(lines(pilot.app))
        panel.show_figures([first])
        await until(pilot, lambda: "7.50" not in "\n".join(lines(pilot.app)))


def titles(pilot: Pilot[None]) -> list[str]:
    """The titles on the screen, with their places."""
    return [line.strip() for line in lines(pilot.app) if line.rstrip().endswith(("1/3", "2/3", "3/3"))]
