"""Benches with tiny random models. Every test that takes one also shows that it left the model as it was."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import torch

from engine.lab import Lab
from tests.engine.tiny import FAMILIES, hooks_of, tiny_lab, tiny_model


@pytest.fixture(scope="session", autouse=True)
def _one_thread() -> None:
    torch.set_num_threads(1)


@pytest.fixture(params=FAMILIES)
def family(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def lab(family: str) -> Iterator[Lab]:
    """A bench of each family in turn; its model has no more hooks after the test than before, and its own attention."""
    model = tiny_model(family)
    before = hooks_of(model), model.config._attn_implementation
    yield tiny_lab(family)
    assert (hooks_of(model), model.config._attn_implementation) == before
