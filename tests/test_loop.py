"""The loop: whole lessons by events, what may be known when, bets and runs, skipping."""

from __future__ import annotations

import pytest

from tests.dialogue.course import ABLATION, lesson
from tests.play import answer, at, take
from tutor import events as ev
from tutor.course.format import Ask, Run, Takeaway
from tutor.dialogue.voice import turn_of
from tutor.loop import advance, skipped_along, start
from tutor.state import State
from tutor.todo import Done, Judge, Retry, RunNow, Say, todo


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


def test_what_needs_a_step_goes_with_it() -> None:
    guess, _ = take(start(lesson), until=at("guess"))
    ids = [s.id for s in lesson.steps]
    assert advance(guess, ev.Skipped("guess")).at == ids[ids.index("guess") + 1 + skipped_along(guess)]
    assert skipped_along(guess) > 1, "its run, and the talk about that"
    assert skipped_along(start(lesson)) == 0


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


# --- what is said --------------------------------------------------------------------------------------------------------


def asked_after(seen: str) -> State:
    """What was seen is said, and what explains it was asked."""
    state, _ = take(start(lesson), until=at("look"))
    for event in (
        ev.Said("look", "observe", "What do you see?"),
        ev.Replied("look", seen),
        ev.Said("why", "reconcile", "How can that be?"),
    ):
        state = advance(state, event)
    return state


@pytest.mark.parametrize(
    "pointer", ["as I said", "I already told you!", "See above.", "like i wrote before", "as I said, no?"]
)
def test_who_points_back_is_judged_by_what_they_said_before(pointer: str) -> None:
    state = advance(asked_after("the other heads share the work"), ev.Replied("why", pointer))
    means = "the other heads share the work" if "?" not in pointer else pointer
    assert todo(state) == Judge("why", means)
    assert turn_of(state, None).last == means
    assert state.lines[-1].text == pointer, "what was written is shown as it was"


@pytest.mark.parametrize(
    "reply", ["the same", "before", "it repeats what was said in the text", "said the model", "ok"]
)
def test_an_answer_that_sounds_like_it_is_taken_as_it_is(reply: str) -> None:
    state = advance(asked_after("the other heads share the work"), ev.Replied("why", reply))
    assert todo(state) == Judge("why", reply)


def test_who_points_back_at_nothing_is_taken_by_their_words() -> None:
    state = advance(start(lesson), ev.Said("warm-up", "elicit", "What do you expect?"))
    assert todo(advance(state, ev.Replied("warm-up", "as I said"))) == Judge("warm-up", "as I said")


def test_who_skips_what_runs_and_writes_a_takeaway_did_not_skip_all() -> None:
    state = start(lesson)
    while state.at and not isinstance(state.step, Takeaway):
        state = advance(state, ev.Skipped(state.at))
    assert state.at
    assert advance(state, ev.Skipped(state.at)).went == f"You skipped all of “{lesson.title}”."
    assert advance(state, ev.Replied(state.at, "a line")).went == f"You skipped the runs of “{lesson.title}”."
