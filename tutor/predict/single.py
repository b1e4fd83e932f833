"""Verdicts on one thing: an option, a number or an interval, a token."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from engine.figures import number, shown
from tutor.course.conditions import When, holds
from tutor.course.format import Choice, Number, Token, fill
from tutor.predict import scoring
from tutor.predict.answers import Verdict, as_range, real
from tutor.predict.phrases import lower, sure, unmeasured
from tutor.predict.scales import on_axis, too_wide
from tutor.predict.truths import measured
from tutor.predict.writing import as_said, with_unit

BRIER = "Brier score"
INTERVAL = "interval score"


def choice(question: Choice, answer: Any, facts: Mapping[str, Any], confidence: int) -> Verdict:
    end = sure(confidence)
    true = next((o for o in question.options if holds(o.when, facts)), None)
    if true is None:
        line = f"Your model did none of these. {end}"
        if not any(measured(o.when, facts) for o in question.options):
            return Verdict(False, "none of these", line)
        score = scoring.brier(confidence / 100, False, len(question.options))
        return Verdict(False, "none of these", line, score, BRIER)
    truth, right = fill(true.says, facts), true.id == answer
    came = (
        f"{lower(truth)} ({fill(question.shows, facts)})"
        if question.shows
        else f"{lower(truth)}{_by(true.when, facts)}"
    )
    line = f"As you said: {came}. {end}" if right else f"It went another way: {came}. {end}"
    return Verdict(right, truth, line, scoring.brier(confidence / 100, right, len(question.options)), BRIER)


def _by(when: When, facts: Mapping[str, Any]) -> str:
    """The numbers that made an option true, in brackets: ` (drop 0.50)`. A name such as `depth_top` tells a learner nothing."""
    numbers = [fact for fact in when if "_" not in fact and real(facts.get(fact)) is not None]
    said = ", ".join(f"{fact} {number(facts[fact])}" for fact in numbers)
    return f" ({said})" if said else ""


def number_or_interval(question: Number, answer: Any, facts: Mapping[str, Any], confidence: int) -> Verdict:
    """A point is right within `close`. An interval is right if it holds the value, and one narrower than that counts as
    twice `close` wide; one that takes more than half of the axis says nothing and is never right."""
    value = real(facts.get(question.fact))
    if value is None:
        return unmeasured(question.fact, confidence)
    end, truth = sure(confidence), f"{number(facts[question.fact])} {question.unit}".strip()
    ends = as_range(answer)
    if ends is None:
        return Verdict(False, truth, f"It is {truth}; you said {answer}, which is no number. {end}", 0.0, BRIER)
    (low, high), middle, said = ends, sum(ends) / 2, with_unit(ends, "")
    least, most = min(low, middle - question.close), max(high, middle + question.close)
    inside = least <= value <= most or math.isclose(abs(value - middle), question.close)
    off = low - value if value < low else max(value - high, 0.0)
    near = "near enough" if inside else f"{as_said(off)} too {'low' if value > high else 'high'}"
    if low == high:
        score = scoring.brier(confidence / 100, inside)
        hit = value == low or number(facts[question.fact]) == number(low)
        line = f"It is {truth}, as you said." if hit else f"It is {truth}; you said {said}, {near}."
        return Verdict(inside, truth, f"{line} {end}", score, BRIER)
    axis = [on_axis(question, v) for v in (low, high, value)]
    score = scoring.interval(axis[0], axis[1], confidence / 100, axis[2])
    if too_wide(question, low, high):
        line = f"It is {truth}; you said {said}, which is too wide to say anything."
        return Verdict(False, truth, f"{line} {end}", score, INTERVAL)
    line = f"It is {truth}, within your {said}." if inside and not off else f"It is {truth}; you said {said}, {near}."
    return Verdict(inside, truth, f"{line} {end}", score, INTERVAL)


def token(question: Token, answer: Any, facts: Mapping[str, Any], confidence: int) -> Verdict:
    happened = facts.get(question.fact)
    if not isinstance(happened, str):
        return unmeasured(question.fact, confidence)
    truth, said = shown(happened), str(answer)
    right = said == happened or (said.strip() == happened.strip() != "")
    line = f"It says {truth}, as you said." if right else f"It says {truth}; you said {shown(said)}."
    return Verdict(right, truth, f"{line} {sure(confidence)}", scoring.brier(confidence / 100, right), BRIER)
