"""The forms of a figure beside its picture, and what can be done with it: difference, attention, saving, keys."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from textual.app import App
from textual.pilot import Pilot

from engine.figures import Curve, Figure, Series, Table
from tests.drawing.figures import pattern
from tests.ui.example_figures import curve, grid, texts, tokens
from tests.ui.look import Stage, lines, until
from tutor.drawing import Change, svg
from tutor.ui.figures import CurveView, FigurePanel, FigureView, HeatmapView, TableView, TextsView
from tutor.ui.figures.attention import AttentionView, is_pattern, number
from tutor.ui.figures.keyline import Key
from tutor.ui.figures.save import save, slug


def said(app: App[Any]) -> str:
    return "\n".join(lines(app))


async def ready(pilot: Pilot[None], panel: FigurePanel) -> None:
    panel.focus()
    await until(pilot, lambda: panel.view and panel.view.has_focus and panel.view.virtual_size.height)
    await pilot.pause()


# --- difference ---


@pytest.mark.parametrize("colour", [True, False])
async def test_d_shows_what_changed_and_d_again_the_picture(colour: bool) -> None:
    panel = FigurePanel([tokens()])
    async with Stage(panel, colour=colour).run_test(size=(60, 20)) as pilot:
        await ready(pilot, panel)
        await pilot.press("d")
        await until(pilot, lambda: "TWEAK less BASE" in said(pilot.app) and "-0.500" in said(pilot.app))
        mary, beijing = (next(row for row in lines(pilot.app) if name in row) for name in ("Mary", "北京"))
        assert mary.index("▒") < mary.index("│")  # less to the left, more to the right, of another glyph
        assert beijing.index("█") > beijing.index("│")
        assert panel.view
        assert panel.view.has_focus
        await pilot.press("c")
        assert isinstance(panel.view.figure, Change)
        assert pilot.app.clipboard == panel.view.figure.text()
        await pilot.press("d")
        await until(pilot, lambda: "0.750" in said(pilot.app))


async def test_the_form_stays_while_one_turns_and_what_has_none_is_a_picture() -> None:
    panel = FigurePanel([tokens(), grid(), tokens()])
    async with Stage(panel).run_test(size=(60, 20)) as pilot:
        await ready(pilot, panel)
        await pilot.press("d", "n")
        await until(pilot, lambda: "A grid" in said(pilot.app) and "d change" not in said(pilot.app))
        await pilot.press("n")
        await until(pilot, lambda: "TWEAK less BASE" in said(pilot.app))


async def test_a_form_that_comes_back_has_the_last_state_of_its_figure_in_its_first_frame() -> None:
    panel = FigurePanel([curve()])
    async with Stage(panel).run_test(size=(60, 20)) as pilot:
        await ready(pilot, panel)
        for _ in range(2):
            await pilot.press("t")
            await pilot.pause()
        newer = curve().model_copy(update={"x_name": "newest"})
        panel.update_figure(0, newer)
        await pilot.pause()
        panel.action_form("table")
        assert isinstance(panel.view, TableView)
        assert "newest" in panel.view._lines[0].text, "it is laid out before anything is painted"


async def test_a_figure_without_two_runs_says_so() -> None:
    panel = FigurePanel([grid()])
    async with Stage(panel).run_test(size=(60, 20), notifications=True) as pilot:
        await ready(pilot, panel)
        before = panel.view
        await pilot.press("d")
        assert panel.view is before
        assert any("BASE and TWEAK" in n.message for n in pilot.app._notifications)


async def test_two_texts_say_that_their_difference_is_marked() -> None:
    panel = FigurePanel([texts(" Mary", " John")])
    async with Stage(panel).run_test(size=(60, 20), notifications=True) as pilot:
        await ready(pilot, panel)
        await pilot.press("d")
        assert any("marks the difference in the text already" in n.message for n in pilot.app._notifications)


async def test_a_table_is_not_offered_as_a_table() -> None:
    panel = FigurePanel([Table(title="Numbers", heads=["what", "how much"], body=[["lead", "1.5"]])])
    async with Stage(panel).run_test(size=(60, 20), notifications=True) as pilot:
        await ready(pilot, panel)
        await until(pilot, lambda: "c copy" in said(pilot.app))
        assert "t table" not in said(pilot.app)
        await pilot.press("t")
        assert any("is a table already" in n.message for n in pilot.app._notifications)


async def test_a_partial_result_reaches_the_form_that_is_shown_and_later_the_others() -> None:
    panel = FigurePanel([tokens(n=2)])
    async with Stage(panel).run_test(size=(60, 20)) as pilot:
        await ready(pilot, panel)
        await pilot.press("t")
        await until(pilot, lambda: isinstance(panel.view, TableView))
        panel.update_figure(0, tokens(n=5))
        await until(pilot, lambda: "t1" in said(pilot.app))
        await pilot.press("t")
        await until(pilot, lambda: "t1" in said(pilot.app) and "█" in said(pilot.app))


# --- attention ---


def test_an_attention_pattern_is_known_by_its_numbers() -> None:
    assert is_pattern(pattern())
    assert is_pattern(pattern("one"))
    for other in (grid(4, 4), grid(), tokens(), pattern().model_copy(update={"values": grid(6, 6).values})):
        assert not is_pattern(other)
    ahead = [[0.5, 0.5], [0.5, 0.5]]
    two = pattern("a b")
    assert not is_pattern(two.model_copy(update={"values": ahead}))
    assert not is_pattern(two.model_copy(update={"values": [[1.0, 0.0], [None, None]]}))


@pytest.mark.parametrize("colour", [True, False])
async def test_an_attention_pattern_is_read_token_by_token(colour: bool) -> None:
    panel = FigurePanel([pattern()])
    async with Stage(panel, colour=colour).run_test(size=(60, 24)) as pilot:
        await ready(pilot, panel)
        await pilot.press("a")
        await until(pilot, lambda: isinstance(panel.view, AttentionView) and panel.view.has_focus)
        view = panel.view
        assert isinstance(view, AttentionView)
        await pilot.press("home", "right", "right")
        assert view.cursor == 2
        assert view.reading == "·and at 2 looks at: ·and 0.67, ·Mary 0.24, ·When 0.09"
        await until(pilot, lambda: "·and at 2 looks at" in said(pilot.app))
        rows = lines(pilot.app)
        top = next(i for i, row in enumerate(rows) if "·When" in row)
        assert rows[top + 1].split() == [".09", ".24", ".67"]  # nothing below what comes later
        await pilot.press("end")
        assert view.cursor == 5
        await pilot.press("c")
        assert view.reading in pilot.app.clipboard


async def test_a_click_on_a_token_makes_it_look() -> None:
    view = AttentionView(pattern())
    async with Stage(view).run_test(size=(60, 24)) as pilot:
        await until(pilot, lambda: "·John" in said(pilot.app))
        await pilot.click(view, offset=(lines(pilot.app)[0].index("·John"), 0))
        assert view.cursor == 3


@pytest.mark.parametrize("width", [20, 40, 118])
async def test_tokens_wrap_and_nothing_hangs_over(width: int) -> None:
    view = AttentionView(pattern("supercalifragilistic 北京 " + "word " * 40))
    async with Stage(view).run_test(size=(width, 16)) as pilot:
        view.focus()
        await until(pilot, lambda: view.virtual_size.height)
        assert view.max_scroll_x == 0
        await pilot.press("home")
        await until(pilot, lambda: view.scroll_offset.y == 0)
        await pilot.press("end")
        await until(pilot, lambda: view.scroll_offset.y > 0 or width == 118)


async def test_the_token_that_looks_stays_in_sight_when_there_is_less_room() -> None:
    view = AttentionView(pattern(" ".join(f"word{i}" for i in range(60))))
    async with Stage(view).run_test(size=(60, 36)) as pilot:
        view.focus()
        await until(pilot, lambda: view._spots)
        view.cursor = 45
        for size in ((60, 12), (40, 12)):
            await pilot.resize_terminal(*size)
            await until(pilot, lambda s=size: pilot.app.size == s and view.size.height == s[1])  # type: ignore[misc]
            await until(pilot, lambda: 0 <= view._spots[45][0] - view.scroll_offset.y < view.size.height - 1)


def test_a_share_takes_little_room() -> None:
    assert [number(s) for s in (0.0, 0.004, 0.01, 0.62, 0.994, 1.0)] == ["·", "·", ".01", ".62", ".99", "1.0"]


# --- the bet laid over the run ---


def both(factor: float = 1.0) -> Curve:
    values = [[factor * (10 - i) for i in range(11)], [factor * 10 * 0.5**i for i in range(11)]]
    series = [Series(name=name, values=[*v]) for name, v in zip(("your bet", "run"), values, strict=True)]
    x = [str(i) for i in range(11)]
    return Curve(title="Both", x_name="layer", x=x, y_name="rank", series=series, between=True)


@pytest.mark.parametrize("colour", [True, False])
async def test_the_area_between_a_bet_and_the_run_is_shaded(colour: bool) -> None:
    view = CurveView(both())
    async with Stage(view, colour=colour).run_test(size=(60, 20)) as pilot:
        await until(pilot, lambda: "░" in said(pilot.app))
        legend = lines(pilot.app)[0]
        assert "── your bet" in legend
        assert "┄┄ run" in legend
        for row in lines(pilot.app)[1:-4]:  # the shade lies between dots, never outside them
            if "░" in row:
                dots = [x for x, c in enumerate(row) if 0x2800 < ord(c) < 0x2900]
                assert dots
                assert row.rindex("░") < max(dots)
        view.update_figure(both().model_copy(update={"between": False}))
        await until(pilot, lambda: "░" not in said(pilot.app))


async def test_a_curve_can_be_seen_on_a_logarithmic_scale() -> None:
    view = CurveView(curve(30000.0, 300.0, 3.0, 0.0))
    async with Stage(view).run_test(size=(60, 20)) as pilot:
        view.focus()
        await until(pilot, lambda: "rank" in lines(pilot.app)[0])
        heights = [view._height(v) for v in (300.0, 3.0)]
        await pilot.press("o")
        assert "log scale" in lines(pilot.app)[0]
        later = [view._height(v) for v in (300.0, 3.0)]
        assert later[0] > 0.5 > heights[0]
        assert later[1] > 0.1 > heights[1]
        assert "10000 ┤" in said(pilot.app)  # the axis names the values, not their logarithms
        await pilot.press("o")
        assert "log scale" not in lines(pilot.app)[0]


async def test_a_curve_below_0_has_no_logarithmic_scale() -> None:
    view = CurveView(curve(-5.0, 300.0))
    async with Stage(view).run_test(size=(60, 20)) as pilot:
        view.focus()
        await pilot.press("o")
        assert not view.logarithmic


# --- saving ---


def test_saving_never_overwrites(tmp_path: Path) -> None:
    first, second = (save(tokens(), tmp_path / "figures") for _ in range(2))
    assert [p.name for p in (first, second)] == ["the-next-token.svg", "the-next-token-2.svg"]
    assert first.read_text("utf-8") == svg(tokens())


@pytest.mark.parametrize(
    ("title", "name"),
    [("What it writes", "what-it-writes"), ("北京", "figure"), ("../../etc", "etc"), ("a" * 99, "a" * 60)],
)
def test_a_title_becomes_a_plain_name(title: str, name: str) -> None:
    assert slug(title) == name


async def test_v_saves_what_is_shown_and_says_where(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    panel = FigurePanel([tokens()])
    async with Stage(panel, light=True).run_test(size=(60, 20), notifications=True) as pilot:
        await ready(pilot, panel)
        await pilot.press("d", "v")
        path = tmp_path / "figures" / "the-next-token-tweak-less-base.svg"
        await until(pilot, path.exists)
        await until(pilot, lambda: any(str(path) in n.message for n in pilot.app._notifications))
        assert path.read_text("utf-8") == svg(panel.view.figure)  # type: ignore[union-attr]


async def test_a_folder_that_cannot_be_written_is_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "figures").write_text("a file is in the way")
    panel = FigurePanel([tokens()])
    async with Stage(panel).run_test(size=(60, 20), notifications=True) as pilot:
        await ready(pilot, panel)
        await pilot.press("v")
        await until(pilot, lambda: any("not saved" in n.message for n in pilot.app._notifications))


# --- the line of keys ---


@pytest.mark.parametrize("width", [30, 54, 78])
@pytest.mark.parametrize("figure", [tokens(), grid(), pattern()])
async def test_the_keys_that_are_shown_fit_and_stay_whole(figure: Figure, width: int) -> None:
    panel = FigurePanel([figure, texts(" a", " b")])
    async with Stage(panel).run_test(size=(width + 2, 20)) as pilot:
        await until(pilot, lambda: "t table" in lines(pilot.app)[-1])
        shown = [key for key in panel.query(Key) if key.display]
        assert all(key.region.right <= panel.region.right for key in shown)
        assert {"t table", "c copy"} <= {str(key.render()) for key in shown}


@pytest.mark.parametrize(("word", "figure"), [("change", tokens()), ("tokens", pattern())])
async def test_forms_can_be_clicked(word: str, figure: Figure) -> None:
    panel = FigurePanel([figure])
    async with Stage(panel).run_test(size=(78, 20)) as pilot:
        await until(pilot, lambda: f" {word}" in lines(pilot.app)[-1])
        before = panel.view
        await pilot.click(offset=(lines(pilot.app)[-1].index(f" {word}") + 2, 19))
        await until(pilot, lambda: panel.view is not before and panel.view and panel.view.has_focus)


async def test_zoom_can_be_clicked() -> None:
    panel = FigurePanel([grid()])
    async with Stage(panel).run_test(size=(78, 20)) as pilot:
        await until(pilot, lambda: "z zoom" in lines(pilot.app)[-1])
        await pilot.click(offset=(lines(pilot.app)[-1].index("zoom"), 19))
        await until(pilot, lambda: panel.view and panel.view.selected)  # type: ignore[attr-defined]


async def test_scale_and_texts_can_be_clicked_where_they_do_something() -> None:
    panel = FigurePanel([grid(signed=True, cells=True), curve(1.0, 2.0), curve(-1.0, 2.0)])
    async with Stage(panel).run_test(size=(98, 20)) as pilot:
        await until(pilot, lambda: "x texts" in lines(pilot.app)[-1])
        view = panel.view
        assert isinstance(view, HeatmapView)
        await pilot.click(offset=(lines(pilot.app)[-1].index("texts"), 19))
        await pilot.click(offset=(lines(pilot.app)[-1].index("scale"), 19))
        await until(pilot, lambda: not view.texts and not view.figure.signed)
        await pilot.press("n")
        await until(pilot, lambda: "o scale" in lines(pilot.app)[-1] and "z zoom" not in lines(pilot.app)[-1])
        await pilot.press("n")
        await until(pilot, lambda: "o scale" not in lines(pilot.app)[-1])


# --- what a partial result costs ---


async def test_while_texts_grow_only_lines_that_changed_are_painted() -> None:
    view = TextsView(texts("one two", ""))
    async with Stage(view).run_test(size=(60, 20)) as pilot:
        await until(pilot, lambda: "one two" in said(pilot.app))
        painted: list[object] = []
        view.refresh = lambda *regions, **_: painted.extend(regions or ["all"])  # type: ignore[assignment]
        view.update_figure(texts("one two", ""))
        assert not painted
        figure = texts("one two", "x").model_copy(update={"texts": texts("one two three", "").texts})
        view.update_figure(figure)
        assert 0 < len(painted) < 6
        assert "all" not in painted


async def test_a_figure_that_nobody_sees_is_laid_out_when_somebody_does() -> None:
    panel = FigurePanel([texts("one", "")])
    async with Stage(panel).run_test(size=(60, 20)) as pilot:
        await ready(pilot, panel)
        view = panel.view
        assert isinstance(view, FigureView)
        panel.display = False
        await until(pilot, lambda: "one" not in said(pilot.app))
        await pilot.pause()  # it is told so after the frame without it
        laid: list[int] = []
        real = view.lay_out
        view.lay_out = lambda: (laid.append(1), real())[1]  # type: ignore[method-assign,func-returns-value]
        for words in ("one two", "one two three"):
            panel.update_figure(0, texts(words, ""))
        assert not laid
        panel.display = True
        await until(pilot, lambda: "three" in said(pilot.app))


async def test_a_growing_text_scrolls_and_is_whole_at_the_end() -> None:
    panel = FigurePanel([texts("w0", "")])
    async with Stage(panel).run_test(size=(40, 12)) as pilot:
        await ready(pilot, panel)
        for n in range(1, 120, 7):
            panel.update_figure(0, texts(" ".join(f"w{i}" for i in range(n)), ""))
            await pilot.pause()
        view = panel.view
        assert view
        await until(pilot, lambda: view.max_scroll_y > 0)
        view.scroll_end(animate=False)
        await until(pilot, lambda: "w119" not in said(pilot.app) and "w112" in said(pilot.app))
        panel.update_figure(0, texts("short", ""))
        await until(pilot, lambda: "short" in said(pilot.app) and view.max_scroll_y == 0)
