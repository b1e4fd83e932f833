"""A bet within the run to come: what points at a layer, a head or a position that is not there is no bet."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from engine.experiments import Experiment
from engine.experiments.base import Below
from tutor.course.conditions import kind_of
from tutor.course.format import Cell, Drawn, Number, Prediction
from tutor.predict.answers import Answer, NotAnAnswer

LAYERS, HEADS, POSITIONS = Below("n_layers"), Below("n_heads"), Below("positions")


def within(question: Prediction, answer: Answer, of: Experiment, sizes: Mapping[str, int]) -> None:
    """Raises NotAnAnswer where no run of `of` could give that answer.

    sizes: `n_layers` and `n_heads` of the model, `positions` of the text; one that is not known bounds nothing.
    """
    match question, answer:
        case Number(fact=fact), float() if fact in of.facts.model_fields and not answer.is_integer():
            if kind_of(of.facts, fact) is int:
                raise NotAnAnswer(f"{answer:g} is no whole number, and the run gives one")
    for below, value in _pointed_at(question, answer, of):
        size = sizes.get(below.size, 0)
        if size and value >= size:
            raise NotAnAnswer(f"{value:g} is too high: {below.words} go from 0 to {size - 1} here")


def bounded(question: Prediction, of: Experiment, sizes: Mapping[str, int]) -> Prediction:
    """The question with the upper end that the model itself gives it: a bet on a layer says how many there are."""
    below = of.facts.below().get(question.fact) if isinstance(question, Number) else None
    size = sizes.get(below.size, 0) if below else 0
    if not isinstance(question, Number) or not size or question.high is not None:
        return question
    return question.model_copy(update={"low": question.low or 0.0, "high": float(size - 1)})


def give_or_take(question: Number, of: Experiment) -> str:
    """How far off still counts as right, to be put behind what is asked for; empty where a whole number has to be met."""
    whole = question.fact in of.facts.model_fields and kind_of(of.facts, question.fact) is int
    return "" if whole and question.close < 1 else f", give or take {question.close:g}"


def _pointed_at(question: Prediction, answer: Answer, of: Experiment) -> Iterator[tuple[Below, float]]:
    """The layers, heads and positions that the answer names."""
    match question, answer:
        case Number(fact=fact), int() | float() | list():
            if below := of.facts.below().get(fact):
                yield from ((below, float(end)) for end in (answer if isinstance(answer, list) else [answer]))
        case Cell(columns=columns), [layer, column]:
            yield LAYERS, layer
            yield (HEADS if columns == "heads" else POSITIONS), column
        case Drawn(), list(points):
            yield from ((LAYERS, point[0]) for point in points)
