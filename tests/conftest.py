"""What tests of every room share."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest

KEPT = ("LLMW_CACHE", "LLMW_WHEEL", "LLMW_KILLS")
"""Where the model is, and how often the program is killed: whoever runs the tests may say so."""
THEIRS = ("LLMW_", "TEXTUAL", "ANTHROPIC_", "HF_", "NO_COLOR", "FORCE_COLOR", "COLORTERM", "COLUMNS", "LINES")
"""How the one who runs the tests likes it: their terminal, their theme, their key."""

for name in list(os.environ):
    if name.startswith(THEIRS) and name not in KEPT:
        del os.environ[name]
# the programs that tests start keep what they compiled, as anybody's do: or each of them compiles all of it again
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
# the same screens and figures on every machine; the programs that tests start inherit it
os.environ.update(TERM="xterm", LLMW_DEVICE="cpu", NO_PROXY="127.0.0.1,localhost")

# a shell in the background lets its children ignore ctrl+c, and they theirs; a terminal does not
signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The long ones first, some for each worker: one that comes last holds up the run while the others have nothing left to
    do. xdist deals the list out in as many parts as there are workers."""
    long = [item for item in items if item.get_closest_marker("long")]
    others = [item for item in items if item not in set(long)]
    workers = int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1"))
    parts = [others[n * len(others) // workers : (n + 1) * len(others) // workers] for n in range(workers)]
    items[:] = [item for n, part in enumerate(parts) for item in (*long[n::workers], *part)]


@pytest.fixture(scope="session")
def smollm2() -> Path:
    """The folder of the model that is always there, prepared by the product's own code; skips without it."""
    from engine import fetch
    from engine.errors import ModelUnavailable

    try:
        return fetch.ensure(fetch.cache_dir(), lambda event: None)
    except ModelUnavailable as error:
        pytest.skip(f"needs SmolLM2: {error}")
