"""Follow the residual stream through the layers.

The residual stream is one vector at each position. Each layer reads it and adds a vector of its own: one that points the
same way makes the stream longer, one that points against it makes it shorter. Two numbers a layer say what happens to
it: how long the vector is after the layer (its norm), and how far the layer turned it (the cosine between before and
after: 1 is the same direction). Both are given for the last position, from which the next token is read; the picture
has the norms at every position.
"""

from __future__ import annotations

from math import log10
from typing import TYPE_CHECKING

from pydantic import Field

from engine.experiments.base import FactSet, Outcome, ParameterSet, Prompt, clamp
from engine.figures import Curve, Heatmap, Series

if TYPE_CHECKING:
    from engine.lab import Lab

NEEDS = ()


class Parameters(ParameterSet):
    prompt: Prompt


class Facts(FactSet):
    last_token: str = Field(description="the token at the last position")
    embedding_norm: float = Field(ge=0, description="length of the stream before the first layer, last position")
    norm_by_layer: list[float] = Field(description="length of the stream after each layer, last position")
    cosine_by_layer: list[float] = Field(description="cosine of the stream before and after each layer, last position")
    growth: float | None = Field(
        ge=0, description="length after the last layer divided by length before the first; none where that is 0"
    )
    largest_norm: float = Field(ge=0, description="largest length of any token's stream after any layer, all positions")


def run(lab: Lab, p: Parameters) -> Outcome:
    from torch.nn.functional import cosine_similarity  # here, since it imports torch

    tokens = lab.tokens(p.prompt, bos=p.bos)
    trace = lab.forward(tokens, read=["resid_pre", "resid_post"], keep=1)

    norms: list[list[float]] = []  # [layer][position], after the layer
    cosines: list[float] = []  # [layer], last position
    for layer in range(lab.n_layers):
        before, after = trace["resid_pre", layer].float(), trace["resid_post", layer].float()  # [position, d_model]
        norms.append(after.norm(dim=-1).tolist())
        cosines.append(clamp(cosine_similarity(before[-1], after[-1], dim=0).item(), -1))

    start = trace["resid_pre", 0][-1].float().norm().item()
    facts = Facts(
        last_token=lab.text_of(int(tokens[-1])),
        embedding_norm=start,
        norm_by_layer=[row[-1] for row in norms],
        cosine_by_layer=cosines,
        growth=norms[-1][-1] / start if start != 0 else None,
        largest_norm=max(max(row) for row in norms),
    )
    layers = [str(layer) for layer in range(lab.n_layers)]
    length = Curve(
        title="Length of the residual stream at the last position",
        x_name="layer",
        x=layers,
        y_name="norm",
        series=[Series(values=list(facts.norm_by_layer))],
    )
    turn = Curve(
        title="How far each layer turns it",
        note="The cosine between before and after the layer. 1: the same direction; 0: at right angles.",
        x_name="layer",
        x=layers,
        y_name="cosine",
        series=[Series(values=list(cosines))],
    )
    everywhere = Heatmap(
        title="Length of the residual stream at every position",
        note="In powers of ten: one more is ten times as long.",
        row_name="layer",
        column_name="position",
        rows=layers,
        columns=[lab.text_of(int(token)) for token in tokens],
        values=[[log10(norm) if norm != 0 else None for norm in row] for row in norms],
        value_name="log10 of the norm",
    )
    return Outcome(facts, [length, turn, everywhere])
