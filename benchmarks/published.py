"""Our experiments against figures that others have published, on the weights they used, where these can be had.

    make published        or        python -m benchmarks.published [--offline]

GPT-2's weights come from the Hugging Face cache or the network; where they cannot be had, its part is skipped in one line.
What needs no weights (sizes) and what holds for any model (hooks against the plain model) always runs. Ends with 1 where
a figure does not hold. Not held here: the averages of ROME (Meng et al. 2022), which need its set of facts.
"""

from __future__ import annotations

import argparse
import itertools
import os
import random
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from statistics import mean
from typing import Any

os.environ.setdefault("TQDM_DISABLE", "1")

import torch

from benchmarks.machine import line
from engine import budget, fetch
from engine.anatomy import anatomy_of
from engine.errors import ModelUnavailable
from engine.figures import columns
from engine.lab import Lab
from engine.models import Shelf
from engine.protocol import DEFAULT_MODEL
from tests.engine.doing import do

TL_DEMO = [
    ("When John and Mary went to the shops,{} gave the bag to", " Mary", " John"),
    ("When Tom and James went to the park,{} gave the ball to", " Tom", " James"),
    ("When Dan and Sid went to the shops,{} gave an apple to", " Dan", " Sid"),
    ("After Martin and Amy went to the park,{} gave a drink to", " Martin", " Amy"),
]
"""The prompts of TransformerLens' exploratory analysis, each read with either name as the giver: 8 in all."""
IOI = [
    "Then, {} and {} went to the {place}. {S} gave a {thing} to",
    "Then, {} and {} had a lot of fun at the {place}. {S} gave a {thing} to",
    "Then, {} and {} were working at the {place}. {S} decided to give a {thing} to",
    "Then, {} and {} were thinking about going to the {place}. {S} wanted to give a {thing} to",
    "After {} and {} went to the {place}, {S} gave a {thing} to",
    "When {} and {} got a {thing} at the {place}, {S} decided to give it to",
    "While {} and {} were working at the {place}, {S} gave a {thing} to",
    "Afterwards, {} and {} went to the {place}. {S} gave a {thing} to",
    "Friends {} and {} found a {thing} at the {place}. {S} gave it to",
]
"""Templates of the kind that Wang et al. (2022) use."""
NAMES = "Mary John Tom James Dan Martin Amy Michael David Sarah Anna Kate Mark Paul Alice Laura Peter Steven".split()
PLACES = "store garden restaurant school hospital office house station".split()
THINGS = "ring kiss bone basketball computer necklace drink snack".split()


@dataclass(frozen=True)
class Row:
    """One published figure, what we find, and whether the two go together."""

    what: str
    published: str
    ours: str
    holds: bool


def within(what: str, published: float, ours: float, by: float) -> Row:
    return Row(what, f"{published:g} ± {by:g}", f"{ours:.4g}", abs(published - ours) <= by)


# --- GPT-2 small ------------------------------------------------------------------------------------------------------


def demo(lab: Lab) -> Iterator[tuple[str, str, str]]:
    """(prompt, answer, distractor): the giver is not the answer."""
    for text, first, second in TL_DEMO:
        for answer, giver in ((first, second), (second, first)):
            yield text.format(giver), answer, giver


def ioi(n: int) -> Iterator[tuple[str, str, str]]:
    luck = random.Random(0)
    for template in itertools.islice(itertools.cycle(IOI), n):
        giver, other = luck.sample(NAMES, 2)
        two = luck.sample([giver, other], 2)
        prompt = template.format(*two, S=giver, place=luck.choice(PLACES), thing=luck.choice(THINGS))
        yield prompt, f" {other}", f" {giver}"


