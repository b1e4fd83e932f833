"""Every site is where the tables say, holds what its name says, and is laid out as documented, in all families."""

from __future__ import annotations

import copy
from typing import Any

import pytest
import torch
from transformers import AutoModelForCausalLM, GPTNeoXForCausalLM, MambaConfig, MistralConfig

from engine.anatomy import SITES, anatomy_of
from engine.errors import BadParameter, ModelUnavailable
from engine.lab import Lab
from engine.trace import Trace
from tests.engine.tiny import PROMPT, tiny_config, tiny_folder, tiny_lab, tiny_model


@pytest.fixture
def trace(lab: Lab) -> Trace:
    return lab.forward(lab.tokens(PROMPT), read=lab.anatomy.sites)


def close(a: torch.Tensor, b: torch.Tensor, tolerance: float = 1e-5) -> bool:
    return a.shape == b.shape and torch.allclose(a, b, atol=tolerance, rtol=tolerance)


def per_query_head(lab: Lab, x: torch.Tensor) -> torch.Tensor:
    """Keys or values [position, n_kv_heads, d_head] as each query head reads them: [position, n_heads, d_head]."""
    return x[:, [lab.anatomy.kv_head(h) for h in range(lab.n_heads)]]


def test_sizes(lab: Lab, family: str) -> None:
    a = lab.anatomy
    assert (a.n_layers, a.n_heads, a.d_model, a.d_head, a.n_ctx) == (3, 4, 32, 8, 64)
    assert a.n_kv_heads == (2 if family == "llama" else 4)
    assert a.d_mlp == (128 if family == "gpt2" else 64)
    assert a.n_vocab == lab.model.get_output_embeddings().weight.shape[0]


def test_shapes(lab: Lab, trace: Trace) -> None:
    a, n = lab.anatomy, len(lab.tokens(PROMPT))
    shapes = {
        "q": (n, a.n_heads, a.d_head),
        "k": (n, a.n_kv_heads, a.d_head),
        "v": (n, a.n_kv_heads, a.d_head),
        "z": (n, a.n_heads, a.d_head),
        "pattern": (a.n_heads, n, n),
        "mlp_post": (n, a.d_mlp),
        "logits": (n, a.n_vocab),
    }
    for site in a.sites:
        value = trace[site, 1] if a.place(site).layered else trace[site]
        if a.width(site) is not None:
            assert value.shape[-1] == a.width(site), site
        if site != "pos_embed":
            assert tuple(value.shape) == shapes.get(site, (n, a.d_model)), site


def test_pattern_times_value_is_z(lab: Lab, trace: Trace) -> None:
    for layer in range(lab.n_layers):
        z = torch.einsum("hqk,khd->qhd", trace["pattern", layer], per_query_head(lab, trace["v", layer]))
        assert close(z, trace["z", layer])


def test_queries_and_keys_make_the_pattern(lab: Lab, trace: Trace) -> None:
    """Holds q, k, pos_embed and their layouts: wrong blocks, a wrong group or angle would give another pattern."""
    future = torch.ones_like(trace["pattern", 0][0]).triu(1).bool()
    for layer in range(lab.n_layers):
        q, k = trace["q", layer], per_query_head(lab, trace["k", layer])
        if "rotary_positions" in lab.anatomy.features:
            q, k = rotated(q, trace["pos_embed"]), rotated(k, trace["pos_embed"])
        scores = torch.einsum("qhd,khd->hqk", q, k) / lab.anatomy.d_head**0.5
        assert close(scores.masked_fill(future, -torch.inf).softmax(-1), trace["pattern", layer])


def rotated(x: torch.Tensor, angles: torch.Tensor) -> torch.Tensor:
    """[position, head, d_head] turned by angles [position, d_rotary / 2]; i and i + d_rotary / 2 are a plane."""
    half = angles.shape[-1]
    a, b, rest = x[..., :half], x[..., half : 2 * half], x[..., 2 * half :]
    cos, sin = angles.cos()[:, None], angles.sin()[:, None]
    return torch.cat((a * cos - b * sin, b * cos + a * sin, rest), -1)


def test_each_layer_adds_its_attention_and_its_mlp(lab: Lab, trace: Trace) -> None:
    for layer in range(lab.n_layers):
        added = trace["resid_pre", layer] + trace["attn_out", layer] + trace["mlp_out", layer]
        assert close(added, trace["resid_post", layer])
        if "resid_mid" in lab.anatomy.sites:
            assert close(trace["resid_pre", layer] + trace["attn_out", layer], trace["resid_mid", layer])
        if layer:
            assert torch.equal(trace["resid_pre", layer], trace["resid_post", layer - 1])


def test_the_stream_begins_with_the_embeddings(lab: Lab, trace: Trace, family: str) -> None:
    start = trace["embed"] + trace["pos_embed"] if family == "gpt2" else trace["embed"]
    assert close(start, trace["resid_pre", 0])


