"""Tokens: what the model really reads.

A model reads no letters and no words. A tokenizer cuts the text into tokens, pieces that were frequent in the text it
was made from, and the model gets their numbers. Mostly the space before a word belongs to the word's token, so " cat"
and "cat" are two different tokens. Rare words, names and other scripts take several tokens each.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from pydantic import Field

from engine.experiments.base import Count, FactSet, Outcome, ParameterSet
from engine.figures import Table, Text, Texts, shown

if TYPE_CHECKING:
    from engine.lab import Lab

NEEDS = ()


class Parameters(ParameterSet):
    text: Annotated[str, Field(min_length=1, description="text to cut into tokens")]


class Facts(FactSet):
    n_tokens: Count = Field(description="how many tokens the model reads, the beginning-of-sequence token among them")
    tokens: list[str] = Field(description="the text of each token; � where a character is cut in two")
    token_ids: list[int] = Field(description="the number of each token, which is all that the model gets")
    n_characters: Count = Field(description="characters of the text")
    characters_per_token: float = Field(
        ge=0, description="characters of the text for each of its own tokens, on average"
    )


def run(lab: Lab, p: Parameters) -> Outcome:
    ids = [int(token) for token in lab.tokens(p.text, bos=p.bos, parameter="text")]
    tokens = [lab.text_of(token) for token in ids]
    facts = Facts(
        n_tokens=len(ids),
        tokens=tokens,
        token_ids=ids,
        n_characters=len(p.text),
        characters_per_token=len(p.text) / (len(ids) - p.bos),
    )
    cut = Texts(
        title="Where the text is cut",
        note="A | stands between two tokens; the text has none there.",
        texts=[Text(text="|".join(tokens))],
    )
    table = Table(
        title=f"{len(ids)} tokens",
        note="A · is a space at the beginning of a token.",
        heads=["position", "token", "id"],
        body=[[str(i), shown(token), str(id)] for i, (token, id) in enumerate(zip(tokens, ids, strict=True))],
    )
    return Outcome(facts, [cut, table])
