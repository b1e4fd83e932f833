"""The figures of a run, one at a time, with what can be done with them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, ClassVar, Self

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.message import Message
from textual.reactive import reactive
from textual.widgets import Static

from engine.figures import Curve, Figure, Heatmap, Table, Texts, Tokens, shown
from tutor.ui.figures.clipboard import copy
from tutor.ui.figures.curve import CurveView
from tutor.ui.figures.heatmap import HeatmapView
from tutor.ui.figures.table import TableView, as_table
from tutor.ui.figures.texts import TextsView
from tutor.ui.figures.tokens import TokensView
from tutor.ui.figures.view import FigureView

VIEWS: Mapping[type[Figure], type[FigureView[Any]]] = {
    Tokens: TokensView,
    Texts: TextsView,
    Curve: CurveView,
    Heatmap: HeatmapView,
    Table: TableView,
}


class Key(Static):
    """A key of the panel and what it does, for eyes and for the mouse."""

    def __init__(self, key: str, does: str, action: str) -> None:
        super().__init__(Content.assemble((key, "bold"), " ", does))
        self.action = action

    async def on_click(self) -> None:
        panel = self.query_ancestor(FigurePanel)
        panel.focus()
        await panel.run_action(self.action)


class FigurePanel(Vertical):
    """Shows one figure of several with its title and note. Focus goes to the figure itself.

    `show_figures` puts new figures in; `update_figure` changes one in place while a run fills it in.
    """

    DEFAULT_CSS = """
    FigurePanel {
        & > #figure-title { text-style: bold; }
        & > #figure-note { color: $foreground 60%; }
        & > FigureView { margin-top: 1; }
        & > #figure-keys { height: 1; margin-top: 1; color: $foreground 60%; }
        & > #figure-keys > Key { width: auto; margin-right: 2; }
        & > #figure-keys > Key:hover { color: $foreground; text-style: underline; }
        &:focus-within > #figure-title { color: $accent; }
        &:focus-within > #figure-keys { color: $foreground; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("t", "toggle_table", "Show as table, or as figure", show=False),
        Binding("c", "copy", "Copy as text", show=False),
        Binding("s", "code", "Show the experiment's code", show=False),
        Binding("n,right_square_bracket", "turn(1)", "Next figure", show=False),
        Binding("p,left_square_bracket", "turn(-1)", "Previous figure", show=False),
    ]

    class CodeWanted(Message):
        """The learner wants to see the code of the experiment."""

    index: reactive[int] = reactive(0, init=False)
    """Which figure is shown."""
    as_table: reactive[bool] = reactive(False, init=False)
    """Whether the numbers are shown in place of the picture."""

    def __init__(self, figures: Iterable[Figure] = (), *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._figures = dict(enumerate(figures))
        self._views: dict[tuple[int, bool], FigureView[Any]] = {}

    @property
    def figures(self) -> list[Figure]:
        """The figures in their order, as far as they are there."""
        return [self._figures[i] for i in sorted(self._figures)]

    @property
    def figure(self) -> Figure | None:
        """The figure that is shown."""
        return self._figures.get(self.index)

    @property
    def view(self) -> FigureView[Any] | None:
        """The widget that shows it."""
        return self._views.get((self.index, self.as_table))

    def compose(self) -> ComposeResult:
        yield Static("", id="figure-title")
        yield Static("", id="figure-note")
        with Horizontal(id="figure-keys"):
            yield Key("t", "table", "toggle_table")
            yield Key("c", "copy", "copy")
            yield Key("s", "code", "code")
            yield Key("n", "next figure", "turn(1)")

    def on_mount(self) -> None:
        self._present()

    def focus(self, scroll_visible: bool = True) -> Self:
        """Focus the figure that is shown."""
        if self.view:
            self.view.focus(scroll_visible)
        return self

    # --- what is shown ---

    def show_figures(self, figures: Iterable[Figure]) -> None:
        """Show these figures and no others. Where a figure of the same kind was in a place, its cursor stays."""
        fresh = dict(enumerate(figures))
        for index in [*self._figures]:
            if index not in fresh:
                self._forget(index)
        for index, figure in fresh.items():
            self._replace(index, figure)
        if self.index not in fresh:
            self.index = 0
        self._present()

    def update_figure(self, index: int, figure: Figure) -> None:
        """Show another state of figure `index`, or add it."""
        self._replace(index, figure)
        if self.index not in self._figures:
            self.index = index
        self._present()

    def _replace(self, index: int, figure: Figure) -> None:
        before = self._figures.get(index)
        if before is not None and type(before) is not type(figure):
            self._forget(index)
        self._figures[index] = figure
        for (i, table), view in self._views.items():
            if i == index:
                view.update_figure(as_table(figure) if table else figure)

    def _forget(self, index: int) -> None:
        self._figures.pop(index, None)
        for key in [key for key in self._views if key[0] == index]:
            view = self._views.pop(key)
            view.display = False
            view.remove()

    def _present(self) -> None:
        """Bring the title, the note, the keys and the view in line with what is to be shown."""
        if not self.children:  # not composed yet
            return
        figure, several = self.figure, len(self._figures) > 1
        place = f"  {sorted(self._figures).index(self.index) + 1}/{len(self._figures)}" if several and figure else ""
        title = shown(figure.title) if figure else "no figure yet"
        self.query_one("#figure-title", Static).update(Content.assemble(title, (place, "not bold dim")))
        note = self.query_one("#figure-note", Static)
        note.update(Content(shown(figure.note) if figure else ""))
        note.display = bool(figure and figure.note)
        self.query_one("#figure-keys").display = figure is not None
        self.query(Key).last().display = several
        focused = self.has_focus_within
        if figure is not None and self.view is None:
            view = TableView(as_table(figure)) if self.as_table else VIEWS[type(figure)](figure)
            self._views[self.index, self.as_table] = view
            self.mount(view, before="#figure-keys")
        for key, view in self._views.items():
            view.display = key == (self.index, self.as_table)
        if focused:
            self.focus()

    def watch_index(self) -> None:
        self._present()

    def watch_as_table(self) -> None:
        self._present()

    # --- what can be done ---

    def action_turn(self, by: int) -> None:
        """Show the next or the previous figure, round and round."""
        if places := sorted(self._figures):
            self.index = places[(places.index(self.index) + by) % len(places)]

    def action_toggle_table(self) -> None:
        self.as_table = not self.as_table

    def action_copy(self) -> None:
        if self.figure:
            copy(self.app, self.figure.text())
            self.notify("the figure is copied as text", timeout=2)

    def action_code(self) -> None:
        self.post_message(self.CodeWanted())
