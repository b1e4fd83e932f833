"""Edits do what their table says, where it says, in one pass as token by token, and leave nothing behind."""

from __future__ import annotations

import copy
from typing import Any

import pytest
import torch
from torch import Tensor

from engine.edits import Edit
from engine.errors import BadParameter, Cancelled
from engine.lab import Lab
from tests.engine.tiny import PROMPT, hooks_of, tiny_lab, tiny_model

CORRUPT = "When John and Mary went to the park, Mary gave a book to"
OUT_OF = {"gpt2": "attn.c_proj", "gpt_neox": "attention.dense", "llama": "self_attn.o_proj"}


def close(a: Tensor, b: Tensor, tolerance: float = 1e-5) -> bool:
    return a.shape == b.shape and torch.allclose(a, b, atol=tolerance, rtol=tolerance)


def layer_of(lab: Lab, site: str, layer: int = 1) -> int | None:
    return layer if lab.anatomy.place(site).layered else None


def read(lab: Lab, site: str, tokens: Tensor, *edits: Edit, layer: int = 1) -> Tensor:
    trace = lab.forward(tokens, edits=edits, read=[site])
    return trace[site, layer] if lab.anatomy.place(site).layered else trace[site]


def written_slowly(lab: Lab, tokens: Tensor, n: int, edits: list[Edit]) -> Tensor:
    """Greedy generation without a cache: the whole text is read again for every token."""
    text = tokens
    for _ in range(n):
        text = torch.cat([text, lab.forward(text, edits=edits).logits[-1:].argmax(-1)])
    return text[len(tokens) :]


def logits_of_each_step(lab: Lab, tokens: Tensor, n: int, edits: list[Edit]) -> Tensor:
    writer = lab.writer(tokens, n, edits=edits)
    steps = [writer.logits[0]]
    for _ in range(n - 1):
        writer.append(writer.logits.argmax(-1))
        steps.append(writer.logits[0])
    return torch.stack(steps)


# --- nothing changes where nothing should ---------------------------------------------------------------------------


def test_scale_by_one_and_no_noise_change_no_bit(lab: Lab) -> None:
    tokens = lab.tokens(PROMPT)
    for site in lab.anatomy.sites:
        clean = lab.forward(tokens, read=["pattern"] if site == "pattern" else []).logits
        for op, value in (("scale", 1.0), ("noise", 0.0), ("add", 0.0)):
            edit = lab.edit(site, op, layer=layer_of(lab, site), value=value)  # type: ignore[arg-type]
            assert torch.equal(lab.forward(tokens, edits=[edit]).logits, clean), (site, op)


def test_every_site_can_be_changed(lab: Lab) -> None:
    tokens = lab.tokens(PROMPT)
    clean = lab.forward(tokens).logits
    for site in lab.anatomy.sites:
        edit = lab.edit(site, "scale", layer=layer_of(lab, site), value=0.5)
        changed = lab.forward(tokens, edits=[edit]).logits
        assert (changed - clean).abs().max() > 1e-3, site
        assert close(read(lab, site, tokens, edit), 0.5 * read(lab, site, tokens)), site


def test_a_full_patch_equals_the_clean_run(lab: Lab) -> None:
    clean, corrupt = lab.tokens(PROMPT), lab.tokens(CORRUPT)
    assert len(clean) == len(corrupt)
    assert not torch.equal(clean, corrupt)
    for site in {"resid_pre", "resid_mid", "resid_post"} & set(lab.anatomy.sites):
        trace = lab.forward(clean, read=[site])
        patches = [lab.edit(site, "replace", layer=k, value=trace[site, k]) for k in range(lab.n_layers)]
        assert torch.equal(lab.forward(corrupt, edits=patches).logits, trace.logits), site


def test_a_full_patch_of_every_writer_equals_the_clean_run(lab: Lab) -> None:
    clean, corrupt = lab.tokens(PROMPT), lab.tokens(CORRUPT)
    sites = ["attn_out", "mlp_out"]
    trace = lab.forward(clean, read=["resid_pre", *sites])
    patches = [lab.edit(s, "replace", layer=k, value=trace[s, k]) for k in range(lab.n_layers) for s in sites]
    patches.append(lab.edit("resid_pre", "replace", layer=0, value=trace["resid_pre", 0]))
    assert torch.equal(lab.forward(corrupt, edits=patches).logits, trace.logits)


