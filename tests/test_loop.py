"""The loop: whole lessons by events, every reply, what may be known when, bets and runs, tweaks, skipping."""

from __future__ import annotations

import itertools
from typing import Any

import pytest

from tests.dialogue.course import ABLATION, LENS, lesson
from tests.play import answer, at, take
from tutor import events as ev
from tutor.course.format import Ask, Explain, Run
from tutor.dialogue.moves import PATIENCE, Move, Reply, Standing, pick
from tutor.dialogue.voice import turn_of
from tutor.loop import (
    AskBet,
    ChooseTweak,
    Done,
    Hear,
    Judge,
    Mark,
    Retry,
    RunNow,
    Say,
    State,
    advance,
    start,
    todo,
)


def test_a_whole_lesson() -> None:
    end, events = take(start(lesson))
    assert end.done == {s.id for s in lesson.steps}
    assert [type(e).__name__ for e in events if isinstance(e, (ev.Predicted, ev.RunFinished))] == [
        "Predicted",
        "RunFinished",
        "Predicted",
        "Predicted",
        "RunFinished",
    ]
    assert [b.verdict.right for b in end.bets if b.verdict] == [True, True, True]
    said = [(line.who, line.text) for line in end.lines]
    assert ("claim", "Silencing it cost 0.50 of the lead.") in said
    assert ("claim", "From layer 27 on it stayed on top.") in said
    assert ("task", "Find a text whose last word is decided early.") in said
    runs = [n for n, (who, _) in enumerate(said) if who == "run"]
    bets = [n for n, (who, _) in enumerate(said) if who == "bet"]
    assert bets[0] < runs[0] < bets[1] < bets[2] < runs[1] < runs[2]


def test_asking_again_gives_the_same_answer() -> None:
    state = start(lesson)
    while not isinstance(now := todo(state), Done):
        assert todo(state) == now
        state = advance(state, answer(state, now))


# --- moves ------------------------------------------------------------------------------------------------------------

STANDINGS = [
    Standing(reply, blind, failed, deeper, went)
    for reply, blind, failed, deeper, went in itertools.product(
        Reply, (True, False), range(6), (True, False), (True, False)
    )
]


def test_every_standing_has_a_move_that_fits() -> None:
    for s in STANDINGS:
        move = pick(s)
        assert move in set(Move), s
        if s.blind:
            assert move not in (Move.TELL, Move.MARK, Move.CONFIRM, Move.DEEPER), s
        else:
            assert move is not Move.DEFER, s
        if s.reply is Reply.RIGHT:
            assert move in (Move.NEXT, Move.CONFIRM, Move.DEEPER), s
        elif not s.went_deeper:
            assert move not in (Move.NEXT, Move.CONFIRM, Move.DEEPER), s
        if s.reply is Reply.TELL_ME:
            assert move is (Move.DEFER if s.blind else Move.TELL), s
        if s.failed >= PATIENCE and s.reply not in (Reply.RIGHT, Reply.EMPTY):
            assert move in (Move.TELL, Move.DEFER, Move.NEXT), s


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


# --- what may be known ------------------------------------------------------------------------------------------------


def test_blind_until_the_run_that_the_step_is_about() -> None:
    seen: dict[str, bool] = {}
    state = start(lesson)
    while not isinstance(now := todo(state), Done):
        seen.setdefault(state.at or "", state.blind)
        state = advance(state, answer(state, now))
    blind = {step for step, is_blind in seen.items() if is_blind}
    assert blind == {"warm-up", "guess", "do-it", "before-lens", "guess-layer", "guess-token", "lens"}


def test_a_question_between_a_run_and_its_observation_is_about_that_run() -> None:
    steps = list(lesson.steps)
    steps.insert(3, Ask(id="aside", ask="What came out?"))
    state, _ = take(start(lesson.model_copy(update={"steps": steps})), until=at("aside"))
    assert not state.blind


