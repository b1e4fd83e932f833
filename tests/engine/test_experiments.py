"""The experiments: their facts against the same thing worked out by hand, on all three families."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import pytest
import torch
from pydantic import TypeAdapter
from torch import Tensor

from engine.errors import BadParameter
from engine.experiments import Experiment, catalogue, experiment
from engine.figures import AnyFigure, Curve, Heatmap, Tokens
from engine.lab import Lab
from engine.protocol import Partial
from tests.engine.doing import SHORT, do, facts, heatmap, into, some_values
from tests.engine.tiny import PROMPT, tiny_lab

FIGURES: TypeAdapter[list[Any]] = TypeAdapter(list[AnyFigure])


# --- what holds for all of them -------------------------------------------------------------------------------------


@pytest.mark.parametrize("page", catalogue(), ids=lambda page: page.name)
def test_figures_travel_and_read_as_text(lab: Lab, page: Experiment) -> None:
    outcome = do(lab, page.name, **some_values(page))
    assert isinstance(outcome.facts, page.facts)
    assert json.dumps(outcome.facts.model_dump(mode="json"), allow_nan=False), "no fact is infinite, or no number"
    assert outcome.figures
    assert FIGURES.validate_json(FIGURES.dump_json(outcome.figures)) == outcome.figures
    for figure in outcome.figures:
        heads, rows = figure.table()
        assert rows
        assert all(len(row) == len(heads) for row in rows)
        assert figure.title in figure.text()


@pytest.mark.parametrize("page", catalogue(), ids=lambda page: page.name)
def test_a_seed_repeats_a_run_exactly(lab: Lab, page: Experiment) -> None:
    assert do(lab, page.name, seed=7, **some_values(page)) == do(lab, page.name, seed=7, **some_values(page))


@pytest.mark.parametrize("page", catalogue(), ids=lambda page: page.name)
def test_partial_figures_are_the_figures_to_be(family: str, page: Experiment) -> None:
    heard: list[Any] = []
    outcome = do(tiny_lab(family, report=into(heard)), page.name, **some_values(page))
    for event in heard:
        if isinstance(event, Partial):
            assert event.figure.kind == outcome.figures[event.index].kind  # type: ignore[attr-defined]
            assert event.figure.title == outcome.figures[event.index].title


@pytest.mark.parametrize("page", catalogue(), ids=lambda page: page.name)
def test_one_token_is_prompt_enough(lab: Lab, page: Experiment) -> None:
    values = some_values(page)
    if "prompt" in values:
        short: dict[str, Any] = {n: "When" if n in ("prompt", "subject") else value for n, value in values.items()}
        do(lab, page.name, **short)


def test_bos_goes_first(lab: Lab) -> None:
    marked = facts(lab, "next_token", prompt=SHORT, bos=True)
    with torch.inference_mode():
        logits = lab.model(lab.tokens(SHORT, bos=True)[None]).logits[0, -1]
    assert marked.top_prob == pytest.approx(float(logits.softmax(-1).max()), abs=1e-5)


# --- next_token -----------------------------------------------------------------------------------------------------


def test_next_token(lab: Lab) -> None:
    with torch.inference_mode():
        p = lab.model(lab.tokens(PROMPT)[None]).logits[0, -1].softmax(-1)
    outcome = do(lab, "next_token", prompt=PROMPT, answer=" Mary", top=5)
    said: Any = outcome.facts
    mary = lab.token_id(" Mary")
    assert said.top_token == lab.text_of(int(p.argmax()))
    assert said.top_prob == pytest.approx(float(p.max()), abs=1e-5)
    assert said.entropy_bits == pytest.approx(-float((p * p.log2()).sum()), abs=1e-4)
    assert said.answer_prob == pytest.approx(float(p[mary]), abs=1e-5)
    assert said.answer_rank == sorted(p.tolist(), reverse=True).index(float(p[mary]))
    figure = outcome.figures[0]
    assert isinstance(figure, Tokens)
    assert figure.runs[0].tokens[0] == said.top_token
    assert " Mary" in figure.runs[0].tokens
    assert len(figure.runs[0].tokens) in (5, 6)
    assert figure.runs[0].probabilities == sorted(figure.runs[0].probabilities, reverse=True)


# --- head_ablation --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("mode", ["zero", "mean"])
def test_head_ablation(lab: Lab, mode: str) -> None:
    said = facts(lab, "head_ablation", mode=mode, **some_values(experiment("head_ablation")))
    tokens, (mary, john) = lab.tokens(PROMPT), lab.pair(" Mary", " John")
    width, path = lab.anatomy.d_head, lab.anatomy.spot("z", 1)[0]
    head = slice(2 * width, 3 * width)

    def silence(module: Any, args: tuple[Tensor]) -> tuple[Tensor]:
        z = args[0].clone()
        z[..., head] = 0 if mode == "zero" else z[..., head].mean(1, keepdim=True)
        return (z,)

    with torch.inference_mode():
        base = lab.model(tokens[None]).logits[0, -1]
        handle = lab.model.get_submodule(path).register_forward_pre_hook(silence)
        tweak = lab.model(tokens[None]).logits[0, -1]
        handle.remove()
    base_diff, tweak_diff = float(base[mary] - base[john]), float(tweak[mary] - tweak[john])
    assert said.base_logit_diff == pytest.approx(base_diff, abs=1e-4)
    assert said.tweak_logit_diff == pytest.approx(tweak_diff, abs=1e-4)
    assert said.drop == pytest.approx((base_diff - tweak_diff) / base_diff, abs=1e-3)
    p = base.softmax(-1)
    assert said.kl_bits == pytest.approx(float((p * (p.log2() - tweak.softmax(-1).log2())).sum()), abs=1e-4)
    assert said.base_top == lab.text_of(int(base.argmax()))
    assert said.tweak_top == lab.text_of(int(tweak.argmax()))
    assert said.tweak_text.startswith(said.tweak_top)


# --- logit_lens -----------------------------------------------------------------------------------------------------


def test_logit_lens(lab: Lab) -> None:
    outcome = do(lab, "logit_lens", prompt=PROMPT, answer=" Mary")
    said: Any = outcome.facts
    with torch.inference_mode():
        logits = lab.model(lab.tokens(PROMPT)[None]).logits[0]
    mary = lab.token_id(" Mary")
    assert said.final_token == lab.text_of(int(logits[-1].argmax()))
    assert said.final_prob == pytest.approx(float(logits[-1].softmax(-1).max()), abs=1e-5)
    assert len(said.answer_rank_by_layer) == said.n_layers == lab.n_layers
    assert said.answer_rank_by_layer[-1] == int((logits[-1] > logits[-1, mary]).sum())

    grid, curve = outcome.figures
    assert isinstance(grid, Heatmap)
    assert isinstance(curve, Curve)
    assert grid.cells is not None
    assert grid.columns == [lab.text_of(int(t)) for t in lab.tokens(PROMPT)]
    assert grid.cells[-1] == [lab.text_of(int(t)) for t in logits.argmax(-1)]
    assert grid.values[-1] == pytest.approx(logits.softmax(-1).amax(-1).tolist(), abs=1e-5)
    last = [row[-1] for row in grid.cells]
    assert all(token == said.final_token for token in last[said.first_layer_top :])
    assert said.first_layer_top == 0 or last[said.first_layer_top - 1] != said.final_token
    assert curve.series[0].values == said.answer_rank_by_layer


def test_logit_lens_finds_the_first_layer_from_which_the_token_stays(lab: Lab) -> None:
    """With the last layer silent, the one before it says all that the model will say."""
    with lab.editing(*(lab.edit(site, "zero", layer=2) for site in ("attn_out", "mlp_out"))):
        outcome = do(lab, "logit_lens", prompt=PROMPT)
    grid, said = outcome.figures[0], outcome.facts
    assert isinstance(grid, Heatmap)
    assert grid.cells is not None
    assert grid.cells[0][-1] != grid.cells[1][-1] == grid.cells[2][-1]
    assert said.first_layer_top == 1  # type: ignore[attr-defined]


def test_logit_lens_follows_the_final_token_if_not_told_another(lab: Lab) -> None:
    assert facts(lab, "logit_lens", prompt=PROMPT).answer_rank_by_layer[-1] == 0


def test_logit_lens_shows_each_layer_as_it_is_read() -> None:
    heard: list[Any] = []
    do(tiny_lab("llama", report=into(heard)), "logit_lens", prompt=SHORT)
    grids = [heatmap(e.figure) for e in heard if isinstance(e, Partial)]
    assert [sum(row[0] is not None for row in g.values) for g in grids] == [1, 2, 3]


def test_logit_lens_decodes_a_token_once(monkeypatch: pytest.MonkeyPatch) -> None:
    heard: list[Any] = []
    lab = tiny_lab("llama", report=into(heard))
    decoded: list[int] = []
    plain = lab.text_of

    def counting(token: int) -> str:
        decoded.append(token)
        return plain(token)

    monkeypatch.setattr(lab, "text_of", counting)
    do(lab, "logit_lens", prompt=PROMPT)
    assert len(heard) > 3
    of_figures = decoded[: -2 - 1]  # the final token, and the answer in the curve, are named once more
    assert len(of_figures) == len(set(of_figures))


@pytest.mark.parametrize("page", catalogue(), ids=lambda page: page.name)
def test_a_partial_figure_that_is_not_due_is_not_drawn(page: Experiment) -> None:
    """A listener that draws none gets the same in the end."""
    values = some_values(page)
    heard: list[Any] = []
    drawn = do(tiny_lab("llama", report=into(heard)), page.name, **values)
    assert do(tiny_lab("llama"), page.name, **values) == drawn


def test_bad_parameters_say_what_would_be_right(lab: Lab) -> None:
    cases: list[tuple[dict[str, Any], str, str]] = [
        ({"prompt": ""}, "prompt", "text, not empty"),
        ({"prompt": " the" * 65}, "prompt", "65 tokens"),
        ({"prompt": SHORT, "strategy": "best"}, "strategy", "greedy, temperature"),
        ({"prompt": SHORT, "temperature": 0}, "temperature", "more than 0"),
        ({"prompt": SHORT, "max_new_tokens": 100}, "max_new_tokens", "at most 64"),
    ]
    for values, parameter, says in cases:
        with pytest.raises(BadParameter, match=says) as error:
            do(lab, "sampling", **values)
        assert error.value.parameter == parameter


def test_an_uncertain_model_has_the_entropy_of_its_vocabulary(lab: Lab) -> None:
    with lab.editing(lab.edit("logits", "zero")):
        assert facts(lab, "next_token", prompt=SHORT).entropy_bits == pytest.approx(math.log2(lab.n_vocab))


# --- the model that is always there ----------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def real(smollm2: Path) -> Lab:
    from transformers import AutoModelForCausalLM, AutoTokenizer

    model = AutoModelForCausalLM.from_pretrained(smollm2)
    return Lab(model, AutoTokenizer.from_pretrained(smollm2), "smollm2-135m")


def test_the_published_figures_of_the_real_model(real: Lab) -> None:
    pair: dict[str, Any] = {"prompt": PROMPT, "answer": " Mary", "distractor": " John"}
    said = facts(real, "next_token", prompt=PROMPT, answer=" John")
    assert (said.top_token, said.top_prob) == (" Mary", pytest.approx(0.92, abs=0.01))
    assert facts(real, "next_token", prompt=SHORT).top_prob == pytest.approx(0.77, abs=0.01)

    mover = facts(real, "head_ablation", layer=23, head=3, max_new_tokens=3, **pair)
    assert mover.base_logit_diff == pytest.approx(6.12, abs=0.02)
    assert mover.base_logit_diff - mover.tweak_logit_diff == pytest.approx(3.0, abs=0.1)
    against = facts(real, "head_ablation", layer=29, head=0, max_new_tokens=3, **pair)
    assert against.tweak_logit_diff - against.base_logit_diff == pytest.approx(1.3, abs=0.1)

    lens = facts(real, "logit_lens", prompt=PROMPT, answer=" Mary")
    assert lens.answer_rank_by_layer[26] == pytest.approx(136, abs=2)
    assert (lens.final_token, lens.first_layer_top, lens.answer_rank_by_layer[29]) == (" Mary", 29, 0)

    with pytest.raises(BadParameter, match=r"^layer = 99 is out of range; smollm2-135m has layers 0 to 29$"):
        do(real, "head_ablation", layer=99, head=0, **pair)
