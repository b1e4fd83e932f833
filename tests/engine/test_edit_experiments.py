"""The experiments that run the model twice, without (BASE) and with (TWEAK) an edit."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch import Tensor

from engine.errors import BadParameter
from engine.experiments import catalogue, experiment
from engine.experiments.base import BaseTweak
from engine.figures import Curve, Texts, Tokens
from engine.lab import Lab
from tests.engine.doing import SHORT, do, facts, some_values
from tests.engine.tiny import PROMPT

PAIR: dict[str, Any] = {"prompt": PROMPT, "answer": " Mary", "distractor": " John"}

NOTHING: list[tuple[str, dict[str, Any]]] = [
    ("residual_noise", {"layer": 1, "sigma": 0}),
    ("residual_noise", {"layer": 0, "sigma": 0, "site": "resid_pre"}),
    ("head_scale", {"layer": 1, "head": 2, "scale": 1, "answer": " Mary", "distractor": " John"}),
    ("neuron_nudge", {"layer": 2, "neuron": 63, "delta": 0}),
    ("position_boost", {"scale": 1}),
    ("logit_bias", {"token": " Mary", "bias": 0}),
]
SOMETHING: list[tuple[str, dict[str, Any]]] = [
    ("residual_noise", {"layer": 1, "sigma": 1}),
    ("residual_noise", {"layer": 1, "sigma": 1, "site": "resid_pre"}),
    ("head_scale", {"layer": 1, "head": 2, "scale": -3, "answer": " Mary", "distractor": " John"}),
    ("neuron_nudge", {"layer": 2, "neuron": 63, "delta": 5}),
    ("position_boost", {"scale": 0}),
    ("logit_bias", {"token": " Mary", "bias": 20}),
    ("embedding_slice", {"start": 0, "stop": 16}),
]


def next_logits(lab: Lab, tokens: Tensor) -> Tensor:
    """The plain model's logits for what comes next, [n_vocab]."""
    with torch.inference_mode():
        logits: Tensor = lab.model(tokens[None]).logits[0, -1]
    return logits


@pytest.mark.parametrize(("name", "values"), NOTHING)
def test_an_edit_of_no_size_changes_nothing_at_all(lab: Lab, name: str, values: dict[str, Any]) -> None:
    outcome = do(lab, name, **{"prompt": PROMPT, **values})
    said: Any = outcome.facts
    assert said.kl_bits == 0
    assert said.base_text == said.tweak_text
    bars = outcome.figures[0]
    assert isinstance(bars, Tokens)
    assert bars.runs[0].probabilities == bars.runs[1].probabilities, "bit for bit"


@pytest.mark.parametrize(("name", "values"), SOMETHING)
def test_an_edit_of_some_size_changes_the_run_and_the_writing(lab: Lab, name: str, values: dict[str, Any]) -> None:
    said = facts(lab, name, **{"prompt": PROMPT, **values})
    assert said.kl_bits > 1e-4
    assert said.base_text == lab.text_of(lab.generate(lab.tokens(PROMPT), values.get("max_new_tokens", default(name))))
    assert said.tweak_text.startswith(said.tweak_top), "the run and the writing have the same edit"


def default(name: str) -> int:
    return int(experiment(name).parameters.model_fields["max_new_tokens"].default)


@pytest.mark.parametrize("name", [e.name for e in catalogue() if issubclass(e.facts, BaseTweak)])
def test_base_and_tweak_are_sampled_with_the_same_luck(lab: Lab, name: str) -> None:
    values = {**some_values(experiment(name)), "temperature": 1.5}
    values |= {k: v for k, v in {"scale": 1.0, "sigma": 0, "delta": 0, "bias": 0}.items() if k in values}
    one, other = (facts(lab, name, seed, **values) for seed in (1, 2))
    assert one.base_text != other.base_text, "there is luck in it"
    if name not in ("head_ablation", "embedding_slice"):  # these two have no setting that leaves the run as it is
        assert one.base_text == one.tweak_text, "and it is the same for both"
    assert facts(lab, name, 1, **values).base_text == one.base_text


# --- each against the same thing worked out by hand ------------------------------------------------------------------


def test_embedding_slice_leaves_the_unembedding_alone(lab: Lab) -> None:
    said = facts(lab, "embedding_slice", prompt=PROMPT, start=4, stop=12, max_new_tokens=1)
    tokens = lab.tokens(PROMPT)
    table = lab.model.get_input_embeddings()
    before = lab.model.lm_head.weight.clone()

    def cut(module: Any, args: Any, output: Tensor) -> Tensor:
        return torch.cat([output[..., :4], torch.zeros_like(output[..., 4:12]), output[..., 12:]], -1)

    base = next_logits(lab, tokens)
    handle = table.register_forward_hook(cut)
    tweak = next_logits(lab, tokens)
    handle.remove()
    p, q = base.double().log_softmax(-1), tweak.double().log_softmax(-1)
    assert said.kl_bits == pytest.approx(float((p.exp() * (p - q)).sum() / torch.tensor(2.0).log()), abs=1e-5)
    assert said.tweak_top == lab.text_of(int(tweak.argmax()))
    assert said.zeroed_share == 8 / 32
    rows = table.weight[tokens]
    assert said.lost_share == pytest.approx(float(rows[:, 4:12].pow(2).sum() / rows.pow(2).sum()), abs=1e-5)
    assert torch.equal(lab.model.lm_head.weight, before)


