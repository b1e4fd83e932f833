"""Saving a figure as SVG: a file of its own in the learner's folder, never over another."""

from __future__ import annotations

import re
from pathlib import Path

from textual.app import App

from engine.figures import Figure
from tutor.drawing import svg

FOLDER = "figures"
LONGEST = 60
MOST = 1000
"""Files of one name at most."""


def folder_of(app: App[object]) -> Path:
    """Where the figures of this learner go; below the current folder for an app without settings."""
    settings = getattr(app, "settings", None)
    return (settings.home if settings else Path.cwd()) / FOLDER


def save(figure: Figure, folder: Path, dark: bool = False) -> Path:
    """Write the figure as a new file in `folder` and return its path. Raises OSError."""
    folder.mkdir(parents=True, exist_ok=True)
    drawing = svg(figure, dark)
    name = slug(figure.title)
    for number in range(1, MOST):
        path = folder / (f"{name}.svg" if number == 1 else f"{name}-{number}.svg")
        try:
            with path.open("x", encoding="utf-8") as file:
                file.write(drawing)
        except FileExistsError:
            continue
        return path
    raise FileExistsError(f"{folder} holds {MOST} files named {name} already")


def slug(title: str) -> str:
    """A title as the name of a file."""
    return re.sub(r"[^a-z0-9]+", "-", title.lower())[:LONGEST].strip("-") or "figure"
