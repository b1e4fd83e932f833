"""A bet held against the facts of a run: was it right, what happened, one sentence that says both, and a score.

`right` is what a confidence is about. The score says how good the bet was; its rules are in `tutor.predict.scoring`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tutor.course.format import Cell, Chips, Choice, Drawn, FreeText, Number, Prediction, Ranking, Token
from tutor.predict import places, single, spread
from tutor.predict.answers import Answer, Verdict


def verdict(
    question: Prediction,
    answer: Answer,
    facts: Mapping[str, Any],
    confidence: int,
    run: Mapping[str, Any] | None = None,
) -> Verdict:
    """The prediction scored against the facts of a run. A fact that the run did not give is never right.

    run: the whole result as plain data, where there is one: it says how large the grid of a cell is and which candidates a
    distribution was over.
    """
    match question:
        case Choice():
            return single.choice(question, answer, facts, confidence)
        case Number():
            return single.number_or_interval(question, answer, facts, confidence)
        case Token():
            return single.token(question, answer, facts, confidence)
        case Ranking():
            return places.ranking(question, answer, facts, confidence)
        case Cell():
            return places.cell(question, answer, facts, confidence, run)
        case Drawn():
            return spread.curve(question, answer, facts, confidence)
        case Chips():
            return spread.distribution(question, answer, facts, confidence, run)
        case FreeText():
            return spread.text(question, answer, facts, confidence)