def test_no_turn_before_a_run_holds_anything_of_its_result() -> None:
    state = start(lesson)
    while not isinstance(now := todo(state), Done):
        if isinstance(now, (Say, Judge)):
            turn = turn_of(state, now.move if isinstance(now, Say) else None)
            assert turn.blind == state.blind
            if turn.blind:
                assert turn.facts == {}
                assert turn.figures == ()
                assert all(b.verdict is None for b in turn.bets)
                assert turn.listen is None or turn.listen.answer == ""
            else:
                assert turn.facts
        state = advance(state, answer(state, now))


# --- bets and runs ----------------------------------------------------------------------------------------------------


def test_no_run_without_a_bet() -> None:
    state, _ = take(start(lesson), until=at("guess"))
    state = advance(state, ev.Skipped("guess"))
    assert state.at == "before-lens", "the run and all talk of it are passed over"


def test_a_bet_is_scored_by_its_own_run_only() -> None:
    state, _ = take(start(lesson), until=at("do-it"))
    state = advance(state, ev.Skipped("do-it"))
    end, _ = take(state)
    first, *others = end.bets
    assert first.verdict is None
    assert all(b.verdict and b.verdict.right for b in others)


def test_a_failed_run_is_told_and_can_be_run_again_or_skipped() -> None:
    state, _ = take(start(lesson), until=at("do-it"))
    run = todo(state)
    failed = advance(state, ev.RunFailed("do-it", "engine_died", "the engine ended"))
    assert todo(failed) == Retry("do-it", "engine_died", "the engine ended")
    again = advance(failed, ev.Continued("do-it"))
    assert todo(again) == run
    assert again.bets == state.bets
    assert advance(again, answer(again, run)).at == "look"
    skipped = advance(failed, ev.Skipped("do-it"))
    assert skipped.at == "before-lens"
    assert skipped.failure is None


def test_a_result_that_comes_after_the_run_was_skipped_is_late() -> None:
    state, _ = take(start(lesson), until=at("do-it"))
    skipped = advance(state, ev.Skipped("do-it"))
    assert advance(skipped, ev.RunFinished("do-it", ABLATION)) == skipped
    assert advance(skipped, ev.RunFailed("do-it", "cancelled", "cancelled")) == skipped


def test_a_locked_bet_stays() -> None:
    state, _ = take(start(lesson), until=at("do-it"))
    assert advance(state, ev.Predicted("guess", "gone", "I changed my mind", 100)) == state


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


def test_the_model_of_the_lesson_can_have_its_own_parameters() -> None:
    run = lesson.step("do-it")
    assert isinstance(run, Run)
    spec = run.run.model_copy(update={"on": {"gpt2": {"layer": 9, "head": 9}}})
    steps = [s.model_copy(update={"run": spec}) if s.id == "do-it" else s for s in lesson.steps]
    state, _ = take(start(lesson.model_copy(update={"steps": steps}), "gpt2"), until=at("do-it"))
    now = todo(state)
    assert isinstance(now, RunNow)
    assert (now.parameters["layer"], now.parameters["head"], now.parameters["answer"]) == (9, 9, " Mary")


# --- skipping ---------------------------------------------------------------------------------------------------------


def test_skip_everything() -> None:
    state = start(lesson)
    for _ in lesson.steps:
        if state.at is None:
            break
        state = advance(state, ev.Skipped(state.at))
    assert todo(state) == Done()
    assert state.results == ()


@pytest.mark.parametrize("step", [s.id for s in lesson.steps])
def test_skip_any_one_step_at_any_moment(step: str) -> None:
    state = start(lesson)
    while not isinstance(now := todo(state), Done):
        if state.at == step:
            skipped = advance(state, ev.Skipped(step))
            assert skipped.at != step
            assert step in skipped.skipped
            assert isinstance(todo(take(skipped)[0]), Done)
        state = advance(state, answer(state, now))
