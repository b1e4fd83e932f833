"""The kinds of prediction: reading what the learner typed, and scoring it against the facts of the run.

The truth is always looked up in the facts; a lesson only says which fact, or under which facts an option is true. What every
kind asks, how it is typed and how it is scored stands in `docs/predictions.md`.

    parse(question, typed) -> Answer            what was typed; raises NotAnAnswer
    within(question, answer, experiment, sizes) raises NotAnAnswer where the model has no such layer, head or position
    bounded(question, experiment, sizes)        the question with the upper end that the model gives it
    unheard(question, answer)                   whether free words speak of nothing that the run can settle
    give_or_take(question, experiment)          how far off a number may be, in words
    typed(question, answer) -> str              the other way round
    answer_text(question, answer) -> str        for people
    verdict(question, answer, facts, confidence, run) -> Verdict
    beside(question, answer, facts) -> Figure   the bet laid over the run
"""

from __future__ import annotations

from tutor.predict.answers import CHIPS, Answer, NotAnAnswer, Verdict, drawn
from tutor.predict.beside import beside
from tutor.predict.numbers import between
from tutor.predict.reading import parse
from tutor.predict.spread import NEAR_ENOUGH
from tutor.predict.verdicts import verdict
from tutor.predict.within import bounded, give_or_take, within
from tutor.predict.words import UNHEARD, unheard
from tutor.predict.writing import answer_text, typed

__all__ = [
    "CHIPS",
    "NEAR_ENOUGH",
    "UNHEARD",
    "Answer",
    "NotAnAnswer",
    "Verdict",
    "answer_text",
    "beside",
    "between",
    "bounded",
    "drawn",
    "give_or_take",
    "parse",
    "typed",
    "unheard",
    "verdict",
    "within",
]