def test_a_slice_of_everything_leaves_nothing_of_the_tokens(lab: Lab) -> None:
    """With every embedding gone, two prompts of one length are the same to the model."""
    whole = {"stop": lab.d_model, "max_new_tokens": 3}
    one = facts(lab, "embedding_slice", prompt=" Mary gave John", **whole)
    other = facts(lab, "embedding_slice", prompt=" the cat sat", **whole)
    assert one.tweak_text == other.tweak_text
    assert (one.lost_share, one.zeroed_share) == (1, 1)


def test_the_noise_is_as_strong_as_it_says(lab: Lab) -> None:
    """The unit is the median over positions: the huge first state of trained models does not count."""
    said = facts(lab, "residual_noise", prompt=PROMPT, layer=1, sigma=0.5, max_new_tokens=1)
    tokens = lab.tokens(PROMPT)
    before = lab.forward(tokens, read=["resid_post"])["resid_post", 1]
    sizes = sorted(float(row.pow(2).mean().sqrt()) for row in before)
    assert said.residual_rms == pytest.approx(sizes[(len(sizes) - 1) // 2], abs=1e-6)
    assert said.noise_std == pytest.approx(said.residual_rms / 2)
    noise = lab.edit("resid_post", "noise", layer=1, value=said.noise_std)
    after = lab.forward(tokens, edits=[noise], read=["resid_post"])["resid_post", 1]
    assert float((after - before).std()) == pytest.approx(said.noise_std, rel=0.1)


def test_more_noise_does_more(lab: Lab) -> None:
    small, large = (
        facts(lab, "residual_noise", prompt=PROMPT, layer=1, sigma=s, max_new_tokens=1) for s in (0.01, 1.0)
    )
    assert 0 < small.kl_bits < large.kl_bits


def test_scaling_a_head_is_scaling_its_slice_of_the_output_projection(family: str) -> None:
    import copy

    from tests.engine.tiny import tiny_lab, tiny_model

    model = copy.deepcopy(tiny_model(family))
    lab = tiny_lab(family, model)
    said = facts(lab, "head_scale", layer=1, head=2, scale=3.0, max_new_tokens=4, **PAIR)
    mary, john = lab.pair(" Mary", " John")
    d, weight = lab.anatomy.d_head, model.get_submodule(lab.anatomy.spot("z", 1)[0]).weight
    base = next_logits(lab, lab.tokens(PROMPT))
    with torch.no_grad():
        part = weight[2 * d : 3 * d] if family == "gpt2" else weight[:, 2 * d : 3 * d]
        part *= 3.0
    tweak = next_logits(lab, lab.tokens(PROMPT))
    assert said.base_logit_diff == pytest.approx(float(base[mary] - base[john]), abs=1e-4)
    assert said.tweak_logit_diff == pytest.approx(float(tweak[mary] - tweak[john]), abs=1e-4)
    assert said.tweak_text == lab.text_of(lab.generate(lab.tokens(PROMPT), 4))


def test_a_head_at_scale_0_is_a_head_that_is_silenced(lab: Lab) -> None:
    scaled = facts(lab, "head_scale", layer=1, head=2, scale=0, **PAIR)
    silenced = facts(lab, "head_ablation", layer=1, head=2, mode="zero", **PAIR)
    assert scaled.model_dump() == silenced.model_dump(exclude={"drop"})


def test_neuron_nudge(lab: Lab) -> None:
    outcome = do(lab, "neuron_nudge", prompt=PROMPT, layer=1, neuron=5, delta=2.5, max_new_tokens=4)
    said: Any = outcome.facts
    module = lab.model.get_submodule(lab.anatomy.spot("mlp_post", 1)[0])
    tokens, seen = lab.tokens(PROMPT), []

    def nudge(module: Any, args: tuple[Tensor]) -> tuple[Tensor]:
        seen.append(args[0][0].clone())
        args[0][..., 5] += 2.5
        return args

    handle = module.register_forward_pre_hook(nudge)
    tweak = next_logits(lab, tokens)
    handle.remove()
    assert said.base_activation == pytest.approx(float(seen[0][-1, 5]), abs=1e-6)
    assert said.layer_rms == pytest.approx(float(seen[0][-1].pow(2).mean().sqrt()), abs=1e-6)
    assert said.tweak_top == lab.text_of(int(tweak.argmax()))
    curve = outcome.figures[-1]
    assert isinstance(curve, Curve)
    assert curve.series[0].values == pytest.approx(seen[0][:, 5].tolist(), abs=1e-6)


def test_without_positions_a_model_that_reads_one_position_is_as_before(lab: Lab) -> None:
    """Rotary angles at position 0 are 0 whatever they are scaled by; a learned vector there is gone at scale 0."""
    said = facts(lab, "position_boost", prompt=" Mary", scale=0, max_new_tokens=1)
    learned = lab.anatomy.family == "gpt2"
    assert (said.kl_bits > 0) == learned
    assert said.encoding == ("learned vectors" if learned else "rotary angles")


def test_a_learned_table_is_scaled_and_angles_are_stretched(family: str) -> None:
    import copy

    from tests.engine.tiny import tiny_lab, tiny_model

    model = copy.deepcopy(tiny_model(family))
    lab = tiny_lab(family, model)
    said = facts(lab, "position_boost", prompt=PROMPT, scale=2.5, max_new_tokens=5)
    with torch.no_grad():
        if family == "gpt2":
            model.transformer.wpe.weight *= 2.5
        else:
            (model.gpt_neox if family == "gpt_neox" else model.model).rotary_emb.inv_freq *= 2.5
    assert said.tweak_text == lab.text_of(lab.generate(lab.tokens(PROMPT), 5))
    assert said.tweak_top == lab.text_of(int(next_logits(lab, lab.tokens(PROMPT)).argmax()))


def test_logit_bias(lab: Lab) -> None:
    token = lab.token_id(" Mary")
    said = facts(lab, "logit_bias", prompt=SHORT, token=" Mary", bias=4.0, max_new_tokens=6)
    logits = next_logits(lab, lab.tokens(SHORT)).double()
    odds = float(logits.softmax(-1)[token] / (1 - logits.softmax(-1)[token]))
    assert said.base_prob == pytest.approx(odds / (1 + odds), abs=1e-6)
    raised = odds * float(torch.tensor(4.0).exp())
    assert said.tweak_prob == pytest.approx(raised / (1 + raised), abs=1e-5), "exp(bias) times the odds"


def test_a_token_that_is_forced_is_counted_and_one_that_is_forbidden_is_gone(lab: Lab) -> None:
    forced = facts(lab, "logit_bias", prompt=SHORT, token=" Mary", bias=100, max_new_tokens=6)
    assert (forced.tweak_text, forced.tweak_count) == (" Mary" * 6, 6)
    with lab.editing(lab.edit("logits", "add", start=(token := lab.token_id(" Mary")), stop=token + 1, value=50)):
        gone = facts(lab, "logit_bias", prompt=SHORT, token=" Mary", bias=-100, max_new_tokens=6)
    assert (gone.base_count, gone.tweak_count) == (6, 0)


def test_the_figures_are_base_then_tweak(lab: Lab) -> None:
    for name in ("logit_bias", "neuron_nudge", "position_boost"):
        bars, texts, *_ = do(lab, name, **some_values(experiment(name))).figures
        assert isinstance(bars, Tokens)
        assert isinstance(texts, Texts)
        assert [run.name for run in bars.runs] == [text.name for text in texts.texts] == ["BASE", "TWEAK"]


@pytest.mark.parametrize(
    ("name", "values", "parameter", "says"),
    [
        ("embedding_slice", {"stop": 33}, "stop", "at most 32"),
        ("embedding_slice", {"start": 32, "stop": 33}, "start", "dimensions 0 to 31"),
        ("embedding_slice", {"start": 5, "stop": 5}, "stop", "more than start = 5"),
        ("residual_noise", {"layer": 3, "sigma": 1}, "layer", "layers 0 to 2"),
        ("residual_noise", {"layer": 0, "sigma": -1}, "sigma", "from 0 to 100"),
        ("neuron_nudge", {"layer": 0, "neuron": 200, "delta": 1}, "neuron", "neurons 0 to"),
        ("head_scale", {"layer": 0, "head": 4, "scale": 1}, "head", "heads 0 to 3"),
        ("position_boost", {"scale": 1000}, "scale", "from -100 to 100"),
        ("logit_bias", {"token": "Mary Mary", "bias": 1}, "token", "tokens, not one"),
        ("logit_bias", {"token": " Mary", "bias": "much"}, "bias", "from -100 to 100"),
        ("head_scale", {"layer": 0, "head": 0, "scale": 1, "temperature": 9}, "temperature", "from 0 to 5"),
    ],
)
def test_bad_parameters(lab: Lab, name: str, values: dict[str, Any], parameter: str, says: str) -> None:
    with pytest.raises(BadParameter, match=says) as error:
        do(lab, name, **{**some_values(experiment(name)), **values})
    assert error.value.parameter == parameter


def test_the_mean_of_one_token_silences_nothing_and_is_refused(lab: Lab) -> None:
    token: dict[str, Any] = {"prompt": " Mary", "layer": 0, "head": 0, "answer": " Mary", "distractor": " John"}
    with pytest.raises(BadParameter, match="mean of one token"):
        do(lab, "head_ablation", **token, mode="mean")
    do(lab, "head_ablation", **token, mode="zero")
    sweep = {k: v for k, v in token.items() if k not in ("layer", "head")}
    with pytest.raises(BadParameter, match="mean of one token"):
        do(lab, "head_sweep", **sweep, mode="mean")
    do(lab, "head_sweep", **sweep, mode="zero")
