"""Whether what stands beside a bet is a reason, and what is said where a question stands in its place or in the bet's."""

from __future__ import annotations

from engine.protocol import ModelInfo
from tutor.dialogue.cues import READ, own_question, parse
from tutor.dialogue.sizes import told

WANTED = "what makes you think so?"


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
    only = "?" in reason and own_question(reason) == "only"
    return f"That is a question; a bet needs a reason: {WANTED}" if only else ""
