"""Models in NF4: when that is chosen, and that every experiment works on packed weights. bitsandbytes runs on a CPU too."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import torch
from transformers import AutoModelForCausalLM

from engine import budget, quantised
from engine.anatomy import anatomy_of
from engine.errors import DoesNotFit, ModelUnavailable
from engine.experiments import NAMES, experiment
from engine.lab import Lab
from engine.models import KNOWN, Held, Shelf
from engine.sweeps import base_run, logit_diff, measured
from engine.weights import heads_out, readout, weight_of
from tests.engine.doing import difference, do, some_values
from tests.engine.tiny import PROMPT, llama_2_7b_config, scratch_folder, tiny_config, tiny_tokenizer

GB = 10**9


def need_of(config: Any) -> budget.Need:
    return budget.need_of(config, anatomy_of(config))


# --- what is chosen ---------------------------------------------------------------------------------------------------


@pytest.fixture
def _large(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(budget, "free_on", lambda device: 80 * GB)


@pytest.mark.usefixtures("_large")
def test_nf4_is_chosen_where_bfloat16_does_not_fit_and_said() -> None:
    need = need_of(llama_2_7b_config())
    form, note = budget.choose("llama-2-7b", need, 12 * GB, "cuda", "", packs=True)
    assert (form, note) == ("nf4", "NF4, 4 bits a weight: bfloat16 would need 14.6 GB of 12 GB")
    assert budget.choose("llama-2-7b", need, 15 * GB, "cuda", "", packs=True)[0] == "bfloat16"
    assert need.bytes("nf4") < 6 * GB


@pytest.mark.usefixtures("_large")
def test_without_the_extra_the_refusal_names_it() -> None:
    need = need_of(llama_2_7b_config())
    with pytest.raises(DoesNotFit) as error:
        budget.choose("llama-2-7b", need, 12 * GB, "cuda", "a smaller model", packs=False)
    assert "pip install 'llmw-tutor[quant]'" in str(error.value)
    assert "the budget is 12 GB" in str(error.value)
    assert str(error.value).endswith("Or choose a smaller model.")


@pytest.mark.usefixtures("_large")
@pytest.mark.parametrize("packs", [True, False])
def test_what_does_not_fit_in_nf4_either_is_refused(packs: bool) -> None:
    with pytest.raises(
        DoesNotFit, match=r"even in NF4, 4 bits a weight; the budget is 4 GB. Raise it with --budget 6GB"
    ):
        budget.choose("llama-2-7b", need_of(llama_2_7b_config()), 4 * GB, "cuda", "a smaller model", packs=packs)


def test_of_a_gpu_counts_what_other_programs_left_of_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """And what this process holds already, which the model before leaves to the next."""
    need = need_of(llama_2_7b_config())
    monkeypatch.setattr(torch.cuda, "mem_get_info", lambda: (7 * GB, 24 * GB))
    monkeypatch.setattr(torch.cuda, "memory_reserved", lambda: 1 * GB)
    form, note = budget.choose("llama-2-7b", need, 12 * GB, "cuda", "", packs=True)
    assert (form, note) == ("nf4", "NF4, 4 bits a weight: bfloat16 would need 14.6 GB of 8 GB free on this GPU")
    monkeypatch.setattr(torch.cuda, "mem_get_info", lambda: (2 * GB, 24 * GB))
    with pytest.raises(
        DoesNotFit, match=r"even in NF4, 4 bits a weight; 3 GB are free on this GPU\. Choose another\.$"
    ):
        budget.choose("llama-2-7b", need, 12 * GB, "cuda", "another", packs=True)
    with pytest.raises(DoesNotFit, match="the budget is 2 GB"):
        budget.choose("llama-2-7b", need, 2 * GB, "cuda", "another", packs=True)


def test_the_estimate_is_that_of_the_literature() -> None:
    """3.6 to 3.9 GiB are reported for Llama-2-7B in NF4, and 12.55 GiB in 16 bits."""
    weights = replace(need_of(llama_2_7b_config()), n_kv=0, n_work=0, n_largest=0)
    assert 3.55 < weights.bytes("nf4") / 2**30 < 3.9
    assert weights.bytes("bfloat16") / 2**30 == pytest.approx(12.55, abs=0.01)


@pytest.mark.parametrize("here", [True, False])
def test_the_list_says_what_fits_in_nf4(here: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(budget, "memory_of", lambda device: 12 * GB)
    monkeypatch.setattr(quantised, "is_here", lambda: here)
    listed = {m.name: m for m in Shelf("cpu", None, tmp_path).list()}["llama-2-7b"]
    assert "fits in NF4" in listed.note
    assert ("llmw-tutor[quant]" in listed.note) is not here
    assert listed.bytes == KNOWN["llama-2-7b"].packed_bytes()


def test_other_packings_are_refused_by_name() -> None:
    config = tiny_config("llama")
    config.quantization_config = {"quant_method": "gptq", "bits": 4}
    with pytest.raises(ModelUnavailable, match=r"tiny is quantised with 'gptq', which is not known here"):
        quantised.form_of("tiny", config, "cpu")


def test_packed_files_without_the_extra_name_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(quantised, "is_here", lambda: False)
    config = tiny_config("llama")
    config.quantization_config = {"quant_method": "bitsandbytes", "load_in_4bit": True}
    with pytest.raises(ModelUnavailable, match=r"to read them: pip install 'llmw-tutor\[quant\]'"):
        quantised.form_of("tiny", config, "cpu")


def test_packed_files_are_not_read_where_nothing_computes_with_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(quantised, "is_here", lambda: True)
    config = tiny_config("llama")
    config.quantization_config = {"quant_method": "bitsandbytes", "load_in_8bit": True}
    assert quantised.form_of("tiny", config, "cuda") == "int8"
    with pytest.raises(ModelUnavailable, match=r"tiny are quantised, which mps has no code for; try --device cpu"):
        quantised.form_of("tiny", config, "mps")


@pytest.mark.usefixtures("_large")
def test_packed_files_need_what_their_own_form_needs() -> None:
    need = need_of(llama_2_7b_config())
    assert budget.choose("l", need, 6 * GB, "cuda", "", packs=True)[0] == "nf4"
    with pytest.raises(DoesNotFit, match=r"l needs about 8\.\d GB in int8, as its files are; the budget is 6 GB"):
        budget.choose("l", need, 6 * GB, "cuda", "another", packs=True, has="int8")
    assert budget.choose("l", need, 9 * GB, "cuda", "", packs=True, has="int8") == (
        "int8",
        "quantised as its files are",
    )
    assert budget.choose("l", need, 80 * GB, "cuda", "", packs=True, has="fp4")[0] == "fp4"


# --- packed models on the bench ---------------------------------------------------------------------------------------


def silent(event: object) -> None:
    """A report that nobody listens to."""


@cache
def folder_of(family: str) -> str:
    """A tiny model whose matrices are as wide as a group of NF4's scales at least."""
    config = tiny_config(family, hidden_size=64)
    if family != "gpt2":
        config.intermediate_size = 128
    torch.manual_seed(0)
    folder = scratch_folder() / f"wide-{family}"
    AutoModelForCausalLM.from_config(config).save_pretrained(folder)
    tiny_tokenizer().save_pretrained(folder)
    return str(folder)


