"""Takes a lesson on the screen for a test: writes, bets, and waits until the next thing is asked."""

from __future__ import annotations

from typing import Any

from textual.events import Paste
from textual.pilot import Pilot

from tests.ui.look import focus_on, lines, until
from tests.ui.stage import FakeApp
from tutor import events as ev
from tutor.todo import AskBet, ChooseTweak, Hear
from tutor.ui.screens.lesson import LessonScreen
from tutor.ui.widgets.bet import BetCard
from tutor.ui.widgets.composer import Field
from tutor.ui.widgets.tweak import TweakForm

ID = "silence-one-head"
SIZES = [(60, 20), (80, 24), (120, 40)]


def said(app: FakeApp) -> str:
    return "\n".join(lines(app))


def screen(app: FakeApp) -> LessonScreen:
    assert isinstance(app.screen, LessonScreen)
    return app.screen


async def write(pilot: Pilot[Any], text: str, *then: str) -> None:
    """Put the text in as a terminal pastes it: a key at a time is slow."""
    pilot.app.post_message(Paste(text))
    await pilot.pause()
    await pilot.press(*then)


async def reach(pilot: Pilot[Any], kind: type, step: str = "") -> LessonScreen:
    """Wait until the lesson asks for this, and the widget that takes it has the focus."""
    app = pilot.app

    def there() -> bool:
        s = app.screen
        return (
            isinstance(s, LessonScreen)
            and isinstance(s._doing, kind)
            and (not step or s.session.state.at == step)
            and app.focused is not None
        )

    await until(pilot, there)
    await pilot.pause()
    assert isinstance(app.screen, LessonScreen)
    return app.screen


async def bet(pilot: Pilot[Any], option: str = "2", reason: str = "others help", sure: str = "7") -> None:
    """Fill the card in and lock it."""
    await reach(pilot, AskBet)
    await until(pilot, lambda: pilot.app.screen.query(BetCard))
    await focus_on(pilot, "answer")
    await pilot.press(option, "enter")
    await write(pilot, reason, "enter")
    await pilot.press(sure, "enter")


async def to_observe(pilot: Pilot[Any]) -> LessonScreen:
    await reach(pilot, Hear, "warm-up")
    await write(pilot, "right", "enter")
    await bet(pilot)
    return await reach(pilot, Hear, "look")


async def to_tweak(pilot: Pilot[Any]) -> LessonScreen:
    await to_observe(pilot)
    await write(pilot, "it shrank", "enter")
    await reach(pilot, Hear, "why")
    await write(pilot, "right", "enter")
    await reach(pilot, ChooseTweak)
    await focus_on(pilot, "p-layer")
    return screen(pilot.app)  # type: ignore[arg-type]


async def form(pilot: Pilot[Any]) -> TweakForm:
    """Wait until the parameters can be typed."""
    await reach(pilot, ChooseTweak)
    await until(pilot, lambda: pilot.app.focused and (pilot.app.focused.id or "").startswith("p-"))
    return pilot.app.screen.query_one(TweakForm)


def fields(of: TweakForm) -> dict[str, str]:
    """What the fields on the screen hold."""
    return {(field.id or "")[2:]: field.text for field in of.query(Field)}


async def tweak(pilot: Pilot[Any], layer: str, option: str = "2") -> None:
    """One round: another layer, a bet that nobody is sure of, the run."""
    await form(pilot)
    await pilot.press("ctrl+u", *layer, "enter")
    await bet(pilot, option, sure="6")
    await form(pilot)


async def skip_all(pilot: Pilot[Any]) -> LessonScreen:
    """To the end of the lesson."""
    for _ in range(20):
        lesson = await reach(pilot, object)
        if lesson.session.state.at is None:
            return lesson
        lesson.record(ev.Skipped(lesson.session.state.at))
    raise AssertionError("the lesson does not end")
