"""Turn one attention head up or down.

A head writes its vector `z` at every position, and its slice of the layer's output projection carries it into the
residual stream. Here that head's part is multiplied by `scale`: 0 silences it, 1 changes nothing, 2 doubles what it
says, -1 makes it say the opposite. The edit is made on `z`, the input of that slice, at every position: this is the
same as scaling the slice's weights, in all three families, and also where quantised weights cannot be touched.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

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
)

if TYPE_CHECKING:
    from engine.lab import Lab

NEEDS = ("heads",)


class Parameters(ParameterSet):
    prompt: Prompt
    layer: Layer
    head: Head
    scale: float = Field(ge=-100, le=100, description="what the head's output is multiplied by")
    answer: Token
    distractor: Token
    max_new_tokens: NewTokens = 12
    temperature: Temperature = 0.0


class Facts(BaseTweak):
    base_logit_diff: Logits = Field(description="logit(answer) - logit(distractor) with the head as it is")
    tweak_logit_diff: Logits = Field(description="the same with the head scaled")


def run(lab: Lab, p: Parameters) -> Outcome:
    tokens = lab.tokens(p.prompt, bos=p.bos)
    lab.pair(p.answer, p.distractor)  # refused where they are not one token each, or the same
    turn = lab.edit("z", "scale", layer=p.layer, head=p.head, value=p.scale)

    base = lab.writer(tokens, p.max_new_tokens)
    tweak = lab.writer(tokens, p.max_new_tokens, edits=[turn])
    shared, figures = lab.base_tweak(base, tweak, temperature=p.temperature, always=(p.answer, p.distractor))
    return Outcome(Facts(**shared), figures)
