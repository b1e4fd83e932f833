"""Words that the sentences of verdicts share."""

from __future__ import annotations

from tutor.predict.answers import Verdict

SMALL = frozenset(
    """the it a an nothing all its this only none one two three four five six most no less more fewer between about nearly
    to in at""".split()
)


def sure(confidence: int) -> str:
    return f"You were {confidence} % sure."


def unmeasured(fact: str, confidence: int) -> Verdict:
    """The run did not give the fact that the question is about: nothing is right, and nothing is scored."""
    return Verdict(False, "not measured", f"This run did not measure {fact}. {sure(confidence)}")


def lower(text: str) -> str:
    """A sentence as part of another: first letter small unless the word is a name, no full stop."""
    first = text.split(" ", 1)[0]
    text = text.rstrip(".")
    return text[0].lower() + text[1:] if first.lower() in SMALL else text
