"""Whether a lesson fits together: its steps in their order, its experiments and predictions with the catalogue.

Nothing runs here. What is found here would stop the loop or make a step meaningless, so a lesson is not loaded with it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from pydantic import ValidationError

from engine.errors import BadParameter
from engine.experiments import Experiment, bad_parameter, catalogue, experiment
from tutor.course.block import Experimented
from tutor.course.facts import Finding, in_sentence
from tutor.course.format import (
    Cell,
    Chips,
    Choice,
    Drawn,
    Explain,
    FreeText,
    Lesson,
    Number,
    Observe,
    Predict,
    Prediction,
    Ranking,
    Run,
    RunSpec,
    Step,
    Takeaway,
    Token,
    Tweak,
    TweakSpec,
)
from tutor.course.listening import Listen, Misconception
from tutor.course.predictions import in_prediction
from tutor.course.reader import LessonFile, near
from tutor.course.source import Key, Problem


def structure(file: LessonFile) -> list[Problem]:
    """All that does not fit together, in the order of the lines."""
    lesson = file.lesson
    findings = [*_twice(lesson), *_order(lesson), *_models(lesson), *_experiments(lesson), *_facts(lesson)]
    return sorted({file.problem(*finding) for finding in findings})


# --- ids and order ----------------------------------------------------------------------------------------------------


def _twice(lesson: Lesson) -> Iterator[Finding]:
    """Ids that are there twice where each must be one of a kind."""
    yield from _repeats([(("steps", i, "id"), s.id) for i, s in enumerate(lesson.steps)], "step")
    for loc, question in predictions(lesson):
        yield from _twice_in(question, loc)
    for place, listen in listens(lesson):
        parts = [((*place, "expects", n, "id"), e.id) for n, e in enumerate(listen.expects)]
        parts += [((*place, "misconceptions", n, "id"), m.id) for n, m in enumerate(listen.misconceptions)]
        yield from _repeats(parts, "expectation or misconception")
    for i, step in enumerate(lesson.steps):
        for key, of in _pictures(step):
            yield from _repeats([(("steps", i, key, n, "id"), m.id) for n, m in enumerate(of)], key[:-1])


def _twice_in(question: Prediction, loc: tuple[Key, ...]) -> Iterator[Finding]:
    """Ids within a prediction: bets are kept by them."""
    match question:
        case Choice(options=options):
            yield from _repeats([((*loc, "options", n, "id"), o.id) for n, o in enumerate(options)], "option")
        case Ranking(items=items):
            yield from _repeats([((*loc, "items", n, "id"), i.id) for n, i in enumerate(items)], "item")
        case FreeText(expects=outcomes):
            yield from _repeats([((*loc, "expects", n, "id"), o.id) for n, o in enumerate(outcomes)], "outcome")
        case Number() | Token() | Cell() | Drawn() | Chips():
            pass


def _repeats(ids: Iterable[tuple[Sequence[Key], str]], what: str) -> Iterator[Finding]:
    seen: set[str] = set()
    for loc, id in ids:
        if id in seen:
            yield loc, f"the {what} id `{id}` a second time", "give it another id: progress is kept by ids"
        seen.add(id)


def listens(lesson: Lesson) -> Iterator[tuple[tuple[Key, ...], Listen]]:
    """Every `listen` of the lesson and where it stands."""
    for i, step in enumerate(lesson.steps):
        if isinstance(step, Explain):
            yield ("steps", i, "explain", "listen"), step.explain.listen
        elif (listen := getattr(step, "listen", None)) is not None:
            yield ("steps", i, "listen"), listen


def misconceptions(lesson: Lesson) -> Iterator[tuple[tuple[Key, ...], Misconception]]:
    """Every misconception of the lesson and where it stands."""
    for place, listen in listens(lesson):
        yield from (((*place, "misconceptions", n), m) for n, m in enumerate(listen.misconceptions))
    for i, step in enumerate(lesson.steps):
        for key, of in _pictures(step):
            yield from ((("steps", i, key, n), m) for n, m in enumerate(of))


def _pictures(step: Step) -> Iterator[tuple[str, Sequence[Misconception]]]:
    """What is listened for at a step where nobody judges replies, and the key under which it stands."""
    if isinstance(step, Takeaway):
        yield "misconceptions", step.misconceptions
    elif isinstance(step, Observe):
        yield "readings", step.readings


def predictions(lesson: Lesson) -> Iterator[tuple[tuple[Key, ...], Prediction]]:
    """Every prediction that the lesson asks for, and where it stands."""
    for i, step in enumerate(lesson.steps):
        if isinstance(step, Predict):
            yield ("steps", i, "predict"), step.predict
        elif isinstance(step, Tweak) and step.tweak.predict:
            yield ("steps", i, "tweak", "predict"), step.tweak.predict


def _order(lesson: Lesson) -> Iterator[Finding]:
    """Predict, run, observe, explain: in this order, or the lesson tells before it asks."""
    bet = ran = seen = False
    for i, step in enumerate(lesson.steps):
        loc = ("steps", i, step.key)
        if isinstance(step, Run):
            if not bet:
                yield loc, f"step `{step.id}` runs before anything was predicted", "put a `predict` step before it"
            bet, ran, seen = False, True, False
        elif isinstance(step, Predict):
            bet = True
            if lesson.run_after(step.id) is None:
                yield loc, f"nothing runs after the prediction `{step.id}`", "put a `run` step after it"
        elif isinstance(step, (Observe, Explain, Tweak)) and not ran:
            yield loc, f"step `{step.id}` speaks of a run and none came before", "put `predict` and `run` before it"
        elif isinstance(step, Observe):
            seen = True
        elif isinstance(step, Explain) and not seen:
            right = "put an `observe` step between the run and this one: the learner looks first"
            yield loc, f"step `{step.id}` explains a run that nobody has looked at", right
    if not isinstance(lesson.steps[-1], Takeaway):
        yield (
            ("steps", len(lesson.steps) - 1),
            f"the lesson ends with `{lesson.steps[-1].key}`",
            "end with a `takeaway` step",
        )


# --- experiments ------------------------------------------------------------------------------------------------------


def _models(lesson: Lesson) -> Iterator[Finding]:
    """What the lesson says a model needs, against what its experiments need."""
    wanted: set[str] = set()
    for loc, spec in specs(lesson):
        of = find_experiment(spec.experiment)
        for need in of.needs if of else ():
            wanted.add(need)
            if need not in lesson.models.needs:
                found = f"{spec.experiment} needs a model with {need}, and the lesson does not say so"
                yield (*loc, "experiment"), found, f"add `models: {{needs: [{need}]}}`"
    for n, need in enumerate(lesson.models.needs):
        if need in wanted:
            continue
        known = sorted({need for e in catalogue() for need in e.needs})  # only here: it imports every experiment
        if need not in known:
            right = f"a lesson may need {', '.join(known)}{near(need, known)}"
            yield ("models", "needs", n), f"no experiment needs `{need}` of a model", right


def specs(lesson: Lesson) -> Iterator[tuple[tuple[Key, ...], Experimented]]:
    """Every experiment with its parameters, and where it stands."""
    for i, step in enumerate(lesson.steps):
        if isinstance(step, Run):
            yield ("steps", i, "run"), step.run
    yield from (((*place, "control"), m.control) for place, m in misconceptions(lesson) if m.control)


def find_experiment(name: str) -> Experiment | None:
    try:
        return experiment(name)
    except BadParameter:
        return None


def _experiments(lesson: Lesson) -> Iterator[Finding]:
    for loc, spec in specs(lesson):
        of = find_experiment(spec.experiment)
        if of is None:
            names = [e.name for e in catalogue()]
            right = f"experiments are {', '.join(names)}{near(spec.experiment, names)}"
            yield (*loc, "experiment"), f"there is no experiment `{spec.experiment}`", right
            continue
        yield from _parameters(of, spec.with_, spec.with_, (*loc, "with"), loc)
        for model, values in (spec.on if isinstance(spec, RunSpec) else {}).items():
            yield from _parameters(of, {**spec.with_, **values}, values, (*loc, "on", model), loc)
    for i, step in enumerate(lesson.steps):
        if (
            isinstance(step, Tweak)
            and (run := lesson.run_before(step.id))
            and (of := find_experiment(run.run.experiment))
        ):
            known = list(of.parameters.model_fields)
            for n, name in enumerate(step.tweak.vary):
                if name not in known:
                    right = f"it has {', '.join(known)}{near(name, known)}"
                    yield ("steps", i, "tweak", "vary", n), f"{of.name} has no parameter `{name}`", right
            if goal := step.tweak.reached:
                loc = ("steps", i, "tweak", "reached")
                yield from _parameters(of, {**run.run.with_, **goal.by}, goal.by, (*loc, "by"), loc)


def _parameters(
    of: Experiment, values: dict[str, Any], written: dict[str, Any], place: Sequence[Key], otherwise: Sequence[Key]
) -> Iterator[Finding]:
    """The parameters that the experiment does not have, else the first that it refuses.

    They are said at `place` if they were `written` there, else at `otherwise`.
    """
    known = list(of.parameters.model_fields)
    if unknown := [name for name in written if name not in known]:
        for name in unknown:
            yield (
                (*place, name),
                f"{of.name} has no parameter `{name}`",
                f"it has {', '.join(known)}{near(name, known)}",
            )
        return
    try:
        of.parameters.model_validate(values, strict=True)
    except ValidationError as error:
        bad = bad_parameter(of, values, error)
        found, _, right = str(bad).partition("; ")
        yield (*place, bad.parameter) if bad.parameter in written else otherwise, found, right


# --- facts ------------------------------------------------------------------------------------------------------------


def _facts(lesson: Lesson) -> Iterator[Finding]:
    """Predictions, readings and claims against the facts of the run that they speak of."""
    for i, step in enumerate(lesson.steps):
        run = lesson.run_after(step.id) if isinstance(step, Predict) else lesson.run_before(step.id)
        of = find_experiment(run.run.experiment) if run else None
        if run is None or of is None:
            continue  # said elsewhere
        if isinstance(step, Tweak):
            before = lesson.predict_before(step.id)
            question = step.tweak.predict or (before.predict if before else None)
            yield from ((("steps", i, *loc), found, right) for loc, found, right in _varied(step.tweak, question))
        for given in (run.run.with_, *({**run.run.with_, **values} for values in run.run.on.values())):
            for loc, found, right in _of_step(step, of, given):
                yield ("steps", i, *loc), found, right


def _of_step(step: Step, of: Experiment, given: Mapping[str, Any]) -> Iterator[Finding]:
    match step:
        case Predict(predict=question):
            yield from in_prediction(question, of, given, ("predict",))
        case Tweak(tweak=tweak):
            if tweak.predict:
                yield from in_prediction(tweak.predict, of, given, ("tweak", "predict"))
            if goal := tweak.reached:
                yield from in_sentence(goal.says or "", goal.when, of, given, ("tweak", "reached"))
        case Explain(explain=explanation):
            for n, claim in enumerate(explanation.claims):
                yield from in_sentence(claim.says, claim.when, of, given, ("explain", "claims", n))
        case Observe(readings=readings):
            for n, reading in enumerate(readings):
                yield from in_sentence(reading.shows, reading.when, of, given, ("readings", n), "shows")


def _varied(tweak: TweakSpec, question: Prediction | None) -> Iterator[Finding]:
    """A bet on candidates cannot be about other candidates."""
    if isinstance(question, Chips) and "candidates" in tweak.vary:
        found = "the tweak varies `candidates`, and the bet names them"
        yield ("tweak", "vary", tweak.vary.index("candidates")), found, "vary the prompt instead"
