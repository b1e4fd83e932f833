"""Induction heads: copy what came after it the last time.

The model reads random tokens, then the same tokens once more. Nothing in language helps it, so the first copy is pure
surprise. In the second copy a good model knows: it finds where the token stood before and says what came after it there.
The heads that do this are called induction heads (Olsson et al. 2022): in the second copy they look at the token after
the first occurrence of the token they stand on. Their score is how much of their attention goes there, as a mean over the
second copy. (Others count the last token of the first copy as well, from which one looks at the first of all.)

Each sequence is drawn from the whole vocabulary less its special tokens, no token twice. A loss is the mean surprise
in nats a token, within each copy: its first token, which nothing announces, does not count.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from pydantic import Field

from engine.errors import BadParameter
from engine.experiments.base import Count, FactSet, Head, Layer, Outcome, ParameterSet, Probability, Unit, clamp
from engine.figures import Curve, Heatmap, Series

if TYPE_CHECKING:
    from torch import Tensor

    from engine.lab import Lab
    from engine.trace import Trace

NEEDS = ("heads",)
Nats = Annotated[float, Field(ge=0), Unit("nats")]


class Parameters(ParameterSet):
    length: int = Field(default=50, ge=2, le=128, description="random tokens in each copy")
    n: int = Field(default=4, ge=1, le=32, description="sequences to average over")


class Facts(FactSet):
    top_layer: Layer = Field(description="layer of the head with the highest score")
    top_head: Head = Field(description="that head")
    top_score: Probability = Field(description="its mean attention to the token after the first occurrence")
    first_half_loss: Nats = Field(description="surprise a token in the first copy")
    second_half_loss: Nats = Field(description="surprise a token in the second copy")
    heads_above_half: Count = Field(description="heads with a score above 0.5")


def run(lab: Lab, p: Parameters) -> Outcome:
    import torch

    first = lab.tokens("a", bos=p.bos)[: int(p.bos)]  # the beginning-of-sequence token, if it is wanted
    if len(first) + 2 * p.length > lab.n_ctx:
        raise BadParameter(
            "length", f"length = {p.length} is out of range; two copies must fit the {lab.n_ctx} tokens of {lab.name}"
        )
    all_scores, all_losses = [], []
    for done in range(p.n):
        copy = random_tokens(lab, p.length)  # [length]
        tokens = torch.cat([first, copy, copy])  # [position]
        trace = lab.forward(tokens, read=["pattern"])
        all_scores.append(induction_scores(lab, trace, len(first), p.length))  # [layer, head]
        logs = trace.logits[:-1].log_softmax(-1)  # [position, n_vocab]: of what comes after each position
        all_losses.append(-logs.gather(-1, tokens[1:, None])[len(first) :, 0])  # nats, from the second token on
        lab.progress("reading sequences", done + 1, p.n, "sequences")

    scores, losses = torch.stack(all_scores).mean(0), torch.stack(all_losses).mean(0)
    best = scores.flatten().max(-1)
    facts = Facts(
        top_layer=int(best.indices) // lab.n_heads,
        top_head=int(best.indices) % lab.n_heads,
        top_score=clamp(best.values.item()),
        first_half_loss=losses[: p.length - 1].mean().item(),
        second_half_loss=losses[p.length :].mean().item(),
        heads_above_half=int((scores > 0.5).sum()),
    )
    return Outcome(facts, [heatmap(scores), curve(losses)])


def random_tokens(lab: Lab, length: int) -> Tensor:
    """Ordinary tokens [length], drawn by the run's own luck, none twice."""
    import torch

    drawn = torch.randperm(min(lab.n_vocab, len(lab.tokenizer)), generator=lab.generator)
    added = [id for id, token in lab.tokenizer.added_tokens_decoder.items() if token.special]  # not all have a role
    ordinary = ~torch.isin(drawn, torch.tensor([*lab.tokenizer.all_special_ids, *added], dtype=torch.long))
    return drawn[ordinary][:length].to(lab.device)


def induction_scores(lab: Lab, trace: Trace, skip: int, length: int) -> Tensor:
    """Mean attention from each token of the second copy to the token after its first occurrence, [layer, head]."""
    import torch

    rows = []
    for layer in range(lab.n_layers):
        pattern = trace["pattern", layer].float()  # [head, query, key]
        second = pattern[:, skip + length :, skip + 1 :]  # query i stands on the token that was first at key i - 1
        rows.append(second.diagonal(dim1=-2, dim2=-1).mean(-1))
    return torch.stack(rows)


def heatmap(scores: Tensor) -> Heatmap:
    layers, heads = scores.shape
    return Heatmap(
        title="How much each head is an induction head",
        row_name="layer",
        column_name="head",
        rows=[str(layer) for layer in range(layers)],
        columns=[str(head) for head in range(heads)],
        values=scores.tolist(),
        value_name="attention to the token after the first occurrence",
    )


def curve(losses: Tensor) -> Curve:
    n = len(losses) + 1
    return Curve(
        title="Surprise, token by token",
        note=f"The second copy begins at {n // 2}.",
        x_name="token",
        x=[str(i) for i in range(1, n)],
        y_name="nats",
        series=[Series(values=losses.tolist())],
    )
