"""Tweaks in the loop: change, bet, run, and again."""

from __future__ import annotations

from typing import Any

from tests.dialogue.course import LENS, lesson
from tests.play import answer, at, take
from tutor import events as ev
from tutor.course.format import Lesson
from tutor.dialogue import phrases, voice
from tutor.dialogue.authored import Authored, word
from tutor.dialogue.gate import check
from tutor.dialogue.moves import Move
from tutor.dialogue.voice import reply, turn_of
from tutor.goals import NOT_YET, REACHED, THIS_TIME, UNCOUNTED, WAY
from tutor.loop import advance, start
from tutor.state import State
from tutor.todo import AskBet, ChooseTweak, Hear, Retry, RunNow, Say, todo


def tweaked(state: State, **parameters: Any) -> State:
    return advance(state, ev.Tweaked("break-it", parameters))


def test_tweak_rounds() -> None:
    state, _ = take(start(lesson), until=at("break-it"))
    base = lesson.run_before("break-it")
    assert base is not None
    assert todo(state) == ChooseTweak(
        "break-it", "logit_lens", base.run.parameters("smollm2-135m"), ("prompt", "answer")
    )
    for prompt in ("One two three", "The capital of France is"):
        state = tweaked(state, prompt=prompt)
        bet = todo(state)
        assert isinstance(bet, AskBet)
        assert bet.changed == {"prompt": prompt}
        assert bet.question.kind == "token"
        state = advance(state, answer(state, bet))
        run = todo(state)
        assert isinstance(run, RunNow)
        assert run.parameters["prompt"] == prompt
        state = advance(state, ev.RunFinished("break-it", {**LENS, "parameters": {**run.parameters, "answer": None}}))
        now = todo(state)
        assert isinstance(now, ChooseTweak)
        assert now.parameters == {"prompt": prompt, "answer": None}
    assert [b.verdict.right for b in state.bets[-2:] if b.verdict] == [True, True]
    assert advance(state, ev.Continued("break-it")).at == "keep"


def with_a_goal(**more: str) -> State:
    """At a tweak with a goal: a layer below 20."""
    goal = {"when": {"first_layer_top": {"below": 20}}, "by": {"prompt": "One two three"}, **more}
    text = lesson.model_dump(mode="json", by_alias=True, exclude_none=True)
    next(step for step in text["steps"] if "tweak" in step)["tweak"]["reached"] = goal
    return take(start(Lesson.model_validate(text)), until=at("break-it"))[0]


def tried(state: State, layer: int) -> State:
    """One try that comes to this layer."""
    state = tweaked(state, prompt=f"to {layer}")
    state = advance(state, answer(state, todo(state)))
    return advance(state, ev.RunFinished("break-it", {**LENS, "facts": {**LENS["facts"], "first_layer_top": layer}}))


def test_who_goes_on_without_the_goal_is_told_one_way_to_it() -> None:
    way = f"{WAY}prompt “One two three”."
    assert way in [line.text for line in advance(tried(with_a_goal(), 25), ev.Continued("break-it")).lines]
    for state in (with_a_goal(), tried(with_a_goal(), 3), tried(tried(with_a_goal(), 3), 25)):
        assert WAY not in str(advance(state, ev.Continued("break-it")).lines), "nobody who reached it or did not look"
    assert WAY not in str(tried(with_a_goal(), 25).lines)


def test_how_near_a_try_came_to_the_goal_is_said_each_time() -> None:
    state = with_a_goal()
    for layer, who, said in (
        (25, "note", NOT_YET),
        (19, "claim", REACHED),
        (20, "note", THIS_TIME),
        (3, "claim", REACHED),
    ):
        state = tried(state, layer)
        assert state.lines[-1].who == who
        assert state.lines[-1].text == f"{said}: first layer top is {layer}."
        assert isinstance(todo(state), ChooseTweak)


def test_how_near_it_came_is_said_in_the_words_of_the_lesson() -> None:
    state = tried(with_a_goal(says="it is on top from layer {first_layer_top} on"), 25)
    assert state.lines[-1].text == f"{NOT_YET}: it is on top from layer 25 on."


def test_a_try_that_changed_more_than_the_goal_allows_does_not_count() -> None:
    state = tweaked(with_a_goal(), prompt="to 3", bos=True)
    state = advance(state, answer(state, todo(state)))
    state = advance(state, ev.RunFinished("break-it", {**LENS, "facts": {**LENS["facts"], "first_layer_top": 3}}))
    assert state.lines[-1].who == "note"
    assert state.lines[-1].text == f"{UNCOUNTED}bos is changed, too."
    other = tweaked(with_a_goal(), bos=True)
    other = advance(advance(other, answer(other, todo(other))), ev.RunFinished("break-it", LENS))
    assert other.lines[-1].text == f"{UNCOUNTED}bos is changed."
    assert f"{WAY}prompt “One two three”." in str(advance(state, ev.Continued("break-it")).lines)
    assert NOT_YET in tried(state, 25).lines[-1].text


