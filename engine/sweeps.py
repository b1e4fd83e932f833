"""Many edited runs of one text, exact, for a fraction of what they cost one after another.

A patching grid or the ablation of every head asks for hundreds of runs that differ from one base run in one place each.
An edit at (layer l, position p) can change only layers from l on and, as no token sees those after it, only positions
from p on. So:

- the base run is made once; its residual stream and its keys and values are kept;
- a variant starts from the base's residual stream at its own layer and computes its own positions only; what comes
  before them it reads from the base's keys and values;
- variants that are at the same layer go through it as one batch, whatever their positions: their rows (a row is one
  position of one variant) lie one after another, and attention alone looks at runs of equal length together;
- of the logits, only what is measured is computed, at the last position.

The layers are the model's own modules, and the edits are made by the same hooks as in any run (engine/trace.py).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from typing import Any

import torch
from torch import Tensor
from torch.nn.functional import linear

from engine.edits import Edit
from engine.errors import BadParameter
from engine.lab import Lab
from engine.models import is_out_of_memory
from engine.packed import Base, Packed, Run, Variant
from engine.trace import finite
from engine.weights import unpacked

Measure = Callable[[Tensor], Tensor]
"""From resid_post of the last layer at the last position [runs, d_model] to one number for each run, [runs]."""

ROWS = {"cpu": 1024}
"""Rows in a batch, by device: on a CPU more are hardly faster, and cells would come later."""
ROWS_ELSEWHERE = 16_384
KEPT = 31 << 20
"""Bytes; see `keep_freed_memory`."""
ROOM = 512 << 20
"""Bytes that a batch may take, as far as they can be estimated."""


# --- what is measured -----------------------------------------------------------------------------------------------


def logit_diff(lab: Lab, answer: int, distractor: int) -> Measure:
    """Measures logit(answer) - logit(distractor): the final norm, then two rows of the unembedding.

    In float32 whatever the model is in: bfloat16 has steps of 1/16 at a logit of 10, and most heads matter less.
    """
    norm = lab.module("ln_final")
    rows = unpacked(lab, "unembed", lab.module("logits"))[[answer, distractor]].float()

    def measure(resid: Tensor) -> Tensor:
        pair: Tensor = linear(norm(resid).float(), rows)
        return pair[:, 0] - pair[:, 1]

    return measure


def probability(lab: Lab, answer: int) -> Measure:
    """Measures the probability of the answer as the next token."""
    few = 64  # runs at a time: the logits of all would take more memory than all else
    return lambda resid: torch.cat([lab.unembed(part).softmax(-1)[:, answer] for part in torch.split(resid, few)])


# --- the base run ---------------------------------------------------------------------------------------------------


def base_run(lab: Lab, tokens: Tensor, edits: Sequence[Edit] = ()) -> Base:
    """Run tokens [position] and keep what variants depart from.

    edits: made in the base run, and so in every variant; they must lie before the first layer. Raises BadParameter.
    """
    from transformers import DynamicCache

    lab.checkpoint()
    angles: list[Any] = []
    cache_: Any = DynamicCache(config=lab.model.config)
    last = lab.n_layers - 1

    def note(module: Any, args: Any, kwargs: dict[str, Any]) -> None:
        angles.append(kwargs.get("position_embeddings"))

    with lab.watch(edits, ["resid_pre", ("resid_post", last)]) as watch:
        if any(edit.site not in ("embed", "pos_embed") for edit in watch.edits):
            raise BadParameter("edits", "the edits that all runs of a sweep share must lie before the first layer")
        handle = lab.module("resid_pre", 0).register_forward_pre_hook(note, with_kwargs=True)
        try:
            watch(tokens[None], cache_, keep=1)
        finally:
            handle.remove()
    return Base(
        resid_pre=[watch.kept[lab.anatomy.spot("resid_pre", layer)][0] for layer in range(lab.n_layers)],
        keys=[layer.keys[0] for layer in cache_.layers],
        values=[layer.values[0] for layer in cache_.layers],
        angles=angles[0],
        final=watch.kept[lab.anatomy.spot("resid_post", last)][0, -1:],
    )


def measured(base: Base, measure: Measure) -> float:
    """The measure of the base run itself."""
    with torch.inference_mode():
        return float(measure(base.final)[0])


# --- the variants ---------------------------------------------------------------------------------------------------


def sweep(
    lab: Lab, base: Base, variants: Sequence[Variant], measure: Measure, label: str = "running"
) -> Iterator[tuple[list[int], list[float]]]:
    """Run every variant of the base run and measure it: the same as a forward for each with its edits, to rounding.

    Gives the indices of some variants and their measures as they come, until all have come. A batch that does not fit
    into memory is split. Raises BadParameter for an edit that a sweep cannot make, Cancelled between layers.
    """
    n = len(base.resid_pre[0])
    runs = [departure(index, variant, n) for index, variant in enumerate(variants)]
    if lab.device.type == "cpu":
        keep_freed_memory()
    done = 0
    for batch in batches(lab, base, sorted(runs, key=lambda run: (run.layer, run.start))):
        for some, resid in finals(lab, base, batch):
            with torch.inference_mode():
                values = finite(measure(resid), lab.model).tolist()
            done += len(some)
            lab.progress(label, done, len(runs), "cells")
            yield [run.index for run in some], values


def keep_freed_memory() -> None:
    """Have the C library keep what one layer frees for the next, instead of giving it back and getting it page by page.

    glibc keeps up to twice the largest block that was freed so far, and counts blocks below 32 MiB; so one that nobody
    writes to is taken and freed. It saves a tenth of a sweep; where there is no such rule it does nothing.
    """
    with suppress(RuntimeError):  # there may be no room for it within the budget
        torch.empty(KEPT, dtype=torch.uint8)


def departure(index: int, variant: Variant, n: int) -> Run:
    """Where a variant departs from a base run of n positions: a mean is taken over them all, wherever it is put."""
    layers = [edit.layer for edit in variant if edit.layer is not None and edit.site != "pattern"]
    if not layers or len(layers) < len(variant):
        raise BadParameter("edits", "the edits of a sweep must be in layers, at any site but pattern")
    whole = [edit.positions is None or edit.op == "mean" for edit in variant]
    starts = [0] if any(whole) else [position for edit in variant for position in edit.positions or ()]
    return Run(index, variant, min(layers), min([*starts, n - 1]))


def batches(lab: Lab, base: Base, runs: Iterable[Run]) -> Iterator[list[Run]]:
    """The runs in batches of bounded size, in the order given; one run at least is in each."""
    a, n = lab.anatomy, len(base.resid_pre[0])
    most = ROWS.get(lab.device.type, ROWS_ELSEWHERE)
    per_row = 4 * (8 * a.d_model + 4 * a.d_mlp)  # float32, as norms are computed in it
    per_run = 4 * n * 2 * a.n_kv_heads * a.d_head  # keys and values, the base's copied beside its own
    last = lab.n_layers - 1  # without edits there, a batch computes it for the last position alone
    batch: list[Run] = []
    rows = room = 0
    for run in runs:
        own = n - run.start
        rows, room = rows + own, room + own * per_row + per_run
        if batch and (rows > most or room > ROOM or batch[-1].layer < run.layer == last):
            yield batch
            batch, rows, room = [], own, own * per_row + per_run
        batch.append(run)
    if batch:
        yield batch


def finals(lab: Lab, base: Base, batch: list[Run]) -> Iterator[tuple[list[Run], Tensor]]:
    """resid_post of the last layer at the last position [runs, d_model] of a batch, in halves where memory runs out."""
    fits = True
    try:
        with Packed(lab, base, batch) as packed:
            resid = packed.through()
    except (RuntimeError, MemoryError) as error:
        fits = not is_out_of_memory(error) or len(batch) == 1
        if fits:
            raise
    if fits:  # outside of `except`, which would hold on to the memory of what failed
        yield packed.runs, resid
    else:
        yield from finals(lab, base, batch[: len(batch) // 2])
        yield from finals(lab, base, batch[len(batch) // 2 :])
