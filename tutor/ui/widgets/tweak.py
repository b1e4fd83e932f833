"""The parameters of a tweak, each with its range. What is not right is said at once and beside it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal, get_args, get_origin

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding
from textual.content import Content
from textual.events import DescendantFocus
from textual.widgets import Static

from engine.errors import BadParameter
from engine.experiments import Experiment
from tutor.parameters import DRAFT, changes, is_text, range_words, typable, with_sizes, written
from tutor.ui.keymap import hint
from tutor.ui.widgets.composer import Field
from tutor.ui.widgets.entry import GUTTER, Plain
from tutor.ui.widgets.form import Drafted, Form, FromForm, Row

SHORT = 11
"""Cells of a field for a number; more where the form has longer words to choose from."""
LEAVE = ("ctrl+g", "go on", "leave")
WAYS = (("f3", "undo", "undo"), ("ctrl+r", "reset", "reset"), ("ctrl+l", "all parameters", "all"))


class Pick(Field):
    """A field for one of a few words. They hold no space: the key goes through them."""

    def __init__(self, choices: Sequence[str], text: str, id: str):
        super().__init__(text, id=id)
        self._choices = choices

    async def _on_key(self, event: events.Key) -> None:
        """Field's own handler comes after this one, unless the default is prevented."""
        if event.key == "space":
            at = self._choices.index(self.text) + 1 if self.text in self._choices else 0
            self.put(self._choices[at % len(self._choices)])
            event.stop()
            event.prevent_default()


class Amount(Field):
    """A field of one value. All of it is marked when one comes to it: whoever types there means another one."""

    def on_focus(self) -> None:
        self.select_all()


