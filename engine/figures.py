"""What a run returns: figures to look at and facts to speak of. No torch here: screen, shell and engine all read this.

Each figure is plain data that travels as JSON and can be read as text (`figure.text()`) or as a table (`figure.table()`),
so nothing a learner is shown depends on colour, on a mouse or on a wide screen.
"""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Sequence
from functools import cache
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError, model_validator

Rows = tuple[list[str], list[list[str]]]
"""A table: the column heads, then the cells."""

BLOCKS = " ▏▎▍▌▋▊▉█"
MORE = " ░▒▓█"
"""Magnitudes as ink, and positive values where there is a sign."""
LESS = " -=≡#"
"""Negative values: the same order, of another shape."""
NOT_YET = "·"
"""What was not measured, or not yet."""


class Record(BaseModel):
    """Data that travels: unknown keys are an error, instances do not change."""

    model_config = ConfigDict(extra="forbid", frozen=True, ser_json_inf_nan="null")


def _as_long(what: str, values: Sequence[Any], as_what: str, count: int) -> None:
    """Raises ValueError where a figure does not hold as many of one thing as of another: no picture could be drawn of it."""
    if len(values) != count:
        raise ValueError(f"{what}: {len(values)}, {as_what}: {count}")


def number(value: float | int | str | bool | None, digits: int = 3) -> str:
    """A fact as a person reads it: about three significant digits, no exponent where none is needed."""
    if value is None:
        return "–"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, str):
        return shown(value)
    if isinstance(value, int):
        return f"{value:,}".replace(",", " ") if abs(value) >= 100_000 else str(value)
    if not isinstance(value, float):  # a journal may come from anywhere
        return shown(str(value))
    if value != value or abs(value) == float("inf"):
        return str(value)
    if value != 0 and not 1e-4 <= abs(value) < 1e6:
        return f"{value:.{digits - 1}e}"
    size = abs(value)
    decimals = digits + (0 < size < 1e-3) if size < 0.1 else 2 if size < 100 else 0  # what is not 0 is not said to be
    return f"{value:.{decimals}f}"


def shown(text: str) -> str:
    """Text from a model with what cannot be seen made visible: `·` for a leading space (and for each, where there is nothing
    else), `⏎` for a line break, `␛` for escape."""
    if text[:1] == " ":
        text = "·" + text[1:] if text.strip(" ") else "·" * len(text)
    return visible(text)


def unshown(typed: str) -> str:
    """What was typed as `shown` shows it: `·` in front is a space, and each is where there is nothing else."""
    if not typed.strip("·"):
        return " " * len(typed)
    return f" {typed[1:]}" if typed[:1] == "·" else typed


def visible(text: str) -> str:
    """The text with a sign for each character that a terminal would obey instead of showing; as long as before."""
    if text.isprintable():  # holds none of them, in any script
        return text
    out = []
    for c in text:
        if c == "\n":
            out.append("⏎")
        elif c == "\t":
            out.append("⇥")
        elif ord(c) < 32:
            out.append(chr(0x2400 + ord(c)))
        elif unicodedata.category(c) in UNSEEN and c not in JOINERS:
            out.append("�")
        elif (
            unicodedata.category(c) == "Zs" and c not in " \u3000"
        ):  # a space that does not break, and others of a width
            out.append("␣")
        else:
            out.append(c)
    return "".join(out)


UNSEEN = ("Cc", "Cf", "Cs", "Zl", "Zp")
"""Unicode categories that a terminal obeys or cannot show: controls, directions, halves of a pair, line separators."""
JOINERS = "\u200c\u200d"
"""What holds the parts of one sign together, as in Persian and in many emoji."""


def cell_len(text: str) -> int:
    """How many cells of a terminal the text takes: two for Chinese or an emoji, none for an accent on its own."""
    if text.isascii():
        return len(text)
    total = last = 0
    joined = False
    for c in text:
        if c == "\ufe0f":  # asks for the sign before it as an emoji
            total, last = total + (last == 1), 2
        elif joined or unicodedata.category(c) in ("Mn", "Mc", "Me", "Cf") or "\U0001f3fb" <= c <= "\U0001f3ff":
            pass  # part of the sign before it
        else:
            last = 2 if unicodedata.east_asian_width(c) in "WF" else 1
            total += last
        joined = c == "\u200d"
    return total


def pad(text: str, width: int, *, before: bool = False) -> str:
    """The text with spaces after it (or before it) up to `width` cells."""
    space = " " * (width - cell_len(text))
    return space + text if before else text + space


def cut(text: str, width: int) -> str:
    """As much of the text as `width` cells hold."""
    while text and cell_len(text) > width:
        text = text[:-1]
    return text


def shortened(text: str, width: int) -> str:
    """The text in at most `width` cells; what is too long ends in …"""
    return text if cell_len(text) <= width else f"{cut(text, width - 1)}…"[:width]


