"""Mastery and what to do next: simple, monotone, and said with its reason."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.dialogue.course import lesson, shipped
from tests.record.life import Life
from tutor import events as ev
from tutor.record.mastery import FEW, Known, mastery, together, weakest
from tutor.record.next import suggest
from tutor.record.surprises import surprises


def known(life: Life, name: str = "ablation") -> Known:
    return mastery(life.history, life.lessons)[name]


def test_nothing_is_known_of_a_concept_that_was_never_met(life: Life) -> None:
    life.lessons = {lesson.id: lesson}
    concept = known(life)
    assert (concept.n, concept.word, concept.bar) == (0, "new", "▱▱▱▱▱")


def test_one_lucky_bet_is_no_mastery(life: Life) -> None:
    life.bet(True, 100)
    assert known(life).word == "begun"
    for _ in range(FEW):
        life.bet(True, 100)
    assert known(life).word == "steady"


def test_the_newest_counts_most(life: Life) -> None:
    for right in [False] * 6 + [True] * 6:
        life.bet(right, 80)
    better = known(life).value
    for _ in range(12):
        life.bet(False, 80, about="entropy")
    for right in [True] * 6 + [False] * 6:
        life.bet(right, 80, about="entropy")
    assert better > 0.6 > 0.4 > known(life, "entropy").value


def test_a_review_raises_what_a_surprise_lowered(life: Life) -> None:
    of = life.bet(False, 90)
    low = known(life).value
    life.review(of, True)
    assert known(life).value > low


def test_an_explanation_that_was_told_counts_for_less_than_one_that_was_given(tmp_path: Path) -> None:
    values = []
    for n, met in enumerate([("others-help", "lead-was-large"), ("others-help",), ()]):
        life = Life(tmp_path / str(n), (lesson,))
        life.put(ev.Started(""), lesson.id)
        life.put(ev.Judged("why", "partly" if met else "wrong", met), lesson.id)
        values.append(known(life).value)
        life.store.close()
    assert values == sorted(values, reverse=True)
    assert values[0] > 0.5 > values[-1]


def test_what_was_said_in_pieces_is_one_explanation_and_a_new_taking_is_another(life: Life) -> None:
    life.lessons = {lesson.id: lesson}
    life.put(ev.Started(""), lesson.id)
    life.put(ev.Judged("why", "partly", ("others-help",)), lesson.id)
    life.put(ev.Judged("why", "right", ("lead-was-large",)), lesson.id)
    life.put(ev.Judged("warm-up", "wrong"), lesson.id)  # before the run: nothing to be known yet
    assert [e.share for e in life.history.explained] == [1.0]
    life.put(ev.Started(""), lesson.id)
    life.put(ev.Judged("why", "wrong"), lesson.id)
    assert [e.share for e in life.history.explained] == [1.0, 0.0]


def test_together_is_the_mean_of_what_is_known() -> None:
    of = {"a": Known("a", 0.9, 5), "b": Known("b", 0.3, 5), "c": Known("c")}
    assert together("unit", ["a", "b", "c", "a", "gone"], of).value == pytest.approx(0.6)
    assert together("unit", ["c"], of).word == "new"
    one_bet = {name: Known(name, 0.25, 1) for name in "abcd"}
    assert together("unit", "abcd", one_bet).word == "begun", "one bet about four concepts is one bet"


# --- what to do next ----------------------------------------------------------------------------------------------------

LESSONS = shipped()
IDS = {one.id for one in LESSONS}


def test_a_new_learner_begins_where_nothing_is_needed() -> None:
    found = suggest([], LESSONS, frozenset(), None, {})
    assert found is not None
    assert (found.kind, next(one for one in LESSONS if one.id == found.lesson).needs) == ("begin", [])


def test_what_was_begun_goes_on_and_what_is_due_comes_first(life: Life) -> None:
    begun = suggest([], LESSONS, frozenset({"what-comes-next"}), "silence-one-head", {})
    assert begun is not None
    assert (begun.kind, begun.lesson) == ("go on", "silence-one-head")
    life.bet(False, 90)
    first = suggest(surprises(life.history), LESSONS, frozenset(), "silence-one-head", {})
    assert first is not None
    assert (first.kind, first.words) == ("review", "1 due again")


def test_a_lesson_is_suggested_when_what_it_builds_on_is_done() -> None:
    found = suggest([], LESSONS, frozenset({"what-comes-next"}), None, {})
    assert found is not None
    assert "which you have done" in found.why


def test_what_was_skipped_is_suggested_last_and_not_called_done() -> None:
    after = next(one for one in LESSONS if one.needs == ["what-comes-next"])
    found = suggest([], LESSONS, frozenset(), None, {}, frozenset({"what-comes-next"}))
    assert found is not None
    assert found.lesson == after.id
    assert found.why == "you skipped what it builds on"
    left = suggest([], LESSONS, frozenset(IDS - {"silence-one-head"}), None, {}, frozenset({"silence-one-head"}))
    assert left is not None
    assert (left.kind, left.lesson, left.why) == ("begin", "silence-one-head", "you skipped it")


def test_when_all_is_done_the_weakest_concept_is_suggested_or_nothing() -> None:
    shaky = {"ablation": Known("ablation", 0.2, 5), "entropy": Known("entropy", 0.6, 5)}
    found = suggest([], LESSONS, frozenset(IDS), None, shaky)
    assert found is not None
    assert (found.kind, found.lesson) == ("again", "silence-one-head")
    assert "ablation" in found.why
    assert suggest([], LESSONS, frozenset(IDS), None, {"ablation": Known("ablation", 0.9, 5)}) is None
    assert weakest({"ablation": Known("ablation", 0.1, FEW - 1)}) is None, "too little to say"
