"""Zero a slice of the token embeddings.

A token enters the model as its embedding: one row of d_model numbers from a table. Here dimensions `start` to `stop`
(the last one not included) of every token's embedding are set to zero, in the prompt and in what is written.

All three families: the edit is made on what the table gives out, never on the table. GPT-2 and many Llama models use
the same table, turned around, to make the logits at the end, and that use must not change. In GPT-2 the position's
own vector is added after this and stays whole; GPT-NeoX and Llama have nothing but the embedding at this point.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from pydantic import Field

from engine.experiments.base import BaseTweak, Below, NewTokens, Outcome, ParameterSet, Prompt, Temperature, clamp

if TYPE_CHECKING:
    from engine.lab import Lab

NEEDS = ()


class Parameters(ParameterSet):
    prompt: Prompt
    start: Annotated[int, Field(ge=0, description="first dimension that is zeroed"), Below("d_model")] = 0
    stop: Annotated[int, Field(ge=1, description="first dimension after the slice; at most the model's dimensions")]
    max_new_tokens: NewTokens = 20
    temperature: Temperature = 0.0


class Facts(BaseTweak):
    zeroed_share: float = Field(ge=0, le=1, description="share of the dimensions that is zeroed")
    lost_share: float = Field(ge=0, le=1, description="share of the prompt's squared embedding length that is lost")


def run(lab: Lab, p: Parameters) -> Outcome:
    tokens = lab.tokens(p.prompt, bos=p.bos)
    blank = lab.edit("embed", "zero", start=p.start, stop=p.stop)

    base = lab.writer(tokens, p.max_new_tokens, read=["embed"])
    tweak = lab.writer(tokens, p.max_new_tokens, edits=[blank])
    squares = base.trace["embed"].float().pow(2).sum(0)  # [d_model]: over the prompt's positions
    lost, all_there = squares[p.start : p.stop].sum().item(), squares.sum().item()

    shared, figures = lab.base_tweak(base, tweak, temperature=p.temperature)
    facts = Facts(
        **shared,
        zeroed_share=(p.stop - p.start) / lab.d_model,
        lost_share=clamp(lost / all_there) if all_there != 0 else 0.0,  # a token may be all zeros: then nothing is lost
    )
    return Outcome(facts, figures)
