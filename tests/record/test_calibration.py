"""The reliability diagram and the Brier score: right numbers, and no more said than so few bets can bear."""

from __future__ import annotations

import time
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.record.life import BEGIN, Life
from tutor.record import calibration
from tutor.record.calibration import ENOUGH, Told
from tutor.record.history import Bet
from tutor.record.mastery import mastery
from tutor.record.surprises import surprises

TOLD = st.lists(
    st.builds(
        Told,
        at=st.integers(0, 400).map(lambda days: BEGIN + timedelta(days=days)),
        right=st.booleans(),
        confidence=st.integers(0, 100),
        concepts=st.sets(st.sampled_from(["ablation", "entropy", "logit lens"])).map(tuple),
    ),
    max_size=60,
)


def told(*bets: tuple[bool, int]) -> list[Told]:
    return [Told(BEGIN + timedelta(days=n), right, sure, ("ablation",)) for n, (right, sure) in enumerate(bets)]


def test_the_brier_score_is_the_mean_square_of_what_was_off() -> None:
    assert calibration.brier(told((True, 100), (False, 0))) == 0
    assert calibration.brier(told((True, 0), (False, 100))) == 1
    assert calibration.brier(told((True, 50), (False, 50))) == calibration.EVEN
    assert calibration.brier(told((True, 80), (False, 70))) == pytest.approx((0.04 + 0.49) / 2)
    assert calibration.brier([]) is None


@given(st.integers(0, 100), st.integers(0, 100))
def test_the_brier_score_rewards_saying_what_one_believes(belief: int, said: int) -> None:
    def expected(confidence: int) -> float:
        p = belief / 100
        return p * Told(BEGIN, True, confidence).brier + (1 - p) * Told(BEGIN, False, confidence).brier

    assert expected(belief) <= expected(said) + 1e-12


@given(TOLD)
def test_every_bet_is_in_one_bin(bets: list[Told]) -> None:
    found = calibration.bins(bets)
    assert sum(b.n for b in found) == len(bets)
    assert sum(b.right for b in found) == sum(b.right for b in bets)
    for b in found:
        assert b.share is None or 0 <= b.share <= 1
        assert b.said is None or b.low / 100 <= b.said <= b.high / 100


@given(TOLD)
def test_every_figure_can_be_made_and_read(bets: list[Told]) -> None:
    bets = sorted(bets, key=lambda b: b.at)
    diagram = calibration.reliability(bets)
    assert (diagram is not None) == (len(bets) >= ENOUGH)
    for figure in (diagram, calibration.over_time(bets), calibration.by_confidence(bets), calibration.by_concept(bets)):
        assert figure is None or figure.text()
    assert calibration.sentence(bets)


@given(TOLD)
def test_over_time_every_bet_counts_once(bets: list[Told]) -> None:
    bets = sorted(bets, key=lambda b: b.at)
    curve = calibration.over_time(bets)
    if curve is None:
        assert len(bets) < 2 * calibration.LEAST
        return
    assert 2 <= len(curve.x) <= calibration.GROUPS
    assert all(v is not None and 0 <= v <= 1 for v in curve.series[0].values)
    if len(bets) % len(curve.x) == 0 and len(bets) <= calibration.LEAST * len(curve.x):
        mean = sum(v or 0 for v in curve.series[0].values) / len(curve.x)
        assert mean == pytest.approx(calibration.brier(bets))


def test_over_time_has_the_days_of_the_learner(monkeypatch: pytest.MonkeyPatch) -> None:
    evening = BEGIN.replace(hour=22)
    early = evening - timedelta(days=20)
    bets = [Told(at, True, 70) for at in (early, evening) for _ in range(calibration.LEAST)]
    try:
        for zone, day in (("UTC0", "2 Mar"), ("JST-9", "3 Mar")):
            monkeypatch.setenv("TZ", zone)
            time.tzset()
            curve = calibration.over_time(bets)
            assert curve is not None
            assert curve.x[-1] == day
    finally:
        monkeypatch.undo()
        time.tzset()


def test_groups_of_one_day_are_told_apart_by_their_bets() -> None:
    curve = calibration.over_time([Told(BEGIN, True, 70)] * 2 * calibration.LEAST)
    assert curve is not None
    assert curve.x == [f"bet {calibration.LEAST}", f"bet {2 * calibration.LEAST}"]


def test_few_bets_are_said_to_be_few() -> None:
    words = calibration.sentence(told(*[(False, 90)] * (ENOUGH - 1)))
    assert "Too few" in words
    assert "surer" not in words


def test_who_is_too_sure_is_told_so_and_who_fits_is_told_that() -> None:
    assert "surer than the runs bear out, by 60 points" in calibration.sentence(
        told(*[(n % 10 < 3, 90) for n in range(40)])
    )
    assert "less sure than you could be" in calibration.sentence(told(*[(True, 50)] * 30))
    assert "That fits" in calibration.sentence(told(*[(n % 10 < 7, 70) for n in range(30)]))
    assert "That fits" in calibration.sentence(told(*[(n % 10 < 6, 70) for n in range(10)])), "so few could be chance"


def test_wilsons_interval() -> None:
    """Against the values in Wilson's own formula worked out by hand for 8 of 10, and at both ends."""
    low, high = calibration.interval(8, 10)
    assert (round(low, 3), round(high, 3)) == (0.490, 0.943)
    assert calibration.interval(0, 10)[0] == 0
    assert calibration.interval(10, 10)[1] == pytest.approx(1)
    assert calibration.interval(0, 0) == (0, 1)


def test_a_review_counts_as_a_bet_about_the_same_concepts(life: Life) -> None:
    of = life.bet(False, 80, about="entropy")
    life.review(of, True)
    both = calibration.told(life.history.bets, life.history.reviews)
    assert [(t.right, t.confidence, t.concepts) for t in both] == [(False, 80, ("entropy",)), (True, 70, ("entropy",))]
    (row,) = calibration.by_concept(both).body
    assert row[:3] == ["entropy", "2", "1"]


def test_a_run_that_the_lesson_has_shown_says_nothing_of_what_one_can_foretell(life: Life) -> None:
    of = life.bet(False, 80)
    life.wait(2)
    life.review(of, True, 95, shown=True)
    assert [(t.right, t.confidence) for t in calibration.told(life.history.bets, life.history.reviews)] == [(False, 80)]
    assert mastery(life.history, life.lessons)["ablation"].n == 1
    (card,) = surprises(life.history)
    assert card.reviews == 1, "it was remembered: the card knows"


def test_each_kind_of_bet_has_its_mean_score_the_worst_first() -> None:
    bets = [
        Bet(n, BEGIN, "lesson", "step", right, 70, kind=kind, score=score)
        for n, (kind, right, score) in enumerate(
            [("curve", False, 0.75), ("curve", True, 0.25), ("token", False, 0.25)]
        )
    ]
    assert calibration.by_kind(bets).body == [["token", "1", "0", "0.25"], ["curve", "2", "1", "0.50"]]
