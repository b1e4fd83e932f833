"""Figures to try the screen with."""

from __future__ import annotations

from engine.figures import Curve, Distribution, Heatmap, Series, Text, Texts, Tokens

MARKUP = "[red]x[/red]\x1b[31m"


def tokens(*, n: int = 3) -> Tokens:
    names = [" Mary", " 北京", "🙂", *(f" t{i}" for i in range(20))][:n]
    base = [0.75, 0.2, 0.0001, *[0.001] * 20][:n]
    tweak = [0.25, 0.5, 0.1, *[0.001] * 20][:n]
    runs = [
        Distribution(name="BASE", tokens=names, probabilities=base),
        Distribution(name="TWEAK", tokens=names, probabilities=tweak),
    ]
    return Tokens(title="The next token", note="After a prompt.", runs=runs)


def texts(base: str, tweak: str) -> Texts:
    return Texts(
        title="What it writes", prompt="Once", texts=[Text(name="BASE", text=base), Text(name="TWEAK", text=tweak)]
    )


def curve(*values: float | None) -> Curve:
    x = [str(i) for i in range(len(values))]
    return Curve(title="Rank", x_name="layer", x=x, y_name="rank", series=[Series(values=[*values])])


def grid(rows: int = 4, columns: int = 5, *, known: int = 99, signed: bool = False, cells: bool = False) -> Heatmap:
    """values[r][c] is 10 r + c, less 20 where it is signed; rows from `known` on are not measured yet."""
    shift = 20 if signed else 0
    return Heatmap(
        title="A grid",
        row_name="layer",
        column_name="position",
        rows=[str(r) for r in range(rows)],
        columns=[f" w{c}" for c in range(columns)],
        values=[[float(10 * r + c - shift) if r < known else None for c in range(columns)] for r in range(rows)],
        cells=[[f" {r}.{c}" for c in range(columns)] for r in range(rows)] if cells else None,
        value_name="share",
        signed=signed,
    )
