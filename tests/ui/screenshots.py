"""The pictures of the README, from the program itself: a real lesson on the real model.

make screenshots        or        python -m tests.ui.screenshots docs/screens
"""

from __future__ import annotations

import asyncio
import re
import sys
import tempfile
from pathlib import Path
from typing import Any

from textual.pilot import Pilot

from tests.ui.look import environment, lines, until
from tutor.settings import Settings
from tutor.todo import AskBet, Hear
from tutor.ui.app import TutorApp
from tutor.ui.screens.lesson import LessonScreen

WIDE, NARROW = (120, 40), (80, 24)


class Camera:
    def __init__(self, folder: Path, pilot: Pilot[Any]) -> None:
        self.folder, self.pilot = folder, pilot

    async def shoot(self, name: str, size: tuple[int, int]) -> None:
        await self.pilot.resize_terminal(*size)
        await self.pilot.pause(0.3)
        svg = self.pilot.app.export_screenshot(title="llmw-tutor")
        (self.folder / f"{name}.svg").write_text(re.sub(r"[ \t]+$", "", svg, flags=re.M))
        print(name, *size)

    async def asked(self, kind: type) -> LessonScreen:
        """Wait until the lesson asks for this kind of thing."""

        def there() -> bool:
            screen = self.pilot.app.screen
            return isinstance(screen, LessonScreen) and isinstance(screen._doing, kind)

        await until(self.pilot, there, 120)
        await self.pilot.pause(0.3)
        screen = self.pilot.app.screen
        assert isinstance(screen, LessonScreen)
        return screen

    async def type(self, *keys: str) -> None:
        for key in keys:
            await self.pilot.press(*(key if len(key) > 1 and " " in key else [key]))

    async def reply(self, words: str) -> None:
        await self.pilot.press(*words)
        await self.pilot.press("enter")
        await self.pilot.pause(0.5)


async def main(folder: Path) -> None:
    with (
        tempfile.TemporaryDirectory() as home,
        environment(COLORTERM="truecolor", TERM="xterm-256color", NO_COLOR=None),
    ):
        app = TutorApp(Settings(home=Path(home), offline=True, reduced_motion=True))
        async with app.run_test(size=WIDE) as pilot:
            camera = Camera(folder, pilot)
            await until(pilot, lambda: "Silence one head" in "\n".join(lines(app)), 60)
            await until(pilot, lambda: app.bench and app.bench.status.phase == "ready", 120)
            await camera.shoot("home", NARROW)
            app.open_lesson("silence-one-head")
            await camera.asked(Hear)
            await camera.reply("I think nothing, there are so many other heads")
            await camera.asked(AskBet)
            await until(pilot, lambda: app.bench and app.bench.model and app.bench.status.phase == "ready", 180)
            await pilot.press("2", "enter", *"the other heads back it up", "enter", "7")
            await camera.shoot("bet-narrow", NARROW)
            await pilot.press("enter")
            await pilot.resize_terminal(*WIDE)
            await camera.asked(Hear)
            await camera.reply("the lead shrinks, but Mary stays on top")
            await camera.asked(Hear)
            await camera.shoot("lesson-wide", WIDE)
            await camera.reply("the other heads still add their share")
            app.open_lesson("when-does-it-know")
            await pilot.pause(1)
            await camera.asked(Hear)
            while not isinstance((await camera.asked((AskBet, Hear)))._doing, AskBet):  # type: ignore[arg-type]
                await camera.reply("somewhere in the middle, layer by layer")
            await pilot.press("2", "enter", *"facts need depth", "enter", "5", "enter")
            await camera.asked(Hear)
            await camera.shoot("lens-wide", WIDE)


if __name__ == "__main__":
    where = Path(sys.argv[1] if len(sys.argv) > 1 else "docs/screens")
    where.mkdir(parents=True, exist_ok=True)
    asyncio.run(main(where))
