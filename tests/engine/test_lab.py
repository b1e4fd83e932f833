"""The bench itself: text and tokens, runs, generation, seeds, what it refuses, and how it tells how far it is."""

from __future__ import annotations

import copy
import math
from typing import Any

import pytest
import torch
from tokenizers import Tokenizer, decoders, models, normalizers
from transformers import PreTrainedTokenizerFast

from engine.errors import BadParameter, Cancelled, EngineError
from engine.experiments import Experiment, catalogue, experiment
from engine.figures import Texts
from engine.lab import Lab
from engine.measures import kl_bits
from engine.protocol import Progress, Sketch
from engine.writer import Written
from tests.engine.doing import difference, do, some_values
from tests.engine.tiny import END, PROMPT, tiny_lab, tiny_model

SHORT = "The cat sat on the mat"


# --- text and tokens ------------------------------------------------------------------------------------------------


def test_tokens_and_their_text(lab: Lab) -> None:
    tokens = lab.tokens(PROMPT)
    assert tokens.ndim == 1
    assert lab.text_of(tokens) == PROMPT
    assert [lab.text_of(int(t)) for t in tokens[:3]] == ["When", " Mary", " and"]


def test_bos_is_added_only_when_asked_for(lab: Lab) -> None:
    plain, marked = lab.tokens(SHORT), lab.tokens(SHORT, bos=True)
    assert marked.tolist() == [lab.tokenizer.bos_token_id, *plain.tolist()]


def test_bos_of_a_tokenizer_that_has_none() -> None:
    lab = tiny_lab("gpt2")
    lab.tokenizer.bos_token = None
    with pytest.raises(BadParameter, match=r"no beginning-of-sequence token") as error:
        lab.tokens(SHORT, bos=True)
    assert error.value.parameter == "bos"


def test_an_empty_prompt(lab: Lab) -> None:
    with pytest.raises(BadParameter, match=r"prompt is empty"):
        lab.tokens("")


def test_a_prompt_longer_than_the_context_names_both_lengths(lab: Lab) -> None:
    assert len(lab.tokens(" the" * 64)) == 64
    with pytest.raises(BadParameter, match=r"prompt has 65 tokens; tiny-.* reads at most 64"):
        lab.tokens(" the" * 65)
    with pytest.raises(BadParameter, match=r"corrupt has 65"):
        lab.tokens(" the" * 64, bos=True, parameter="corrupt")


def test_an_answer_of_several_tokens_shows_them(lab: Lab) -> None:
    assert lab.text_of(lab.token_id(" Mary")) == " Mary"
    with pytest.raises(BadParameter, match=r"answer = ' Mary John' is 2 tokens, not one: ' Mary' [+] ' John'") as error:
        lab.pair(" Mary John", " John")
    assert error.value.parameter == "answer"
    with pytest.raises(BadParameter, match=r"distractor = .* is 2 tokens"):
        lab.pair(" John", " John Mary")


def test_a_tokenizer_that_puts_a_space_of_its_own_in_front() -> None:
    """Llama-2's kind: `Mary` and ` Mary` must not be two tokens or lose their space."""
    merges = [("M", "a"), ("Ma", "r"), ("Mar", "y"), ("▁", "Mary"), ("▁", "a"), ("t", "o"), ("▁", "to")]
    words = ["▁", "M", "a", "r", "y", "t", "o", *(left + right for left, right in merges)]
    spaced = Tokenizer(models.BPE({word: i for i, word in enumerate(words)}, merges))
    spaced.normalizer = normalizers.Sequence([normalizers.Prepend("▁"), normalizers.Replace(" ", "▁")])
    spaced.decoder = decoders.Sequence([decoders.Replace("▁", " "), decoders.Fuse(), decoders.Strip(" ", 1, 0)])
    lab = Lab(tiny_model("llama"), PreTrainedTokenizerFast(tokenizer_object=spaced), "spaced")
    assert len(lab.tokenizer.encode(" Mary")) == 2
    assert lab.token_id(" Mary") == words.index("▁Mary")
    assert lab.text_of(words.index("▁Mary")) == " Mary"
    assert lab.text_of(lab.tokens("Mary to Mary")[1:]) == " to Mary"


# --- runs -----------------------------------------------------------------------------------------------------------


