"""Whether what stands beside a bet is a reason, and what is said where a question stands in its place or in the bet's."""

from __future__ import annotations

import re

from engine.protocol import ModelInfo
from tutor.dialogue.cues import READ, own_question, parse
from tutor.dialogue.sizes import told

WANTED = "what makes you think so?"
ASKED = re.compile(
    r"^(?:[^.;!?]*\b(?:what|which|who|whom|where|when|how)(?:\s+\w+)?|(?:is|are|does|do|did|was|were|can|will|has|have)\s+(?!it\b"
    r"|they\b|not\b)[^.;!?]*)\s*\?\s*$",
    re.IGNORECASE,
)
"""A question that does not begin as one does, `compared to what?`, or a yes-or-no one; not a guess: `is it the others?`"""


def because(reason: str) -> str:
    """The reason with one “because” before it; empty where none was given."""
    words = reason.strip()
    return words if not words or words.lower().startswith("because") else f"because {words}"


def answers(typed: str, model: ModelInfo | None = None) -> str:
    """What the tutor can say to what stands where an answer is wanted and is no more than a question; else empty."""
    typed = typed[:READ]
    asks = own_question(typed) == "only" or all(s.asks for s in parse(typed))
    return told(typed, model) if asks else ""


def lacking(reason: str, model: ModelInfo | None = None) -> str:
    """What is said of a reason that is none: that one is needed, or the answer to what it asks: what a word means, how large
    the model is. Else empty."""
    if not any(c.isalpha() for c in reason):  # a digit may have been meant for another field
        return f"A bet needs a reason: {WANTED}"
    if known := answers(reason, model):
        return f"{known} Now your reason: {WANTED}"
    only = "?" in reason and (own_question(reason) == "only" or ASKED.match(reason.strip()))
    return f"That is a question; a bet needs a reason: {WANTED}" if only else ""
