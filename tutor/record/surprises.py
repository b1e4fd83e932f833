"""Surprises: what the learner was sure of and did not happen. They come back, spaced by FSRS.

A card is a question of a lesson, and its state a fold over the journal: a miss makes it (or fails it again), a review
grades it. FSRS (its own library, with its default weights) says when it is due; nothing of it is stored.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime

from fsrs import Card as Memory
from fsrs import Rating, Scheduler

from tutor.record.days import day
from tutor.record.history import Bet, History, Review
from tutor.state import SURE

UNSURE = 50
"""Below this, one that comes true in a review was half a guess."""
NOTHING_DUE = "Nothing is due again. What you are sure of and wrong about comes back another day."
STAYS_DUE = "Not bet on; it stays due."
PER_DAY = 5
"""Reviews a day at most, unless it is set otherwise (`reviews_per_day`)."""

SCHEDULER = Scheduler(learning_steps=(), relearning_steps=(), maximum_interval=365, enable_fuzzing=False)
"""In days and without chance: the same events always give the same days."""


@dataclass(frozen=True)
class Surprise:
    """A question that surprised the learner, as it stands."""

    bet: Bet
    """The latest bet that missed."""
    due: datetime
    reviews: int
    """Reviews since that bet."""
    right: int
    """How many of them came true."""


def surprising(bet: Bet) -> bool:
    return not bet.right and bet.confidence >= SURE


def surprises(history: History) -> list[Surprise]:
    """Every card, the one that is due first at the beginning."""
    of = {bet.id: (bet.lesson, bet.step) for bet in history.bets}
    memory: dict[tuple[str, str], Memory] = {}
    latest: dict[tuple[str, str], Bet] = {}
    since: dict[tuple[str, str], list[Review]] = {}
    happened: list[Bet | Review] = [*history.bets, *history.reviews]
    for one in sorted(happened, key=lambda e: e.at):
        key = (one.lesson, one.step) if isinstance(one, Bet) else of.get(one.of)
        if key is None or (key not in memory and not (isinstance(one, Bet) and surprising(one))):
            continue
        if isinstance(one, Bet):
            if surprising(one):
                latest[key], since[key] = one, []
        else:
            since[key].append(one)
        # its id is given, or the library waits a moment to make one
        card = memory.get(key) or Memory(card_id=one.id if isinstance(one, Bet) else 0, due=one.at)
        memory[key] = SCHEDULER.review_card(card, grade(one), review_datetime=one.at)[0]
    cards = [
        Surprise(
            bet=latest[key],
            due=card.due.astimezone(UTC),
            reviews=len(since[key]),
            right=sum(r.right for r in since[key]),
        )
        for key, card in memory.items()
    ]
    return sorted(cards, key=lambda c: (c.due, c.bet.id))


def grade(one: Bet | Review) -> Rating:
    """FSRS's grades. `Easy` is never given: a variant may happen to be easier than what was missed."""
    if not one.right:
        return Rating.Again
    return Rating.Good if one.confidence >= UNSURE else Rating.Hard


def due(cards: Iterable[Surprise], history: History, now: datetime, per_day: int = PER_DAY) -> list[Surprise]:
    """What may be reviewed now: what is due, the longest waiting first, and no more a day than was set.

    Days are those of the learner: of the time zone of `now`. FSRS gives a day at least, so none comes back on its own day.
    """
    today = day(now, now)
    done = sum(day(r.at, now) == today for r in history.reviews)
    return [c for c in cards if day(c.due, now) <= today][: max(0, per_day - done)]


def next_day(cards: Iterable[Surprise], now: datetime) -> date | None:
    """The day on which the next one comes that is not due today."""
    return min((d for c in cards if (d := day(c.due, now)) > day(now, now)), default=None)
