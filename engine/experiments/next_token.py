"""What comes next, and how sure is the model.

A language model reads some text and gives every token it knows a probability of coming next. That is all it ever
does: to write a text, it picks one of them, adds it to the end, and is asked again. Entropy says how undecided it is:
0 bits when it is certain, 1 bit for a fair coin, log2(vocabulary) when it has no idea.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import Field

from engine.experiments.base import Bits, Count, FactSet, Outcome, ParameterSet, Probability, Prompt, Token, TokenList

if TYPE_CHECKING:
    from engine.lab import Lab

NEEDS = ()


class Parameters(ParameterSet):
    prompt: Prompt
    answer: Token | None = Field(default=None, description="a token to look for, with its leading space")
    candidates: TokenList | None = Field(
        default=None, min_length=2, max_length=7, description="tokens to compare, each with its leading space"
    )
    top: int = Field(default=10, ge=1, le=50, description="how many tokens to show")


class Facts(FactSet):
    top_token: str = Field(description="the most likely next token")
    top_prob: Probability = Field(description="its probability")
    entropy_bits: Bits = Field(description="how undecided the model is about the next token")
    answer_prob: Probability | None = Field(default=None, description="probability of the answer")
    answer_rank: Count | None = Field(default=None, description="tokens that are more likely than the answer (0 = top)")
    candidate_probs: list[Probability] | None = Field(default=None, description="probability of each candidate")


def run(lab: Lab, p: Parameters) -> Outcome:
    tokens = lab.tokens(p.prompt, bos=p.bos)
    answer = lab.token_id(p.answer, parameter="answer") if p.answer is not None else None
    candidates = [lab.token_id(token, parameter="candidates") for token in p.candidates or ()]
    logits = lab.forward(tokens, keep=1).logits[-1]  # [n_vocab]: the scores for what comes after the last token
    probabilities = logits.softmax(-1)  # [n_vocab], sums to 1
    top_token, top_prob = lab.most_likely(logits)

    answer_prob = answer_rank = None
    if answer is not None:
        answer_prob = probabilities[answer].item()
        answer_rank = int((logits > logits[answer]).sum())

    facts = Facts(
        top_token=top_token,
        top_prob=top_prob,
        entropy_bits=lab.entropy_bits(logits),
        answer_prob=answer_prob,
        answer_rank=answer_rank,
        candidate_probs=probabilities[candidates].tolist() if candidates else None,
    )
    asked_for = [token for token in [p.answer, *(p.candidates or [])] if token is not None]
    return Outcome(facts, [lab.token_figure("The next token", logits, top=p.top, always=asked_for)])
