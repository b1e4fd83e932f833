"""A screen whose parts are told of every size that they get."""

from __future__ import annotations

from typing import TypeVar

from textual._compositor import Compositor, ReflowResult
from textual.geometry import Size
from textual.screen import Screen
from textual.widget import Widget

R = TypeVar("R")


class Told(Screen[R]):
    """Tells of a size by what was told before. Textual goes by what it has worked out before, and that it does anew,
    without telling anybody, when it is asked for the place of a widget after something was scrolled: a field that had just
    come then never broke its lines."""

    def __init__(self) -> None:
        super().__init__()
        self._compositor = Telling()

    def _compositor_refresh(self) -> None:
        if self.is_active or self.app.screen.styles.background.a < 1:
            super()._compositor_refresh()
        else:  # covered: Textual would paint anew all of what covers it, ten times a second while a run computes
            self._compositor._dirty_regions.clear()
            self._dirty_widgets.clear()

    def on_screen_resume(self) -> None:
        """What comes back is painted at once: the clock that Textual paints by may tick 16 ms later."""
        self.call_next(self._on_timer_update)

    def _screen_resized(self, size: Size) -> None:
        """The first layout tells the screen itself of its size as well, for which it is laid out already."""
        if size != self._compositor.size:
            super()._screen_resized(size)

    def _on_timer_update(self) -> None:
        if self._layout_required and self._repaint_required:  # Textual would paint the layout, then all of it once more
            self._dirty_widgets.add(self)
            self._repaint_required = False
        super()._on_timer_update()


class Telling(Compositor):
    """Textual counts the changes of a part up to its next layout as one. Where the layout of another part came between two of
    them, it took the height of the first for that of the second, and the last lines were not there."""

    def __init__(self) -> None:
        super().__init__()
        self._sizes: dict[Widget, Size] = {}

    def reflow(self, parent: Widget, size: Size) -> ReflowResult:
        hidden = super().reflow(parent, size).hidden
        before, now = self._sizes, {widget: place.region.size for widget, place in self.layers}
        self._sizes = now
        for widget in now:
            if widget._layout_required:  # it will ask for a layout, and may have changed once more until then
                widget._box_model_cache.clear()
        resized = {widget for widget in now.keys() & before.keys() if now[widget] != before[widget]}
        return ReflowResult(hidden, shown=now.keys() - before.keys(), resized=resized)
