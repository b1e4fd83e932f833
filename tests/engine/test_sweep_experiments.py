"""The experiments that sweep, each against the plain runs that it stands for; and the real model's own heads."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
import torch

from engine.edits import Edit
from engine.errors import BadParameter
from engine.experiments import experiment
from engine.experiments.activation_patching import moves_layer
from engine.lab import Lab
from tests.engine.doing import EXACT, LATE, PAIR, SWAPPED, difference, do, facts, grid_of, some_values
from tests.engine.tiny import PROMPT, tiny_lab, tiny_model

# --- activation_patching ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("site", ["resid_pre", "attn_out", "mlp_out"])
def test_activation_patching(lab: Lab, site: str) -> None:
    outcome = do(lab, "activation_patching", clean=PROMPT, corrupt=LATE, site=site, **PAIR)
    said: Any = outcome.facts
    clean, corrupt = lab.tokens(PROMPT), lab.tokens(LATE)
    trace = lab.forward(clean, read=[site])
    plain = [
        [
            difference(lab, corrupt, [lab.edit(site, "replace", layer=i, positions=[k], value=trace[site, i][k])])
            for k in range(len(corrupt))
        ]
        for i in range(lab.n_layers)
    ]
    grid = grid_of(outcome.figures[0])
    for row, expected in zip(grid, plain, strict=True):
        assert row == pytest.approx(expected, abs=EXACT)
    assert said.first_difference == 9
    assert {v for row in grid for v in row[:9]} == {said.corrupt_logit_diff}
    assert said.clean_logit_diff == pytest.approx(difference(lab, clean), abs=EXACT)
    assert said.corrupt_logit_diff == pytest.approx(difference(lab, corrupt), abs=EXACT)
    span = said.clean_logit_diff - said.corrupt_logit_diff
    recovered = {(i, k): (v - said.corrupt_logit_diff) / span for i, row in enumerate(grid) for k, v in enumerate(row)}
    assert said.best_recovered == pytest.approx(max(recovered.values()))
    assert recovered[said.best_layer, said.best_position] == pytest.approx(said.best_recovered)
    assert said.best_head is None
    last = len(corrupt) - 1
    ahead = [recovered[i, last] > max(recovered[i, k] for k in range(9, last)) for i in range(lab.n_layers)]
    moved = next((i for i in range(lab.n_layers) if all(ahead[i:])), None)
    assert said.moves_layer == (moved if site == "resid_pre" else None)


def test_the_layer_at_which_the_answer_has_moved(family: str) -> None:
    """Only attention carries anything from one position to another: where layer 0 alone has it, layer 1 has the answer."""
    model = copy.deepcopy(tiny_model(family))
    lab = tiny_lab(family, model)
    with torch.no_grad():
        for layer in range(1, lab.n_layers):
            for parameter in lab.module("z", layer).parameters():  # the projection that takes in what the heads bring
                parameter.zero_()
    prompts = {"clean": PROMPT, "corrupt": LATE, **PAIR}
    assert facts(lab, "activation_patching", **prompts).moves_layer == 1
    assert facts(lab, "activation_patching", **prompts, site="z").moves_layer is None


def test_the_last_position_must_lead_all_others_and_keep_the_lead() -> None:
    shares = {  # (layer, position): from layer 1 on the last is ahead of the first difference, but not of the one after it
        0: [0.1, 1.0, 0.2],
        1: [-0.3, 0.9, 0.0],
        2: [-0.3, 0.1, 0.4],
        3: [-0.3, 0.8, 0.7],
        4: [-0.3, 0.2, 0.9],
        5: [0.0, 0.0, 1.0],
    }
    recovered = {(layer, k): share for layer, row in shares.items() for k, share in enumerate(row, 2)}
    assert moves_layer(recovered, 2, 4) == 4
    assert moves_layer(recovered, 2, 3) is None, "it loses the lead again"
    assert moves_layer(recovered, 4, 4) is None, "nothing before it differs"


def test_the_place_where_the_prompts_differ_recovers_everything_at_first(lab: Lab) -> None:
    said = do(lab, "activation_patching", clean=PROMPT, corrupt=LATE, **PAIR)
    grid: Any = grid_of(said.figures[0])
    clean = said.facts.clean_logit_diff  # type: ignore[attr-defined]
    assert grid[0][9] == pytest.approx(clean, abs=EXACT)


def test_activation_patching_of_heads(lab: Lab) -> None:
    outcome = do(lab, "activation_patching", clean=PROMPT, corrupt=SWAPPED, site="z", **PAIR)
    corrupt = lab.tokens(SWAPPED)
    trace = lab.forward(lab.tokens(PROMPT), read=["z"])
    plain = [
        [
            difference(lab, corrupt, [lab.edit("z", "replace", layer=i, head=h, value=trace["z", i][:, h])])
            for h in range(lab.n_heads)
        ]
        for i in range(lab.n_layers)
    ]
    grid = grid_of(outcome.figures[0])
    for row, expected in zip(grid, plain, strict=True):
        assert row == pytest.approx(expected, abs=EXACT)
    said: Any = outcome.facts
    assert said.best_position is None
    best = (grid[said.best_layer][said.best_head] - said.corrupt_logit_diff) / (
        said.clean_logit_diff - said.corrupt_logit_diff
    )
    assert said.best_recovered == pytest.approx(best)


def test_prompts_of_different_lengths_are_shown_token_by_token(lab: Lab) -> None:
    with pytest.raises(BadParameter) as error:
        do(lab, "activation_patching", clean=PROMPT, corrupt="When Mary and John went", **PAIR)
    assert error.value.parameter == "corrupt"
    first, clean, corrupt = str(error.value).split("\n")
    assert first == "corrupt has 5 tokens and clean has 14; they must have the same number"
    assert corrupt == "corrupt: When | ·Mary | ·and | ·John | ·went"
    assert clean.startswith("clean:   When | ·Mary | ·and | ·John | ·went | ·to | ·the")


def test_the_same_prompt_twice(lab: Lab) -> None:
    with pytest.raises(BadParameter, match="same text as clean"):
        do(lab, "activation_patching", clean=PROMPT, corrupt=PROMPT, **PAIR)


# --- head_sweep -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("mode", ["zero", "mean"])
def test_head_sweep_is_head_ablation_of_every_head(lab: Lab, mode: str) -> None:
    outcome = do(lab, "head_sweep", prompt=PROMPT, mode=mode, **PAIR)
    said: Any = outcome.facts
    one = {
        (i, h): facts(lab, "head_ablation", prompt=PROMPT, mode=mode, layer=i, head=h, max_new_tokens=1, **PAIR)
        for i in range(lab.n_layers)
        for h in range(lab.n_heads)
    }
    grid = grid_of(outcome.figures[0])
    for (i, h), alone in one.items():
        assert grid[i][h] == pytest.approx(alone.tweak_logit_diff - alone.base_logit_diff, abs=2 * EXACT)
    assert said.base_logit_diff == pytest.approx(one[0, 0].base_logit_diff, abs=EXACT)
    assert said.worst_drop == pytest.approx(max(alone.drop for alone in one.values()), abs=1e-3)
    assert one[said.worst_layer, said.worst_head].drop == pytest.approx(said.worst_drop, abs=1e-3)
    assert one[said.helpful_layer, said.helpful_head].drop == pytest.approx(
        min(alone.drop for alone in one.values()), abs=1e-3
    )


def test_head_sweep_says_which_way_a_head_is_missed(lab: Lab) -> None:
    pair = {"answer": " Mary", "distractor": " John"}
    for answer, distractor in (pair.values(), reversed(pair.values())):
        outcome = do(lab, "head_sweep", prompt=PROMPT, answer=answer, distractor=distractor)
        said: Any = outcome.facts
        change = said.worst_logit_diff - said.base_logit_diff
        assert (change < 0) == (said.base_logit_diff > 0)
        assert f"{'Below' if change < 0 else 'Above'} 0: the head is missed" in outcome.figures[0].note


# --- causal_trace -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("site", "window"), [("resid_pre", 1), ("mlp_out", 2), ("attn_out", 3)])
def test_causal_trace(lab: Lab, site: str, window: int) -> None:
    values = {"subject": "John went", "answer": " Mary", "noise": 1.0, "samples": 2}
    outcome = do(lab, "causal_trace", seed=3, prompt=PROMPT, site=site, window=window, **values)
    said: Any = outcome.facts
    tokens, mary = lab.tokens(PROMPT), lab.token_id(" Mary")
    clean = lab.forward(tokens, read=[site])
    std = float(lab.model.get_input_embeddings().weight.std())

    def prob(edits: Sequence[Edit]) -> float:
        return float(lab.forward(tokens, edits=edits).logits[-1].softmax(-1)[mary])

    lab.seed(3)
    noises = [lab.edit("embed", "noise", positions=[3, 4], value=std) for _ in range(2)]
    corrupt = [prob([noise]) for noise in noises]
    reach = {1: (0, 0), 2: (-1, 0), 3: (-1, 1)}[window]
    grid = grid_of(outcome.figures[0])
    for i in range(lab.n_layers):
        layers = [k for k in range(i + reach[0], i + reach[1] + 1) if 0 <= k < lab.n_layers]
        for k in range(len(tokens)):
            back = [lab.edit(site, "replace", layer=j, positions=[k], value=clean[site, j][k]) for j in layers]
            effect = sum(prob([noise, *back]) - without for noise, without in zip(noises, corrupt, strict=True)) / 2
            assert grid[i][k] == pytest.approx(effect, abs=1e-5)
    assert said.corrupt_prob == pytest.approx(sum(corrupt) / 2, abs=1e-5)
    assert said.clean_prob == pytest.approx(prob([]), abs=1e-5)
    assert said.best_effect == max(v for row in grid for v in row[3:])
    assert grid[said.best_layer][said.best_position] == said.best_effect
    assert said.subject_last == 4
    assert {v for row in grid for v in row[:3]} == {0.0}


def test_restoring_the_whole_subject_brings_the_answer_back(lab: Lab) -> None:
    """A subject of one token, restored in the first layer, is as if there had been no noise."""
    outcome = do(lab, "causal_trace", prompt=PROMPT, subject="Mary", answer=" Mary", samples=1)
    said: Any = outcome.facts
    grid = grid_of(outcome.figures[0])
    if lab.anatomy.family != "gpt2":
        assert said.clean_prob != pytest.approx(said.corrupt_prob, abs=1e-5)
    assert grid[0][1] == pytest.approx(said.clean_prob - said.corrupt_prob, abs=1e-5)


def test_a_subject_is_found_by_its_letters(lab: Lab) -> None:
    from engine.experiments.causal_trace import positions_of

    tokens = lab.tokens(PROMPT)
    assert positions_of(lab, tokens, "Mary", skip=0) == [1]
    assert positions_of(lab, tokens, " John went to", skip=0) == [3, 4, 5]
    assert positions_of(lab, tokens, "en Ma", skip=0) == [0, 1]
    assert positions_of(lab, tokens, PROMPT, skip=0) == list(range(14))
    marked = lab.tokens(PROMPT, bos=True)
    assert positions_of(lab, marked, "When", skip=1) == [1]
    pieces = lab.tokens("The 🦜🐙 cat")  # four tokens for each animal, one a byte, and one for the space
    assert positions_of(lab, pieces, "🦜", skip=0) == [2, 3, 4, 5]
    assert positions_of(lab, pieces, "🐙", skip=0) == [6, 7, 8, 9]
    with pytest.raises(BadParameter, match=r"subject = 'Peter' is not in the prompt") as error:
        do(lab, "causal_trace", prompt=PROMPT, subject="Peter", answer=" Mary")
    assert error.value.parameter == "subject"


@pytest.mark.parametrize(
    ("text", "part", "places"),
    [
        ("The art of the artist", "art", [4]),
        ("The artist sold the art to", "art", [20]),
        ("The artist sold the art to", " art", [19]),
        ("The artist", "tist", [6]),  # nowhere but within a word: then there
        ("Paris is in France. The capital of France is", "France", [12, 35]),
        ("the cat, the cat", "the cat", [0, 9]),
        ("art, artist, art.", "art", [0, 13]),
        ("a1 art 3art", "art", [3]),
        ("東京は東京", "東京", [0, 3]),  # no spaces, so no edges of words to look for
    ],
)
def test_a_subject_is_found_as_a_word_and_wherever_it_stands(text: str, part: str, places: list[int]) -> None:
    from engine.experiments.causal_trace import positions_of

    lab = tiny_lab("llama")
    ids = lab.tokens(text)
    starts = [len(lab.text_of(ids[:i]).rstrip("\ufffd")) for i in range(len(ids) + 1)]  # of each token, in characters
    letters = {k for place in places for k in range(place, place + len(part))}
    there = [i for i in range(len(ids)) if letters & set(range(starts[i], max(starts[i] + 1, starts[i + 1])))]
    assert positions_of(lab, ids, part, skip=0) == there


def test_every_place_of_the_subject_is_made_unreadable(lab: Lab) -> None:
    """With noise on both, the run is the one with noise on both; the last one is where the subject ends."""
    said = facts(lab, "causal_trace", seed=3, prompt=PROMPT, subject="John", answer=" Mary", noise=2.0, samples=1)
    tokens, where = lab.tokens(PROMPT), [3, 9]
    lab.seed(3)
    std = float(lab.model.get_input_embeddings().weight.std())
    noise = lab.edit("embed", "noise", positions=where, value=2 * std)
    logits = lab.forward(tokens, edits=[noise]).logits[-1]
    assert said.corrupt_prob == pytest.approx(float(logits.softmax(-1)[lab.token_id(" Mary")]), abs=1e-5)
    assert said.subject_last == 9


@pytest.mark.parametrize("name", ["head_sweep", "head_ablation", "activation_patching"])
def test_a_share_of_a_difference_that_is_rounding_is_no_share(lab: Lab, name: str) -> None:
    """Two answers that the unembedding cannot tell apart, but for the last bits."""
    model = copy.deepcopy(tiny_model(lab.anatomy.family))
    mary, john = lab.pair(" Mary", " John")
    head = model.get_output_embeddings().weight.data
    head[john] = head[mary]
    head[john, 0] += 1e-7
    lab = tiny_lab(lab.anatomy.family, model)
    said = facts(lab, name, **some_values(experiment(name)))
    share = {"head_sweep": "worst_drop", "head_ablation": "drop", "activation_patching": "best_recovered"}[name]
    assert getattr(said, share) == 0


@pytest.mark.parametrize(
    "name", ["head_sweep", "head_ablation", "head_scale", "activation_patching", "direct_logit_attribution"]
)
def test_an_answer_is_not_its_own_distractor(lab: Lab, name: str) -> None:
    values = {**some_values(experiment(name)), "answer": " Mary", "distractor": " Mary"}
    with pytest.raises(BadParameter, match="distractor = ' Mary' is the same token as answer") as error:
        do(lab, name, **values)
    assert error.value.parameter == "distractor"


# --- the model that is always there -----------------------------------------------------------------------------------


def test_the_heads_of_the_real_model(smollm2: Path) -> None:
    from transformers import AutoModelForCausalLM, AutoTokenizer

    model = AutoModelForCausalLM.from_pretrained(smollm2)
    lab = Lab(model, AutoTokenizer.from_pretrained(smollm2), "smollm2-135m")
    said = facts(lab, "head_sweep", prompt=PROMPT, **PAIR)
    assert said.base_logit_diff == pytest.approx(6.12, abs=0.02)
    assert (said.worst_layer, said.worst_head, said.helpful_layer, said.helpful_head) == (23, 3, 29, 0)
    assert said.base_logit_diff - said.worst_logit_diff == pytest.approx(3.0, abs=0.1)
    assert said.helpful_logit_diff - said.base_logit_diff == pytest.approx(1.3, abs=0.1)

    outcome = do(lab, "activation_patching", clean=PROMPT, corrupt=LATE, **PAIR)
    patched: Any = outcome.facts
    assert patched.corrupt_logit_diff == pytest.approx(-5.49, abs=0.02)
    grid, corrupt = grid_of(outcome.figures[0]), lab.tokens(LATE)
    trace = lab.forward(lab.tokens(PROMPT), read=["resid_pre"])
    for i, k in [(0, 9), (7, 10), (15, 9), (22, 13), (29, 13)]:
        patch = lab.edit("resid_pre", "replace", layer=i, positions=[k], value=trace["resid_pre", i][k])
        assert grid[i][k] == pytest.approx(difference(lab, corrupt, [patch]), abs=1e-4)


def test_noise_that_takes_nothing_leaves_nothing_to_bring_back(lab: Lab) -> None:
    """Of every token, a word that the noise makes likelier is one that it takes nothing from."""
    values: dict[str, Any] = {"prompt": PROMPT, "subject": "Mary", "samples": 2}
    notes = set()
    for answer in (" Mary", " John", " the", "x", " to", "."):
        outcome = do(lab, "causal_trace", **values, answer=answer)
        said: Any = outcome.facts
        note = outcome.figures[0].note
        assert ("nothing to bring back" in note) == (said.clean_prob <= said.corrupt_prob)
        notes.add("nothing to bring back" in note)
    assert notes == {True, False}
