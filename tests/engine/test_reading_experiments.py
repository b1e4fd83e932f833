"""The experiments that only look: what they find against the same thing worked out by hand."""

from __future__ import annotations

import copy
import math
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from engine.errors import BadParameter
from engine.experiments import experiment
from engine.figures import Curve, Heatmap, Table, Texts
from engine.lab import Lab
from tests.engine.doing import SHORT, do, facts
from tests.engine.tiny import PROMPT, tiny_lab, tiny_model

PAIR: dict[str, Any] = {"prompt": PROMPT, "answer": " Mary", "distractor": " John"}


# --- tokenize, perplexity, reproducibility ---------------------------------------------------------------------------


def test_tokens_make_up_the_text(lab: Lab) -> None:
    outcome = do(lab, "tokenize", text=PROMPT)
    said: Any = outcome.facts
    assert "".join(said.tokens) == PROMPT
    assert said.token_ids == lab.tokens(PROMPT).tolist()
    assert said.n_tokens == len(said.tokens) == len(said.token_ids)
    assert (said.n_characters, said.characters_per_token) == (len(PROMPT), len(PROMPT) / said.n_tokens)
    cut, table = outcome.figures
    assert isinstance(cut, Texts)
    assert cut.texts[0].text == "|".join(said.tokens)
    assert isinstance(table, Table)
    assert [row[2] for row in table.body] == [str(id) for id in said.token_ids]


def test_a_character_that_is_cut_in_two_is_shown_as_such(lab: Lab) -> None:
    said = facts(lab, "tokenize", text="a🍕", bos=True)
    assert said.tokens[1] == "a"
    assert set(said.tokens[2:]) == {"�"}
    assert said.n_tokens == 6, "bos, a, and the four bytes of a pizza"


def test_perplexity(lab: Lab) -> None:
    outcome = do(lab, "perplexity", text=PROMPT)
    said: Any = outcome.facts
    tokens = lab.tokens(PROMPT)
    with torch.inference_mode():
        loss = float(lab.model(tokens[None], labels=tokens[None]).loss)  # the library's own, in nats
    assert said.perplexity == pytest.approx(math.exp(loss), rel=1e-4)
    assert said.bits_per_token == pytest.approx(loss / math.log(2), abs=1e-5)
    assert said.n_scored == len(tokens) - 1
    (curve,) = outcome.figures
    assert isinstance(curve, Curve)
    bits: Any = curve.series[0].values
    assert bits[0] is None
    assert max(bits[1:]) == bits[said.worst_position] == said.worst_bits
    assert said.worst_token == lab.text_of(int(tokens[said.worst_position]))


def test_perplexity_of_a_model_with_no_idea_is_its_vocabulary(lab: Lab) -> None:
    with lab.editing(lab.edit("logits", "zero")):
        assert facts(lab, "perplexity", text=PROMPT).perplexity == pytest.approx(lab.n_vocab)


def test_perplexity_needs_something_to_read_first(lab: Lab) -> None:
    with pytest.raises(BadParameter, match=r"^text = ' Mary' is one token"):
        do(lab, "perplexity", text=" Mary")
    assert facts(lab, "perplexity", text=" Mary", bos=True).worst_token == " Mary"


def test_the_same_seed_gives_the_same_text_and_another_one_another(lab: Lab) -> None:
    same = facts(lab, "reproducibility", prompt=SHORT, seed=3, temperature=2.0)
    assert same.identical
    assert (same.first_text, same.first_difference) == (same.second_text, None)
    other = facts(lab, "reproducibility", prompt=SHORT, seed=3, second_seed=4, temperature=2.0)
    assert other.first_text == same.first_text
    assert not other.identical
    assert other.second_text != other.first_text
    one, two = (facts(lab, "reproducibility", prompt=SHORT, seed=s, temperature=2.0) for s in (5, 6))
    assert one.first_text != two.first_text


def test_the_seed_of_the_run_is_taken_where_no_other_is_given(lab: Lab) -> None:
    given = facts(lab, "reproducibility", prompt=SHORT, seed=9, temperature=2.0)
    assert facts(lab, "reproducibility", 9, prompt=SHORT, temperature=2.0) == given
    assert facts(lab, "reproducibility", 2**32 - 1, prompt=SHORT).identical


