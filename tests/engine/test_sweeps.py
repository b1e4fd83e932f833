"""The sweeps: each cell against a plain forward with the same edits, on all three families; and what they cost."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from typing import Any

import pytest
import torch
from torch import Tensor

from engine import sweeps
from engine.edits import Edit
from engine.errors import BadParameter, Cancelled
from engine.lab import Lab
from engine.protocol import Partial, Progress
from engine.sweeps import base_run, logit_diff, measured, probability, sweep
from tests.engine.doing import EXACT, LATE, PAIR, SWAPPED, difference, do, facts, heatmap, into
from tests.engine.tiny import PROMPT, tiny_lab, tiny_model


def swept(lab: Lab, tokens: Tensor, variants: Sequence[Sequence[Edit]], shared: Sequence[Edit] = ()) -> list[float]:
    """The same of every variant, by a sweep."""
    found: dict[int, float] = {}
    for indices, values in sweep(
        lab, base_run(lab, tokens, shared), variants, logit_diff(lab, *lab.pair(" Mary", " John"))
    ):
        assert not found.keys() & set(indices)
        found.update(zip(indices, values, strict=True))
    return [found[i] for i in range(len(variants))]


# --- exactness ------------------------------------------------------------------------------------------------------


def variants_of(lab: Lab, tokens: Tensor) -> list[list[Edit]]:
    """Variants of every kind: at each site, with each operation, here and there, alone and several at once."""
    n, last = len(tokens), lab.n_layers - 1
    sites = [s for s in lab.anatomy.sites if lab.anatomy.place(s).layered and s != "pattern"]
    out = [
        [lab.edit(s, "scale", layer=i, positions=[k], value=-2.0)]
        for s in sites
        for i in range(3)
        for k in (0, 5, n - 1)
    ]
    out += [[lab.edit("z", op, layer=i, head=h)] for op in ("zero", "mean") for i in range(3) for h in range(4)]
    out += [[lab.edit(s, "noise", layer=1, positions=range(3, 8), value=0.5)] for s in sites]
    out += [[lab.edit("mlp_post", "add", layer=2, neuron=7, value=3.0)], [lab.edit("k", "zero", layer=0, head=1)]]
    out += [
        [lab.edit(s, "mean", layer=1, positions=[6, 9])] for s in sites
    ]  # of the whole prompt, made in a part of it
    out += [[lab.edit("z", "zero", layer=1, positions=here)] for here in ([], [n], [n - 1, n + 3])]
    out += [[lab.edit("attn_out", "zero", layer=i, positions=[k]) for i in (0, 1)] for k in range(n)]
    out += [[lab.edit("z", "zero", layer=last, positions=[9]), lab.edit("resid_pre", "scale", layer=1, value=0.5)]]
    return out


def test_a_sweep_is_a_plain_loop_of_runs(lab: Lab) -> None:
    tokens = lab.tokens(PROMPT)
    variants = variants_of(lab, tokens)
    plain = [difference(lab, tokens, edits) for edits in variants]
    assert swept(lab, tokens, variants) == pytest.approx(plain, abs=EXACT)
    assert torch.tensor(plain).std() > 0.05  # the variants do differ


def test_the_base_run_is_the_plain_run(lab: Lab) -> None:
    base = base_run(lab, lab.tokens(PROMPT))
    assert measured(base, logit_diff(lab, *lab.pair(" Mary", " John"))) == pytest.approx(
        difference(lab, lab.tokens(PROMPT)), abs=EXACT
    )
    p = facts(lab, "next_token", prompt=PROMPT, answer=" Mary").answer_prob
    assert measured(base, probability(lab, lab.token_id(" Mary"))) == pytest.approx(p, abs=EXACT)


def test_edits_that_all_runs_share(lab: Lab) -> None:
    tokens = lab.tokens(PROMPT)
    shared = [lab.edit("embed", "noise", positions=[1, 2], value=0.3), lab.edit("pos_embed", "scale", value=0.5)]
    variants = [[lab.edit("resid_pre", "scale", layer=i, positions=[k], value=2.0)] for i in range(3) for k in (1, 8)]
    plain = [difference(lab, tokens, [*shared, *edits]) for edits in variants]
    assert swept(lab, tokens, variants, shared) == pytest.approx(plain, abs=EXACT)
    with lab.editing(*shared):
        assert swept(lab, tokens, variants) == pytest.approx(plain, abs=EXACT)


def test_a_patch_of_the_whole_stream_gives_the_clean_run(lab: Lab) -> None:
    clean, corrupt = lab.tokens(PROMPT), lab.tokens(SWAPPED)
    trace = lab.forward(clean, read=["resid_pre"])
    patches = [[lab.edit("resid_pre", "replace", layer=i, value=trace["resid_pre", i])] for i in range(lab.n_layers)]
    assert swept(lab, corrupt, patches) == pytest.approx([difference(lab, clean)] * lab.n_layers, abs=EXACT)


def test_a_text_of_one_token(lab: Lab) -> None:
    tokens = lab.tokens("When")
    variants = [[lab.edit("z", "zero", layer=i, head=h)] for i in range(3) for h in range(4)]
    assert swept(lab, tokens, variants) == pytest.approx([difference(lab, tokens, v) for v in variants], abs=EXACT)


def test_layers_that_are_not_parallel_in_neox() -> None:
    from transformers import AutoModelForCausalLM

    from tests.engine.tiny import tiny_config

    torch.manual_seed(1)
    model = AutoModelForCausalLM.from_config(tiny_config("gpt_neox", use_parallel_residual=False)).eval()
    lab = tiny_lab("gpt_neox", model)
    tokens = lab.tokens(PROMPT)
    variants = variants_of(lab, tokens)
    assert swept(lab, tokens, variants) == pytest.approx([difference(lab, tokens, v) for v in variants], abs=EXACT)


def test_bfloat16_stays_within_its_rounding(family: str) -> None:
    lab = tiny_lab(family, copy.deepcopy(tiny_model(family)).to(torch.bfloat16))
    tokens = lab.tokens(PROMPT)
    variants = [[lab.edit("z", "zero", layer=i, head=h)] for i in range(3) for h in range(4)]
    assert swept(lab, tokens, variants) == pytest.approx([difference(lab, tokens, v) for v in variants], abs=0.2)
    here = [
        [lab.edit("z", "zero", layer=i, head=h, positions=[k])] for i in (0, 1) for h in range(4) for k in range(14)
    ]
    assert len(set(swept(lab, tokens, here))) == len(here), "no two look the same for want of digits"


# --- what it costs --------------------------------------------------------------------------------------------------


def test_only_what_can_differ_is_computed(lab: Lab) -> None:
    """A cell at (layer l, position p) costs the positions from p on, in the layers from l on, and nothing else."""
    tokens, n = lab.tokens(PROMPT), len(lab.tokens(PROMPT))
    base = base_run(lab, tokens)
    rows: list[int] = []
    handles = [
        lab.module("resid_post", i).register_forward_pre_hook(lambda m, args: rows.append(args[0].shape[1]))
        for i in range(lab.n_layers)
    ]
    cells = [(i, k) for i in range(lab.n_layers) for k in range(9, n)]
    variants = [[lab.edit("attn_out", "zero", layer=i, positions=[k])] for i, k in cells]
    for _ in sweep(lab, base, variants, logit_diff(lab, 0, 1)):
        pass
    for handle in handles:
        handle.remove()
    assert len(rows) == lab.n_layers + 1  # each layer once, and once more for those that start in the last one
    assert sum(rows) == sum((lab.n_layers - i) * (n - k) for i, k in cells)


def test_the_last_layer_is_computed_for_the_last_position_alone(lab: Lab) -> None:
    tokens = lab.tokens(PROMPT)
    base = base_run(lab, tokens)
    rows: list[int] = []
    inner = lab.module("mlp_post", lab.n_layers - 1)
    handle = inner.register_forward_pre_hook(lambda m, args: rows.append(args[0].shape[1]))
    list(sweep(lab, base, [[lab.edit("z", "zero", layer=i, head=0)] for i in (0, 1)], logit_diff(lab, 0, 1)))
    handle.remove()
    assert rows == [2]


@pytest.mark.parametrize("limit", ["rows", "bytes"])
def test_batches_stay_below_a_limit_and_change_nothing(lab: Lab, limit: str, monkeypatch: pytest.MonkeyPatch) -> None:
    tokens = lab.tokens(PROMPT)
    variants = variants_of(lab, tokens)
    whole = swept(lab, tokens, variants)
    if limit == "rows":
        monkeypatch.setitem(sweeps.ROWS, "cpu", 40)
    else:
        monkeypatch.setattr(sweeps, "ROOM", 200_000)
    base = base_run(lab, tokens)
    runs = [sweeps.departure(i, v, len(tokens)) for i, v in enumerate(variants)]
    sizes = [[len(tokens) - run.start for run in batch] for batch in sweeps.batches(lab, base, runs)]
    assert len(sizes) > 5
    assert all(sum(size) <= 40 or len(size) == 1 for size in sizes) or limit == "bytes"
    assert swept(lab, tokens, variants) == pytest.approx(whole, abs=EXACT)


def test_a_batch_that_does_not_fit_is_split(lab: Lab) -> None:
    """Where the estimate was wrong and memory runs out all the same, the halves are tried, down to single runs."""
    tokens = lab.tokens(PROMPT)
    variants = [[lab.edit("z", "zero", layer=0, head=h)] for h in range(4)]
    whole = swept(lab, tokens, variants)
    tried: list[int] = []

    def small(module: Any, args: Any) -> None:
        tried.append(args[0].shape[1] // len(tokens))
        if tried[-1] > 1:
            raise RuntimeError("DefaultCPUAllocator: can't allocate memory")

    base = base_run(lab, tokens)
    handle = lab.module("resid_post", 2).register_forward_pre_hook(small)
    got = [x for _, values in sweep(lab, base, variants, logit_diff(lab, *lab.pair(" Mary", " John"))) for x in values]
    handle.remove()
    assert tried == [4, 2, 1, 1, 2, 1, 1]
    assert got == pytest.approx(whole, abs=EXACT)


def test_a_single_run_that_does_not_fit_says_so(lab: Lab) -> None:
    def full(module: Any, args: Any) -> None:
        raise MemoryError

    base = base_run(lab, lab.tokens(PROMPT))
    handle = lab.module("resid_post", 2).register_forward_pre_hook(full)
    with pytest.raises(MemoryError):
        list(sweep(lab, base, [[lab.edit("z", "zero", layer=0, head=0)]], logit_diff(lab, 0, 1)))
    handle.remove()


# --- along the way --------------------------------------------------------------------------------------------------


def test_cells_come_as_they_are_run(family: str, monkeypatch: pytest.MonkeyPatch) -> None:
    heard: list[Any] = []
    monkeypatch.setitem(sweeps.ROWS, "cpu", 10)
    do(tiny_lab(family, report=into(heard)), "activation_patching", clean=PROMPT, corrupt=LATE, **PAIR)
    known = [
        sum(v is not None for row in heatmap(e.figure).values for v in row) for e in heard if isinstance(e, Partial)
    ]
    assert len(known) >= 3
    assert known == sorted(set(known))
    progress = [(e.done, e.total) for e in heard if isinstance(e, Progress)]
    assert progress[-1][0] == progress[-1][1] > progress[0][0]


@pytest.mark.parametrize("name", ["activation_patching", "head_sweep", "causal_trace"])
def test_cancelling_between_layers(lab: Lab, name: str) -> None:
    """The bench's fixture sees that no hook is left."""
    from engine.experiments import experiment
    from tests.engine.doing import some_values

    beats = 0

    def report(event: object) -> None:
        nonlocal beats
        beats += event is None
        if beats == 3:
            raise Cancelled("cancelled")

    lab.report = report
    with pytest.raises(Cancelled):
        do(lab, name, **some_values(experiment(name)))


def test_edits_that_a_sweep_cannot_make(lab: Lab) -> None:
    base, measure = base_run(lab, lab.tokens(PROMPT)), logit_diff(lab, 0, 1)
    for edits in ([], [lab.edit("embed", "zero")], [lab.edit("pattern", "scale", layer=0, head=0, value=0.5)]):
        with pytest.raises(BadParameter, match="must be in layers"):
            list(sweep(lab, base, [edits], measure))
    for edit in (lab.edit("z", "zero", layer=0), lab.edit("logits", "add", value=1.0), lab.edit("ln_final", "zero")):
        with pytest.raises(BadParameter, match="before the first layer"), lab.editing(edit):
            base_run(lab, lab.tokens(PROMPT))
