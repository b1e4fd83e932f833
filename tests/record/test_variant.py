"""A surprise comes back as another question that its lesson bears, and goes on where it was cut off."""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from engine.experiments import experiment
from tests.dialogue.course import shipped
from tests.record.life import BEGIN, Life
from tutor import events as ev
from tutor.course.format import Lesson, Predict, Run, Takeaway, Tweak
from tutor.predict import verdict
from tutor.record.history import Bet
from tutor.record.overview import overview
from tutor.record.review import ReviewSession
from tutor.record.surprises import surprises
from tutor.record.variant import review_lesson, reworded, variant, variants, with_reviews
from tutor.todo import AskBet, Done, RunNow

LESSONS = {one.id: one for one in shipped()}


def bet_of(lesson: Lesson, step: str, **parameters: Any) -> Bet:
    """A bet at the step, with the run's own parameters as the engine returns them: all of them, defaults too."""
    found = lesson.step(step)
    run = lesson.run_before(step) if isinstance(found, Tweak) else lesson.run_after(step)
    assert run is not None
    name = run.run.experiment
    full = experiment(name).parse({**run.run.parameters(""), **parameters}).model_dump(mode="json")
    return Bet(7, BEGIN, lesson.id, step, False, 80, experiment=name, parameters=full)


EVERY = [(one.id, s.id) for one in LESSONS.values() for s in one.steps if isinstance(s, (Predict, Tweak))]


@pytest.mark.parametrize(("lesson", "step"), EVERY)
def test_every_bet_of_every_lesson_can_come_back(lesson: str, step: str) -> None:
    of = LESSONS[lesson]
    bet = bet_of(of, step)
    for way in variants(of, bet):
        assert experiment(way.experiment).parse(way.parameters)
        assert way.question.ask
        for name, value in way.changed.items():
            assert way.parameters[name] == value
            assert bet.parameters.get(name) != value
        assert verdict(way.question, "x", {}, 80).right is False, "the kind and its facts are the lesson's own"
    again = review_lesson(of, bet, 0)
    assert again is not None
    assert [s.key for s in again.steps] == ["predict", "run"]


@pytest.mark.parametrize(("lesson", "step"), [("silence-one-head", "bet-names"), ("what-comes-next", "bet-weekday")])
def test_it_is_another_question_the_next_time_and_the_same_after_a_kill(lesson: str, step: str) -> None:
    bet = bet_of(LESSONS[lesson], step)
    asked = [variant(LESSONS[lesson], bet, n) for n in range(12)]
    assert asked == [variant(LESSONS[lesson], bet, n) for n in range(12)]
    assert len({str(a and a.parameters) for a in asked}) > 2


@pytest.mark.parametrize(("lesson", "step"), EVERY)
def test_every_way_comes_once_before_one_comes_again_and_what_was_shown_comes_last(lesson: str, step: str) -> None:
    of = LESSONS[lesson]
    bet = bet_of(of, step)
    n = len(variants(of, bet))
    asked = [variant(of, bet, i) for i in range(2 * n)]
    parameters = [way.parameters for way in asked if way]
    assert asked[:n] == asked[n:]
    assert len({str(one) for one in parameters[:n]}) == n
    own = [s.run for s in of.steps if isinstance(s, Run) and s.run.experiment == bet.experiment]
    full = [experiment(bet.experiment).parse(run.parameters("")) for run in own]
    shown = [experiment(bet.experiment).parse(one) in full for one in parameters[:n]]
    assert shown == sorted(shown)


def test_a_text_does_not_come_with_the_answer_of_another_one() -> None:
    lesson = LESSONS["what-comes-next"]
    for way in variants(lesson, bet_of(lesson, "bet-coin")):
        assert "Monday" not in way.question.ask or "heads" not in way.question.ask, way.question.ask


def test_the_words_of_the_question_follow_the_change() -> None:
    lesson = LESSONS["silence-one-head"]
    by_change = {tuple(sorted(v.changed)): v for v in variants(lesson, bet_of(lesson, "bet-names"))}
    head = by_change[("head",)]
    assert f"head {head.changed['head']} of layer 23" in head.question.ask
    assert "head 3" not in head.question.ask
    text = by_change[("answer", "distractor", "prompt")]
    assert "“The capital of France is”: the model puts “·Paris” far ahead of “·London”" in text.question.ask
    assert "Mary" not in text.question.ask