def test_first_difference_is_how_many_tokens_are_shared(lab: Lab) -> None:
    said = facts(lab, "reproducibility", prompt=SHORT, seed=1, second_seed=2, temperature=1.0)
    texts = []
    for seed in (1, 2):
        lab.seed(seed)
        texts.append(lab.generate(lab.tokens(SHORT), 20, pick=lambda logits: lab.draw(logits.softmax(-1))).tolist())
    n = said.first_difference
    assert texts[0][:n] == texts[1][:n]
    assert texts[0][n : n + 1] != texts[1][n : n + 1]


def test_without_sampling_there_is_no_luck(lab: Lab) -> None:
    said = facts(lab, "reproducibility", prompt=SHORT, do_sample=False, seed=1, second_seed=2)
    assert said.identical
    assert said.first_text == lab.text_of(lab.generate(lab.tokens(SHORT), 20))


# --- residual_stream, attention_pattern ------------------------------------------------------------------------------


def test_residual_stream(family: str) -> None:
    lab = tiny_lab(family)
    outcome = do(lab, "residual_stream", prompt=PROMPT)
    said: Any = outcome.facts
    own = copy.deepcopy(lab.model)  # the library leaves hooks of its own in the model
    with torch.inference_mode():
        hidden = own(lab.tokens(PROMPT)[None], output_hidden_states=True).hidden_states
    states = [h[0].numpy() for h in hidden[:-1]]  # before each layer; the last of the library's is after the final norm
    assert said.norm_by_layer[:-1] == pytest.approx([np.linalg.norm(s[-1]) for s in states[1:]], rel=1e-5)
    assert said.last_token == lab.text_of(int(lab.tokens(PROMPT)[-1]))
    assert said.embedding_norm == pytest.approx(np.linalg.norm(states[0][-1]), rel=1e-5)
    cosines = [float(a[-1] @ b[-1] / np.linalg.norm(a[-1]) / np.linalg.norm(b[-1])) for a, b in pairwise(states)]
    assert said.cosine_by_layer[:-1] == pytest.approx(cosines, abs=1e-5)
    assert len(said.norm_by_layer) == len(said.cosine_by_layer) == lab.n_layers
    grid = outcome.figures[2]
    assert isinstance(grid, Heatmap)
    assert grid.values[0] == pytest.approx([math.log10(np.linalg.norm(row)) for row in states[1]], abs=1e-5)
    assert math.log10(said.largest_norm) == pytest.approx(max(v or 0.0 for row in grid.values for v in row), abs=1e-6)


def test_a_layer_that_adds_nothing_does_not_turn_the_stream(lab: Lab) -> None:
    with lab.editing(*(lab.edit(site, "zero", layer=1) for site in ("attn_out", "mlp_out"))):
        said = facts(lab, "residual_stream", prompt=PROMPT)
    assert said.cosine_by_layer[1] == pytest.approx(1.0, abs=1e-6)
    assert said.cosine_by_layer[1] <= 1, "which rounding does not put above 1"
    assert said.norm_by_layer[1] == said.norm_by_layer[0]


def test_a_stream_of_no_length_has_no_growth_and_no_direction() -> None:
    model = copy.deepcopy(tiny_model("llama"))
    lab = tiny_lab("llama", model)
    model.model.embed_tokens.weight.data[lab.token_id(" cat")] = 0
    outcome = do(lab, "residual_stream", prompt="The cat")
    said: Any = outcome.facts
    assert (said.embedding_norm, said.growth) == (0, None)
    assert said.cosine_by_layer[0] == 0
    assert facts(lab, "embedding_slice", prompt=" cat", stop=8, max_new_tokens=1).lost_share == 0
    with lab.editing(*(lab.edit("resid_post", "zero", layer=layer) for layer in range(3))):
        grid: Any = do(lab, "residual_stream", prompt="The cat").figures[2]
    assert {v for row in grid.values for v in row} == {None}


def test_a_pattern_too_large_to_be_sent_is_refused_before_it_is_made(monkeypatch: pytest.MonkeyPatch) -> None:
    from engine.experiments import attention_pattern
    from engine.lab import dry
    from engine.protocol import LINE_LIMIT

    worst = len("-1.2345678901234567e-05,") + len("0.0,")  # of a pair of cells, one each side of the diagonal
    assert attention_pattern.MOST**2 / 2 * worst < 0.9 * LINE_LIMIT
    monkeypatch.setattr(attention_pattern, "MOST", 13)
    lab = tiny_lab("llama", report=dry)
    with pytest.raises(BadParameter, match="prompt has 14 tokens; it must be at most 13 here") as error:
        do(lab, "attention_pattern", prompt=PROMPT, layer=0, head=0)
    assert error.value.parameter == "prompt"


