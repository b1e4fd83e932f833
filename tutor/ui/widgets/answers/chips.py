"""20 chips put on the candidates for the next token, or on something else."""

from __future__ import annotations

import re
from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.content import Content

from engine.figures import cell_len, cut, pad, shown
from tutor.course.format import Chips
from tutor.predict.answers import CHIPS
from tutor.predict.spread import NEAR_ENOUGH
from tutor.predict.writing import ELSE
from tutor.ui.look import Look
from tutor.ui.themes import FAINT, MUTED
from tutor.ui.widgets.answers.base import HERE, Digits, Run, Sketch, beside, line

ON, OFF = "●", "·"
LONGEST = 16
"""Cells for a candidate's name."""


class ChipsAnswer(Sketch):
    """A row a candidate. Chips come from those that are left, and go back to them."""

    missing = "put your 20 chips on what may come next"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "step(-1)", "row", show=True, key_display="↑↓", id="move.up"),
        Binding("down,j", "step(1)", "down", show=False, id="move.down"),
        Binding("right,l,plus", "put(1)", "put chips", show=True, key_display="←→", id="chips.put"),
        Binding("left,h,minus", "put(-1)", "take a chip", show=False, id="chips.take"),
        Binding("shift+right", "put(5)", "put 5 chips", show=False, id="move.far_right"),
        Binding("shift+left", "put(-5)", "take 5 chips", show=False, id="move.far_left"),
        Binding("home,delete,backspace", "set(0)", "take all chips", show=False, id="chips.none"),
        Binding("end", "set(20)", "all that are left", show=False, id="chips.all"),
    ]

    def __init__(self, question: Chips, kept: str, look: Look, id: str | None = None):
        super().__init__(question, kept, look, id)
        self.names = [shown(name) for name in question.candidates] + [ELSE]
        self.counts = self._kept()
        self.here = 0
        self._digits = Digits()
        self._dragging = False

    def _kept(self) -> list[int]:
        """The counts of the draft, which may lie in the middle: not all chips put yet."""
        held = self.before()
        if not isinstance(held, list):
            counts = re.fullmatch(r"\s*\d{1,9}(\s+\d{1,9})*\s*", self.kept)
            held = [int(n) for n in self.kept.split()] if counts else []
        whole = len(held) == len(self.names) and sum(held) <= CHIPS
        return [int(n) for n in held] if whole else [0] * len(self.names)

    @property
    def left(self) -> int:
        """Chips that are not put yet."""
        return CHIPS - sum(self.counts)

    @property
    def value(self) -> str:
        return " ".join(str(n) for n in self.counts) if any(self.counts) else ""

    def action_step(self, by: int) -> None:
        self._digits.end()
        if 0 <= self.here + by < len(self.counts):
            self.here += by
            self.refresh()
        else:
            self.post_message(self.Left(by))

    def action_enter(self) -> None:
        """While chips are left, to the next row; there is none after the last."""
        if self.left and self.here < len(self.counts) - 1:
            self.action_step(1)
        else:
            super().action_enter()

    def action_put(self, by: int) -> None:
        self.action_set(self.counts[self.here] + by)

    def action_set(self, count: int) -> None:
        """So many chips on the row under the cursor, as far as there are any left."""
        self._digits.end()
        self._set(count)

    def _set(self, count: int) -> None:
        count = min(max(count, 0), self.counts[self.here] + self.left)
        if count != self.counts[self.here]:
            self.counts[self.here] = count
            self.changed()

    def on_key(self, event: events.Key) -> None:
        if event.character and event.character in "0123456789":
            event.stop()
            count = self._digits.add(event.character, CHIPS)
            if count is not None:
                self._set(count)

    def on_mouse_down(self, event: events.MouseDown) -> None:
        at = event.get_content_offset(self)
        if at is None or at.y >= len(self.counts):
            return
        self.here, self._dragging = at.y, True
        self.capture_mouse()
        self._slide(at.x)
        self.refresh()

    def on_mouse_move(self, event: events.MouseMove) -> None:
        if self._dragging:
            self._slide(event.get_content_offset_capture(self).x)

    def on_mouse_up(self) -> None:
        self._dragging = False
        self.release_mouse()

    def _slide(self, x: int) -> None:
        """As many chips as reach to cell `x`; none left of the first."""
        start, pitch = self._start(), self._pitch(self.size.width)
        if start - 1 <= x < start + CHIPS * pitch:
            self.action_set((x - start) // pitch + 1)

    def _start(self) -> int:
        """The cell of the first chip."""
        return 2 + min(max(cell_len(name) for name in self.names), LONGEST) + 2

    def _pitch(self, width: int) -> int:
        """Cells a chip: two where there is room."""
        return 2 if width - self._start() >= 2 * CHIPS + 8 else 1

    def draw(self, width: int) -> list[Content]:
        pitch, longest = self._pitch(width), self._start() - 4
        lines = []
        for i, (name, count) in enumerate(zip(self.names, self.counts, strict=True)):
            here = i == self.here and self.has_focus
            fits = name if cell_len(name) <= longest else cut(name, longest - 1) + "…"
            pieces: list[Run] = [
                ("▸ " if here else "  ", HERE),
                (pad(fits, longest), HERE if here else MUTED if name == ELSE else ""),
                ("  ", MUTED),
                (ON.ljust(pitch) * count, "$accent"),
                (OFF.ljust(pitch) * (CHIPS - count), FAINT),
                (f"  {count:>2}" if count else "", "bold" if here else ""),
                (f"  {count * 100 // CHIPS} %" if count and pitch > 1 else "", MUTED),
            ]
            lines.append(line(pieces, width))
        many = f"{self.left} chip{'s' if self.left != 1 else ''} left"
        words = line([(many, "bold") if self.left else ("all 20 chips are placed", MUTED)], width)
        keys = self.hint(
            "one chip is 5 %   digits set   {chips.all|end}: all that are left" if self.left else NEAR_ENOUGH
        )
        return [*lines, beside(words, keys, width, MUTED)]
