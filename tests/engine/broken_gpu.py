"""An engine on a machine whose GPU does not compute, on any machine. It needs CUDA_VISIBLE_DEVICES to be empty."""

from __future__ import annotations

import sys

SAYS_SO = "import torch; torch.cuda.is_available = lambda: True; torch.backends.mps.is_available = lambda: False"
A_GPU_THAT_FAILS = [sys.executable, "-P", "-c", f"{SAYS_SO}; from engine.__main__ import main; main()"]
"""Torch says that a GPU is there, and fails at the first sum on it."""
