"""What the widgets of all figures share: their styles, and lines that are drawn as they are scrolled to."""

from __future__ import annotations

from typing import Any, ClassVar, Generic, TypeVar

from rich.style import Style
from textual import events
from textual.geometry import Size
from textual.scroll_view import ScrollView
from textual.strip import Strip

from engine.figures import Figure

F = TypeVar("F", bound=Figure)


class FigureView(ScrollView, Generic[F], can_focus=True):
    """A figure as a widget. `update_figure` shows another state of it in place."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "figure--plain",
        "figure--strong",
        "figure--faint",
        "figure--base",
        "figure--run",
        "figure--cursor",
    }
    DEFAULT_CSS = """
    FigureView {
        height: 1fr;
        scrollbar-size: 1 1;
        background: transparent;
        & .figure--strong { text-style: bold; }
        & .figure--faint { color: $foreground 60%; }
        & .figure--base { color: $foreground 70%; }
        & .figure--run { color: $primary; }
        & .figure--cursor { color: $accent; text-style: bold; }
    }
    """

    def __init__(self, figure: F, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self.figure = figure
        self._look: tuple[object, ...] = ()

    def update_figure(self, figure: F) -> None:
        """Show `figure` instead; the cursor and the place that is scrolled to stay."""
        self.figure = figure
        self.lay_out()

    @property
    def reading(self) -> str:
        """What the cursor points at, in words; empty for figures without a cursor."""
        return ""

    def style(self, name: str) -> Style:
        """The style of a part: plain, strong, faint, base, run or cursor."""
        return self.get_component_rich_style(f"figure--{name}")

    @property
    def monochrome(self) -> bool:
        """Whether colours cannot be told apart here, so that glyphs must do."""
        return self.app.no_color or self.app.console.color_system in (None, "standard")

    def lay_out(self) -> None:
        """Work out the lines anew for the figure and the room there is."""
        raise NotImplementedError

    def on_resize(self) -> None:
        self.lay_out()

    def notify_style_update(self) -> None:
        super().notify_style_update()
        if self.is_mounted and self.container_size:
            parts = ("plain", "strong", "faint", "base", "run", "cursor")
            look = (self.app.theme, self.background_colors, *(self.style(part) for part in parts))
            if look != self._look:  # a change of focus restyles too, and leaves every line as it was
                self._look = look
                self.lay_out()


class LineView(FigureView[F]):
    """A figure that is a list of lines. Subclasses write `lines`; what is frozen does not scroll away."""

    frozen_lines = 0
    frozen_width = 0

    def __init__(self, figure: F, **options: Any) -> None:
        super().__init__(figure, **options)
        self._lines: list[Strip] = []

    def lines(self, width: int, height: int) -> list[Strip]:
        """The figure in lines `width` cells wide where its content allows; `height` is what can be seen at once."""
        raise NotImplementedError

    def lay_out(self) -> None:
        width, height = self.container_size
        if width <= 0 or height <= 0:
            return
        if len(self._lines) <= height:
            self._lines = self.lines(width, height)
        if len(self._lines) > height:  # the scroll bar takes a column, now or as before
            self._lines = self.lines(width - 1, height)
            if len(self._lines) <= height:
                self._lines = self.lines(width, height)
        self.virtual_size = Size(max((line.cell_length for line in self._lines), default=0), len(self._lines))
        self.refresh()

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