def test_several_texts_at_once_are_what_each_is_alone(lab: Lab) -> None:
    """A block returns a bare tensor: `output[0]` would take the first text for all."""
    both = torch.stack([lab.tokens(PROMPT), lab.tokens(PROMPT.replace("Mary", "cat"))])
    sites = lab.anatomy.sites
    together = lab.forward(both, read=sites, edits=[lab.edit("z", "zero", layer=1, head=1)])
    for row in range(2):
        alone = lab.forward(both[row], read=sites, edits=[lab.edit("z", "zero", layer=1, head=1)])
        torch.testing.assert_close(together.logits[row], alone.logits, atol=1e-5, rtol=1e-5)
        for site in sites:
            if site != "pos_embed":
                key: Any = (site, 1) if lab.anatomy.place(site).layered else site
                torch.testing.assert_close(together[key][row], alone[key], atol=1e-5, rtol=1e-5)


def test_keeping_the_last_logits_only(lab: Lab) -> None:
    tokens = lab.tokens(PROMPT)
    last = lab.forward(tokens, keep=1).logits
    assert last.shape == (1, lab.n_vocab)
    torch.testing.assert_close(last[-1], lab.forward(tokens).logits[-1])
    biased = lab.forward(tokens, keep=1, edits=[lab.edit("logits", "zero", positions=[len(tokens) - 1])])
    assert biased.logits.abs().max() == 0


def test_edits_show_after_the_library_has_put_its_own_hooks_in(family: str) -> None:
    """At the first `output_hidden_states=True` the library puts hooks in for good, and they do not see later edits."""
    lab = tiny_lab(family, copy.deepcopy(tiny_model(family)))
    tokens = lab.tokens(PROMPT)
    lab.model(tokens[None], output_hidden_states=True)
    edit = lab.edit("resid_post", "zero", layer=1)
    trace = lab.forward(tokens, edits=[edit], read=["resid_post", "resid_pre"])
    assert trace["resid_post", 1].abs().max() == 0
    assert trace["resid_pre", 2].abs().max() == 0


def test_unembedding_the_last_layer_gives_the_models_own_logits(lab: Lab) -> None:
    trace = lab.forward(lab.tokens(PROMPT), read=["resid_post"])
    torch.testing.assert_close(lab.unembed(trace["resid_post", 2]), trace.logits, atol=1e-5, rtol=1e-5)


def test_a_model_in_bfloat16_says_so_and_gives_float32_logits(family: str) -> None:
    lab = tiny_lab(family, copy.deepcopy(tiny_model(family)).to(torch.bfloat16))
    trace = lab.forward(lab.tokens(PROMPT), read=["pattern", "z"])
    assert lab.dtype == "bfloat16"
    assert trace.logits.dtype == torch.float32
    assert trace["pattern", 0].dtype == torch.bfloat16
    edit = lab.edit("resid_pre", "noise", layer=1, value=0.1)
    assert lab.forward(lab.tokens(PROMPT), edits=[edit]).logits.isfinite().all()


def test_in_bfloat16_the_logits_are_not_rounded(family: str) -> None:
    """Rounded they would have steps of 1/16 at 10: tokens would tie, and what a head does would be lost in a step."""
    lab = tiny_lab(family, copy.deepcopy(tiny_model(family)).to(torch.bfloat16))
    tokens = lab.tokens(PROMPT)
    trace = lab.forward(tokens, read=["ln_final", "resid_post"])
    rows = lab.module("logits").weight.float()  # [n_vocab, d_model]
    exact = trace["ln_final"].float() @ rows.T
    torch.testing.assert_close(trace.logits, exact, atol=1e-6, rtol=1e-5)
    torch.testing.assert_close(lab.unembed(trace["resid_post", 2]), exact, atol=1e-6, rtol=1e-5)
    torch.testing.assert_close(lab.writer(tokens, 2).logits[0], exact[-1], atol=1e-6, rtol=1e-5)
    silent = lab.edit("logits", "zero")
    assert lab.forward(tokens, edits=[silent]).logits.abs().max() == 0, "an edit of the logits is made after that"


# --- generation -----------------------------------------------------------------------------------------------------


def endless(family: str) -> Lab:
    """A bench whose model has no token that ends a text."""
    model = copy.deepcopy(tiny_model(family))
    model.generation_config.eos_token_id = None
    return tiny_lab(family, model)


