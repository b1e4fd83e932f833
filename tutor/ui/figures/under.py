"""What stands under a figure that leaves room: those that come after it, each with its title, to look at and not to act on."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from textual.strip import Strip

from engine.figures import shown
from tutor.ui.figures.cells import strip, wrapped_text
from tutor.ui.figures.view import LineView


def under(views: Iterable[tuple[str, LineView[Any]]], width: int, room: int) -> list[Strip]:
    """The figures of `views`, each with its place ("2/3"), as far as they fit whole into `room` lines of `width` cells."""
    out: list[Strip] = []
    for place, view in views:
        head = _head(place, view, width)
        left = room - len(out) - len(head)
        if left < view.least:
            continue
        body = view.lines(width, left)
        if body and len(body) <= left and all(line.cell_length <= width for line in body):
            out += [*head, *body]
    return out


def _head(place: str, view: LineView[Any], width: int) -> list[Strip]:
    """An empty line, the title as the panel writes it, the note."""
    strong, faint, plain = (view.style(name) for name in ("strong", "faint", "plain"))
    title = strip((shown(view.figure.title), strong), (f"  {place}", faint))
    note = shown(view.figure.note)
    notes = [strip((line, faint)) for line in wrapped_text(note, width)] if note else []
    return [strip((" ", plain)), title.crop(0, width), *notes]
