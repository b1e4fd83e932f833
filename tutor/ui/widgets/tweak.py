"""The parameters that a tweak may change, each with its range. What is not right is said at once and beside it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from textual.app import ComposeResult
from textual.binding import Binding
from textual.content import Content
from textual.message import Message
from textual.widgets import Static

from engine.errors import BadParameter
from engine.experiments import Experiment
from tutor.ui.widgets.composer import Field
from tutor.ui.widgets.entry import GUTTER
from tutor.ui.widgets.form import Drafted, Form, Row

PREFIX = "tweak."
"""Drafts of parameters, so that one named `reason` is not taken for a bet's."""


class TweakForm(Form):
    """A field for each parameter. Enter tries it (`Chosen`); ctrl+g goes on without (`Left`)."""

    DEFAULT_CSS = """
    TweakForm .-short { width: 14; }
    TweakForm .range { width: 1fr; padding-left: 2; color: $foreground 65%; }
    """

    BINDINGS = [
        Binding("ctrl+g", "leave", "go on", show=True),
    ]

    hint = "change something, then enter"

    class Chosen(Message):
        """Run with these instead."""

        def __init__(self, parameters: dict[str, Any]):
            super().__init__()
            self.parameters = parameters

    class Left(Message):
        """No more tweaks."""

    def __init__(
        self,
        experiment: Experiment,
        now: Mapping[str, Any],
        vary: Sequence[str],
        drafts: Mapping[str, str],
        sizes: Mapping[str, int],
        id: str | None = None,
    ):
        """`sizes` holds `n_layers`, `n_heads` ... of the model, as far as it is loaded."""
        super().__init__(id=id)
        self._experiment, self._now, self._vary, self._drafts = experiment, dict(now), tuple(vary), drafts
        self._sizes = sizes

    def fields(self) -> ComposeResult:
        width = max(GUTTER, *(len(name) + 2 for name in self._vary))
        for name in self._vary:
            text = self._drafts.get(PREFIX + name, _text(self._now.get(name)))
            field = Field(text, id=f"p-{name}")
            if _is_text(self._experiment, name):
                yield Row(name, field, width=width)
            else:
                field.add_class("-short")
                words = range_words(self._experiment, name, self._sizes)
                yield Row(name, field, Static(Content(words), classes="range"), width=width)

    def on_field_edited(self, event: Field.Edited) -> None:
        if isinstance(event, Field.Entered):
            return
        event.stop()
        self.calm()
        self.post_message(Drafted(PREFIX + (event.field.id or "")[2:], event.field.text))

    def on_field_entered(self, event: Field.Entered) -> None:
        event.stop()
        typed = {name: self.query_one(f"#p-{name}", Field).text for name in self._vary}
        try:
            changed = changes(self._experiment, self._now, typed)
            inside(self._experiment, changed, self._sizes)
        except BadParameter as error:
            if error.parameter in typed:
                self.query_one(f"#p-{error.parameter}", Field).focus()
            self.complain(str(error))
            return
        if not changed:
            self.complain("Nothing is changed yet: type another value, or ctrl+g goes on.")
            return
        self.post_message(self.Chosen(changed))

    def action_leave(self) -> None:
        self.post_message(self.Left())


def changes(experiment: Experiment, now: Mapping[str, Any], typed: Mapping[str, str]) -> dict[str, Any]:
    """What was typed, as parameters of the experiment's own types; empty where nothing differs from `now`.

    Raises BadParameter with a sentence that names the parameter and its range.
    """
    values = {**now, **{name: text if text or _is_text(experiment, name) else None for name, text in typed.items()}}
    parsed = experiment.parse(values).model_dump(mode="json")
    before = experiment.parse(dict(now)).model_dump(mode="json")
    return {name: parsed[name] for name in typed} if any(parsed[n] != before[n] for n in typed) else {}


def range_words(experiment: Experiment, name: str, sizes: Mapping[str, int]) -> str:
    """The range of a parameter, with the loaded model's own sizes in it."""
    words, below = experiment.parameters.range_of(name), experiment.parameters.below().get(name)
    size = sizes.get(below.size, 0) if below else 0
    return words.replace(f"{below.words} - 1", str(size - 1)) if below and size else words


def inside(experiment: Experiment, values: Mapping[str, Any], sizes: Mapping[str, int]) -> None:
    """Refuse a layer or head that the loaded model does not have. Raises BadParameter."""
    for name, below in experiment.parameters.below().items():
        size = sizes.get(below.size, 0)
        if size and values.get(name) is not None and values[name] >= size:
            right = range_words(experiment, name, sizes)
            raise BadParameter(name, f"{name} = {values[name]} is out of range; it must be {right}")


def _is_text(experiment: Experiment, name: str) -> bool:
    return "text" in experiment.parameters.range_of(name) and "optional" not in experiment.parameters.range_of(name)


def _text(value: Any) -> str:
    return "" if value is None else str(value)
