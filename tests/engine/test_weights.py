"""Weight matrices: the same layout whatever the architecture, shown by what multiplying with them gives."""

from __future__ import annotations

import copy
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

from engine.errors import BadParameter
from engine.figures import Curve, Heatmap
from engine.lab import Lab
from engine.weights import block_means, singular_values, weight_of
from tests.engine.doing import do, facts
from tests.engine.tiny import PROMPT, tiny_lab, tiny_model

NORMS = {
    "gpt2": ("transformer.h.1.ln_1", "transformer.h.1.attn.c_attn", "transformer.h.1.mlp.c_fc"),
    "gpt_neox": (
        "gpt_neox.layers.1.input_layernorm",
        "gpt_neox.layers.1.attention.query_key_value",
        "gpt_neox.layers.1.mlp.dense_h_to_4h",
    ),
    "llama": ("model.layers.1.input_layernorm", "", "model.layers.1.mlp.up_proj"),
}
"""Before attention, q k v in one, and up: what is no site of its own."""


def normed(lab: Lab) -> torch.Tensor:
    """What attention of layer 1 reads, [position, d_model]."""
    kept = []
    module = lab.model.get_submodule(NORMS[lab.anatomy.family][0])
    handle = module.register_forward_hook(lambda m, a, out: kept.append(out[0]))
    lab.forward(lab.tokens(PROMPT))
    handle.remove()
    tensor: torch.Tensor = kept[0]
    return tensor


def bias_of(lab: Lab, matrix: str) -> torch.Tensor:
    """The bias that goes with q, k or v as a site [heads, d_head]; zeros where there is none."""
    a, path = lab.anatomy, NORMS[lab.anatomy.family][1]
    if not path:
        return torch.zeros(a.heads(matrix) or 0, a.d_head)
    return a.view(matrix, lab.model.get_submodule(path).bias[None])[0]


@pytest.mark.parametrize("matrix", ["q", "k", "v"])
def test_what_attention_reads_times_the_matrix_is_the_site(lab: Lab, matrix: str) -> None:
    site = lab.forward(lab.tokens(PROMPT), read=[(matrix, 1)])[matrix, 1]  # [position, heads, d_head]
    bias = bias_of(lab, matrix)
    whole = normed(lab) @ weight_of(lab, matrix, 1) + bias.flatten()
    assert torch.allclose(whole, site.flatten(1), atol=1e-5)
    for head in range(lab.n_heads):
        own = head if matrix == "q" else lab.anatomy.kv_head(head)
        one = normed(lab) @ weight_of(lab, matrix, 1, head) + bias[own]
        assert torch.allclose(one, site[:, own], atol=1e-5)


@pytest.mark.parametrize(("matrix", "before", "after"), [("o", "z", "attn_out"), ("down", "mlp_post", "mlp_out")])
def test_the_matrices_that_lead_back_to_the_stream(lab: Lab, matrix: str, before: str, after: str) -> None:
    trace = lab.forward(lab.tokens(PROMPT), read=[(before, 1), (after, 1)])
    entering, leaving = trace[before, 1].flatten(1), trace[after, 1]
    bias = getattr(lab.model.get_submodule(lab.anatomy.spot(before, 1)[0]), "bias", None)
    assert torch.allclose(entering @ weight_of(lab, matrix, 1) + (0 if bias is None else bias), leaving, atol=1e-5)
    if matrix == "o":
        heads = [trace["z", 1][:, h] @ weight_of(lab, "o", 1, h) for h in range(lab.n_heads)]
        assert torch.allclose(sum(heads[1:], heads[0]) + (0 if bias is None else bias), leaving, atol=1e-5)


def test_up_and_embed(lab: Lab) -> None:
    module = lab.model.get_submodule(NORMS[lab.anatomy.family][2])
    entering = torch.randn(3, lab.d_model)
    up = weight_of(lab, "up", 1)
    assert up.shape == (lab.d_model, lab.d_mlp)
    assert torch.allclose(entering @ up + (0 if module.bias is None else module.bias), module(entering), atol=1e-5)
    embed = lab.forward(lab.tokens(PROMPT), read=["embed"])["embed"]
    assert torch.equal(weight_of(lab, "embed")[lab.tokens(PROMPT)], embed)