class TweakForm(Form):
    """A field for each parameter that the lesson speaks of, or for all. Enter tries it (`Chosen`); ctrl+g goes on (`Left`)."""

    DEFAULT_CSS = """
    TweakForm .range { width: 1fr; padding-left: 1; color: $foreground 65%; }
    TweakForm > #ways { height: auto; padding-left: 6; }
    """

    BINDINGS = [
        Binding(key, what, words, show=what == "leave", id=f"tweak.{what}") for key, words, what in (LEAVE, *WAYS)
    ]

    hint = "change something, then enter"
    keys = {"enter": "try it"}

    class Chosen(FromForm):
        """Run with these instead of what the lesson has."""

        def __init__(self, form: TweakForm, parameters: dict[str, Any]):
            super().__init__(form)
            self.parameters = parameters

    class Left(FromForm):
        """No more tweaks."""

    def __init__(
        self,
        experiment: Experiment,
        now: Mapping[str, Any],
        vary: Sequence[str],
        drafts: Mapping[str, str],
        sizes: Mapping[str, int],
        past: Sequence[Mapping[str, Any]] = (),
    ):
        """`now` is what ran last. `sizes` holds `n_layers`, `n_heads` ... of the model, as far as it is loaded. `past`
        holds the parameters of earlier runs, the lesson's own first."""
        super().__init__()
        self._experiment, self._vary, self._sizes = experiment, tuple(vary), sizes
        self._now = {name: now[name] for name in experiment.parameters.model_fields if name in now}
        self._steps = [self._written(one) for one in (*(past or (now,)), now)]
        """What undo goes back to, the last first."""
        self._base, self._tried = dict(past[0] if past else now), len(past) > 1
        self._others = tuple(n for n in typable(experiment) if n not in vary)
        self._typed = {**self._steps[-1], **{n: drafts[DRAFT + n] for n in self._steps[-1] if DRAFT + n in drafts}}
        """What each field holds, also those that are not shown."""
        before = next((step for step in reversed(self._steps) if step != self._steps[-1]), self._steps[-1])
        last = [name for name, text in self._steps[-1].items() if text != before[name]]
        self.begun = [f"p-{name.removeprefix(DRAFT)}" for name in (drafts or last)]
        """Who tries on goes on where they changed something last."""
        self.open = any(self._typed[n] != self._steps[0][n] for n in self._others)
        """Whether all parameters are shown."""

    def _written(self, values: Mapping[str, Any]) -> dict[str, str]:
        """The parameters as they are typed; what is not given is the default."""
        fields = self._experiment.parameters.model_fields
        names = dict.fromkeys([*self._vary, *typable(self._experiment)])
        return {n: written(values.get(n, None if fields[n].is_required() else fields[n].default)) for n in names}

    @property
    def names(self) -> tuple[str, ...]:
        """The parameters that are shown."""
        return (*self._vary, *self._others) if self.open else self._vary

    # --- what it looks like -------------------------------------------------------------------------------------------

    def compose(self) -> ComposeResult:
        yield from super().compose()
        yield Plain(self._ways(), id="ways")

    def fields(self) -> ComposeResult:
        width = max(GUTTER, *(len(name) + 2 for name in self.names))
        short = max([SHORT, *(len(word) + 2 for name in self.names for word in self._choices(name))])
        for name in self.names:
            typed, id, choices = self._typed[name], f"p-{name}", self._choices(name)
            if is_text(self._experiment, name):
                yield Row(name, Field(typed, id=id), width=width)
            else:
                field = Pick(choices, typed, id) if choices else Amount(typed, id=id)
                field.styles.width = short
                yield Row(
                    name, field, Static(Content(self._range(name)), classes="range", id=f"range-{name}"), width=width
                )

    def learn(self, sizes: Mapping[str, int]) -> None:
        self._sizes = sizes
        for name in self.names:
            for said in self.query(f"#range-{name}").results(Static):
                said.update(Content(self._range(name)))

    def _range(self, name: str) -> str:
        """What may be typed, with the model's own sizes in it once they are known."""
        return range_words(self._experiment, name, self._sizes) + (" (space)" if self._choices(name) else "")

    def _choices(self, name: str) -> tuple[str, ...]:
        """The words that this parameter can be; none where it is something else."""
        if self._experiment.parameters.kind_of(name) == "flag":
            return ("false", "true")
        kind = self._experiment.parameters.model_fields[name].annotation
        return get_args(kind) if get_origin(kind) is Literal else ()

    def _ways(self) -> Content:
        """What can be done beside typing, for eyes and for the mouse."""
        ways = [(f"tweak.{action}|{key}", words.split(" ")[0], f"tweak('{action}')") for key, words, action in WAYS]
        if self.open:
            ways[-1] = (ways[-1][0], "fewer", ways[-1][2])
        if self._tried:
            ways.append(("lesson.tries|f2", "tries", "tries"))
        parts = []
        for id, words, action in ways:
            part = Content.assemble((hint(self.app, f"{{{id}}}"), "bold $accent"), " ", words)
            parts.append(part.stylize(f"@click=screen.{action}"))
        return Content("   ").join(parts)

    def on_descendant_focus(self, event: DescendantFocus) -> None:
        """Among all parameters each says what it is; the few that the lesson speaks of are known from it."""
        of = self._experiment.parameters.model_fields.get((event.widget.id or "")[2:])
        self.hint_at(of.description if self.open and of and of.description else TweakForm.hint)

    # --- what is typed ------------------------------------------------------------------------------------------------

    def on_field_edited(self, event: Field.Edited) -> None:
        event.stop()
        self.calm()
        self._note((event.field.id or "")[2:], event.field.text)

    def on_field_entered(self, event: Field.Entered) -> None:
        event.stop()
        for field in self.query(Field):  # what was typed last may not have been told yet
            self._typed[(field.id or "")[2:]] = field.text
        try:
            changed = changes(self._experiment, self._base, self._now, self._typed, self._sizes)
        except BadParameter as error:
            self.refuse(error)
            return
        if changed is None:
            self.complain(
                hint(self.app, "Nothing is changed yet: type another value, or {tweak.leave|ctrl+g} goes on.")
            )
            return
        self.post_message(self.Chosen(self, changed))

    def refuse(self, error: BadParameter) -> None:
        """Say why this cannot run, and go to the field that it is about."""
        if found := self.query(f"#p-{error.parameter}"):
            found.first().focus()
        self.complain(with_sizes(str(error), self._experiment, error.parameter, self._sizes))

    def _note(self, name: str, text: str) -> None:
        self._typed[name] = text
        self.post_message(Drafted(self, DRAFT + name, text))

    def fill(self, texts: Mapping[str, str]) -> None:
        """Put these values in. Nothing runs, and nothing that ran is lost."""
        for name, text in texts.items():
            if self._typed[name] != text:
                self.calm()
                self._note(name, text)
                for field in self.query(f"#p-{name}").results(Field):
                    field.put(text)
                    if field.has_focus and isinstance(field, Amount):
                        field.select_all()  # as when one comes to it: what is typed takes its place

    def take(self, parameters: Mapping[str, Any]) -> None:
        """Put the parameters of an earlier run in."""
        self.fill(self._written(parameters))

    # --- keys ---------------------------------------------------------------------------------------------------------

    def action_undo(self) -> None:
        """Back to what was before the last change: what is typed, then one run after the other."""
        while self._steps[-1] == self._typed and len(self._steps) > 1:
            self._steps.pop()
        if self._steps[-1] == self._typed:
            self.complain("There is nothing to undo: these are the lesson's own parameters.")
        self.fill(self._steps[-1])

    def action_reset(self) -> None:
        """The lesson's own parameters."""
        self.fill(self._steps[0])

    async def action_all(self) -> None:
        """Show all parameters of the experiment, or those that the lesson speaks of."""
        here = next((stop.id for stop in self.stops if stop.has_focus), None)
        self.open = not self.open
        await self.recompose()
        if here and (same := self.query(f"#{here}")):
            same.first().focus()
        else:
            self.enter_first()

    def action_leave(self) -> None:
        self.post_message(self.Left(self))