def test_a_tweak_that_failed_can_be_changed_and_then_wants_another_bet() -> None:
    state, _ = take(start(lesson), until=at("break-it"))
    state = tweaked(state, prompt="x" * 10)
    state = advance(state, answer(state, todo(state)))
    state = advance(state, ev.RunFailed("break-it", "bad_parameter", "too long"))
    assert isinstance(todo(state), Retry)
    state = tweaked(state, prompt="y")
    assert isinstance(todo(state), AskBet)
    state, _ = take(state, until=lambda s: isinstance(todo(s), ChooseTweak))
    old, new = state.bets[-2:]
    assert old.verdict is None
    assert old.void
    assert new.verdict is not None


def test_a_bet_on_no_tweak_is_none() -> None:
    state, _ = take(start(lesson), until=at("break-it"))
    assert advance(state, ev.Predicted("break-it", " Mary", "so", 50)) == state
    state = tweaked(state, prompt="x")
    state = advance(state, ev.Predicted("break-it", " Mary", "so", 50))
    assert advance(state, ev.Predicted("break-it", " John", "no, so", 50)) == state


def test_a_parameter_that_the_lesson_does_not_speak_of_is_kept_too() -> None:
    state, _ = take(start(lesson), until=at("break-it"))
    state = tweaked(state, bos=True)
    state = advance(state, answer(state, todo(state)))
    run = todo(state)
    assert isinstance(run, RunNow)
    assert run.parameters["bos"] is True
    state = advance(state, ev.RunFinished("break-it", {**LENS, "parameters": run.parameters}))
    now = todo(state)
    assert isinstance(now, ChooseTweak)
    assert now.parameters["bos"] is True
    assert now.vary == ("prompt", "answer")


def test_back_to_the_lessons_own_parameters_is_a_tweak_with_nothing_in_it() -> None:
    state, _ = take(start(lesson), until=at("break-it"))
    state = tweaked(state)
    assert isinstance(todo(state), AskBet)
    run = todo(advance(state, answer(state, todo(state))))
    base = lesson.run_before("break-it")
    assert base is not None
    assert isinstance(run, RunNow)
    assert run.parameters == base.run.parameters("smollm2-135m")


def surprised(confidence: int = 80, answer_: str = " London", reason: str = "beams look ahead") -> State:
    """After a try whose bet, on the token that comes out, missed."""
    state = tweaked(take(start(lesson), until=at("break-it"))[0], prompt="One two three")
    state = advance(state, ev.Predicted("break-it", answer_, reason, confidence))
    return advance(state, ev.RunFinished("break-it", LENS))


def test_a_try_that_surprised_is_asked_about() -> None:
    state = surprised()
    assert todo(state) == Say(Move.RECONCILE, "break-it")
    turn = turn_of(state, Move.RECONCILE)
    assert word(turn).startswith("Your reason was “beams look ahead”. ")
    assert word(turn).endswith(phrases.SURPRISED)
    assert check(turn, word(turn)) == []
    state = advance(state, ev.Said("break-it", "reconcile", word(turn)))
    assert todo(state) == Hear("break-it")
    state = advance(state, reply(state, "it looks no further"))
    assert isinstance(todo(state), ChooseTweak), "nobody judges it, and another try may come"
    assert state.lines[-1].text == "it looks no further"


def test_one_that_nobody_was_sure_of_or_that_came_true_is_not() -> None:
    assert isinstance(todo(surprised(confidence=60)), ChooseTweak)
    assert isinstance(todo(surprised(answer_=" Mary")), ChooseTweak)


def test_who_has_nothing_to_say_goes_on_with_enter() -> None:
    state = surprised()
    state = advance(state, ev.Said("break-it", "reconcile", "What did it do?"))
    after = advance(state, reply(state, ""))
    assert isinstance(todo(after), ChooseTweak)
    assert after.lines == state.lines
    assert advance(state, ev.Continued("break-it")).at == "keep"
    assert isinstance(todo(advance(state, reply(state, "no idea"))), ChooseTweak)


def test_a_question_there_is_taken_up_and_kept() -> None:
    state = surprised()
    state = advance(state, ev.Said("break-it", "reconcile", "What did it do?"))
    state = advance(state, reply(state, "why does it look no further?"))
    assert todo(state) == Say(Move.ASIDE, "break-it")
    turn = turn_of(state, Move.ASIDE)
    state = advance(state, voice.said(turn, word(turn), Authored()))
    assert isinstance(todo(state), ChooseTweak)
    assert state.kept == ("why does it look no further?",)


def test_a_journal_from_before_goes_on_with_its_next_try() -> None:
    """Nothing was asked there: the next tweak, or going on, came right after the run."""
    state = surprised()
    assert isinstance(todo(tweaked(state, prompt="another")), AskBet)
    assert advance(state, ev.Continued("break-it")).at == "keep"


def test_a_reason_that_says_nothing_is_not_quoted() -> None:
    turn = turn_of(surprised(reason="idk"), Move.RECONCILE)
    assert word(turn) in phrases.SURPRISED
