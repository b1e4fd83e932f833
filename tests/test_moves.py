"""Which move comes next: every standing, every reply in every state."""

from __future__ import annotations

import itertools
from dataclasses import fields

import pytest

from tests.dialogue.course import lesson
from tests.play import answer, at, take
from tutor import events as ev
from tutor.course.format import Ask, Explain
from tutor.dialogue.moves import PATIENCE, Move, Reply, Standing, pick
from tutor.dialogue.prompt import MOVES
from tutor.loop import advance, start
from tutor.todo import Hear, Judge, Mark, Say, todo

FLAGS = [f.name for f in fields(Standing) if f.name not in ("reply", "blind", "failed")]
"""Whatever else a standing holds is true or not."""
STANDINGS = [
    Standing(reply, blind, failed, **dict(zip(FLAGS, flags, strict=True)))
    for reply, blind, failed in itertools.product(Reply, (True, False), range(6))
    for flags in itertools.product((True, False), repeat=len(FLAGS))
]


def test_claude_knows_what_each_move_is_for_that_is_not_the_lessons_own() -> None:
    own = {Move.ELICIT, Move.OBSERVE, Move.TELL, Move.LEAVE, Move.MARK, Move.REFLECT, Move.NEXT}
    assert set(MOVES) == set(Move) - own


def test_every_standing_has_a_move_that_fits() -> None:
    for s in STANDINGS:
        move = pick(s)
        assert move in set(Move), s
        if s.blind:
            assert move not in (Move.TELL, Move.MARK, Move.CONFIRM, Move.DEEPER), s
        else:
            assert move is not Move.DEFER, s
        if s.reply is Reply.RIGHT:
            assert move in (Move.NEXT, Move.ASIDE, Move.CONFIRM, Move.DEEPER, Move.CLOSE), s
        elif not s.went_deeper:
            assert move not in (Move.NEXT, Move.ASIDE, Move.LEAVE, Move.CONFIRM, Move.DEEPER, Move.CLOSE), s
        assert move is not Move.CLOSE or (s.went_deeper and s.closes), s
        assert move is not (Move.NEXT if s.asks else Move.ASIDE), s
        assert move is not Move.LEAVE or (s.went_deeper and s.reply is Reply.IDK and not s.asks), s
        if s.reply is Reply.TELL_ME:
            after = Move.CLOSE if s.went_deeper and s.closes else Move.TELL
            assert move is (Move.DEFER if s.blind else after), s
        if s.failed >= PATIENCE and s.reply not in (Reply.RIGHT, Reply.EMPTY):
            assert move in (Move.TELL, Move.DEFER, Move.NEXT, Move.ASIDE, Move.LEAVE, Move.CLOSE), s


LISTENING = [s.id for s in lesson.steps if isinstance(s, (Ask, Explain))]
FAILING = [r for r in Reply if r not in (Reply.RIGHT, Reply.EMPTY, Reply.UNSURE)]


@pytest.mark.parametrize("step", LISTENING)
@pytest.mark.parametrize("replies", list(itertools.product(Reply, repeat=2)), ids=lambda r: "-".join(r))
def test_every_reply_in_every_state_leads_on(step: str, replies: tuple[Reply, ...]) -> None:
    """After any two replies, failing ones end the step soon, and nothing that was said is lost."""
    state, _ = take(start(lesson), until=at(step))
    for kinds in ([*replies, Reply.WRONG], [*replies, Reply.IDK], [*replies, Reply.UNSURE, Reply.RIGHT]):
        end, events = take(state, kinds, until=lambda s: s.at != step)
        assert step in end.done
        assert sum(isinstance(e, ev.Replied) for e in events) <= 6
        assert [line.text for line in end.lines[len(state.lines) :] if line.who == "you"] == [
            e.text for e in events if isinstance(e, ev.Replied)
        ]


