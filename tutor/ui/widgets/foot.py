"""The foot of a lesson: the rule, and under it one place to type: the field to write in, or a form in its stead."""

from __future__ import annotations

from collections.abc import Mapping

from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.widgets import Static

from tutor.ui.keymap import hint
from tutor.ui.widgets.choices import Choices
from tutor.ui.widgets.composer import Composer
from tutor.ui.widgets.entry import label_content
from tutor.ui.widgets.form import Form, FromForm
from tutor.ui.widgets.rule import Rule


class Foot(Vertical):
    """`ask` puts a form here, `write` the field. What is typed in the field stays while a form is there."""

    DEFAULT_CSS = """
    Foot { height: auto; width: 100%; }
    Foot > #form { height: auto; }
    Foot > #write { height: auto; padding: 0 2; }
    Foot > #write > #who { width: 6; }
    """

    def __init__(self, id: str | None = None):
        super().__init__(id=id)
        self.composer = Composer(id="composer")
        self._rule = Rule(id="rule")
        self._slot, self._write = Vertical(id="form"), Horizontal(id="write")
        self._words = ""
        self.form: Form | Choices | None = None
        """The form that is here, if one is. The one before it may still be on its way out of the tree."""

    def compose(self) -> ComposeResult:
        yield self._rule
        yield self._slot
        with self._write:
            yield Static(label_content("you", "you"), id="who")
            yield self.composer

    def ask(self, form: Form | Choices, words: str = "", quiet: bool = False) -> None:
        """Put a form where the learner writes; it takes the focus when it is there, but not when `quiet`. `words` stand on the
        rule."""
        form.quiet = quiet
        self._rest(words)
        self.form = form
        self._slot.remove_children()
        self._slot.mount(form)
        self._write.display = False

    def write(self, placeholder: str) -> None:
        """Give the learner the field to write in."""
        self._rest("")
        self.form = None
        self._slot.remove_children()
        self.composer.placeholder = hint(self.app, placeholder)
        self._write.display = True

    def hears(self, event: FromForm) -> bool:
        """Whether the form that says this is still here. A key too many is said by one that was answered, and the question
        after it must not take its answer."""
        return event.form is self.form

    def learn(self, sizes: Mapping[str, int]) -> None:
        """The model is loaded, and has these sizes."""
        if isinstance(self.form, Form):
            self.form.learn(sizes)

    def take_focus(self) -> None:
        form = self.form
        if form is None:
            self.composer.focus()
        elif not form.is_mounted:
            pass  # it takes the focus by itself when it is there
        elif isinstance(form, Form):
            form.enter_again()
        else:
            form.enter_first()

    def progress(self, label: str, right: str, share: float | None) -> None:
        """Let the rule be a progress bar."""
        self._rule.progress(label, right, share)

    def no_progress(self) -> None:
        """Let the rule be a rule again."""
        if self._rule.going:
            self._rule.rest(self._words)

    def _rest(self, words: str) -> None:
        self._words = words
        self._rule.rest(words)
