"""How surprised is the model by a text.

At each position the model gave the token that really came some probability. Minus the logarithm of that probability is
its surprise: 0 bits for what it was certain of, 1 bit for a fair coin. Perplexity is 2 to the mean surprise in bits: a
perplexity of 20 means that the text surprised it as much, on average, as one among 20 equally likely tokens would. The
first token has nothing before it and does not count, unless `bos` puts the beginning-of-sequence token there.
"""

from __future__ import annotations

from math import log
from typing import TYPE_CHECKING, Annotated

from pydantic import Field

from engine.errors import BadParameter
from engine.experiments.base import Bits, Count, FactSet, Outcome, ParameterSet
from engine.figures import Curve, Series, shown

if TYPE_CHECKING:
    from engine.lab import Lab

NEEDS = ()


class Parameters(ParameterSet):
    text: Annotated[str, Field(min_length=1, description="text to be surprised by, of two tokens or more")]


class Facts(FactSet):
    perplexity: float = Field(
        ge=0, description="2 to the mean surprise: one among so many equally likely tokens would surprise as much"
    )
    bits_per_token: Bits = Field(description="mean surprise")
    worst_token: str = Field(description="the token that surprised it most")
    worst_bits: Bits = Field(description="the surprise at that token")
    worst_position: Count = Field(description="where that token stands, counted from 0")
    n_scored: Count = Field(description="tokens that count")


def run(lab: Lab, p: Parameters) -> Outcome:
    tokens = lab.tokens(p.text, bos=p.bos, parameter="text")
    if len(tokens) < 2:
        raise BadParameter("text", f"text = {p.text!r} is one token; it must be two or more, or set bos = true")
    logs = lab.forward(tokens).logits[:-1].log_softmax(-1)  # [position, n_vocab]: of what comes after each position
    surprise = -logs.gather(-1, tokens[1:, None])[:, 0].cpu().double() / log(2)  # [position], bits: of what really came
    mean = surprise.mean().item()
    worst = surprise.max(-1)
    place = int(worst.indices) + 1

    facts = Facts(
        perplexity=2**mean,
        bits_per_token=mean,
        worst_token=lab.text_of(int(tokens[place])),
        worst_bits=worst.values.item(),
        worst_position=place,
        n_scored=len(surprise),
    )
    texts = [lab.text_of(int(token)) for token in tokens]
    figure = Curve(
        title="Surprise, token by token",
        note="Bits. Each one more: half as likely.",
        x_name="token",
        x=[f"{i} {shown(text)}" for i, text in enumerate(texts)],
        y_name="bits",
        series=[Series(values=[None, *surprise.tolist()])],
    )
    return Outcome(facts, [figure])
