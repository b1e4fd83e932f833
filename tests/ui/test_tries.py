"""What was tried: the history beside the talk, two tries compared, parameters taken over."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot

from tests.ui.drive import ID, SIZES, bet, fields, form, reach, said, screen, to_tweak, tweak, write
from tests.ui.look import lines, until
from tests.ui.stage import LESSON, FakeApp, course
from tutor.todo import AskBet, Hear
from tutor.ui.screens.lesson import LessonScreen
from tutor.ui.screens.tries import TriesScreen
from tutor.ui.widgets.bet import BetCard


async def history(pilot: Pilot[Any]) -> TriesScreen:
    await until(pilot, lambda: isinstance(pilot.app.screen, TriesScreen) and pilot.app.screen.panel.figures)
    assert isinstance(pilot.app.screen, TriesScreen)
    return pilot.app.screen


async def test_the_history_stands_beside_and_survives_a_kill(tmp_path: Path) -> None:
    app = FakeApp(tmp_path, ID)
    async with app.run_test(size=(120, 40)) as pilot:
        lesson = await to_tweak(pilot)
        assert not lesson.tries.display, "one run is no history"
        await tweak(pilot, "5")
        await tweak(pilot, "7", option="3")
    app = FakeApp(tmp_path, ID)
    async with app.run_test(size=(120, 40)) as pilot:
        await form(pilot)
        await until(pilot, lambda: "what you tried" in said(app))
        rows = [" ".join(text[60:].split()) for text in lines(app)]
        assert "BASE ✔ as the lesson has it drop 0.50" in rows
        assert "1 ✔ layer 5 drop 0.50" in rows
        assert "2 ✘ layer 7 drop 0.50" in rows
        row = next(i for i, text in enumerate(lines(app)) if "✔ as the lesson" in " ".join(text.split()))
        await pilot.click(offset=(lines(app)[row].index("as the lesson"), row))
        assert (await history(pilot))._at == 0


@pytest.mark.parametrize("size", SIZES)
async def test_two_tries_are_compared_in_words_and_figures(tmp_path: Path, size: tuple[int, int]) -> None:
    app = FakeApp(tmp_path, ID)
    async with app.run_test(size=size) as pilot:
        await to_tweak(pilot)
        await tweak(pilot, "5")
        await tweak(pilot, "7", option="3")
        await pilot.press("f2")
        shown = await history(pilot)
        await until(pilot, lambda: "Nothing much, 60 %" in said(app))
        assert [figure.title for figure in shown.panel.figures] == ["What comes next", "What it writes", "Probability"]
        await pilot.press("space", "up")
        await until(pilot, lambda: "1 and 2 compared" in said(app))
        table = shown.panel.figures[0].table()
        assert ["layer", "5", "7", "changed"] in table[1]
        assert ["drop", "0.50", "0.50", "same"] in table[1]
        await until(pilot, lambda: "difference" in said(app))
        await pilot.press("n")
        await until(pilot, lambda: "TWEAK 1" in said(app))
        assert all(len(text) <= size[0] for text in lines(app))
        await pilot.press("space", "k", "j")
        await until(pilot, lambda: "1 and 2 compared" in said(app))
        await pilot.press("down", "space")
        await until(pilot, lambda: len(shown.panel.figures) == 3)
        await pilot.press("escape")
        await form(pilot)


async def test_parameters_can_be_taken_from_the_history(tmp_path: Path) -> None:
    app = FakeApp(tmp_path, ID)
    async with app.run_test(size=(80, 24)) as pilot:
        await to_tweak(pilot)
        await tweak(pilot, "5")
        await tweak(pilot, "7")
        await pilot.press("f2")
        await history(pilot)
        await pilot.press("up", "enter")
        of = await form(pilot)
        await until(pilot, lambda: fields(of)["layer"] == "5")
        assert isinstance(app.screen, LessonScreen)
        await pilot.press("f3")
        await until(pilot, lambda: fields(of)["layer"] == "7")


async def test_the_history_can_be_opened_while_one_bets_and_before_there_is_one(tmp_path: Path) -> None:
    app = FakeApp(tmp_path, ID)
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: isinstance(app.screen, LessonScreen) and app.screen.session.state.at == "warm-up")
        await pilot.press("f2")
        await until(pilot, lambda: any("Nothing ran yet" in n.message for n in app._notifications))
        await to_tweak(pilot)
        await pilot.press("ctrl+u", "5", "enter")
        await until(pilot, lambda: screen(app).query(BetCard))
        await pilot.press("f2")
        await history(pilot)
        await pilot.press("enter")
        await until(pilot, lambda: any("asks for a tweak" in n.message for n in app._notifications))
        await pilot.press("escape")
        await reach(pilot, AskBet)
        assert screen(app).query(BetCard)


TWO_RUNS = LESSON.replace(
    "  - id: look\n",
    """  - id: second
    predict: {kind: number, ask: "How deep?", fact: depth_top, low: 0, high: 1, close: 0.1}
  - id: lens
    run: {experiment: logit_lens, with: {prompt: The capital of France is, answer: " Paris"}}
  - id: look
""",
)


async def test_the_code_is_that_of_the_try_that_is_looked_at(tmp_path: Path) -> None:
    app = FakeApp(tmp_path, ID, of=course(TWO_RUNS))
    async with app.run_test(size=(120, 40)) as pilot:
        await reach(pilot, Hear, "warm-up")
        await write(pilot, "right", "enter")
        await bet(pilot)
        await reach(pilot, AskBet, "second")
        await write(pilot, "0.5", "enter")
        await write(pilot, "half way", "enter")
        await pilot.press("5", "enter")
        await reach(pilot, Hear, "look")
        await pilot.press("f2")
        shown = await history(pilot)
        for n, file in enumerate(("head_ablation.py", "logit_lens.py")):
            shown.list.focus()
            shown.list.highlighted = n
            await until(pilot, lambda n=n: shown.here and shown.here is shown.tries[n])  # type: ignore[misc]
            shown.panel.focus()
            await pilot.press("s")
            await until(pilot, lambda file=file: file in said(app))  # type: ignore[misc]
            await pilot.press("escape")
            await until(pilot, lambda: app.screen is shown)
