"""The engine process: `python -m engine` reads requests on standard input and writes events on standard output."""

from __future__ import annotations

import argparse
import gc
import os
import sys
from importlib.metadata import PackageNotFoundError, version
from typing import IO

from engine.amounts import parse_bytes

# Progress reaches the learner through the pipe; bars and warnings on standard error would only fill the log.
os.environ.setdefault("HF_HUB_DISABLE_PROGRESS_BARS", "1")
os.environ.setdefault("TRANSFORMERS_VERBOSITY", "error")
os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")  # it would ask the hub even for a model that is here
os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
os.environ.setdefault("TQDM_DISABLE", "1")
# The matrix products of a CUDA GPU are the same each time; what an Apple GPU has no code for runs on the CPU.
os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")
os.environ.setdefault("PYTORCH_ENABLE_MPS_FALLBACK", "1")


def main() -> None:
    gc.disable()  # until the imports are done, in server.warm_up: to look through what stays takes a fifth of their time
    events = protected_output()
    options = arguments()
    try:
        os.nice(10)  # a run takes every core it gets: the screen goes first
        serve(options, events)
    except ValueError as error:
        sys.exit(f"engine: {error}")
    except KeyboardInterrupt:
        pass
    sys.stderr.flush()
    os._exit(0)  # at once, whatever the worker is doing: nobody is listening any more


def serve(options: argparse.Namespace, events: IO[bytes]) -> None:
    """Find the device, say hello, answer requests until standard input ends. Raises ValueError for a bad option."""
    limit = parse_bytes(options.budget) if options.budget else None  # before torch is imported, which takes seconds
    from engine import budget, devices, fetch
    from engine.models import Shelf
    from engine.protocol import Hello
    from engine.server import Server

    import torch  # isort: skip

    device, note = devices.pick(options.device)
    if limit is None and device != "cpu":
        limit = budget.GPU_DEFAULT
    hello = Hello(
        version=version_of("llmw-tutor"),
        pid=os.getpid(),
        device=device,
        device_name=devices.name(device),
        note=note,
        budget=limit,
        torch=torch.__version__,
        transformers=version_of("transformers"),
    )
    Server(sys.stdin.buffer, events, Shelf(device, limit, fetch.cache_dir(options.cache))).serve(hello)


def protected_output() -> IO[bytes]:
    """Standard output for the protocol alone: whatever else prints, in Python or in C, prints to standard error."""
    events = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    return events


def version_of(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "unknown"


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m engine", description=__doc__)
    parser.add_argument("--device", choices=("auto", "cuda", "mps", "cpu"), default="auto", help="where to compute")
    parser.add_argument("--budget", metavar="12GB", help="memory for model and run; 12GB on a GPU, no limit on a CPU")
    parser.add_argument("--cache", metavar="DIR", help="where prepared models are kept (also LLMW_CACHE)")
    return parser.parse_args()


if __name__ == "__main__":
    main()
