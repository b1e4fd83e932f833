"""Predictions and claims against the experiment that they are about: can they be scored, and can they fail."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from engine.experiments import Experiment
from engine.figures import number, shown
from tutor.course.conditions import division, kind_of
from tutor.course.facts import Finding, in_fact, in_sentence, in_when, in_words, never
from tutor.course.format import Cell, Chips, Choice, Drawn, FreeText, Number, Prediction, Ranking, Token
from tutor.course.reader import near
from tutor.course.source import Key

Given = Mapping[str, Any]
"""The parameters that a run sets, with their values."""


def in_prediction(question: Prediction, of: Experiment, given: Given, loc: tuple[Key, ...]) -> Iterator[Finding]:
    """What is wrong with a prediction about a run of `of` in which the parameters `given` are set."""
    match question:
        case Choice():
            yield from _choice(question, of, given, loc)
        case Number():
            yield from in_fact(question.fact, (int, float), of, given, (*loc, "fact"), "a number prediction")
            yield from _range(question, loc)
        case Token():
            yield from in_fact(question.fact, (str,), of, given, (*loc, "fact"), "a token prediction")
        case Ranking():
            yield from _ranking(question, of, given, loc)
        case Cell():
            yield from _cell(question, of, given, loc)
        case Drawn():
            yield from in_fact(question.fact, (list,), of, given, (*loc, "fact"), "a curve")
            yield from _curve(question, loc)
        case Chips():
            yield from _chips(question, of, given, loc)
        case FreeText():
            yield from _text(question, of, given, loc)


def _choice(question: Choice, of: Experiment, given: Given, loc: tuple[Key, ...]) -> Iterator[Finding]:
    wrong: list[Finding] = []
    for n, option in enumerate(question.options):
        at = (*loc, "options", n)
        wrong += in_when(option.when, of, given, (*at, "when"))
        yield from in_words(option.says, of, given, (*at, "says"))
    yield from in_words(question.shows or "", of, given, (*loc, "shows"))
    yield from wrong
    if wrong or len({option.id for option in question.options}) < len(question.options):  # which is said elsewhere
        return
    for n, option in enumerate(question.options):
        if never(option.when, of):
            yield (*loc, "options", n, "when"), f"option {option.id} is never true", "widen its bounds, or take it out"
    for complaint in division({o.id: o.when for o in question.options}, of.facts):
        yield (*loc, "options"), complaint, "exactly one option must be true, whatever the run gives"


def _range(question: Number, loc: tuple[Key, ...]) -> Iterator[Finding]:
    """A guess in the middle of the range must be able to miss."""
    low, high = question.low, question.high
    if low is not None and high is not None:
        yield from _between(low, high, question.close, loc)
    if not math.isfinite(question.close):
        yield (*loc, "close"), "`close` has no end", "a number"


def _between(low: float, high: float, close: float, loc: tuple[Key, ...]) -> Iterator[Finding]:
    if low >= high:
        yield (*loc, "low"), f"`low` {number(low)} is not below `high` {number(high)}", "exchange them"
    elif 2 * close >= high - low:
        middle = f"the middle of {number(low)} to {number(high)}"
        found = f"`close` {number(close)} makes {middle} right whatever comes"
        yield (*loc, "close"), found, f"less than {number((high - low) / 2)}"


def _ranking(question: Ranking, of: Experiment, given: Given, loc: tuple[Key, ...]) -> Iterator[Finding]:
    """Each item has a number of its own."""
    facts = [i.fact for i in question.items]
    for n, item in enumerate(question.items):
        at = (*loc, "items", n)
        yield from in_fact(item.fact, (int, float), of, given, (*at, "fact"), "a ranking")
        if item.fact in facts[:n]:
            found = (
                f"{item.fact} a second time: `{question.items[facts.index(item.fact)].id}` always ties with `{item.id}`"
            )
            yield (*at, "fact"), found, "give each item a fact of its own"
        if "{" in item.says:
            yield (*at, "says"), "a { in what is read before the run", "say it without a value of the run"


def _cell(question: Cell, of: Experiment, given: Given, loc: tuple[Key, ...]) -> Iterator[Finding]:
    """Both facts count, and the columns are there to be pointed at."""
    for key, fact in (("row_fact", question.row_fact), ("column_fact", question.column_fact)):
        if fact in of.facts.model_fields and kind_of(of.facts, fact) is float:
            yield (*loc, key), f"{fact} is no whole number, and a cell is a place in a grid", "a fact that counts"
        else:
            yield from in_fact(fact, (int,), of, given, (*loc, key), "a cell")
    if question.row_fact == question.column_fact:
        yield (*loc, "column_fact"), "row and column are the same fact", "the position or the head"
    texts = [n for n in of.parameters.model_fields if of.parameters.kind_of(n) == "text"]
    if question.columns == "positions" and question.of not in texts:
        found = f"{of.name} has no text `{question.of}`, whose tokens would be the columns"
        yield (*loc, "of"), found, f"one of {', '.join(texts)}{near(question.of, texts)}"


def _curve(question: Drawn, loc: tuple[Key, ...]) -> Iterator[Finding]:
    """The range has room, and a line in its middle can miss."""
    low, high, close = question.low, question.high, question.close
    if not all(math.isfinite(v) for v in (low, high, close)):
        yield (*loc, "low"), "a range or a `close` that has no end", "numbers"
    elif question.scale == "linear":
        yield from _between(low, high, close, loc)
    elif low < 0:
        yield (*loc, "low"), f"`low` {number(low)} on a log scale", "0 or more: the scale is that of log(1 + value)"
    elif low >= high:
        yield from _between(low, high, close, loc)
    elif close <= 1:
        found = f"`close` {number(close)} on a log scale, where it is a factor"
        yield (*loc, "close"), found, "more than 1: with 2, half and double are near enough"
    elif close**2 >= (1 + high) / (1 + low):
        found = f"`close` {number(close)} makes the middle of {number(low)} to {number(high)} right whatever comes"
        yield (*loc, "close"), found, f"less than {number(math.sqrt((1 + high) / (1 + low)))}"


def _chips(question: Chips, of: Experiment, given: Given, loc: tuple[Key, ...]) -> Iterator[Finding]:
    """The candidates are those of the run, and can be told apart when they are typed."""
    yield from in_fact(question.fact, (list,), of, given, (*loc, "fact"), "a distribution")
    if "candidates" not in of.parameters.model_fields:
        found = f"{of.name} has no parameter `candidates`, so it gives them no probabilities"
        yield loc, found, "take next_token, or another kind of prediction"
    elif not isinstance(ran := given.get("candidates"), Sequence) or list(ran) != list(question.candidates):
        found = f"the run's `candidates` are {_listed(ran)}, and the bet's are {_listed(question.candidates)}"
        yield (*loc, "candidates"), found, "the same tokens in the same order, leading spaces and all"
    names = [c.strip().lower() for c in question.candidates]
    for n, name in enumerate(names):
        if name in names[:n] or not name:
            found = f"nobody can type the candidate “{shown(question.candidates[n])}” so that it is not another one"
            yield (*loc, "candidates", n), found, "candidates that differ in their letters"


def _listed(tokens: Any) -> str:
    if not isinstance(tokens, list):
        return "not a list" if tokens else "not set"
    return ", ".join(f"“{shown(str(t))}”" for t in tokens)


def _text(question: FreeText, of: Experiment, given: Given, loc: tuple[Key, ...]) -> Iterator[Finding]:
    """Each outcome can come and can fail to come. What cues find is checked with the words (`wording`)."""
    for n, outcome in enumerate(question.expects):
        yield from in_sentence(outcome.says, outcome.when, of, given, (*loc, "expects", n))
