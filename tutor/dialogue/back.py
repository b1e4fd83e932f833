"""Whether a reply only points back at what the learner wrote before: `as I said`, `see above`."""

from __future__ import annotations

import re
from collections.abc import Sequence

from tutor.dialogue.loss import SMALL_TALK
from tutor.dialogue.words import words

POINTS = frozenset("said told wrote mentioned answered explained stated above earlier repeat".split())
BESIDE = SMALL_TALK | frozenset(
    """i we you as like have had ve did do not to the a my that what was is it so see look read again before already just
    same answer answers reply reason thing question first last previous by in up would will keep saying""".split()
)
"""What else may stand beside it."""
SAME = re.compile(r"\W*(the\s+)?same(\s+(as\s+)?(one|before|above|again|line))?\W*", re.IGNORECASE)
"""Points back where a line is wanted; as an answer it may mean what it says."""


def pointed_at(reply: str, before: Sequence[str]) -> str:
    """The last of what was written `before`, where the reply only points back at it; else the reply."""
    points = bool(SAME.fullmatch(reply)) or points_back(reply)
    said = [text for text in before if not points_back(text)] if points else []
    return said[-1] if said else reply


def points_back(reply: str) -> bool:
    """Whether it holds nothing but that."""
    said = {w.text for w in words(reply)}
    return "?" not in reply and bool(said & POINTS) and said <= POINTS | BESIDE
