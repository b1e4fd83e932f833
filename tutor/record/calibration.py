"""Calibration: of the bets made with 70 %, do about 70 % come true? And the Brier score, over time and by concept.

The Brier score of a bet is (confidence - outcome)^2 with the outcome 1 or 0 (Brier 1950). It is proper: saying what one
believes gives the lowest score that can be expected. The diagram is the reliability diagram of forecasters (DeGroot and
Fienberg 1983), with Wilson's interval (1927) around each share, for a few bets show little.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import accumulate

from engine.figures import Curve, Series, Table, number
from tutor.record.history import Bet, Review

ENOUGH = 10
"""With fewer bets there is no diagram."""
BINS = ((0, 19), (20, 39), (40, 59), (60, 79), (80, 100))
"""Confidences that are looked at together, both ends included."""
GROUPS = 12
"""Points at most on the curve over time."""
LEAST = 5
"""Bets that make one of its points."""
EVEN = 0.25
"""The Brier score of one who always says 50 %."""


@dataclass(frozen=True)
class Told:
    """One thing that was said with a confidence, and whether it was so."""

    at: datetime
    right: bool
    confidence: int
    concepts: tuple[str, ...] = ()

    @property
    def brier(self) -> float:
        return (self.confidence / 100 - self.right) ** 2


def told(bets: Iterable[Bet], reviews: Iterable[Review]) -> list[Told]:
    """Bets and reviews together, oldest first: a review is a bet as well, unless the lesson has shown its run."""
    bets = list(bets)
    concepts = {bet.id: bet.concepts for bet in bets}
    both = [Told(b.at, b.right, b.confidence, b.concepts) for b in bets]
    both += [Told(r.at, r.right, r.confidence, concepts.get(r.of, ())) for r in reviews if not r.shown]
    return sorted(both, key=lambda t: t.at)


def brier(bets: Sequence[Told]) -> float | None:
    """The mean Brier score; None where there is no bet."""
    return sum(b.brier for b in bets) / len(bets) if bets else None


def interval(right: int, of: int) -> tuple[float, float]:
    """Between which shares the true one lies, in 19 of 20 cases: Wilson's interval. (0, 1) where nothing is known."""
    if not of:
        return 0.0, 1.0
    z, share = 1.96, right / of
    middle = (share + z * z / (2 * of)) / (1 + z * z / of)
    half = z * math.sqrt(share * (1 - share) / of + z * z / (4 * of * of)) / (1 + z * z / of)
    return max(0.0, middle - half), min(1.0, middle + half)


@dataclass(frozen=True)
class Bin:
    """Bets of about the same confidence."""

    low: int
    high: int
    n: int
    right: int
    said: float | None
    """Their mean confidence, 0 to 1."""

    @property
    def name(self) -> str:
        return f"{self.low}–{self.high}"

    @property
    def share(self) -> float | None:
        return self.right / self.n if self.n else None


def bins(bets: Sequence[Told]) -> list[Bin]:
    """The bets by how sure they were."""
    out = []
    for low, high in BINS:
        here = [b for b in bets if low <= b.confidence <= high]
        said = sum(b.confidence for b in here) / len(here) / 100 if here else None
        out.append(Bin(low, high, len(here), sum(b.right for b in here), said))
    return out


def sentence(bets: Sequence[Told]) -> str:
    """How it stands, in words, and how much so few bets can show."""
    n = len(bets)
    if not n:
        return "No bet was decided yet. Each one you make is held against its run and kept here."
    right = sum(b.right for b in bets)
    said, share = sum(b.confidence for b in bets) / n / 100, right / n
    counted = f"{n} bet{'s' if n != 1 else ''}, {right} came true ({_percent(share)}); you were {_percent(said)} sure on average."
    if n < ENOUGH:
        return f"{counted} Too few to say more: the diagram begins at {ENOUGH} bets."
    low, high = interval(right, n)
    if low <= said <= high:
        return f"{counted} That fits: anything from {_percent(low)} to {_percent(high)} would."
    gap = round(abs(said - share) * 100)
    what = "surer than the runs bear out" if said > share else "less sure than you could be"
    return f"{counted} You are {what}, by {gap} points; chance alone would seldom do that."


