"""The catalogue of experiments: one file each, found by name. Importing it costs no torch.

An experiment is a module with a docstring (what it shows; the first line is its title), `Parameters`, `Facts`, `NEEDS` (what
a model must have) and `run(lab, p)`. To add one, write the file and put its name in NAMES.
"""

from __future__ import annotations

import importlib
import inspect
from collections.abc import Callable
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from engine.errors import BadParameter, EngineError, brief
from engine.experiments.base import Below, FactSet, Outcome, ParameterSet

if TYPE_CHECKING:
    from engine.lab import Lab

NAMES = (
    "next_token",
    "tokenize",
    "perplexity",
    "sampling",
    "reproducibility",
    "logit_bias",
    "embedding_slice",
    "position_boost",
    "residual_stream",
    "residual_noise",
    "logit_lens",
    "attention_pattern",
    "head_ablation",
    "head_scale",
    "neuron_nudge",
    "weight_matrix",
    "direct_logit_attribution",
    "induction_heads",
    "head_sweep",
    "activation_patching",
    "causal_trace",
)


@dataclass(frozen=True)
class Experiment:
    name: str
    title: str
    about: str
    """The docstring after its first line."""
    needs: tuple[str, ...]
    parameters: type[ParameterSet]
    facts: type[FactSet]
    run: Callable[[Lab, Any], Outcome]
    path: str
    """The experiment's own page, for "show the code"."""

    def parse(self, values: dict[str, Any]) -> ParameterSet:
        """The parameters, checked as far as they can be without a model. Raises BadParameter."""
        try:
            return self.parameters.model_validate(values)
        except ValidationError as error:
            raise bad_parameter(self, values, error) from None

    @property
    def source(self) -> str:
        """The page as it stands; where it is in no file, what it says of itself."""
        return Path(self.path).read_text("utf-8") if self.path else self.about

    def ranges(self) -> dict[str, str]:
        """Each parameter's range in words: `0 to layers - 1`, `text`, `one of zero, mean`."""
        return {name: self.parameters.range_of(name) for name in self.parameters.model_fields}


@cache
def experiment(name: str) -> Experiment:
    """The experiment of that name. Raises BadParameter naming the near misses and all names."""
    if name not in NAMES:
        raise BadParameter("experiment", f"there is no experiment {brief(name)}; there are: {', '.join(NAMES)}")
    module = _page(name)
    title, _, about = inspect.cleandoc(module.__doc__ or name).partition("\n")
    return Experiment(
        name=name,
        title=title.rstrip("."),
        about=about.strip(),
        needs=tuple(module.NEEDS),
        parameters=module.Parameters,
        facts=module.Facts,
        run=module.run,
        path=inspect.getsourcefile(module) or "",
    )


def _page(name: str) -> ModuleType:
    """The module of an experiment. Raises EngineError saying what is wrong with it: it is being written."""
    where = f"engine/experiments/{name}.py"
    try:
        module = importlib.import_module(f"engine.experiments.{name}")
    except (ImportError, SyntaxError, NameError) as error:
        raise EngineError(f"{where}: cannot be imported: {error}") from error
    lacking = [part for part in ("NEEDS", "Parameters", "Facts", "run") if not hasattr(module, part)]
    if lacking:
        raise EngineError(f"{where}: has no {', no '.join(lacking)}; a page has NEEDS, Parameters, Facts and run()")
    return module


def catalogue() -> list[Experiment]:
    """Every experiment, in the order in which a learner meets them."""
    return [experiment(name) for name in NAMES]


def no_parameter(of: Experiment, name: str) -> BadParameter:
    """The error for a name that is no parameter of the experiment."""
    known = list(of.parameters.model_fields)
    near = get_close_matches(name.lower(), known, n=2)
    has = f"did you mean {' or '.join(near)}? It has" if near else "it has"
    return BadParameter(name[:80], f"{of.name} has no parameter {brief(name)}; {has}: {', '.join(known)}")


def bad_parameter(of: Experiment, values: dict[str, Any], error: ValidationError) -> BadParameter:
    """What pydantic complains of, said to a person: the parameter, the value found, and what would be right.

    Names that are none come first, then values, then all that is missing.
    """
    errors = error.errors()
    unknown = [str(e["loc"][0]) for e in errors if e["type"] == "extra_forbidden"]
    if unknown:  # first of all: what is missing may be there under a wrong name
        return no_parameter(of, unknown[0])
    missing = [str(e["loc"][0]) for e in errors if e["type"] == "missing"]
    if len(missing) == len(errors) > 1:
        right = "; ".join(f"{name}: {of.parameters.range_of(name)}" for name in missing)
        return BadParameter(missing[0], f"{', '.join(missing[:-1])} and {missing[-1]} are missing; {right}")
    first = next(e for e in errors if len(missing) == len(errors) or e["type"] != "missing")
    name = str(first["loc"][0]) if first["loc"] else "parameters"
    if first["type"] == "missing":
        return BadParameter(name, f"{name} is missing; it must be {of.parameters.range_of(name)}")
    if name not in of.parameters.model_fields:
        return BadParameter(name, first["msg"])
    if values.get(name) in (None, ""):
        return BadParameter(name, f"{name} is empty; it must be {of.parameters.range_of(name)}")
    found = f"{name} = {brief(values.get(name))}"
    outside = " is out of range" if first["type"].startswith(("greater_", "less_", "too_")) else ""
    return BadParameter(name, f"{found}{outside}; it must be {of.parameters.range_of(name)}")


__all__ = ["NAMES", "Below", "Experiment", "catalogue", "experiment"]
