"""Engines on machines with a GPU that fails, on any machine: what they need of torch is put into it as they start."""

from __future__ import annotations

import sys

SAYS_SO = "import torch; torch.cuda.is_available = lambda: True; torch.backends.mps.is_available = lambda: False"
A_GPU_THAT_FAILS = [sys.executable, "-P", "-c", f"{SAYS_SO}; from engine.__main__ import main; main()"]
"""Torch says that a GPU is there, and fails at the first sum on it. It needs CUDA_VISIBLE_DEVICES to be empty."""


def a_gpu_that_is_lost(room: str, does: str) -> list[str]:
    """The GPU is gone when a class of the engine does something, as where a laptop was asleep: `Watch`, `__call__`."""
    script = f"""
import torch
from engine.models import Shelf
from engine.trace import Watch

def lost(*args, **kwargs):
    raise torch.AcceleratorError("CUDA error: unspecified launch failure\\nSearch for `cudaErrorLaunchFailure' in ...")

{room}.{does} = lost
from engine.__main__ import main
main()
"""
    return [sys.executable, "-P", "-c", script]