def reliability(bets: Sequence[Told]) -> Curve | None:
    """The reliability diagram; None where there are too few bets for one."""
    if len(bets) < ENOUGH:
        return None
    found = bins(bets)
    return Curve(
        title="Of the bets you were so sure of, how many came true",
        note=f"Nearer lines are better. Bets in each: {', '.join(str(b.n) for b in found)}.",
        x_name="sure, %",
        x=[b.name for b in found],
        y_name="share",
        series=[
            Series(name="came true", values=[b.share for b in found]),
            Series(name="as sure as you were", values=[b.said for b in found]),
        ],
    )


def by_confidence(bets: Sequence[Told]) -> Table:
    """The bins as numbers, with the interval that each share stands in."""
    body = []
    for b in bins(bets):
        low, high = interval(b.right, b.n)
        range_ = f"{_percent(low)} to {_percent(high)}" if b.n else "–"
        body.append([f"{b.name} %", str(b.n), str(b.right), _percent(b.share), range_])
    note = "In 19 of 20 cases the true share is in the last column's range."
    heads = ["sure", "bets", "came true", "share", "could be"]
    return Table(title="By how sure you were", note=note, heads=heads, body=body)


def over_time(bets: Sequence[Told]) -> Curve | None:
    """The mean Brier score of one group of bets after another; None where there are too few for two groups."""
    size = max(LEAST, math.ceil(len(bets) / GROUPS))
    groups = [bets[i : i + size] for i in range(0, len(bets), size)]
    if len(groups) > 1 and len(groups[-1]) < LEAST:
        last = groups.pop()
        groups[-1] = [*groups[-1], *last]
    if len(groups) < 2:
        return None
    days = [f"{day.day} {day:%b}" for day in (g[-1].at.astimezone() for g in groups)]
    ends = [f"bet {n}" for n in accumulate(map(len, groups))]
    return Curve(
        title="Brier score over time",
        note=f"Lower is better: 0 is right and sure each time, {EVEN} is saying 50 % each time.",
        x_name="until",
        x=days if len(set(days)) == len(days) else ends,  # several on one day would have one name
        y_name="Brier score",
        series=[
            Series(name="you", values=[brier(g) for g in groups]),
            Series(name="always 50 %", values=[EVEN] * len(groups)),
        ],
    )


def by_kind(bets: Iterable[Bet]) -> Table:
    """Bets, how many came true and the mean score of each kind of prediction, the worst first."""
    groups: dict[str, list[Bet]] = {}
    for bet in bets:
        groups.setdefault(bet.kind, []).append(bet)
    rows = sorted((sum(b.score for b in group) / len(group), kind, group) for kind, group in groups.items())
    body = [[kind, str(len(group)), str(sum(b.right for b in group)), number(score)] for score, kind, group in rows]
    note = "The score says how near a bet came, each kind by its own rule: 1 is best. The lowest first."
    return Table(title="By kind of bet", note=note, heads=["kind", "bets", "came true", "score"], body=body)


def by_concept(bets: Sequence[Told], words: Mapping[str, str] | None = None) -> Table:
    """Bets, how many came true and the Brier score of each concept, the worst first. `words` say how well each is known."""
    groups: dict[str, list[Told]] = {}
    for bet in bets:
        for concept in bet.concepts:
            groups.setdefault(concept, []).append(bet)
    rows = sorted(groups.items(), key=lambda g: (-(brier(g[1]) or 0), g[0]))
    words = words or {}
    body = [
        [name, str(len(g)), str(sum(b.right for b in g)), number(brier(g)), words.get(name, "")] for name, g in rows
    ]
    heads = ["concept", "bets", "came true", "Brier", "known"]
    return Table(title="By concept", note="The highest Brier score first.", heads=heads, body=body)


def _percent(share: float | None) -> str:
    return "–" if share is None else f"{round(share * 100)} %"
