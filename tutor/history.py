"""The tries of a lesson: its own runs (BASE), then each tweak by its number. A fold over what the state holds already."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from engine.errors import BadParameter
from engine.experiments import experiment
from engine.figures import Table, number
from tutor.course.format import Cell, Choice, FreeText, Prediction, Ranking, Run, Tweak
from tutor.parameters import PROMPTS, apart, counting, differences, named, value
from tutor.state import Bet, State
from tutor.todo import tweak_question

BASE = "BASE"


@dataclass(frozen=True)
class Try:
    """One run that ended well."""

    name: str
    """BASE for the lesson's own run, BASE A, BASE B where the lesson has several; a tweak has its number, from 1."""
    run: str
    """The run step whose parameters it has, changed or not."""
    experiment: str
    parameters: Mapping[str, Any]
    changed: Mapping[str, Any]
    """What differs from BASE."""
    bets: tuple[Bet, ...]
    """The bets that it decided."""
    result: Mapping[str, Any]
    base: Mapping[str, Any] = field(default_factory=dict)
    """The lesson's own parameters."""
    apart: str = ""
    """Of one of several runs of the lesson's own: by what it can be told from another."""
    sought: tuple[str, ...] = ()
    """The facts that the tweaks of this run are about: all tries are told by them, so that they can be held side by side."""

    @property
    def is_base(self) -> bool:
        return self.name.startswith(BASE)

    @property
    def facts(self) -> Mapping[str, Any]:
        return self.result["facts"]  # type: ignore[no-any-return]

    @property
    def counted(self) -> Mapping[str, Any]:
        """The parameters that count beside each other."""
        try:
            return counting(experiment(self.experiment), self.parameters, self.parameters)
        except BadParameter:  # of an older version
            return self.parameters

    @property
    def what(self) -> str:
        """What was changed, in words: `layer 0, mode mean`."""
        said = named({name: apart(v, self.base.get(name)) for name, v in self.changed.items()})
        return said or self.apart or ("as the lesson has it" if self.is_base else "as BASE")

    @property
    def bet(self) -> str:
        """The bets with their confidence: `It shrinks, 70 %`."""
        return "; ".join(bet.said for bet in self.bets)

    @property
    def mark(self) -> str:
        """How the bets went, a sign each: ✔ or ✘."""
        return "".join("✔" if bet.verdict and bet.verdict.right else "✘" for bet in self.bets)

    @property
    def keys(self) -> tuple[str, ...]:
        """The facts that its bets were about, without doubles."""
        return tuple(dict.fromkeys(name for bet in self.bets for name in key_facts(bet.question)))

    @property
    def fact(self) -> str:
        """The first of them that is one value: `drop 0.50`."""
        named = ((name, self.facts.get(name)) for name in (*self.sought, *self.keys))
        one = next(((name, v) for name, v in named if v is not None and not isinstance(v, (list, dict))), None)
        return f"{one[0].replace('_', ' ')} {number(one[1])}" if one else ""


def tries(state: State) -> tuple[Try, ...]:
    """Every run of the lesson so far, in order."""
    own_runs = [step for step in state.lesson.steps if isinstance(step, Run)]
    runs = [step.id for step in own_runs]
    out: list[Try] = []
    for n, (at, result) in enumerate(state.results):
        step = state.lesson.step(at)
        own = step if isinstance(step, Run) else state.lesson.run_before(at)
        if own is None:
            continue
        base = own.run.parameters(state.model)
        if own is step:
            name = f"{BASE} {chr(ord('A') + runs.index(at) % 26)}" if len(runs) > 1 else BASE
        else:
            name = str(1 + sum(not one.is_base for one in out))
        parameters = {**base, **result["parameters"]}
        bets = tuple(bet for bet in state.bets if bet.run == n)
        changed = {} if own is step else _differences(own.run.experiment, base, parameters)
        words = _apart(own, own_runs, state.model) if own is step else ""
        sought = _sought(state, own.run.experiment)
        out.append(Try(name, own.id, own.run.experiment, parameters, changed, bets, result, base, words, sought))
    return tuple(out)


def _sought(state: State, experiment_: str) -> tuple[str, ...]:
    """The facts that the tweaks of a run of this experiment are about: those of the goal, and of the bets."""
    out: list[str] = []
    for step in state.lesson.steps:
        run = state.lesson.run_before(step.id) if isinstance(step, Tweak) else None
        if isinstance(step, Tweak) and run and run.run.experiment == experiment_:
            out += [
                *(step.tweak.reached.when if step.tweak.reached else ()),
                *key_facts(tweak_question(state.lesson, step)),
            ]
    return tuple(dict.fromkeys(out))


def _apart(own: Run, runs: Sequence[Run], model: str) -> str:
    """The experiment, or the first parameter, by which this run differs from another of the lesson: a text if it can be."""
    ours = own.run.parameters(model)
    for other in (run for run in runs if run is not own):
        if other.run.experiment != own.run.experiment:
            return own.run.experiment.replace("_", " ")
        theirs = other.run.parameters(model)
        for name in sorted(ours, key=lambda name: name not in PROMPTS):
            if ours[name] != theirs.get(name):
                return f"{name.replace('_', ' ')} {value(apart(ours[name], theirs.get(name)))}"
    return ""


def _differences(name: str, base: Mapping[str, Any], values: Mapping[str, Any]) -> dict[str, Any]:
    """What differs from `base` and counts. A run of an older version may have parameters that the experiment has no more."""
    try:
        return counting(experiment(name), values, differences(experiment(name), base, values))
    except BadParameter:
        return {key: v for key, v in values.items() if v != base.get(key)}


def key_facts(question: Prediction) -> tuple[str, ...]:
    """The facts that decide the question, the first one first."""
    match question:
        case Choice(options=options):
            return _first(name for option in options for name in option.when)
        case FreeText(expects=outcomes):
            return _first(name for outcome in outcomes for name in outcome.when)
        case Ranking(items=items):
            return _first(item.fact for item in items)
        case Cell(row_fact=row, column_fact=column):
            return row, column
    return (question.fact,)


def _first(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(names))


def table(of: Sequence[Try]) -> Table:
    """The tries as a figure, so that they can be read as text."""
    body = [[one.name, one.what, one.bet, one.mark, one.fact] for one in of]
    return Table(title="What you tried", heads=["try", "changed", "bet", "", "fact"], body=body)
