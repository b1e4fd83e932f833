"""What tests of every room share."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

os.environ.setdefault(
    "LLMW_DEVICE", "cpu"
)  # the same figures on every machine; the programs that tests start inherit it


@pytest.fixture(scope="session")
def smollm2() -> Path:
    """The folder of the model that is always there, prepared by the product's own code; skips without it."""
    from engine import fetch
    from engine.errors import ModelUnavailable

    try:
        return fetch.ensure(fetch.cache_dir(), lambda event: None)
    except ModelUnavailable as error:
        pytest.skip(f"needs SmolLM2: {error}")