def test_patching_patterns_and_values_patches_z(lab: Lab) -> None:
    clean, corrupt = lab.tokens(PROMPT), lab.tokens(CORRUPT)
    trace = lab.forward(clean, read=["pattern", "v", "z"])
    patches = [lab.edit(s, "replace", layer=1, value=trace[s, 1]) for s in ("pattern", "v")]
    assert torch.equal(read(lab, "z", corrupt, *patches), trace["z", 1])


# --- heads, neurons, slices, positions ------------------------------------------------------------------------------


def test_a_silent_head_is_zeroed_weights_of_the_output_projection(lab: Lab, family: str) -> None:
    tokens, width = lab.tokens(PROMPT), lab.anatomy.d_head
    model = copy.deepcopy(tiny_model(family))
    weight = model.get_submodule(lab.anatomy.spot("z", 1)[0]).weight.data
    head = slice(2 * width, 3 * width)
    if family == "gpt2":  # Conv1D: [in, out]
        weight[head] = 0
    else:
        weight[:, head] = 0
    with torch.inference_mode():
        expected = model(tokens[None]).logits[0]
    assert close(lab.forward(tokens, edits=[lab.edit("z", "zero", layer=1, head=2)]).logits, expected)


def test_mean_is_the_mean_over_the_prompt(lab: Lab) -> None:
    tokens = lab.tokens(PROMPT)
    clean = read(lab, "z", tokens)
    edited = read(lab, "z", tokens, lab.edit("z", "mean", layer=1, head=3))
    assert close(edited[:, 3], clean[:, 3].mean(0).expand_as(clean[:, 3]))
    assert torch.equal(edited[:, :3], clean[:, :3])


@pytest.mark.parametrize("site", ["q", "k", "v"])
def test_an_edited_head_of_q_k_v_reaches_the_heads_that_read_it_and_no_other(lab: Lab, site: str) -> None:
    tokens = lab.tokens(PROMPT)
    edit = lab.edit(site, "scale", layer=1, head=1, value=-2.0)
    before, after = read(lab, "z", tokens), read(lab, "z", tokens, edit)
    changed = {h for h in range(lab.n_heads) if not torch.equal(before[:, h], after[:, h])}
    reads = {h for h in range(lab.n_heads) if (h if site == "q" else lab.anatomy.kv_head(h)) == 1}
    assert changed == reads


def test_an_edited_pattern_row_decides_what_is_read(lab: Lab) -> None:
    tokens = lab.tokens(PROMPT)
    first = torch.zeros(len(tokens), len(tokens))
    first[:, 0] = 1.0  # every query looks at position 0
    edit = lab.edit("pattern", "replace", layer=1, head=2, value=first)
    z, v = read(lab, "z", tokens, edit), read(lab, "v", tokens)
    assert close(z[:, 2], v[0, lab.anatomy.kv_head(2)].expand(len(tokens), -1))
    assert close(z[:, 0], read(lab, "z", tokens)[:, 0])


def test_a_nudged_neuron_writes_its_own_direction(lab: Lab, family: str) -> None:
    tokens = lab.tokens(PROMPT)
    weight = lab.model.get_submodule(lab.anatomy.spot("mlp_post", 1)[0]).weight
    direction = weight[5] if family == "gpt2" else weight[:, 5]
    edit = lab.edit("mlp_post", "add", layer=1, neuron=5, value=3.0)
    moved = read(lab, "mlp_out", tokens, edit) - read(lab, "mlp_out", tokens)
    assert close(moved, (3.0 * direction).expand_as(moved))


@pytest.mark.parametrize("family", ["gpt2", "llama"])
def test_an_edit_of_resid_mid_reaches_the_sum_past_the_norm(lab: Lab) -> None:
    tokens = lab.tokens(PROMPT)
    new = torch.randn(len(tokens), lab.d_model)
    trace = lab.forward(
        tokens, edits=[lab.edit("resid_mid", "replace", layer=1, value=new)], read=["mlp_out", "resid_post"]
    )
    assert close(new + trace["mlp_out", 1], trace["resid_post", 1])


