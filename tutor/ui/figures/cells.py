"""Text in cells: what every figure is drawn with. Widths are terminal cells, so that CJK and emoji line up too."""

from __future__ import annotations

import re
from functools import lru_cache

from rich.cells import cell_len, set_cell_size
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from engine.figures import shown, visible

WIDE = "\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\U00020000-\U0003fffd"
WORDS = re.compile(rf"\s+|[{WIDE}]|[^\s{WIDE}]+")

Piece = tuple[str, Style]


def fit(text: str, width: int, *, right: bool = False) -> str:
    """`text` in exactly `width` cells: padded (`right`: on the left side), or cut, with `…` where that has room."""
    if width <= 0:
        return ""
    size = cell_len(text)
    if size > width:
        return set_cell_size(text, width - 1) + "…" if width > 2 else set_cell_size(text, width)
    return " " * (width - size) + text if right else text + " " * (width - size)


def strip(*pieces: Piece) -> Strip:
    """One line of the screen."""
    return Strip([Segment(text, style) for text, style in pieces if text])


def words(text: str) -> list[str]:
    """`text` in words and the spaces between them; wide characters are words of their own, as CJK has no spaces."""
    return WORDS.findall(text)


def wrapped(pieces: list[Piece], width: int) -> list[list[Piece]]:
    """Pieces (each a word or a space) in lines at most `width` cells wide. `⏎` ends a line, as it did in the text."""
    lines: list[list[Piece]] = [[]]
    used = 0
    for text, style in pieces:
        if used and used + cell_len(text) > width:
            lines.append([])
            used = 0
            if text.isspace():
                continue
        if text.isspace() and cell_len(text) > width > 0:  # room between two words, however long
            text = set_cell_size(text, width)
        while cell_len(text) > width > 0:  # a word longer than the line
            head = set_cell_size(text, width).rstrip()
            lines[-1].append((head, style))
            lines.append([])
            text = text[max(1, len(head)) :]
        lines[-1].append((text, style))
        used += cell_len(text)
        if text.endswith("⏎"):
            lines.append([])
            used = 0
    return lines if lines[-1] or len(lines) == 1 else lines[:-1]


def wrapped_plain(text: str, width: int) -> list[str] | None:
    """Text in one style as `wrapped` breaks it, but fast: it looks for spaces from the right, not at each word.

    None for text with characters that are not one cell wide, or with runs of spaces: those take the slow way.
    """
    if width <= 0 or cell_len(text) != len(text) or "  " in text or "\t" in text:
        return None
    lines: list[str] = []
    for paragraph in text.splitlines() if "⏎" not in text else [p + "⏎" for p in text.split("⏎")]:
        at = 0
        while len(paragraph) - at > width:
            space = paragraph.rfind(" ", at + 1, at + width + 1)
            end = space if space > 0 else at + width
            lines.append(paragraph[at:end])
            at = end + (space > 0)
        lines.append(paragraph[at:])
    if "⏎" in text:  # the last paragraph had no sign
        lines[-1] = lines[-1].removesuffix("⏎")
        return lines if lines[-1] else lines[:-1]
    return lines or [""]


def wrapped_text(text: str, width: int) -> list[str]:
    """A text of a model as `shown` shows it, in lines as `wrapped` breaks it. Paragraphs seen before cost nothing."""
    *done, last = text.split("\n")
    out: list[str] = []
    for i, paragraph in enumerate(done):
        out += _paragraph(paragraph + "\n", width, i == 0)
    return out + _paragraph(last, width, not done) if last or not done else out


@lru_cache(2048)
def _paragraph(text: str, width: int, first: bool) -> list[str]:
    text = shown(text) if first else visible(text)
    lines = wrapped_plain(text, width)
    if lines is None:
        style = Style.null()
        lines = ["".join(word for word, _ in line) for line in wrapped([(word, style) for word in words(text)], width)]
    return lines
