"""Each file in engine/experiments is a page that can be asked for, and has what a page needs."""

from __future__ import annotations

import importlib
from pathlib import Path

import pytest
from pydantic import ValidationError

from engine import experiments
from engine.anatomy import anatomy_of
from engine.experiments import NAMES
from engine.experiments.base import FactSet, ParameterSet
from engine.experiments.next_token import Facts
from engine.server import failed
from tests.engine.tiny import FAMILIES, tiny_config

FILES = sorted(p.stem for p in Path(experiments.__file__).parent.glob("[a-z]*.py") if p.stem != "base")
FEATURES = frozenset[str]().union(*(anatomy_of(tiny_config(family)).features for family in FAMILIES))


def test_every_page_is_registered() -> None:
    assert set(FILES) == set(NAMES), "put its name in NAMES of engine/experiments/__init__.py"


@pytest.mark.parametrize("name", FILES)
def test_a_page_has_what_a_page_needs(name: str) -> None:
    page = importlib.import_module(f"engine.experiments.{name}")
    lacking = [part for part in ("NEEDS", "Parameters", "Facts", "run") if not hasattr(page, part)]
    assert not lacking, f"engine/experiments/{name}.py has no {', no '.join(lacking)}"
    assert page.__doc__, f"the docstring of {name} tells a learner what it does; its first line is the title"
    assert isinstance(page.NEEDS, tuple), 'NEEDS is a tuple: ("heads",)'
    assert set(page.NEEDS) <= FEATURES, f"a model can have {', '.join(sorted(FEATURES))}"
    assert issubclass(page.Parameters, ParameterSet)
    assert issubclass(page.Facts, FactSet)


def test_a_fact_that_is_misspelt_is_named() -> None:
    with pytest.raises(ValidationError) as caught:
        Facts(top_tokn=" Paris", top_prob=0.5, entropy_bits=1.0)  # type: ignore[call-arg]
    message = failed(7, caught.value).message
    assert "not right in Facts: " in message
    assert "top_token: Field required" in message
    assert "top_tokn: Extra inputs are not permitted" in message
