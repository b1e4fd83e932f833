"""The memory budget: what a model will need, what may be used, and a limit that holds while a run computes."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import torch

from engine import quantised
from engine.amounts import said
from engine.anatomy import Anatomy
from engine.errors import DoesNotFit

Form = Literal["float32", "bfloat16", "nf4", "fp4", "int8"]
"""How weights are kept: 32 bits each, 16, or 4 (engine/quantised.py). The last two are not chosen, but files may have them."""

GPU_DEFAULT = 12 * 10**9
BITS = {"nf4": 4.127, "fp4": 4.5, "int8": 8.0}
"""Bits a packed weight, its share of the scales included: in NF4 they are packed too (Dettmers et al. 2023)."""
CONTEXT = 1024
"""Positions a run is expected to need at most, for the estimate. Longer prompts run as long as the budget holds."""
CONTAINER = ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes")
"""Where Linux tells a container how much memory it may use."""


def memory_of(device: str) -> int:
    """Bytes of memory the device has in all; of a CPU's, what this process's container may use."""
    if device == "cuda":
        return torch.cuda.get_device_properties(0).total_memory
    if device == "mps":
        return torch.mps.recommended_max_memory()
    return min([os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES"), *_container_limits()])


def free_on(device: str) -> int:
    """Bytes that a model and its runs could have there, once the model before is gone: of a CUDA GPU, what other
    programs left of it."""
    if device == "cuda":
        return torch.cuda.mem_get_info()[0] + torch.cuda.memory_reserved()
    return memory_of(device)


def _container_limits() -> Iterator[int]:
    """Bytes; nothing where there is no limit, which is the word `max`."""
    for path in CONTAINER:
        with suppress(OSError, ValueError):
            yield int(Path(path).read_text())


@dataclass(frozen=True)
class Need:
    """What a model asks for, from its config alone: no weight is read."""

    n_parameters: int
    n_packed: int
    """Those of them that can be packed: the matrices of the layers."""
    n_largest: int
    """Numbers in the largest of these: so many are unpacked at a time."""
    n_kv: int
    """Numbers that keys and values take for CONTEXT positions."""
    n_work: int
    """Numbers that a run's activations and logits take for CONTEXT positions."""

    def bytes(self, form: Form) -> int:
        """Bytes in all. Activations are counted as float32: logits and softmax are computed in it."""
        width = 4 if form == "float32" else 2
        plain, packed = self.n_parameters, 0.0
        if form in BITS:
            plain = self.n_parameters - self.n_packed + self.n_largest
            packed = self.n_packed * BITS[form] / 8
        return int(width * (plain + self.n_kv) + packed + 4 * self.n_work)


def need_of(config: Any, a: Anatomy) -> Need:
    """The need of a transformers config: the model is built on the meta device, where tensors have no data."""
    from transformers import AutoModelForCausalLM

    with torch.device("meta"):
        model = AutoModelForCausalLM.from_config(config, trust_remote_code=False)
    n = min(CONTEXT, a.n_ctx)
    head = model.get_output_embeddings()
    inner = [m.weight for m in model.modules() if type(m).__name__ in ("Linear", "Conv1D") and m is not head]
    return Need(
        n_parameters=sum(p.numel() for p in model.parameters()),
        n_packed=sum(w.numel() for w in inner),
        n_largest=max(w.numel() for w in inner),
        n_kv=2 * a.n_layers * a.n_kv_heads * a.d_head * n,
        n_work=n * (a.n_vocab + 2 * a.d_mlp + 8 * a.d_model) + 2 * a.n_heads * n * n,
    )


def choose(
    name: str, need: Need, budget: int | None, device: str, smaller: str, *, packs: bool, has: Form | None = None
) -> tuple[Form, str]:
    """The form to load in and one line that says why (empty where nothing had to be given up).

    float32 where it fits, else bfloat16, else NF4 where `packs`: whether the extra for it is installed. Weights that are
    packed in their files, in the form `has`, stay so. With no budget the device's own memory is the limit. Raises
    DoesNotFit, with `smaller` (what would fit, in words) in its message.
    """
    free = free_on(device)
    room = min(budget or free, free)
    of, limit = said(room), f"the budget is {said(room)}"
    if not budget or budget > free:
        limit = f"this machine has {of}"
        if device == "cuda":
            of, limit = f"{of} free on this GPU", f"{of} are free on this GPU"

    def too_much(least: int, form: str) -> DoesNotFit:
        more = f"Raise it with --budget {-(-least // 10**9)}GB, or choose" if budget and least <= free else "Choose"
        return DoesNotFit(f"{name} needs about {said(least)} {form}; {limit}. {more} {smaller}.")

    if has:
        if need.bytes(has) <= room:
            return has, "quantised as its files are"
        raise too_much(need.bytes(has), f"in {has}, as its files are")
    full, half, packed = need.bytes("float32"), need.bytes("bfloat16"), need.bytes("nf4")
    if full <= room:
        return "float32", ""
    if half <= room:
        return "bfloat16", f"bfloat16: float32 would need {said(full)} of {of}"
    if device not in quantised.DEVICES:
        raise too_much(half, "even in bfloat16")
    if packed > room:
        raise too_much(packed, "even in NF4, 4 bits a weight")
    if not packs:
        raise DoesNotFit(
            f"{name} needs about {said(half)} in bfloat16; {limit}. In NF4, 4 bits a weight, it needs about "
            f"{said(packed)} and fits: {quantised.EXTRA}. Or choose {smaller}."
        )
    return "nf4", f"NF4, 4 bits a weight: bfloat16 would need {said(half)} of {of}"


def enforce(device: str, room: int, *, mapped: int = 0) -> None:
    """Let the process use `room` more bytes on `device` and no more, until it is said anew.

    mapped: bytes of files that will be read as memory. They take none of their own, but Linux counts them.

    A run that needs more then fails with an out-of-memory error of its own instead of taking the machine with it. On a
    CPU this works on Linux only (RLIMIT_DATA, relative to what is in use); elsewhere the estimate is all there is.
    """
    if device == "cuda":
        share = (torch.cuda.memory_allocated() + room) / memory_of(device)
        torch.cuda.set_per_process_memory_fraction(min(1.0, share))
    elif device == "mps":
        share = (torch.mps.current_allocated_memory() + room) / memory_of(device)
        torch.mps.set_per_process_memory_fraction(min(1.0, share))
    elif sys.platform == "linux":
        import resource

        _, hard = resource.getrlimit(resource.RLIMIT_DATA)
        soft = data_in_use() + room + mapped
        resource.setrlimit(resource.RLIMIT_DATA, (soft if hard == resource.RLIM_INFINITY else min(soft, hard), hard))


def give_back(device: str) -> None:
    """Let go of memory on `device` that torch keeps for later."""
    if device == "cuda":
        torch.cuda.empty_cache()
    elif device == "mps":
        torch.mps.empty_cache()


def data_in_use() -> int:
    """Bytes that Linux counts against RLIMIT_DATA in this process now."""
    with open("/proc/self/status") as status:
        return next(int(line.split()[1]) * 1024 for line in status if line.startswith("VmData:"))