def test_zeroing_a_slice_of_the_embedding_leaves_the_unembedding_alone(lab: Lab) -> None:
    tokens = lab.tokens(PROMPT)
    table = lab.model.get_input_embeddings().weight
    before = table.clone()
    embedded = table[tokens].clone()
    embedded[:, 4:12] = 0
    with torch.inference_mode():
        expected = lab.model(inputs_embeds=embedded[None]).logits[0]
    edited = lab.forward(tokens, edits=[lab.edit("embed", "zero", start=4, stop=12)]).logits
    assert close(edited, expected)
    assert torch.equal(lab.model.get_input_embeddings().weight, before)


def test_scaled_positions_are_a_scaled_table_or_scaled_angles(lab: Lab, family: str) -> None:
    tokens = lab.tokens(PROMPT)
    model = copy.deepcopy(tiny_model(family))
    positions = model.get_submodule(lab.anatomy.spot("pos_embed")[0])
    if family == "gpt2":
        positions.weight.data *= 1.5
    else:
        positions.inv_freq *= 1.5
    with torch.inference_mode():
        expected = model(tokens[None]).logits[0]
    assert close(lab.forward(tokens, edits=[lab.edit("pos_embed", "scale", value=1.5)]).logits, expected)


def test_an_edit_at_one_position_is_felt_from_there_on(lab: Lab) -> None:
    tokens = lab.tokens(PROMPT)
    clean = lab.forward(tokens).logits
    edited = lab.forward(tokens, edits=[lab.edit("resid_pre", "zero", layer=1, positions=[6])]).logits
    assert close(edited[:6], clean[:6])
    assert all((edited[p] - clean[p]).abs().max() > 1e-4 for p in range(6, len(tokens)))


def test_a_bias_on_one_token(lab: Lab) -> None:
    tokens, mary = lab.tokens(PROMPT), lab.token_id(" Mary")
    clean = lab.forward(tokens).logits
    edited = lab.forward(tokens, edits=[lab.edit("logits", "add", start=mary, stop=mary + 1, value=7.0)]).logits
    assert close(edited[:, mary], clean[:, mary] + 7.0)
    others = [t for t in range(lab.n_vocab) if t != mary]
    assert torch.equal(edited[:, others], clean[:, others])


def test_values_by_position_and_for_every_position(lab: Lab) -> None:
    tokens = lab.tokens(PROMPT)
    clean = read(lab, "mlp_out", tokens)
    one, two = torch.randn(lab.d_model), torch.randn(2, lab.d_model)
    everywhere = read(lab, "mlp_out", tokens, lab.edit("mlp_out", "add", layer=1, value=one))
    assert close(everywhere, clean + one)
    named = read(lab, "mlp_out", tokens, lab.edit("mlp_out", "add", layer=1, value=two, positions=[9, 3]))
    assert close(named[9], clean[9] + two[0])
    assert close(named[3], clean[3] + two[1])
    first = read(lab, "mlp_out", tokens, lab.edit("mlp_out", "replace", layer=1, value=two))
    assert torch.equal(first[:2], two)
    assert torch.equal(first[2:], clean[2:])


# --- noise ----------------------------------------------------------------------------------------------------------


def test_noise_has_the_size_it_should_and_comes_from_the_seed(lab: Lab) -> None:
    tokens = lab.tokens(PROMPT)
    clean = read(lab, "embed", tokens)

    def noise(seed: int) -> Tensor:
        lab.seed(seed)
        return read(lab, "embed", tokens, lab.edit("embed", "noise", value=0.5)) - clean

    assert 0.4 < noise(1).std() < 0.6
    assert abs(noise(1).mean()) < 0.1
    assert torch.equal(noise(1), noise(1))
    assert not torch.equal(noise(1), noise(2))
    assert not torch.equal(noise(1)[0], noise(1)[1])
    lab.seed(1)
    first, second = lab.edit("embed", "noise", value=0.5), lab.edit("embed", "noise", value=0.5)
    assert first.seed != second.seed


# --- generation -----------------------------------------------------------------------------------------------------


