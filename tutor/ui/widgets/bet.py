"""The bet: an answer, a reason, how sure. Enter locks it, and then it cannot be changed."""

from __future__ import annotations

from collections.abc import Mapping

from textual.app import ComposeResult

from engine.experiments import experiment
from tutor.course.format import Prediction, Token
from tutor.dialogue.reasons import answers, lacking
from tutor.parameters import sizes
from tutor.predict import UNHEARD, NotAnAnswer, parse, unheard, within
from tutor.predict import Answer as Bet
from tutor.ui.look import Look
from tutor.ui.widgets.answers import Answer, answer_for
from tutor.ui.widgets.composer import Field
from tutor.ui.widgets.form import Drafted, Form, FromForm, Row
from tutor.ui.widgets.sure import Sure


class BetCard(Form):
    """The fields of one bet. Posts `Locked` when all three are there."""

    class Locked(FromForm):
        """The bet, complete."""

        def __init__(self, form: BetCard, answer: Bet, reason: str, confidence: int):
            super().__init__(form)
            self.answer, self.reason, self.confidence = answer, reason, confidence

    def __init__(self, question: Prediction, drafts: Mapping[str, str], look: Look):
        """`look` tells what the model is like, for answers that point into it."""
        super().__init__()
        self.question = question
        self._drafts = self.begun = drafts
        self._look = look
        self._doubted: Bet | None = None
        """Free words that were doubted once: who sends them again means them."""
        self.answer: Answer = answer_for(question, drafts.get("answer", ""), self._look)

    def fields(self) -> ComposeResult:
        kept = self._drafts
        yield Row("bet", self.answer)
        yield Row("why", Field(kept.get("reason", ""), placeholder="what makes you think so", id="reason"))
        sure = kept.get("sure", "")
        yield Row("sure", Sure(int(sure) if sure.isdigit() else None, id="sure"))

    def on_answer_edited(self, event: Answer.Edited) -> None:
        event.stop()
        self.calm()
        self.post_message(Drafted(self, "answer", self.answer.value))

    def on_answer_entered(self, event: Answer.Entered) -> None:
        event.stop()
        if self._parsed() is not None:
            self._go_on()

    def on_answer_left(self, event: Answer.Left) -> None:
        event.stop()
        self.action_move(event.direction)

    def on_field_edited(self, event: Field.Edited) -> None:
        event.stop()
        self.calm()
        self.post_message(Drafted(self, "reason", event.field.text))

    def on_field_entered(self, event: Field.Entered) -> None:
        event.stop()
        self._go_on()

    def on_sure_changed(self, event: Sure.Changed) -> None:
        event.stop()
        self.calm()
        value = self.query_one(Sure).value
        self.post_message(Drafted(self, "sure", "" if value is None else str(value)))

    def on_sure_refused(self, event: Sure.Refused) -> None:
        event.stop()
        self.complain(f"{event.typed} is more than 100 %: backspace takes digits away.")

    def on_sure_misplaced(self, event: Sure.Misplaced) -> None:
        event.stop()
        self.complain("A number goes here: a digit, 7 for 70 %, or left and right. Words go into the line above.")

    def on_sure_entered(self, event: Sure.Entered) -> None:
        event.stop()
        self._lock(event.value)

    def action_move(self, step: int) -> None:
        """Tab takes a token that is pointed at before it goes on."""
        if step < 0 or not self.answer.take():
            super().action_move(step)

    def _go_on(self) -> None:
        """To the next field that is still empty, or to the last."""
        reason, sure = self.query_one("#reason", Field), self.query_one(Sure)
        if meant := self._asked():
            self.complain(meant)
            self.query_one("#answer").focus()
        elif not reason.text.strip() and not reason.has_focus:
            reason.focus()
        elif reason.has_focus and (lacks := lacking(reason.text, self._look.info)):
            self.complain(lacks)
            reason.select_all()  # the reason is typed over the question
        else:
            sure.focus()

    def _asked(self) -> str:
        """What is said where the learner asks what a word means in place of an answer; a token may be any text."""
        known = "" if isinstance(self.question, Token) else answers(self.answer.value, self._look.info)
        return f"{known} Now your bet." if known else ""

    def _parsed(self) -> Bet | None:
        """The answer; None, and said why, where it is none."""
        typed = self.answer.value
        if not typed.strip():
            self.complain(f"Your bet is missing: {self.answer.missing}.")
            return None
        if meant := self._asked():
            self.complain(meant)
            return None
        try:
            answer = parse(self.question, typed)
            if self._look.experiment:
                within(self.question, answer, experiment(self._look.experiment), sizes(self._look.info))
            if said := self.answer.impossible:
                raise NotAnAnswer(said)
        except NotAnAnswer as error:
            said = str(error)
            self.complain(f"{said[:1].upper()}{said[1:]}.")
            return None
        if unheard(self.question, answer) and answer != self._doubted:
            self._doubted = answer
            self.complain(UNHEARD)
            return None
        return answer

    def _lock(self, sure: int | None) -> None:
        answer = self._parsed()
        reason = self.query_one("#reason", Field)
        if answer is None:
            self.query_one("#answer").focus()
        elif lacks := lacking(reason.text, self._look.info):
            reason.focus()
            self.complain(lacks)
        elif sure is None:
            self.complain("How sure are you? Left and right, or a digit.")
        elif self.answer.waits:
            self.complain(
                "The model is still being loaded, and your bet is checked against it: enter again in a moment."
            )
        else:
            self.post_message(self.Locked(self, answer, reason.text.strip(), sure))