def test_attention_pattern(family: str) -> None:
    from transformers import AutoModelForCausalLM

    from tests.engine.tiny import tiny_folder

    lab = tiny_lab(family)
    eager = AutoModelForCausalLM.from_pretrained(tiny_folder(family), attn_implementation="eager").eval()
    tokens = lab.tokens(PROMPT)
    with torch.inference_mode():
        theirs = eager(tokens[None], output_attentions=True).attentions[1][0, 2].double().numpy()
    outcome = do(lab, "attention_pattern", prompt=PROMPT, layer=1, head=2)
    said: Any = outcome.facts
    (figure,) = outcome.figures
    assert isinstance(figure, Heatmap)
    pattern: Any = np.array(figure.values)
    assert pattern == pytest.approx(theirs, abs=1e-5)
    assert pattern.sum(-1) == pytest.approx(np.ones(len(tokens)), abs=1e-5)
    assert not np.triu(pattern, 1).any(), "nobody sees the future"

    n = len(tokens)
    assert said.sink_fraction == pytest.approx(np.mean([theirs[i, 0] for i in range(1, n)]), abs=1e-5)
    assert said.previous_token_score == pytest.approx(np.mean([theirs[i, i - 1] for i in range(1, n)]), abs=1e-5)
    kinds = [np.mean([theirs[i, key(i)] for i in range(2, n)]) for key in (lambda i: 0, lambda i: i - 1, lambda i: i)]
    assert [said.to_first, said.to_previous, said.to_itself] == pytest.approx(kinds, abs=1e-5)
    assert said.to_others == pytest.approx(1 - sum(kinds), abs=1e-5)
    rows = [-sum(p * math.log2(p) for p in row if p > 0) for row in theirs]
    assert said.pattern_entropy_bits == pytest.approx(np.mean(rows), abs=1e-4)
    assert said.last_key == figure.columns[int(theirs[-1].argmax())] == lab.text_of(int(tokens[theirs[-1].argmax()]))
    assert said.last_key_weight == pytest.approx(theirs[-1].max(), abs=1e-5)


def test_a_head_made_to_look_back_by_one_is_a_previous_token_head(lab: Lab) -> None:
    n = len(lab.tokens(PROMPT))
    back = torch.eye(n).roll(-1, -1)
    back[0] = torch.eye(n)[0]
    with lab.editing(lab.edit("pattern", "replace", layer=1, head=2, value=back)):
        said = facts(lab, "attention_pattern", prompt=PROMPT, layer=1, head=2)
    assert (said.previous_token_score, said.pattern_entropy_bits) == (1, pytest.approx(0, abs=1e-9))
    assert said.sink_fraction == pytest.approx(1 / (n - 1))
    assert (said.to_first, said.to_previous, said.to_itself, said.to_others) == (0, 1, 0, 0)


def test_one_token_has_nothing_before_it(lab: Lab) -> None:
    said = facts(lab, "attention_pattern", prompt=" Mary", layer=0, head=0)
    assert (said.sink_fraction, said.previous_token_score, said.last_key) == (None, None, " Mary")
    two = facts(lab, "attention_pattern", prompt=" Mary and", layer=0, head=0)
    assert two.sink_fraction == two.previous_token_score, "with two tokens, the first is the one before"
    assert {two.to_first, two.to_previous, two.to_itself, two.to_others} == {None}


# --- direct_logit_attribution ---------------------------------------------------------------------------------------


def test_the_parts_sum_to_the_logit_difference(lab: Lab) -> None:
    said = facts(lab, "direct_logit_attribution", **PAIR)
    with torch.inference_mode():
        logits = lab.model(lab.tokens(PROMPT)[None]).logits[0, -1]
    mary, john = lab.pair(" Mary", " John")
    assert said.logit_diff == pytest.approx(float(logits[mary] - logits[john]), abs=1e-5)
    assert said.from_embedding + said.from_bias + sum(said.by_layer) == pytest.approx(said.logit_diff, abs=1e-4)
    assert said.by_layer == pytest.approx(
        [a + m for a, m in zip(said.attention_by_layer, said.mlp_by_layer, strict=True)]
    )
    assert abs(said.unexplained) < 1e-4
    assert (said.from_bias == 0) == (lab.anatomy.family == "llama")


