"""The figures of a run, one at a time, with what can be done with them."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator
from typing import Any, ClassVar, Self

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.message import Message
from textual.reactive import reactive
from textual.strip import Strip
from textual.widgets import Static

from engine.figures import Figure, Texts, shown
from tutor.ui.figures.clipboard import copy
from tutor.ui.figures.forms import ATTENTION, CHANGE, PICTURE, TABLE, forms_of, in_form, view_of
from tutor.ui.figures.keyline import Key, KeyLine
from tutor.ui.figures.save import folder_of, save
from tutor.ui.figures.texts import pair_of
from tutor.ui.figures.under import under
from tutor.ui.figures.view import FigureView, LineView

Place = tuple[int, str]
"""Which figure, in which form."""
LACKS = {
    TABLE: "is a table already",
    CHANGE: "does not hold two runs to compare, such as BASE and TWEAK",
    ATTENTION: "does not hold an attention pattern",
}
"""Why a figure cannot be had in this form."""
IN_TEXT = "marks the difference in the text already"


class FigurePanel(Vertical):
    """Shows one figure of several with its title and note. Focus goes to the figure itself.

    `show_figures` puts new figures in; `update_figure` changes one in place while a run fills it in.
    """

    DEFAULT_CSS = """
    FigurePanel {
        & > #figure-title { text-style: bold; }
        & > #figure-note { color: $foreground 60%; }
        & > FigureView { margin-top: 1; }
        & > #figure-keys { margin-top: 1; color: $foreground 60%; }
        & > #figure-title.-here { color: $accent; text-style: bold underline; }  /* the line is for screens without colours */
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("t", "form('table')", "Show as table, or as figure", show=False, id="figure.table"),
        Binding("d", "form('change')", "Show what changed from BASE to TWEAK", show=False, id="figure.change"),
        Binding("a", "form('attention')", "Read an attention pattern token by token", show=False, id="figure.tokens"),
        Binding("c", "copy", "Copy as text", show=False, id="figure.copy"),
        Binding("v", "save", "Save as SVG", show=False, id="figure.save"),
        Binding("s", "code", "Show the experiment's code", show=False, id="figure.code"),
        Binding("n,right_square_bracket", "turn(1)", "Next figure", show=False, id="figure.next"),
        Binding("p,left_square_bracket", "turn(-1)", "Previous figure", show=False, id="figure.previous"),
    ]

    class CodeWanted(Message):
        """The learner wants to see the code of the experiment."""

    index: reactive[int] = reactive(0, init=False, repaint=False)
    """Which figure is shown."""
    form: reactive[str] = reactive(PICTURE, init=False, repaint=False)
    """The form it is wanted in: picture, table, change or attention. What has no such form is shown as a picture."""

    def __init__(self, figures: Iterable[Figure] = (), *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._figures = dict(enumerate(figures))
        self._forms = {index: forms_of(figure) for index, figure in self._figures.items()}
        self._views: dict[Place, FigureView[Any]] = {}
        self._behind: set[Place] = set()
        """Views that are not shown and do not have the last state of their figure."""
        self._said: tuple[str, str, str] | None = None
        self._title, self._note = Static("", id="figure-title"), Static("", id="figure-note")
        self._keys = KeyLine(
            Key("{figure.table|t}", "table", "form('table')"),
            Key("{figure.copy|c}", "copy", "copy"),
            Key("{figure.save|v}", "save", "save"),
            Key("{figure.code|s}", "code", "code"),
            Key("{figure.change|d}", "change", "form('change')"),
            Key("{figure.tokens|a}", "tokens", "form('attention')"),
            Key("{figure.next|n}", "next", "turn(1)"),
            Key("{heatmap.zoom|z}", "zoom", "zoom"),
            Key("{move.left|←}{move.up|↑}{move.down|↓}{move.right|→}", "move", "step(0, 0)"),
            Key("{heatmap.scale|o}", "scale", "flip"),
            Key("{curve.scale|o}", "scale", "scale"),
            Key("{heatmap.texts|x}", "texts", "toggle_texts"),
            id="figure-keys",
        )

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
        return self._views.get(self._place())

    def compose(self) -> ComposeResult:
        yield self._title
        yield self._note
        yield self._keys

    def on_mount(self) -> None:
        self._present()

    def on_descendant_focus(self) -> None:
        """By a class and not by `:focus-within`, which would style and draw every part of the panel anew."""
        self.mark(True)

    def on_descendant_blur(self) -> None:
        self.mark(self.has_focus_within)

    def mark(self, here: bool) -> None:
        """Show whether the focus is here. A screen that knows it before the messages come spares a second frame."""
        self._title.set_class(here, "-here")

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
        self._forms[index] = forms_of(figure)
        self._behind.update(place for place in self._views if place[0] == index)

    def _forget(self, index: int) -> None:
        self._figures.pop(index, None)
        for place in [place for place in self._views if place[0] == index]:
            self._behind.discard(place)
            view = self._views.pop(place)
            view.display = False
            view.remove()

    def _place(self) -> Place:
        return self.index, self.form if self.form in self._forms.get(self.index, ()) else PICTURE

    def _present(self) -> None:
        """Bring the title, the note, the keys and the view in line with what is to be shown."""
        if not self.children:  # not composed yet
            return
        place, keys = self._place(), self._keys
        focused = self.has_focus_within
        if self.figure is not None and (place not in self._views or place in self._behind):
            figure = in_form(self.figure, place[1])
            assert figure is not None
            self._behind.discard(place)
            if place in self._views:
                self._views[place].update_figure(figure)
            else:
                self._mount_view(place, figure)
        self._prepare()
        for other, view in self._views.items():
            if other != place:
                view.conceal()
            elif not view.display:
                view.reveal()
        self._say()
        keys.offer(self._actions())
        if focused and self.view and not self.view.has_focus:
            self.view.focus()

    def _mount_view(self, place: Place, figure: Figure) -> FigureView[Any]:
        view = self._views[place] = view_of(figure, place[1])
        view.under = self._under
        self.mount(view, before=self._keys)
        return view

    def _later(self) -> Iterator[int]:
        """The figures that come after the one that is shown."""
        return (index for index in sorted(self._figures) if index > self.index)

    def _prepare(self) -> None:
        """Have a view of each figure that comes after this one, as it is now, and show what they say under this one."""
        changed = False
        for index in self._later():
            place, figure = (index, PICTURE), self._figures[index]
            if place not in self._views:
                self._mount_view(place, figure).conceal()
            elif place in self._behind:
                self._behind.discard(place)
                self._views[place].update_figure(figure)
            else:
                continue
            changed = True
        if changed and self.view and self.view.spare:  # a full one does not show what comes after it
            self.view.freshen()

    def _under(self, width: int, room: int) -> list[Strip]:
        """The figures that come after this one, as far as there is room for them."""
        places = {index: f"{n}/{len(self._figures)}" for n, index in enumerate(sorted(self._figures), 1)}
        later = ((places[index], self._views.get((index, PICTURE))) for index in self._later())
        return under(((place, view) for place, view in later if isinstance(view, LineView)), width, room)

    def _say(self) -> None:
        """The title and the note. Setting either lays the screen out anew, so only when it says something else."""
        figure = self.view.figure if self.view and self._place()[1] == CHANGE else self.figure
        several = figure is not None and len(self._figures) > 1
        place = f"  {sorted(self._figures).index(self.index) + 1}/{len(self._figures)}" if several else ""
        said = (shown(figure.title), place, shown(figure.note)) if figure else ("no figure yet", "", "")
        if said == self._said:
            return
        self._said = said
        self._title.update(Content.assemble(said[0], (place, "not bold dim")))
        self._note.update(Content(said[2]))
        self._note.display = bool(said[2])

    def _actions(self) -> Iterator[str]:
        """What can be done now."""
        if self.figure is None:
            return
        yield from ("copy", "save", "code")
        yield from (f"form('{form}')" for form in (TABLE, CHANGE, ATTENTION) if form in self._forms[self.index])
        if len(self._figures) > 1:
            yield "turn(1)"
        if self.view:
            yield from self.view.actions

    def watch_index(self) -> None:
        self._present()

    def watch_form(self) -> None:
        self._present()

    # --- what can be done ---

    @on(Key.Clicked)
    async def _key(self, event: Key.Clicked) -> None:
        event.stop()
        self.focus()
        own = self.view is not None and event.action in self.view.actions
        await (self.view if self.view and own else self).run_action(event.action)

    def action_turn(self, by: int) -> None:
        """Show the next or the previous figure, round and round."""
        if places := sorted(self._figures):
            self.index = places[(places.index(self.index) + by) % len(places)]

    def action_form(self, form: str) -> None:
        """Show the figure in this form, or as a picture again."""
        if self.figure is None:
            return
        if form not in self._forms[self.index]:
            marked = form == CHANGE and isinstance(self.figure, Texts) and pair_of(self.figure)
            self.notify(f"This figure {IN_TEXT if marked else LACKS[form]}.", timeout=3)
        else:
            self.form = PICTURE if self._place()[1] == form else form

    def action_copy(self) -> None:
        if self.view:
            copy(self.app, self.view.copied)
            self.notify("the figure is copied as text", timeout=2)

    def action_save(self) -> None:
        """Save what is shown as SVG and say where."""
        if self.view:
            self.run_worker(self._save(self.view.figure), group="save", exit_on_error=False)

    async def _save(self, figure: Figure) -> None:
        folder, dark = folder_of(self.app), self.app.current_theme.dark
        try:
            path = await asyncio.to_thread(save, figure, folder, dark)
        except OSError as error:
            why = (error.strerror or str(error)).lower()
            self.notify(f"not saved: {folder} cannot be written: {why}", severity="error", markup=False)
        else:
            self.notify(f"saved as {path}", timeout=6, markup=False)

    def action_code(self) -> None:
        self.post_message(self.CodeWanted())