def test_two_values_may_change_places() -> None:
    lesson = LESSONS["silence-one-head"]
    bet = bet_of(lesson, "bet-names")
    step = lesson.step("bet-names")
    assert isinstance(step, Predict)
    asked = reworded(step.predict, bet.parameters, {"answer": " John", "distractor": " Mary"}, frozenset({"answer"}))
    assert asked
    assert "puts “·John” far ahead of “·Mary”" in asked.ask


@pytest.mark.parametrize(("lesson", "step"), [("ten-tries", "bet-hot"), ("how-long-is-the-stream", "bet-first")])
def test_words_that_lead_up_to_a_value_keep_it(lesson: str, step: str) -> None:
    """`Now very hot: temperature 5` is not said of temperature 1, and no text of four words is called one token."""
    for way in variants(LESSONS[lesson], bet_of(LESSONS[lesson], step)):
        assert not re.search(r"very hot: temperature (?!5\b)|one token: “(?!The”)", way.question.ask)


def test_every_way_is_one_that_the_model_can_run(smollm2: Path) -> None:
    """A run that is refused would bring the same question back for ever."""
    from transformers import AutoModelForCausalLM, AutoTokenizer

    from engine.lab import Dry, Lab, dry

    tokenizer = AutoTokenizer.from_pretrained(smollm2)
    lab = Lab(AutoModelForCausalLM.from_pretrained(smollm2), tokenizer, "smollm2-135m", report=dry)
    for lesson, step in EVERY:
        for way in variants(LESSONS[lesson], bet_of(LESSONS[lesson], step)):
            of = experiment(way.experiment)
            with suppress(Dry):
                of.run(lab, of.parse(way.parameters))


def test_no_question_speaks_of_a_text_that_is_gone() -> None:
    """`bet-certain` says that the model is certain of “C”: with another text that would not be so."""
    lesson = LESSONS["when-does-it-know"]
    for way in variants(lesson, bet_of(lesson, "bet-certain")):
        assert way.changed == {}
        assert way.question.ask.startswith("Once more")
    for way in variants(lesson, bet_of(lesson, "bet-capital")):
        assert "Paris" not in way.question.ask
        assert "answer" not in way.parameters, "the lesson's general question is about its general run"


def test_a_layer_or_head_is_one_that_the_model_has_for_certain() -> None:
    lesson = LESSONS["silence-one-head"]
    small = bet_of(lesson, "find-the-capital", layer=2, head=1)
    for way in variants(lesson, small):
        assert way.parameters["layer"] <= 2
        assert way.parameters["head"] <= 1


def test_a_question_that_is_gone_does_not_come_back() -> None:
    lesson = LESSONS["silence-one-head"]
    bet = bet_of(lesson, "bet-names")
    assert variant(lesson, replace(bet, step="no-such-step"), 0) is None
    assert variant(lesson, replace(bet, step="keep"), 0) is None
    assert variant(lesson, replace(bet, experiment="logit_lens"), 0) is None


def test_a_surprise_that_is_no_longer_asked_does_not_stand_before_the_others(life: Life) -> None:
    bet = a_surprise(life)
    other = life.bet(False, 90, "bet-weekday", "what-comes-next")
    life.wait(3)
    lesson = LESSONS["silence-one-head"]
    changed = [s for s in lesson.steps if s.id != bet.step]  # the step's name stands for something else now
    keep = next(s for s in changed if isinstance(s, Takeaway))
    lesson = lesson.model_copy(update={"steps": [keep.model_copy(update={"id": bet.step}), *changed]})
    of = overview(life.store.record(), [lesson, LESSONS["what-comes-next"]], life.now)
    assert [card.bet.id for card in of.due] == [other]
    assert of.gone == 1
    for card in of.due:
        ReviewSession(LESSONS[card.bet.lesson], card, life.store)


# --- a review is a session like any other -------------------------------------------------------------------------------


def a_surprise(life: Life) -> Bet:
    bet = bet_of(LESSONS["silence-one-head"], "bet-names")
    scored = ev.Scored("bet-names", 0, "choice", False, 0.2, 80, "gone", "shrinks", ("ablation",), bet.experiment,
                       dict(bet.parameters), "gpt2")  # fmt: skip
    life.put(scored, "silence-one-head")
    life.wait(2)
    return surprises(life.history)[0].bet