def test_neurons_write_the_mlp_output(lab: Lab, trace: Trace) -> None:
    for layer in range(lab.n_layers):
        down = lab.model.get_submodule(lab.anatomy.spot("mlp_post", layer)[0])
        assert close(down(trace["mlp_post", layer]), trace["mlp_out", layer])


def test_reads_are_what_transformers_says(lab: Lab, trace: Trace, family: str) -> None:
    theirs = AutoModelForCausalLM.from_pretrained(tiny_folder(family), attn_implementation="eager").eval()
    with torch.inference_mode():
        said = theirs(lab.tokens(PROMPT)[None], output_hidden_states=True, output_attentions=True)
    assert len(said.hidden_states) == lab.n_layers + 1
    for layer in range(lab.n_layers):
        assert close(trace["resid_pre", layer], said.hidden_states[layer][0])
        assert close(trace["pattern", layer], said.attentions[layer][0])
    assert close(trace["ln_final"], said.hidden_states[-1][0])
    assert close(trace["logits"], said.logits[0])
    assert close(trace.logits, said.logits[0])


def test_reading_patterns_keeps_the_causal_mask(lab: Lab, trace: Trace) -> None:
    bare = lab.forward(lab.tokens(PROMPT)).logits
    assert close(trace.logits, bare)
    for layer in range(lab.n_layers):
        assert trace["pattern", layer].triu(1).abs().max() == 0
        assert close(trace["pattern", layer].sum(-1), torch.ones(lab.n_heads, len(bare)))


def test_reading_all_but_patterns_changes_no_bit(lab: Lab) -> None:
    tokens = lab.tokens(PROMPT)
    watched = lab.forward(tokens, read=[s for s in lab.anatomy.sites if s != "pattern"])
    assert torch.equal(watched.logits, lab.forward(tokens).logits)


def test_grouped_queries_share_keys() -> None:
    llama = anatomy_of(tiny_config("llama"))
    assert [llama.kv_head(h) for h in range(4)] == [0, 0, 1, 1]


def test_parallel_layers_have_no_resid_mid() -> None:
    lab = tiny_lab("gpt_neox")
    assert "resid_mid" not in lab.anatomy.sites
    with pytest.raises(BadParameter, match=r"parallel"):
        lab.forward(lab.tokens(PROMPT), read=["resid_mid"])


def test_neox_with_layers_in_series_has_it() -> None:
    torch.manual_seed(0)
    model = GPTNeoXForCausalLM(tiny_config("gpt_neox", use_parallel_residual=False))
    lab = tiny_lab("gpt_neox", model)
    trace = lab.forward(lab.tokens(PROMPT), read=["resid_pre", "attn_out", "resid_mid", "mlp_out", "resid_post"])
    for layer in range(lab.n_layers):
        assert close(trace["resid_pre", layer] + trace["attn_out", layer], trace["resid_mid", layer])
        assert close(trace["resid_mid", layer] + trace["mlp_out", layer], trace["resid_post", layer])


@pytest.mark.parametrize("config", [MambaConfig(), MistralConfig()])
def test_an_unknown_architecture_is_refused_by_name(config: Any) -> None:
    with pytest.raises(ModelUnavailable, match=rf"{config.model_type}.*gpt2, gpt_neox, llama"):
        anatomy_of(config)


def test_cross_attention_is_refused() -> None:
    with pytest.raises(ModelUnavailable, match=r"cross-attention"):
        anatomy_of(tiny_config("gpt2", add_cross_attention=True))


def test_what_is_not_there_is_an_error_that_says_what_is(lab: Lab) -> None:
    tokens = lab.tokens(PROMPT)
    with pytest.raises(BadParameter, match=r"no site 'resid'.*resid_pre"):
        lab.forward(tokens, read=["resid"])
    with pytest.raises(BadParameter, match=r"layer = 3 is out of range.*0 to 2"):
        lab.forward(tokens, read=[("z", 3)])
    with pytest.raises(KeyError, match=r"z of layer 1 was not read"):
        lab.forward(tokens, read=[("z", 0)])["z", 1]


def test_every_table_has_every_site(lab: Lab, family: str) -> None:
    assert set(lab.anatomy.sites) | {"resid_mid"} == set(SITES)
    paths = {
        path
        for path, _ in (lab.anatomy.spot(s, 0 if lab.anatomy.place(s).layered else None) for s in lab.anatomy.sites)
    }
    assert paths <= set(dict(tiny_model(family).named_modules()))


def test_a_head_size_of_its_own() -> None:
    """Some Llama models have heads whose sizes do not add up to d_model."""
    torch.manual_seed(0)
    model = AutoModelForCausalLM.from_config(tiny_config("llama", head_dim=16))
    lab = tiny_lab("llama", copy.deepcopy(model))
    trace = lab.forward(lab.tokens(PROMPT), read=["z", "v", "pattern"])
    assert lab.anatomy.d_head == 16
    z = torch.einsum("hqk,khd->qhd", trace["pattern", 2], per_query_head(lab, trace["v", 2]))
    assert close(z, trace["z", 2])
