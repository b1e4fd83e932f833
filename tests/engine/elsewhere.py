"""A device that is somewhere else, without one: tensors that say they are there and refuse what an Apple GPU refuses.

They hold their numbers on the CPU, but an operation that mixes them with tensors of the CPU fails as it would on a GPU, and
so does float64, which Apple's GPUs have not. It is a backend of torch for the whole process, so it is used in one of its own:

    python -m tests.engine.elsewhere        every experiment in every family, there and here: the same facts
"""

from __future__ import annotations

import copy
import math
import sys
from typing import Any

import torch
from torch import nn
from torch.utils import backend_registration
from torch.utils._python_dispatch import TorchDispatchMode, return_and_correct_aliasing
from torch.utils._pytree import tree_flatten, tree_map_only

from engine.experiments import NAMES, experiment
from engine.lab import Lab
from tests.engine.doing import some_values
from tests.engine.tiny import FAMILIES, tiny_lab

NAME = "elsewhere"
aten = torch.ops.aten
MAY_MIX = {aten.copy_.default, aten._to_copy.default, aten.index.Tensor, aten.index_put_.default}
"""What a GPU does with tensors of both sides: to copy, and to take indices from the CPU."""
NOT_OF_NOTHING = {aten.any, aten.all}
"""What an Apple GPU leaves unwritten where there is nothing to look at."""

FEW = {"max_new_tokens": 3, "samples": 1}
"""Every operation there is one in Python: little is enough."""
RUNS: list[tuple[str, dict[str, Any]]] = [*((name, {}) for name in NAMES), ("sampling", {"strategy": "beam"})]


class There(torch.Tensor):
    """A tensor that is elsewhere. `held` are its numbers."""

    held: torch.Tensor

    @staticmethod
    def __new__(cls, held: torch.Tensor) -> There:
        if held.dtype == torch.float64:
            raise TypeError(f"there is no float64 {NAME}")
        made: There = torch.Tensor._make_wrapper_subclass(
            cls,
            held.shape,
            strides=held.stride(),
            storage_offset=held.storage_offset(),
            dtype=held.dtype,
            device=torch.device(NAME),
        )
        return made

    def __init__(self, held: torch.Tensor):
        self.held = held

    def tolist(self) -> list[Any]:  # torch has none for tensors like these
        return self.held.tolist()

    @classmethod
    def __torch_dispatch__(  # type: ignore[override]  # torch declares a function, and reads a class method
        cls, func: Any, types: Any, args: Any = (), kwargs: Any = None
    ) -> Any:
        return done(func, args, kwargs or {})


class Elsewhere(TorchDispatchMode):
    """A context in which tensors can be made elsewhere."""

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        return done(func, args, kwargs or {})


def done(func: Any, args: Any, kwargs: Any) -> Any:
    """One operation: on the numbers that are held, its result where it belongs. Raises where the sides are mixed."""
    tensors = [x for x in tree_flatten((args, kwargs))[0] if isinstance(x, torch.Tensor)]
    there = [x for x in tensors if isinstance(x, There)]
    if there and func not in MAY_MIX and any(x.ndim and not isinstance(x, There) for x in tensors):
        raise RuntimeError(f"{func} of tensors {NAME} and on the CPU")
    if there and func.overloadpacket in NOT_OF_NOTHING and not there[0].numel():
        raise RuntimeError(f"{func} of nothing {NAME}")
    device = kwargs.get("device")
    goes = torch.device(device).type == NAME if device is not None else bool(there)
    if func is aten.copy_.default:
        goes = isinstance(args[0], There)
    here_args, here_kwargs = tree_map_only(There, lambda t: t.held, (args, dict(kwargs)))
    if device is not None:
        here_kwargs["device"] = torch.device("cpu")
    out = func(*here_args, **here_kwargs)
    if not goes:
        return out
    out = tree_map_only(torch.Tensor, There, out)
    return return_and_correct_aliasing(func, args, kwargs, out) if there else out


