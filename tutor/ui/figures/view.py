"""What the widgets of all figures share: their styles, and lines that are drawn as they are scrolled to."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar, Generic, Self, TypeVar

from rich.style import Style
from textual import events
from textual.geometry import Region, Size
from textual.scroll_view import ScrollView
from textual.strip import Strip
from textual.widget import Widget

from engine.figures import Figure

F = TypeVar("F", bound=Figure)
Under = Callable[[int, int], list[Strip]]
"""Lines of at most this width, and at most so many."""
KEPT = 5000
"""Drawn lines that a view keeps at most."""
PARTS = ("plain", "strong", "faint", "base", "run", "yours", "cursor")


class FigureView(ScrollView, Generic[F], can_focus=True):
    """A figure as a widget. `update_figure` shows another state of it in place."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {f"figure--{part}" for part in PARTS}
    DEFAULT_CSS = """
    FigureView {
        height: 1fr;
        scrollbar-size: 1 1;
        background: transparent;
        & .figure--strong { text-style: bold; }
        & .figure--faint { color: $foreground 60%; }
        & .figure--base { color: $foreground 70%; }
        & .figure--run { color: $primary; }
        & .figure--yours { color: $accent; }
        & .figure--cursor { color: $accent; text-style: bold; }
    }
    """

    def __init__(self, figure: F) -> None:
        super().__init__()
        self.figure = figure
        self._look: tuple[object, ...] = ()
        self._hidden = self._stale = False
        self.under: Under = lambda width, room: []
        """What stands in the room that the figure leaves."""
        self.spare = 0
        """Lines of that room."""
        self._fitted: Size | None = None
        """The room that it was laid out for when that last changed."""
        self._measured = Size(0, 0)
        """The size of the content when the screen was laid out last."""

    def update_figure(self, figure: F) -> None:
        """Show `figure` instead; the cursor and the place that is scrolled to stay."""
        self.figure = figure
        self.freshen()

    def freshen(self) -> None:
        """Lay out anew, or as soon as there is somebody to see it."""
        self._stale = self._hidden
        if not self._hidden:
            self.lay_out()

    def reveal(self) -> None:
        """Show it again, laid out in time for the frame in which it comes back."""
        self.display, self._hidden = True, False
        if self._stale:
            self.freshen()

    def conceal(self) -> None:
        """Hide it."""
        self.display, self._hidden = False, True

    def on_hide(self) -> None:
        self._hidden = True

    def on_show(self) -> None:
        self._hidden = False
        if self._stale:
            self.freshen()

    @property
    def copied(self) -> str:
        """What "copy as text" gives."""
        return self.figure.text()

    @property
    def actions(self) -> tuple[str, ...]:
        """What can be done with this figure beyond what can be done with any, now."""
        return ()

    @property
    def reading(self) -> str:
        """What the cursor points at, in words; empty for figures without a cursor."""
        return ""

    # A figure looks the same with the focus as without. What Textual does by itself styles it and its scroll bars anew and
    # draws it three times on the way there and back, which a learner waits for while a run needs the machine.

    def focus(self, scroll_visible: bool = True) -> Self:
        if self.is_attached:  # its screen may have been left meanwhile
            self.app.call_later(self.screen.set_focus, self, scroll_visible)
        return self

    def on_focus(self, event: events.Focus) -> None:
        event.prevent_default()
        self.set_reactive(Widget.has_focus, True)
        if self.parent is not None:
            self.parent.post_message(events.DescendantFocus(self))

    def on_blur(self, event: events.Blur) -> None:
        event.prevent_default()
        self.set_reactive(Widget.has_focus, False)
        if self.parent is not None:
            self.parent.post_message(events.DescendantBlur(self))

    def scroll_to(self, x: float | None = None, y: float | None = None, **how: Any) -> None:
        """At once: Textual animates the way of a line, too, and the first frame of that shows nothing new."""
        super().scroll_to(x, y, **{**how, "animate": False})

    def scroll_end(self, **how: Any) -> None:
        super().scroll_end(**{**how, "animate": False})

    def style(self, name: str) -> Style:
        """The style of a part: plain, strong, faint, base, run, yours or cursor."""
        return self.get_component_rich_style(f"figure--{name}")

    @property
    def monochrome(self) -> bool:
        """Whether colours cannot be told apart here, so that glyphs must do."""
        return self.app.no_color or self.app.console.color_system in (None, "standard")

    def lay_out(self) -> None:
        """Work out the lines anew for the figure and the room there is."""
        raise NotImplementedError

    def _size_updated(self, size: Size, virtual_size: Size, container_size: Size, layout: bool = True) -> bool:
        """Textual compares the size of the content with that of the view, and that of the view with its parent's: it takes
        every layout of the screen for a change, and draws the scroll bar once more, a frame later."""
        before, self._measured = self._measured, self.virtual_size
        return super()._size_updated(size, before, size - self.styles.gutter.totals, layout)

    def on_resize(self) -> None:
        """This comes with every showing, mostly of a view that has its room as before."""
        if self._fitted != self.container_size:
            self._fitted = self.container_size
            self.lay_out()

    def notify_style_update(self) -> None:
        super().notify_style_update()
        if self.is_mounted and self.container_size:
            look = (self.app.theme, self.background_colors, *(self.style(part) for part in PARTS))
            if look != self._look:  # a change of focus restyles too, and leaves every line as it was
                self._look = look
                self.lay_out()


