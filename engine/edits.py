"""Edits: changes at a site during a run, as data.

An edit says where (site, layer, head or neuron or slice, positions) and what (operation, value). It holds no hook and
no state, so it can be kept, printed, nested and used again. Its part of a site is [position, ...]: a chosen head or
neuron drops its axis, a slice narrows the last one.

| operation | what the part becomes |
|---|---|
| zero | zeros |
| mean | its own mean over the positions of the prompt; in generation that mean of the prompt is kept |
| scale | the part times `value` |
| add | the part plus `value` |
| noise | the part plus Gaussian noise of standard deviation `value`, in the units of the site |
| replace | `value` |

A value is a number, or a tensor. A tensor with as many axes as the part has a row for each position: for each of
`positions` if they are given, else for positions 0, 1, 2, ...; positions without a row stay as they are. A tensor
with fewer axes goes to every position.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

import torch
from torch import Tensor

Op = Literal["zero", "mean", "scale", "add", "noise", "replace"]
OPS: tuple[str, ...] = get_args(Op)


@dataclass(frozen=True)
class Edit:
    """One change at one site. Make it with `Lab.edit`, which checks it against the model."""

    site: str
    op: Op
    layer: int | None = None
    head: int | None = None
    neuron: int | None = None
    start: int | None = None
    """With `stop`: a slice of the site's last axis."""
    stop: int | None = None
    positions: tuple[int, ...] | None = None
    """Absolute positions in the text, counted from 0; None for every position, also those that are generated later."""
    value: float | Tensor = 0.0
    seed: int = 0
    """Where its noise comes from: the same seed and position give the same noise, in one pass or token by token."""


Memory = dict[int, Tensor]
"""What an edit must remember within one run: the mean over the prompt, by the edit's place among the run's edits."""


def apply(edit: Edit, view: Tensor, seen: int, memory: Memory, index: int) -> None:
    """Make the edit on `view` in place.

    view: the site as [batch, position, ...] (pattern: [batch, head, query, key]), holding the last of the `seen`
    positions that the model has read so far: all of a prompt, or one at a time in cached generation. index: the
    edit's key in `memory`.
    """
    part = part_of(edit, view)
    first = seen - part.shape[1]
    if edit.op == "mean" and index not in memory:
        memory[index] = part.mean(dim=1, keepdim=True)

    value = edit.value
    by_position = isinstance(value, Tensor) and value.ndim == part.ndim - 1
    if isinstance(value, Tensor):
        if by_position and edit.site == "pattern" and edit.head is None:
            value = value.movedim(-2, 0)
        value = value.to(part)

    rows = list(range(part.shape[1]))
    if edit.positions is not None or by_position:
        named = edit.positions if edit.positions is not None else range(len(value))  # type: ignore[arg-type]
        here = [(i, p - first) for i, p in enumerate(named) if first <= p < seen]
        if not here:
            return
        rows = [row for _, row in here]
        if by_position:
            value = value[[i for i, _ in here]]  # type: ignore[index]
    positions = [first + row for row in rows]
    if len(rows) == part.shape[1] and rows == list(range(len(rows))):
        part.copy_(changed(edit, part, value, positions, memory.get(index)))
    else:
        part[:, rows] = changed(edit, part[:, rows], value, positions, memory.get(index))


def changed(edit: Edit, old: Tensor, value: float | Tensor, positions: list[int], mean: Tensor | None) -> Tensor:
    """What `old` [batch, position, ...] becomes; `positions` are the absolute positions of its rows."""
    match edit.op:
        case "zero":
            return torch.zeros_like(old)
        case "mean":
            assert mean is not None
            return mean.expand_as(old)
        case "scale":
            return old * value
        case "add":
            return old + value
        case "noise":
            return old + value * noise(edit.seed, positions, old)
        case "replace":
            return value.expand_as(old) if isinstance(value, Tensor) else torch.full_like(old, value)


def noise(seed: int, positions: list[int], like: Tensor) -> Tensor:
    """Standard normal noise [position, ...] for `like` [batch, position, ...], the same for every row of a batch.

    Each position draws from a generator of its own, on the CPU: so a text that is read in one pass and one that is
    generated token by token get the same noise, and so do a CPU and a GPU.
    """
    rows = [torch.randn(like.shape[2:], generator=torch.Generator().manual_seed(seed + p)) for p in positions]
    return torch.stack(rows).to(like)


def part_of(edit: Edit, view: Tensor) -> Tensor:
    """The part of a site that the edit is about, as a view [batch, position, ...]."""
    part = view.movedim(-2, 1) if edit.site == "pattern" else view  # [batch, query, head, key]
    if edit.head is not None:
        part = part[:, :, edit.head]
    if edit.neuron is not None:
        return part[..., edit.neuron]
    return part[..., edit.start : edit.stop]
