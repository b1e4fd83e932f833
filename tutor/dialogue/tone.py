"""How a sentence sounds: does it affirm, does it praise, is it plain text, would yes or no answer it."""

from __future__ import annotations

import re
import unicodedata

from tutor.dialogue.words import outside

AUX = r"(?:is|are|am|was|were|do|does|did|can|could|will|would|has|have|had|should|shall|may|might|must)"
LEAD = r"^(?:(?:and|so|but|then|now|or|ok|well|first|still|hm+|um+|uh|er|ah|oh|wait|maybe|perhaps|if so|in that case|since)\s+)*"
WH = re.compile(rf"{LEAD}(?:(?:in|to|from|at|for|by|with|on|of)\s+)?(?:what|how|why|which|who|whose|whom|where)\b")
WHEN = re.compile(rf"{LEAD}when\s+{AUX}\b")
CLOSED = re.compile(rf"{LEAD}{AUX}(?:n't| not)?\s+\w+")
TAG = re.compile(
    rf"^(?:right|correct|no|yes|ok|okay|agreed|true|not|{AUX}(?:n't)? (?:it|they|you|that|we|he|she)(?: not)?)$"
)

BEGINS = r"(?:^|[.!?;:—–,]\s+)"
ADVERB = r"(?!hardly|barely|scarcely|nearly|rarely|only|supposedly)(?:\w+ly|also|quite|very|all|so|indeed|just|half)"
AFFIRMS = re.compile(
    "|".join(
        (
            rf"{BEGINS}(?:yes|yep|(?:{ADVERB} )?(?:right|correct|true)|exactly|precisely|indeed|agreed|absolutely|definitely|"
            r"of course|sure)(?=\s*(?:[,.!;:—–]|$))",
            rf"{BEGINS}(?:yes|yep)\s+(?:it|the|that|this|they|you|a|an|one|all|because|since)\b",
            rf"\b(?:you are|you're|that is|that's|this is|it is|it's) (?:{ADVERB} )*"
            r"(?:right|correct|true)(?=\s*(?:[,.!;:—–]|and\b|that\b|about\b|$))",
            rf"(?:{BEGINS}|\b(?:that|this|it) )makes (?:good |perfect )?sense\b(?! of\b)",
            r"\byou(?: have|'ve) understood\b(?! by\b)",
            r"\b(?:that is|that's) (?:it|the point|so)\b",
            r"\b(?:covers|has) it\b|\byou(?: have|'ve) got it\b|\bspot on\b|\bi agree\b",
            r"\b(?:good|fair|valid) (?:point|idea|reason|answer|guess)\b|\byou (?:rightly|correctly)\b",
        )
    ),
    re.IGNORECASE,
)
BANNED = re.compile(r"\b(just|simply|obviously)\b", re.IGNORECASE)
PRAISE = re.compile(
    "|".join(
        (
            r"\b(?:good|great|nice|excellent|sharp|clever|smart|fine|brilliant|impressive|wonderful|perfect|lovely) "
            r"(?:job|work|thinking|question|observation|catch|intuition|start|try|eye|insight|reasoning|effort|thought|one)\b",
            r"(?:^|[.!?—–]\s+)(?:great|excellent|nice|brilliant|awesome|amazing|fantastic|wonderful|impressive|perfect|bravo|"
            r"congrat\w*|kudos|wow)\b",
            r"\byou(?: are|'re) (?:so |very |really |a |an |quite |clearly )*(?:smart|clever|brilliant|talented|sharp|"
            r"great|good|natural|expert|insightful|genius)\b",
            r"\bwell (?:done|spotted|put|said|reasoned|thought)\b|\bgood for you\b|\bkeep it up\b",
            r"\bproud of you\b|\bimpresse[sd]\b|\byou did (?:very |really |so )?well\b",
        )
    ),
    re.IGNORECASE,
)
MARKUP = re.compile(
    r"\[/?[a-z@#$!][^\]\n]*\]|\[/\]|\]\(|\*\*|__\w|(?<![\w*])[*_][^\s*_][^*_\n]*[*_](?![\w*])|</?[a-z][^>\n]*>|~~|```"
    r"|^\s*(?:#{1,6}|[-*+]|>|\d+\.)\s+\S"
    r"|(?:^|(?<=\s))[*_](?=[^\W_])",  # what opens here may close in another sentence
    re.IGNORECASE | re.MULTILINE,
)


def affirms(text: str) -> bool:
    """Whether it tells the learner that they are right; what stands in quotation marks does not count."""
    return bool(AFFIRMS.search(outside(text)))


def belittles(text: str) -> str | None:
    """A word that makes it sound easy, if there is one."""
    m = BANNED.search(outside(text))
    return m[0].lower() if m else None


def praises(text: str) -> bool:
    """Whether it praises the person."""
    return bool(PRAISE.search(outside(text)))


def controls(text: str) -> bool:
    """Whether it holds characters that steer a terminal or hide."""
    return any(unicodedata.category(c) in ("Cc", "Cf", "Co", "Cs") and c != "\n" for c in text)


def marked_up(text: str) -> bool:
    """Whether it holds markup other than inline code."""
    return bool(MARKUP.search(re.sub(r"`[^`\n]+`", "·", text))) or text.count("`") % 2 == 1


def closed(question: str) -> bool:
    """Whether yes or no would answer the question."""
    text = outside(question).lower().rstrip("?\"”’') ").lstrip("· -—–,:")
    clauses = [c.strip(" ·") for c in re.split(r"[,;:]|\s[-—–]+\s", text) if c.strip(" ·")]
    if not clauses or TAG.match(clauses[-1]):
        return True
    if any(WH.match(c) or WHEN.match(c) for c in clauses):
        return False
    choice = re.search(r"\bor\b(?! not\b)", text)
    if any(CLOSED.match(c) for c in clauses):
        return not choice
    asks = re.search(r"\b(?:what|how|why|which|who|whose|where)\b", text)
    return not asks and not choice and bool(re.match(r"(?:if|when|suppose)\b", text))
