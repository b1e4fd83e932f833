"""Conditions on facts, and whether the options of a choice divide what can happen without overlap or gap."""

from __future__ import annotations

import itertools
import math
import types
from collections.abc import Mapping
from typing import Annotated, Any, Union, get_args, get_origin

import annotated_types
from pydantic import BaseModel, ConfigDict, Field, model_validator

from engine.experiments.base import FactSet
from engine.figures import number

Value = bool | int | float | str


class Condition(BaseModel):
    """What one fact must be. `from` is another word for `at_least`. All that is given must hold."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)

    at_least: float | None = None
    from_: float | None = Field(default=None, alias="from")
    above: float | None = None
    at_most: float | None = None
    below: float | None = None
    equals: Value | None = None
    is_not: Value | None = None

    @model_validator(mode="after")
    def _says_something(self) -> Condition:
        if not self.model_fields_set:
            raise ValueError("a condition needs one of: at_least, from, above, at_most, below, equals, is_not")
        if len({"at_least", "from_", "above"} & self.model_fields_set) > 1:
            raise ValueError("a condition takes one lower bound: at_least (or from) or above")
        if {"at_most", "below"} <= self.model_fields_set:
            raise ValueError("a condition takes one upper bound: at_most or below")
        return self

    def holds(self, value: Value | None) -> bool:
        """Whether the fact is so. A fact that the run did not give holds nothing."""
        if value is None:
            return False
        if self.equals is not None and not same(value, self.equals):
            return False
        if self.is_not is not None and same(value, self.is_not):
            return False
        if not self.thresholds():
            return True
        if not isinstance(value, (int, float)) or isinstance(value, bool):
            return False
        low = self.at_least if self.at_least is not None else self.from_
        return (
            (low is None or value >= low)
            and (self.above is None or value > self.above)
            and (self.at_most is None or value <= self.at_most)
            and (self.below is None or value < self.below)
        )

    def thresholds(self) -> list[float]:
        """The numbers at which this condition turns."""
        bounds = [v for v in (self.at_least, self.from_, self.above, self.at_most, self.below) if v is not None]
        return bounds

    def points(self) -> list[Value]:
        """Every value this condition names."""
        return [*self.thresholds(), *(v for v in (self.equals, self.is_not) if v is not None)]


When = dict[str, Condition]


def same(a: Value, b: Value) -> bool:
    """Equality in which true is not 1."""
    return isinstance(a, bool) == isinstance(b, bool) and isinstance(a, str) == isinstance(b, str) and a == b


def holds(when: When, facts: Mapping[str, Any]) -> bool:
    """Whether every condition holds on these facts."""
    return all(condition.holds(facts.get(fact)) for fact, condition in when.items())


def division(options: Mapping[str, When], facts: type[FactSet]) -> list[str]:
    """What is wrong with these options as a division of everything that can happen; empty if nothing is.

    Every fact's range is cut at the values that the conditions name, and each combination of the pieces must make exactly
    one option true.
    """
    named = {fact for when in options.values() for fact in when}
    pieces = {
        fact: _pieces([p for w in options.values() if fact in w for p in w[fact].points()], facts.model_fields[fact])
        for fact in sorted(named)
    }
    if math.prod(len(p) for p in pieces.values()) > 200_000:
        return ["the options cut their facts into too many pieces to check; use fewer bounds"]
    problems: dict[str, str] = {}
    for values in itertools.product(*pieces.values()):
        point = dict(zip(pieces, values, strict=True))
        true = [name for name, when in options.items() if holds(when, point)]
        if len(true) == 1:
            continue
        where = " and ".join(f"{fact} = {number(v)}" for fact, v in point.items())
        if not true:
            problems.setdefault("gap", f"no option is true when {where}")
        else:
            problems.setdefault("overlap", f"options {' and '.join(true)} are both true when {where}")
    return list(problems.values())


def _pieces(points: list[Value], info: Any) -> list[Value]:
    """One value out of each piece into which the points cut the fact's range."""
    kind, low, high = _range(info)
    if kind is bool:
        return [False, True]
    if kind is str:
        return [*dict.fromkeys(str(p) for p in points), "…something else…"]
    cuts = sorted({float(p) for p in points if not isinstance(p, str)})
    if kind is int:
        near: set[int] = set()
        for c in cuts:
            near |= {math.floor(c) - 1, math.floor(c), math.ceil(c), math.ceil(c) + 1}
        return [v for v in sorted(near) if low <= v <= high]
    ends = [-math.inf if low == -math.inf else low, *cuts, math.inf if high == math.inf else high]
    out: set[float] = {c for c in cuts if low <= c <= high} | {e for e in (low, high) if math.isfinite(e)}
    for a, b in itertools.pairwise(sorted(set(ends))):
        middle = (a + b) / 2 if math.isfinite(a) and math.isfinite(b) else (b - 1 if math.isfinite(b) else a + 1)
        if math.isfinite(middle) and low <= middle <= high:
            out.add(middle)
    return sorted(out)


def _range(info: Any) -> tuple[type, float, float]:
    """A fact's type and bounds, from its declaration."""
    kind: Any = info.annotation
    metadata = list(info.metadata)
    while get_origin(kind) in (Annotated, Union, types.UnionType):
        inner = [a for a in get_args(kind) if a is not type(None)]
        metadata += inner[1:] if get_origin(kind) is Annotated else []
        kind = inner[0]
    low, high = -math.inf, math.inf
    for m in metadata:
        for c in getattr(m, "metadata", None) or [m]:
            if isinstance(c, annotated_types.Ge):
                low = float(c.ge)  # type: ignore[arg-type]
            elif isinstance(c, annotated_types.Gt):
                low = math.nextafter(float(c.gt), math.inf)  # type: ignore[arg-type]
            elif isinstance(c, annotated_types.Le):
                high = float(c.le)  # type: ignore[arg-type]
            elif isinstance(c, annotated_types.Lt):
                high = math.nextafter(float(c.lt), -math.inf)  # type: ignore[arg-type]
    return kind, low, high


def kind_of(facts: type[FactSet], fact: str) -> type:
    """The type of a fact: bool, int, float, str, or list."""
    kind = _range(facts.model_fields[fact])[0]
    return get_origin(kind) or kind
