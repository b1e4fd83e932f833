"""Two tries side by side: what was changed, the facts with their differences, and the figures laid into one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import zip_longest
from typing import Any

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
    number,
    shown,
    stored,
)
from tutor.history import BASE, Try
from tutor.parameters import apart, value

FEW = 7
"""Values of a list up to which each is told."""
LONG = 32
"""Characters of a text in the table; the figures have it whole."""


def compare(a: Try, b: Try) -> list[Figure]:
    """The table of facts first, then each figure of `a` with that of `b`. All of them have a text form."""
    out: list[Figure] = [facts(a, b)]
    for left, right in zip_longest(*(stored(one.result.get("figures")) for one in (a, b))):
        out += together(left, right, a.name, b.name)
    return out


# --- facts ------------------------------------------------------------------------------------------------------------


def facts(a: Try, b: Try) -> Table:
    """What was changed, then the facts, those that the bets were about first."""
    body = []
    ours, theirs = a.counted, b.counted
    for name in dict.fromkeys([*ours, *theirs]):
        left, right = ours.get(name), theirs.get(name)
        if left != right:
            both = apart(left, right), apart(right, left)
            body.append([name, *("–" if v is None else _short(value(v)) for v in both), "changed"])
    for name in dict.fromkeys([*a.keys, *b.keys, *a.facts, *b.facts]):
        left, right = a.facts.get(name), b.facts.get(name)
        if name not in ours and _tells(left, right):
            body.append([name.replace("_", " "), _fact(left), _fact(right), difference(left, right)])
    return Table(title=f"{a.name} and {b.name}", heads=["", a.name, b.name, "difference"], body=body)


def _tells(left: Any, right: Any) -> bool:
    """Whether a row of the table can say it: texts by the list stand whole in the figures."""
    there = [v for v in (left, right) if v is not None]
    return bool(there) and not any(isinstance(v, list) and not all(map(_is_number, v)) for v in there)


def difference(a: Any, b: Any) -> str:
    """From `a` to `b`: a number with its sign; for lists how far apart on average; else `same` or `other`."""
    if a is None or b is None:
        return "same" if a is b else "–"
    if _is_number(a) and _is_number(b):
        return "same" if a == b else _signed(b - a)
    if isinstance(a, list) and isinstance(b, list) and len(a) == len(b) and all(map(_is_number, [*a, *b])):
        off = sum(abs(y - x) for x, y in zip(a, b, strict=True)) / (len(a) or 1)
        return "same" if a == b else f"{number(off)} apart on average"
    return "same" if a == b else "other"


def _is_number(v: Any) -> bool:
    return isinstance(v, (int, float)) and not isinstance(v, bool)


def _signed(v: float) -> str:
    return f"+{number(v)}" if v > 0 else number(v)


def _fact(v: Any) -> str:
    if isinstance(v, list) and len(v) <= FEW:
        return ", ".join(map(number, v))
    return f"{len(v)} values" if isinstance(v, (list, dict)) else _short(number(v))


def _short(text: str) -> str:
    return text if len(text) <= LONG else text[: LONG - 1].rstrip() + "…"


# --- figures ----------------------------------------------------------------------------------------------------------


def together(left: Figure | None, right: Figure | None, a: str, b: str) -> list[Figure]:
    """One figure of two where they are of one kind and fit each other; else one after the other, by name."""
    one: dict[str, Any]
    match left, right:
        case Tokens(), Tokens():
            one = {"runs": _merged(left.runs, right.runs, a, b)}
        case Texts(), Texts() if left.prompt == right.prompt:
            one = {"texts": _merged(left.texts, right.texts, a, b)}
        case Curve(), Curve() if len(left.x) == len(right.x) and (left.x_name, left.y_name) == (
            right.x_name,
            right.y_name,
        ):
            x = left.x if left.x == right.x else [_both(p, q) for p, q in zip(left.x, right.x, strict=True)]
            one = {"x": x, "series": _merged(left.series, right.series, a, b)}
        case Heatmap(), Heatmap() if _same_grid(left, right):
            return [_change(left, right, a, b), *_named(left, a), *_named(right, b)]
        case Table(), Table() if _same_rows(left, right):
            one = _wide(left, right, a, b)
        case _:
            return [*_named(left, a), *_named(right, b)]
    return [left.model_copy(update={**one, "title": _title(left, right, a, b)})]


def _title(left: Figure, right: Figure, a: str, b: str) -> str:
    return left.title if left.title == right.title else f"{a}: {left.title} · {b}: {right.title}"


def _named(figure: Figure | None, name: str) -> Iterator[Figure]:
    if figure is not None:
        yield figure.model_copy(update={"title": f"{name}: {figure.title}"})


def label(name: str, inner: str) -> str:
    """What a run inside a try is called beside those of another: `TWEAK` of try 2 is `TWEAK 2`."""
    if not inner:
        return name
    if inner in ("BASE", "TWEAK"):
        return f"{inner} {name.removeprefix(BASE).strip()}".rstrip()
    return f"{name} {inner}"


def _merged(
    left: Sequence[Distribution] | Sequence[Text] | Sequence[Series],
    right: Sequence[Distribution] | Sequence[Text] | Sequence[Series],
    a: str,
    b: str,
) -> list[Distribution | Text | Series]:
    """The runs of both under names of their own. What both have alike, as the run without an edit, is there once."""
    out: list[Distribution | Text | Series] = []
    for run in left:
        name = run.name if run.name == BASE and run in right else label(a, run.name)
        out.append(run.model_copy(update={"name": name}))
    return out + [
        run.model_copy(update={"name": label(b, run.name)}) for run in right if run.name != BASE or run not in left
    ]


def _both(p: str, q: str) -> str:
    return p if p == q else f"{shown(p)} / {shown(q)}"


def _same_grid(left: Heatmap, right: Heatmap) -> bool:
    return (left.rows, left.columns) == (right.rows, right.columns)


def _change(left: Heatmap, right: Heatmap, a: str, b: str) -> Heatmap:
    """What `b` has more than `a`, cell by cell."""
    grid = [
        [None if x is None or y is None else y - x for x, y in zip(*rows, strict=True)]
        for rows in zip(left.values, right.values, strict=True)
    ]
    return Heatmap(
        title=f"{left.title}: {b} less {a}",
        row_name=left.row_name,
        column_name=left.column_name,
        rows=left.rows,
        columns=left.columns,
        values=grid,
        value_name=f"change of {left.value_name}",
        signed=True,
    )


def _same_rows(left: Table, right: Table) -> bool:
    return bool(left.heads) and left.heads == right.heads and [r[:1] for r in left.body] == [r[:1] for r in right.body]


def _wide(left: Table, right: Table, a: str, b: str) -> dict[str, Any]:
    """Heads and body: each column of `a` with that of `b` beside it; a column that is the same in both is there once."""
    columns = [(left.heads[0], [row[0] for row in left.body])]
    for c, head in enumerate(left.heads[1:], 1):
        ours, theirs = [row[c] for row in left.body], [row[c] for row in right.body]
        columns += [(head, ours)] if ours == theirs else [(f"{head} {a}", ours), (f"{head} {b}", theirs)]
    body = [list(cells) for cells in zip(*(cells for _, cells in columns), strict=True)]
    return {"heads": [head for head, _ in columns], "body": body}
