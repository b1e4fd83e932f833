"""Things put in order, the largest first."""

from __future__ import annotations

from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.content import Content

from engine.figures import shown
from tutor.course.format import Ranking
from tutor.ui.look import Look
from tutor.ui.themes import FAINT, MUTED
from tutor.ui.widgets.answers.base import HERE, Run, Sketch, beside, line

ARROWS = range(4, 7)
"""Cells of `▲ ▼` in a row."""


class RankingAnswer(Sketch):
    """Rows that are moved. The order that the lesson gives is no answer until it is touched, or taken with a second enter."""

    missing = "put them in order, or press enter once more for the order as it stands"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "step(-1)", "up", show=False, id="move.up"),
        Binding("down,j", "step(1)", "down", show=False, id="move.down"),
        Binding("shift+up,K", "move(-1)", "move up", show=True, key_display="shift+↑↓", id="ranking.up"),
        Binding("shift+down,J", "move(1)", "move down", show=False, id="ranking.down"),
        Binding("space", "hold", "hold and move", show=True, key_display="space", id="ranking.hold"),
        *(Binding(str(n), f"place({n - 1})", show=False) for n in range(1, 10)),
    ]

    def __init__(self, question: Ranking, kept: str, look: Look, id: str | None = None):
        super().__init__(question, kept, look, id)
        held = self.before()
        self.order: list[str] = held if isinstance(held, list) else [item.id for item in question.items]
        self.touched = held is not None
        self.here = 0
        self._asked = False
        """Whether it was said that nothing was moved yet."""
        self.held = False
        """Whether the arrows move the row, not the cursor."""
        self._says = {item.id: item.says for item in question.items}
        self._dragging = False

    @property
    def value(self) -> str:
        return " ".join(self.order) if self.touched else ""

    def action_step(self, by: int) -> None:
        if self.held:
            self.action_move(by)
        elif 0 <= self.here + by < len(self.order):
            self.here += by
            self.refresh()
        else:
            self.post_message(self.Left(by))

    def action_move(self, by: int) -> None:
        self.action_place(min(max(self.here + by, 0), len(self.order) - 1))

    def action_place(self, to: int) -> None:
        """Move the row under the cursor to place `to`, counted from 0."""
        if to < len(self.order):
            self.order.insert(to, self.order.pop(self.here))
            self.here, self.touched = to, True
            self.changed()

    def action_hold(self) -> None:
        self.held = not self.held
        self.refresh()

    def action_enter(self) -> None:
        self.held = False
        if not self.touched and self._asked:
            self.touched = True
            self.changed()
        self._asked = True
        super().action_enter()

    def on_mouse_down(self, event: events.MouseDown) -> None:
        at = event.get_content_offset(self)
        if at is None or at.y >= len(self.order):
            return
        self.here = at.y
        if at.x in ARROWS:
            self.action_move(-1 if at.x == ARROWS.start else 1 if at.x == ARROWS.stop - 1 else 0)
        else:
            self._dragging = True
            self.capture_mouse()
        self.refresh()

    def on_mouse_move(self, event: events.MouseMove) -> None:
        if self._dragging:
            to = min(max(event.get_content_offset_capture(self).y, 0), len(self.order) - 1)
            if to != self.here:
                self.action_place(to)

    def on_mouse_up(self) -> None:
        self._dragging = False
        self.release_mouse()
        self.refresh()

    def on_blur(self) -> None:
        self.held = False
        super().on_blur()

    def draw(self, width: int) -> list[Content]:
        lines = []
        for i, id in enumerate(self.order):
            here = i == self.here and self.has_focus
            moving = here and (self.held or self._dragging)
            text = HERE if here else "$accent" if self.touched else ""
            pieces: list[Run] = [
                ("▸ " if here else "  ", HERE),
                (f"{i + 1} ", text or MUTED),
                ("▲", MUTED if i else FAINT),
                (" ", MUTED),
                ("▼", MUTED if i < len(self.order) - 1 else FAINT),
                (" ↕ " if moving else "   ", HERE),
                (shown(self._says[id]), f"{text} reverse" if moving else text),
            ]
            lines.append(line(pieces, width))
        says = self.hint("the arrows move it; {ranking.hold|space} lets go") if self.held else "the largest first"
        keys = "" if self.held else "1-9 give it its place"
        return [*lines, beside(line([(says, MUTED)], width), keys, width, MUTED)]
