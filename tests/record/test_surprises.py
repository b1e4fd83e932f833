"""Surprises: which bets make one, when it comes back, and that it is all a fold over the journal."""

from __future__ import annotations

from datetime import timedelta, timezone
from pathlib import Path

import pytest

from tests.record.life import BEGIN, Life
from tutor.record.days import calendar, in_days
from tutor.record.surprises import due, next_day, surprises
from tutor.settings import SettingsError, load


def test_only_sure_and_wrong_makes_a_surprise(life: Life) -> None:
    life.bet(False, 60, "a")
    life.bet(True, 100, "b")
    life.bet(False, 70, "c")
    assert [c.bet.step for c in surprises(life.history)] == ["c"]


def test_it_comes_back_the_next_day_and_not_before(life: Life) -> None:
    life.bet(False, 90)
    cards = surprises(life.history)
    assert due(cards, life.history, life.now) == []
    assert next_day(cards, life.now) == (BEGIN + timedelta(days=1)).date()
    life.wait(0.7)  # the next morning, before a whole day is over
    assert [c.bet.step for c in due(cards, life.history, life.now)] == ["guess"]


def test_what_comes_true_in_a_review_waits_longer_each_time(life: Life) -> None:
    of = life.bet(False, 90)
    waits = []
    for _ in range(4):
        (card,) = surprises(life.history)
        life.now = max(life.now, card.due)
        life.review(of, True)
        (card,) = surprises(life.history)
        waits.append((card.due - life.now).days)
    assert waits == sorted(waits)
    assert waits[-1] >= 3 * max(1, waits[0])
    assert (card.reviews, card.right) == (4, 4)


def test_a_miss_in_a_review_brings_it_back_at_once(life: Life) -> None:
    of = life.bet(False, 90)
    for right in (True, True, True, False):
        (card,) = surprises(life.history)
        life.now = max(life.now, card.due)
        life.review(of, right)
    (card,) = surprises(life.history)
    assert timedelta(0) < card.due - life.now <= timedelta(days=3)


def test_half_a_guess_that_came_true_comes_back_sooner(life: Life) -> None:
    sure, guess = life.bet(False, 90, "sure"), life.bet(False, 90, "guess")
    for days in (2, 6, 20):
        life.wait(days)
        life.review(sure, True, 90)
        life.review(guess, True, 30)
    when = {c.bet.step: c.due.date() for c in surprises(life.history)}
    assert when["guess"] < when["sure"]


def test_the_same_question_missed_again_is_one_card_and_begins_anew(life: Life) -> None:
    first = life.bet(False, 90)
    life.wait(3)
    life.review(first, True)
    life.wait(30)
    second = life.bet(False, 80)
    (card,) = surprises(life.history)
    assert (card.bet.id, card.reviews) == (second, 0)
    life.wait(2)
    life.review(first, True)
    (card,) = surprises(life.history)
    assert card.reviews == 1, "a review of the older bet is one of the same card"


def test_no_more_a_day_than_was_set_the_longest_waiting_first(life: Life) -> None:
    ids = [life.bet(False, 90, f"s{n}") for n in range(7)]
    life.wait(3)
    cards = surprises(life.history)
    assert [c.bet.id for c in due(cards, life.history, life.now, 5)] == ids[:5]
    life.review(ids[0], True)
    life.review(ids[1], True)
    assert len(due(surprises(life.history), life.history, life.now, 5)) == 3
    assert due(surprises(life.history), life.history, life.now, 0) == []
    life.wait(1)
    assert len(due(surprises(life.history), life.history, life.now, 5)) == 5, "a new day"


def test_how_many_a_day_is_a_setting_that_is_checked(tmp_path: Path) -> None:
    config = tmp_path / "config.toml"
    assert load({"home": str(tmp_path)}, {}).reviews_per_day == 5
    config.write_text("reviews_per_day = 0\n")
    assert load({"home": str(tmp_path)}, {}).reviews_per_day == 0
    config.write_text("reviews_per_day = 500\n")
    with pytest.raises(SettingsError, match="from 0 to 100"):
        load({"home": str(tmp_path)}, {})


def test_days_are_those_of_the_learner(life: Life) -> None:
    """9:00 UTC is 23:00 of the same day in one zone and the next day's 1:00 two hours later."""
    life.bet(False, 90)
    there = timezone(timedelta(hours=14))
    cards = surprises(life.history)
    later = (BEGIN + timedelta(hours=16)).astimezone(there)
    assert later.date() > BEGIN.astimezone(there).date()
    assert due(cards, life.history, later) != []
    assert due(cards, life.history, BEGIN + timedelta(hours=14)) == []


@pytest.mark.parametrize(("days", "words"), [(0, "today"), (-4, "today"), (1, "tomorrow"), (9, "in 9 days")])
def test_days_in_words(days: int, words: str) -> None:
    assert in_days(BEGIN + timedelta(days=days), BEGIN) == words


def test_a_day_of_another_year_has_its_year() -> None:
    assert calendar(BEGIN.date(), BEGIN) == "2 March"
    assert calendar(BEGIN.date().replace(year=2029), BEGIN) == "2 March 2029"


def test_the_same_events_give_the_same_cards(life: Life) -> None:
    of = life.bet(False, 90)
    life.wait(2)
    life.review(of, True)
    assert surprises(life.history) == surprises(life.history)
    life.review(12345, True)  # of a bet that is not there
    assert len(surprises(life.history)) == 1
