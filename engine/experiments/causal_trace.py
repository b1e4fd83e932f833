"""Causal tracing: where a fact comes from.

The subject of a sentence is made unreadable, wherever it stands in the prompt: noise is added to the embeddings of its
tokens, and the model loses the answer. Then one value from the clean run is put back: at one position, in one layer or
a window of layers. Where that alone brings the answer back, the fact may pass through there; or the noise broke something
else that the place makes good, which noise on a word that does not matter shows as well: take that for a control, and
`bos` where the subject stands at the very beginning, where many heads rest. The effect of a place is the probability of
the answer with the clean value restored less the probability without, as a mean over several draws of noise. (The method
is that of Meng et al. 2022, "Locating and editing factual associations in GPT". They took ten draws, noise by the spread
of their subjects' embeddings, not of all, the state after a layer and, for attention and MLP, ten layers at once.)
"""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field

from engine.errors import BadParameter, brief
from engine.experiments.base import Count, FactSet, Layer, Outcome, ParameterSet, Probability, Prompt, Token, Unit
from engine.figures import Heatmap, cell_len
from engine.vocabulary import CUT

if TYPE_CHECKING:
    from torch import Tensor

    from engine.edits import Edit
    from engine.lab import Lab
    from engine.trace import Trace

NEEDS = ()


class Parameters(ParameterSet):
    prompt: Prompt
    subject: str = Field(
        min_length=1, description="the part of the prompt that is made unreadable, every time it comes"
    )
    answer: Token
    site: Literal["resid_pre", "attn_out", "mlp_out"] = Field(default="resid_pre", description="what is restored")
    window: int = Field(default=1, ge=1, le=32, description="layers restored together, around the layer of the cell")
    noise: Annotated[float, Field(gt=0, le=100, description="strength of the noise"), Unit("embedding std")] = 3.0
    samples: int = Field(default=5, ge=1, le=100, description="draws of noise the effect is a mean over")


class Facts(FactSet):
    clean_prob: Probability = Field(description="probability of the answer with the subject readable")
    corrupt_prob: Probability = Field(description="mean probability of the answer with noise on the subject")
    best_layer: Layer = Field(description="layer of the place that brings back the most")
    best_position: Count = Field(description="position of that place")
    best_token: str = Field(description="token at that position")
    best_effect: Annotated[float, Field(ge=-1, le=1, description="what it brings back"), Unit("probability")]
    subject_last: Count = Field(
        description="position of the subject's last token; where it comes several times, of the last one"
    )


def run(lab: Lab, p: Parameters) -> Outcome:
    from engine.sweeps import base_run, measured, probability, sweep

    tokens = lab.tokens(p.prompt, bos=p.bos)
    subject = positions_of(lab, tokens, p.subject, skip=int(p.bos))
    answer = lab.token_id(p.answer, parameter="answer")
    measure = probability(lab, answer)

    clean = lab.forward(tokens, read=[p.site], keep=1)  # the values to restore
    cells = [(layer, k) for layer in range(lab.n_layers) for k in range(subject[0], len(tokens))]
    restorations = [restoration(lab, p, clean, layer, k) for layer, k in cells]
    std = lab.module("embed").weight.float().std().item()

    corrupt_prob = 0.0
    effect = dict.fromkeys(cells, 0.0)
    before, after = subject[0], len(tokens) - subject[0]  # before the subject nothing differs: no effect, exactly
    grid: list[list[float | None]] = [[0.0] * before + [None] * after for _ in range(lab.n_layers)]
    for sample in range(p.samples):
        noise = lab.edit("embed", "noise", positions=subject, value=p.noise * std)
        base = base_run(lab, tokens, [noise])
        without = measured(base, measure)
        corrupt_prob += without
        label = f"restoring, noise {sample + 1} of {p.samples}"
        for indices, probs in sweep(lab, base, restorations, measure, label):
            for index, prob in zip(indices, probs, strict=True):
                effect[cells[index]] += prob - without
                layer, k = cells[index]
                grid[layer][k] = effect[layer, k] / (sample + 1)
            lab.partial(lambda: heatmap(lab, tokens, p, grid))

    best = max(cells, key=lambda cell: effect[cell])
    clean_prob = clean.logits[-1].softmax(-1)[answer].item()
    facts = Facts(
        clean_prob=clean_prob,
        corrupt_prob=corrupt_prob / p.samples,
        best_layer=best[0],
        best_position=best[1],
        best_token=lab.text_of(int(tokens[best[1]])),
        best_effect=effect[best] / p.samples,
        subject_last=subject[-1],
    )
    figure = heatmap(lab, tokens, p, grid)
    if clean_prob <= facts.corrupt_prob:
        figure = figure.model_copy(
            update={"note": "The noise took nothing from the answer: there is nothing to bring back."}
        )
    return Outcome(facts, [figure])


def restoration(lab: Lab, p: Parameters, clean: Trace, layer: int, position: int) -> list[Edit]:
    """The edits that put the clean values back at a position, in a window of layers around `layer`."""
    first, last = layer - p.window // 2, layer + (p.window + 1) // 2
    window = range(max(0, first), min(lab.n_layers, last))
    return [
        lab.edit(p.site, "replace", layer=i, positions=[position], value=clean[p.site, i][position]) for i in window
    ]


def positions_of(lab: Lab, tokens: Tensor, part: str, skip: int) -> list[int]:
    """The positions of all tokens that `part` is made of, from token `skip` on, at every place where it stands.

    It is looked for as whole words: "art" is not in "artist". Only where it stands nowhere as such, a part of a word
    will do. Raises BadParameter if it is not there at all.
    """
    text, whole, ends = lab.text_of(tokens), [0], []  # in characters: how many are whole, and begun, after each token
    for i in range(len(tokens)):
        so_far = lab.text_of(tokens[: i + 1])
        within = not text.startswith(so_far)  # it ends within a character, which then reads as another one
        whole.append(len(so_far.rstrip(CUT) if within else so_far))
        ends.append(whole[-1] + within)
    places = [match.span() for match in re.compile(re.escape(part)).finditer(text, whole[skip])]
    if not places:
        raise BadParameter("subject", f"subject = {brief(part)} is not in the prompt; it must be a part of it")
    words = [place for place in places if not any(splits_word(text, edge) for edge in place)]
    return [
        i for i in range(len(tokens)) if any(whole[i] < stop and ends[i] > start for start, stop in words or places)
    ]


def splits_word(text: str, at: int) -> bool:
    """Whether there are letters or digits of one word on both sides. Chinese or Japanese has no spaces between words."""
    sides = text[max(0, at - 1) : at + 1]
    return len(sides) == 2 and all(unicodedata.category(c)[0] in "LMN" and cell_len(c) < 2 for c in sides)


def heatmap(lab: Lab, tokens: Tensor, p: Parameters, grid: list[list[float | None]]) -> Heatmap:
    """What restoring each place brings back, as a mean over the noise drawn so far."""
    return Heatmap(
        title=f"What restoring {p.site} brings back",
        note=f"Probability of {p.answer.strip()} with the clean value at that place, less the probability without.",
        row_name="layer",
        column_name="position",
        rows=[str(layer) for layer in range(lab.n_layers)],
        columns=[lab.text_of(int(token)) for token in tokens],
        values=[list(row) for row in grid],
        value_name="change of the probability",
        signed=True,
    )
