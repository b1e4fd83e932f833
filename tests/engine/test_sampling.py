"""The experiment `sampling`: every strategy against what it must come to, and beam search against the library's."""

from __future__ import annotations

import copy
from typing import Any

import pytest
import torch
from torch import Tensor

from engine.experiments import experiment
from engine.figures import Texts
from engine.lab import Lab
from tests.engine.doing import SHORT, do, facts
from tests.engine.tiny import tiny_lab, tiny_model


def endless(family: str) -> Lab:
    model = copy.deepcopy(tiny_model(family))
    model.generation_config.eos_token_id = None
    return tiny_lab(family, model)


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
    assert str(said.entropy_bits) == "0.0", "and not -0.0"
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


def test_top_p_of_1_cuts_nothing(lab: Lab) -> None:
    import torch

    from engine.experiments.sampling import allowed

    page = experiment("sampling")
    steep = torch.linspace(0, -60, lab.n_vocab)[None]  # the rare half is lost in the rounding of a sum that is nearly 1
    for top_p, least in ((1.0, lab.n_vocab), (1 - 1e-12, lab.n_vocab // 4)):
        p: Any = page.parse({"prompt": "a", "strategy": "top_p", "top_p": top_p})
        assert int(allowed(lab, steep, p).isfinite().sum()) >= least
