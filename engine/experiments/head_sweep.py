"""Silence every attention head, one at a time.

The same as silencing one head, done to each head of each layer in turn. Most heads turn out not to matter for a given
prompt; a few do. Where silencing a head makes the answer worse, the head was working for it. Where it makes the answer
better, the head was working against it. What a head matters for one prompt says little about the next.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from pydantic import Field

from engine.experiments.base import (
    FactSet,
    Head,
    Layer,
    Logits,
    Outcome,
    ParameterSet,
    Prompt,
    Token,
    refuse_mean_of_one,
    share_of,
)
from engine.figures import Heatmap, number

if TYPE_CHECKING:
    from engine.lab import Lab

NEEDS = ("heads",)


class Parameters(ParameterSet):
    prompt: Prompt
    mode: Literal["zero", "mean"] = Field(default="zero", description="what each head's output becomes")
    answer: Token
    distractor: Token


class Facts(FactSet):
    base_logit_diff: Logits = Field(description="logit(answer) - logit(distractor) with every head at work")
    worst_layer: Layer = Field(description="layer of the head that is missed most")
    worst_head: Head = Field(description="that head")
    worst_drop: float = Field(description="share of the base difference that is lost without it: 0 none, 1 all of it")
    worst_logit_diff: Logits = Field(description="the difference without it")
    helpful_layer: Layer = Field(description="layer of the head whose silence strengthens the base difference most")
    helpful_head: Head = Field(description="that head")
    helpful_logit_diff: Logits = Field(description="the difference without it")


def run(lab: Lab, p: Parameters) -> Outcome:
    from engine.sweeps import base_run, logit_diff, measured, sweep

    tokens = lab.tokens(p.prompt, bos=p.bos)
    refuse_mean_of_one(p.mode, len(tokens))
    measure = logit_diff(lab, *lab.pair(p.answer, p.distractor))
    base = base_run(lab, tokens)
    base_diff = measured(base, measure)

    heads = [(layer, head) for layer in range(lab.n_layers) for head in range(lab.n_heads)]
    silences = [[lab.edit("z", p.mode, layer=layer, head=head)] for layer, head in heads]
    grid: list[list[float | None]] = [[None] * lab.n_heads for _ in range(lab.n_layers)]
    found: dict[tuple[int, int], float] = {}  # the difference without each head
    for indices, diffs in sweep(lab, base, silences, measure, "silencing heads"):
        for index, diff in zip(indices, diffs, strict=True):
            layer, head = heads[index]
            found[layer, head] = diff
            grid[layer][head] = diff - base_diff
        lab.partial(lambda: heatmap(lab, grid, base_diff))

    ahead = 1 if base_diff >= 0 else -1  # where the distractor is ahead, what is lost is lost towards 0
    worst = min(heads, key=lambda head: ahead * found[head])
    helpful = max(heads, key=lambda head: ahead * found[head])
    facts = Facts(
        base_logit_diff=base_diff,
        worst_layer=worst[0],
        worst_head=worst[1],
        worst_drop=share_of(base_diff - found[worst], base_diff),
        worst_logit_diff=found[worst],
        helpful_layer=helpful[0],
        helpful_head=helpful[1],
        helpful_logit_diff=found[helpful],
    )
    return Outcome(facts, [heatmap(lab, grid, base_diff)])


def heatmap(lab: Lab, grid: list[list[float | None]], base_diff: float) -> Heatmap:
    """What silencing each head does to the logit difference; heads that were not silenced yet are empty."""
    missed = "Below" if base_diff >= 0 else "Above"  # the distractor is ahead: what is lost is lost towards 0
    return Heatmap(
        title="What silencing each head changes",
        note=f"Logit difference without the head, less {number(base_diff)} with every head. {missed} 0: the head is missed.",
        row_name="layer",
        column_name="head",
        rows=[str(layer) for layer in range(lab.n_layers)],
        columns=[str(head) for head in range(lab.n_heads)],
        values=[list(row) for row in grid],
        value_name="change of the logit difference",
        signed=True,
    )
