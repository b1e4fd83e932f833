"""`llmw-tutor check --run`: is a lesson true? Every run of it on its default model, over the seeds that it names."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, TextIO

from engine.client import Engine
from engine.errors import BadParameter, EngineError, ModelUnavailable
from engine.figures import Heatmap
from engine.protocol import Result
from tutor.checks.against import claim, goal, prediction, reading
from tutor.course.facts import Finding
from tutor.course.format import Explain, Lesson, Observe, Predict, RunSpec, Step, Tweak
from tutor.course.reader import LessonFile
from tutor.course.source import Key, Problem
from tutor.course.structure import specs
from tutor.settings import Settings


async def truth(
    files: Sequence[LessonFile], settings: Settings, out: TextIO
) -> tuple[list[Problem], int, list[LessonFile]]:
    """What is not true in these lessons, the exit status of the last engine error (0 if there was none), and the files
    that were not run to their end."""
    engine = Engine(**settings.engine_options())
    problems: list[Problem] = []
    status, left, missing = 0, list(files), set[str]()
    try:
        bench = Bench(engine, fetch=not settings.offline)
        for file in files:
            model = file.lesson.models.default
            if model in missing:
                continue
            print(f"run   {file.lesson.id} on {model}", file=out, flush=True)
            try:
                problems += [file.problem(*finding) for finding in await _lesson(bench, file.lesson)]
                left.remove(file)
            except ModelUnavailable as error:  # another lesson may be of another model
                print(f"the engine could not go on: {error}", file=out)
                missing.add(model)
                status = error.exit_status
    except EngineError as error:
        print(f"the engine could not go on: {error}", file=out)
        status = error.exit_status
    finally:
        await engine.close()
    return problems, status, left


class Bench:
    """Runs each thing once: many controls repeat a run of the lesson."""

    def __init__(self, engine: Engine, fetch: bool):
        self.engine = engine
        self.fetch = fetch
        self.done: dict[str, Result] = {}

    async def run(self, experiment: str, parameters: dict[str, Any], model: str, seed: int) -> Result:
        """The result of a run. Raises EngineError."""
        key = repr((experiment, sorted(parameters.items()), model, seed))
        if key not in self.done:
            self.done[key] = await self.engine.run(experiment, parameters, model=model, seed=seed, fetch=self.fetch)
        return self.done[key]


async def _lesson(bench: Bench, lesson: Lesson) -> list[Finding]:
    """Run everything in the lesson, and hold what it says against the facts. Raises EngineError."""
    findings: list[Finding] = []
    measured: dict[str, list[Result]] = {}
    model = lesson.models.default
    for loc, spec in specs(lesson):
        parameters, seeds = (spec.parameters(model), spec.seeds) if isinstance(spec, RunSpec) else (spec.with_, [0])
        try:
            results = [await bench.run(spec.experiment, parameters, model, seed) for seed in seeds]
        except BadParameter as error:
            findings.append(_refused(error, model, (*loc, "with")))
            continue
        if isinstance(spec, RunSpec):
            measured[lesson.steps[int(loc[1])].id] = results
    for i, step in enumerate(lesson.steps):
        run = lesson.run_after(step.id) if isinstance(step, Predict) else lesson.run_before(step.id)
        if run and run.id in measured:
            found_here = _step(step, measured[run.id], run.run.seeds)
            findings += [(("steps", i, *at), found, right) for at, found, right in found_here]
            if isinstance(step, Tweak) and (reached := step.tweak.reached):
                loc, parameters = ("steps", i, "tweak", "reached"), {**run.run.parameters(model), **reached.by}
                try:
                    tried = await bench.run(run.run.experiment, parameters, model, run.run.seeds[0])
                except BadParameter as error:
                    findings.append(_refused(error, model, (*loc, "by")))
                    continue
                findings += goal(reached, measured[run.id][0].facts, tried.facts, loc)
    return findings


def _refused(error: BadParameter, model: str, loc: tuple[Key, ...]) -> Finding:
    found, _, right = str(error).partition("; ")
    return (*loc, error.parameter), f"{model} refuses this: {found}", right


def _step(step: Step, results: Sequence[Result], seeds: Sequence[int]) -> Iterator[Finding]:
    facts = [result.facts for result in results]
    if isinstance(step, Predict):
        heatmap = next((f for f in results[0].figures if isinstance(f, Heatmap)), None)
        grid = (len(heatmap.rows), len(heatmap.columns)) if heatmap else None
        yield from prediction(step.predict, facts, seeds, ("predict",), grid)
    elif isinstance(step, Observe):
        for n, may in enumerate(step.readings):
            yield from reading(may, facts, seeds, ("readings", n))
    elif isinstance(step, Explain):
        for n, each in enumerate(step.explain.claims):
            yield from claim(each, facts, seeds, ("explain", "claims", n))
