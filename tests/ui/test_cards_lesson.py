"""Each kind of bet in a lesson: left in the middle and taken up again, locked, run, and said what became of it."""

from __future__ import annotations

from pathlib import Path

import pytest
from cards import QUESTIONS, lesson_of, question
from drive import reach, said, screen
from look import until
from stage import FakeApp, course
from test_cards import BY_KEYS

from tutor.journal.store import Store
from tutor.predict import answer_text
from tutor.todo import AskBet, Hear
from tutor.ui.widgets.answers.modelled import Modelled
from tutor.ui.widgets.bet import BetCard


@pytest.mark.parametrize("kind", QUESTIONS)
async def test_a_bet_is_left_taken_up_again_and_locked(tmp_path: Path, kind: str) -> None:
    app = FakeApp(tmp_path, "one-bet", of=course(lesson_of(kind)))
    keys, answer = BY_KEYS[kind]

    def ready() -> bool:
        there = app.focused
        return there is not None and there.id == "answer" and (not isinstance(there, Modelled) or there.n_layers > 0)

    async with app.run_test(size=(80, 24)) as pilot:
        await reach(pilot, AskBet)
        await until(pilot, ready)
        await pilot.press(*keys.split())
        await until(pilot, lambda: screen(app).query_one(BetCard).answer.value)
        value = screen(app).query_one(BetCard).answer.value
        await pilot.press(*["escape"] * (2 if kind == "token" else 1))
        await until(pilot, lambda: app.screen is app.home)
        await pilot.press("enter")
        await reach(pilot, AskBet)
        await until(pilot, ready)
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
