"""Tokens, texts and curves on the screen: what they say at every width, in every script."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.style import Style

from engine.figures import Table, Text, Texts
from tests.ui.example_figures import curve, texts, tokens
from tests.ui.look import Stage, lines, until
from tutor.ui.figures import CurveView, TableView, TextsView, TokensView
from tutor.ui.figures.cells import fit, words, wrapped, wrapped_plain

# --- cells and colours ---


@pytest.mark.parametrize("text", ["", "a", "·Mary", "北京", "🙂🙂🙂", "supercalifragilistic", "a北京b"])
@pytest.mark.parametrize("width", [0, 1, 2, 3, 5, 9])
def test_fitted_text_takes_exactly_the_width(text: str, width: int) -> None:
    assert cell_len(fit(text, width)) == width
    assert cell_len(fit(text, width, right=True)) == width


@pytest.mark.parametrize(
    "text", ["one two three", "上海是中国的首都", "averyveryverylongword after", "a⏎b c", 9 * "🙂"]
)
def test_wrapping_loses_no_word_and_keeps_the_width(text: str) -> None:
    rows = ["".join(t for t, _ in line) for line in wrapped([(w, Style()) for w in words(text)], 8)]
    assert "".join(rows).replace(" ", "") == text.replace(" ", "")
    assert all(cell_len(row.rstrip()) <= 8 for row in rows)


@pytest.mark.parametrize("spaces", [" " * 100, " \t" * 50, "\u3000" * 50])
def test_a_long_run_of_spaces_is_one_line_at_most(spaces: str) -> None:
    assert len(wrapped([(w, Style()) for w in words(f"a⏎{spaces}b")], 20)) <= 3


@given(st.lists(st.sampled_from(["a", "bb", "ccc", " ", "longword", "⏎", "."]), max_size=40), st.integers(8, 20))
def test_the_fast_way_to_break_lines_loses_nothing_and_never_overflows(parts: list[str], width: int) -> None:
    text = "".join(parts)
    lines = wrapped_plain(text, width)
    if lines is None:
        assert "  " in text
        return
    assert all(len(line) <= width + 1 for line in lines)  # a ⏎ may hang over the edge
    assert "".join(lines).replace(" ", "") == text.replace(" ", "")


# --- each kind ---


@pytest.mark.parametrize("width", [40, 60, 118])
async def test_tokens_line_up_whatever_their_width(width: int) -> None:
    view = TokensView(tokens())
    async with Stage(view).run_test(size=(width, 20)) as pilot:
        await until(pilot, lambda: "BASE" in "\n".join(lines(pilot.app)))
        rows = [line for line in lines(pilot.app) if line]
        assert {cell_len(row) for row in rows} == {width - 1}  # the numbers end in one column
        assert "·Mary" in rows[0]
        assert rows[0].endswith("0.750")
        assert rows[2].endswith("<0.001")
        bars = [row.count("█") for row in rows]
        assert bars[0] > bars[1] > bars[2] == 0
        assert bars[0] == pytest.approx(3 * bars[3], abs=3)  # BASE 0.75 and TWEAK 0.25 on one scale


async def test_two_runs_stand_side_by_side_where_they_do_not_fit_under_each_other() -> None:
    view = TokensView(tokens(n=10))
    async with Stage(view).run_test(size=(80, 12)) as pilot:
        await until(pilot, lambda: "BASE" in "\n".join(lines(pilot.app)))
        assert "TWEAK" in lines(pilot.app)[0]
        await pilot.resize_terminal(60, 12)
        await until(pilot, lambda: "TWEAK" not in lines(pilot.app)[0])
        assert view.max_scroll_y > 0


async def test_the_words_that_differ_are_marked_by_more_than_colour() -> None:
    view = TextsView(texts(" Mary went home", " John went home"))
    async with Stage(view).run_test(size=(60, 12)) as pilot:
        await until(pilot, lambda: "BASE" in "\n".join(lines(pilot.app)))
        loud = [
            s.text for y in range(12) for s in view.render_line(y) if s.style and s.style.underline and s.style.bold
        ]
        assert loud == ["·Mary", "·John"]
        assert [line.split()[1] for line in lines(pilot.app) if line.split()[:1] in (["BASE"], ["TWEAK"])] == ["▸", "▸"]


async def test_equal_texts_are_said_to_be_equal() -> None:
    async with Stage(TextsView(texts("a b", "a b"))).run_test(size=(60, 12)) as pilot:
        await until(pilot, lambda: "the same, word for word" in "\n".join(lines(pilot.app)))
        assert "▸" not in "\n".join(lines(pilot.app))


@pytest.mark.parametrize(("height", "empty"), [(24, 10), (14, 0)])
async def test_empty_lines_part_the_texts_only_where_all_fit_with_them(height: int, empty: int) -> None:
    ten = [Text(name=f"#{i}", text=f" text {i} goes on") for i in range(10)]
    view = TextsView(Texts(title="Ten", prompt="Once", texts=ten))
    async with Stage(view).run_test(size=(60, height)) as pilot:
        await until(pilot, lambda: "text 9" in "\n".join(lines(pilot.app)))
        rows = lines(pilot.app)
        last = next(i for i, row in enumerate(rows) if "text 9" in row)
        assert rows[: last + 1].count("") == empty


async def test_the_curve_reads_out_the_point_at_the_cursor() -> None:
    view = CurveView(curve(5.0, 3.0, 1.0, None))
    async with Stage(view).run_test(size=(60, 20)) as pilot:
        view.focus()
        await pilot.press("home")
        assert view.reading == "layer 0   5.00"
        await pilot.press("right")
        assert view.reading == "layer 1   3.00"
        await pilot.press("end")
        assert view.reading == "layer 3   not yet"
        assert view.reading in "\n".join(lines(pilot.app))
        screen = "\n".join(lines(pilot.app))
        assert "4 ┤" in screen
        assert any(0x2800 < ord(c) < 0x2900 for c in screen)


@pytest.mark.parametrize("height", [10, 14, 20])
async def test_the_ticks_of_a_curve_are_round_numbers(height: int) -> None:
    figure = curve(5011, 69, 0)
    for shown, said in (
        (figure, {"0", "2000", "4000"}),
        (figure.model_copy(update={"log": True}), {"0", "10", "1000"}),
    ):
        view = CurveView(shown)
        async with Stage(view).run_test(size=(60, height)) as pilot:
            await until(pilot, lambda: "┤" in "\n".join(lines(pilot.app)))
            named = {line.split("┤")[0].strip() for line in lines(pilot.app) if "┤" in line}
            assert named - {"1", "100"} == said


async def test_a_falling_curve_falls_on_the_screen() -> None:
    view = CurveView(curve(9.0, 0.0))
    async with Stage(view).run_test(size=(60, 20)) as pilot:
        await until(pilot, lambda: "layer 1" in "\n".join(lines(pilot.app)))
        dots = [[x for x, c in enumerate(row) if 0x2800 < ord(c) < 0x2900] for row in lines(pilot.app)]
        dots = [row for row in dots if row]
        assert dots[0][0] < dots[-1][0]
        assert dots[0][-1] < dots[-1][-1]


@pytest.mark.parametrize("values", [(), (None, None), (2.0,), (0.0, 0.0), (-3.0, -1.0)])
async def test_odd_curves_are_drawn_all_the_same(values: tuple[float | None, ...]) -> None:
    view = CurveView(curve(*values))
    async with Stage(view).run_test(size=(40, 12)) as pilot:
        await until(pilot, lambda: "rank" in "\n".join(lines(pilot.app)))
        low, high = view.bounds()
        assert all(low <= v <= high for v in values if v is not None)
        assert low < high


# --- tables ---


RUN = Table(
    title="Your bet and the run",
    heads=["outcome", "your bet", "run"],
    body=[
        ["It says the same again and again", "you said it", "it came"],
        ["It breaks off in the middle of a sentence, or goes on for ever", "–", "it came"],
        ["它一直重复同一句话，直到最后都没有停下来，一直重复下去", "–", "–"],
    ],
)


@pytest.mark.parametrize("width", [40, 60, 118])
async def test_a_table_of_words_wraps_and_shows_every_column(width: int) -> None:
    view = TableView(RUN)
    async with Stage(view).run_test(size=(width, 20)) as pilot:
        await until(pilot, lambda: "outcome" in "\n".join(lines(pilot.app)))
        screen = lines(pilot.app)
        assert view.max_scroll_x == 0
        assert [" ".join(screen[0].split())] == ["outcome your bet run"]
        start, end = screen[0].index("outcome"), screen[0].index("your bet")
        said = " ".join(row[start:end].strip() for row in screen if cell_len(row) == len(row))
        assert "in the middle of a sentence, or goes on for ever" in said
        assert "".join(screen).replace(" ", "").count("一直重复") == 2
        assert "…" not in "".join(screen)


async def test_numbers_and_heads_of_a_table() -> None:
    """A head may take two lines, and stays on top; a number takes one."""
    heads = ["layer \\ position", *(f" number {i}" for i in range(5))]
    figure = Table(title="", heads=heads, body=[[str(i), *["-123.45"] * 5] for i in range(30)])
    view = TableView(figure)
    async with Stage(view).run_test(size=(60, 12)) as pilot:
        view.focus()
        await until(pilot, lambda: "layer" in "\n".join(lines(pilot.app)))
        assert view.max_scroll_x == 0
        assert view.frozen_lines == 2
        view.scroll_end(animate=False, force=True)
        await until(pilot, lambda: any(row.split()[:1] == ["29"] for row in lines(pilot.app)))
        assert "position" in lines(pilot.app)[1]
        assert all(row.count("-123.45") == 5 for row in lines(pilot.app)[2:])


async def test_a_table_that_changes_in_place_shows_what_a_new_one_would() -> None:
    """Lines are kept while a run goes on; columns that become wider, or numbers that become words, draw them all anew."""
    states = [
        [["#1", "1.5"], ["#2", "2"]],
        [["#1", "1.5"], ["#2", "2"], ["#3", "-10.25"]],
        [["#1", "1.5"], ["#2", "two"], ["#3", "-10.25"]],
        [["#1", "Es war einmal 北京 in a land far away " * 3], ["#2", "two"], ["#3", ""]],
    ]
    changing = TableView(Table(title="", heads=["n", "value"], body=states[0]))
    async with Stage(changing).run_test(size=(40, 12)) as pilot:
        for body in states:
            figure = Table(title="", heads=["n", "value"], body=body)
            changing.update_figure(figure)
            await until(pilot, lambda body=body: body[-1][0] in "\n".join(lines(pilot.app)))  # type: ignore[misc]
            await pilot.pause()
            shows = lines(pilot.app)
            fresh = TableView(figure)
            async with Stage(fresh).run_test(size=(40, 12)) as other:
                await until(other, lambda shows=shows, other=other: shows == lines(other.app))  # type: ignore[misc]


async def test_a_column_that_is_cut_by_the_edge_shows_no_half_number() -> None:
    figure = Table(title="", heads=["layer", *"abcdefgh"], body=[["1", *["-123.45"] * 8]])
    view = TableView(figure)
    async with Stage(view).run_test(size=(40, 12)) as pilot:
        await until(pilot, lambda: view.max_scroll_x > 0)
        for x in range(int(view.max_scroll_x) + 1):
            view.scroll_to(x, 0, animate=False, force=True)
            await until(pilot, lambda x=x: view.scroll_offset.x == x)  # type: ignore[misc]
            row = next(line for line in lines(pilot.app) if line.split()[:1] == ["1"])
            assert {*row.split()[1:]} <= {"-123.45", "…"}
