"""From a value to a style, in the colours of `tutor.drawing.ramps`. Without colours it is `engine.figures.glyph`."""

from __future__ import annotations

from functools import cache

from rich.color import Color
from rich.color_triplet import ColorTriplet
from rich.style import Style

from tutor.drawing.ramps import LEVELS, dark_ink, level, steps

__all__ = ["LEVELS", "ink_on", "level", "paint", "ramp"]


@cache
def ramp(signed: bool, dark: bool) -> tuple[ColorTriplet, ...]:
    """LEVELS colours from the low end of the scale to the high end."""
    return tuple(ColorTriplet(*rgb) for rgb in steps(signed, dark))


def ink_on(colour: ColorTriplet) -> ColorTriplet:
    """Black or white, whichever can be read on `colour`."""
    return ColorTriplet(0, 0, 0) if dark_ink(colour) else ColorTriplet(255, 255, 255)


@cache
def paint(ink: ColorTriplet | None, ground: ColorTriplet | None, bold: bool = False) -> Style:
    """A style of these colours; None leaves the screen's own."""
    return Style(
        color=Color.from_triplet(ink) if ink else None,
        bgcolor=Color.from_triplet(ground) if ground else None,
        bold=bold,
    )
