"""What a lesson says, held against the facts of its runs: one for each seed.

A prediction or claim must come out the same for every seed, and not by a hair (`tutor.checks.noise`).
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence

from engine.figures import number, shown
from tutor.checks import shapes
from tutor.checks.noise import Facts, alike, changes, missing, unsure
from tutor.course.conditions import When, holds
from tutor.course.facts import Finding
from tutor.course.format import Cell, Chips, Choice, Claim, Drawn, FreeText, Number, Prediction, Ranking, Reached, Token
from tutor.course.listening import Reading
from tutor.course.source import Key


def prediction(
    question: Prediction,
    facts: Sequence[Facts],
    seeds: Sequence[int],
    loc: tuple[Key, ...],
    grid: shapes.Grid | None = None,
) -> Iterator[Finding]:
    """What is not true of a prediction, given the facts of its run with each seed, and the size of the run's heatmap."""
    match question:
        case Choice():
            yield from _choice(question, facts, seeds, (*loc, "options"))
        case Number():
            gone = list(missing(question.fact, facts, seeds, (*loc, "fact")))
            yield from gone or _number(question, facts, seeds, loc)
        case Token():
            yield from _token(question, facts, seeds, (*loc, "fact"))
        case Ranking():
            yield from shapes.ranking(question, facts, seeds, loc)
        case Cell():
            yield from shapes.cell(question, facts, seeds, loc, grid)
        case Drawn():
            yield from shapes.curve(question, facts, seeds, loc)
        case Chips():
            yield from shapes.distribution(question, facts, seeds, loc)
        case FreeText():
            yield from _text(question, facts, seeds, (*loc, "expects"))


def _token(question: Token, facts: Sequence[Facts], seeds: Sequence[int], loc: tuple[Key, ...]) -> Iterator[Finding]:
    said = [str(f.get(question.fact) or "") for f in facts]
    if not said[0].strip():
        found = f"{question.fact} is “{shown(said[0])}”, which nobody can type"
        yield loc, found, "ask for another fact, or change the prompt"
    yield from alike([f"“{shown(s)}”" for s in said], seeds, loc)


def _text(question: FreeText, facts: Sequence[Facts], seeds: Sequence[int], loc: tuple[Key, ...]) -> Iterator[Finding]:
    """Some outcome comes, the same ones with every seed. With none there is nothing that one could rightly say."""
    whens = [o.when for o in question.expects]
    yield from _unspaced(whens, facts, loc)
    true = [[o.id for o in question.expects if holds(o.when, f)] for f in facts]
    if [] in true:
        seed = seeds[true.index([])]
        values = _values(whens, facts[true.index([])])
        yield loc, f"none of the outcomes comes with seed {seed} ({values})", "add the one that does, or widen one"
    yield from alike([" and ".join(t) or "none" for t in true], seeds, loc)
    if len({tuple(t) for t in true}) == 1 and (close := unsure(whens, facts, lambda f: [holds(w, f) for w in whens])):
        yield loc, f"an outcome comes by a hair: {close}", "move the bound away from what happens"


def _choice(question: Choice, facts: Sequence[Facts], seeds: Sequence[int], loc: tuple[Key, ...]) -> Iterator[Finding]:
    whens = [o.when for o in question.options]
    yield from _unspaced(whens, facts, loc)
    true = [next((o.id for o in question.options if holds(o.when, f)), None) for f in facts]
    if None in true:
        seed = seeds[true.index(None)]
        yield loc, f"no option is true with seed {seed} ({_values(whens, facts[true.index(None)])})", "widen an option"
    elif len(set(true)) > 1:
        yield changes([str(t) for t in true], seeds, loc, "ask what every seed answers alike, or move the bounds")
    elif close := unsure(whens, facts, lambda f: [holds(w, f) for w in whens]):
        yield loc, f"option {true[0]} is true by a hair: {close}", "move the bound away from what happens"


