"""The words of the field, from `lessons/terms.yaml`: what the tutor says when a learner asks what one of them means."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from pydantic import BaseModel, ConfigDict, TypeAdapter

from tutor.course import TERMS, shipped
from tutor.course.source import Kind, read
from tutor.dialogue.asking import SMALL
from tutor.dialogue.cues import parse
from tutor.dialogue.words import PLAIN

FILE = Kind("the words of the field", "`- term: token`", "`says`")
ASKS = re.compile(
    rf"""{SMALL}
    (?:what\s+do\s+you\s+mean\s+(?:by|with)|(?:what\s+is\s+)?the\s+meaning\s+of
      |what(?:\s+(?:exactly|actually|even))?(?:'?s|\s+is|\s+are|\s+was|\s+were|\s+does|\s+do|\s+means)(?:\s+meant\s+by)?
      |(?:can\s+you\s+|could\s+you\s+)?(?:please\s+)?(?:explain|define|remind\s+me)(?:\s+(?:to\s+)?me)?(?:\s+what)?
      |how\s+do\s+you\s+define
      |why(?:'?s|\s+is|\s+are)\s+(?:it|this|that|they|these|those)\s+(?:called|named)
      |i\s+(?:(?:do\s+not|don'?t|dont)\s+know|forgot|forget)\s+what)\s+
    (?:an?\s+|the\s+|this\s+|these\s+)?
    (?P<what>.+?)
    (?:[\s,]+(?:means?|is|are|do|does|stands?|used|good|for|actually|exactly|again|here|please|now
      |anyway|anyways|really|then|btw|though|tho|first|precisely|by\s+the\s+way|in\s+this\s+(?:model|lesson|run)))*(?:,\s+and\s.*)?\W*$""",
    re.IGNORECASE | re.VERBOSE,
)

EITHER = re.compile(
    rf"{SMALL}(?:is|are)\s+(?:\S+\s+){{1,2}}(?:an?\s+|the\s+)?(\S+)\s+or\s+(?:an?\s+|the\s+)?(\S+?)\W*$", re.IGNORECASE
)
"""`is length the norm or the dimension?`"""
PLACE = re.compile(r"\s+(?:before|behind|after|in front|there|at|on)\b|\s+-?\d[\d.]*\b", re.IGNORECASE)
"""What may follow the word that is asked for: `what does the dot before blue mean?`, `what does temperature 1 mean?`"""
WHAT = re.compile(rf"{SMALL}what\s+(\w+)\?\W*$", re.IGNORECASE)
"""`what norm?`"""


class Term(BaseModel):
    """A word of the field and what it means, in a sentence or two."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    term: str
    also: tuple[str, ...] = ()
    """Other words that are answered with the same."""
    says: str


@lru_cache
def terms() -> tuple[Term, ...]:
    """The shipped terms, in the order of the file. Raises ValueError where the file is not right: a test reads it."""
    root, problems = read(shipped() / TERMS, FILE)
    if root is None or problems:
        raise ValueError("\n".join(map(str, problems)))
    return tuple(TypeAdapter(list[Term]).validate_python(root.data()))


@lru_cache
def _known() -> dict[str, Term]:
    return {_bare(name): term for term in terms() for name in (term.term, *term.also)}


def meaning(reply: str) -> str:
    """What the term means that the reply asks for; empty where it asks for none, or for one that is not known."""
    known = _known()
    for sentence in parse(reply.translate(PLAIN)):
        for asked in _asked(sentence.text):
            if term := known.get(_bare(asked)) or known.get(_bare(asked.removesuffix("s"))):
                named = _bare(asked.removesuffix("s")) in _bare(term.says)
                return term.says if named else f"“{asked}”: {term.says}"
    return ""


def _asked(sentence: str) -> Iterator[str]:
    """What the sentence asks the meaning of: `what is a logit?`, `define logit`, or `logit?` alone."""
    if found := ASKS.match(sentence):
        what = found["what"].strip("\"'`* ")
        yield from (what, PLACE.split(what)[0])
    if sentence.rstrip().endswith("?"):
        yield sentence.strip("\"'`?! ")
    for form in (EITHER, WHAT):
        if found := form.match(sentence):
            yield from found.groups()


def _bare(name: str) -> str:
    """A name as it is compared: `Top K` is `top-k`."""
    return re.sub(r"[\s_-]+", " ", name.strip()).lower()