class LineView(FigureView[F]):
    """A figure that is a list of lines. Subclasses write `lines`; what is frozen does not scroll away."""

    least: ClassVar[int] = 1
    """The fewest lines in which it still shows something under another figure."""
    frozen_lines = 0
    frozen_width = 0

    def __init__(self, figure: F) -> None:
        super().__init__(figure)
        self._lines: list[Strip] = []
        self._room: object = None
        """The room and the look that the lines were made for."""
        self._kept: dict[tuple[str, ...], Strip] = {}
        self._kept_for: object = None

    def lines(self, width: int, height: int) -> list[Strip]:
        """The figure in lines `width` cells wide where its content allows; `height` is what can be seen at once."""
        raise NotImplementedError

    def kept(self, made_for: object) -> dict[tuple[str, ...], Strip]:
        """Drawn lines by what they say: while a run goes on, most stay as they are. Empty once made for something else."""
        if made_for != self._kept_for or len(self._kept) > KEPT:
            self._kept, self._kept_for = {}, made_for
        return self._kept

    def lay_out(self) -> None:
        width, height = self.container_size
        if width <= 0 or height <= 0:
            return
        before = self._lines
        if len(self._lines) <= height:
            self._lines = self.lines(width, height)
        if len(self._lines) > height:  # the scroll bar takes a column, now or as before
            self._lines = self.lines(width - 1, height)
            if len(self._lines) <= height:
                self._lines = self.lines(width, height)
        self.spare = max(0, height - len(self._lines))
        if self.spare and all(line.cell_length <= width for line in self._lines):
            self._lines = [*self._lines, *self.under(width, self.spare)]
        self._measure(Size(max((line.cell_length for line in self._lines), default=0), len(self._lines)))
        room = (width, height, self.frozen_width, self._look)
        if room != self._room:
            self._room = room
            self.refresh()
        else:
            self._refresh_changed(before)

    def _measure(self, size: Size) -> None:
        """Take this size. The whole screen is laid out anew only where a scroll bar comes or goes, or the figure shrinks."""
        bars = self.show_vertical_scrollbar, self.show_horizontal_scrollbar
        wanted = size.height > self.container_size.height, size.width > self.container_size.width - bars[0]
        if bars != wanted or bars[1] or size.height < self.virtual_size.height:
            self.virtual_size = size
            return
        self.set_reactive(LineView.virtual_size, size)
        if bars[0]:
            self.vertical_scrollbar.window_virtual_size = size.height

    def _refresh_changed(self, before: list[Strip]) -> None:
        """Paint the lines in sight that are not what they were."""
        now, width = self._lines, self.size.width
        regions = []
        for y in range(self.size.height):
            at = y if y < self.frozen_lines else y + self.scroll_offset.y
            old = before[at] if at < len(before) else None
            new = now[at] if at < len(now) else None
            if old is not new and old != new:
                regions.append(Region(0, y, width, 1))
        if regions:
            self.refresh(*regions)

    def render_line(self, y: int) -> Strip:
        width = self.scrollable_content_region.width
        at = y if y < self.frozen_lines else y + self.scroll_offset.y
        if at >= len(self._lines):
            return Strip.blank(width, self.style("plain"))
        line, x, frozen = self._lines[at], self.scroll_offset.x, self.frozen_width
        if not x:
            return line.crop_extend(0, width, self.style("plain"))
        moved = line.crop_extend(x + frozen, x + width, self.style("plain"))
        return Strip.join([line.crop(0, frozen), moved])

    def on_click(self, event: events.Click) -> None:
        self.focus()