def edits_for_generation(lab: Lab, tokens: Tensor) -> dict[str, Edit]:
    n = len(tokens)
    layer: dict[str, Any] = {"layer": 1}
    return {
        "head": lab.edit("z", "zero", layer=1, head=1),
        "at one new position": lab.edit("resid_pre", "scale", layer=1, positions=[n + 2], value=-3.0),
        "at a prompt position": lab.edit("resid_post", "zero", layer=0, positions=[2, 5]),
        "noise": lab.edit("resid_pre", "noise", **layer, value=0.5),
        "vector": lab.edit("mlp_out", "add", **layer, value=torch.linspace(-1, 1, lab.d_model)),
        "rows": lab.edit("attn_out", "replace", **layer, value=torch.ones(n + 2, lab.d_model)),
        "keys": lab.edit("k", "scale", **layer, head=0, value=-1.0),
        "values": lab.edit("v", "zero", **layer, head=1),
        "positions": lab.edit("pos_embed", "scale", value=1.3),
        "pattern": lab.edit("pattern", "scale", **layer, head=0, value=0.5),
        "logits": lab.edit("logits", "add", positions=[n + 1], start=3, stop=9, value=30.0),
        "ln_final": lab.edit("ln_final", "zero", start=0, stop=5),
    }


def test_cached_generation_equals_reading_the_whole_text_each_time(lab: Lab) -> None:
    tokens = lab.tokens(PROMPT)
    for name, edit in edits_for_generation(lab, tokens).items():
        steps = logits_of_each_step(lab, tokens, 6, [edit])
        text = torch.cat([tokens, steps.argmax(-1)])
        again = lab.forward(text[:-1], edits=[edit]).logits[len(tokens) - 1 :]
        assert close(steps, again, 1e-4), name
        assert torch.equal(steps.argmax(-1), written_slowly(lab, tokens, 6, [edit])), name


def test_a_mean_is_that_of_the_prompt_also_for_what_is_written(lab: Lab) -> None:
    tokens = lab.tokens(PROMPT)
    mean = read(lab, "z", tokens)[:, 1].mean(0)
    by_mean = logits_of_each_step(lab, tokens, 6, [lab.edit("z", "mean", layer=1, head=1)])
    by_value = logits_of_each_step(lab, tokens, 6, [lab.edit("z", "replace", layer=1, head=1, value=mean)])
    assert close(by_mean, by_value, 1e-4)


# --- nesting, and what is left --------------------------------------------------------------------------------------


def test_edits_are_made_in_order_and_contexts_nest(lab: Lab) -> None:
    tokens = lab.tokens(PROMPT)
    clean = read(lab, "mlp_out", tokens)
    double, more = lab.edit("mlp_out", "scale", layer=1, value=2.0), lab.edit("mlp_out", "add", layer=1, value=1.0)
    assert close(read(lab, "mlp_out", tokens, double, more), 2 * clean + 1)
    assert close(read(lab, "mlp_out", tokens, more, double), 2 * (clean + 1))
    with lab.editing(double):
        with lab.editing(more):
            assert close(read(lab, "mlp_out", tokens, double), 2 * (2 * clean + 1))
        assert close(read(lab, "mlp_out", tokens), 2 * clean)
    assert torch.equal(read(lab, "mlp_out", tokens), clean)


def test_an_edit_does_not_reach_back_into_what_was_read_before(lab: Lab) -> None:
    """A layer's output is the next layer's input, in the same tensor."""
    tokens, edit = lab.tokens(PROMPT), lab.edit("resid_pre", "zero", layer=1)
    trace = lab.forward(tokens, edits=[edit], read=["resid_post", "resid_pre"])
    assert torch.equal(trace["resid_post", 0], read(lab, "resid_post", tokens, layer=0))
    assert trace["resid_pre", 1].abs().max() == 0


