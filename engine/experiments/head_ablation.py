"""Silence one attention head.

Each layer has several attention heads. A head writes its own small vector `z` at every position, and the layer's
output projection adds it to the residual stream. Here one head's `z` is replaced, at every position, by zeros, or by
its mean over the prompt, which keeps what the head says everywhere in this text and takes away what it says at one
place rather than another. (Others take the mean over other texts.) All else runs on. What the model then says
differently is what this head was needed for. What it says all the same, something else could do as well.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from pydantic import Field

from engine.experiments.base import (
    BaseTweak,
    Head,
    Layer,
    Logits,
    NewTokens,
    Outcome,
    ParameterSet,
    Prompt,
    Temperature,
    Token,
    refuse_mean_of_one,
    share_of,
)

if TYPE_CHECKING:
    from engine.lab import Lab

NEEDS = ("heads",)


class Parameters(ParameterSet):
    prompt: Prompt
    layer: Layer
    head: Head
    mode: Literal["zero", "mean"] = Field(default="zero", description="what the head's output becomes")
    answer: Token
    distractor: Token
    max_new_tokens: NewTokens = 12
    temperature: Temperature = 0.0


class Facts(BaseTweak):
    base_logit_diff: Logits = Field(description="logit(answer) - logit(distractor) with every head at work")
    tweak_logit_diff: Logits = Field(description="the same with the head silent")
    drop: float = Field(description="share of the base difference that is lost: 0 none, 1 all of it, below 0 it grew")


def run(lab: Lab, p: Parameters) -> Outcome:
    tokens = lab.tokens(p.prompt, bos=p.bos)
    refuse_mean_of_one(p.mode, len(tokens))
    lab.pair(p.answer, p.distractor)  # refused where they are not one token each, or the same
    silence = lab.edit("z", p.mode, layer=p.layer, head=p.head)

    base = lab.writer(tokens, p.max_new_tokens)
    tweak = lab.writer(tokens, p.max_new_tokens, edits=[silence])
    shared, figures = lab.base_tweak(base, tweak, temperature=p.temperature, always=(p.answer, p.distractor))
    before, after = shared["base_logit_diff"], shared["tweak_logit_diff"]
    return Outcome(Facts(**shared, drop=share_of(before - after, before)), figures)
