"""What a TWEAK changed of a BASE, as a figure of its own."""

from __future__ import annotations

import math
from typing import Literal

from engine.figures import Curve, Distribution, Figure, Rows, Series, Tokens, cell_len, pad, shown
from tutor.drawing.roles import pair


class Change(Figure):
    """By how much the probability of each token changed. The largest changes come first; None: not in both runs."""

    kind: Literal["change"] = "change"
    names: tuple[str, str]
    """The run before and the run after: BASE and TWEAK, or YOURS and RUN."""
    tokens: list[str]
    before: list[float | None]
    after: list[float | None]

    @property
    def changes(self) -> list[float | None]:
        """After less before, for each token."""
        both = zip(self.before, self.after, strict=True)
        return [None if a is None or b is None else b - a for a, b in both]

    @property
    def largest(self) -> float:
        """The largest change in size, for the scale; never 0."""
        return max((abs(c) for c in self.changes if c is not None), default=0.0) or 1.0

    def table(self) -> Rows:
        rows = [
            [shown(token), _probability(a), _probability(b), signed(c)]
            for token, a, b, c in zip(self.tokens, self.before, self.after, self.changes, strict=True)
        ]
        return ["token", *self.names, "change"], rows

    def text(self, width: int = 76) -> str:
        label = max((cell_len(shown(token)) for token in self.tokens), default=1)
        half = max(4, (width - label - 10) // 2)
        out = []
        for token, c in zip(self.tokens, self.changes, strict=True):
            length = 0 if c is None else round(abs(c) / self.largest * half)
            left, right = ("-" * length, "") if c is not None and c < 0 else ("", "█" * length)
            line = f"{pad(shown(token), label)} {signed(c):>6} {pad(left, half, before=True)}|{right}"
            out.append(line.rstrip())
        return self._framed(out)


def signed(change: float | None) -> str:
    """A change of a probability with its sign; what would look like 0 and is not, says so."""
    if change is None or not math.isfinite(change):
        return "–"
    if 0 < abs(change) < 0.0005:
        return "+0.000" if change > 0 else "-0.000"
    return f"{change:+.3f}" if change else "0.000"


def change(figure: Figure) -> Figure | None:
    """The difference of the two runs that `figure` holds; None where it holds no such two."""
    if isinstance(figure, Tokens):
        return _of_tokens(figure)
    return _of_curves(figure) if isinstance(figure, Curve) else None


def _of_tokens(figure: Tokens) -> Change | None:
    found = pair([run.name for run in figure.runs])
    if found is None:
        return None
    first, second = (figure.runs[i] for i in found)
    before, after = _known(first), _known(second)
    tokens = [*dict.fromkeys([*first.tokens, *second.tokens])]

    def size(token: str) -> float:
        a, b = before.get(token), after.get(token)
        return -1.0 if a is None or b is None else abs(b - a)

    tokens.sort(key=size, reverse=True)
    return Change(
        title=f"{figure.title}: {second.name} less {first.name}",
        note="The change of each token's probability.",
        names=(first.name, second.name),
        tokens=tokens,
        before=[before.get(token) for token in tokens],
        after=[after.get(token) for token in tokens],
    )


def _of_curves(figure: Curve) -> Curve | None:
    found = pair([series.name for series in figure.series])
    if found is None:
        return None
    first, second = (figure.series[i] for i in found)
    values = [
        None if a is None or b is None or not math.isfinite(b - a) else b - a
        for a, b in zip(first.values, second.values, strict=False)
    ]
    name = f"{second.name} less {first.name}"
    series = [Series(name=name, values=values)]
    return figure.model_copy(update={"title": f"{figure.title}: {name}", "series": series, "between": False})


def _known(run: Distribution) -> dict[str, float]:
    return dict(zip(run.tokens, run.probabilities, strict=True))


def _probability(p: float | None) -> str:
    return "–" if p is None else f"{p:.4f}"