def test_nothing_is_left_when_a_run_raises(lab: Lab) -> None:
    tokens = lab.tokens(PROMPT)
    clean, hooks = lab.forward(tokens).logits, hooks_of(lab.model)
    wrong = [
        lab.edit("pattern", "scale", layer=0, head=0, value=0.5),
        lab.edit("z", "add", layer=1, value=torch.ones(7)),  # no head is 7 wide
    ]
    with pytest.raises(RuntimeError), lab.editing(wrong[0]):
        lab.forward(tokens, edits=wrong[1:], read=lab.anatomy.sites)
    assert hooks_of(lab.model) == hooks
    assert torch.equal(lab.forward(tokens).logits, clean)


def test_nothing_is_left_when_a_run_is_cancelled(family: str) -> None:
    heard: list[Any] = []

    def report(event: Any) -> None:
        heard.append(event)
        if len(heard) == 6:
            raise Cancelled("cancelled")

    lab = tiny_lab(family, report=report)
    tokens, hooks = lab.tokens(PROMPT), hooks_of(lab.model)
    attention = lab.model.config._attn_implementation
    with pytest.raises(Cancelled):
        lab.generate(tokens, 40, edits=[lab.edit("pattern", "scale", layer=1, head=0, value=0.5)])
    assert len(heard) == 6
    assert hooks_of(lab.model) == hooks
    assert lab.model.config._attn_implementation == attention


def test_in_bfloat16_the_unembedding_is_computed_once_and_is_given_back(family: str) -> None:
    """Its own product, rounded, would be thrown away. Two texts in the making may each have put something in its place."""
    lab = tiny_lab(family, copy.deepcopy(tiny_model(family)).to(torch.bfloat16))
    tokens, head = lab.tokens(PROMPT), lab.module("logits")
    plain = lab.forward(tokens).logits
    assert hooks_of(lab.model) == 0

    def of_another(state: Tensor) -> Tensor:
        raise AssertionError("the head's own product")

    head.forward = of_another  # as the library does that spreads a model over devices
    with lab.watch() as outer:
        with lab.watch([lab.edit("logits", "zero", positions=[0])], ["logits"]) as inner:
            edited = inner(tokens[None])[0]
            assert torch.equal(inner.kept[lab.anatomy.spot("logits")][0], edited), "edits and reads come after it"
        assert torch.equal(outer(tokens[None])[0], plain)
    assert torch.equal(edited[1:], plain[1:])
    assert edited[0].abs().max() == 0
    assert head.forward is of_another


# --- what is refused ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "parameter", "says"),
    [
        ({"site": "zz", "layer": 0}, "site", "no site 'zz'"),
        ({"site": "z", "op": "squash", "layer": 0}, "op", "zero, mean, scale, add, noise, replace"),
        ({"site": "z", "layer": 3}, "layer", "layer = 3 is out of range; .* has layers 0 to 2"),
        ({"site": "z", "layer": -1}, "layer", "layer = -1 is out of range"),
        ({"site": "z"}, "layer", "in every layer"),
        ({"site": "embed", "layer": 0}, "layer", "not in a layer"),
        ({"site": "z", "layer": 0, "head": 4}, "head", "head = 4 is out of range; .* has heads 0 to 3"),
        ({"site": "mlp_out", "layer": 0, "head": 0}, "head", "has no heads"),
        ({"site": "mlp_out", "layer": 0, "neuron": 0}, "neuron", "mlp_post"),
        ({"site": "mlp_post", "layer": 0, "neuron": 999}, "neuron", "neurons 0 to"),
        ({"site": "embed", "start": 32}, "start", "dimensions 0 to 31"),
        ({"site": "embed", "start": 5, "stop": 5}, "stop", "more than start"),
        ({"site": "embed", "stop": 33}, "stop", "stop = 33 is out of range"),
        ({"site": "embed", "positions": [-1]}, "position", "position = -1 is out of range"),
        ({"site": "pattern", "op": "mean", "layer": 0}, "op", "no mean"),
    ],
)
def test_bad_edits(lab: Lab, arguments: dict[str, Any], parameter: str, says: str) -> None:
    with pytest.raises(BadParameter, match=says) as error:
        lab.edit(**{"op": "zero", **arguments})
    assert error.value.parameter == parameter


def test_key_value_heads_have_their_own_range() -> None:
    lab = tiny_lab("llama")
    with pytest.raises(BadParameter, match="key-value heads 0 to 1"):
        lab.edit("k", "zero", layer=0, head=2)
