"""A surprise being bet on again: a lesson of two steps in a session of its own, whose outcome goes into the record."""

from __future__ import annotations

from tutor import events as ev
from tutor.course.format import Lesson
from tutor.record.surprises import Surprise
from tutor.record.variant import review_lesson, was_shown
from tutor.session import Journal, Session


class ReviewSession(Session):
    """Its events are kept under a name of their own, so it goes on where it was cut off, like any lesson."""

    unmeasured = True
    """It is over then as well, and comes again as another variant."""
    repeats = False

    def __init__(self, lesson: Lesson, card: Surprise, journal: Journal, model: str = ""):
        """`lesson` is the one that the card is of. Raises KeyError where it does not ask the question any more."""
        self.card, self.of = card, lesson
        again = review_lesson(lesson, card.bet, card.reviews)
        if again is None:
            raise KeyError(f"The lesson “{lesson.title}” does not ask this any more.")
        super().__init__(again, journal, card.bet.model or model)
        if self.finished and not self.decided:  # it was skipped the last time
            self.restart(self.state.model)

    @property
    def decided(self) -> bool:
        """Whether a run has decided the bet."""
        return any(bet.verdict for bet in self.state.bets)

    def kept(self, score: ev.Scored) -> ev.Event:
        return ev.Reviewed(
            score.step,
            of=self.card.bet.id,
            right=score.right,
            confidence=score.confidence,
            parameters=score.parameters,
            said=score.said,
            truth=score.truth,
            shown=was_shown(self.of, score.experiment, score.parameters, self.state.model),
        )
