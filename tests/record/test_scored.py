"""Every bet that a run decided is kept once, whatever happens in between, and never moves a lesson."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.dialogue.course import lesson, shipped
from tests.play import answer, take
from tutor import events as ev
from tutor.course.format import Predict
from tutor.journal.errors import JournalError
from tutor.journal.store import Store
from tutor.loop import start
from tutor.scored import retold
from tutor.session import Session
from tutor.todo import Done, RunNow


def finish(session: Session, until: int = 300) -> None:
    for _ in range(until):
        if isinstance(session.todo, Done):
            return
        session.record(answer(session.state, session.todo))


def scores(store: Store) -> list[ev.Scored]:
    return [r.event for r in store.records(lesson.id) if isinstance(r.event, ev.Scored)]


def test_each_bet_is_scored_right_after_the_run_that_decided_it(tmp_path: Path) -> None:
    with Store.open(tmp_path, "me") as store:
        session = Session(lesson, store)
        finish(session)
        kinds = [r.kind for r in store.records(lesson.id)]
        found = scores(store)
    assert [s.bet for s in found] == list(range(len(session.state.bets)))
    assert kinds[kinds.index("runfinished") + 1] == "scored"
    assert kinds[-1] == "finished"
    first, bet = found[0], session.state.bets[0]
    assert bet.verdict is not None
    assert (first.step, first.kind, first.right, first.confidence) == (bet.step, "choice", bet.verdict.right, 70)
    assert (first.said, first.truth) == (bet.text, bet.verdict.truth)
    assert first.experiment == "head_ablation"
    assert first.parameters["layer"] == 23
    assert first.concepts == tuple(lesson.concepts)
    assert 0 <= first.score <= 1


def test_opening_a_lesson_again_scores_nothing_twice(tmp_path: Path) -> None:
    with Store.open(tmp_path, "me") as store:
        finish(Session(lesson, store))
        before = len(list(store.records()))
        for _ in range(3):
            Session(lesson, store)
        assert len(list(store.records())) == before


def test_a_kill_between_the_run_and_its_score_is_made_good(tmp_path: Path) -> None:
    """Also what an older tutor, which kept no scores, has left."""
    _, events = take(start(lesson))
    with Store.open(tmp_path, "me") as store:
        for event in [ev.Started("", model="gpt2"), *events]:
            store.append(lesson.id, event)
        assert scores(store) == []
        session = Session(lesson, store)
        assert [s.bet for s in scores(store)] == [n for n, b in enumerate(session.state.bets) if b.verdict]


def test_taking_a_lesson_again_counts_its_bets_again(tmp_path: Path) -> None:
    with Store.open(tmp_path, "me") as store:
        session = Session(lesson, store)
        finish(session)
        once = len(scores(store))
        session.restart()
        finish(session)
        assert [s.bet for s in scores(store)] == [*range(once), *range(once)]


def test_a_score_never_moves_a_lesson() -> None:
    state, events = take(start(lesson))
    state_with, missing = retold(
        lesson, [e for event in events for e in (event, ev.Scored("guess", 0, "choice", True, 1.0, 70, "", ""))], ""
    )
    assert state_with == state
    assert 0 not in [m.bet for m in missing]


def test_a_lesson_that_lost_a_bet_since_scores_none_of_the_others_again(tmp_path: Path) -> None:
    of = next(one for one in shipped() if one.id == "what-comes-next")
    first = next(s for s in of.steps if isinstance(s, Predict))
    fewer = of.model_copy(update={"steps": [s for s in of.steps if s is not first]})
    with Store.open(tmp_path, "me") as store:
        taken = Session(of, store)
        run = {"experiment": "next_token", "model": "m", "figures": []}
        facts = {"top_prob": 0.4, "entropy": 2.0, "top_token": " Paris"}
        while len([bet for bet in taken.state.bets if bet.verdict]) < 2:
            now = taken.todo
            ran = ev.RunFinished(taken.state.at or "", {**run, "facts": facts})
            taken.record(ran if isinstance(now, RunNow) else answer(taken.state, now))
        before = len(list(store.record()))
        assert len(Session(fewer, store).state.bets) < len(taken.state.bets)
        assert len(list(store.record())) == before


class Refusing(Store):
    """A journal whose disk does not take a new beginning."""

    def append(self, lesson: str, event: ev.Event) -> None:
        if isinstance(event, ev.Started) and self.events(lesson):
            raise JournalError("The disk is full.")
        super().append(lesson, event)


def test_a_lesson_that_could_not_begin_again_is_not_done_twice(tmp_path: Path) -> None:
    with Refusing.open(tmp_path, "me") as store:
        finish(session := Session(lesson, store))
        with pytest.raises(JournalError):
            session.restart()
        session.record(ev.Noted("", "why was that?"))
        assert store.progress()[lesson.id].times_done == 1


class Full(Store):
    """A journal whose disk does not take what follows from the learner's events for a while."""

    full = True

    def append(self, lesson: str, event: ev.Event) -> None:
        if self.full and isinstance(event, ev.Scored | ev.Finished):
            raise JournalError("The disk is full.")
        super().append(lesson, event)


def test_a_disk_that_takes_no_score_does_not_hold_up_the_lesson(tmp_path: Path) -> None:
    with Full.open(tmp_path, "me") as store:
        assert isinstance(store, Full)
        session = Session(lesson, store)
        while not any(b.verdict for b in session.state.bets):
            session.record(answer(session.state, session.todo))
        assert scores(store) == []
        store.full = False
        finish(session)
        assert [s.bet for s in scores(store)] == list(range(len(session.state.bets)))


def test_a_disk_that_does_not_take_the_end_takes_the_last_answer_once(tmp_path: Path) -> None:
    """The answer is kept, and said to be; the end is written when the lesson is next opened."""
    with Full.open(tmp_path, "me") as store:
        assert isinstance(store, Full)
        session = Session(lesson, store)
        finish(session)
        assert not session.finished
        assert not store.progress()[lesson.id].done
        said = len(store.events(lesson.id))
        store.full = False
        assert Session(lesson, store).finished
        kinds = [e.kind for e in store.records(lesson.id)]
        assert kinds.count("finished") == 1
        assert len([k for k in kinds if k not in ("scored", "finished")]) == said


@pytest.mark.parametrize("aside", [ev.Noted("", "why?"), ev.Reviewed("guess", 1, True, 70)])
def test_what_stands_aside_does_not_move_the_map(tmp_path: Path, aside: ev.Event) -> None:
    with Store.open(tmp_path, "me") as store:
        finish(session := Session(lesson, store), 12)
        stood = session.state.at
        store.append("another", ev.Started(""))
        store.append("another", ev.Replied("warm-up", "x"))
        before = store.progress()
        store.append(lesson.id, aside)
        store.append("again/7/0", ev.Started(""))
        assert store.progress() == before
        assert next(iter(store.progress())) == "another"
        assert Session(lesson, store).state.at == stood


def test_what_the_run_did_not_measure_says_nothing_of_the_learner(tmp_path: Path) -> None:
    with Store.open(tmp_path, "me") as store:
        session = Session(lesson, store)
        while not any(b.verdict for b in session.state.bets):
            event = answer(session.state, session.todo)
            if isinstance(event, ev.RunFinished):
                event = ev.RunFinished(event.step, {**event.result, "facts": {}})
            session.record(event)
        measured = [b for b in session.state.bets if b.verdict and b.verdict.rule]
        assert len(scores(store)) == len(measured) < len(session.state.bets)
