"""Boost the position encodings.

Attention on its own does not know in which order the tokens stand, beyond what it can tell from seeing only earlier ones:
something must tell it. Here that something is multiplied by `scale`: 0 takes it away, 1 changes nothing.

- GPT-2 has learned a vector for each position and adds it to the token's embedding. The vectors are made `scale` times
  as long, so the model hears more of where and less of what.
- GPT-NeoX (Pythia) and Llama turn queries and keys by angles that grow with the position. The angles are made `scale`
  times as large, in every layer: all distances between tokens seem `scale` times as long.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import Field

from engine.experiments.base import BaseTweak, NewTokens, Outcome, ParameterSet, Prompt, Temperature

if TYPE_CHECKING:
    from engine.lab import Lab

NEEDS = ()


class Parameters(ParameterSet):
    prompt: Prompt
    scale: float = Field(ge=-100, le=100, description="what the position vectors or angles are multiplied by")
    max_new_tokens: NewTokens = 20
    temperature: Temperature = 0.0


class Facts(BaseTweak):
    encoding: str = Field(description="how this model is told positions: learned vectors, or rotary angles")


def run(lab: Lab, p: Parameters) -> Outcome:
    tokens = lab.tokens(p.prompt, bos=p.bos)
    boost = lab.edit("pos_embed", "scale", value=p.scale)

    base = lab.writer(tokens, p.max_new_tokens)
    tweak = lab.writer(tokens, p.max_new_tokens, edits=[boost])
    shared, figures = lab.base_tweak(base, tweak, temperature=p.temperature)
    learned = "learned_positions" in lab.anatomy.features
    return Outcome(Facts(**shared, encoding="learned vectors" if learned else "rotary angles"), figures)
