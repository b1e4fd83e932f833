"""A learner whose own two numbers say the opposite of their word: `it grew, 4.13 to 4.03`.

No lesson has to know of it, and no run: only what goes up and ends lower, or goes down and ends higher, is meant.
"""

from __future__ import annotations

import re

from tutor.course.listening import Reading
from tutor.dialogue.cues import READ
from tutor.dialogue.numbers import readings

GOT = ("got", "gets")
UP = [
    *"grew grows rose rises increased increases gained gains climbed climbs".split(),
    *("went up", "goes up"),
    *(f"{got} {more}" for got in GOT for more in ("larger", "bigger", "longer", "higher")),
]
DOWN = [
    *"fell falls dropped drops shrank shrinks decreased decreases lost loses declined declines".split(),
    *("went down", "goes down"),
    *(f"{got} {less}" for got in GOT for less in ("smaller", "shorter", "lower")),
]
WAY = re.compile(rf"\b(?:(?P<up>{'|'.join(UP)})|{'|'.join(DOWN)})\b", re.IGNORECASE)
NUMBER = r"\d+(?:[.,]\d+)?(?:\s*%)?"
PAIR = re.compile(
    rf"(?<![\d.,])(?P<a>{NUMBER})\s*(?:to|→|->|=>|up to|down to)\s*(?P<b>{NUMBER})(?![\d.,]*\d)", re.IGNORECASE
)
BETWEEN = re.compile(r"[.;:!?]\s|\b(?:but|while|whereas|and|layers?|heads?|positions?|tokens?|steps?)\b", re.IGNORECASE)
"""What may not stand between the word and its numbers: they would be of something else, or count places."""
DENIED = re.compile(r"(?:\b(?:not|never|hardly|neither|nor|nothing|no)\b|n['’]t)[^.,;]{0,20}$", re.IGNORECASE)
PLACES = re.compile(r"\b(?:ranks?|places?|tokens? above|above it|better|worse)\b", re.IGNORECASE)
"""Of these, up is where the number is lower."""

OWN_NUMBERS = Reading.model_construct(
    id="own numbers", cues=[*UP, *DOWN], when={}, shows="", ask="Of the two numbers in it, which is the larger one?"
)
"""What such a text holds; no lesson can have an id like this."""


def backwards(text: str) -> bool:
    """Whether the text says that something went up, or down, between two numbers that say otherwise."""
    text = text[:READ]
    return any(_otherwise(text, way) for way in WAY.finditer(text))


def _otherwise(text: str, way: re.Match[str]) -> bool:
    pair = PAIR.search(text, way.end(), way.end() + 60)
    if not pair or PLACES.search(text) or DENIED.search(text[: way.start()]):
        return False
    between = text[way.end() : pair.start()]
    if BETWEEN.search(between) or WAY.search(between):
        return False
    a, b = (readings(pair[name].strip(" %"))[0][0] for name in ("a", "b"))
    return a > b if way["up"] else a < b
