"""The logit lens: when does the model know.

The residual stream grows layer by layer, and only its last state is turned into logits. The logit lens does that to
every layer's state: the final norm, then the unembedding, as if the model stopped there. (The idea is
nostalgebraist's, 2020.) The last row is what the model really says. Early rows can be read, but the model was never
trained to make them readable.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from pydantic import Field

from engine.experiments.base import Count, FactSet, Layer, Outcome, ParameterSet, Probability, Prompt, Token
from engine.figures import Curve, Heatmap, Series, shown

if TYPE_CHECKING:
    from engine.lab import Lab

NEEDS = ()


class Parameters(ParameterSet):
    prompt: Prompt
    answer: Token | None = Field(default=None, description="the token to follow; the final token if not given")


class Facts(FactSet):
    final_token: str = Field(description="what the model says in the end")
    final_prob: Probability = Field(description="its probability in the end")
    first_layer_top: Layer = Field(description="first layer from which the final token stays on top")
    depth_top: float = Field(ge=0, le=1, description="the same as a share of the way: 0 first layer, 1 last")
    n_layers: Count = Field(description="layers of this model")
    answer_rank_by_layer: list[int] = Field(description="after each layer: tokens above the answer (0 = top)")


def run(lab: Lab, p: Parameters) -> Outcome:
    tokens = lab.tokens(p.prompt, bos=p.bos)
    wanted = lab.token_id(p.answer, parameter="answer") if p.answer is not None else None
    trace = lab.forward(tokens, read=["resid_post"], keep=1)
    final = int(trace.logits[-1].argmax())
    answer = final if wanted is None else wanted

    text_of = cache(lab.text_of)  # the same few tokens come again and again
    texts = [text_of(int(token)) for token in tokens]  # [position]
    tops: list[int] = []  # [layer]: the top token's id at the last position
    cells: list[list[str]] = []  # [layer][position]: the top token
    probs: list[list[float]] = []  # [layer][position]: its probability
    ranks: list[int] = []  # [layer]: tokens above the answer at the last position
    for layer in range(lab.n_layers):
        resid = trace["resid_post", layer]  # [position, d_model]
        logits = lab.unembed(resid)  # [position, n_vocab]: the final norm, then the unembedding
        best = logits.softmax(-1).max(-1)
        tops.append(int(best.indices[-1]))
        cells.append([text_of(int(i)) for i in best.indices])
        probs.append(best.values.tolist())
        ranks.append(int((logits[-1] > logits[-1, answer]).sum()))
        lab.progress("reading layers", layer + 1, lab.n_layers, "layers")
        lab.partial(lambda: heatmap(lab, texts, cells, probs))

    stays = lab.n_layers - 1  # first layer from which the final token stays on top
    while stays > 0 and tops[stays - 1] == final:
        stays -= 1
    facts = Facts(
        final_token=lab.text_of(final),
        final_prob=trace.logits[-1].softmax(-1)[final].item(),
        first_layer_top=stays,
        depth_top=stays / max(1, lab.n_layers - 1),
        n_layers=lab.n_layers,
        answer_rank_by_layer=ranks,
    )
    return Outcome(facts, [heatmap(lab, texts, cells, probs), curve(lab, ranks, answer)])


def heatmap(lab: Lab, texts: list[str], cells: list[list[str]], probs: list[list[float]]) -> Heatmap:
    """What each layer would say at each position; layers that were not read yet are empty."""
    later = range(len(cells), lab.n_layers)
    values: list[list[float | None]] = [list(row) for row in probs]
    values += [[None] * len(texts) for _ in later]
    return Heatmap(
        title="What each layer would say next",
        note="Each cell: the top token if the model stopped after this layer. The last row is what it says.",
        row_name="layer",
        column_name="after",
        rows=[str(layer) for layer in range(lab.n_layers)],
        columns=texts,
        values=values,
        cells=[*cells, *([""] * len(texts) for _ in later)],
        value_name="probability of the top token",
    )


def curve(lab: Lab, ranks: list[int], answer: int) -> Curve:
    """How many tokens score above the answer, layer by layer."""
    token = f"“{shown(lab.text_of(answer))}”"
    return Curve(
        title=f"Where {token} stands, layer by layer",
        note=f"How many tokens score above {token} at the last position; 0 = it is on top.",
        x_name="layer",
        x=[str(layer) for layer in range(lab.n_layers)],
        y_name=f"tokens above {token}",
        series=[Series(values=list(ranks))],
        log=True,  # from tens of thousands to 0: on a plain axis the last layers, where it is decided, would be a flat line
    )
