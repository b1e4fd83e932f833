"""Answers whose size is the model's: they wait until it is known, and then appear."""

from __future__ import annotations

from abc import abstractmethod
from typing import Any

from textual.content import Content

from tutor.ui.look import Look
from tutor.ui.themes import MUTED
from tutor.ui.widgets.answers.base import Sketch, line

LOOK_AGAIN_S = 0.2
WAITING = "The model is still being loaded: how many layers it has is not known yet."


class Modelled(Sketch):
    """A sketch with a place for each layer. Subclasses draw it when `n_layers` is known."""

    def __init__(self, question: Any, kept: str, look: Look, id: str | None = None):
        super().__init__(question, kept, look, id)
        self.n_layers = self.n_heads = 0
        self._waiting = self._sized()

    def _sized(self) -> bool:
        """Take the sizes over if they are there; whether they are not."""
        if info := self.look.info:
            self.n_layers, self.n_heads = info.n_layers, info.n_heads
        return not self.n_layers

    def on_mount(self) -> None:
        if self._waiting:
            self._timer = self.set_interval(LOOK_AGAIN_S, self._look_again)
        else:
            self.known()

    def _look_again(self) -> None:
        if not self._sized():
            self._timer.stop()
            self.known()
            self.refresh(layout=True)

    def known(self) -> None:
        """The sizes are known now."""

    @abstractmethod
    def draw_known(self, width: int) -> list[Content]:
        """The lines, once the model's sizes are known."""

    def draw(self, width: int) -> list[Content]:
        return self.draw_known(width) if self.n_layers else [line([(WAITING, MUTED)], width)]
