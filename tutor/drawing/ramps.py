"""From a value to a colour. The screen and the drawings have the same ramps.

Magnitudes wear viridis (van der Walt and Smith, 2015), signed values go from blue over the background to orange: both
can be read by colour-blind eyes.
"""

from __future__ import annotations

import math
from functools import cache

RGB = tuple[int, int, int]

LEVELS = 64
"""Steps of a ramp: finer than an eye tells apart, few enough to keep every style."""

VIRIDIS = ("440154", "482878", "3e4989", "31688e", "26828e", "1f9e89", "35b779", "6ece58", "b5de2b", "fde725")
BLUE_ORANGE_DARK = ("6db8ff", "3b7fc4", "24486f", "262a30", "6f4a22", "c47f33", "ffb45c")
BLUE_ORANGE_LIGHT = ("0b4f9e", "5b93cc", "b3cfe8", "f3f3f1", "f1cfa4", "dc9243", "a85400")


@cache
def steps(signed: bool, dark: bool) -> tuple[RGB, ...]:
    """LEVELS colours from the low end of the scale to the high end."""
    stops = (BLUE_ORANGE_DARK if dark else BLUE_ORANGE_LIGHT) if signed else VIRIDIS
    points = [bytes.fromhex(stop) for stop in stops]
    out = []
    for i in range(LEVELS):
        place = i / (LEVELS - 1) * (len(points) - 1)
        k = min(int(place), len(points) - 2)
        red, green, blue = (round(a + (b - a) * (place - k)) for a, b in zip(points[k], points[k + 1], strict=True))
        out.append((red, green, blue))
    return tuple(out)


def level(value: float | None, scale: tuple[float, float]) -> int | None:
    """The step of the ramp for `value`, or None where there is no value to show."""
    if value is None or not math.isfinite(value):
        return None
    low, high = scale
    return round(max(0.0, min(1.0, (value - low) / (high - low))) * (LEVELS - 1))


def dark_ink(colour: RGB) -> bool:
    """Whether black, and not white, is what can be read on `colour`."""
    red, green, blue = colour
    return 0.299 * red + 0.587 * green + 0.114 * blue > 140
