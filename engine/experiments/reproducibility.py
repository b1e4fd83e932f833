"""Run it twice: is it the same.

A model that picks the most likely token each time (do_sample false) has no luck in it. With do_sample true each token
is drawn by its probability, and the draws come from a generator of random numbers that starts at a seed: the same seed
gives the same draws, so the same text. Give the second run a seed of its own to see another text.

What a seed does not hold still: another device, another number type or another version of the software can round
differently, and one token that flips changes all that comes after.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, ClassVar

from pydantic import Field

from engine.experiments.base import Count, FactSet, NewTokens, Outcome, ParameterSet, Prompt
from engine.figures import Text, Texts
from engine.protocol import SEEDS

if TYPE_CHECKING:
    from torch import Tensor

    from engine.lab import Lab

NEEDS = ()
Seed = Annotated[int, Field(ge=0, le=SEEDS - 1)]


class Parameters(ParameterSet):
    COUNTS: ClassVar = {name: ("do_sample", frozenset({True})) for name in ("seed", "second_seed", "temperature")}

    prompt: Prompt
    do_sample: bool = Field(default=True, description="draw each token by its probability; false: the most likely one")
    seed: Seed | None = Field(default=None, description="where chance starts; the run's own seed if not given")
    second_seed: Seed | None = Field(
        default=None, description="where it starts for the second text; the same if not given"
    )
    temperature: float = Field(default=1.0, gt=0, le=5, description="divides the logits before the draw")
    max_new_tokens: NewTokens = 20


class Facts(FactSet):
    first_text: str = Field(description="what the model wrote first")
    second_text: str = Field(description="what it wrote the second time")
    identical: bool = Field(description="whether the two are the same, token for token")
    first_difference: Count | None = Field(description="how many tokens they share before they part; none if identical")


def run(lab: Lab, p: Parameters) -> Outcome:
    tokens = lab.tokens(p.prompt, bos=p.bos)
    seed = lab.seeded if p.seed is None else p.seed
    first = write(lab, tokens, p, seed, "writing the first")
    lab.partial(figure(p, lab.text_of(first)))
    second = write(lab, tokens, p, seed if p.second_seed is None else p.second_seed, "writing the second")

    texts = lab.text_of(first), lab.text_of(second)
    one, two = first.tolist(), second.tolist()
    shared = next((i for i, (a, b) in enumerate(zip(one, two, strict=False)) if a != b), min(len(one), len(two)))
    facts = Facts(
        first_text=texts[0],
        second_text=texts[1],
        identical=one == two,
        first_difference=None if one == two else shared,
    )
    return Outcome(facts, [figure(p, *texts)])


def write(lab: Lab, tokens: Tensor, p: Parameters, seed: int, label: str) -> Tensor:
    """Write once, [written], with chance started at the seed."""
    lab.seed(seed)
    pick = (lambda logits: lab.draw(lab.cooled(logits, p.temperature).softmax(-1))) if p.do_sample else None
    return lab.generate(tokens, p.max_new_tokens, pick=pick, label=label)


def figure(p: Parameters, *texts: str) -> Texts:
    how = f"sampled at temperature {p.temperature:g}" if p.do_sample else "greedy"
    named = [Text(name=name, text=text) for name, text in zip(("first", "second"), texts, strict=False)]
    return Texts(title=f"The same prompt twice, {how}", prompt=p.prompt, texts=named)
