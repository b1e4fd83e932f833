"""`llmw-tutor check --run`: is a lesson true? Every run of it on its default model, over the seeds that it names.

A prediction or claim must come out the same for every seed, and not by a hair. A fact is uncertain by its noise: twice
its spread over the seeds, and where it is measured (not counted) at least 0.5 % of it and at least 0.001. Nothing that
comes out may change when a fact moves by its noise.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, TextIO

from engine.client import Engine
from engine.errors import BadParameter, EngineError
from engine.figures import number, shown
from tutor.course.conditions import When, holds
from tutor.course.format import Choice, Claim, Explain, Lesson, Number, Predict, Prediction, RunSpec, Step, Token
from tutor.course.reader import LessonFile
from tutor.course.source import Key, Problem
from tutor.course.structure import Finding, specs
from tutor.settings import Settings

Facts = Mapping[str, Any]
SHARE = 0.005
LEAST = 0.001


async def truth(files: Sequence[LessonFile], settings: Settings, out: TextIO) -> tuple[list[Problem], int]:
    """What is not true in these lessons, and the exit status of the first engine error (0 if there was none)."""
    engine = Engine(**settings.engine_options())
    problems: list[Problem] = []
    try:
        bench = Bench(engine, fetch=not settings.offline)
        for file in files:
            print(f"run   {file.lesson.id} on {file.lesson.models.default}", file=out, flush=True)
            problems += [file.problem(*finding) for finding in await _lesson(bench, file.lesson)]
    except EngineError as error:
        print(f"the engine could not go on: {error}", file=out)
        return problems, error.exit_status
    finally:
        await engine.close()
    return problems, 0


class Bench:
    """Runs each thing once: many controls repeat a run of the lesson."""

    def __init__(self, engine: Engine, fetch: bool):
        self.engine = engine
        self.fetch = fetch
        self.done: dict[str, Facts] = {}

    async def run(self, experiment: str, parameters: dict[str, Any], model: str, seed: int) -> Facts:
        """The facts of a run. Raises EngineError."""
        key = repr((experiment, sorted(parameters.items()), model, seed))
        if key not in self.done:
            result = await self.engine.run(experiment, parameters, model=model, seed=seed, fetch=self.fetch)
            self.done[key] = result.facts
        return self.done[key]


async def _lesson(bench: Bench, lesson: Lesson) -> list[Finding]:
    """Run everything in the lesson, and hold what it says against the facts. Raises EngineError."""
    findings: list[Finding] = []
    measured: dict[str, list[Facts]] = {}
    model = lesson.models.default
    for loc, spec in specs(lesson):
        parameters, seeds = (spec.parameters(model), spec.seeds) if isinstance(spec, RunSpec) else (spec.with_, [0])
        try:
            facts = [await bench.run(spec.experiment, parameters, model, seed) for seed in seeds]
        except BadParameter as error:
            found, _, right = str(error).partition("; ")
            findings.append(((*loc, "with", error.parameter), f"{model} refuses this: {found}", right))
            continue
        if isinstance(spec, RunSpec):
            measured[lesson.steps[int(loc[1])].id] = facts
    for i, step in enumerate(lesson.steps):
        run = lesson.run_after(step.id) if isinstance(step, Predict) else lesson.run_before(step.id)
        if run and run.id in measured:
            found_here = _step(step, measured[run.id], run.run.seeds)
            findings += [(("steps", i, *at), found, right) for at, found, right in found_here]
    return findings


def _step(step: Step, facts: Sequence[Facts], seeds: Sequence[int]) -> Iterator[Finding]:
    if isinstance(step, Predict):
        yield from prediction(step.predict, facts, seeds, ("predict",))
    elif isinstance(step, Explain):
        for n, each in enumerate(step.explain.claims):
            yield from claim(each, facts, seeds, ("explain", "claims", n))


def prediction(
    question: Prediction, facts: Sequence[Facts], seeds: Sequence[int], loc: tuple[Key, ...]
) -> Iterator[Finding]:
    """What is not true of a prediction, given the facts of its run with each seed."""
    match question:
        case Choice():
            yield from _choice(question, facts, seeds, (*loc, "options"))
        case Number():
            yield from _number(question, facts, seeds, loc)
        case Token():
            said = [str(f.get(question.fact) or "") for f in facts]
            if not said[0].strip():
                found = f"{question.fact} is “{shown(said[0])}”, which nobody can type"
                yield (*loc, "fact"), found, "ask for another fact, or change the prompt"
            if len(set(said)) > 1:
                words = ", ".join(f"“{shown(s)}” with seed {n}" for s, n in zip(said, seeds, strict=True))
                yield (*loc, "fact"), f"the truth changes with the seed: {words}", "ask what every seed answers alike"


def _choice(question: Choice, facts: Sequence[Facts], seeds: Sequence[int], loc: tuple[Key, ...]) -> Iterator[Finding]:
    whens = [o.when for o in question.options]
    true = [next((o.id for o in question.options if holds(o.when, f)), None) for f in facts]
    if None in true:
        seed = seeds[true.index(None)]
        yield loc, f"no option is true with seed {seed} ({_values(whens, facts[true.index(None)])})", "widen an option"
    elif len(set(true)) > 1:
        words = ", ".join(f"{t} with seed {n}" for t, n in zip(true, seeds, strict=True))
        yield loc, f"the truth changes with the seed: {words}", "ask what every seed answers alike, or move the bounds"
    elif close := _unsure(whens, facts, lambda f: [holds(w, f) for w in whens]):
        yield loc, f"option {true[0]} is true by a hair: {close}", "move the bound away from what happens"


def claim(of: Claim, facts: Sequence[Facts], seeds: Sequence[int], loc: tuple[Key, ...]) -> Iterator[Finding]:
    """What is not true of a claim, given the facts of its run with each seed."""
    when, loc = of.when, (*loc, "when")
    true = [holds(when, f) for f in facts]
    if not any(true):
        yield loc, f"this claim never holds: {_values([when], facts[0])}", "say what the run shows, or drop the claim"
    elif not all(true):
        seed = seeds[true.index(False)]
        yield loc, f"this claim does not hold with seed {seed}", "say what every seed shows, or name fewer seeds"
    elif close := _unsure([when], facts, lambda f: holds(when, f)):
        yield loc, f"this claim holds by a hair: {close}", "move the bound away from what happens"


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
        words = ", ".join(f"{number(v)} with seed {n}" for v, n in zip(values, seeds, strict=True))
        yield (*loc, "fact"), f"the truth changes with the seed: {words}", "ask what every seed answers alike"


# --- noise ------------------------------------------------------------------------------------------------------------


def noise(fact: str, facts: Sequence[Facts]) -> float:
    """By how much a numeric fact is uncertain. A count that does not change with the seed is certain."""
    values: list[float] = [f[fact] for f in facts]
    spread = 2.0 * (max(values) - min(values))
    if all(isinstance(v, int) for v in values):
        return spread
    return max(spread, SHARE * abs(float(values[0])), LEAST)


def _unsure(whens: Sequence[When], facts: Sequence[Facts], outcome: Any) -> str:
    """The values that stand too near a bound: there the outcome changes if one of the facts moves by its noise."""
    for f in facts:
        for fact in {name: None for when in whens for name in when}:
            value = f.get(fact)
            if isinstance(value, bool) or not isinstance(value, (int, float)):
                continue
            by = noise(fact, facts)
            if any(outcome({**f, fact: value + sign * by}) != outcome(f) for sign in (-1, 1)):
                bounds = {b for when in whens if fact in when for b in when[fact].thresholds()}
                bound = min(bounds, key=lambda b: abs(b - value))
                return f"{fact} is {number(value)}, the bound {number(bound)} and the noise {number(by)}"
    return ""


def _values(whens: Sequence[When], facts: Facts) -> str:
    names = dict.fromkeys(itertools.chain.from_iterable(whens))
    return " and ".join(f"{name} is {number(facts.get(name))}" for name in names)
