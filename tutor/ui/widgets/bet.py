"""The bet: an answer, a reason, how sure. Enter locks it, and then it cannot be changed."""

from __future__ import annotations

from collections.abc import Mapping

from textual.app import ComposeResult
from textual.content import Content
from textual.message import Message
from textual.widgets import Static

from engine.figures import shown
from tutor.course.format import Choice, Number, Prediction, Token
from tutor.predict import Answer, NotAnAnswer, between, parse
from tutor.ui.widgets.composer import Field
from tutor.ui.widgets.form import Drafted, Form, Row
from tutor.ui.widgets.options import Options
from tutor.ui.widgets.sure import Sure


class BetCard(Form):
    """The fields of one bet. Posts `Locked` when all three are there."""

    DEFAULT_CSS = """
    BetCard #answer-note { width: auto; padding-left: 2; color: $foreground 65%; }
    BetCard Options { margin-left: 0; }
    """

    class Locked(Message):
        """The bet, complete."""

        def __init__(self, answer: Answer, reason: str, confidence: int):
            super().__init__()
            self.answer, self.reason, self.confidence = answer, reason, confidence

    def __init__(self, question: Prediction, drafts: Mapping[str, str], id: str | None = None):
        super().__init__(id=id)
        self.question = question
        self._drafts = drafts

    def fields(self) -> ComposeResult:
        kept = self._drafts
        match self.question:
            case Choice(options=options):
                chosen = [i for i, o in enumerate(options) if o.id == kept.get("answer")]
                yield Row("bet", Options([o.says for o in options], chosen, id="answer"))
            case Number(unit=unit):
                field = Field(kept.get("answer", ""), placeholder=_number_hint(self.question), id="answer")
                yield Row("bet", field, Static(Content(unit), id="answer-note"))
            case Token():
                words = "one token, with the space before it if there is one"
                field = Field(kept.get("answer", ""), placeholder=words, id="answer")
                yield Row("bet", field, Static("", id="answer-note"))
        yield Row("why", Field(kept.get("reason", ""), placeholder="what makes you think so", id="reason"))
        sure = kept.get("sure", "")
        yield Row("sure", Sure(int(sure) if sure.isdigit() else None, id="sure"))

    def on_mount(self) -> None:
        self._preview()

    def on_field_edited(self, event: Field.Edited) -> None:
        if isinstance(event, Field.Entered):
            return
        event.stop()
        self.calm()
        self._preview()
        self.post_message(Drafted(event.field.id or "", event.field.text))

    def on_field_entered(self, event: Field.Entered) -> None:
        event.stop()
        if event.field.id == "answer":
            try:
                parse(self.question, event.field.text)
            except NotAnAnswer as error:
                self.complain(str(error))
                return
        self._go_on()

    def on_options_picked(self, event: Options.Picked) -> None:
        event.stop()
        self.calm()
        self.post_message(Drafted("answer", str(self._answer_text())))

    def on_options_entered(self, event: Options.Entered) -> None:
        event.stop()
        self._go_on()

    def on_options_left(self, event: Options.Left) -> None:
        event.stop()
        self.action_move(event.direction)

    def on_sure_changed(self, event: Sure.Changed) -> None:
        event.stop()
        self.calm()
        self.post_message(Drafted("sure", str(self.query_one(Sure).value)))

    def on_sure_entered(self, event: Sure.Entered) -> None:
        event.stop()
        self._lock()

    def _go_on(self) -> None:
        """To the next field that is still empty, or to the last."""
        reason, sure = self.query_one("#reason", Field), self.query_one(Sure)
        if not reason.text.strip() and not reason.has_focus:
            reason.focus()
        elif reason.has_focus and not reason.text.strip():
            self.complain("A bet needs a reason: what makes you think so?")
        else:
            sure.focus()

    def _lock(self) -> None:
        try:
            answer = parse(self.question, self._answer_text())
        except NotAnAnswer as error:
            self.query_one("#answer").focus()
            self.complain(f"Your bet is missing: {error}." if not self._answer_text().strip() else f"{error}.")
            return
        reason, sure = self.query_one("#reason", Field), self.query_one(Sure)
        if not reason.text.strip():
            reason.focus()
            self.complain("A bet needs a reason: what makes you think so?")
        elif sure.value is None:
            self.complain("How sure are you? Left and right, or a digit.")
        else:
            self.post_message(self.Locked(answer, reason.text.strip(), sure.value))

    def _answer_text(self) -> str:
        answer = self.query_one("#answer")
        if isinstance(answer, Options):
            assert isinstance(self.question, Choice)
            return self.question.options[answer.value].id if answer.value is not None else ""
        assert isinstance(answer, Field)
        return answer.text

    def _preview(self) -> None:
        """A token as the model sees it: with its leading space."""
        if isinstance(self.question, Token):
            text = self._answer_text()
            note = f"{shown(text)}" if text[:1] == " " else f"{shown(text)} · no space before it" if text else ""
            self.query_one("#answer-note", Static).update(Content(note))


def _number_hint(question: Number) -> str:
    return f"a number{between(question) or ', such as 0.5 or 1e-3'}"
