"""Whether a learner says that they do not know: of themselves, or by saying nothing else."""

from __future__ import annotations

import re
from collections.abc import Sequence

from tutor.dialogue.cues import READ, Sentence
from tutor.dialogue.words import plain, words

SMALL_TALK = frozenset(
    """um uh er ah oh hm hmm mm ok okay nope no yeah yes yep tbh lol sorry please help honestly really truly well still here
    now one on this that it too then again sure""".split()
)
SELF = frozenset("i im am me my we a bit have got feel just so".split())
"""What else stands beside it, said of oneself."""
NOT_KNOWING = (
    r"((do not|did not) (really |even )?know|no (\w+ )?(idea|clue)|not a clue|not (really |quite |so |too )?sure|no guess|"
    r"have no answer|do not (really )?(get|understand)( (it|this|that|you|the question)|(?= \.|$))|can not say)"
)
AT_A_LOSS = r"(lost|stuck|stumped|pass|beats me|who knows|you lost me)"
FILLED = r"( (am|have|got|feel|a|bit|quite|so|just|still|also|do|really|truly|honestly|absolutely|literally|completely|totally))*"
IDK = re.compile(rf"\b({NOT_KNOWING}|{AT_A_LOSS})\b")
OWN_IDK = re.compile(
    rf"\b(i|im|we){FILLED} ({NOT_KNOWING}|{AT_A_LOSS})\b|\b(you lost me|beats me)\b|"
    rf"^(({'|'.join(SMALL_TALK)}) )*{NOT_KNOWING}\b"
)
"""Said of the learner: `the model is not sure` and `it gets stuck` are answers."""
SHRUG = re.compile(r"¯\S*[\\/_(]")


def shrugs(reply: str) -> bool:
    """Whether it is a shrug, or question marks and no word."""
    return bool(SHRUG.search(reply)) or ("?" in reply and not words(reply))


GUESS = re.compile(r"\b(maybe|perhaps|possibly) (?!(not|later|it is hard|i)\b)\w+")
"""Behind words of being at a loss, this begins a guess: `idk, maybe it falls back on the token before`. So does a question that
is none: `dunno, France?`"""


def of_words(said: Sequence[Sentence]) -> bool:
    """Whether the learner says so in these sentences, and no more than that: a guess behind it is an answer."""
    text = " . ".join(plain(s.text) for s in said)
    rest = {w.text for w in words(IDK.sub(" ", text)) if w.content}
    if rest - SMALL_TALK - SELF and (GUESS.search(text) or any(s.marked and not s.asks for s in said)):
        return False
    return bool(OWN_IDK.search(text)) or (bool(IDK.search(text)) and rest <= SMALL_TALK)


def says_nothing(reply: str) -> bool:
    """Whether a whole reply holds no more than that, or not even that: `no idea`, `hmm`, `ok`. `It was not sure` is said of
    the model."""
    rest = {w.text for w in words(IDK.sub(" ", plain(reply[:READ])))}
    return shrugs(reply) or rest <= SMALL_TALK | SELF