library = torch.library.Library("aten", "IMPL")


def register() -> None:
    """Make the backend known to torch."""

    def empty(size: Any, *, dtype: Any = None, **_: Any) -> There:
        return There(torch.empty(size, dtype=dtype))

    def empty_strided(size: Any, stride: Any, *, dtype: Any = None, **_: Any) -> There:
        return There(torch.empty_strided(size, stride, dtype=dtype))

    def copy_from(source: torch.Tensor, target: There, _later: bool = False) -> There:
        target.held.copy_(source)
        return target

    backend_registration._setup_privateuseone_for_python_backend(NAME)
    for name, function in (("empty_strided", empty_strided), ("empty.memory_format", empty), ("_copy_from", copy_from)):
        library.impl(name, function, "PrivateUse1")  # what torch.tensor(..., device=...) asks for
    # views of such tensors cannot be made in inference mode, which changes nothing of what is asked here
    torch.inference_mode.__enter__ = lambda self: None  # type: ignore[method-assign]
    torch.inference_mode.__exit__ = lambda self, *_: None  # type: ignore[method-assign]
    torch.set_grad_enabled(False)


def moved(model: Any) -> Any:
    """A copy of the model that is elsewhere."""
    model = copy.deepcopy(model)
    for module in model.modules():
        for name, parameter in module._parameters.items():
            if parameter is not None:
                module._parameters[name] = nn.Parameter(There(parameter.detach()), requires_grad=False)
        for name, buffer in module._buffers.items():
            if buffer is not None:
                module._buffers[name] = There(buffer)
    return model


def alike(a: Any, b: Any) -> bool:
    """Whether two facts are the same but for rounding."""
    if isinstance(a, float) and isinstance(b, float):
        return math.isclose(a, b, rel_tol=1e-3, abs_tol=1e-3)
    if isinstance(a, list) and isinstance(b, list):
        return len(a) == len(b) and all(map(alike, a, b))
    return bool(a == b)


def refuses() -> bool:
    """Whether this device refuses what it should: otherwise nothing is shown by running on it."""
    there, here = torch.ones(2, device=NAME), torch.ones(2)
    mixed = (lambda: there + here, lambda: torch.dot(here, there), lambda: torch.cat([there, here]))
    for wrong in (*mixed, there.double, lambda: torch.empty(2, 0, device=NAME).any(-1)):
        try:
            wrong()
        except (RuntimeError, TypeError):
            continue
        return False
    return (there + 1).device.type == NAME and (there + 1).cpu().double().tolist() == [2.0, 2.0]


def compare(family: str) -> list[str]:
    """Run every experiment there and here; a line for each that fails or differs."""
    here, wrong = tiny_lab(family), []
    there = Lab(moved(here.model), here.tokenizer, here.name)
    for name, chosen in RUNS:
        page = experiment(name)
        few = {name: n for name, n in FEW.items() if name in page.parameters.model_fields}
        values = page.parse({**some_values(page), **few, **chosen})
        here.seed(0)
        facts = page.run(here, values).facts.model_dump()
        try:
            there.seed(0)
            theirs = page.run(there, values).facts.model_dump()
        except (RuntimeError, TypeError) as error:
            wrong.append(f"{family}, {name}: {error}")
            continue
        differ = [
            f"{key} {facts[key]!r} here, {theirs[key]!r} there" for key in facts if not alike(facts[key], theirs[key])
        ]
        wrong += [f"{family}, {name}: {', '.join(differ)}"] * bool(differ)
    return wrong


def main() -> int:
    register()
    with Elsewhere():
        if not refuses():
            raise SystemExit("this device takes everything")
        wrong = [line for family in FAMILIES for line in compare(family)]
    total = len(FAMILIES) * len(RUNS)
    print(*wrong, f"{total - len(wrong)} of {total} runs", sep="\n")
    return len(wrong)


if __name__ == "__main__":
    sys.exit(main() > 0)
