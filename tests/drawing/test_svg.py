"""Drawings: well formed whatever is in them, complete without eyes, of a piece, and true to the numbers."""

from __future__ import annotations

import re
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.figures import Distribution, Figure, Texts, Tokens
from tests.drawing.figures import curve, every, grid
from tutor.drawing import marked, svg
from tutor.drawing.paper import broken
from tutor.drawing.ramps import steps

NS = "{http://www.w3.org/2000/svg}"


def parts(drawing: str, tag: str) -> list[ElementTree.Element]:
    return list(ElementTree.fromstring(drawing).iter(f"{NS}{tag}"))


def words(drawing: str) -> str:
    return "\n".join(part.text or "" for part in parts(drawing, "text"))


@pytest.mark.parametrize("dark", [True, False])
@pytest.mark.parametrize("name", every())
def test_every_figure_is_one_drawing_that_says_what_it_is(name: str, dark: bool) -> None:
    figure = every()[name]
    drawing = svg(figure, dark)
    root = ElementTree.fromstring(drawing)
    assert root.tag == f"{NS}svg"
    assert root.get("role") == "img"
    assert root[0].tag == f"{NS}title"
    assert root[1].tag == f"{NS}desc"
    for line in figure.text().split("\n"):
        if line.isprintable():
            assert line in (root[1].text or "")
    assert svg(figure, dark) == drawing
    assert "nan" not in re.sub(r"<(title|desc|text)[^>]*>.*?</\1>", "", drawing, flags=re.S)


@pytest.mark.parametrize("name", every())
def test_a_drawing_needs_nothing_from_elsewhere_and_runs_nothing(name: str) -> None:
    drawing = svg(every()[name])
    assert set(re.findall(r'(?:href|src|xmlns)="?([^" >]+)', drawing)) == {"http://www.w3.org/2000/svg"}
    assert not re.search(r"<(script|style|image|use|foreignObject|a)\b|\son\w+=|url\(", drawing)
    assert set(re.findall(r'font-family="([^"]+)"', drawing)) == {"monospace"}


@pytest.mark.parametrize("name", every())
def test_nothing_is_drawn_outside_the_sheet(name: str) -> None:
    root = ElementTree.fromstring(svg(every()[name]))
    width, height = float(root.get("width") or 0), float(root.get("height") or 0)
    for part in root.iter():
        for x, y in (("x", "y"), ("x1", "y1"), ("x2", "y2"), ("cx", "cy")):
            if part.get(x) is not None:
                assert 0 <= float(part.get(x) or -1) <= width + 0.01
                assert 0 <= float(part.get(y) or -1) <= height + 0.01
        if part.tag == f"{NS}rect" and "%" not in (part.get("width") or ""):
            assert float(part.get("x") or 0) + float(part.get("width") or 0) <= width + 0.01


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=40), st.text(max_size=40))
def test_no_text_can_become_markup(one: str, two: str) -> None:
    figure = Tokens(title=one, note=two, runs=[Distribution(name=two, tokens=[one], probabilities=[0.5])])
    plain = Tokens(title="t", note="n", runs=[Distribution(name="r", tokens=["t"], probabilities=[0.5])])
    tags = {part.tag for part in ElementTree.fromstring(svg(figure)).iter()}
    assert tags == {part.tag for part in ElementTree.fromstring(svg(plain)).iter()}


@settings(max_examples=60, deadline=None)
@given(st.text(alphabet="ab ⏎北🙂", max_size=60), st.integers(4, 20))
def test_lines_are_broken_without_losing_anything(text: str, cells: int) -> None:
    assert "".join(broken(text, cells)).replace(" ", "") == text.replace(" ", "")


def test_bars_are_as_long_as_their_probabilities() -> None:
    runs = [Distribution(name="BASE", tokens=["a", "b", "c"], probabilities=[0.8, 0.4, 0.2])]
    bars = [float(part.get("width") or 0) for part in parts(svg(Tokens(title="", runs=runs)), "rect")[1:]]
    assert bars[0] == pytest.approx(2 * bars[1], abs=0.1)
    assert bars[0] == pytest.approx(4 * bars[2], abs=0.1)


def test_a_curve_goes_where_its_values_go() -> None:
    drawing = svg(curve([0.0, 5.0, 10.0], names=("rank",), between=False))
    ys = [float(dot.get("cy") or 0) for dot in parts(drawing, "circle")]
    assert ys == sorted(ys, reverse=True)
    assert ys[1] == pytest.approx((ys[0] + ys[2]) / 2, abs=0.1)


def test_the_area_between_a_bet_and_the_run_is_shaded_and_a_gap_is_no_line() -> None:
    both = svg(curve([1.0, 2.0, 3.0], [3.0, 2.5, 1.0]))
    assert len(parts(both, "polygon")) == 1
    assert "your bet" in words(both)
    dashes = [line.get("stroke-dasharray") for line in parts(both, "polyline")]
    assert len(set(dashes)) == 2  # told apart without colours
    assert not parts(svg(curve([1.0, 2.0], [2.0, 1.0], between=False)), "polygon")
    gap = svg(curve([1.0, 2.0, None, 4.0, 5.0], names=("rank",), between=False))
    assert len(parts(gap, "polyline")) == 2


def test_cells_wear_the_colours_of_the_scale() -> None:
    drawing = svg(grid(2, 2))
    fills = [part.get("fill") for part in parts(drawing, "rect")]
    low, high = (f"#{r:02x}{g:02x}{b:02x}" for r, g, b in (steps(False, False)[0], steps(False, False)[-1]))
    assert fills[1] == low
    assert fills[4] == high


def test_a_scale_says_its_middle_where_that_is_not_0() -> None:
    around = grid(signed=True).model_copy(update={"middle": -6.0})
    assert {"-26.00", "-6.00"} <= {*words(svg(around)).split("\n")}
    assert "-6.00" not in words(svg(grid(signed=True)))


def test_marks_are_on_their_cells() -> None:
    drawing = svg(marked(grid(4, 5), (1, 2), (3, 4)))
    frames = [part for part in parts(drawing, "rect") if part.get("fill") == "none"]
    cells = parts(drawing, "rect")[1:21]
    for frame, index in zip(frames, (1 * 5 + 2, 3 * 5 + 4), strict=True):
        assert (frame.get("x"), frame.get("y")) == (cells[index].get("x"), cells[index].get("y"))
    assert {"◆", "★"} <= {*words(drawing).split("\n")}


def test_a_large_grid_is_drawn_without_a_word_for_every_cell() -> None:
    assert len(parts(svg(grid(100, 90)), "title")) == 1
    assert len(parts(svg(grid(5, 5)), "title")) == 26


def test_values_that_are_not_known_are_no_cells() -> None:
    figure: Figure = grid(1, 3).model_copy(update={"values": [[1.0, None, None]]})
    assert words(svg(figure)).count("·") == 2


def test_long_texts_are_wrapped() -> None:
    from engine.figures import Text

    drawing = svg(Texts(title="", texts=[Text(name="a", text="word " * 100)]))
    assert max(len(line) for line in words(drawing).split("\n")) <= 93
