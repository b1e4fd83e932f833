"""Give one token a push.

The last thing a model makes is a logit for each token of its vocabulary. Here a constant is added to one token's logit
at every step. Nothing inside the model changes: it is a push at the very end, and what the model reads next is the text
that came of it. A bias of b makes the token exp(b) times as likely as before, held against any other one; -100 all but
forbids it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from pydantic import Field

from engine.experiments.base import (
    BaseTweak,
    Count,
    NewTokens,
    Outcome,
    ParameterSet,
    Probability,
    Prompt,
    Temperature,
    Token,
    Unit,
)

if TYPE_CHECKING:
    from engine.lab import Lab

NEEDS = ()


class Parameters(ParameterSet):
    prompt: Prompt
    token: Token
    bias: Annotated[float, Field(ge=-100, le=100, description="what is added to the token's logit"), Unit("logits")]
    max_new_tokens: NewTokens = 40
    temperature: Temperature = 0.0


class Facts(BaseTweak):
    base_count: Count = Field(description="how often the token is written without the bias")
    tweak_count: Count = Field(description="how often it is written with the bias")
    base_prob: Probability = Field(description="the token's probability of coming next without the bias")
    tweak_prob: Probability = Field(description="the same with the bias")


def run(lab: Lab, p: Parameters) -> Outcome:
    tokens = lab.tokens(p.prompt, bos=p.bos)
    token = lab.token_id(p.token)
    push = lab.edit("logits", "add", start=token, stop=token + 1, value=p.bias)

    base = lab.writer(tokens, p.max_new_tokens)
    tweak = lab.writer(tokens, p.max_new_tokens, edits=[push])
    base_prob, tweak_prob = (writer.logits[0].softmax(-1)[token].item() for writer in (base, tweak))  # after the prompt
    shared, figures = lab.base_tweak(base, tweak, temperature=p.temperature, always=[p.token], count=token)
    facts = Facts(**shared, base_prob=base_prob, tweak_prob=tweak_prob)
    return Outcome(facts, figures)
