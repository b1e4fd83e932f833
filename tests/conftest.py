"""What tests of every room share."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

os.environ.setdefault(
    "LLMW_DEVICE", "cpu"
)  # the same figures on every machine; the programs that tests start inherit it


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The long ones first: one that comes last holds up the run while the other cores have nothing left to do."""
    items.sort(key=lambda item: item.get_closest_marker("long") is None)


@pytest.fixture(scope="session")
def smollm2() -> Path:
    """The folder of the model that is always there, prepared by the product's own code; skips without it."""
    from engine import fetch
    from engine.errors import ModelUnavailable

    try:
        return fetch.ensure(fetch.cache_dir(), lambda event: None)
    except ModelUnavailable as error:
        pytest.skip(f"needs SmolLM2: {error}")
