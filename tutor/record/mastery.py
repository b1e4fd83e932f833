"""How well each concept is known, as far as bets and explanations show it. A simple number with a simple definition:

    mastery = (sum of w * v + PRIOR * 0.5) / (sum of w + PRIOR)

over what the learner did in lessons about the concept, the newest first: v is 1 or 0 for a bet or a review that came true or
not, and 1, 0.5 or 0 for an explanation that said all, some or nothing of what was to be said. The newest has weight w = 1,
and each older one a little less: half after HALF of them. An explanation that the tutor had to tell therefore counts for less
than one that was given. PRIOR keeps one lucky bet from being mastery.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from tutor.course.format import Lesson
from tutor.record.history import History

HALF = 6.0
PRIOR = 1.0
FEW = 3
"""With fewer than this many there is no word but `begun`."""
WORDS = ((0.75, "steady"), (0.5, "growing"), (0.0, "shaky"))
"""From which mastery on which word is said."""
CELLS = 5


@dataclass(frozen=True)
class Known:
    """One concept, or several together."""

    name: str
    value: float = 0.5
    """0 to 1; 0.5 where nothing is known."""
    n: int = 0
    """Bets, reviews and explanations that it stands on."""

    @property
    def word(self) -> str:
        if not self.n:
            return "new"
        return next(word for least, word in WORDS if self.value >= least) if self.n >= FEW else "begun"

    @property
    def bar(self) -> str:
        """`▰▰▰▱▱`; empty cells only where nothing is known."""
        full = round(self.value * CELLS) if self.n else 0
        return "▰" * full + "▱" * (CELLS - full)


def mastery(history: History, lessons: Mapping[str, Lesson]) -> dict[str, Known]:
    """Every concept of the lessons, and every other one that was bet on."""
    shown: dict[str, list[tuple[datetime, float]]] = {c: [] for lesson in lessons.values() for c in lesson.concepts}
    concepts = {bet.id: bet.concepts for bet in history.bets}
    said = [(b.at, float(b.right), b.concepts) for b in history.bets]
    said += [(r.at, float(r.right), concepts.get(r.of, ())) for r in history.reviews if not r.shown]
    said += [(e.at, e.share, tuple(lessons[e.lesson].concepts)) for e in history.explained if e.lesson in lessons]
    for at, value, names in said:
        for name in names:
            shown.setdefault(name, []).append((at, value))
    return {name: _known(name, items) for name, items in shown.items()}


def _known(name: str, items: list[tuple[datetime, float]]) -> Known:
    newest = [value for _, value in sorted(items, key=lambda item: item[0], reverse=True)]
    weights = [0.5 ** (i / HALF) for i in range(len(newest))]
    total = sum(w * v for w, v in zip(weights, newest, strict=True)) + PRIOR * 0.5
    return Known(name, total / (sum(weights) + PRIOR), len(newest))


def together(name: str, concepts: Iterable[str], known: Mapping[str, Known]) -> Known:
    """Several concepts as one, for a lesson or a unit: the mean of those that something is known of."""
    found = [known[c] for c in dict.fromkeys(concepts) if c in known and known[c].n]
    if not found:
        return Known(name)
    return Known(name, sum(k.value for k in found) / len(found), max(k.n for k in found))  # one bet is about several


def weakest(known: Mapping[str, Known]) -> Known | None:
    """The concept that something is known of and that stands worst; None where all are steady or new."""
    shaky = [k for k in known.values() if k.n >= FEW and k.value < WORDS[0][0]]
    return min(shaky, key=lambda k: (k.value, k.name), default=None)
