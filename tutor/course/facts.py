"""What a lesson says of facts, against the facts that an experiment gives: do they exist, do they fit, can they fail."""

from __future__ import annotations

import types
from collections.abc import Container, Iterator, Sequence
from typing import Annotated, Any, Union, get_args, get_origin

from engine.experiments import Experiment
from tutor.course.conditions import Condition, When, division, kind_of
from tutor.course.format import PLACE
from tutor.course.reader import near
from tutor.course.source import Key

Finding = tuple[Sequence[Key], str, str]
"""Where in the lesson, what was found, what would be right."""
Given = Container[str]
"""The parameters that a run sets."""
KINDS = {bool: "true or false", int: "a number", float: "a number", str: "text", list: "a list"}
SINGLE = (bool, int, float, str)


def in_when(when: When, of: Experiment, given: Given, loc: tuple[Key, ...]) -> Iterator[Finding]:
    """Whether the facts of a condition are there and can be compared so."""
    for fact, condition in when.items():
        wrong = list(in_fact(fact, SINGLE, of, given, (*loc, fact), "a condition"))
        yield from wrong or _fits(fact, condition, kind_of(of.facts, fact), (*loc, fact))


def says_something(when: When, of: Experiment, given: Given, loc: tuple[Key, ...]) -> Iterator[Finding]:
    """Whether a condition that stands alone says something: of facts that are there, and not always or never."""
    yield from list(in_when(when, of, given, loc)) or can_fail(when, of, loc)


def can_fail(when: When, of: Experiment, loc: tuple[Key, ...]) -> Iterator[Finding]:
    """Whether some run could make the condition true, and some run false."""
    if not division({"it": when}, of.facts):
        yield loc, "a condition that is always true", "name a bound that a run could miss"
    elif never(when, of):
        yield loc, "a condition that is never true", "give bounds that leave room between them"


def never(when: When, of: Experiment) -> bool:
    """Whether no run could make it true: two options with this condition would not even overlap."""
    return not any("both true" in p for p in division({"one": when, "two": when}, of.facts))


def _fits(fact: str, condition: Condition, kind: type, loc: tuple[Key, ...]) -> Iterator[Finding]:
    """Bounds are for numbers, and a value must be of the fact's own type."""
    if kind in (str, bool) and condition.thresholds():
        yield loc, f"a bound on {fact}, which is {KINDS[kind]}", "compare it with `equals` or `is_not`"
    for value in (condition.equals, condition.is_not):
        wanted: tuple[type, ...] = (int, float) if kind in (int, float) else (kind,)
        if value is not None and (not isinstance(value, wanted) or isinstance(value, bool) is not (kind is bool)):
            yield loc, f"{fact} is {KINDS[kind]} and is compared with {value!r}", f"compare it with {KINDS[kind]}"


def in_fact(
    fact: str, kinds: tuple[type, ...], of: Experiment, given: Given, loc: tuple[Key, ...], what: str
) -> Iterator[Finding]:
    """Whether the run gives this fact, and of a type that fits."""
    if fact not in of.facts.model_fields:
        known = _of_kinds((*SINGLE, list) if list in kinds else SINGLE, of)
        yield loc, f"{of.name} has no fact `{fact}`", f"its facts are {', '.join(known)}{near(fact, known)}"
        return
    kind = kind_of(of.facts, fact)
    if kind not in kinds or (kind is list and not numbers_of(of, fact)):
        found = f"{fact} is {'a list of text' if kind is list and list in kinds else KINDS.get(kind, 'a list')}"
        yield loc, f"{found}, and {what} cannot take that", _instead(kinds, of)
    wants = fact.partition("_")[0]
    if optional(of, fact) and wants in of.parameters.model_fields and wants not in given:
        yield loc, f"{fact} is given only where the run sets `{wants}`", f"set `{wants}` in the run's `with`"


def _instead(kinds: tuple[type, ...], of: Experiment) -> str:
    known = [f for f in _of_kinds(kinds, of) if kind_of(of.facts, f) is not list or numbers_of(of, f)]
    return f"one of {', '.join(known)}" if known else f"{of.name} gives none of this kind: take another experiment"


def _of_kinds(kinds: tuple[type, ...], of: Experiment) -> list[str]:
    return [f for f in of.facts.model_fields if kind_of(of.facts, f) in kinds]


def optional(of: Experiment, fact: str) -> bool:
    """Whether a run may leave the fact out."""
    kind = of.facts.model_fields[fact].annotation
    return get_origin(kind) in (Union, types.UnionType) and type(None) in get_args(kind)


def numbers_of(of: Experiment, fact: str) -> bool:
    """Whether a fact is a list of numbers."""
    kind: Any = of.facts.model_fields[fact].annotation
    while get_origin(kind) in (Annotated, Union, types.UnionType, list):
        kind = next(a for a in get_args(kind) if a is not type(None))
    return kind in (int, float)


def in_sentence(
    says: str, when: When, of: Experiment, given: Given, loc: tuple[Key, ...], key: str = "says"
) -> Iterator[Finding]:
    """Whether a sentence and the condition under which it is said speak of facts that are there, and can fail."""
    yield from says_something(when, of, given, (*loc, "when"))
    yield from in_words(says, of, given, (*loc, key))


def in_words(text: str, of: Experiment, given: Given, loc: tuple[Key, ...]) -> Iterator[Finding]:
    """Every `{fact}` in a sentence is a fact that the run gives."""
    for fact in PLACE.findall(text):
        yield from in_fact(fact, SINGLE, of, given, loc, "a sentence")
    if "{" in PLACE.sub("", text):
        example = "{" + next(iter(of.facts.model_fields)) + "}"
        yield loc, "a { that begins no {fact}", f"write a fact's name in it, such as {example}"
