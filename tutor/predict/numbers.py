"""A number or an interval as people write it: `0.5`, `1e-3`, `1,5`, `50%`, `50 bits`, `layer 4`, `four`, `2 to 4`, `2-4`."""

from __future__ import annotations

import math
import re

from tutor.course.format import Number
from tutor.predict.answers import NotAnAnswer
from tutor.predict.scales import too_wide

VALUE = r"[-+]?(?:\d+(?:[.,]\d+)?|[.,]\d+)(?:e[-+]?\d+)?"
WORDS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")
PART = r"hal(?:f|ves)|thirds?|quarters?|fifths?|tenths?|hundred|thousand|million"
WORD = re.compile(rf"\b({'|'.join(WORDS)})\b(?!\s*-?\s*(?:{PART})\w*)")
"""A number that is written out, but not the one of `one half`."""
PLACES = ("layer", "head", "position", "token", "neuron")
ABOUT = rf"(?:~|≈|about|around|roughly|at|in)?\s*(?:the\s+)?(?:(?:{'|'.join(PLACES)})s?\b\s*)?"
"""What may stand before a number."""
UNIT = r"(%|(?:(?!\b(?:to|and)\b)[a-z ])*)"
"""A word or two behind a number, but not those between the ends of an interval."""
POINT = re.compile(rf"{ABOUT}([-+]?(?:\d+(?:[.,]\d*)?|[.,]\d+)(?:e[-+]?\d+)?)\s*{UNIT}", re.IGNORECASE)
RANGE = re.compile(
    rf"(?:from|between)?\s*{ABOUT}({VALUE})\s*{UNIT}\s*(?:to|and|\.\.+|…|–|—|-)\s*{ABOUT}({VALUE})\s*{UNIT}",
    re.IGNORECASE,
)
PERCENT = ("%", "percent", "per cent")
SPACES = str.maketrans({"−": "-", "\u00a0": " ", "\u2009": " ", "\u202f": " "})


def read_number(question: Number, typed: str) -> float | list[float]:
    """The number, or both ends of the interval, the lower first. Raises NotAnAnswer."""
    t = WORD.sub(lambda m: str(WORDS.index(m[1])), typed.translate(SPACES).strip().lower())
    _same_kind(question, t)
    if m := POINT.fullmatch(t):
        return _within(question, _value(m[1], m[2], question.unit))
    m = RANGE.fullmatch(t)
    if not m:
        one, many = examples(question)
        raise NotAnAnswer(f"type a number{between(question)}, such as {one}, or a range: {many}")
    last = m[4]
    first = last if last.strip() in PERCENT and not m[2].strip() else m[2]  # 10-20 % means both
    low, high = sorted(_within(question, _value(v, u, question.unit)) for v, u in ((m[1], first), (m[3], last)))
    if low == high:
        return low
    if too_wide(question, low, high):
        raise NotAnAnswer(f"{low:.6g} to {high:.6g} is more than half of what is possible: name a narrower range")
    return [low, high]


def read_value(text: str, percent: bool, unit: str) -> float:
    """A number within a longer answer. Raises NotAnAnswer where it can be read in two ways."""
    return _value(text, "%" if percent else "", unit)


def _value(text: str, after: str, unit: str) -> float:
    if re.fullmatch(r"[-+]?[1-9]\d{0,2},\d{3}", text):
        raise NotAnAnswer(f"{text} can be read in two ways: type {text.replace(',', '')} or {text.replace(',', '.')}")
    value = float(text.replace(",", "."))
    return value / 100 if after.strip() in PERCENT and unit not in ("%", "percent") else value


def _within(question: Number, value: float) -> float:
    low, high = question.low, question.high
    if not math.isfinite(value) or (low is not None and value < low) or (high is not None and value > high):
        raise NotAnAnswer(f"{value:.6g} is outside the range{between(question)}")
    return value


def _same_kind(question: Number, typed: str) -> None:
    """Refuse a head where a layer is asked for, and the like."""
    asked = [place for place in PLACES if place in question.fact.split("_")]
    named = re.findall(rf"\b({'|'.join(PLACES)})s?\b", typed)
    if asked and (other := next((place for place in named if place not in asked), None)):
        raise NotAnAnswer(f"the question asks for a {asked[0]}, and “{typed}” names a {other}")


def examples(question: Number) -> tuple[str, str]:
    """A number and a range as one might type them here; whole ones where the question is about whole things."""
    low = 0.0 if question.low is None else question.low
    high = low + 10 if question.high is None else question.high
    wide = low.is_integer() and high.is_integer() and high - low >= 5
    if wide and (question.high is not None or question.close >= 1):
        n = round(low + (high - low) * 0.35)
        return f"{n}", f"{n - 1} to {n + 1}"
    if low <= 0 and high >= 0.5:
        return "0.5, 1e-3 or 50%", "0.2 to 0.4"
    one, first, last = (f"{low + (high - low) * share:.3g}" for share in (0.3, 0.2, 0.4))
    return one, f"{first} to {last}"


def between(question: Number) -> str:
    """The range of an answer, to be put behind "a number"; empty where there is none."""
    low, high = question.low, question.high
    if low is not None and high is not None:
        return f" from {low:g} to {high:g}"
    if low is not None:
        return f", at least {low:g}"
    return f", at most {high:g}" if high is not None else ""
