"""BASE and TWEAK side by side where the terminal is wide enough, else one under the other."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import zip_longest

from engine.figures import Figure, Texts, Tokens, cell_len, cut, pad, shown

WIDE = 100
"""Cells from which two columns read well."""
GAP = " │ "


def text_of(figure: Figure, width: int) -> str:
    """The figure as text; where it holds a BASE and a TWEAK and there is room, in two columns."""
    if width < WIDE:
        return figure.text(width)
    half = (width - len(GAP)) // 2
    match figure:
        case Texts(texts=[base, tweak]) if (base.name, tweak.name) == ("BASE", "TWEAK"):
            head = [
                f"prompt  {line}" if i == 0 else line for i, line in enumerate(lines(shown(figure.prompt), width - 8))
            ]
            sides = [[t.name, *lines(shown(t.text), half)] for t in (base, tweak)]
        case Tokens(runs=[base, tweak]) if (base.name, tweak.name) == ("BASE", "TWEAK"):
            head = []
            alone = [figure.model_copy(update={"runs": [run], "note": ""}) for run in (base, tweak)]
            sides = [one.text(half).split("\n")[1:] for one in alone]
        case _:
            return figure.text(width)
    note = [figure.note] if figure.note else []
    return "\n".join([figure.title, *head, *columns(sides[0], sides[1], half), *note])


def columns(left: Sequence[str], right: Sequence[str], half: int) -> Iterator[str]:
    """Lines of two columns, `half` cells each."""
    for a, b in zip_longest(left, right, fillvalue=""):
        yield f"{pad(a, half)}{GAP}{b}".rstrip()


def lines(text: str, width: int) -> list[str]:
    """The text broken at spaces into lines of at most `width` cells; a word that is longer is cut."""
    out = [""]
    for word in text.split(" "):
        longer = f"{out[-1]} {word}" if out[-1] else word
        if cell_len(longer) <= width:
            out[-1] = longer
            continue
        out += [word] if out[-1] else []
        out[-1] = out[-1] or word
        while cell_len(out[-1]) > width:
            start = cut(out[-1], width)
            out[-1:] = [start, out[-1][len(start) :]]
    return out
