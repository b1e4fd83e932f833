"""Many runs of one text in one pass: their rows lie one after another, each run from its own layer and position on.

A row is one position of one run. All that a layer does, it does to each row by itself, except attention: there each run
looks at its own rows and, before them, at the keys and values of the base run. See engine/sweeps.py for what it is for.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from functools import cache
from itertools import groupby
from typing import Any

import torch
from torch import Tensor
from torch.nn.functional import scaled_dot_product_attention

from engine.anatomy import Spot
from engine.edits import Edit, apply
from engine.lab import Lab
from engine.trace import Watch

Variant = Sequence[Edit]
"""The edits of one run, in layers, at any site but `pattern`."""


@dataclass(frozen=True)
class Base:
    """The run from which all variants depart."""

    resid_pre: list[Tensor]
    """Of each layer, [position, d_model]."""
    keys: list[Tensor]
    """Of each layer, [n_kv_heads, position, d_head]; turned by their positions where the model does that."""
    values: list[Tensor]
    angles: tuple[Tensor, Tensor] | None
    """Cosines and sines of the rotary embedding, [1, position, d_rotary] each; None with learned positions."""
    final: Tensor
    """resid_post of the last layer at the last position, [1, d_model]."""


@dataclass(frozen=True)
class Run:
    """A variant on its way through the layers."""

    index: int
    edits: Variant
    layer: int
    """The first layer in which it can differ from the base run."""
    start: int
    """The first position at which it can."""


@dataclass(frozen=True)
class Group:
    """Runs that start at the same position, so that they have equally many rows."""

    start: int
    runs: list[Run]
    rows: slice
    """Where they lie: run after run, each position after position."""


class Packed(Watch):
    """A context in which the layers of lab's model run on the rows of a batch of runs."""

    def __init__(self, lab: Lab, base: Base, batch: Sequence[Run]):
        super().__init__(lab.model, lab.modules, lab.anatomy, [edit for run in batch for edit in run.edits])
        self.lab, self.base, self.n = lab, base, len(base.resid_pre[0])
        self.groups: list[Group] = []
        self._batch = batch
        self._due: dict[Spot, list[tuple[slice, Edit]]] = {}
        self._angles = base.angles

    @property
    def runs(self) -> list[Run]:
        """The runs in the order of their rows."""
        return [run for group in self.groups for run in group.runs]

    def __enter__(self) -> Packed:
        super().__enter__()
        self._attention = self.model.config._attn_implementation  # put back by __exit__
        self.model.config._attn_implementation = packed_attention_name()
        return self

    @torch.inference_mode()
    def through(self) -> Tensor:
        """Run all layers; resid_post of the last one at the last position, [runs, d_model], as `runs` are ordered."""
        rows = self.base.resid_pre[0][:0]  # [row, d_model]
        for layer in range(min(run.layer for run in self._batch), self.lab.n_layers):
            self.lab.checkpoint()
            rows = self._join(layer, rows)
            self._due = self._due_in(layer)
            block = self.lab.module("resid_post", layer)
            with self._ends_only(layer) if layer == self.lab.n_layers - 1 else nullcontext():
                rows = block(rows[None], attention_mask=None, position_embeddings=self._angles, packed=self)[0]
        return rows[self._ends()]

    def _ends(self) -> Tensor:
        """The row of each run's last position, [runs]."""
        sizes = [self.n - group.start for group in self.groups for _ in group.runs]
        return torch.tensor(sizes, device=self.base.final.device).cumsum(0) - 1

    @contextmanager
    def _ends_only(self, layer: int) -> Iterator[None]:
        """In the last layer only the last position of each run is read, so only there are outputs worth computing.

        The other rows become zeros. Where an edit is to be made in this layer, all is computed.
        """
        ends, handles = self._ends(), []
        n_rows = int(ends[-1]) + 1

        def narrow(module: Any, args: tuple[Any, ...]) -> tuple[Any, ...]:
            return (args[0][:, ends], *args[1:])

        def widen(module: Any, args: tuple[Any, ...], output: Tensor) -> Tensor:
            whole = output.new_zeros(1, n_rows, output.shape[-1])
            whole[:, ends] = output
            return whole

        try:
            for site in ("attn_out", "mlp_out") if not self._due else ():
                module = self.lab.module(site, layer)
                handles += [module.register_forward_pre_hook(narrow), module.register_forward_hook(widen)]
            yield
        finally:
            for handle in handles:
                handle.remove()

    def _join(self, layer: int, rows: Tensor) -> Tensor:
        """The rows with those of the runs that depart from the base at this layer; `groups` follow."""
        joining = [run for run in self._batch if run.layer == layer]
        if not joining:
            return rows
        parts, groups, first = [], [], 0
        old = {group.start: group for group in self.groups}
        new = {start: list(runs) for start, runs in groupby(sorted(joining, key=lambda r: r.start), lambda r: r.start)}
        for start in sorted(old.keys() | new.keys()):
            runs = []
            if start in old:
                runs += old[start].runs
                parts.append(rows[old[start].rows])
            if start in new:
                runs += new[start]
                parts.append(self.base.resid_pre[layer][start:].repeat(len(new[start]), 1))
            size = len(runs) * (self.n - start)
            groups.append(Group(start, runs, slice(first, first + size)))
            first += size
        self.groups = groups
        if self.base.angles is not None:
            spans = [torch.arange(group.start, self.n).repeat(len(group.runs)) for group in groups]
            positions = torch.cat(spans).to(rows.device)
            cos, sin = self.base.angles
            self._angles = cos[:, positions], sin[:, positions]
        return torch.cat(parts)

    def _due_in(self, layer: int) -> dict[Spot, list[tuple[slice, Edit]]]:
        """The edits to be made in this layer, by where they are made, with the rows of their run."""
        due: dict[Spot, list[tuple[slice, Edit]]] = {}
        for group in self.groups:
            size = self.n - group.start
            for k, run in enumerate(group.runs):
                first = group.rows.start + k * size
                for edit in run.edits:
                    if edit.layer == layer:
                        spot = self.anatomy.spot(edit.site, layer)
                        due.setdefault(spot, []).append((slice(first, first + size), edit))
        return due

    def _after(self, spot: Spot, raw: Tensor) -> Tensor:
        """`raw` [1, row, ...] with the edits made that are due here; each sees the rows of its own run."""
        for rows, edit in self._due.get(spot, ()):
            apply(edit, self.anatomy.view(edit.site, raw)[:, rows], self.n, {}, 0)
        return raw

    def attention(self, layer: int, query: Tensor, key: Tensor, value: Tensor, scaling: float | None) -> Tensor:
        """Attention of each run to the base's keys before its start and to its own from there on.

        query [n_heads, row, d_head]; key and value [n_kv_heads, row, d_head]; the result is [row, n_heads, d_head].
        """
        out = []
        for group in self.groups:
            runs, start, size = len(group.runs), group.start, self.n - group.start
            q, k, v = (x[:, group.rows].reshape(len(x), runs, size, -1).transpose(0, 1) for x in (query, key, value))
            if start:
                k = torch.cat([self.base.keys[layer][:, :start].expand(runs, -1, -1, -1), k], dim=2)
                v = torch.cat([self.base.values[layer][:, :start].expand(runs, -1, -1, -1), v], dim=2)
            # The query heads that share a key-value head become further queries: nothing has to be repeated for them.
            q = q.reshape(runs, k.shape[1], -1, q.shape[-1])  # [run, n_kv_heads, query, d_head]
            mask = None
            if size > 1:
                mask = torch.ones(size, self.n, dtype=torch.bool, device=q.device).tril(start)
                mask = mask.repeat(q.shape[2] // size, 1)
            z = scaled_dot_product_attention(q, k, v, attn_mask=mask, scale=scaling)
            out.append(z.reshape(runs, -1, size, z.shape[-1]).transpose(1, 2).flatten(0, 1))
        return torch.cat(out)


def packed_attention(
    module: Any,
    query: Tensor,
    key: Tensor,
    value: Tensor,
    attention_mask: Tensor | None,
    packed: Packed,
    scaling: float | None = None,
    **kwargs: Any,
) -> tuple[Tensor, None]:
    """What the library calls for attention while a batch runs; all rows are one text to it."""
    return packed.attention(module.layer_idx, query[0], key[0], value[0], scaling)[None], None


@cache
def packed_attention_name() -> str:
    """Register the attention above with the library, once; its name there. It takes no mask, so none is registered."""
    from transformers import AttentionInterface

    AttentionInterface.register("llmw_packed", packed_attention)
    return "llmw_packed"
