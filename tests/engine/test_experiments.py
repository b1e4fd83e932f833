"""The experiments: their facts against the same thing worked out by hand, on all three families."""

from __future__ import annotations

import copy
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
from engine.figures import AnyFigure, Curve, Heatmap, Texts, Tokens
from engine.lab import Lab
from engine.protocol import Partial
from tests.engine.doing import SHORT, do, facts, heatmap, into, some_values
from tests.engine.tiny import PROMPT, tiny_lab, tiny_model

FIGURES: TypeAdapter[list[Any]] = TypeAdapter(list[AnyFigure])


def endless(family: str) -> Lab:
    model = copy.deepcopy(tiny_model(family))
    model.generation_config.eos_token_id = None
    return tiny_lab(family, model)


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


def test_top_p_of_1_cuts_nothing(lab: Lab) -> None:
    import torch

    from engine.experiments.sampling import allowed

    page = experiment("sampling")
    steep = torch.linspace(0, -60, lab.n_vocab)[None]  # the rare half is lost in the rounding of a sum that is nearly 1
    for top_p, least in ((1.0, lab.n_vocab), (1 - 1e-12, lab.n_vocab // 4)):
        p: Any = page.parse({"prompt": "a", "strategy": "top_p", "top_p": top_p})
        assert int(allowed(lab, steep, p).isfinite().sum()) >= least


# --- sampling -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "values",
    [
        {"strategy": "greedy"},
        {"strategy": "top_k", "top_k": 1},
        {"strategy": "top_p", "top_p": 1e-6},
        {"strategy": "temperature", "temperature": 1e-4},
    ],
)
def test_with_no_choice_left_every_strategy_is_greedy(lab: Lab, values: dict[str, Any]) -> None:
    said = facts(lab, "sampling", prompt=SHORT, n=3, max_new_tokens=6, **values)
    greedy = lab.text_of(lab.generate(lab.tokens(SHORT), 6))
    assert said.texts == [greedy] * 3
    assert (said.distinct, said.n) == (1, 3)
    assert said.entropy_bits == pytest.approx(0.0, abs=1e-3)


@pytest.mark.parametrize("values", [{"strategy": "greedy"}, {"strategy": "top_k", "top_k": 1}, {"strategy": "beam"}])
def test_tokens_that_score_the_same_leave_nothing_to_luck(lab: Lab, values: dict[str, Any]) -> None:
    scores = torch.zeros(lab.n_vocab)
    scores[list(lab.pair(" Mary", " John"))] = 9.0  # in bfloat16 the two best are often the same number
    with lab.editing(lab.edit("logits", "replace", value=scores)):
        said = facts(lab, "sampling", prompt=SHORT, n=20, beams=16, max_new_tokens=1, **values)
    assert said.entropy_bits == 0
    assert said.distinct == (16 if values["strategy"] == "beam" else 1)


@pytest.mark.parametrize("temperature", [1e-40, 5e-324])
def test_no_temperature_is_too_low(lab: Lab, temperature: float) -> None:
    greedy = lab.text_of(lab.generate(lab.tokens(SHORT), 6))
    cold: dict[str, Any] = {"prompt": SHORT, "max_new_tokens": 6, "temperature": temperature}
    assert facts(lab, "sampling", **cold).texts == [greedy] * 5
    assert facts(lab, "reproducibility", **cold).second_text == greedy
    assert facts(lab, "logit_bias", **cold, token=" Mary", bias=0).base_text == greedy


def test_entropy_is_that_of_the_first_pick_after_the_cut(lab: Lab) -> None:
    logits = lab.forward(lab.tokens(SHORT)).logits[-1]

    def entropy(**values: Any) -> float:
        return float(facts(lab, "sampling", prompt=SHORT, max_new_tokens=1, **values).entropy_bits)

    assert entropy(temperature=1.0) == pytest.approx(lab.entropy_bits(logits), abs=1e-4)
    assert entropy(temperature=2.0) == pytest.approx(lab.entropy_bits(logits / 2), abs=1e-4)
    assert entropy(temperature=0.5) < entropy(temperature=1.0) < entropy(temperature=2.0)
    two = logits.topk(2).values
    assert entropy(strategy="top_k", top_k=2) == pytest.approx(lab.entropy_bits(two), abs=1e-4)
    assert entropy(strategy="top_p", top_p=1.0) == pytest.approx(lab.entropy_bits(logits), abs=1e-4)
    assert entropy(strategy="beam") == 0


def test_nothing_that_was_cut_off_is_ever_written(lab: Lab) -> None:
    logits = lab.forward(lab.tokens(SHORT)).logits[-1]
    ordered = logits.softmax(-1).sort(descending=True)
    enough = int((ordered.values.cumsum(0) < 0.6).sum()) + 1  # the fewest tokens that reach 0.6
    few: dict[str, Any] = {"strategy": "top_k", "top_k": 3}
    likely: dict[str, Any] = {"strategy": "top_p", "top_p": 0.6}
    for values, allowed in ((few, 3), (likely, enough)):
        texts = facts(lab, "sampling", prompt=SHORT, n=20, max_new_tokens=1, **values).texts
        assert set(texts) <= {lab.text_of(int(t)) for t in ordered.indices[:allowed]}
        assert len(set(texts)) > 1


def test_other_seeds_write_other_texts(lab: Lab) -> None:
    first, second = (facts(lab, "sampling", seed, prompt=SHORT, temperature=2.0).texts for seed in (0, 1))
    assert first != second
    assert len(set(first)) == 5


def test_beam_search_is_that_of_transformers(family: str) -> None:
    lab = endless(family)
    tokens = lab.tokens(SHORT)
    theirs = lab.model.generate(
        tokens[None], max_new_tokens=8, do_sample=False, num_beams=4, num_return_sequences=3, length_penalty=0.0
    )
    said = facts(lab, "sampling", prompt=SHORT, strategy="beam", beams=4, n=3, max_new_tokens=8)
    assert said.texts == [lab.text_of(row[len(tokens) :]) for row in theirs]


def test_beams_come_likeliest_first_and_are_no_less_likely_than_greedy(family: str) -> None:
    lab = endless(family)
    tokens = lab.tokens(SHORT)

    def likelihood(written: Tensor) -> float:
        logs = lab.forward(torch.cat([tokens, written])).logits.log_softmax(-1)
        return sum(float(logs[len(tokens) - 1 + i, t]) for i, t in enumerate(written))

    from engine.experiments.sampling import beam_search

    p: Any = experiment("sampling").parse(
        {"prompt": SHORT, "strategy": "beam", "beams": 16, "n": 16, "max_new_tokens": 4}
    )
    written, _ = beam_search(lab, tokens, p)
    scores = [likelihood(row) for row in written]
    assert scores == sorted(scores, reverse=True)
    assert scores[0] >= likelihood(lab.generate(tokens, 4)) - 1e-4
    assert len({tuple(row.tolist()) for row in written}) == 16


def test_beam_search_writes_at_most_as_many_texts_as_it_keeps(lab: Lab) -> None:
    said = facts(lab, "sampling", prompt=SHORT, strategy="beam", beams=2, n=5, max_new_tokens=3)
    assert said.n == len(said.texts) == 2


def test_a_text_that_ended_stays_as_it_is(lab: Lab) -> None:
    """One step from certain ends: with every logit but the end's at the bottom, all texts are the end alone."""
    (end,) = lab.ends
    others = [lab.edit("logits", "add", start=end, stop=end + 1, value=1e4)]
    with lab.editing(*others):
        for strategy in ("temperature", "beam"):
            outcome = do(lab, "sampling", prompt=SHORT, strategy=strategy, max_new_tokens=5)
            said: Any = outcome.facts
            assert said.texts[0] == lab.text_of(end)
            assert isinstance(outcome.figures[0], Texts)
            if strategy == "temperature":
                assert set(said.texts) == {lab.text_of(end)}


def test_texts_that_ended_are_counted(lab: Lab) -> None:
    (end,) = lab.ends
    assert facts(lab, "sampling", prompt=SHORT, strategy="greedy", n=3, max_new_tokens=5).ended == 0
    with lab.editing(lab.edit("logits", "add", start=end, stop=end + 1, value=1e4)):
        assert facts(lab, "sampling", prompt=SHORT, n=3, max_new_tokens=5).ended == 3


def test_repetition_is_the_share_of_four_tokens_that_were_there_before(lab: Lab) -> None:
    one = lab.token_id(" Mary", parameter="answer")
    with lab.editing(lab.edit("logits", "add", start=one, stop=one + 1, value=1e4)):
        for length, share in ((3, 0.0), (4, 0.0), (5, 1 / 2), (13, 9 / 10)):  # one new run of four, the others again
            said = facts(lab, "sampling", prompt=SHORT, n=2, max_new_tokens=length)
            assert said.texts == [" Mary" * length] * 2
            assert said.repetition == pytest.approx(share)


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
