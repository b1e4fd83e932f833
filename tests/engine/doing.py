"""Running an experiment on a bench as the engine does, with the checks that it makes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from torch import Tensor

from engine.edits import Edit
from engine.experiments import Experiment, experiment
from engine.experiments.base import Outcome
from engine.figures import Heatmap
from engine.lab import Lab, Report
from engine.protocol import Partial, Sketch
from tests.engine.tiny import PROMPT

SWAPPED = "When John and Mary went to the store, Mary gave a drink to"
LATE = "When Mary and John went to the store, Mary gave a drink to"
"""Differs from PROMPT at position 9 for the first time."""
PAIR: dict[str, Any] = {"answer": " Mary", "distractor": " John"}
EXACT = 5e-5
SHORT = "The capital of France is"
SOME: dict[str, Any] = {
    "prompt": PROMPT,
    "text": PROMPT,
    "clean": PROMPT,
    "corrupt": "When John and Mary went to the store, Mary gave a drink to",
    "subject": "When",
    "answer": " Mary",
    "distractor": " John",
    "token": " Mary",
    "layer": 1,
    "head": 2,
    "neuron": 5,
    "stop": 8,
    "scale": 2.0,
    "sigma": 0.5,
    "delta": 1.5,
    "bias": 3.0,
    "matrix": "q",
}
"""A value for every parameter that has no default."""
SMALLER: dict[str, Any] = {"length": 20}
"""Where a default is more than a tiny model's 64 positions hold."""


def do(lab: Lab, name: str, seed: int = 0, **values: Any) -> Outcome:
    page = experiment(name)
    p = page.parse(values)
    lab.check(page, p)
    lab.seed(seed)
    return page.run(lab, p)


def facts(lab: Lab, name: str, seed: int = 0, **values: Any) -> Any:
    return do(lab, name, seed, **values).facts


def some_values(page: Experiment) -> dict[str, Any]:
    """Values for what has no default, or one that is too much for a tiny model."""
    fields = page.parameters.model_fields
    return {
        **{n: SOME[n] for n, f in fields.items() if f.is_required()},
        **{n: v for n, v in SMALLER.items() if n in fields},
    }


def into(heard: list[Any]) -> Report:
    """A report that keeps what it gets; of a sketch, the partial figure that would be sent of it."""

    def report(event: Any) -> None:
        sketched = isinstance(event, Sketch)
        heard.append(Partial(id=0, index=event.index, figure=event.draw()) if sketched else event)

    return report


def difference(lab: Lab, tokens: Tensor, edits: Sequence[Edit] = ()) -> float:
    """logit(" Mary") - logit(" John") of a plain run."""
    mary, john = lab.pair(" Mary", " John")
    logits = lab.forward(tokens, edits=edits).logits[-1]
    return float(logits[mary] - logits[john])


def heatmap(figure: Any) -> Heatmap:
    assert isinstance(figure, Heatmap)
    return figure


def grid_of(figure: Any) -> list[list[float]]:
    return [[v for v in row if v is not None] for row in heatmap(figure).values]
