"""Figures to draw, one of each kind and one of each oddity."""

from __future__ import annotations

import math

from engine.figures import Curve, Distribution, Figure, Heatmap, Series, Table, Text, Texts, Tokens, shown
from tutor.drawing import change, marked

ODD = '<b>&"\x1b[31m\x00\ufffe\ud800]]>\n'


def tokens(first: str = "BASE", second: str = "TWEAK") -> Tokens:
    names = [" Mary", " 北京", "🙂"]
    runs = [
        Distribution(name=first, tokens=names, probabilities=[0.75, 0.2, 0.0001]),
        Distribution(name=second, tokens=[*names[:2], " new"], probabilities=[0.25, 0.5, 0.1]),
    ]
    return Tokens(title="The next token", note="After a prompt.", runs=runs)


def curve(*series: list[float | None], names: tuple[str, ...] = ("your bet", "run"), between: bool = True) -> Curve:
    x = [str(i) for i in range(max(map(len, series)))]
    drawn = [Series(name=name, values=[*values]) for name, values in zip(names, series, strict=False)]
    return Curve(title="Both", x_name="layer", x=x, y_name="rank", series=drawn, between=between)


def grid(
    rows: int = 4, columns: int = 5, *, signed: bool = False, cells: bool = False, column: str = "head"
) -> Heatmap:
    return Heatmap(
        title="A grid",
        note="How to read it.",
        row_name="layer",
        column_name=column,
        rows=[str(r) for r in range(rows)],
        columns=[str(c) for c in range(columns)],
        values=[[float(10 * r + c - 20 * signed) for c in range(columns)] for r in range(rows)],
        cells=[[f" {r}.{c}" for c in range(columns)] for r in range(rows)] if cells else None,
        value_name="share",
        signed=signed,
    )


def pattern(words: str = "When Mary and John went to") -> Heatmap:
    tokens = [f" {word}" for word in words.split()]
    rows: list[list[float | None]] = []
    for q in range(len(tokens)):
        weights = [math.exp(-(q - k)) for k in range(q + 1)]
        rows.append([*(w / sum(weights) for w in weights), *[0.0] * (len(tokens) - q - 1)])
    names = [f"{i} {shown(token)}" for i, token in enumerate(tokens)]
    return Heatmap(title="Where it looks", row_name="from", column_name="to", rows=names, columns=tokens, values=rows)


def every() -> dict[str, Figure]:
    changed = change(tokens())
    assert changed
    return {
        "tokens": tokens(),
        "change": changed,
        "texts": Texts(
            title="It writes", prompt="Once", texts=[Text(name="BASE", text=" a\nb"), Text(name="#2", text="")]
        ),
        "curve": curve([1.0, 2.0, 3.0], [3.0, None, 1.0]),
        "heatmap": grid(cells=True),
        "marked": marked(grid(signed=True), (1, 2), (3, 4)),
        "table": Table(title="Numbers", heads=["a", "b"], body=[["x", "1.5"], ["y", "–"]]),
        "empty tokens": Tokens(title="", runs=[]),
        "empty texts": Texts(title="", texts=[]),
        "empty curve": Curve(title="", x_name="", x=[], y_name="", series=[]),
        "one point": curve([2.0]),
        "nothing known": curve([None, math.nan], [math.inf, None]),
        "empty grid": grid(0, 0),
        "one cell": grid(1, 1),
        "empty table": Table(title="", heads=[], body=[]),
        "odd": Tokens(title=ODD, note=ODD, runs=[Distribution(name=ODD, tokens=[ODD], probabilities=[1.0])]),
        "odd grid": grid().model_copy(update={"columns": [ODD] * 5, "rows": [ODD] * 4, "value_name": ODD}),
        "odd texts": Texts(title=ODD, prompt=ODD, texts=[Text(name=ODD, text=ODD * 40)]),
        "odd table": Table(title=ODD, heads=[ODD], body=[[ODD]]),
        "odd curve": curve([1.0, 2.0]).model_copy(update={"x": [ODD, ODD], "x_name": ODD, "y_name": ODD}),
    }
