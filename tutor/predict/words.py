"""Which outcomes free words speak of: the judge of replies finds them, so a negation and a typo count as they do there."""

from __future__ import annotations

from functools import lru_cache

from tutor.course.format import FreeText, Prediction
from tutor.course.listening import Expectation, Listen
from tutor.predict.answers import Answer

UNHEARD = "Nothing in these words can be checked by the run. Put it in other words, or send it again as it is."


@lru_cache(maxsize=64)
def _listen(ask: str, outcomes: tuple[tuple[str, str, tuple[str, ...]], ...], wrong: tuple[str, ...]) -> Listen:
    expects = [Expectation(id=id, says=says, cues=list(cues), ask=ask) for id, says, cues in outcomes]
    return Listen(expects=expects, answer=" ".join(f"{says}." for _, says, _ in outcomes), wrong=list(wrong))


def spoken(question: FreeText, text: str) -> frozenset[str]:
    """The ids of the outcomes that the words say will come. What they deny or leave open is not said."""
    from tutor.dialogue.judge import judge  # here: the stemmer takes its time, and most lessons need it later or never

    outcomes = tuple((o.id, o.says, tuple(o.cues)) for o in question.expects)
    return frozenset(judge(_listen(question.ask, outcomes, tuple(question.wrong)), text, question.ask).met)


def unheard(question: Prediction, answer: Answer) -> bool:
    """Whether this is a bet in free words that speaks of no outcome: said once before it is locked, since after the run it is
    too late."""
    return isinstance(question, FreeText) and not spoken(question, str(answer))
