"""Questions on how a figure is read, answered from the figure."""

from __future__ import annotations

from typing import Any

import pytest

from engine.figures import Curve, Figure, Heatmap, Series, Texts, Tokens
from tests.dialogue.course import FIRST_RUN, lesson
from tutor import events as ev
from tutor.dialogue.authored import word
from tutor.dialogue.gate import check
from tutor.dialogue.legend import legend
from tutor.dialogue.voice import reply, turn_of
from tutor.loop import advance, replay

CURVE = Curve(title="Where it stands", note="0: it is on top.", x_name="layer", x=["0"], y_name="tokens above it", series=[Series(values=[3])], log=True)  # fmt: skip  # noqa: E501
GRID = Heatmap(title="Where it looks", note="A row sums to 1.", row_name="from", column_name="to", rows=["a"], columns=["b"], values=[[1.0]], value_name="attention")  # fmt: skip  # noqa: E501
OF_CURVE = "“Where it stands”: upwards tokens above it on a log scale, along it layer. 0: it is on top."
OF_GRID = "“Where it looks”: from by row, to by column, attention as colour. A row sums to 1."


def plain(*figures: Figure) -> list[Any]:
    return [figure.model_dump(mode="json") for figure in figures]


@pytest.mark.parametrize(
    ("asked", "says"),
    [
        ("what is the unit of the y axis?", OF_CURVE),
        ("What's on the y-axis", OF_CURVE),
        ("which units are these?", OF_CURVE),
        ("what does the vertical axis show?", OF_CURVE),
        ("what do the colours mean?", OF_GRID),
        ("what is a row?", OF_GRID),
        ("what are the columns here?", OF_GRID),
        ("how do I read this?", OF_GRID),
        ("ok, what am I looking at?", OF_GRID),
        ("what is a logit?", ""),
        ("what makes one unit fire more than another?", ""),
        ("what would happen along the axis of layers if it fell silent?", ""),
        ("the y axis goes down", ""),
        ("what makes the first column so bright?", ""),
        ("what would the curve show with another text?", ""),
    ],
)
def test_a_figure_is_explained_to_who_asks_for_it(asked: str, says: str) -> None:
    texts = Texts(title="What it writes", texts=[])
    assert legend(asked, plain(texts, GRID, CURVE)) == says
    assert legend(asked, []) == "", "before the run there is none"


def test_the_axes_of_a_grid_are_told_where_there_is_no_curve() -> None:
    assert legend("what are the axes?", plain(GRID)) == OF_GRID


def test_bars_are_explained_where_there_is_nothing_else() -> None:
    bars = Tokens(title="The next token", runs=[])
    says = "“The next token”: a bar for each of the likeliest tokens, as long as its probability."
    assert legend("what's the y axis?", plain(bars)) == says
    assert legend("what am I looking at?", plain(bars)) == says
    assert legend("what's the y axis?", plain(bars, GRID)) == OF_GRID
    texts = Texts(title="What it writes", texts=[])
    assert (
        legend("what's the y axis?", plain(texts))
        == "“What it writes”: what the model wrote, text by text; it has no axes."
    )
    assert legend("what's the y axis?", plain(texts, bars)) == says


def test_it_is_said_and_the_question_stands() -> None:
    events = [
        ev.RunFinished(e.step, {**e.result, "figures": plain(CURVE)}) if isinstance(e, ev.RunFinished) else e
        for e in FIRST_RUN[:-1]
    ]
    state = replay(lesson, events)
    state = advance(state, reply(state, "what is the unit of the y axis?"))
    turn = turn_of(state, state.talk.move)
    assert word(turn) == f"{OF_CURVE} {turn.question}"
    assert check(turn, word(turn)) == []