@cache
def held(family: str) -> Held:
    """That model on a machine on which it fits in NF4 alone."""
    folder = folder_of(family)
    room = need_of(AutoModelForCausalLM.from_pretrained(folder).config).bytes("bfloat16") - 1
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(budget, "memory_of", lambda device: room)
        return Shelf("cpu", None, Path(folder)).get(folder, silent, online=False)


@pytest.fixture
def packed(family: str) -> Lab:
    model = held(family)
    return Lab(model.model, model.tokenizer, "packed")


def test_it_is_loaded_in_nf4_and_says_so(family: str) -> None:
    info = held(family).info
    assert info.dtype == "nf4"
    assert info.note.startswith("NF4, 4 bits a weight: bfloat16 would need")
    assert {type(m).__name__ for m in held(family).model.modules()} & {"Linear4bit"}
    assert info.bytes < 2 * info.n_parameters * 0.8


@pytest.mark.parametrize("name", NAMES)
def test_every_experiment_runs_on_packed_weights(packed: Lab, name: str) -> None:
    assert do(packed, name, **some_values(experiment(name))).facts


def test_reads_and_edits_hold_on_packed_weights(packed: Lab) -> None:
    tokens = packed.tokens(PROMPT)
    base = packed.forward(tokens, read=["resid_pre", "attn_out", "mlp_out", "resid_post", "z"])
    for i in range(packed.n_layers):
        parts = base["resid_pre", i] + base["attn_out", i] + base["mlp_out", i]
        torch.testing.assert_close(parts, base["resid_post", i], rtol=0.02, atol=0.1)  # bfloat16
        heads = heads_out(packed, i, base["z", i][-1]).sum(0)
        bias = getattr(packed.module("attn_out", i), "bias", None)
        whole = heads if bias is None else heads + bias
        torch.testing.assert_close(whole, base["attn_out", i][-1], rtol=0.02, atol=0.1)
    same = packed.forward(tokens, edits=[packed.edit("z", "scale", layer=1, head=2, value=1.0)])
    assert torch.equal(same.logits, base.logits)
    other = packed.forward(tokens, edits=[packed.edit("z", "zero", layer=1, head=2)])
    assert (other.logits - base.logits).abs().max() > 0.05


