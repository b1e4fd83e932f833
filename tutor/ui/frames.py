"""Frames that come twice. Textual 8.2 paints a screen that opens or closes two to four times over, mostly the same: bytes on
a slow line, and a key behind it that waits."""

from __future__ import annotations

import time

from rich.console import RenderableType
from textual._compositor import LayoutUpdate
from textual.geometry import Offset

SOON_S = 0.5
"""For so long a frame is known to be there. After that it is painted again: something else may have written on it."""


class Frames:
    """The last whole frame that was painted."""

    def __init__(self) -> None:
        self._last: object = None
        self._painted = 0.0

    def repeats(self, update: RenderableType | None, cursor: Offset) -> bool:
        """Whether this would paint a whole frame that is there already; remembers it if not."""
        if update is None:
            return False
        now = time.monotonic()
        frame = (
            (update.region, [list(line) for line in update.strips], cursor)
            if isinstance(update, LayoutUpdate)
            else None
        )
        if frame is not None and frame == self._last and now - self._painted < SOON_S:
            return True
        self._last, self._painted = frame, now
        return False
