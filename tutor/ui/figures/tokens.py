"""The most likely next tokens as bars. The bars of BASE and TWEAK have one scale: a full bar is a probability of 1."""

from __future__ import annotations

from rich.cells import cell_len
from textual.strip import Strip

from engine.figures import Distribution, Tokens, bar, shown
from tutor.drawing.roles import role
from tutor.ui.figures.cells import Piece, fit, strip
from tutor.ui.figures.view import LineView

NUMBER = 6
SIDE_BY_SIDE = 64
"""From this width on, two runs that do not fit under each other stand side by side."""


def probability(p: float) -> str:
    """A probability with three decimals; what would look like 0 and is not, says so."""
    return "<0.001" if 0 < p < 0.0005 else f"{p:.3f}"


class TokensView(LineView[Tokens]):
    """BASE and TWEAK one under the other, or side by side where only that fits."""

    def lines(self, width: int, height: int) -> list[Strip]:
        runs = self.figure.runs
        stacked = sum(len(run.tokens) for run in runs) + len(runs) - 1
        if len(runs) == 2 and stacked > height and width >= SIDE_BY_SIDE:
            half = (width - 3) // 2
            left, right = ([*self._run(run, half)] for run in runs)
            blank: list[Piece] = [(" " * half, self.style("plain"))]
            rows = max(len(left), len(right))
            gap = ("   ", self.style("plain"))
            both = zip(left + [blank] * (rows - len(left)), right + [blank] * (rows - len(right)), strict=True)
            return [strip(*a, gap, *b) for a, b in both]
        out: list[Strip] = []
        for run in runs:
            if out:
                out.append(strip((" ", self.style("plain"))))
            out += [strip(*pieces) for pieces in self._run(run, width)]
        return out

    def _run(self, run: Distribution, width: int) -> list[list[Piece]]:
        """One run, a token a line, each `width` cells wide: name, token, bar, probability."""
        runs = self.figure.runs
        longest = max((cell_len(shown(t)) for r in runs for t in r.tokens), default=1)
        name = min(10, max((cell_len(r.name) for r in runs), default=0))
        name += 2 if name else 0
        label = min(longest, max(4, (width - name) // 3))
        room = max(0, width - name - label - NUMBER - 2)
        ink = self.style(role([r.name for r in runs], runs.index(run)))
        lines: list[list[Piece]] = []
        for i, (token, p) in enumerate(zip(run.tokens, run.probabilities, strict=True)):
            lines.append(
                [
                    (fit(shown(run.name) if i == 0 else "", name), self.style("strong")),
                    (fit(shown(token), label), self.style("plain")),
                    (" " + fit(bar(p, room), room), ink),
                    (" " + fit(probability(p), NUMBER, right=True), self.style("plain")),
                ]
            )
        return lines