def test_a_packed_matrix_is_the_plain_one_to_its_four_bits(packed: Lab, family: str) -> None:
    plain = Lab(AutoModelForCausalLM.from_pretrained(folder_of(family)), packed.tokenizer, "plain")
    for matrix in ("q", "k", "v", "o", "up", "down"):
        exact, seen = weight_of(plain, matrix, 1), weight_of(packed, matrix, 1).float()
        assert seen.shape == exact.shape
        assert 0.02 < float((seen - exact).norm() / exact.norm()) < 0.15


@pytest.mark.parametrize("form", ["nf4", "int8"])
def test_files_that_hold_packed_weights_are_read(form: str, tmp_path: Path) -> None:
    from transformers import BitsAndBytesConfig

    how = quantised.packing() if form == "nf4" else BitsAndBytesConfig(load_in_8bit=True)
    made = AutoModelForCausalLM.from_pretrained(
        folder_of("llama"), dtype=torch.bfloat16, quantization_config=how, device_map={"": "cpu"}
    )
    made.save_pretrained(tmp_path)
    tiny_tokenizer().save_pretrained(tmp_path)
    read = Shelf("cpu", None, tmp_path).get(str(tmp_path), silent, online=False)
    assert (read.info.dtype, read.info.note) == (form, "quantised as its files are")
    lab = Lab(read.model, read.tokenizer, "read")
    assert do(lab, "next_token", prompt=PROMPT).facts


def test_packed_weights_that_are_stored_as_numbers_are_not_taken_for_plain_ones(family: str, tmp_path: Path) -> None:
    """As FSDP-QLoRA stores them: four weights in one bfloat16. Where it is no embedding too, the unembedding as well."""
    from transformers import BitsAndBytesConfig

    plain = AutoModelForCausalLM.from_pretrained(folder_of(family))
    plain.resize_token_embeddings(384)  # what can be packed
    plain.save_pretrained(tmp_path)
    how = BitsAndBytesConfig(
        load_in_4bit=True,
        bnb_4bit_quant_type="nf4",
        bnb_4bit_compute_dtype=torch.bfloat16,
        bnb_4bit_quant_storage=torch.bfloat16,
        llm_int8_skip_modules=["nothing"] if family == "gpt_neox" else None,
    )
    made = AutoModelForCausalLM.from_pretrained(
        tmp_path, dtype=torch.bfloat16, quantization_config=how, device_map={"": "cpu"}
    )
    lab = Lab(made, tiny_tokenizer(), "packed")
    assert quantised.is_packed(lab.module("logits")) == (family == "gpt_neox")
    assert all(weight.dtype == torch.bfloat16 for weight in made.parameters())
    assert weight_of(lab, "down").shape == (lab.d_mlp, lab.d_model)

    tokens, pair = lab.tokens(PROMPT), lab.pair(" Mary", " John")
    trace = lab.forward(tokens, read=["resid_post"])
    resid, expected = trace["resid_post", lab.n_layers - 1][-1], difference(lab, tokens)
    found = readout(lab, resid, *pair)
    assert found(resid) + found.constant == pytest.approx(expected, abs=0.05)
    assert measured(base_run(lab, tokens), logit_diff(lab, *pair)) == pytest.approx(expected, abs=0.05)


def test_the_benchmark_builds_its_model_packed_and_in_place() -> None:
    from benchmarks.seven_b import random_packed, tiny, values_for

    model = random_packed(tiny(), "cpu")
    assert not [name for name, tensor in [*model.named_parameters(), *model.named_buffers()] if tensor.is_meta]
    kinds = {
        type(m).__name__ for m in model.modules() if hasattr(m, "in_features") and m.out_features != tiny().vocab_size
    }
    assert kinds == {"Linear4bit"}
    lab = Lab(model, tiny_tokenizer(), "random")
    for name in ("activation_patching", "causal_trace"):
        assert do(lab, name, **values_for(name, 20)).facts
