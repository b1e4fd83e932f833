"""From a value to a colour or, where there are no colours, to a glyph.

Magnitudes wear viridis (van der Walt and Smith, 2015), signed values go from blue over the background to orange: both
can be read by colour-blind eyes. The glyphs carry the same order with ink alone; negative ones are of another shape.
"""

from __future__ import annotations

import math
from functools import cache

from rich.color import Color
from rich.color_triplet import ColorTriplet
from rich.style import Style

LEVELS = 64
"""Steps of a ramp: finer than an eye tells apart, few enough to keep every style."""

VIRIDIS = ("440154", "482878", "3e4989", "31688e", "26828e", "1f9e89", "35b779", "6ece58", "b5de2b", "fde725")
BLUE_ORANGE_DARK = ("6db8ff", "3b7fc4", "24486f", "262a30", "6f4a22", "c47f33", "ffb45c")
BLUE_ORANGE_LIGHT = ("0b4f9e", "5b93cc", "b3cfe8", "f3f3f1", "f1cfa4", "dc9243", "a85400")

MORE = " ░▒▓█"
"""Magnitudes, and positive values where there is a sign."""
LESS = " -=≡#"
"""Negative values."""
NOT_YET = "·"


@cache
def ramp(signed: bool, dark: bool) -> tuple[ColorTriplet, ...]:
    """LEVELS colours from the low end of the scale to the high end."""
    stops = (BLUE_ORANGE_DARK if dark else BLUE_ORANGE_LIGHT) if signed else VIRIDIS
    points = [ColorTriplet(*bytes.fromhex(stop)) for stop in stops]
    colours = []
    for i in range(LEVELS):
        place = i / (LEVELS - 1) * (len(points) - 1)
        k = min(int(place), len(points) - 2)
        colours.append(
            ColorTriplet(*(round(a + (b - a) * (place - k)) for a, b in zip(points[k], points[k + 1], strict=True)))
        )
    return tuple(colours)


def level(value: float | None, scale: tuple[float, float]) -> int | None:
    """The step of the ramp for `value`, or None where there is no value to show."""
    if value is None or not math.isfinite(value):
        return None
    low, high = scale
    return round(max(0.0, min(1.0, (value - low) / (high - low))) * (LEVELS - 1))


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
    light = 0.299 * colour.red + 0.587 * colour.green + 0.114 * colour.blue
    return ColorTriplet(0, 0, 0) if light > 140 else ColorTriplet(255, 255, 255)


@cache
def paint(ink: ColorTriplet | None, ground: ColorTriplet | None, bold: bool = False) -> Style:
    """A style of these colours; None leaves the screen's own."""
    return Style(
        color=Color.from_triplet(ink) if ink else None,
        bgcolor=Color.from_triplet(ground) if ground else None,
        bold=bold,
    )
