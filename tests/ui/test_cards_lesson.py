"""Each kind of bet in a lesson: left in the middle and taken up again, locked, run, and said what became of it."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual.widgets import Static

from tests.ui.cards import BY_KEYS, QUESTIONS, lesson_of, question
from tests.ui.drive import reach, said, screen
from tests.ui.look import until
from tests.ui.stage import FIRST, FakeApp, course
from tutor.journal.store import Store
from tutor.predict import answer_text
from tutor.todo import AskBet, Hear
from tutor.ui import transcript
from tutor.ui.widgets.answers.modelled import Modelled
from tutor.ui.widgets.bet import BetCard


def ready(app: FakeApp) -> bool:
    """Whether the answer has the focus, and its card the height that it has once the model is known."""
    there = app.focused
    return there is not None and there.id == "answer" and (not isinstance(there, Modelled) or there.n_layers > 0)


@pytest.mark.parametrize("kind", QUESTIONS)
async def test_a_bet_is_left_taken_up_again_and_locked(tmp_path: Path, kind: str) -> None:
    app = FakeApp(tmp_path, "one-bet", of=course(lesson_of(kind)))
    keys, answer = BY_KEYS[kind]

    async with app.run_test(size=(80, 24)) as pilot:
        await reach(pilot, AskBet)
        await until(pilot, lambda: ready(app))
        await pilot.press(*keys.split())
        await until(pilot, lambda: screen(app).query_one(BetCard).answer.value)
        value = screen(app).query_one(BetCard).answer.value
        await pilot.press(*["escape"] * (2 if kind == "token" else 1))
        await until(pilot, lambda: app.screen is app.home)
        await pilot.press("enter")
        await reach(pilot, AskBet)
        await until(pilot, lambda: ready(app))
        assert screen(app).query_one(BetCard).answer.value == value
        ask = question(kind).ask
        assert ask.split()[0] in said(app), "the question is on the screen"
        await pilot.press("enter", "s", "o", "enter", "7", "enter")
        lesson = await reach(pilot, Hear, "keep")
        bet = lesson.session.state.bets[0]
        assert (bet.answer, bet.text) == (answer, answer_text(question(kind), answer))  # type: ignore[arg-type]
        assert bet.verdict is not None
        shown = " ".join(text.plain for _, _, text in lesson.talk.items)
        assert bet.text.rstrip(".") in shown
    with Store.read(tmp_path, "me") as store:
        kinds = [r.kind for r in store.records("one-bet")]
    assert kinds.index("predicted") < kinds.index("runfinished"), "no run before its bet"


async def test_a_key_too_many_does_not_bet_on_the_question_after_it(tmp_path: Path) -> None:
    app = FakeApp(tmp_path, "what-comes-next", of=course(FIRST))
    async with app.run_test(size=(80, 24)) as pilot:
        await reach(pilot, AskBet, "guess")
        await pilot.press(*" Paris", "enter", *"x of y", "enter", "7")
        card = screen(app).query_one(BetCard)
        await until(pilot, lambda: not card.answer.waits)
        for key in ("enter", "enter", "8", "enter"):  # as fast as a hand that trembles: nothing is waited for
            app.simulate_key(key)
        await reach(pilot, AskBet, "sure")
        await until(pilot, lambda: screen(app).foot.form is not card and app.focused)
        await pilot.pause()
        bets = screen(app).session.state.bets
        assert [(bet.step, bet.answer, bet.confidence) for bet in bets] == [("guess", " Paris", 70)]
        assert screen(app).drafts.of("sure") == {}, "nor does it begin with what was typed for the other"


FROM_WHICH_LAYER = """
format: 1
id: one-bet
title: A bet on a layer
unit: attention
minutes: 5
difficulty: 1
concepts: [betting]
steps:
  - id: guess
    predict: {kind: number, ask: "From which layer on?", fact: first_layer_top, low: 0, close: 1}
  - id: do-it
    run: {experiment: logit_lens, with: {prompt: When Mary and John went}}
  - id: keep
    takeaway: What will you remember?
"""


async def test_a_layer_that_the_model_does_not_have_cannot_be_bet_on(tmp_path: Path) -> None:
    app = FakeApp(tmp_path, "one-bet", of=course(FROM_WHICH_LAYER))
    async with app.run_test(size=(80, 24)) as pilot:
        await reach(pilot, AskBet)
        card = screen(app).query_one(BetCard)
        await until(pilot, lambda: app.focused is not None and app.focused.id == "answer")
        await until(pilot, lambda: screen(app).bench.model is not None)
        await pilot.press("3", "0", "enter")
        await until(
            pilot, lambda: "30 is too high: layers go from 0 to 29 here" in str(card.query_one("#hint", Static).content)
        )
        assert not screen(app).session.state.bets
        await pilot.press("backspace", "backspace", "2", "9", "enter", "s", "o", "enter", "7", "enter")
        await reach(pilot, Hear, "keep")
        assert [bet.answer for bet in screen(app).session.state.bets] == [29]


@pytest.mark.parametrize("kind", QUESTIONS)
async def test_from_every_field_of_a_bet_the_page_keys_scroll_the_talk(tmp_path: Path, kind: str) -> None:
    app = FakeApp(tmp_path, "one-bet", of=course(lesson_of(kind)))
    async with app.run_test(size=(80, 24)) as pilot:
        lesson = await reach(pilot, AskBet)
        await until(pilot, lambda: ready(app))
        await until(
            pilot, lambda: kind != "distribution" or "enter next   ↑↓ row   ←→ put chips   tab next field" in said(app)
        )
        card, talk = lesson.query_one(BetCard), lesson.talk
        before = talk.max_scroll_y
        talk.add([transcript.note("many words " * 200)])
        await until(pilot, lambda: talk.max_scroll_y > before)
        for field in card.stops:
            field.focus()
            await until(pilot, lambda field=field: field.has_focus and talk.scroll_y == talk.max_scroll_y > 0)  # type: ignore[misc]
            await pilot.press("pageup")
            await until(pilot, lambda: talk.scroll_y < talk.max_scroll_y)
            await pilot.press("pagedown")
        assert not card.answer.value