def test_greedy_generation_is_that_of_transformers(family: str) -> None:
    lab = endless(family)
    tokens = lab.tokens(PROMPT)
    theirs = lab.model.generate(tokens[None], max_new_tokens=20, do_sample=False)[0, len(tokens) :]
    assert torch.equal(lab.generate(tokens, 20), theirs)


def test_generation_stops_after_the_token_that_ends_a_text(lab: Lab) -> None:
    end = lab.token_id(END)
    tokens = lab.tokens(SHORT)
    then = iter([5, end, 7])
    written = lab.generate(tokens, 10, pick=lambda logits: torch.tensor([next(then)]))
    assert written.tolist() == [5, end]
    assert lab.until_end(torch.tensor([5, 6, end, 7, end])).tolist() == [5, 6, end]
    assert lab.until_end(torch.tensor([5, 6])).tolist() == [5, 6]


def test_a_text_that_ended_goes_on_with_its_end_at_no_cost(lab: Lab) -> None:
    end, logs = lab.token_id(END), torch.randn(2, lab.n_vocab).log_softmax(-1)
    held = lab.hold_ended(torch.tensor([[5, end], [5, 6]]), logs)
    assert held[0, end] == 0
    assert (float(held[0].exp().sum()), int(held[0].argmax())) == (1, end)
    assert torch.equal(held[1], logs[1])
    assert lab.ended(torch.tensor([[5, end], [5, 6], [end, 6]])).tolist() == [True, False, True]


def test_more_tokens_than_the_model_reads(lab: Lab) -> None:
    tokens = lab.tokens(" the" * 60)
    assert len(lab.generate(tokens, 5, pick=lambda logits: torch.tensor([5]))) == 5, "the last one is not read any more"
    says = r"max_new_tokens = 6 is out of range; after a prompt of 60 tokens it must be from 1 to 5, as tiny-.* reads"
    with pytest.raises(BadParameter, match=f"{says} at most 64 tokens") as error:
        lab.generate(tokens, 6)
    assert error.value.parameter == "max_new_tokens"
    assert len(lab.generate(lab.tokens(" the" * 64), 1)) == 1, "what comes next can be asked of as much as it reads"
    with pytest.raises(BadParameter, match="a prompt of 1 token it"):
        lab.generate(lab.tokens(" the"), 65)


def test_texts_side_by_side_go_on_from_the_texts_they_are_told_to(family: str) -> None:
    lab = endless(family)
    tokens = lab.tokens(SHORT)
    writer = lab.writer(tokens, 3, copies=3)
    writer.append(torch.tensor([10, 20, 30]))
    writer.append(torch.tensor([11, 12, 13]), continues=torch.tensor([2, 0, 0]))
    assert writer.tokens.tolist() == [[30, 11], [10, 12], [10, 13]]
    for row in range(3):
        whole = lab.forward(torch.cat([tokens, writer.tokens[row]])).logits[-1]
        torch.testing.assert_close(writer.logits[row], whole, atol=1e-4, rtol=1e-4)


def test_two_texts_with_different_edits_are_written_in_turns(lab: Lab) -> None:
    tokens = lab.tokens(SHORT)
    silent, louder = lab.edit("z", "mean", layer=1, head=2), lab.edit("resid_post", "scale", layer=0, value=2.0)
    writers = [lab.writer(tokens, 5, edits=edits) for edits in ([], [silent], [louder])]
    for _ in range(5):
        for writer in writers:
            writer.append(writer.logits.argmax(-1))
    for writer, edits in zip(writers, ([], [silent], [louder]), strict=True):
        alone = lab.writer(tokens, 5, edits=edits)
        for _ in range(5):
            alone.append(alone.logits.argmax(-1))
        assert torch.equal(writer.tokens, alone.tokens)
        assert torch.equal(writer.logits, alone.logits)


def test_what_a_writer_read_of_its_prompt_stays(lab: Lab) -> None:
    tokens = lab.tokens(SHORT)
    writer = lab.writer(tokens, 3, read=["resid_post"])
    whole = lab.forward(tokens, read=["resid_post"])
    for _ in range(2):
        torch.testing.assert_close(writer.trace["resid_post", 1], whole["resid_post", 1], atol=1e-5, rtol=1e-5)
        torch.testing.assert_close(writer.trace.logits[-1], whole.logits[-1], atol=1e-5, rtol=1e-5)
        writer.append(torch.tensor([10]))


# --- seeds, measures ------------------------------------------------------------------------------------------------


