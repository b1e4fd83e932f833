"""All that the screens show of a learner's record, made in one go from the journal's rows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from engine.figures import AnyFigure, Table
from tutor.course.format import Lesson
from tutor.journal.store import Record
from tutor.record import calibration, surprises
from tutor.record.asked import asked
from tutor.record.days import in_days
from tutor.record.history import History, history
from tutor.record.mastery import Known, mastery
from tutor.record.surprises import PER_DAY, Surprise
from tutor.record.variant import still_asked
from tutor.state import SURE


@dataclass(frozen=True)
class Overview:
    history: History
    cards: tuple[Surprise, ...]
    """Every surprise whose question is still asked, the one that is due first at the beginning."""
    gone: int
    """Surprises that no lesson asks any more."""
    due: tuple[Surprise, ...]
    """What may be reviewed now."""
    known: Mapping[str, Known]
    """How well each concept is known, by name."""
    asked: Mapping[int, str]
    """The question of each card, by the id of its bet, as it was put."""
    now: datetime

    @property
    def words(self) -> str:
        """How it stands, in a few sentences."""
        told = calibration.told(self.history.bets, self.history.reviews)
        skipped = self.history.skipped
        more = f" {skipped} step{'s' if skipped != 1 else ''} skipped." if skipped else ""
        return calibration.sentence(told) + more

    def figures(self) -> list[AnyFigure]:
        """The record as figures: calibration, the Brier score over time, concepts, kinds of bet, surprises. None before the first
        bet."""
        told = calibration.told(self.history.bets, self.history.reviews)
        if not told:
            return []
        found = [calibration.reliability(told), calibration.over_time(told), calibration.by_confidence(told)]
        words = {name: f"{known.bar} {known.word}" for name, known in self.known.items()}
        last = [surprise_table(self)] if self.cards or self.gone else []
        groups = [calibration.by_concept(told, words), calibration.by_kind(self.history.bets)]
        return [*(f for f in found if f), *groups, *last]


def overview(rows: Iterable[Record], lessons: Iterable[Lesson], now: datetime, per_day: int = PER_DAY) -> Overview:
    """Read `Store.record`'s rows. `now` in the learner's own time zone."""
    by_id = {lesson.id: lesson for lesson in lessons}
    found = history(rows, by_id)
    every = surprises.surprises(found)
    cards = tuple(c for c in every if still_asked(by_id.get(c.bet.lesson), c.bet))
    words = {c.bet.id: asked(by_id[c.bet.lesson], c.bet.step, c.bet.parameters, c.bet.model) for c in cards}
    due = surprises.due(cards, found, now, per_day)
    return Overview(found, cards, len(every) - len(cards), tuple(due), mastery(found, by_id), words, now)


def surprise_table(of: Overview) -> Table:
    """Every surprise: what was asked and said, what was so, when it comes again."""
    body = [
        [
            in_days(card.due, of.now),
            of.asked[card.bet.id],
            card.bet.said,
            card.bet.truth,
            f"{card.bet.confidence} %",
            f"{card.right} of {card.reviews}" if card.reviews else "–",
        ]
        for card in of.cards
    ]
    gone = f" {of.gone} more {'are' if of.gone > 1 else 'is'} no longer asked by any lesson." if of.gone else ""
    note = f"Bets of {SURE} % and more that did not come true. They come back changed.{gone}"
    heads = ["again", "asked", "you said", "it was", "sure", "since"]
    return Table(title="Surprises", note=note, heads=heads, body=body)