def gpt2(lab: Lab) -> Iterator[Row]:
    """Wang et al. 2022; the demo of TransformerLens; Olsson et al. 2022 for induction heads."""
    top = do(lab, "next_token", prompt="The Eiffel Tower is in the city of").facts
    yield Row("The Eiffel Tower is in the city of", "' Paris'", repr(top.top_token), top.top_token == " Paris")  # type: ignore[attr-defined]

    base, without, direct = [], [], []
    for prompt, answer, giver in demo(lab):
        said: Any = do(lab, "direct_logit_attribution", prompt=prompt, answer=answer, distractor=giver, bos=True)
        base.append(said.facts.logit_diff)
        direct.append(torch.tensor(said.figures[1].values))
        tokens, (a, d) = lab.tokens(prompt, bos=True), lab.pair(answer, giver)
        silence = lab.edit("z", "zero", layer=9, head=9, positions=[len(tokens) - 1])
        logits = lab.forward(tokens, edits=[silence], keep=1).logits[-1]
        without.append(float(logits[a] - logits[d]))
    yield within("logit difference, 8 prompts of TransformerLens", 3.5519, mean(base), 1e-3)
    yield within("the same without head 9.9 at the last position", 2.99, mean(without), 0.01)
    yield among("heads that give most directly", {"9.9", "9.6", "10.0"}, torch.stack(direct).mean(0), 3, largest=True)
    yield among("heads that take most away", {"10.7", "11.10"}, torch.stack(direct).mean(0), 2, largest=False)

    diffs = []
    for prompt, answer, giver in ioi(200):
        logits = lab.forward(lab.tokens(prompt), keep=1).logits[-1]
        a, d = lab.pair(answer, giver)
        diffs.append(float(logits[a] - logits[d]))
    yield within("mean logit difference, 200 prompts of the kind", 3.56, mean(diffs), 0.6)
    right = mean(d > 0 for d in diffs)
    yield Row("share with the right name above", "99.3%, here at least 97%", f"{right:.1%}", right >= 0.97)

    heads: Any = do(lab, "induction_heads", n=8, bos=True).figures[0]
    yield among("induction heads", {"5.1", "5.5", "6.9", "7.2", "7.10"}, torch.tensor(heads.values), 5, largest=True)
    text = "The quick brown fox jumps over the lazy dog, and then it goes on to sleep in the warm sun by the river."
    looks: Any = do(lab, "attention_pattern", prompt=text, layer=4, head=11, bos=True).facts
    looks = looks.previous_token_score
    yield Row("head 4.11 looks at the token before", "yes, here more than half", f"{looks:.2f}", looks > 0.5)


def among(what: str, published: set[str], values: torch.Tensor, n: int, *, largest: bool) -> Row:
    """Whether the n heads at one end of values [layer, head] are the published ones."""
    order = values.flatten().topk(n, largest=largest).indices.tolist()
    found = [f"{i // values.shape[1]}.{i % values.shape[1]}" for i in order]
    return Row(what, " ".join(sorted(published)), " ".join(found), set(found) == published)


# --- what holds for any model, and what needs none --------------------------------------------------------------------


def floors(lab: Lab) -> Iterator[Row]:
    """The hooked model against the plain one: the differences that TransformerLens allows itself."""
    tokens = lab.tokens("When Mary and John went to the store, John gave a drink to")
    for name, allowed, read in (("eager", 5e-5, ["pattern"]), ("sdpa", 5e-4, ["z"])):
        before = lab.model.config._attn_implementation
        lab.model.set_attn_implementation(name)
        with torch.inference_mode():
            plain = lab.model(tokens[None]).logits[0]
        ours = lab.forward(tokens, read=read).logits
        lab.model.set_attn_implementation(before)
        far = float((ours - plain).abs().max())
        yield Row(
            f"{lab.name} with hooks against without, {name}", f"at most {allowed:g}", f"{far:.1e}", far <= allowed
        )


def sizes() -> Iterator[Row]:
    """Llama-2-7B from its configuration alone."""
    from transformers import LlamaConfig

    config = LlamaConfig(intermediate_size=11008, max_position_embeddings=4096)  # the rest are its defaults
    need = budget.need_of(config, anatomy_of(config))
    weights = replace(need, n_kv=0, n_work=0, n_largest=0)
    yield within("Llama-2-7B, billions of parameters", 6.74, need.n_parameters / 1e9, 0.005)
    yield within("its weights in 16 bits, GiB", 12.55, weights.bytes("bfloat16") / 2**30, 0.01)
    packed = weights.bytes("nf4") / 2**30
    yield Row("its weights in NF4, GiB", "3.6 to 3.9", f"{packed:.2f}", 3.55 <= packed <= 3.95)
    yield within("keys and values, MiB a token", 0.5, 2 * need.n_kv / budget.CONTEXT / 2**20, 0.001)


def main() -> None:
    parser = argparse.ArgumentParser(description="our experiments against published figures")
    parser.add_argument("--offline", action="store_true", help="take models from this machine only")
    args = parser.parse_args()
    shelf = Shelf("cpu", None, fetch.cache_dir())
    rows: list[Row] = list(sizes())
    parts: list[tuple[str, Callable[[Lab], Iterator[Row]]]] = [
        (DEFAULT_MODEL, floors),
        ("gpt2", floors),
        ("gpt2", gpt2),
    ]
    skipped = {}
    for name, ask in parts:
        try:
            held = shelf.get(name, lambda event: None, online=not args.offline)
        except ModelUnavailable as error:
            skipped[name] = str(error)
            continue
        rows += ask(Lab(held.model, held.tokenizer, name))
    print(line("torch", "transformers"))
    print(
        columns(["", "published", "ours", ""], [[r.what, r.published, r.ours, "ok" if r.holds else "NO"] for r in rows])
    )
    for name, why in skipped.items():
        print(f"skipped {name}: {why}")
    sys.exit(not all(r.holds for r in rows))


if __name__ == "__main__":
    torch.set_grad_enabled(False)
    main()
