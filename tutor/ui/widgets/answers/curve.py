"""A curve over the layers, drawn before the run: raised and lowered with the arrows, or drawn with the mouse."""

from __future__ import annotations

from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.content import Content

from tutor.course.format import Drawn
from tutor.predict.answers import drawn
from tutor.ui.look import Look
from tutor.ui.themes import MUTED
from tutor.ui.widgets.answers.base import HERE, beside, line
from tutor.ui.widgets.answers.modelled import Modelled
from tutor.ui.widgets.answers.plot import Axis, Plot

HIGHEST = 15
"""Rows of the plot where there is room for more."""
GUIDE = "{move.up|↑}{move.down|↓} raise and lower  {move.left|←}{move.right|→} along  mouse draws"
KEYS = "shift: farther   0-9 tenths   {curve.remove|del}"


class CurveAnswer(Modelled):
    """Points on a plot; between them the curve is straight, beyond them flat."""

    missing = "draw the curve: up and down move a point, left and right go along the layers"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left,h", "along(-1)", "layer before", show=False, id="move.left"),
        Binding("right,l", "along(1)", "layer after", show=False, id="move.right"),
        Binding("shift+left", "along(-5)", "5 layers back", show=False, id="move.far_left"),
        Binding("shift+right", "along(5)", "5 layers on", show=False, id="move.far_right"),
        Binding("home", "along(-1000)", "first layer", show=False, id="move.first"),
        Binding("end", "along(1000)", "last layer", show=False, id="move.last"),
        Binding("up,k", "lift(1)", "raise", show=True, key_display="↑↓", id="move.up"),
        Binding("down,j", "lift(-1)", "lower", show=False, id="move.down"),
        Binding("shift+up", "lift(5)", "raise far", show=False, id="move.far_up"),
        Binding("shift+down", "lift(-5)", "lower far", show=False, id="move.far_down"),
        Binding("delete,backspace", "remove", "take the point away", show=False, id="curve.remove"),
        *(Binding(str(n), f"level({n})", show=False) for n in range(10)),
    ]

    def __init__(self, question: Drawn, kept: str, look: Look, id: str | None = None):
        super().__init__(question, kept, look, id)
        self.axis = Axis.of(question)
        held = self.before()
        self.points: dict[int, float] = {int(at): value for at, value in held} if isinstance(held, list) else {}
        self.at = 0
        """The layer under the cursor."""
        self._pen: tuple[int, float] | None = None
        """Where the mouse drew last, while its button is held."""

    @property
    def value(self) -> str:
        return " ".join(f"{layer}:{value:g}" for layer, value in sorted(self.points.items()))

    @property
    def curve(self) -> list[float]:
        """The value at each layer; empty while nothing is drawn."""
        return drawn([list(point) for point in sorted(self.points.items())], self.n_layers, self.question.scale)

    # --- keys -----------------------------------------------------------------------------------------------------------

    def action_along(self, by: int) -> None:
        self.at = max(0, min(self.at + by, self.n_layers - 1))
        self.refresh()

    def action_lift(self, by: int) -> None:
        if self.n_layers:
            here = self.curve[self.at] if self.points else self.axis.value(self.axis.snapped(0.5))
            self.put(self.at, self.axis.moved(here, by))

    def action_level(self, tenths: int) -> None:
        if self.n_layers:
            self.put(self.at, self.axis.value(tenths / 10))

    def action_remove(self) -> None:
        if self.points.pop(self.at, None) is not None:
            self.changed()

    def put(self, layer: int, value: float) -> None:
        """The curve goes through here."""
        self.points[layer] = value
        self.changed()

    # --- mouse ----------------------------------------------------------------------------------------------------------

    def on_mouse_down(self, event: events.MouseDown) -> None:
        at = event.get_content_offset(self)
        if at is not None and self.n_layers and at.y < self.plot.rows and at.x >= self.plot.left - 1:
            self.capture_mouse()
            self._draw_to(at.x, at.y)

    def on_mouse_move(self, event: events.MouseMove) -> None:
        if self._pen is not None:
            at = event.get_content_offset_capture(self)
            self._draw_to(at.x, at.y)

    def on_mouse_up(self) -> None:
        self._pen = None
        self.release_mouse()

    def _draw_to(self, x: int, y: int) -> None:
        """A point at each layer on the way: a quick hand leaves cells out."""
        plot = self.plot
        layer, share = plot.layer(x), self.axis.snapped(plot.share(y))
        start, before = self._pen or (layer, share)
        self._pen = layer, share
        way = range(min(start, layer), max(start, layer) + 1)
        for k in way:
            part = (k - start) / (layer - start) if layer != start else 1.0
            self.points[k] = self.axis.value(self.axis.snapped(before + (share - before) * part))
        self.at = layer
        self.changed()

    # --- drawing --------------------------------------------------------------------------------------------------------

    @property
    def plot(self) -> Plot:
        return self._plot(self.size.width)

    def _plot(self, width: int) -> Plot:
        rows = min(max(5, self.room - 3), HIGHEST)
        return Plot(self.axis, self.n_layers, width, rows - 1 + rows % 2)  # odd: then there is a middle

    def draw_known(self, width: int) -> list[Content]:
        lines = self._plot(width).lines(self.points, self.curve, self.at, self.has_focus, self.hint(GUIDE))
        return [*lines, self._reading(width)]

    def known(self) -> None:
        """A draft may be of a larger model."""
        self.points = {layer: value for layer, value in self.points.items() if layer < self.n_layers}

    def _reading(self, width: int) -> Content:
        """The value under the cursor in words."""
        place = f"layer {self.at}"
        if not self.points:
            return line([(place, HERE), ("   nothing drawn yet", MUTED)], width)
        value = self.axis.value(self.axis.share(self.curve[self.at]))
        said = f"{value:.6g} {self.question.unit}".strip()
        pieces = [(place, HERE), ("   ", MUTED), (said, "bold")]
        if self.at not in self.points:
            pieces.append(("   in between", MUTED))
        return beside(line(pieces, width), self.hint(KEYS), width, MUTED)
