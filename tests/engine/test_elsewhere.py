"""Every experiment on a device that is not the CPU, as far as that can be had without one."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from engine.experiments import NAMES
from tests.engine.tiny import FAMILIES


@pytest.mark.long
def test_every_experiment_runs_elsewhere_and_says_the_same() -> None:
    argv, root = [sys.executable, "-m", "tests.engine.elsewhere"], Path(__file__).parents[2]
    done = subprocess.run(argv, cwd=root, capture_output=True, text=True, timeout=300)
    total = len(FAMILIES) * (len(NAMES) + 1)  # of sampling beam search too
    assert done.stdout.splitlines()[-1:] == [f"{total} of {total} runs"], done.stdout + done.stderr[-3000:]
