"""Figures as drawings, and what is laid over them: SVG, differences, bets. Nothing here knows the screen."""

from __future__ import annotations

from tutor.drawing.change import Change, change
from tutor.drawing.marks import Mark, Marked, marked
from tutor.drawing.svg import svg

__all__ = ["Change", "Mark", "Marked", "change", "marked", "svg"]
