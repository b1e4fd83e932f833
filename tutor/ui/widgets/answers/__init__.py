"""The ways to answer, one for each kind of prediction."""

from __future__ import annotations

from tutor.course.format import Cell, Chips, Choice, Drawn, FreeText, Number, Prediction, Ranking, Token
from tutor.ui.look import Look
from tutor.ui.widgets.answers.base import Answer
from tutor.ui.widgets.answers.cell import CellAnswer
from tutor.ui.widgets.answers.chips import ChipsAnswer
from tutor.ui.widgets.answers.choice import ChoiceAnswer
from tutor.ui.widgets.answers.curve import CurveAnswer
from tutor.ui.widgets.answers.fields import NumberAnswer, TextAnswer, TokenAnswer
from tutor.ui.widgets.answers.ranking import RankingAnswer


def answer_for(question: Prediction, kept: str, look: Look) -> Answer:
    """The widget in which this question is answered; `kept` is its value from before. What takes the focus is `#answer`."""
    match question:
        case Choice():
            return ChoiceAnswer(question, kept, look)
        case Number():
            return NumberAnswer(question, kept, look)
        case Token():
            return TokenAnswer(question, kept, look)
        case FreeText():
            return TextAnswer(question, kept, look)
        case Ranking():
            return RankingAnswer(question, kept, look, id="answer")
        case Cell():
            return CellAnswer(question, kept, look, id="answer")
        case Drawn():
            return CurveAnswer(question, kept, look, id="answer")
        case Chips():
            return ChipsAnswer(question, kept, look, id="answer")


__all__ = ["Answer", "answer_for"]
