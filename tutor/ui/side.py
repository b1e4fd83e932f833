"""The side of a lesson: before the run, the text that the model will read; from then on the figures of the last run."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Static

from engine.figures import Figure, shown
from tutor.drawing.laid import last_figures
from tutor.parameters import PROMPTS
from tutor.state import State
from tutor.ui.figures import FigurePanel
from tutor.ui.themes import MUTED


class Side(VerticalScroll, can_focus=True):
    """Shows what there is to look at. `show_state` after every event, `show_partial` while a run goes on."""

    def __init__(self, id: str | None = None):
        super().__init__(id=id)
        # Held and not looked up: what still comes as the lesson is left finds them, and not that they are gone.
        self.panel, self._plan = FigurePanel(id="figures"), Static(id="plan")
        self._shown: object = None
        self._partial = False

    def compose(self) -> ComposeResult:
        yield self._plan
        yield self.panel

    @property
    def has_figures(self) -> bool:
        return self.panel.figure is not None

    @property
    def focused_here(self) -> bool:
        return self.has_focus or self.has_focus_within

    def focus_figure(self) -> None:
        if self.has_figures:
            self.panel.focus()
        else:
            self.focus()

    def show_state(self, state: State) -> None:
        """The figures of the last run, or what will be run."""
        run = state.own_run
        now = (len(state.results), state.blind, run.id if run else None, state.model)
        if self._shown == now and not self._partial:
            return
        self._shown, self._partial = now, False
        with self._kept_focus():
            self.panel.show_figures([] if state.blind else last_figures(state))
            self._plan.update(plan(state))

    def show_partial(self, index: int, figure: Figure) -> None:
        """A figure of the run that goes on."""
        with self._kept_focus():
            if not self._partial:
                self._partial = True
                self.panel.show_figures([])
            self.panel.update_figure(index, figure)

    @contextmanager
    def _kept_focus(self) -> Iterator[None]:
        """What is shown changes: who was here is at it then, be it a figure or the plan."""
        here = self.focused_here
        yield
        for part, shows in ((self.panel, self.has_figures), (self._plan, not self.has_figures)):
            if part.display != shows:  # setting it lays the whole screen out anew, even to what it was
                part.display = shows
        if here:
            self.focus_figure()


def plan(state: State) -> Content:
    """What the model will read in the next run of the lesson."""
    if state.own_run is None:
        return Content("")
    given = state.own_run.run.parameters(state.model)
    texts = [str(given[name]) for name in PROMPTS if given.get(name)]
    comes = Content.styled("The run's figures will stand here.", MUTED)
    if not texts:
        return comes
    parts = [Content.styled("the model will read", MUTED), *(Content(shown(text)) for text in texts), comes]
    return Content("\n\n").join(parts)