def test_the_same_seed_draws_the_same(lab: Lab) -> None:
    p = torch.full((4, 50), 1 / 50)

    def draws(seed: int) -> list[int]:
        lab.seed(seed)
        return torch.cat([lab.draw(p), lab.draw(p)]).tolist()

    assert draws(3) == draws(3)
    assert draws(3) != draws(4)


def test_draws_follow_the_probabilities(lab: Lab) -> None:
    drawn = lab.draw(torch.tensor([[0.0, 0.25, 0.75]]).expand(4000, 3)).bincount(minlength=3) / 4000
    assert drawn[0] == 0
    assert drawn[1] == pytest.approx(0.25, abs=0.03)


def test_entropy_in_bits(lab: Lab) -> None:
    assert lab.entropy_bits(torch.zeros(64)) == pytest.approx(6.0)
    assert lab.entropy_bits(torch.tensor([0.0, 0.0, -math.inf])) == pytest.approx(1.0)
    assert lab.entropy_bits(torch.tensor([5.0, -math.inf])) == 0.0


def test_kl_in_bits_is_base_from_tweak() -> None:
    fair, biased = torch.tensor([0.5, 0.5]).log(), torch.tensor([0.875, 0.125]).log()
    assert kl_bits(fair, fair) == 0.0
    assert kl_bits(fair, biased) == pytest.approx(0.5 * math.log2(0.5 / 0.875) + 0.5 * math.log2(0.5 / 0.125), abs=1e-6)
    assert kl_bits(biased, fair) != pytest.approx(kl_bits(fair, biased), abs=1e-2)
    assert kl_bits(torch.tensor([0.0, -math.inf]), fair) == pytest.approx(1.0)


def test_base_and_tweak_without_an_edit_are_the_same(lab: Lab) -> None:
    tokens = lab.tokens(PROMPT)
    logits = lab.forward(tokens).logits[-1]
    facts, figures = lab.base_tweak(lab.writer(tokens, 5), lab.writer(tokens, 5), always=(" Mary", " John"))
    assert facts["kl_bits"] == 0
    assert facts["base_text"] == facts["tweak_text"] == lab.text_of(lab.generate(tokens, 5))
    assert facts["base_top"] == lab.text_of(int(logits.argmax()))
    assert facts["base_logit_diff"] == facts["tweak_logit_diff"] == pytest.approx(difference(lab, tokens), abs=1e-4)
    assert [f.kind for f in figures] == ["tokens", "texts", "table"]  # type: ignore[attr-defined]
    assert isinstance(figures[1], Texts)
    assert [t.name for t in figures[1].texts] == ["BASE", "TWEAK"]
    assert {" Mary", " John"} <= set(figures[0].runs[1].tokens)  # type: ignore[attr-defined]


def test_base_is_written_once_for_tries_that_differ_in_the_edit_alone(family: str) -> None:
    """And it is what would have been written anew, with the same luck for TWEAK."""
    heard: list[Any] = []
    kept = Written()

    def bench(**more: Any) -> Lab:
        heard.clear()
        return tiny_lab(family, report=heard.append, **more)

    def steps() -> list[int]:
        return [e.done for e in heard if isinstance(e, Progress) and e.label == "writing BASE"]

    values: dict[str, Any] = {**GOOD, "max_new_tokens": 6}
    for temperature, seed in ((0.0, 0), (1.5, 7)):
        values["temperature"] = temperature
        do(bench(written=kept), "head_scale", seed, **values, scale=2.0)
        assert len(steps()) > 1
        again = do(bench(written=kept), "head_scale", seed, **values, scale=-3.0)
        assert len(steps()) == 1, "told once, whole"
        assert again == do(bench(), "head_scale", seed, **values, scale=-3.0)
        assert len(steps()) > 1, "a bench without memory writes it itself"
    others: list[dict[str, Any]] = [{"temperature": 0.5}, {"max_new_tokens": 5}, {"prompt": SHORT}, {"bos": True}]
    for seed, other in ((8, {}), *((7, other) for other in others)):
        do(bench(written=kept), "head_scale", seed, **{**values, **other}, scale=2.0)
        assert len(steps()) > 1, other
    assert len(kept) == Written.FEW