def bar(share: float, width: int) -> str:
    """A horizontal bar `share` (0 to 1) of `width` cells long, in eighths of a cell."""
    eighths = round(max(0.0, min(1.0, share)) * width * 8)
    return "█" * (eighths // 8) + (BLOCKS[eighths % 8] if eighths % 8 else "")


def glyph(value: float | None, scale: tuple[float, float], signed: bool) -> str:
    """A value as ink: denser is further from the low end, or from the middle where there is a sign."""
    if value is None or not math.isfinite(value):
        return NOT_YET
    low, high = scale
    middle = (low + high) / 2
    share = abs(value - middle) / (high - middle) if signed else (value - low) / (high - low)
    inks = LESS if signed and value < middle else MORE
    return inks[min(4, round(max(0.0, share) * 4))]


class Figure(Record):
    """Something to look at. `title` says what it is; `note` (optional) is one line on how to read it."""

    title: str
    note: str = ""

    def table(self) -> Rows:
        """The figure's numbers, for "show as table"."""
        raise NotImplementedError

    def text(self, width: int = 76) -> str:
        """The figure as plain text at most `width` cells wide where its content allows."""
        heads, rows = self.table()
        return self._framed([columns(heads, rows)])

    def _framed(self, body: Sequence[str]) -> str:
        return "\n".join([self.title, *body, *([self.note] if self.note else [])])


class Distribution(Record):
    """The most likely next tokens of one run, most likely first. `name` is BASE, TWEAK or empty."""

    name: str = ""
    tokens: list[str]
    probabilities: list[float]

    @model_validator(mode="after")
    def _fits(self) -> Self:
        _as_long("probabilities", self.probabilities, "tokens", len(self.tokens))
        return self


class Tokens(Figure):
    """What the model would say next, as bars; BASE and TWEAK one under the other."""

    kind: Literal["tokens"] = "tokens"
    runs: list[Distribution]

    def table(self) -> Rows:
        rows = [
            [d.name, number(t), f"{p:.4f}"] for d in self.runs for t, p in zip(d.tokens, d.probabilities, strict=True)
        ]
        return ["run", "token", "probability"], rows

    def text(self, width: int = 76) -> str:
        label = max((cell_len(shown(t)) for d in self.runs for t in d.tokens), default=1)
        room = max(8, width - label - 16)
        out = []
        for d in self.runs:
            for i, (t, p) in enumerate(zip(d.tokens, d.probabilities, strict=True)):
                out.append(f"{pad(d.name if i == 0 else '', 6)} {pad(shown(t), label)} {p:.3f} {bar(p, room)}".rstrip())
        return self._framed(out)


class Text(Record):
    """One text the model wrote. `name` is BASE, TWEAK, or what distinguishes it (`T = 1.2, #3`)."""

    name: str = ""
    text: str


class Texts(Figure):
    """What the model wrote after `prompt`. Where there is a BASE and a TWEAK, their difference is marked on the screen."""

    kind: Literal["texts"] = "texts"
    prompt: str = ""
    texts: list[Text]

    def table(self) -> Rows:
        return ["run", "text"], [[t.name, shown(t.text)] for t in self.texts]

    def text(self, width: int = 76) -> str:
        head = [f"prompt  {shown(self.prompt)}"] if self.prompt else []
        label = max((cell_len(t.name) for t in self.texts), default=0)
        return self._framed(head + [f"{pad(t.name, label)}  {shown(t.text)}" for t in self.texts])


class Series(Record):
    """One line of a curve. A value is None where it was not measured (yet)."""

    name: str = ""
    values: list[int | float | None]


class Curve(Figure):
    """Values over layers, steps or positions."""

    kind: Literal["curve"] = "curve"
    x_name: str
    x: list[str]
    y_name: str
    series: list[Series]
    between: bool = False
    """Whether the area between the first two series is shaded."""
    log: bool = False
    """Whether it is meant to be read on an axis of log(1 + value): so that 3 and 30 can be told apart beside 30 000."""

    @model_validator(mode="after")
    def _fits(self) -> Self:
        for s in self.series:
            _as_long(f"values of {s.name or self.y_name}", s.values, "x", len(self.x))
        return self

    def table(self) -> Rows:
        heads = [self.x_name, *(s.name or self.y_name for s in self.series)]
        return heads, [[x, *(number(s.values[i]) for s in self.series)] for i, x in enumerate(self.x)]

    def text(self, width: int = 76) -> str:
        lines = columns(*self.table()).split("\n")
        known = [v for s in self.series for v in s.values if v is not None]
        log = self.log and min(known, default=0) >= 0
        low, high = min([0.0, *known]), max([0.0, *known])
        span = (math.log1p(high) if log else high - low) or 1.0
        used = max(cell_len(line) for line in lines)
        room = max(8, width - used - 2)
        drawn = self.series[-1] if self.series else Series(values=[])  # a bet stands before the run, BASE before TWEAK
        name = drawn.name if len(self.series) > 1 else ""
        bars = [
            ", ".join(filter(None, [name, "log scale" if log else ""])),
            *(bar((math.log1p(v or 0.0) if log else (v or 0.0) - low) / span, room) for v in drawn.values),
        ]
        return self._framed([f"{pad(line, used)}  {b}".rstrip() for line, b in zip(lines, bars, strict=False)])


class Heatmap(Figure):
    """A grid of values: layers x positions, layers x heads, queries x keys.

    `values[row][column]` is None where it was not measured (yet). `cells`, if given, is a short text for each cell (the logit
    lens puts its top token there). `signed` puts `middle` in the middle of the scale: 0, or what a cell holds that changes
    nothing.
    """

    kind: Literal["heatmap"] = "heatmap"
    row_name: str
    column_name: str
    rows: list[str]
    columns: list[str]
    values: list[list[float | None]]
    cells: list[list[str]] | None = None
    value_name: str = "value"
    signed: bool = False
    middle: float = 0.0

    @model_validator(mode="after")
    def _fits(self) -> Self:
        for what, grid in (("values", self.values), ("cells", self.cells)):
            if grid is not None:
                _as_long(f"rows of {what}", grid, "rows", len(self.rows))
                for row in grid:
                    _as_long(f"{what} of a row", row, "columns", len(self.columns))
        return self

    def scale(self) -> tuple[float, float]:
        """The values at the two ends of the scale: as far below the middle as above it when signed."""
        known = [v for row in self.values for v in row if v is not None]
        if self.signed:
            top = max((abs(v - self.middle) for v in known), default=0.0) or 1.0
            return self.middle - top, self.middle + top
        if not known:
            return 0.0, 1.0
        low, high = min(known), max(known)
        return (low, high) if high > low else (low, low + 1.0)

    def table(self) -> Rows:
        heads = [f"{self.row_name} \\ {self.column_name}", *(shown(c) for c in self.columns)]
        body = []
        for r, name in enumerate(self.rows):
            cells = self.cells[r] if self.cells else [""] * len(self.columns)
            body.append(
                [name, *(f"{shown(c)} {number(v)}".strip() for c, v in zip(cells, self.values[r], strict=True))]
            )
        return heads, body

    def text(self, width: int = 76) -> str:
        scale = self.scale()
        label = max(cell_len(name) for name in [*self.rows, self.row_name])
        cell = max(1, min(8, (width - label - 2) // max(1, len(self.columns))))
        texts = self.cells if cell > 3 else None
        heads = " ".join(shown(c) for c in self.columns)
        out = [f"{pad(self.row_name, label, before=True)}  {self.column_name}: {heads}"]
        for r, name in enumerate(self.rows):
            marks = []
            for c, v in enumerate(self.values[r]):
                if texts:
                    marks.append(pad(shortened(shown(texts[r][c]), cell - 1), cell))
                else:
                    marks.append(glyph(v, scale, self.signed).ljust(cell))
            out.append(f"{pad(name, label, before=True)}  {''.join(marks)}".rstrip())
        if texts:
            return self._framed(out)
        known = [v for row in self.values for v in row if v is not None and math.isfinite(v)] or [*scale]
        marked = sorted({min(known), max(known), *([self.middle] if self.signed else [])})
        legend = " to ".join(f"{number(v or 0)} '{glyph(v, scale, self.signed)}'" for v in marked)
        out.append(f"{self.value_name}: {legend}")
        if self.cells:
            out.append("There is no room here for what stands in the cells; a table has it.")
        return self._framed(out)


class Table(Figure):
    """Numbers that want no picture."""

    kind: Literal["table"] = "table"
    heads: list[str]
    body: list[list[str]]

    @model_validator(mode="after")
    def _fits(self) -> Self:
        for row in self.body:
            _as_long("cells of a row", row, "heads", len(self.heads))
        return self

    def table(self) -> Rows:
        return list(self.heads), [list(row) for row in self.body]


AnyFigure = Annotated[Tokens | Texts | Curve | Heatmap | Table, Field(discriminator="kind")]


def stored(figures: Any) -> list[Figure | None]:
    """The `figures` of a result that was kept as plain data: None for each that this version cannot read."""
    return [_stored(figure) for figure in figures] if isinstance(figures, list | tuple) else []


def _stored(figure: Any) -> Figure | None:
    try:
        return _reader().validate_python(figure)
    except ValidationError:
        return None


@cache
def _reader() -> TypeAdapter[Figure]:
    return TypeAdapter(AnyFigure)


def columns(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A table as aligned plain text."""
    widths = [max(cell_len(str(r[i])) for r in [heads, *rows]) for i in range(len(heads))]
    lines = ["  ".join(pad(str(v), w) for v, w in zip(r, widths, strict=True)).rstrip() for r in [heads, *rows]]
    return "\n".join(lines)
