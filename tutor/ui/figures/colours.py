"""From a value to a style or, where there are no colours, to a glyph.

The colours are those of `tutor.drawing.ramps`. The glyphs carry the same order with ink alone; negative ones are of
another shape.
"""

from __future__ import annotations

import math
from functools import cache

from rich.color import Color
from rich.color_triplet import ColorTriplet
from rich.style import Style

from tutor.drawing.ramps import LEVELS, dark_ink, level, steps

__all__ = ["LESS", "LEVELS", "MORE", "NOT_YET", "glyph", "ink_on", "level", "paint", "ramp"]

MORE = " ░▒▓█"
"""Magnitudes, and positive values where there is a sign."""
LESS = " -=≡#"
"""Negative values."""
NOT_YET = "·"


@cache
def ramp(signed: bool, dark: bool) -> tuple[ColorTriplet, ...]:
    """LEVELS colours from the low end of the scale to the high end."""
    return tuple(ColorTriplet(*rgb) for rgb in steps(signed, dark))


def glyph(value: float | None, scale: tuple[float, float], signed: bool) -> str:
    """The same as ink: a denser glyph is further from the low end, or from 0 where there is a sign."""
    if value is None or not math.isfinite(value):
        return NOT_YET
    low, high = scale
    share = abs(value) / high if signed else (value - low) / (high - low)
    inks = LESS if signed and value < 0 else MORE
    return inks[min(4, round(max(0.0, share) * 4))]


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
