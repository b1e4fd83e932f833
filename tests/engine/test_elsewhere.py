"""Every experiment on a device that is not the CPU, as far as that can be had without one."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from tiny import FAMILIES

from engine.experiments import NAMES


@pytest.mark.parametrize("family", FAMILIES)
def test_every_experiment_runs_elsewhere_and_says_the_same(family: str) -> None:
    root = Path(__file__).parents[2]
    done = subprocess.run(
        [sys.executable, "-m", "tests.engine.elsewhere", family], cwd=root, capture_output=True, text=True, timeout=300
    )
    assert done.stdout.splitlines()[-1:] == [f"{len(NAMES)} of {len(NAMES)} experiments"], (
        done.stdout + done.stderr[-3000:]
    )
