"""What the forms at the foot of a lesson share: rows of fields, one line that says what is missing, drafts."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.events import DescendantFocus
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Static

from tutor.ui.widgets.entry import GUTTER


class FromForm(Message):
    """What `form` has to say: to be heard while it stands at the foot (`Foot.hears`)."""

    def __init__(self, form: Widget):
        super().__init__()
        self.form = form


class Drafted(FromForm):
    """A field of a form holds this now; it is not sent yet."""

    def __init__(self, form: Widget, field: str, text: str):
        super().__init__(form)
        self.field, self.text = field, text


class Row(Horizontal):
    """A label and a field."""

    DEFAULT_CSS = """
    Row { height: auto; }
    Row > .label { width: auto; color: $foreground 65%; }
    Row:focus-within { color: $foreground; }  /* without a rule of its own it would not tell its label */
    Row:focus-within > .label { color: $accent; }
    """

    def __init__(self, label: str, *fields: Widget, width: int = GUTTER):
        super().__init__(Static(Content(label.rjust(width - 2) + "  "), classes="label"), *fields)


class Form(Vertical):
    """A column of fields. Up, down and tab move among them; `complain` says what is wrong with what was filled in.

    A key may come when the form is answered and has no fields any more: then it does nothing.
    """

    DEFAULT_CSS = """
    Form { height: auto; max-height: 70vh; padding: 0 2; overflow-y: auto; scrollbar-size-vertical: 1; }
    Form > #hint { height: auto; color: $foreground 65%; padding-left: 6; }
    Form > #hint.-wrong { color: $error; }
    """

    BINDINGS = [
        Binding("up", "move(-1)", "field above", show=False, id="form.above"),
        Binding("down", "move(1)", "field below", show=False, id="form.below"),
    ]

    hint = ""
    keys: ClassVar[dict[str, str]] = {}
    """What keys do in it, by action, where that is other than elsewhere."""
    begun: Collection[str] = ()
    """Ids of the fields that hold what was typed before and not sent."""
    quiet = False
    """Whether it waits for the learner to come, who is elsewhere."""
    _here: Widget | None = None

    def compose(self) -> ComposeResult:
        yield from self.fields()
        self._said = Static(Content(self.hint), id="hint")
        self._said.display = bool(self.hint)
        yield self._said

    def on_mount(self) -> None:
        if not self.quiet:
            self.call_after_refresh(self.enter_first)

    def fields(self) -> ComposeResult:
        raise NotImplementedError

    @property
    def stops(self) -> list[Widget]:
        """The fields that can be focused, from top to bottom."""
        return [w for w in self.query("*") if w.focusable]

    def enter_first(self) -> None:
        """Focus the first field; where some of it was typed before, the last one in which it was."""
        if stops := self.stops:
            begun = [w for w in stops if any(one.id in self.begun for one in w.ancestors_with_self)]
            [*stops[:1], *begun][-1].focus()

    def on_descendant_focus(self, event: DescendantFocus) -> None:
        self._here = event.widget

    def enter_again(self) -> None:
        """Focus the field that had the focus last."""
        stops = self.stops
        if self._here in stops:
            self._here.focus()
        else:
            self.enter_first()

    def action_move(self, step: int) -> None:
        if stops := self.stops:
            here = next((i for i, w in enumerate(stops) if w.has_focus), 0)
            stops[max(0, min(len(stops) - 1, here + step))].focus()

    def learn(self, sizes: Mapping[str, int]) -> None:
        """The model is loaded, and has these sizes."""

    def complain(self, words: str) -> None:
        """Say what is wrong, until something changes."""
        self._said.update(Content(words))
        self._said.add_class("-wrong")
        self._said.display = True

    def calm(self) -> None:
        """Show the plain hint again."""
        if self._said.has_class("-wrong"):
            self._said.remove_class("-wrong")
            self._hint()

    def hint_at(self, words: str) -> None:
        """Another hint from now on; where something is wrong that is said first."""
        self.hint = words
        if not self._said.has_class("-wrong"):
            self._hint()

    def _hint(self) -> None:
        self._said.update(Content(self.hint))
        self._said.display = bool(self.hint)
