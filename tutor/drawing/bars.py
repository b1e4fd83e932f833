"""Tokens and their changes as bars; texts and tables as words."""

from __future__ import annotations

import re

from engine.figures import Figure, Texts, Tokens, cell_len, cut, shown
from tutor.drawing.change import Change, signed
from tutor.drawing.paper import CELL, MARGIN, ROW, Paper, broken
from tutor.drawing.roles import role

LONGEST = 24
"""Characters of a token that are shown."""
NUMERIC = re.compile(r"[-+−]?[\d. ]+(e[-+]?\d+)?\s*%?|–|")


def label(text: str) -> str:
    text = shown(text)
    return text if cell_len(text) <= LONGEST else cut(text, LONGEST - 1) + "…"


def tokens(figure: Tokens, paper: Paper) -> None:
    """A bar a token, run under run. A full bar is a probability of 1."""
    names = [run.name for run in figure.runs]
    inks = [paper.inks.of(role(names, i)) for i in range(len(names))]
    left = MARGIN + CELL * (max((cell_len(shown(n)) for n in names), default=0) + 2) * any(names)
    longest = max((cell_len(label(t)) for run in figure.runs for t in run.tokens), default=1)
    start = left + CELL * (longest + 1)
    full = paper.width - MARGIN - 7 * CELL - start
    for run, ink in zip(figure.runs, inks, strict=True):
        paper.say(MARGIN, paper.y + ROW - 5, shown(run.name), bold=True)
        for token, p in zip(run.tokens, run.probabilities, strict=True):
            paper.box(start, paper.y + 4, max(0.5, full * min(1.0, max(0.0, p))), ROW - 8, ink)
            paper.y += ROW
            paper.say(left, paper.y - 5, label(token))
            paper.say(paper.width - MARGIN, paper.y - 5, "<0.001" if 0 < p < 0.0005 else f"{p:.3f}", anchor="end")
        paper.y += ROW / 2


def change(figure: Change, paper: Paper) -> None:
    """A bar a token, to the left where it became less likely, to the right where it became more likely."""
    longest = max((cell_len(label(t)) for t in figure.tokens), default=1)
    start = MARGIN + CELL * (longest + 1)
    half = (paper.width - MARGIN - 8 * CELL - start) / 2
    middle, top = start + half, paper.y
    for token, by in zip(figure.tokens, figure.changes, strict=True):
        length = half * abs(by or 0.0) / figure.largest
        left = middle - length if by and by < 0 else middle
        paper.box(left, paper.y + 4, length, ROW - 8, paper.inks.base if left < middle else paper.inks.run)
        paper.y += ROW
        paper.say(MARGIN, paper.y - 5, label(token))
        paper.say(paper.width - MARGIN, paper.y - 5, signed(by), anchor="end")
    paper.rule(middle, top, middle, paper.y)


def texts(figure: Texts, paper: Paper) -> None:
    """The prompt, then each text beside its name."""
    pieces = [("prompt", figure.prompt, paper.inks.faint)] if figure.prompt else []
    pieces += [(text.name, text.text, paper.inks.plain) for text in figure.texts]
    names = max((min(LONGEST, cell_len(shown(name))) for name, _, _ in pieces), default=0)
    left = MARGIN + CELL * (names + 2)
    cells = int((paper.width - MARGIN - left) // CELL)
    for name, text, ink in pieces:
        paper.say(MARGIN, paper.y + ROW - 5, label(name), paper.inks.faint, bold=name in ("BASE", "TWEAK"))
        for line in broken(shown(text), cells):
            paper.y += ROW
            paper.say(left, paper.y - 5, line, ink)
        paper.y += ROW / 2


def table(figure: Figure, paper: Paper) -> None:
    """Any figure's numbers. The sheet grows as wide as they need."""
    heads, body = figure.table()
    heads, body = [shown(h) for h in heads], [[shown(cell) for cell in row] for row in body]
    columns = [*zip(*body, strict=True)] if body else [()] * len(heads)
    widths = [max(cell_len(cell) for cell in (head, *column)) for head, column in zip(heads, columns, strict=True)]
    right = [bool(column) and all(NUMERIC.fullmatch(cell) for cell in column) for column in columns]
    paper.width = max(paper.width, 2 * MARGIN + CELL * (sum(widths) + 2 * len(widths)))
    for number, row in enumerate([heads, *body]):
        x = float(MARGIN)
        paper.y += ROW
        for cell, width, end in zip(row, widths, right, strict=True):
            ink = paper.inks.plain if number else paper.inks.faint
            paper.say(x + CELL * width * end, paper.y - 5, cell, ink, anchor="end" if end else "")
            x += CELL * (width + 2)
        if number == 0:
            paper.rule(MARGIN, paper.y, paper.width - MARGIN, paper.y)
