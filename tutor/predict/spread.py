"""Verdicts on many things at once: a curve, a distribution, free words."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from engine.figures import number, shown
from tutor.course.format import Chips, Drawn, FreeText, fill
from tutor.predict import scoring
from tutor.predict.answers import CHIPS, Verdict, as_chips, drawn
from tutor.predict.phrases import lower, sure, unmeasured
from tutor.predict.scales import close_enough, measure, on_curve
from tutor.predict.truths import curve_of, shares_of, true_of
from tutor.predict.words import spoken
from tutor.predict.writing import ELSE, chips_text

DISTANCE = "mean distance"
QUADRATIC = "Brier score of the distribution"
HELD = "share of outcomes held rightly"
NEAR = 0.2
"""A distribution is right if no more than this share of the chips lies elsewhere in the run: 4 of 20."""
NEAR_ENOUGH = f"right if no more than {NEAR * CHIPS:.0f} would have to move"


def off_by(question: Drawn, bet: Sequence[float], run: Sequence[float]) -> float:
    """How far off a curve is on average, in the measure of its scale."""
    return sum(abs(measure(question, a) - measure(question, b)) for a, b in zip(bet, run, strict=True)) / len(run)


def curve(question: Drawn, answer: Any, facts: Mapping[str, Any], confidence: int) -> Verdict:
    run = curve_of(question, facts)
    if run is None:
        return unmeasured(question.fact, confidence)
    end, unit = sure(confidence), f" {question.unit}" if question.unit else ""
    truth = f"from {number(run[0])}{unit} at layer 0 to {number(run[-1])}{unit} at layer {len(run) - 1}"
    bet = drawn(answer, len(run), question.scale)
    if not bet:
        return Verdict(False, truth, f"It goes {truth}; your bet was no curve. {end}", 0.0, DISTANCE)
    off, enough = off_by(question, bet, run), close_enough(question)
    right = off <= enough or math.isclose(off, enough)
    score = scoring.distance([on_curve(question, v) for v in bet], [on_curve(question, v) for v in run])
    worst = max(range(len(run)), key=lambda n: abs(measure(question, bet[n]) - measure(question, run[n])))
    amount = f"by a factor of {number(math.exp(off))}" if question.scale == "log" else f"by {number(off)}{unit}"
    line = f"You are off {amount} a layer on average{', near enough' if right else ''}"
    if off > 0:
        line += f"; most at layer {worst}: {number(run[worst])}{unit} where you drew {number(bet[worst])}"
    return Verdict(right, truth, f"{line}. {end}", score, DISTANCE)


def distribution(
    question: Chips, answer: Any, facts: Mapping[str, Any], confidence: int, run: Mapping[str, Any] | None
) -> Verdict:
    happened = shares_of(question, facts, run)
    if happened is None:
        return unmeasured(question.fact, confidence)
    end, truth = sure(confidence), chips_text(question, [number(p) for p in happened])
    counts = as_chips(question, answer)
    if counts is None:
        return Verdict(False, truth, f"It is {truth}; your bet was not {CHIPS} chips. {end}", 0.0, QUADRATIC)
    bet = [c / CHIPS for c in counts]
    share = scoring.elsewhere(bet, happened)
    right = share <= NEAR + 1e-9
    worst = max(range(len(bet)), key=lambda n: abs(bet[n] - happened[n]))
    name = ELSE if worst == len(question.candidates) else shown(question.candidates[worst])
    away = round(share * CHIPS)
    line = f"{away or 'None'} of your {CHIPS} chips would have to move to match the run"
    line += ": near enough" if right else ""
    line += f"; {name} got {number(happened[worst])}, your chips say {number(bet[worst])}"
    return Verdict(right, truth, f"{line}. {end}", scoring.chips(bet, happened), QUADRATIC)


def text(question: FreeText, answer: Any, facts: Mapping[str, Any], confidence: int) -> Verdict:
    """Right if something that the words speak of came, and nothing that they speak of did not."""
    came = true_of(question, facts)
    if came is None:
        return unmeasured(", ".join(dict.fromkeys(f for o in question.expects for f in o.when)), confidence)
    says = {o.id: lower(fill(o.says, facts)) for o in question.expects}
    truth = "; ".join(says[id] for id in came) or "none of these"
    said = spoken(question, answer) if isinstance(answer, str) else frozenset[str]()
    score = scoring.held(said, came, list(says))
    parts = [
        ("As you said", [id for id in says if id in said and id in came]),
        ("Not so", [id for id in says if id in said and id not in came]),
        ("It came, and you did not speak of it", [id for id in says if id in came and id not in said]),
    ]
    line = " ".join(f"{head}: {'; '.join(says[id] for id in ids)}." for head, ids in parts if ids)
    line = line or "It did none of what this question listens for."
    right = bool(parts[0][1]) and not parts[1][1]
    return Verdict(right, truth, f"{line} {sure(confidence)}", score, HELD)
