"""Follow the residual stream through the layers.

The residual stream is one vector at each position. Each layer reads it and adds to it, nothing is ever taken out, so it
mostly grows. Two numbers a layer say what happens to it: how long the vector is after the layer (its norm), and how far
the layer turned it (the cosine between before and after: 1 is the same direction). Both are given for the last
position, from which the next token is read; the picture has the norms at every position.
"""

from __future__ import annotations

from math import log10
from typing import TYPE_CHECKING

from pydantic import Field

from engine.experiments.base import FactSet, Outcome, ParameterSet, Prompt
from engine.figures import Curve, Heatmap, Series

if TYPE_CHECKING:
    from engine.lab import Lab

NEEDS = ()


class Parameters(ParameterSet):
    prompt: Prompt


class Facts(FactSet):
    embedding_norm: float = Field(ge=0, description="length of the stream before the first layer, last position")
    norm_by_layer: list[float] = Field(description="length of the stream after each layer, last position")
    cosine_by_layer: list[float] = Field(description="cosine of the stream before and after each layer, last position")
    growth: float = Field(ge=0, description="length after the last layer divided by length before the first")


def run(lab: Lab, p: Parameters) -> Outcome:
    tokens = lab.tokens(p.prompt, bos=p.bos)
    trace = lab.forward(tokens, read=["resid_pre", "resid_post"])

    norms: list[list[float]] = []  # [layer][position], after the layer
    cosines: list[float] = []  # [layer], last position
    for layer in range(lab.n_layers):
        before, after = trace["resid_pre", layer].float(), trace["resid_post", layer].float()  # [position, d_model]
        norms.append(after.norm(dim=-1).tolist())
        cosines.append((before[-1] @ after[-1] / (before[-1].norm() * after[-1].norm())).item())

    start = trace["resid_pre", 0][-1].float().norm().item()
    facts = Facts(
        embedding_norm=start,
        norm_by_layer=[row[-1] for row in norms],
        cosine_by_layer=cosines,
        growth=norms[-1][-1] / start,
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
        note="In powers of ten: one more is ten times as long. Many models keep one huge vector at the first token.",
        row_name="layer",
        column_name="position",
        rows=layers,
        columns=[lab.text_of(int(token)) for token in tokens],
        values=[[log10(norm) for norm in row] for row in norms],
        value_name="log10 of the norm",
    )
    return Outcome(facts, [length, turn, everywhere])
