"""Nudge one neuron of the MLP.

A neuron of the MLP is one number at each position: how active it is there. `down` then adds the
neuron's own vector to the residual stream, times that number. Here `delta` is added to the number, at every position,
in the prompt and in what is written.

All three families: the nudge comes after the activation function, at the input of the matrix that leads back to the
residual stream (`mlp_post`). In GPT-2 and GPT-NeoX that is the activation itself; in Llama it is the activation of the
gate times `up`, so it can be far below zero as well as above.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from pydantic import Field

from engine.experiments.base import BaseTweak, Below, Layer, NewTokens, Outcome, ParameterSet, Prompt, Temperature
from engine.figures import Curve, Series, shown

if TYPE_CHECKING:
    from engine.lab import Lab

NEEDS = ("neurons",)


class Parameters(ParameterSet):
    prompt: Prompt
    layer: Layer
    neuron: Annotated[int, Field(ge=0, description="neuron of that layer's MLP, counted from 0"), Below("d_mlp")]
    delta: float = Field(ge=-10_000, le=10_000, description="what is added to the neuron's activation")
    max_new_tokens: NewTokens = 20
    temperature: Temperature = 0.0


class Facts(BaseTweak):
    base_activation: float = Field(
        description="the neuron's activation at the prompt's last position, without the nudge"
    )
    layer_rms: float = Field(ge=0, description="RMS of all neurons of the layer there: what is usual")


def run(lab: Lab, p: Parameters) -> Outcome:
    tokens = lab.tokens(p.prompt, bos=p.bos)
    nudge = lab.edit("mlp_post", "add", layer=p.layer, neuron=p.neuron, value=p.delta)

    base = lab.writer(tokens, p.max_new_tokens, read=[("mlp_post", p.layer)])
    tweak = lab.writer(tokens, p.max_new_tokens, edits=[nudge])
    neurons = base.trace["mlp_post", p.layer].float()  # [position, d_mlp]

    shared, figures = lab.base_tweak(base, tweak, temperature=p.temperature)
    facts = Facts(
        **shared,
        base_activation=neurons[-1, p.neuron].item(),
        layer_rms=neurons[-1].pow(2).mean().sqrt().item(),
    )
    curve = Curve(
        title=f"Neuron {p.neuron} of layer {p.layer}, token by token",
        note="Its activation without the nudge.",
        x_name="token",
        x=[f"{i} {shown(lab.text_of(int(token)))}" for i, token in enumerate(tokens)],
        y_name="activation",
        series=[Series(values=neurons[:, p.neuron].tolist())],
    )
    return Outcome(facts, [*figures, curve])
