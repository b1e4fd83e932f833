"""A lesson: the conversation, the figure, and one place to type. What comes next is always `session.todo`."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime
from typing import Any

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Container
from textual.message import Message
from textual.screen import Screen

from engine.experiments import experiment
from tutor import events as ev
from tutor.course.format import Tweak
from tutor.dialogue.voice import Voice, turn_of
from tutor.journal.errors import JournalError
from tutor.loop import AskBet, ChooseTweak, Done, Hear, Judge, Mark, Retry, RunNow, Say
from tutor.session import Session
from tutor.ui import lines, pages, transcript, work
from tutor.ui.bench import Port
from tutor.ui.drafts import Drafts
from tutor.ui.figures import FigurePanel, copy
from tutor.ui.screens.confirm import Confirm
from tutor.ui.side import Side
from tutor.ui.widgets.bet import BetCard
from tutor.ui.widgets.choices import Choices
from tutor.ui.widgets.composer import Composer
from tutor.ui.widgets.foot import Foot
from tutor.ui.widgets.form import Drafted, Form
from tutor.ui.widgets.header import Header
from tutor.ui.widgets.keys import Keys
from tutor.ui.widgets.marks import Marks
from tutor.ui.widgets.talk import Talk
from tutor.ui.widgets.tweak import TweakForm

WIDE = 100
"""From this width on the figure stands beside the talk."""


class BenchChanged(Message):
    """The engine does something else now."""


class LessonScreen(Screen[str]):
    """One lesson being taken. Dismissed with "home" or "again"."""

    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (WIDE, "-wide")]
    VERTICAL_BREAKPOINTS = [(0, "-low"), (24, "-tall")]
    AUTO_FOCUS = None

    BINDINGS = [
        Binding("escape", "back", "home", show=True),
        Binding("tab", "figure", "figure", show=True, priority=True),
        Binding("shift+tab", "figure_back", "back", show=False, priority=True),
        Binding("ctrl+s", "skip", "skip the step", show=False),
        Binding("y", "copy", "copy the tutor's words", show=False),
        Binding("pageup", "page(-1)", "scroll up", show=False),
        Binding("pagedown", "page(1)", "scroll down", show=False),
    ]

    def __init__(self, session: Session, voice: Voice, bench: Port, now: Callable[[], datetime] = datetime.now):
        super().__init__()
        self.session, self.voice, self.bench = session, voice, bench
        self._now = now
        self._turn = 0
        self._shown = 0
        """Lines of the state that the talk shows."""
        self._locked: dict[int, str] = {}
        """Bet number -> when it was locked, as far as this sitting knows."""
        self._doing: object = None
        self._at_figure = False
        """Whether the learner is at the figure: in the narrow layout it takes the talk's place."""
        self.drafts = Drafts(session.journal, session.lesson.id)
        self._unsaved: ev.Event | None = None

    # --- layout ---------------------------------------------------------------------------------------------------

    def compose(self) -> ComposeResult:
        yield Header(id="where")
        with Container(id="room"):
            yield Talk(id="talk")
            yield Side(id="side")
            yield Foot(id="foot")
        yield Keys(id="keys")

    def on_mount(self) -> None:
        self.talk, self.side = self.query_one(Talk), self.query_one(Side)
        self.foot = self.query_one(Foot)
        self.composer = self.foot.composer
        self.set_interval(0.25, self._show_status)
        self.drafts.begin(self)
        model = self.session.state.model
        self.run_worker(work.prepare(self.post_message, self.bench, model), group="load", exit_on_error=False)
        self.go_on()

    def go_on(self) -> None:
        """Show the state, and do or ask what comes next."""
        state, todo = self.session.state, self.session.todo
        if self._shown > len(state.lines):
            self.talk.clear()
            self._shown = 0
        self.talk.hush()
        self.talk.add(transcript.items(state, self._shown, self._locked))
        self._shown = len(state.lines)
        self._turn += 1
        self._doing = todo
        self.side.show_state(state)
        match todo:
            case Say(move=move):
                self._write("")
                self._work(work.say(self.post_message, self._turn, self.voice, turn_of(state, move)))
            case Judge():
                self._write("")
                self._work(work.judge(self.post_message, self._turn, self.voice, turn_of(state, None)))
            case Hear(step=step):
                self._write(step)
            case RunNow():
                self._write("")
                self._work(work.run(self.post_message, self._turn, self.bench, todo, state.model))
            case AskBet(step=step, question=question, changed=changed):
                run = state.own_run
                words = lines.changed(changed, run.run.parameters(state.model) if run else {})
                self.talk.pending(transcript.question(f"{words}{question.ask}"))
                self._ask(BetCard(question, self.drafts.of(step)))
            case Mark(step=step):
                listen = state.listen
                assert listen is not None
                self._ask(Marks(listen), "what a good answer holds")
            case ChooseTweak(step=step, parameters=now, vary=vary):
                self._ask_tweak(step, todo.experiment, now, vary)
            case Retry(kind=kind, message=message):
                ways = lines.retry_ways(kind, tweak=state.tweak is not None)
                self._ask(Choices(message, ways, wrong=kind != "cancelled"))
            case Done():
                self.talk.add(transcript.summary(state))
                self._ask(Choices("", [("enter", "home", "home"), ("r", "take it again", "again")]))
        self._show_status()
        self.query_one(Keys).right = self.voice.label
        self.query_one(Keys).refresh()

    def _work(self, coroutine: object) -> None:
        self.run_worker(coroutine, group="turn", exclusive=True, exit_on_error=False)  # type: ignore[arg-type]

    def _ask(self, form: Form | Choices, words: str = "") -> None:
        """Put a form where the learner writes."""
        self._turn_to_figure(False)
        self.foot.ask(form, words)

    def _write(self, step: str) -> None:
        """Give the learner the field to write in. Without a step it is there, but what is sent waits."""
        self.foot.write(lines.placeholder(self.session.state, self._doing, narrow=self.has_class("-narrow")))
        if step and not self.composer.text:
            self.composer.put(self.drafts.of(step).get("reply", ""))
        if not self._at_figure:
            self.composer.focus()

    # --- events of the learner --------------------------------------------------------------------------------------

    def record(self, event: ev.Event) -> bool:
        """Commit the event and go on. If the journal refuses, nothing moves and the learner keeps what was typed."""
        self.drafts.keep()
        try:
            self.session.record(event)
        except JournalError as error:
            self._unsaved = event
            if isinstance(event, (ev.Said, ev.Judged, ev.RunFinished, ev.RunFailed)):
                self._ask(Choices(str(error), [("enter", "try again", "save")], wrong=True), "not saved")
            else:
                self.talk.add([transcript.note(f"Not saved: {error}", error=True)])
            return False
        self._unsaved = None
        self.go_on()
        return True

    @on(Composer.Entered)
    def _sent(self, event: Composer.Entered) -> None:
        if event.field is not self.composer or not isinstance(self._doing, Hear):
            return
        self.drafts.drop()
        later = self.composer.text.removeprefix(event.text)
        self.composer.put(later)
        if not self.record(ev.Replied(self._doing.step, event.text.strip("\n"))):
            self.composer.put(event.text + later)

    @on(BetCard.Locked)
    def _bet(self, event: BetCard.Locked) -> None:
        if isinstance(self._doing, AskBet):
            number = len(self.session.state.bets)
            self._locked[number] = f"{self._now():%H:%M}"
            self.record(ev.Predicted(self._doing.step, event.answer, event.reason, event.confidence))

    @on(Marks.Marked)
    def _marked(self, event: Marks.Marked) -> None:
        if isinstance(self._doing, Mark):
            self.record(ev.Judged(self._doing.step, event.kind.value, event.met, judge="learner"))

    @on(TweakForm.Chosen)
    def _tweaked(self, event: TweakForm.Chosen) -> None:
        if isinstance(self._doing, ChooseTweak):
            self.record(ev.Tweaked(self._doing.step, event.parameters))

    @on(TweakForm.Left)
    def _left_tweaks(self) -> None:
        if isinstance(self._doing, ChooseTweak):
            self.record(ev.Continued(self._doing.step))

    @on(Choices.Chosen)
    def _chosen(self, event: Choices.Chosen) -> None:
        todo = self._doing
        if event.what == "save" and self._unsaved:
            self.record(self._unsaved)
        elif event.what == "home":
            self.action_home()
        elif event.what == "again":
            self.dismiss("again")
        elif event.what == "broke":
            self.go_on()
        elif isinstance(todo, Retry) and event.what == "other":
            self._other_parameters(todo.step)
        elif event.what == "skip" and (step := self.session.state.at):
            self.record(ev.Skipped(step))
        elif isinstance(todo, Retry):
            self.record(ev.Continued(todo.step))

    def _other_parameters(self, step: str) -> None:
        """After a tweak that did not run: the form again, with what was tried."""
        state = self.session.state
        run, now = state.lesson.run_before(step), state.step
        if run and isinstance(now, Tweak) and state.tweak is not None:
            parameters = {**run.run.parameters(state.model), **state.tweak}
            vary = tuple(now.tweak.vary)
            self._doing = ChooseTweak(step, run.run.experiment, parameters, vary)
            self._ask_tweak(step, run.run.experiment, parameters, vary)

    def _ask_tweak(self, step: str, name: str, now: dict[str, Any], vary: tuple[str, ...]) -> None:
        sizes = lines.sizes(self.bench.model)
        self._ask(TweakForm(experiment(name), now, vary, self.drafts.of(step), sizes), "tweak")

    # --- news from workers --------------------------------------------------------------------------------------------

    @on(work.Words)
    def _words(self, message: work.Words) -> None:
        if message.number == self._turn:
            self.talk.pending(transcript.question(message.text))

    @on(work.Happened)
    def _happened(self, message: work.Happened) -> None:
        if message.number == self._turn and self.record(message.event) and message.notice:
            self.talk.add([transcript.note(message.notice)])

    @on(work.FigureCame)
    def _figure_came(self, message: work.FigureCame) -> None:
        if message.number == self._turn:
            self.side.show_partial(message.partial.index, message.partial.figure)

    @on(work.Broke)
    def _broke(self, message: work.Broke) -> None:
        if message.number == self._turn:
            path = self.app.note_crash(message.error)  # type: ignore[attr-defined]
            says = f"Something in the tutor went wrong: {lines.reason(message.error)}. It was written to {path}."
            self._ask(Choices(says, [("enter", "try again", "broke"), ("s", "skip", "skip")], wrong=True))

    @on(work.ModelReady)
    def _model_ready(self, message: work.ModelReady) -> None:
        if message.problem:
            self.talk.add([transcript.note(message.problem, error=True)])
        self._show_status()

    @on(BenchChanged)
    def _bench_changed(self) -> None:
        self._show_status()

    def _show_status(self) -> None:
        """The header always; the rule as a progress bar once something takes longer than half a second."""
        status, state = self.bench.status, self.session.state
        took = time.monotonic() - status.since
        self.query_one(Header).show(state.lesson.title, lines.where(state), lines.engine(status, state.model, took))
        if status.working and took > 0.5:
            right = [status.amount, "esc cancels" if isinstance(self._doing, RunNow) else ""]
            self.foot.progress(lines.doing(status), " · ".join(p for p in right if p), status.share)
        else:
            self.foot.no_progress()

    # --- drafts -------------------------------------------------------------------------------------------------------

    @on(Composer.Edited)
    def _typed(self, event: Composer.Edited) -> None:
        if event.field is self.composer and isinstance(self._doing, (Hear, Say, Judge)):
            self.drafts.note(self.session.state.at, "reply", self.composer.text)

    @on(Drafted)
    def _drafted(self, event: Drafted) -> None:
        self.drafts.note(self.session.state.at, event.field, event.text)

    def on_descendant_blur(self) -> None:
        self.drafts.keep()

    def on_unmount(self) -> None:
        self.drafts.keep()

    # --- keys ---------------------------------------------------------------------------------------------------------

    def action_back(self) -> None:
        """Cancel the run; or leave the figure; or go home."""
        if isinstance(self._doing, RunNow):
            self.run_worker(self.bench.cancel(), group="cancel", exit_on_error=False)
        elif self._at_figure:
            self._leave_figure()
        else:
            self.action_home()

    def action_home(self) -> None:
        self.drafts.keep()
        self.dismiss("home")

    def action_figure(self) -> None:
        """To the next field of a form, and from the last one to the figure; from the figure back."""
        form = self.foot.form
        if isinstance(form, Form) and form.has_focus_within and not form.stops[-1].has_focus:
            form.action_move(1)
        else:
            self.action_swap()

    def action_swap(self) -> None:
        """To the figure, or back from it. Where there is room for both, only the focus moves."""
        if self._at_figure:
            self._leave_figure()
        else:
            self._turn_to_figure(True)
            self.call_after_refresh(self.side.focus_figure)

    def action_figure_back(self) -> None:
        form = self.foot.form
        if isinstance(form, Form) and form.has_focus_within:
            form.action_move(-1)
        else:
            self._leave_figure()

    def _leave_figure(self) -> None:
        self._turn_to_figure(False)
        self.foot.take_focus()

    def _turn_to_figure(self, there: bool) -> None:
        """Show what fits. By `display` and not by a class of the screen, which would style every entry of the talk anew."""
        self._at_figure = there
        wide = self.size.width >= WIDE
        for part, shows in ((self.talk, wide or not there), (self.side, wide or there)):
            if part.display != shows:  # setting it lays the whole screen out anew, even to what it was
                part.display = shows

    def on_resize(self) -> None:
        self._turn_to_figure(self._at_figure)

    def action_skip(self) -> None:
        """Skip the step, after asking once."""
        step = self.session.state.at
        if step is None:
            return

        def answered(yes: bool | None) -> None:
            if yes and self.session.state.at == step:
                self.workers.cancel_group(self, "turn")
                self.record(ev.Skipped(step))

        self.app.push_screen(Confirm("Skip this step? It is noted as skipped; nothing else is lost.", "skip"), answered)

    def action_copy(self) -> None:
        if words := self.talk.last_said:
            copy(self.app, words)
            self.notify("Copied what the tutor said last.", timeout=2)

    @on(FigurePanel.CodeWanted)
    def action_code(self) -> None:
        if page := pages.code(self.session.state):
            self.app.push_screen(page)

    def action_model(self) -> None:
        self.app.push_screen(pages.model(self.session.state.model, self.bench.model))

    def action_page(self, direction: int) -> None:
        self.talk.page(direction)

    @on(Composer.Scrolled)
    def _scrolled(self, event: Composer.Scrolled) -> None:
        self.talk.page(event.direction)

    def key_words(self) -> dict[str, str]:
        """What keys do just now, where that changes."""
        back = "cancel" if isinstance(self._doing, RunNow) else "talk" if self._at_figure else "home"
        return {"back": back, "figure": "talk" if self._at_figure else "figure"}

    def action_press(self, key: str) -> None:
        """A key of the last line was clicked."""
        self.app.simulate_key(key)
