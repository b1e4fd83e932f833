"""Where a reply asks something: a question, one behind a statement, one that only wants to be agreed with."""

from __future__ import annotations

import re

SMALL = r"^\W*(?:(?:tell\s+me|and|so|but|then|ok|okay|well|wait|hm+|sorry|first|please|honestly|(?:just\s+)?to\s+be\s+sure)\W+)*"
"""What may stand before a question and says nothing."""
VERB = r"(?:is|are|was|were|do|does|did|can|could|will|would|should|has|have|may|am)(?:n't| not)?"
SUBJECT = r"(?:it|this|that|there|they|the|these|those|an?|you|i|we|he|she|one|all|every|each|any|some)"
MARKED = re.compile(
    rf"{SMALL}(?:what|why|how|who|which|where|whose|when (?:do|does|did|is|are|will|would)|{VERB} \w+)", re.IGNORECASE
)
"""How a question begins that ends with its mark."""
UNMARKED = re.compile(
    rf"{SMALL}(?:(?:what|why|how|who|whose|where|when|which(?! (?:is|was|are|means|makes)\b))"
    rf"(?:\W*$|'?s (?:an?|the|this|that|it|your)\b"
    rf"| (?:(?:exactly|actually|even|really|then) )?(?:{VERB}|happens?|if|about|else|many|much|often|long|far|kind|not)\b)"
    rf"|{VERB} {SUBJECT}\b|what \w+\?$)",
    re.IGNORECASE,
)
"""How one begins without it: `what counts is the direction` and `has to go somewhere` ask nothing."""
CERTAIN = re.compile(
    rf"{SMALL}(?:why {VERB}|(?:what|how|who|where|when) {VERB} {SUBJECT}|what do you mean"
    r"|(?:can|could|would|will) (?:you|u) (?:please )?(?:give|tell|show|explain|help))\b",
    re.IGNORECASE,
)
"""How one begins without its mark that can be nothing else: no answer begins with `why is` or `how does it`."""
ELSEWHERE = re.compile(
    rf"{SMALL}(?:would|could|can|will|should) (?!(?:it|this|that|they|there|these|those)\b)", re.IGNORECASE
)
"""How one begins that asks what would happen in another case."""
BESIDE = re.compile(r"(?P<strong>;\s+|\s+[—–]\s+|\s-\s|(?P<stop>(?<!\b[A-Zegi])[.…!]\s+))|,\s+|\s+(?=(?:and|but)\s)")
"""What may stand between a statement and a question, in what is typed as one sentence; not the stops of `e. g.` and `J. Doe`."""
HEAD = re.compile(rf"{SMALL}(?:if|when|while|since|because|given|suppose|without)\b", re.IGNORECASE)
"""How the first half of a question begins: `if it fell silent, what would happen?`"""
GUESSED = re.compile(r",?\s+i\s+(?:guess|suppose|think|assume|bet|would say)\W*$", re.IGNORECASE)
"""How a guess ends, whatever it begins with: `which of two names comes, I guess?`"""
AGREE = re.compile(
    rf"{SMALL}{VERB} (?:it|that|this|they|he|she|there|i|we|you)"
    r"(?: (?:not|right|correct|so|true|ok|okay|enough|it|make|sense|go|move|on|continue))*\W*$",
    re.IGNORECASE,
)

CLARIFIES = re.compile(
    r"\bwhat (?:do|did) (?:you|u) mean\b|\bwhat (?:does|do) (?:that|this|it) mean\b|\bin other words\b|\b(?:re)?phrase\b|"
    r"\b(?:do not|don'?t) (?:get|understand)\b|\b(?:say|put|ask) (?:that|it|this) (?:again|differently|another way)\b",
    re.IGNORECASE,
)
"""How somebody says that they have not understood the question."""


def marked(sentence: str) -> bool:
    """Whether it ends with a question mark."""
    return sentence.rstrip("\"'”’) ").endswith("?")


def wants(sentence: str) -> bool:
    """Whether it is a question beyond doubt: by its mark and how it begins, or by that alone."""
    return bool((MARKED if marked(sentence) else CERTAIN).match(sentence)) and not GUESSED.search(sentence)


def asks(sentence: str) -> bool:
    """Whether it begins as a question does."""
    return bool((MARKED if marked(sentence) else UNMARKED).match(sentence)) and not GUESSED.search(sentence)


def wants_agreement(question: str) -> bool:
    """Whether it wants to be agreed with, or to go on: `isn't it?`, `am I right?`, `can we go on?`"""
    return bool(AGREE.match(question))


def apart(sentence: str) -> list[str]:
    """What a sentence says, and the question behind it: `by counting; what is a token?`"""
    found = []
    if marked(sentence):
        whole = asks(sentence)  # `is first. why is it?` begins as a question does, and a full stop says that it is none
        for m in BESIDE.finditer(sentence):
            if whole and not m["stop"]:
                continue
            tail = sentence[m.end() :]
            begins = MARKED.match(tail) if m["strong"] else UNMARKED.match(tail) and not HEAD.match(sentence)
            if begins and not wants_agreement(tail):
                found.append(m)
    # `by habit; what comes often is likely. what is a token?`: what stands before a full stop is no part of the question
    at = next((m for m in found if m["stop"]), found[0] if found else None)
    return [sentence[: at.start()], sentence[at.end() :]] if at else [sentence]


def clarifies(text: str) -> bool:
    """Whether it asks for the question in other words."""
    return bool(CLARIFIES.search(text))
