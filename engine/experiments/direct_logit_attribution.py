"""From the logits back to their causes.

The residual stream is a sum: the embedding, plus what each attention layer added, plus what each MLP added. The logits
are read from that sum, after the final norm. Hold the norm's scale still at what it was in this run, and the reading is
linear: the difference between two logits is the sum of what each part gives to it, exactly but for rounding. (That is
nothing in float32. A model in bfloat16 rounds the stream after every layer, and that does add up.) Attention splits
further, into its heads. (Elhage et al. 2021.)

What a part gives is its direct effect only: what it says to the end of the model, not what it says to later layers.

All three families: LayerNorm (GPT-2, GPT-NeoX) also takes the mean out of every part and adds a bias; RMSNorm (Llama)
does neither. An output projection's bias belongs to its layer's attention, and to no head.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from pydantic import Field

from engine.experiments.base import FactSet, Head, Layer, Logits, Outcome, ParameterSet, Prompt, Token, Unit
from engine.figures import Curve, Heatmap, Series, Table, number, shown

if TYPE_CHECKING:
    from engine.lab import Lab

NEEDS = ("heads",)


class Parameters(ParameterSet):
    prompt: Prompt
    answer: Token
    distractor: Token


class Facts(FactSet):
    logit_diff: Logits = Field(description="logit(answer) - logit(distractor), as the model said it")
    from_embedding: Logits = Field(description="what the embedding gives to it, positions included")
    from_bias: Logits = Field(description="what the biases of the final norm and of the unembedding give")
    by_layer: Annotated[list[float], Unit("logits")] = Field(
        description="what each layer gives, attention and MLP together"
    )
    attention_by_layer: Annotated[list[float], Unit("logits")] = Field(description="what each layer's attention gives")
    mlp_by_layer: Annotated[list[float], Unit("logits")] = Field(description="what each layer's MLP gives")
    unexplained: Logits = Field(
        description="logit_diff less the sum of the parts: rounding, and nothing else; tiny in float32, in bfloat16 up to "
        "tenths of a logit"
    )
    top_head_layer: Layer = Field(description="layer of the head that gives most")
    top_head: Head = Field(description="that head")
    top_head_value: Logits = Field(description="what it gives")
    worst_head_layer: Layer = Field(description="layer of the head that takes most away")
    worst_head: Head = Field(description="that head")
    worst_head_value: Logits = Field(description="what it gives, below 0 where it takes away")


def run(lab: Lab, p: Parameters) -> Outcome:
    from engine.weights import heads_out, readout  # here, since it imports torch

    tokens = lab.tokens(p.prompt, bos=p.bos)
    answer, distractor = lab.pair(p.answer, p.distractor)
    last = lab.n_layers - 1
    trace = lab.forward(tokens, read=[("resid_pre", 0), "z", "attn_out", "mlp_out", ("resid_post", last)], keep=1)
    logits = trace.logits[-1]  # [n_vocab]
    diff = (logits[answer] - logits[distractor]).item()

    read = readout(lab, trace["resid_post", last][-1], answer, distractor)  # the norm's scale, from the real end
    embedding = read(trace["resid_pre", 0][-1]).item()
    attention, mlp, heads = [], [], []  # [layer], [layer], [layer][head]
    for layer in range(lab.n_layers):
        attention.append(read(trace["attn_out", layer][-1]).item())
        mlp.append(read(trace["mlp_out", layer][-1]).item())
        heads.append(read(heads_out(lab, layer, trace["z", layer][-1])).tolist())
        lab.progress("reading layers", layer + 1, lab.n_layers, "layers")

    ranked = sorted((value, layer, head) for layer, row in enumerate(heads) for head, value in enumerate(row))
    (least, worst_layer, worst), (most, top_layer, top) = ranked[0], ranked[-1]
    facts = Facts(
        logit_diff=diff,
        from_embedding=embedding,
        from_bias=read.constant,
        by_layer=[a + m for a, m in zip(attention, mlp, strict=True)],
        attention_by_layer=attention,
        mlp_by_layer=mlp,
        unexplained=diff - (embedding + read.constant + sum(attention) + sum(mlp)),
        top_head_layer=top_layer,
        top_head=top,
        top_head_value=most,
        worst_head_layer=worst_layer,
        worst_head=worst,
        worst_head_value=least,
    )
    pair = f"{shown(p.answer)} over {shown(p.distractor)}"
    return Outcome(facts, [by_layer(pair, facts), by_head(pair, heads), total(facts)])


def by_layer(pair: str, facts: Facts) -> Curve:
    return Curve(
        title=f"What each layer gives to {pair}",
        note="Logits: above 0 for the first token, below 0 for the second.",
        x_name="layer",
        x=[str(layer) for layer in range(len(facts.by_layer))],
        y_name="logits",
        series=[
            Series(name="attention", values=list(facts.attention_by_layer)),
            Series(name="MLP", values=list(facts.mlp_by_layer)),
        ],
    )


def by_head(pair: str, heads: list[list[float]]) -> Heatmap:
    return Heatmap(
        title=f"What each head gives to {pair}",
        row_name="layer",
        column_name="head",
        rows=[str(layer) for layer in range(len(heads))],
        columns=[str(head) for head in range(len(heads[0]))],
        values=[list(row) for row in heads],
        value_name="logits",
        signed=True,
    )


def total(facts: Facts) -> Table:
    parts = {
        "embedding": facts.from_embedding,
        "attention, all layers": sum(facts.attention_by_layer),
        "MLP, all layers": sum(facts.mlp_by_layer),
        "biases at the end": facts.from_bias,
        "not explained": facts.unexplained,
        "the model's logit difference": facts.logit_diff,
    }
    return Table(title="The sum", heads=["part", "logits"], body=[[name, number(v)] for name, v in parts.items()])
