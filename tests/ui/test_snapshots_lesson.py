"""A lesson from its first question to its end at every size, with short, long and wide words."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot

from engine.errors import BadParameter, EngineDied
from engine.protocol import Result
from tests.ui.drive import ID, bet, reach, said, screen, write
from tests.ui.look import environment, focus_on, until
from tests.ui.snapshots import STOPPED, Album
from tests.ui.stage import LESSON, FakeApp, FakeBench, FakeVoice, course
from tutor.dialogue.voice import Turn
from tutor.todo import AskBet, ChooseTweak, Done, Hear, Mark, Retry, RunNow
from tutor.ui.bench import OnEvent, Status
from tutor.ui.screens.tries import TriesScreen
from tutor.ui.themes import PAPER
from tutor.ui.widgets.bet import BetCard
from tutor.ui.widgets.choices import Choices

LONG_PROMPT = "Once there was a robot who wanted to see the sea, 但是他从来没有离开过工厂。" * 6
TWELVE = "\n".join(f"{n}. line of a reply that goes on and on, 続く、そして続く 🙂" for n in range(1, 13))
WORDINGS = {
    "long": LESSON.replace("Silence one head", "Silence one head after the other, and look at what becomes of the lead")
    .replace(
        "If one of them fell silent, what would you notice in its answer, and why?",
        "Every one of them reads the same stream and adds its own share to it, in every layer, at every position. " * 3
        + "If one of them fell silent, what would you notice in its answer, and why?",
    )
    .replace(
        "The lead is gone", '"The lead is gone, and what is left of it goes to the other name that was in the prompt"'
    )
    .replace("When Mary and John went to the store, John gave a drink to", LONG_PROMPT),
    "wide": LESSON.replace("Silence one head", "頭を一つ黙らせる 🙂")
    .replace("If one of them fell silent", "もしその一つが黙ったら、答えの何が変わりますか？")
    .replace("The lead is gone", "リードは消える 🙂 完全に")
    .replace("When Mary and John went to the store, John gave a drink to", "玛丽和约翰去了商店 🙂，约翰把饮料给了"),
}


class Bench(FakeBench):
    """Its clock stands still while it runs."""

    async def run(
        self, experiment: str, parameters: dict[str, Any], model: str, seed: int, on_event: OnEvent
    ) -> Result:
        running = asyncio.ensure_future(super().run(experiment, parameters, model, seed, on_event))
        await asyncio.sleep(0)
        if self.status.working:
            self.status = Status("busy", "cpu", model, "reading layers", 12, 30, "layers", STOPPED - 3)
        return await running


class Slow(FakeVoice):
    """Says a few words of a long answer, and then waits."""

    async def say(self, turn: Turn) -> AsyncIterator[str]:
        yield "\n".join(f"{n}: words that come as they are found, 言葉が来る" for n in range(1, 13))
        assert self.hold
        await self.hold.wait()


def app_of(home: Path, look: str = "dark", **more: Any) -> FakeApp:
    with environment(NO_COLOR="1" if look == "no colour" else None):
        app = FakeApp(home, ID, **{"bench": Bench(), **more})
    if look == "light":
        app.theme = PAPER.name
    return app


async def to_bet(pilot: Pilot[Any]) -> None:
    await reach(pilot, AskBet)
    await until(pilot, lambda: screen(pilot.app).query(BetCard) and pilot.app.focused.id == "answer")  # type: ignore


async def form(pilot: Pilot[Any]) -> None:
    await reach(pilot, ChooseTweak)
    await until(pilot, lambda: pilot.app.focused and (pilot.app.focused.id or "").startswith("p-"))


async def choices(pilot: Pilot[Any], kind: type) -> None:
    await reach(pilot, kind)
    await until(pilot, lambda: isinstance(pilot.app.focused, Choices))


async def test_from_the_first_question_to_the_tweak(tmp_path: Path, album: Album) -> None:
    app = app_of(tmp_path)
    app.fake.hold = asyncio.Event()
    async with app.run_test(size=(120, 40)) as pilot:
        await reach(pilot, Hear, "warm-up")
        await album.take(pilot, "asked")
        await write(pilot, TWELVE)
        for key in ("o", "k"):
            await pilot.press("ctrl+o", key)
        await album.take(pilot, "a reply of many lines")
        await pilot.press("enter")
        await reach(pilot, Hear, "warm-up")
        await album.take(pilot, "asked again")
        await write(pilot, "right", "enter")
        await to_bet(pilot)
        await bet(pilot)
        await reach(pilot, RunNow)
        await until(pilot, lambda: screen(app).side.has_figures and screen(app).foot._rule.going)
        await album.take(pilot, "running")
        app.fake.hold.set()
        await reach(pilot, Hear, "look")
        await album.take(pilot, "observe")
        await pilot.press("tab")
        await until(pilot, lambda: screen(app).side.focused_here)
        await album.take(pilot, "observe, at the figure")
        await pilot.press("tab")
        await write(pilot, "it shrank", "enter")
        await reach(pilot, Hear, "why")
        await album.take(pilot, "explain")
        await write(pilot, "unsure", "enter")
        await reach(pilot, Mark)
        await focus_on(pilot, "marks")
        await pilot.press("space", "down")
        await album.take(pilot, "mark your own")


async def test_from_the_tweak_to_the_end(tmp_path: Path, album: Album) -> None:
    app = app_of(tmp_path)
    async with app.run_test(size=(120, 40)) as pilot:
        for step in ("warm-up", "guess"):
            await reach(pilot, Hear if step == "warm-up" else AskBet, step)
            await (write(pilot, "right", "enter") if step == "warm-up" else bet(pilot))
        await reach(pilot, Hear, "look")
        await write(pilot, "it shrank", "enter")
        await reach(pilot, Hear, "why")
        await write(pilot, "right", "enter")
        await form(pilot)
        await album.take(pilot, "tweak")
        await pilot.press("ctrl+l", "ctrl+u", "9", "9", "enter")
        await until(pilot, lambda: screen(app).query("#hint.-wrong"))
        await album.take(pilot, "tweak, all parameters, out of range")
        await pilot.press("ctrl+l", "ctrl+u", "5", "enter")
        await to_bet(pilot)
        await bet(pilot, "3")
        await reach(pilot, Hear, "break-it")
        await album.take(pilot, "a try that surprised")
        await write(pilot, "it was not that layer", "enter")
        await form(pilot)
        await pilot.press("ctrl+u", "7", "enter")
        await to_bet(pilot)
        app.fake.fail = BadParameter("prompt", "prompt has 9000 tokens; the model reads at most 8192")
        await bet(pilot)
        await choices(pilot, Retry)
        await album.take(pilot, "refused")
        await pilot.press("enter")
        await form(pilot)
        await album.take(pilot, "tweak, with a history")
        await pilot.press("f2")
        await until(pilot, lambda: isinstance(app.screen, TriesScreen) and app.screen.panel.figures)
        await album.take(pilot, "what you tried")
        await pilot.press("space", "up")
        await until(pilot, lambda: len(app.screen.panel.figures) > 3)  # type: ignore[attr-defined]
        await album.take(pilot, "two tries compared")
        await pilot.press("n")
        await album.take(pilot, "two tries compared, a figure")
        await pilot.press("escape")
        await form(pilot)
        await pilot.press("ctrl+g")
        await reach(pilot, Hear, "keep")
        await write(pilot, "heads share their work", "enter")
        await choices(pilot, Done)
        await album.take(pilot, "done")


async def test_words_that_are_still_coming_and_a_run_that_failed(tmp_path: Path, album: Album) -> None:
    voice = Slow(hold=asyncio.Event())
    app = app_of(tmp_path, voice=voice, bench=Bench(fail=EngineDied("The engine was killed (signal 9).")))
    async with app.run_test(size=(120, 40)) as pilot:
        await until(pilot, lambda: "12: words" in said(app))
        await write(pilot, "typed ahead")
        await album.take(pilot, "speaking")
        assert voice.hold
        voice.hold.set()
        await reach(pilot, Hear)
        await pilot.press("ctrl+u")
        await write(pilot, "right", "enter")
        await to_bet(pilot)
        await bet(pilot)
        await choices(pilot, Retry)
        await album.take(pilot, "failed")


@pytest.mark.parametrize("wording", WORDINGS)
async def test_long_and_wide_words(tmp_path: Path, album: Album, wording: str) -> None:
    app = app_of(tmp_path, of=course(WORDINGS[wording]))
    async with app.run_test(size=(120, 40)) as pilot:
        await reach(pilot, Hear, "warm-up")
        await album.take(pilot, "asked")
        await write(pilot, "right", "enter")
        await to_bet(pilot)
        await pilot.press("2", "enter")
        await write(pilot, f"{'half a reason ' * 12}半分の理由 🙂")
        await album.take(pilot, "half a bet")
        await write(pilot, "", "enter", "7", "enter")
        await reach(pilot, Hear, "look")
        await album.take(pilot, "observe")
        await pilot.press("tab")
        await until(pilot, lambda: screen(app).side.focused_here)
        await pilot.press("n")
        await album.take(pilot, "figure of texts", [(60, 20), (80, 24)])
        await pilot.press("n")
        await album.take(pilot, "figure of layers", [(60, 20), (80, 24)])
        await pilot.press("tab")
        await write(pilot, "it shrank", "enter")
        await reach(pilot, Hear, "why")
        await write(pilot, "right", "enter")
        await form(pilot)
        await album.take(pilot, "tweak")


@pytest.mark.parametrize("look", ["light", "no colour"])
async def test_in_other_colours(tmp_path: Path, album: Album, look: str) -> None:
    app = app_of(tmp_path, look)
    async with app.run_test(size=(120, 40)) as pilot:
        await reach(pilot, Hear, "warm-up")
        await write(pilot, "right", "enter")
        await to_bet(pilot)
        await pilot.press("2", "enter")
        await write(pilot, "half a reason", "enter")
        await album.take(pilot, "bet")
        await pilot.press("7", "enter")
        await reach(pilot, Hear, "look")
        await album.take(pilot, "observe")
        await pilot.press("tab", "n", "n")
        await until(pilot, lambda: screen(app).side.focused_here)
        await album.take(pilot, "figure", [(80, 24)])
