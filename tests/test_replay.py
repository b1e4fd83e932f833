"""State as a fold: resuming, lessons that were edited since, anything in any order, and the session that stores it all."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.dialogue.course import FIRST_RUN, lesson
from tests.play import answer, at, take
from tutor import events as ev
from tutor.course.format import Ask, Lesson
from tutor.dialogue.moves import Move, Reply
from tutor.loop import advance, replay, start
from tutor.session import Session
from tutor.todo import Done, Say, todo

# --- resuming, and lessons that were edited ---------------------------------------------------------------------------

KINDS = [Reply.WRONG, Reply.UNSURE, Reply.PARTLY, Reply.RIGHT]


def whole() -> list[ev.Event]:
    """The events of a lesson with detours."""
    _, events = take(start(lesson), KINDS, until=at("do-it"))
    events += [ev.RunFailed("do-it", "cancelled", "cancelled"), ev.Continued("do-it")]
    _, more = take(replay(lesson, events), KINDS, until=at("break-it"))
    events += [*more, ev.Tweaked("break-it", {"prompt": "One two"})]
    _, more = take(replay(lesson, events), KINDS)
    return [*events, *more]


def stored(event: ev.Event) -> ev.Event:
    """The event as it comes back from the journal."""
    kind, step, body = ev.to_row(event)
    back = ev.from_row(kind, step, json.loads(json.dumps(body)))
    assert back is not None
    return back


def test_resume_at_every_event() -> None:
    events, state = whole(), start(lesson)
    for n, event in enumerate(events):
        state = advance(state, event)
        again = replay(lesson, [stored(e) for e in events[: n + 1]])
        assert todo(again) == todo(state)
        assert again.lines == state.lines
        assert again == state


def test_beginning_again_forgets_the_state_and_not_the_model() -> None:
    state = replay(lesson, [*FIRST_RUN, ev.Started("", model="gpt2")])
    assert state == start(lesson, "gpt2")


def edited(steps: Sequence[Any]) -> Lesson:
    return lesson.model_copy(update={"steps": list(steps)})


@pytest.mark.parametrize("gone", [s.id for s in lesson.steps])
def test_a_step_that_is_gone_costs_only_itself(gone: str) -> None:
    events = whole()
    short = edited([s for s in lesson.steps if s.id != gone])
    for n in range(0, len(events) + 1, 3):
        before, after = replay(lesson, events[:n]), replay(short, events[:n])
        assert after.done >= before.done - {gone}
        todo(after)
    notes = [line.text for line in replay(short, events).lines if line.who == "note" and gone in line.text]
    assert len(notes) == 1


@pytest.mark.parametrize("place", range(len(lesson.steps) + 1))
def test_a_new_step_costs_nothing(place: int) -> None:
    events = whole()
    steps = list(lesson.steps)
    steps.insert(place, Ask(id="new", ask="What is new here?"))
    longer = edited(steps)
    for n in range(0, len(events) + 1, 3):
        before, after = replay(lesson, events[:n]), replay(longer, events[:n])
        assert after.done >= before.done
        todo(after)


def test_another_order_never_asks_again_what_was_done() -> None:
    events = whole()
    steps = list(lesson.steps)
    orders = [[*steps[5:10], *steps[:5], *steps[10:]], [*steps[1:5], steps[0], *steps[5:]], [steps[-1], *steps[:-1]]]
    for steps in orders:
        other = edited(steps)
        for n in range(0, len(events) + 1, 3):
            before, after = replay(lesson, events[:n]), replay(other, events[:n])
            assert after.done >= before.done
            assert after.at not in after.done
            todo(after)


def test_a_step_that_became_another_kind_is_taken_again() -> None:
    steps = [Ask(id="guess", ask="What would happen?") if s.id == "guess" else s for s in lesson.steps]
    state = replay(edited(steps), FIRST_RUN[:4])
    assert state.at == "guess"
    assert isinstance(todo(state), Say)


# --- anything in any order --------------------------------------------------------------------------------------------

STEPS = st.sampled_from([*(s.id for s in lesson.steps), "gone", ""])
TEXT = st.text(max_size=12)
FACTS = st.dictionaries(
    st.sampled_from(["drop", "first_layer_top", "final_token", "tweak_top"]),
    st.none() | st.integers() | st.floats(allow_nan=False) | TEXT | st.lists(st.integers(), max_size=3),
)
ANYTHING = st.one_of(
    st.builds(ev.Replied, STEPS, TEXT),
    st.builds(
        ev.Judged,
        STEPS,
        st.sampled_from([*Reply, "unheard-of"]),
        st.lists(st.sampled_from(["redundancy", "others-help", "lead-was-large", "late", "x"]), max_size=3).map(tuple),
    ),
    st.builds(ev.Said, STEPS, st.sampled_from([*Move, "unheard-of"]), TEXT),
    st.builds(
        ev.Predicted,
        STEPS,
        st.sampled_from(["gone", "dent", " Mary"]) | st.floats(-5, 50),
        TEXT,
        st.integers(0, 100),
    ),
    st.builds(ev.RunFinished, STEPS, FACTS.map(lambda facts: {"facts": facts, "figures": [], "parameters": {}})),
    st.builds(ev.RunFailed, STEPS, TEXT, TEXT),
    st.builds(ev.Tweaked, STEPS, st.just({"prompt": "x"})),
    st.builds(ev.Continued, STEPS),
    st.builds(ev.Skipped, STEPS),
    st.builds(ev.Started, st.just("")),
    st.builds(ev.Finished, st.just("")),
)


@settings(max_examples=150, deadline=None)
@given(st.lists(ANYTHING, max_size=40))
def test_any_events_in_any_order_leave_a_lesson_that_goes_on(events: list[ev.Event]) -> None:
    state = start(lesson)
    for event in events:
        lines = state.lines
        state = advance(state, event)
        if not isinstance(event, ev.Started):
            assert state.lines[: len(lines)] == lines, "what was shown stays"
    assert replay(lesson, events) == state
    assert state.at not in state.done
    end, _ = take(state, [Reply.WRONG])
    assert todo(end) == Done()


# --- the session ------------------------------------------------------------------------------------------------------


class Memory:
    """A journal in memory that can be told to fail."""

    def __init__(self) -> None:
        self.rows: list[ev.Event] = []
        self.full = False

    def append(self, lesson: str, event: ev.Event) -> None:
        if self.full:
            raise OSError("no space left")
        self.rows.append(event)

    def events(self, lesson: str) -> list[ev.Event]:
        begun = [n for n, e in enumerate(self.rows) if isinstance(e, ev.Started)]
        return self.rows[begun[-1] :] if begun else []

    def draft(self, lesson: str, step: str) -> dict[str, str]:
        return {}

    def save_draft(self, lesson: str, step: str, field: str, text: str) -> None:
        pass


def test_a_session_goes_on_where_it_was_and_ends_once() -> None:
    journal = Memory()
    session = Session(lesson, journal, "gpt2")
    assert not session.resumed
    while not isinstance(session.todo, Done):
        session.record(answer(session.state, session.todo))
        again = Session(lesson, journal)
        assert again.resumed
        assert again.todo == session.todo
        assert again.state.model == "gpt2"
    assert sum(isinstance(e, ev.Finished) for e in journal.rows) == 1
    assert session.restart().at == "warm-up"
    assert not Session(lesson, journal).finished
    assert Session(lesson, journal).state.model == lesson.models.default, "its own, as no other was asked for"
    assert session.restart("gpt2") == Session(lesson, journal).state
    assert Session(lesson, journal, "pythia-70m").state.model == "gpt2", "one taking is of one model"
    assert "began this lesson with gpt2" in Session(lesson, journal).goes_on_with("pythia-70m")
    assert Session(lesson, journal).goes_on_with("gpt2") == Session(lesson, journal).goes_on_with("") == ""


def test_an_end_that_was_not_stored_is_stored_on_return() -> None:
    journal = Memory()
    session = Session(lesson, journal)
    while not isinstance(session.todo, Done):
        session.record(answer(session.state, session.todo))
    assert isinstance(journal.rows.pop(), ev.Finished)
    assert Session(lesson, journal).finished
    assert isinstance(journal.rows[-1], ev.Finished)


def test_what_could_not_be_stored_did_not_happen() -> None:
    journal = Memory()
    session = Session(lesson, journal)
    before, journal.full = session.state, True
    with pytest.raises(OSError, match="no space"):
        session.record(answer(session.state, session.todo))
    assert session.state is before