def test_heads_and_the_bias_of_their_projection_sum_to_the_attention(lab: Lab) -> None:
    from engine.weights import heads_out

    outcome = do(lab, "direct_logit_attribution", **PAIR)
    said: Any = outcome.facts
    grid: Any = outcome.figures[1]
    trace = lab.forward(lab.tokens(PROMPT), read=["z", "attn_out"])
    for layer in range(lab.n_layers):
        bias = lab.model.get_submodule(lab.anatomy.spot("z", layer)[0]).bias
        whole = heads_out(lab, layer, trace["z", layer][-1]).sum(0) + (0 if bias is None else bias)
        assert torch.allclose(whole, trace["attn_out", layer][-1], atol=1e-5)
        if bias is None:
            assert sum(grid.values[layer]) == pytest.approx(said.attention_by_layer[layer], abs=1e-5)
    cells = {(r, c): v for r, row in enumerate(grid.values) for c, v in enumerate(row)}
    assert cells[said.top_head_layer, said.top_head] == said.top_head_value == max(cells.values())
    assert cells[said.worst_head_layer, said.worst_head] == said.worst_head_value == min(cells.values())


def test_what_the_last_layer_gives_is_what_goes_with_it_while_the_scale_holds_still(lab: Lab) -> None:
    """Take the last MLP away and hold the final norm's scale: the difference falls by exactly what it gave."""
    said = facts(lab, "direct_logit_attribution", **PAIR)
    last, tokens, (mary, john) = lab.n_layers - 1, lab.tokens(PROMPT), lab.pair(" Mary", " John")
    trace = lab.forward(tokens, read=[("resid_post", last), ("mlp_out", last)])
    state, part = trace["resid_post", last][-1], trace["mlp_out", last][-1]
    norm = lab.model.get_submodule(lab.anatomy.place("ln_final").path)
    rms = lab.anatomy.family == "llama"
    scale = (state.pow(2).mean() + norm.variance_epsilon if rms else state.var(unbiased=False) + norm.eps).rsqrt()
    rest = state - part
    normed = (rest if rms else rest - rest.mean()) * scale * norm.weight + (0 if rms else norm.bias)
    logits = lab.model.lm_head(normed)
    assert said.logit_diff - said.mlp_by_layer[last] == pytest.approx(float(logits[mary] - logits[john]), abs=1e-4)


def test_both_ways_round_give_opposite_parts(lab: Lab) -> None:
    there = facts(lab, "direct_logit_attribution", **PAIR)
    back = facts(lab, "direct_logit_attribution", prompt=PROMPT, answer=" John", distractor=" Mary")
    assert back.by_layer == pytest.approx([-v for v in there.by_layer], abs=1e-9)
    assert (back.worst_head_layer, back.worst_head) == (there.top_head_layer, there.top_head)


# --- induction_heads ------------------------------------------------------------------------------------------------


def test_induction_scores_and_losses(lab: Lab) -> None:
    lab.seed(5)
    from engine.experiments.induction_heads import random_tokens

    copies = [random_tokens(lab, 7) for _ in range(2)]
    outcome = do(lab, "induction_heads", 5, length=7, n=2)
    said: Any = outcome.facts
    scores, first, second = np.zeros((lab.n_layers, lab.n_heads)), [], []
    for drawn in copies:
        assert len(set(drawn.tolist())) == 7
        assert not set(drawn.tolist()) & set(lab.tokenizer.all_special_ids)
        tokens = torch.cat([drawn, drawn])
        trace = lab.forward(tokens, read=["pattern"])
        logs = trace.logits.log_softmax(-1)
        for layer in range(lab.n_layers):
            for head in range(lab.n_heads):
                pattern = trace["pattern", layer][head]
                scores[layer, head] += sum(float(pattern[7 + i, i + 1]) for i in range(7)) / 7 / 2
        first += [-float(logs[i - 1, tokens[i]]) for i in range(1, 7)]
        second += [-float(logs[i - 1, tokens[i]]) for i in range(8, 14)]
    assert said.first_half_loss == pytest.approx(np.mean(first), abs=1e-5)
    assert said.second_half_loss == pytest.approx(np.mean(second), abs=1e-5)
    grid, curve = outcome.figures
    assert isinstance(grid, Heatmap)
    assert np.array(grid.values) == pytest.approx(scores, abs=1e-5)
    assert (said.top_layer, said.top_head) == divmod(int(scores.argmax()), lab.n_heads)
    assert said.top_score == pytest.approx(scores.max(), abs=1e-5)
    assert isinstance(curve, Curve)
    assert len(curve.x) == 13


