"""The bet laid over the run, as a figure like any other: with a text form, a table, and no need of colour."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine.figures import Curve, Distribution, Figure, Series, Table, Tokens, number
from tutor.course.format import Cell, Chips, Choice, Drawn, FreeText, Number, Prediction, Ranking, Token, fill
from tutor.predict.answers import CHIPS, Answer, as_chips, as_order, drawn
from tutor.predict.truths import curve_of, order_of, shares_of, true_of, values_of
from tutor.predict.words import spoken
from tutor.predict.writing import ELSE

TITLE = "Your bet and the run"


def beside(question: Prediction, answer: Answer, facts: Mapping[str, Any]) -> Figure | None:
    """Both in one figure. None where there is nothing to lay over: the kind has no shape of its own (of a cell the marks go
    on the run's own heatmap), the run did not measure it, or the answer is of another kind."""
    match question:
        case Drawn():
            return _curve(question, answer, facts)
        case Chips():
            return _chips(question, answer, facts)
        case Ranking():
            return _ranking(question, answer, facts)
        case FreeText():
            return _text(question, answer, facts)
        case Choice() | Number() | Token() | Cell():
            return None


def _curve(question: Drawn, answer: Any, facts: Mapping[str, Any]) -> Figure | None:
    run = curve_of(question, facts)
    bet = drawn(answer, len(run or []), question.scale)
    if not run or not bet:
        return None
    return Curve(
        title=TITLE,
        x_name="layer",
        x=[str(n) for n in range(len(run))],
        y_name=question.unit or question.fact.replace("_", " "),
        series=[Series(name="your bet", values=list(bet)), Series(name="run", values=list(run))],
        between=True,
        log=question.scale == "log",
    )


def _chips(question: Chips, answer: Any, facts: Mapping[str, Any]) -> Figure | None:
    run, counts = shares_of(question, facts), as_chips(question, answer)
    if run is None or counts is None:
        return None
    names = [*question.candidates, ELSE]
    yours = Distribution(name="YOURS", tokens=names, probabilities=[c / CHIPS for c in counts])
    return Tokens(title=TITLE, runs=[yours, Distribution(name="RUN", tokens=names, probabilities=run)])


def _ranking(question: Ranking, answer: Any, facts: Mapping[str, Any]) -> Figure | None:
    values, order = values_of(question, facts), as_order(question, answer)
    if values is None or order is None:
        return None
    says = {i.id: i.says.rstrip(".") for i in question.items}
    measured = {i.id: facts[i.fact] for i in question.items}  # as the run gave it: a count stays a count
    body = [
        [str(place), says[bet], says[run], number(measured[run])]
        for place, (bet, run) in enumerate(zip(order, order_of(values), strict=True), 1)
    ]
    return Table(title=TITLE, heads=["", "your bet", "run", "value"], body=body)


def _text(question: FreeText, answer: Any, facts: Mapping[str, Any]) -> Figure | None:
    came = true_of(question, facts)
    if came is None or not isinstance(answer, str):
        return None
    said = spoken(question, answer)
    body = [
        [fill(o.says, facts), "you said it" if o.id in said else "–", "it came" if o.id in came else "–"]
        for o in question.expects
    ]
    return Table(title=TITLE, heads=["outcome", "your bet", "run"], body=body)
