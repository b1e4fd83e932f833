"""Figures as text: aligned whatever is in them, and nothing in them that a terminal would obey."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError
from rich.cells import cell_len as rich_cell_len

from engine.figures import (
    Curve,
    Distribution,
    Figure,
    Heatmap,
    Series,
    Table,
    Text,
    Texts,
    Tokens,
    cell_len,
    columns,
    cut,
    number,
    pad,
    shown,
    unshown,
    visible,
)

WIDE = ["日本", "👍🏽", "é", "👩‍👩‍👧", "a"]


def at(line: str, cells: int) -> str:
    """What begins at that cell of the line."""
    return line[len(cut(line, cells)) :]


@pytest.mark.parametrize(
    ("text", "cells"),
    [("abc", 3), ("日本", 4), ("e\u0301", 1), ("👍", 2), ("👍🏽", 2), ("👩‍👩‍👧", 2), ("❤\ufe0f", 2), ("नि", 1)],
)
def test_cells(text: str, cells: int) -> None:
    assert cell_len(text) == cells


def test_cells_agree_with_rich_on_letters_of_the_world() -> None:
    """Rich draws the screen: a table in the shell and one on the screen should break at the same place."""
    kinds = ("Ll", "Lu", "Lt", "Nd", "Mn", "Po")
    letters = [c for c in map(chr, range(0x20, 0x30000)) if unicodedata.category(c) in kinds]
    differ = [c for c in letters if cell_len(c) != rich_cell_len(c)]
    assert len(letters) > 4000
    assert len(differ) < 0.01 * len(letters), differ


@given(st.text(), st.integers(0, 20))
def test_a_cut_text_fits_and_a_padded_one_fills(text: str, width: int) -> None:
    text = visible(text)
    assert cell_len(cut(text, width)) <= width
    assert text.startswith(cut(text, width))
    assert cell_len(pad(cut(text, width), width)) == width
    assert cell_len(pad(cut(text, width), width, before=True)) == width


def test_nothing_is_left_where_there_is_less_than_no_room() -> None:
    assert cut("abc", -1) == ""


@given(st.text(st.characters()))
def test_nothing_that_a_terminal_obeys_is_shown(text: str) -> None:
    out = visible(text)
    assert len(out) == len(text)
    assert not [c for c in out if unicodedata.category(c) in ("Cc", "Cs", "Zl", "Zp")]
    out.encode()
    assert visible(out) == out


def test_shown_says_what_cannot_be_seen() -> None:
    assert shown(" Mary") == "·Mary"
    assert shown("a\n\t\x1b[31m\x9b\u202e\x7f") == "a⏎⇥␛[31m���"
    assert shown("👩‍👧") == "👩‍👧", "what joins the parts of a sign stays"


def test_a_table_aligns_wide_text() -> None:
    lines = columns(["word", "n"], [[word, "7"] for word in WIDE]).split("\n")
    assert [at(line, 6)[:1] for line in lines] == ["n", *"7" * len(WIDE)]


def test_tokens_align_wide_tokens() -> None:
    figure = Tokens(title="t", runs=[Distribution(name="BASE", tokens=WIDE, probabilities=[0.5] * len(WIDE))])
    lines = figure.text().split("\n")[1:]
    assert {at(line, 7 + 4 + 1)[:5] for line in lines} == {"0.500"}
    assert all(cell_len(line) <= 76 for line in lines)


def test_texts_align_wide_names() -> None:
    figure = Texts(title="t", texts=[Text(name="BASE", text="x"), Text(name="日本", text="x"), Text(name="", text="x")])
    assert {at(line, 6) for line in figure.text().split("\n")[1:]} == {"x"}


def test_the_bars_of_a_curve_start_at_one_cell() -> None:
    figure = Curve(title="t", x_name="層", x=["0", "日本"], y_name="rank", series=[Series(values=[1000.0, 1000])])
    first, second = figure.text(40).split("\n")[2:]
    assert cell_len(first.split("█")[0]) == cell_len(second.split("█")[0])
    assert cell_len(first) <= 40


def test_of_several_curves_the_bars_are_those_of_the_last_and_say_so() -> None:
    """A bet stands before the run, and the run is what is to be seen."""
    bet, run = Series(name="your bet", values=[1.0, 2.0]), Series(name="run", values=[2.0, 1.0])
    heads, first, second = (
        Curve(title="t", x_name="layer", x=["0", "1"], y_name="", series=[bet, run]).text(60).split("\n")[1:]
    )
    assert heads.endswith("  run")
    assert first.count("█") > second.count("█") > 0


def test_the_cells_of_a_heatmap_align() -> None:
    cells = [["日本語の言葉", "x"], ["a", "x"], ["", "x"]]
    rows = ["日", "b", "c"]
    values: list[list[float | None]] = [[0.0, 1.0]] * 3
    figure = Heatmap(
        title="t", row_name="q", column_name="k", rows=rows, columns=["1", "2"], values=values, cells=cells
    )
    lines = figure.text(40).split("\n")[2:5]
    assert {at(line, 2 + 2 + 8) for line in lines} == {"x"}


def test_a_grid_with_a_sign_tells_less_from_more_and_small_from_large() -> None:
    """What plain mode, the shell and the exports have in place of the colours."""
    values: list[list[float | None]] = [[-2.0, -0.001, 0.0, 0.001], [-1.0, 0.5, 1.0, None]]
    figure = Heatmap(
        title="t", row_name="layer", column_name="head", rows=["0", "1"], columns=[*"0123"], values=values, signed=True
    )
    assert figure.text(15).split("\n")[2:] == ["    0  #", "    1  = ░ ▒ ·", "value: -2.00 '#' to 0 ' ' to 1.00 '▒'"]


def test_a_grid_around_another_middle_than_0_has_no_ink_where_that_stands() -> None:
    """A patch that changes nothing leaves what was there before, and that may be far from 0."""
    figure = Heatmap(
        title="t", row_name="layer", column_name="head", rows=["0"], columns=[*"0123"], values=[[-6.0, -8.0, -2.0, 2.0]],
        signed=True, middle=-6.0,
    )  # fmt: skip
    assert figure.text(15).split("\n")[2:] == ["    0    - ▒ █", "value: -8.00 '-' to -6.00 ' ' to 2.00 '█'"]


def test_what_does_not_fit_is_said_not_to() -> None:
    """In plain mode, in the shell and in exports."""
    cells = [["capital", "\u00a0"]]
    grid = Heatmap(
        title="t", row_name="q", column_name="k", rows=["0"], columns=["1", "2"], values=[[0.0, 1.0]], cells=cells
    )
    assert grid.text(18).split("\n")[2:] == ["0  capit… ␣"], (
        "a token that is cut says so; no legend for ink that is not there"
    )
    assert "There is no room here for what stands in the cells" in grid.text(9)
    curve = Curve(title="t", x_name="x", x=["0", "1"], y_name="rank", series=[Series(values=[3.0, 3000.0])], log=True)
    assert "log scale" in curve.text()


@pytest.mark.parametrize("text", ["a\u00a0b", "\u00a0", "\u2003"])
def test_a_space_that_is_none_of_the_usual_ones_is_seen(text: str) -> None:
    assert "␣" in shown(text)
    assert shown("日\u3000本") == "日\u3000本"


@pytest.mark.parametrize(
    "figure",
    [
        Tokens(title="t", runs=[Distribution(tokens=["\x1b[2J"], probabilities=[1.0])]),
        Texts(title="t", prompt="\x1b]0;x\x07", texts=[Text(name="BASE", text="\x1b[31m\x9b")]),
        Heatmap(
            title="t",
            row_name="layer",
            column_name="position",
            rows=["0"],
            columns=["\x1b[H"],
            values=[[1.0]],
            cells=[["\x1b[H"]],
        ),
    ],
)
def test_model_text_in_a_figure_is_shown_as_what_it_is(figure: Figure) -> None:
    assert "\x1b" not in figure.text()
    assert "␛" in figure.text()
    assert "\x9b" not in figure.text()


def test_a_table_figure_is_its_own_table() -> None:
    assert Table(title="t", heads=["a"], body=[["1"]]).text() == "t\na\n1"


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (None, "–"),
        (True, "yes"),
        (1_234_567, "1 234 567"),
        (0.0567, "0.057"),
        (-0.0004, "-0.0004"),
        (0.0, "0.000"),
        (6.123, "6.12"),
        (1e-7, "1.00e-07"),
    ],
)
def test_numbers_as_people_read_them(value: float | None, said: str) -> None:
    assert number(value) == said


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (lambda: Distribution(tokens=["a", "b"], probabilities=[1.0]), "probabilities: 1, tokens: 2"),
        (
            lambda: Curve(title="", x_name="layer", x=["0", "1"], y_name="bits", series=[Series(values=[1.0])]),
            "values of bits: 1, x: 2",
        ),
        (
            lambda: Heatmap(title="", row_name="", column_name="", rows=["a"], columns=["b"], values=[[1.0], [2.0]]),
            "rows of values: 2, rows: 1",
        ),
        (
            lambda: Heatmap(
                title="", row_name="", column_name="", rows=["a"], columns=["b"], values=[[1.0]], cells=[["", ""]]
            ),
            "cells of a row: 2, columns: 1",
        ),
        (lambda: Table(title="", heads=["a"], body=[["1", "2"]]), "cells of a row: 2, heads: 1"),
    ],
)
def test_a_figure_of_which_no_picture_could_be_drawn_is_none(make: Callable[[], Figure], says: str) -> None:
    with pytest.raises(ValidationError, match=says):
        make()


@pytest.mark.parametrize(
    ("token", "seen"),
    [(" Paris", "·Paris"), (" ", "·"), ("  ", "··"), ("Paris", "Paris"), ("  Paris", "· Paris"), ("\n", "⏎")],
)
def test_a_token_of_spaces_is_seen_and_can_be_typed_as_it_is_seen(token: str, seen: str) -> None:
    assert shown(token) == seen
    assert unshown(seen).replace("⏎", "\n") == token
