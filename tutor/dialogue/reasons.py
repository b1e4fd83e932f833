"""Whether what stands beside a bet is a reason."""

from __future__ import annotations

from tutor.dialogue.cues import own_question
from tutor.dialogue.terms import meaning

WANTED = "what makes you think so?"


def lacking(reason: str) -> str:
    """What is said of a reason that is none: that one is needed, or what the word means that it asks for. Else empty."""
    if not reason.strip():
        return f"A bet needs a reason: {WANTED}"
    if own_question(reason) != "only":
        return ""
    if known := meaning(reason):
        return f"{known} Now your reason: {WANTED}"
    return f"That is a question; a bet needs a reason: {WANTED}" if "?" in reason else ""
