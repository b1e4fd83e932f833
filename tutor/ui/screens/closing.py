"""A screen that closes once, however often the learner asks for it."""

from __future__ import annotations

from typing import TypeVar

from textual.await_complete import AwaitComplete

from tutor.ui.screens.told import Told

R = TypeVar("R")


class Closing(Told[R]):
    """Keys come faster than a screen goes or comes: the second enter would close what lies under it, or over it, or nothing."""

    _dismissed = False

    def on_mount(self) -> None:
        if self.children and not self._dismissed:  # it may be closed, or the program, before its parts are there
            self.fill()

    def fill(self) -> None:
        """Its parts are there, and want to be filled in."""

    def dismiss(self, result: R | None = None) -> AwaitComplete:
        if self._dismissed or self.app.screen_stack[-1:] != [self]:
            done: AwaitComplete = AwaitComplete.nothing()  # type: ignore[no-untyped-call]
            return done
        self._dismissed = True
        return super().dismiss(result)
