"""How sure a fact is, from the runs with each seed, and whether they agree.

A fact is uncertain by its noise: twice its spread over the seeds, and where it is measured (not counted) at least 0.5 % of
it and at least 0.001. Nothing that comes out may change when a fact moves by its noise.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from engine.figures import number
from tutor.course.conditions import When
from tutor.course.facts import Finding
from tutor.course.source import Key

Facts = Mapping[str, Any]
SHARE = 0.005
LEAST = 0.001


def noise(fact: str, facts: Sequence[Facts]) -> float:
    """By how much a numeric fact is uncertain. A count that does not change with the seed is certain."""
    values: list[float] = [f[fact] for f in facts if f.get(fact) is not None]
    spread = 2.0 * (max(values) - min(values))
    if all(isinstance(v, int) for v in values):
        return spread
    return max(spread, SHARE * abs(float(values[0])), LEAST)


def unsure(whens: Sequence[When], facts: Sequence[Facts], outcome: Any) -> str:
    """The values that stand too near a bound: there the outcome changes if one of the facts moves by its noise."""
    for f in facts:
        for fact in {name: None for when in whens for name in when}:
            value = f.get(fact)
            if isinstance(value, bool) or not isinstance(value, (int, float)):
                continue
            by = noise(fact, facts)
            if any(outcome({**f, fact: value + sign * by}) != outcome(f) for sign in (-1, 1)):
                points = [p for when in whens if fact in when for p in when[fact].points()]
                bound = min((p for p in points if isinstance(p, (int, float))), key=lambda p: abs(p - value))
                return f"{fact} is {number(value)}, the bound {number(bound)} and the noise {number(by)}"
    return ""


def alike(said: Sequence[str], seeds: Sequence[int], loc: tuple[Key, ...]) -> Iterator[Finding]:
    """Whether every seed says the same."""
    if len(set(said)) > 1:
        yield changes(said, seeds, loc, "ask what every seed answers alike")


def changes(said: Sequence[str], seeds: Sequence[int], loc: tuple[Key, ...], right: str) -> Finding:
    """That not every seed says the same."""
    words = ", ".join(f"{s} with seed {n}" for s, n in zip(said, seeds, strict=True))
    return loc, f"the truth changes with the seed: {words}", right


def missing(fact: str, facts: Sequence[Facts], seeds: Sequence[int], loc: tuple[Key, ...]) -> Iterator[Finding]:
    """Whether a fact that a run may leave out was left out."""
    if (seed := next((n for f, n in zip(facts, seeds, strict=True) if f.get(fact) is None), None)) is not None:
        yield loc, f"the run does not give {fact} with seed {seed}", "set what it needs in `with`, or take another fact"
