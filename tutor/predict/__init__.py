"""The kinds of prediction: reading what the learner typed, and scoring it against the facts of the run.

The truth is always looked up in the facts; a lesson only says which fact, or under which facts an option is true.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from engine.figures import number, shown
from tutor.course.conditions import holds
from tutor.course.format import Choice, Number, Prediction, Token, fill

Answer = str | float


class NotAnAnswer(ValueError):
    """What was typed is no answer to this question; the message says what would be."""


@dataclass(frozen=True)
class Verdict:
    """A prediction held against a run."""

    right: bool
    truth: str
    """What happened, in the words of the question: an option's text, a number with its unit, a token."""
    line: str
    """One sentence for the learner; nothing about the learner's person."""


def parse(question: Prediction, typed: str) -> Answer:
    """The answer that was typed. Raises NotAnAnswer with a sentence for the learner."""
    match question:
        case Choice():
            return _option(question, typed)
        case Number():
            return _number(question, typed)
        case Token():
            if not typed.strip():
                raise NotAnAnswer("type the token you expect, such as  Paris")
            return re.sub("^·", " ", typed.rstrip("\n")).replace("⏎", "\n")
    raise TypeError(question)


def answer_text(question: Prediction, answer: Answer) -> str:
    """The answer in the words of the question."""
    match question:
        case Choice():
            return next((o.says for o in question.options if o.id == answer), str(answer))
        case Number():
            return f"{number(answer)} {question.unit}".strip()
        case Token():
            return shown(str(answer))
    raise TypeError(question)


def verdict(question: Prediction, answer: Answer, facts: Mapping[str, Any], confidence: int) -> Verdict:
    """The prediction scored against the facts of a run. A fact that the run did not give is never right."""
    sure = f"You were {confidence} % sure."
    match question:
        case Choice():
            true = next((o for o in question.options if holds(o.when, facts)), None)
            if true is None:
                return Verdict(False, "none of these", f"Your model did none of these. {sure}")
            truth = fill(true.says, facts)
            if true.id == answer:
                return Verdict(True, truth, f"As you said: {_lower(truth)}. {sure}")
            return Verdict(False, truth, f"It went another way: {_lower(truth)}. {sure}")
        case Number():
            real = facts.get(question.fact)
            if not isinstance(real, (int, float)) or isinstance(real, bool):
                return Verdict(False, "not measured", f"This run did not measure {question.fact}. {sure}")
            truth = f"{number(real)} {question.unit}".strip()
            if not isinstance(answer, (int, float)):
                return Verdict(False, truth, f"It is {truth}; you said {answer}, which is no number. {sure}")
            off = float(answer) - float(real)
            if abs(off) <= question.close or math.isclose(abs(off), question.close):
                return Verdict(True, truth, f"It is {truth}; you said {number(answer)}, near enough. {sure}")
            side = "too high" if off > 0 else "too low"
            return Verdict(False, truth, f"It is {truth}; you said {number(answer)}, {number(abs(off))} {side}. {sure}")
        case Token():
            real = facts.get(question.fact)
            if not isinstance(real, str):
                return Verdict(False, "not measured", f"This run did not measure {question.fact}. {sure}")
            truth = shown(real)
            if str(answer) == real or (str(answer).strip() == real.strip() != ""):
                return Verdict(True, truth, f"It says {truth}, as you said. {sure}")
            return Verdict(False, truth, f"It says {truth}; you said {shown(str(answer))}. {sure}")
    raise TypeError(question)


SMALL = frozenset("the it a an nothing all its this only none one most no".split())


def _lower(text: str) -> str:
    """A sentence as part of another: first letter small unless the word is a name, no full stop."""
    first = text.split(" ", 1)[0]
    text = text.rstrip(".")
    return text[0].lower() + text[1:] if first.lower() in SMALL else text


def _option(question: Choice, typed: str) -> str:
    """An option by its id, its text, its number (from 1) or its letter."""
    t = typed.strip().lower()
    names = [(o.id, o.id) for o in question.options] + [(o.says.lower(), o.id) for o in question.options]
    names += [(str(i + 1), o.id) for i, o in enumerate(question.options)]
    names += [("abcdef"[i], o.id) for i, o in enumerate(question.options)]
    for name, option in names:
        if t == name:
            return option
    raise NotAnAnswer(f"choose one of 1 to {len(question.options)}")


NUMBER = re.compile(
    r"(?:~|≈|about|around|roughly)?\s*([-+]?(?:\d+(?:[.,]\d*)?|[.,]\d+)(?:e[-+]?\d+)?)\s*(%|[a-z ]*)", re.IGNORECASE
)


def _number(question: Number, typed: str) -> float:
    """A number as people write it: `0.5`, `.5`, `1e-3`, `1,5`, `50%`, `50 percent`, `about 50 bits`."""
    t = typed.strip().lower().replace("−", "-").replace("\u00a0", " ")
    m = NUMBER.fullmatch(t)
    if not m:
        raise NotAnAnswer(f"type a number{between(question)}, such as 0.5, 1e-3 or 50%")
    if re.fullmatch(r"[-+]?[1-9]\d{0,2},\d{3}", m[1]):
        raise NotAnAnswer(f"{m[1]} can be read in two ways: type {m[1].replace(',', '')} or {m[1].replace(',', '.')}")
    value = float(m[1].replace(",", "."))
    if m[2].strip() in ("%", "percent", "per cent") and question.unit not in ("%", "percent"):
        value /= 100
    low, high = question.low, question.high
    if not math.isfinite(value) or (low is not None and value < low) or (high is not None and value > high):
        raise NotAnAnswer(f"{number(value)} is outside the range{between(question)}")
    return value


def between(question: Number) -> str:
    """The range of an answer, to be put behind "a number"; empty where there is none."""
    low, high = question.low, question.high
    if low is not None and high is not None:
        return f" from {low:g} to {high:g}"
    if low is not None:
        return f", at least {low:g}"
    return f", at most {high:g}" if high is not None else ""