@pytest.mark.parametrize("matrix", ["q", "k", "v", "o", "up", "down", "embed"])
def test_weight_matrix(lab: Lab, matrix: str) -> None:
    outcome = do(lab, "weight_matrix", matrix=matrix, layer=2)
    said: Any = outcome.facts
    w: Any = weight_of(lab, matrix, 2).double().numpy()
    s = np.linalg.svd(w, compute_uv=False)
    shares = s[s > 0] / s.sum()
    assert (said.rows, said.cols) == w.shape
    assert said.frobenius == pytest.approx(np.linalg.norm(w), rel=1e-5)
    assert said.top_singular_value == pytest.approx(s[0], rel=1e-5)
    assert said.effective_rank == pytest.approx(np.exp(-(shares * np.log(shares)).sum()), rel=1e-4)
    grid, curve = outcome.figures
    assert isinstance(grid, Heatmap)
    assert len(grid.rows) == min(64, w.shape[0])
    assert len(grid.columns) == min(64, w.shape[1])
    assert isinstance(curve, Curve)
    assert curve.series[0].values == pytest.approx(s[[int(x) for x in curve.x]].tolist(), rel=1e-4)


def test_the_heads_of_a_group_share_keys_and_values() -> None:
    lab = tiny_lab("llama")
    k = [facts(lab, "weight_matrix", matrix="k", head=h) for h in range(4)]
    assert k[0] == k[1] != k[2] == k[3]
    q = [facts(lab, "weight_matrix", matrix="q", head=h).frobenius for h in range(4)]
    assert len(set(q)) == 4
    assert facts(lab, "weight_matrix", matrix="q").frobenius ** 2 == pytest.approx(sum(f**2 for f in q))


def test_blocks_are_means_and_keep_the_whole() -> None:
    w = torch.randn(130, 64)
    means = block_means(w, 64)
    assert means.shape == (64, 64)
    assert torch.allclose(means[0, 0], w[:3, 0].mean())  # 130 = 2 blocks of 3 rows and 62 of 2
    assert torch.allclose(means[-1, 5], w[-2:, 5].mean())
    sizes = torch.tensor([3.0, 3.0] + [2.0] * 62)
    assert torch.allclose((means * sizes[:, None]).sum(0), w.sum(0), atol=1e-4)
    from engine.experiments.weight_matrix import starts

    assert starts(130, 64)[:4] == ["0", "3", "6", "8"]
    assert starts(5, 5) == ["0", "1", "2", "3", "4"]


def test_singular_values_of_known_matrices() -> None:
    assert singular_values(torch.eye(7) * 3).tolist() == pytest.approx([3.0] * 7)
    rank_one = torch.arange(1, 6.0)[:, None] @ torch.arange(1, 4.0)[None]
    values = singular_values(rank_one)
    assert float(values[0]) == pytest.approx(float(rank_one.norm()))
    assert float(values[1]) < 1e-5
    wide = torch.randn(20, 9000)
    assert singular_values(wide).tolist() == pytest.approx(np.linalg.svd(wide.numpy(), compute_uv=False), rel=1e-4)


def test_a_matrix_of_zeros_has_no_rank(family: str) -> None:
    model = copy.deepcopy(tiny_model(family))
    lab = tiny_lab(family, model)
    with torch.no_grad():
        weight_of(lab, "o", 1).zero_()
    said = facts(lab, "weight_matrix", matrix="o", layer=1)
    assert (said.effective_rank, said.frobenius, said.top_singular_value) == (0, 0, 0)


def test_there_are_heads_only_where_there_are_heads(lab: Lab) -> None:
    for matrix in ("up", "down", "embed"):
        with pytest.raises(BadParameter, match=f"^head = 1: {matrix} has no heads"):
            do(lab, "weight_matrix", matrix=matrix, head=1)


def test_packed_weights_are_refused_with_a_reason(family: str) -> None:
    """As bitsandbytes keeps them: whole numbers, in a shape of their own."""
    model = copy.deepcopy(tiny_model(family))
    lab = tiny_lab(family, model)
    module: Any = model.get_submodule(lab.anatomy.spot("mlp_post", 0)[0])
    module.weight = nn.Parameter(torch.zeros(512, 1, dtype=torch.uint8), requires_grad=False)
    with pytest.raises(BadParameter, match=r"is quantised: its weights are packed \(uint8\) and down cannot be read"):
        do(lab, "weight_matrix", matrix="down")
    facts(lab, "weight_matrix", matrix="q")
