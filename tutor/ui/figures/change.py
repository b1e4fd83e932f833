"""By how much each token became more or less likely: bars to the right and to the left of a line."""

from __future__ import annotations

from rich.cells import cell_len
from textual.strip import Strip

from engine.figures import BLOCKS, shown
from tutor.drawing.change import Change, signed
from tutor.ui.figures.cells import fit, strip
from tutor.ui.figures.view import LineView

NUMBER = 6
GAIN, LOSS = "█", "▒"


class ChangeView(LineView[Change]):
    """A token a line, the largest change first. A loss is of another glyph, so that it can be told without colours."""

    def lines(self, width: int, height: int) -> list[Strip]:
        figure, plain, faint = self.figure, self.style("plain"), self.style("faint")
        longest = max((cell_len(shown(token)) for token in figure.tokens), default=1)
        label = min(longest, max(4, width // 3))
        half = max(1, (width - label - NUMBER - 3) // 2)
        out = []
        for token, change in zip(figure.tokens, figure.changes, strict=True):
            share = 0.0 if change is None else change / figure.largest
            left, right = loss(-share, half), gain(share, half)
            out.append(
                strip(
                    (fit(shown(token), label) + " ", plain),
                    (fit(left, half, right=True), self.style("base")),
                    ("│", faint),
                    (fit(right, half), self.style("run")),
                    (" " + fit(signed(change), NUMBER, right=True), plain),
                )
            )
        return out


def loss(share: float, width: int) -> str:
    """A bar that grows to the left, in whole cells; nothing where there is no loss."""
    return LOSS * max(round(share * width), 1 if share > 0 else 0)


def gain(share: float, width: int) -> str:
    """A bar that grows to the right, in eighths of a cell; nothing where there is no gain."""
    eighths = max(round(share * width * 8), 1 if share > 0 else 0)
    return GAIN * (eighths // 8) + (BLOCKS[eighths % 8] if eighths % 8 else "")
