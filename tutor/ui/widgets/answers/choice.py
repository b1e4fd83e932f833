"""One of several options."""

from __future__ import annotations

from textual.app import ComposeResult

from tutor.ui.widgets.answers.base import Answer
from tutor.ui.widgets.options import Options


class ChoiceAnswer(Answer):
    """The options, one under the other."""

    missing = "choose with a digit, or with the arrows and enter"

    def compose(self) -> ComposeResult:
        options = self.question.options
        chosen = [i for i, option in enumerate(options) if option.id == self.before()]
        yield Options([option.says for option in options], chosen, id="answer")

    @property
    def value(self) -> str:
        at = self.query_one(Options).value
        return "" if at is None else str(self.question.options[at].id)

    def on_options_picked(self, event: Options.Picked) -> None:
        event.stop()
        self.post_message(self.Edited())

    def on_options_entered(self, event: Options.Entered) -> None:
        event.stop()
        self.post_message(self.Entered())

    def on_options_left(self, event: Options.Left) -> None:
        event.stop()
        self.post_message(self.Left(event.direction))