@pytest.mark.parametrize("kind", FAILING)
def test_it_tells_after_three_failed_turns_and_says_so_in_the_events(kind: Reply) -> None:
    state, _ = take(start(lesson), until=at("why"))
    end, events = take(state, [kind], until=lambda s: s.at != "why")
    moves = [e.move for e in events if isinstance(e, ev.Said)]
    if kind is Reply.PARTLY:  # one expectation met is something new, once
        assert moves == ["reconcile", "probe", "probe", "probe", "tell"]
    elif kind is Reply.TELL_ME:
        assert moves == ["reconcile", "tell"]
    else:
        assert moves[-1] == "tell"
        assert len(moves) == 1 + PATIENCE
    assert end.at == "before-lens"


@pytest.mark.parametrize("kind", FAILING)
def test_before_the_run_it_leaves_it_to_the_run(kind: Reply) -> None:
    _, events = take(start(lesson), [kind], until=at("guess"))
    moves = [e.move for e in events if isinstance(e, ev.Said)]
    # warm-up expects one thing: whoever says a part of it has said it all
    assert moves == (["elicit"] if kind is Reply.PARTLY else [*moves[:-1], "defer"])


def test_a_reply_that_is_marked_by_the_learner_counts_once() -> None:
    state, _ = take(start(lesson), until=at("why"))
    for _ in range(PATIENCE):
        assert state.at == "why"
        state, _ = take(state, [Reply.UNSURE] * 9, until=lambda s: isinstance(todo(s), Mark))
        state = advance(state, ev.Judged("why", "wrong", (), judge="learner"))
    assert todo(state) == Say(Move.TELL, "why")


def test_a_reply_typed_instead_of_marking_is_judged() -> None:
    state, _ = take(start(lesson), until=at("why"))
    state, _ = take(state, [Reply.UNSURE], until=lambda s: isinstance(todo(s), Mark))
    state = advance(state, ev.Replied("why", "what I mean is this"))
    assert todo(state) == Judge("why", "what I mean is this")


def test_right_goes_deeper_once_and_then_on_with_what_the_run_made_true() -> None:
    state, _ = take(start(lesson), until=at("why"))
    end, events = take(state, until=lambda s: s.at != "why")
    assert [e.move for e in events if isinstance(e, ev.Said)] == ["reconcile", "deeper"]
    assert [line.who for line in end.lines].count("claim") == 2


def test_expectations_met_in_two_replies_are_met() -> None:
    state, _ = take(start(lesson), until=at("why-late"))
    for expected in ("built-up", "lens-unfair"):
        state = advance(state, answer(state, todo(state)))
        state = advance(state, ev.Replied("why-late", expected))
        state = advance(state, ev.Judged("why-late", "partly", (expected, "no-such-id")))
    assert todo(state) == Say(Move.CONFIRM, "why-late")


def test_an_empty_observation_is_none() -> None:
    state, _ = take(start(lesson), until=lambda s: s.at == "look" and isinstance(todo(s), Hear))
    assert advance(state, ev.Replied("look", " \n")) == state
    assert advance(state, ev.Replied("look", "half")).at == "why"


def test_a_judgement_without_a_reply_changes_nothing() -> None:
    state, _ = take(start(lesson), until=lambda s: isinstance(todo(s), Hear))
    assert advance(state, ev.Judged("warm-up", "right", ("redundancy",))) == state


def test_a_move_or_kind_that_this_version_does_not_know() -> None:
    state = advance(start(lesson), ev.Said("warm-up", "sing", "la la"))
    assert todo(state) == Hear("warm-up")
    state = advance(advance(state, ev.Replied("warm-up", "x")), ev.Judged("warm-up", "sideways"))
    assert state.talk.last is Reply.UNSURE


def test_a_second_question_on_one_run_is_asked_and_holds_no_bet_against_it_again() -> None:
    first = next(s for s in lesson.steps if s.id == "why")
    at_why = lesson.index("why")
    again = first.model_copy(update={"id": "and-why"})
    longer = lesson.model_copy(update={"steps": [*lesson.steps[: at_why + 1], again, *lesson.steps[at_why + 1 :]]})
    state, _ = take(start(longer), until=at("why"))
    assert todo(state) == Say(Move.RECONCILE, "why")
    state, _ = take(state, until=at("and-why"))
    assert todo(state) == Say(Move.ELICIT, "and-why")
    assert not state.blind