@pytest.mark.parametrize("bos", [False, True])
def test_a_head_made_to_induce_is_found(lab: Lab, bos: bool) -> None:
    """One head's pattern is replaced by that of a perfect induction head; it scores 1 and no other does."""
    length, skip = 6, int(bos)
    perfect = torch.eye(2 * length + skip)
    for i in range(length):
        perfect[skip + length + i] = torch.eye(len(perfect))[skip + i + 1]
    with lab.editing(lab.edit("pattern", "replace", layer=2, head=3, value=perfect)):
        said = facts(lab, "induction_heads", length=length, n=2, bos=bos)
    assert (said.top_layer, said.top_head, said.top_score) == (2, 3, 1.0)


def test_two_copies_must_fit(lab: Lab) -> None:
    with pytest.raises(BadParameter, match=r"^length = 33 is out of range; two copies must fit the 64 tokens") as error:
        do(lab, "induction_heads", length=33)
    assert error.value.parameter == "length"


# --- parameters that may be none ------------------------------------------------------------------------------------


def test_a_size_of_the_model_bounds_a_parameter_that_may_be_none(lab: Lab) -> None:
    page = experiment("weight_matrix")
    assert {"layer", "head"} == set(page.parameters.below())
    assert page.ranges()["head"] == "a whole number from 0 to heads - 1 (optional)"
    with pytest.raises(BadParameter, match=r"^head = 4 is out of range; tiny-.* has heads 0 to 3$"):
        do(lab, "weight_matrix", matrix="q", head=4)
    with pytest.raises(BadParameter, match=r"^head = -1 is out of range; it must be a whole number from 0 to"):
        do(lab, "weight_matrix", matrix="q", head=-1)


# --- the model that is always there ----------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def real(smollm2: Path) -> Lab:
    from transformers import AutoModelForCausalLM, AutoTokenizer

    return Lab(AutoModelForCausalLM.from_pretrained(smollm2), AutoTokenizer.from_pretrained(smollm2), "smollm2-135m")


def test_the_induction_head_of_the_real_model(real: Lab) -> None:
    said = facts(real, "induction_heads", n=2)
    assert (said.top_layer, said.top_head) == (18, 6)
    assert said.top_score == pytest.approx(0.90, abs=0.02)
    assert said.first_half_loss > 13
    assert said.second_half_loss < 4


def test_the_special_tokens_of_the_real_model_are_never_drawn(real: Lab) -> None:
    from engine.experiments.induction_heads import random_tokens

    every = set(random_tokens(real, real.n_vocab).tolist())
    assert every == set(range(17, real.n_vocab)), "17 of them, most without a role: <repo_name>, <jupyter_code>, ..."


def test_the_name_mover_of_the_real_model(real: Lab) -> None:
    said = facts(real, "direct_logit_attribution", **PAIR)
    assert said.logit_diff == pytest.approx(6.12, abs=0.02)
    assert abs(said.unexplained) < 1e-4
    assert (said.top_head_layer, said.top_head) == (23, 3)
    assert said.top_head_value == pytest.approx(2.86, abs=0.05)
    looks = facts(real, "attention_pattern", prompt=PROMPT, layer=23, head=3)
    assert looks.sink_fraction > 0.5


def test_the_real_model_keeps_a_huge_state_at_the_first_token(real: Lab) -> None:
    outcome = do(real, "residual_stream", prompt=PROMPT)
    grid: Any = outcome.figures[2]
    assert grid.values[15][0] - grid.values[15][5] > 1.5, "more than thirty times as long"
    said = facts(real, "residual_noise", prompt=PROMPT, layer=15, sigma=0.01, max_new_tokens=1)
    assert said.residual_rms < 10, "which the unit of the noise is not taken in by"
    assert said.base_top == said.tweak_top == " Mary"