def review(life: Life) -> ReviewSession:
    return ReviewSession(LESSONS["silence-one-head"], surprises(life.history)[0], life.store)


def finished(session: ReviewSession, drop: float) -> ev.RunFinished:
    now = session.todo
    assert isinstance(now, RunNow)
    facts = {"drop": drop}
    return ev.RunFinished(now.step, {"experiment": now.experiment, "parameters": now.parameters, "facts": facts})


def test_a_review_ends_in_a_reviewed_event_and_a_new_day(life: Life) -> None:
    bet = a_surprise(life)
    session = review(life)
    assert session.state.model == "gpt2", "on the model that surprised"
    assert isinstance(session.todo, AskBet)
    session.record(ev.Predicted("bet-names", "same", "little hangs on it", 60))
    session.record(finished(session, 0.02))
    assert isinstance(session.todo, Done)
    rows = [r for r in life.store.record() if r.kind in ("reviewed", "scored")]
    assert [r.kind for r in rows] == ["scored", "reviewed"]
    event = rows[-1].event
    assert isinstance(event, ev.Reviewed)
    assert (event.of, event.right, event.confidence) == (bet.id, True, 60)
    (card,) = surprises(life.history)
    assert card.due > life.now
    assert card.reviews == 1


def test_a_review_of_a_run_that_the_lesson_has_shown_says_so(life: Life) -> None:
    lesson = LESSONS["silence-one-head"]
    bet = a_surprise(life)
    seen = []
    for n in range(len(variants(lesson, bet))):
        session = review(life)
        session.record(ev.Predicted("bet-names", "same", "little hangs on it", 60))
        ran = finished(session, 0.02)
        session.record(ran)
        own = [experiment("head_ablation").parse(s.run.parameters("gpt2")) for s in lesson.steps if isinstance(s, Run)]
        seen.append(experiment("head_ablation").parse(ran.result["parameters"]) in own)
        assert surprises(life.history)[0].reviews == n + 1
    kept = [r.event.shown for r in life.store.record() if isinstance(r.event, ev.Reviewed)]
    assert kept == seen
    assert set(seen) == {False, True}


def test_a_review_is_told_as_it_was_when_the_lesson_has_other_variants_by_now(life: Life) -> None:
    lesson = LESSONS["silence-one-head"]
    a_surprise(life)
    session = review(life)
    asked = session.state.lesson.steps[0]
    session.record(ev.Predicted("bet-names", "same", "little hangs on it", 60))
    session.record(finished(session, 0.02))
    name = session.lesson.id
    fewer = lesson.model_copy(update={"steps": [s for s in lesson.steps if not isinstance(s, Tweak)]})
    more = lesson.model_copy(update={"steps": [*lesson.steps, *lesson.steps[-3:]]})
    for now in (lesson, more, fewer):
        told = with_reviews({lesson.id: now}, life.store.record())
        assert name not in told or told[name].steps[0] == asked
    assert with_reviews({lesson.id: lesson}, life.store.record())[name].steps[0] == asked
    other = variant(fewer, surprises(life.history)[0].bet, 0)
    assert other is not None
    assert other.question != getattr(asked, "predict", None), "what would be asked today"


def test_a_review_that_was_cut_off_goes_on_with_the_bet_locked(life: Life) -> None:
    a_surprise(life)
    review(life).record(ev.Predicted("bet-names", "same", "little hangs on it", 60))
    again = review(life)
    assert isinstance(again.todo, RunNow)
    life.store.append(again.lesson.id, finished(again, 0.5))  # and killed before the review was written down
    last = review(life)
    assert isinstance(last.todo, Done)
    assert [r.event.right for r in life.store.record() if isinstance(r.event, ev.Reviewed)] == [False]


def test_a_review_that_was_skipped_is_asked_again(life: Life) -> None:
    a_surprise(life)
    session = review(life)
    session.record(ev.Skipped("bet-names"))
    assert isinstance(session.todo, Done)
    assert isinstance(review(life).todo, AskBet)


def test_reviews_are_no_lessons_on_the_map(life: Life) -> None:
    a_surprise(life)
    review(life)
    assert life.store.progress() == {}
