"""Whether a reply only points back at what the learner wrote before: `as I said`, `see above`."""

from __future__ import annotations

from tutor.dialogue.loss import SMALL_TALK
from tutor.dialogue.words import words

POINTS = frozenset("said told wrote mentioned answered explained stated above earlier repeat".split())
BESIDE = SMALL_TALK | frozenset(
    """i we you as like have had ve did do not to the a my that what was is it so see look read again before already just
    same answer answers reply reason thing question first last previous by in up would will keep saying""".split()
)
"""What else may stand beside it."""


def points_back(reply: str) -> bool:
    """Whether it holds nothing but that."""
    said = {w.text for w in words(reply)}
    return "?" not in reply and bool(said & POINTS) and said <= POINTS | BESIDE
