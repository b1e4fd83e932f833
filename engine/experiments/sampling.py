"""Pick the next token: greedy, temperature, top-k, top-p, beam.

The model gives probabilities; a strategy picks. Greedy takes the most likely token each time. Temperature divides the
logits before the softmax: below 1 sharpens, above 1 flattens. Top-k and top-p cut the tail off first. Beam search
keeps several unfinished texts and ends with the likeliest whole ones that it came across: it has no luck in it, and can
write no more texts than it keeps.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Literal

from pydantic import Field

from engine.experiments.base import Bits, Count, FactSet, NewTokens, Outcome, ParameterSet, Probability, Prompt
from engine.figures import Text, Texts

if TYPE_CHECKING:
    from torch import Tensor

    from engine.lab import Lab

NEEDS = ()
INFINITY = float("inf")


class Parameters(ParameterSet):
    COUNTS: ClassVar = {
        "temperature": ("strategy", frozenset({"temperature", "top_k", "top_p"})),
        "top_k": ("strategy", frozenset({"top_k"})),
        "top_p": ("strategy", frozenset({"top_p"})),
        "beams": ("strategy", frozenset({"beam"})),
    }

    prompt: Prompt
    strategy: Literal["greedy", "temperature", "top_k", "top_p", "beam"] = Field(
        default="temperature", description="how the next token is picked"
    )
    temperature: float = Field(
        default=1.0, gt=0, le=5, description="divides the logits before the softmax; for 0 there is strategy greedy"
    )
    top_k: int = Field(default=50, ge=1, le=1000, description="keep the k most likely tokens, after the temperature")
    top_p: float = Field(
        default=0.9, gt=0, le=1, description="keep the fewest tokens whose probabilities reach p, after the temperature"
    )
    beams: int = Field(default=4, ge=2, le=16, description="unfinished texts that beam search keeps")
    n: int = Field(default=5, ge=1, le=20, description="how many texts; beam search writes at most as many as beams")
    max_new_tokens: NewTokens = 20


class Facts(FactSet):
    texts: list[str] = Field(description="what the model wrote, one text a try")
    distinct: Count = Field(description="how many of the texts differ")
    n: Count = Field(description="how many texts were written")
    repetition: Probability = Field(
        description="share of the 4-token runs that had been there before in the same text, mean over the texts"
    )
    ended: Count = Field(description="how many texts came to an end by themselves")
    entropy_bits: Bits = Field(description="how undecided the pick of the first token was, after the strategy's cut")


def run(lab: Lab, p: Parameters) -> Outcome:
    tokens = lab.tokens(p.prompt, bos=p.bos)
    written, first = beam_search(lab, tokens, p) if p.strategy == "beam" else pick_each(lab, tokens, p)
    rows = [lab.until_end(row) for row in written]
    texts = [lab.text_of(row) for row in rows]
    facts = Facts(
        texts=texts,
        distinct=len(set(texts)),
        n=len(texts),
        repetition=sum(repeated(row.tolist()) for row in rows) / len(rows),
        ended=int(lab.ended(written).sum()),
        entropy_bits=lab.entropy_bits(first),
    )
    return Outcome(facts, [figure(p, texts)])


def pick_each(lab: Lab, tokens: Tensor, p: Parameters) -> tuple[Tensor, Tensor]:
    """Write n texts side by side, token by token: [n, written], and the logits of the first pick [n_vocab]."""
    copies = 1 if p.strategy == "greedy" else p.n  # without luck all are the same text
    writer = lab.writer(tokens, p.max_new_tokens, copies=copies)
    first = allowed(lab, writer.logits, p)
    for step in range(p.max_new_tokens):
        logits = allowed(lab, writer.logits, p) if step else first  # [copies, n_vocab]
        writer.append(lab.draw(logits.softmax(-1)))
        tell(lab, p, writer.tokens.expand(p.n, -1), step)
        if lab.ended(writer.tokens).all():
            break
    return writer.tokens.expand(p.n, -1), first[0]


def allowed(lab: Lab, logits: Tensor, p: Parameters) -> Tensor:
    """The strategy: logits [n, n_vocab] with the temperature in them, and minus infinity for what was cut off.

    Tokens often score the same in bfloat16. A cut between them is made all the same, so that greedy leaves one token.
    """
    logits = lab.cooled(logits, p.temperature)
    if p.strategy == "temperature" or (p.strategy == "top_p" and p.top_p == 1):
        return logits
    if p.strategy == "top_p":
        kept, index = logits.sort(descending=True, stable=True)
        # A GPU adds up in another order each time, and float32 rounds what thousands of rare tokens come to.
        probabilities = kept.cpu().double().softmax(-1)
        before = probabilities.cumsum(-1) - probabilities  # what the tokens ahead of each one add up to
        kept = kept.masked_fill((before >= p.top_p).to(kept.device), -INFINITY)
    elif p.strategy == "top_k":
        kept, index = logits.topk(min(p.top_k, lab.n_vocab))
    else:
        kept, index = logits.max(-1, keepdim=True)  # of several, the first: as `generate` does
    return logits.new_full(logits.shape, -INFINITY).scatter(-1, index, kept)  # back in their places


def beam_search(lab: Lab, tokens: Tensor, p: Parameters) -> tuple[Tensor, Tensor]:
    """Keep the likeliest unfinished texts: the n best [n, written], and the logits of the first pick [n_vocab]."""
    writer = lab.writer(tokens, p.max_new_tokens, copies=p.beams)
    first = allowed(lab, writer.logits, p)[0]  # one token is left: there is no luck in it
    scores = writer.logits.new_full((p.beams,), -INFINITY)  # log-probability of each text so far
    scores[0] = 0.0  # at first all beams are the same text: only one of them counts
    for step in range(p.max_new_tokens):
        logs = lab.hold_ended(writer.tokens, writer.logits.log_softmax(-1))  # [beams, n_vocab]
        best = (scores[:, None] + logs).flatten().topk(p.beams)  # over every beam and every next token
        scores = best.values
        writer.append(best.indices % lab.n_vocab, continues=best.indices // lab.n_vocab)
        tell(lab, p, writer.tokens[: p.n], step)
        if lab.ended(writer.tokens).all():
            break
    return writer.tokens[: p.n], first


def repeated(tokens: list[int], run: int = 4) -> float:
    """The share of the runs of so many tokens that had been there before; 0 for a text that is shorter."""
    runs = [tuple(tokens[i : i + run]) for i in range(len(tokens) - run + 1)]
    return 1 - len(set(runs)) / len(runs) if runs else 0.0


def tell(lab: Lab, p: Parameters, written: Tensor, step: int) -> None:
    lab.progress("writing", step + 1, p.max_new_tokens, "tokens")
    lab.partial(lambda: figure(p, [lab.text_of(lab.until_end(row)) for row in written]))


def figure(p: Parameters, texts: list[str]) -> Texts:
    named = [Text(name=f"#{i}", text=text) for i, text in enumerate(texts, start=1)]
    return Texts(title=title(p), prompt=p.prompt, texts=named)


def title(p: Parameters) -> str:
    """The strategy with the numbers that matter to it."""
    most_likely = f"{p.top_k} most likely tokens" if p.top_k > 1 else "most likely token"
    return {
        "greedy": "Greedy: the most likely token, each time",
        "temperature": f"Temperature {p.temperature:g}",
        "top_k": f"Top-k: the {most_likely}, temperature {p.temperature:g}",
        "top_p": f"Top-p: the tokens that make up {p.top_p:g}, temperature {p.temperature:g}",
        "beam": f"Beam search with {p.beams} beams",
    }[p.strategy]