def _unspaced(whens: Sequence[When], facts: Sequence[Facts], loc: tuple[Key, ...]) -> Iterator[Finding]:
    """Texts that miss a fact of the run by no more than a space: the tokens of most words begin with one."""
    for n, when in enumerate(whens):
        for fact, condition in when.items():
            wanted = [w for w in (condition.equals, condition.is_not) if isinstance(w, str)]
            said = {f[fact] for f in facts if isinstance(f.get(fact), str)}
            for text in sorted(s for s in said for w in wanted if s != w and s.strip() == w.strip()):
                found = f"{fact} is “{shown(text)}”, and this condition is about it without its space"
                yield (*loc, n, "when", fact), found, f'write "{text}"'


def claim(of: Claim, facts: Sequence[Facts], seeds: Sequence[int], loc: tuple[Key, ...]) -> Iterator[Finding]:
    """What is not true of a claim, given the facts of its run with each seed."""
    when, loc = of.when, (*loc, "when")
    true = [holds(when, f) for f in facts]
    if not any(true):
        yield loc, f"this claim never holds: {_values([when], facts[0])}", "say what the run shows, or drop the claim"
    elif not all(true):
        seed = seeds[true.index(False)]
        yield loc, f"this claim does not hold with seed {seed}", "say what every seed shows, or name fewer seeds"
    elif close := unsure([when], facts, lambda f: holds(when, f)):
        yield loc, f"this claim holds by a hair: {close}", "move the bound away from what happens"


def reading(of: Reading, facts: Sequence[Facts], seeds: Sequence[int], loc: tuple[Key, ...]) -> Iterator[Finding]:
    """What is wrong with a reading, given the facts of its run with each seed: there it must not be so, or nobody is asked."""
    so = [holds(of.when, f) for f in facts]
    if any(so):
        seed = seeds[so.index(True)]
        found = f"this is so with seed {seed}: {_values([of.when], facts[so.index(True)])}"
        yield (*loc, "when"), found, "name what the run does not show, or leave it out: nobody would be asked about it"
    elif close := unsure([of.when], facts, lambda f: holds(of.when, f)):
        yield (*loc, "when"), f"this is not so by a hair: {close}", "move the bound away from what happens"


def goal(of: Reached, before: Facts, after: Facts, loc: tuple[Key, ...]) -> Iterator[Finding]:
    """What is not true of a goal: the run that it starts from must miss it, and the way that the lesson knows must reach it."""
    if holds(of.when, before):
        yield (
            (*loc, "when"),
            f"the goal is reached before anything is changed: {_values([of.when], before)}",
            "ask for more",
        )
    if not holds(of.when, after):
        yield (
            (*loc, "when"),
            f"the goal is not reached by `by`: {_values([of.when], after)}",
            "find a way, or ask for less",
        )


def _number(question: Number, facts: Sequence[Facts], seeds: Sequence[int], loc: tuple[Key, ...]) -> Iterator[Finding]:
    values = [float(f[question.fact]) for f in facts]
    low = question.low if question.low is not None else min(0.0, 2 * min(values))
    high = question.high if question.high is not None else max(0.0, 2 * max(values))
    first = values[0]
    if not low <= first <= high:
        yield (*loc, "fact"), f"{question.fact} is {number(first)}, outside `low` to `high`", "widen them"
    elif high > low and question.close >= max(first - low, high - first):
        found = f"`close` {number(question.close)} makes every answer right: {question.fact} is {number(first)}"
        yield (*loc, "close"), found, f"less than {number(max(first - low, high - first))}"
    if max(abs(v - first) for v in values) > question.close:
        yield changes([number(v) for v in values], seeds, (*loc, "fact"), "ask what every seed answers alike")


def _values(whens: Sequence[When], facts: Facts) -> str:
    names = dict.fromkeys(itertools.chain.from_iterable(whens))
    return " and ".join(f"{name} is {number(facts.get(name))}" for name in names)