def test_base_is_not_taken_from_before_where_an_edit_is_in_it(lab: Lab) -> None:
    values: dict[str, Any] = {**GOOD, "max_new_tokens": 4, "scale": 2.0}
    plain = do(lab, "head_scale", **values).facts
    with lab.editing(lab.edit("logits", "add", start=(token := lab.token_id(" Mary")), stop=token + 1, value=100)):
        edited: Any = do(lab, "head_scale", **values).facts
    assert edited.base_text == " Mary" * 4
    assert do(lab, "head_scale", **values).facts == plain


@pytest.mark.parametrize("page", catalogue(), ids=lambda page: page.name)
def test_what_is_not_a_number_is_not_made_one(page: Experiment) -> None:
    """Damaged weights, or numbers beyond the type: no fact is made of that, and none is 0 because max(0.0, nan) is."""
    if page.name in ("tokenize", "weight_matrix"):  # the model runs in neither
        return
    model = copy.deepcopy(tiny_model("llama"))
    model.model.layers[1].mlp.down_proj.weight.data[0, 0] = torch.nan
    with pytest.raises(EngineError, match="not finite: they grew beyond float32, or its weights are damaged"):
        do(tiny_lab("llama", model), page.name, **some_values(page))


def test_an_edit_that_takes_the_numbers_beyond_all_bounds_is_said_so(lab: Lab) -> None:
    with pytest.raises(EngineError, match="try a weaker one"):
        lab.forward(lab.tokens(SHORT), edits=[lab.edit("resid_post", "scale", layer=2, value=math.inf)])
    half = tiny_lab(lab.anatomy.family, copy.deepcopy(tiny_model(lab.anatomy.family)).to(torch.bfloat16))
    with pytest.raises(EngineError, match=r"grew beyond bfloat16, or its weights are damaged\. If .* a weaker one\.$"):
        half.forward(half.tokens(SHORT), edits=[half.edit("resid_post", "scale", layer=2, value=math.inf)])
    assert math.isnan(lab.entropy_bits(torch.tensor([0.0, math.nan])))
    assert math.isnan(kl_bits(torch.tensor([0.0, math.nan]), torch.tensor([0.0, 1.0])))


# --- what it refuses ------------------------------------------------------------------------------------------------

GOOD = {"prompt": PROMPT, "layer": 0, "head": 0, "answer": " Mary", "distractor": " John"}


@pytest.mark.parametrize(("name", "value", "has"), [("layer", 99, "layers 0 to 2"), ("head", 4, "heads 0 to 3")])
def test_layers_and_heads_that_the_model_does_not_have(lab: Lab, name: str, value: int, has: str) -> None:
    ablation = experiment("head_ablation")
    lab.check(ablation, ablation.parse(GOOD))
    with pytest.raises(BadParameter) as error:
        lab.check(ablation, ablation.parse({**GOOD, name: value}))
    assert str(error.value) == f"{name} = {value} is out of range; {lab.name} has {has}"
    assert error.value.parameter == name


def test_a_model_that_lacks_what_an_experiment_needs() -> None:
    import dataclasses

    lab = tiny_lab("llama")
    needy = dataclasses.replace(experiment("next_token"), needs=("heads", "learned_positions"))
    with pytest.raises(BadParameter, match=r"tiny-llama has no learned_positions, which next_token needs"):
        lab.check(needy, needy.parse({"prompt": "a"}))
    tiny_lab("gpt2").check(needy, needy.parse({"prompt": "a"}))


# --- how far it is, and stopping ------------------------------------------------------------------------------------


def test_a_run_tells_how_far_it_is() -> None:
    heard: list[Progress | Sketch | None] = []
    lab = tiny_lab("llama", report=heard.append)
    lab.generate(lab.tokens(SHORT), 4, pick=lambda logits: torch.tensor([5]))
    steps = [e for e in heard if isinstance(e, Progress)]
    assert [(e.done, e.total, e.unit) for e in steps] == [(k, 4, "tokens") for k in (1, 2, 3, 4)]
    assert None in heard


def test_a_run_can_be_cancelled_at_every_point_where_it_reports() -> None:
    def cancelled_after(n: int) -> bool:
        heard: list[Any] = []

        def report(event: Any) -> None:
            heard.append(event)
            if len(heard) > n:
                raise Cancelled("cancelled")

        lab = tiny_lab("llama", report=report)
        page = experiment("head_ablation")
        try:
            page.run(lab, page.parse({**GOOD, "max_new_tokens": 3}))
        except Cancelled:
            return True
        return False

    points = next(n for n in range(200) if not cancelled_after(n))
    assert points > 10
