"""Predictions and claims against the facts of an experiment: do they exist, do they fit, can they fail."""

from __future__ import annotations

import math
import types
from collections.abc import Iterator, Sequence
from typing import Union, get_args, get_origin

from engine.experiments import Experiment
from engine.figures import number
from tutor.course.conditions import Condition, When, division, kind_of
from tutor.course.format import PLACE, Choice, Claim, Number, Prediction, Token
from tutor.course.reader import near
from tutor.course.source import Key

Finding = tuple[Sequence[Key], str, str]
KINDS = {bool: "true or false", int: "a number", float: "a number", str: "text", list: "a list"}


def in_prediction(
    question: Prediction, of: Experiment, given: frozenset[str], loc: tuple[Key, ...]
) -> Iterator[Finding]:
    """What is wrong with a prediction about a run of `of` in which the parameters `given` are set."""
    match question:
        case Choice():
            yield from _choice(question, of, given, loc)
        case Number():
            yield from _fact(question.fact, (int, float), of, given, (*loc, "fact"), "a number prediction")
            yield from _range(question, of, loc)
        case Token():
            yield from _fact(question.fact, (str,), of, given, (*loc, "fact"), "a token prediction")


def in_claim(claim: Claim, of: Experiment, given: frozenset[str], loc: tuple[Key, ...]) -> Iterator[Finding]:
    """What is wrong with a claim about a run of `of`."""
    wrong = list(_when(claim.when, of, given, (*loc, "when")))
    yield from wrong
    if not wrong:
        if not division({"it": claim.when}, of.facts):
            yield (*loc, "when"), "a condition that is always true", "name a bound that a run could miss"
        elif _never(claim.when, of):
            yield (*loc, "when"), "a condition that is never true", "give bounds that leave room between them"
    yield from _places(claim.says, of, given, (*loc, "says"))


def _choice(question: Choice, of: Experiment, given: frozenset[str], loc: tuple[Key, ...]) -> Iterator[Finding]:
    wrong: list[Finding] = []
    for n, option in enumerate(question.options):
        at = (*loc, "options", n)
        wrong += _when(option.when, of, given, (*at, "when"))
        yield from _places(option.says, of, given, (*at, "says"))
    yield from wrong
    if wrong:
        return
    for n, option in enumerate(question.options):
        if _never(option.when, of):
            yield (*loc, "options", n, "when"), f"option {option.id} is never true", "widen its bounds, or take it out"
    for complaint in division({o.id: o.when for o in question.options}, of.facts):
        yield (*loc, "options"), complaint, "exactly one option must be true, whatever the run gives"


def _never(when: When, of: Experiment) -> bool:
    """Whether no run could make it true: two options with this condition would not even overlap."""
    return not any("both true" in p for p in division({"one": when, "two": when}, of.facts))


def _when(when: When, of: Experiment, given: frozenset[str], loc: tuple[Key, ...]) -> Iterator[Finding]:
    for fact, condition in when.items():
        wrong = list(_fact(fact, (bool, int, float, str), of, given, (*loc, fact), "a condition"))
        yield from wrong or _fits(fact, condition, kind_of(of.facts, fact), (*loc, fact))


def _fits(fact: str, condition: Condition, kind: type, loc: tuple[Key, ...]) -> Iterator[Finding]:
    """Bounds are for numbers, and a value must be of the fact's own type."""
    if kind in (str, bool) and condition.thresholds():
        yield loc, f"a bound on {fact}, which is {KINDS[kind]}", "compare it with `equals` or `is_not`"
    for value in (condition.equals, condition.is_not):
        wanted: tuple[type, ...] = (int, float) if kind in (int, float) else (kind,)
        if value is not None and (not isinstance(value, wanted) or isinstance(value, bool) is not (kind is bool)):
            yield loc, f"{fact} is {KINDS[kind]} and is compared with {value!r}", f"compare it with {KINDS[kind]}"


def _fact(
    fact: str, kinds: tuple[type, ...], of: Experiment, given: frozenset[str], loc: tuple[Key, ...], what: str
) -> Iterator[Finding]:
    """Whether the run gives this fact, and of a type that fits."""
    if fact not in of.facts.model_fields:
        known = _of_kinds((bool, int, float, str), of)
        yield loc, f"{of.name} has no fact `{fact}`", f"its facts are {', '.join(known)}{near(fact, known)}"
        return
    kind = kind_of(of.facts, fact)
    if kind not in kinds:
        found = f"{fact} is {KINDS.get(kind, 'a list')}, and {what} cannot take that"
        yield loc, found, f"one of {', '.join(_of_kinds(kinds, of))}"
    wants = fact.partition("_")[0]
    if _optional(of, fact) and wants in of.parameters.model_fields and wants not in given:
        yield loc, f"{fact} is given only where the run sets `{wants}`", f"set `{wants}` in the run's `with`"


def _of_kinds(kinds: tuple[type, ...], of: Experiment) -> list[str]:
    return [f for f in of.facts.model_fields if kind_of(of.facts, f) in kinds]


def _optional(of: Experiment, fact: str) -> bool:
    kind = of.facts.model_fields[fact].annotation
    return get_origin(kind) in (Union, types.UnionType) and type(None) in get_args(kind)


def _range(question: Number, of: Experiment, loc: tuple[Key, ...]) -> Iterator[Finding]:
    """A guess in the middle of the range must be able to miss."""
    low, high = question.low, question.high
    if low is not None and high is not None:
        if low >= high:
            yield (*loc, "low"), f"`low` {number(low)} is not below `high` {number(high)}", "exchange them"
        elif 2 * question.close >= high - low:
            middle = f"the middle of {number(low)} to {number(high)}"
            found = f"`close` {number(question.close)} makes {middle} right whatever comes"
            yield (*loc, "close"), found, f"less than {number((high - low) / 2)}"
    if not math.isfinite(question.close):
        yield (*loc, "close"), "`close` has no end", "a number"


def _places(text: str, of: Experiment, given: frozenset[str], loc: tuple[Key, ...]) -> Iterator[Finding]:
    """Every `{fact}` in a sentence is a fact that the run gives."""
    for fact in PLACE.findall(text):
        yield from _fact(fact, (bool, int, float, str), of, given, loc, "a sentence")
    if "{" in PLACE.sub("", text):
        yield (
            loc,
            "a { that begins no {fact}",
            "write a fact's name in it, such as {" + next(iter(of.facts.model_fields)) + "}",
        )
