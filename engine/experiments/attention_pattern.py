"""Where an attention head looks.

At every position a head spreads its attention over the positions up to that one: a row of numbers that sum to 1. The
rows of all positions make the pattern. Some heads look at the token before, some look far back for what they need, and
many rest on the very first token when they have nothing to find: an attention sink.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import Field

from engine.errors import BadParameter
from engine.experiments.base import Bits, FactSet, Head, Layer, Outcome, ParameterSet, Probability, Prompt, clamp
from engine.figures import Heatmap, shown

if TYPE_CHECKING:
    from engine.lab import Lab

NEEDS = ("heads",)
MOST = 4000
"""Tokens: the figure has a number for every pair of them, and so many make 215 MB as text, of the 256 that can be sent."""


class Parameters(ParameterSet):
    prompt: Prompt
    layer: Layer
    head: Head


class Facts(FactSet):
    sink_fraction: Probability | None = Field(
        description="mean attention to position 0, from positions 1 and up; none for a prompt of one token"
    )
    previous_token_score: Probability | None = Field(
        description="mean attention to the token before, from positions 1 and up; none for a prompt of one token"
    )
    to_first: Probability | None = Field(description="mean attention to the first token, from positions 2 and up")
    to_previous: Probability | None = Field(description="mean attention to the token before, from positions 2 and up")
    to_itself: Probability | None = Field(description="mean attention to the token itself, from positions 2 and up")
    to_others: Probability | None = Field(description="what is left of 1; none for a prompt of less than three tokens")
    pattern_entropy_bits: Bits = Field(description="how spread the attention is: mean entropy of the rows")
    last_key: str = Field(description="the token that the last position looks at most")
    last_key_weight: Probability = Field(description="how much of its attention that token gets")


def run(lab: Lab, p: Parameters) -> Outcome:
    tokens = lab.tokens(p.prompt, bos=p.bos)
    if len(tokens) > MOST:
        pairs = "the pattern has a number for every pair of them"
        raise BadParameter("prompt", f"prompt has {len(tokens)} tokens; it must be at most {MOST} here, as {pairs}")
    trace = lab.forward(tokens, read=[("pattern", p.layer)], keep=1)
    pattern = trace["pattern", p.layer][p.head].float().cpu()  # [query, key]

    later = pattern[1:]  # the rows that have more than themselves to look at
    apart = pattern[2:]  # the rows where the first token, the one before and the token itself are three different ones
    first, before, own = apart[:, 0], apart.diagonal(1), apart.diagonal(2)  # apart[i] is query i + 2
    kinds = [clamp(kind.mean().item()) for kind in (first, before, own)] if len(apart) else None
    best = pattern[-1].max(-1)
    facts = Facts(
        sink_fraction=clamp(later[:, 0].mean().item()) if len(later) else None,
        previous_token_score=clamp(later.diagonal().mean().item()) if len(later) else None,  # later[i] is query i + 1
        to_first=kinds[0] if kinds else None,
        to_previous=kinds[1] if kinds else None,
        to_itself=kinds[2] if kinds else None,
        to_others=clamp(1.0 - sum(kinds)) if kinds else None,
        pattern_entropy_bits=sum(lab.entropy_bits(row.log()) for row in pattern) / len(pattern),
        last_key=lab.text_of(int(tokens[best.indices])),
        last_key_weight=clamp(best.values.item()),
    )
    texts = [lab.text_of(int(token)) for token in tokens]
    figure = Heatmap(
        title=f"Where head {p.head} of layer {p.layer} looks",
        note="Each row: the token that looks. Each column: the token looked at. A row sums to 1.",
        row_name="from",
        column_name="to",
        rows=[f"{i} {shown(text)}" for i, text in enumerate(texts)],
        columns=texts,
        values=pattern.tolist(),
        value_name="attention",
    )
    return Outcome(facts, [figure])
