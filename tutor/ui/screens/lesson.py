"""A lesson being taken: what comes next is always `session.todo`. The room it happens in is `room.py`."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime

from textual import on
from textual.binding import Binding

from engine.errors import counted
from engine.experiments import experiment
from tutor import events as ev
from tutor.board import Place
from tutor.course.format import Tweak
from tutor.dialogue.voice import Voice, reply, turn_of
from tutor.history import Try, tries
from tutor.journal.errors import JournalError
from tutor.journal.store import Record
from tutor.loop import skipped_along
from tutor.parameters import misspaced, sizes
from tutor.session import Session
from tutor.todo import AskBet, ChooseTweak, Done, Hear, Judge, Mark, Retry, RunNow, Say, choose_again, tweaked
from tutor.ui import lines, transcript, work
from tutor.ui.bench import Port
from tutor.ui.keymap import hint
from tutor.ui.look import Look
from tutor.ui.screens.confirm import Confirm
from tutor.ui.screens.room import WIDE, Room
from tutor.ui.screens.tries import TriesScreen
from tutor.ui.widgets.bet import BetCard
from tutor.ui.widgets.choices import Choices, Way
from tutor.ui.widgets.composer import Composer
from tutor.ui.widgets.form import Form
from tutor.ui.widgets.marks import Marks
from tutor.ui.widgets.talk import Item
from tutor.ui.widgets.tweak import LEAVE, WAYS, TweakForm


class LessonScreen(Room):
    """One lesson being taken. Dismissed with "home", "again" or "next"."""

    BINDINGS = [
        Binding("ctrl+s", "skip", "skip the step", show=False, id="lesson.skip"),
        Binding("f2", "tries", "what you tried", show=False, id="lesson.tries"),
        *(Binding(k, f"tweak('{what}')", words, show=False, id=f"tweak.{what}") for k, words, what in (LEAVE, *WAYS)),
    ]

    def __init__(
        self,
        session: Session,
        voice: Voice,
        bench: Port,
        now: Callable[[], datetime],
        follows: Callable[[], Place | None] = lambda: None,
    ):
        """`follows` gives the lesson that the end leads on to."""
        super().__init__(session, bench)
        self.voice = voice
        self._now = now
        self._turn = 0
        self._typed_at = session.state.at
        """The step at which the words in the field to write in were typed."""
        self._shown = 0
        """Lines of the state that the talk shows."""
        self._locked: dict[int, str] = {}
        """Bet number -> when it was locked."""
        self._place: int | None = None
        """The item of the talk to begin at, in place of its end."""
        self._unsaved: ev.Event | None = None
        self._tries: tuple[Try, ...] = ()
        self._follows = follows
        self.greeting = ""  # said once when it opens

    def fill(self) -> None:
        self.set_interval(0.25, self.show_status)
        self.drafts.begin(self)
        self._load()
        self.go_on()
        self.talk.add([transcript.note(hint(self.app, self.greeting))] if self.greeting else [])
        if self._place is not None:
            self.call_after_refresh(self.talk.reveal, self._place)

    def _load(self) -> None:
        model = self.session.state.model
        self.run_worker(work.prepare(self.post_message, self.bench, model), group="load", exit_on_error=False)

    def remember(self, records: Iterable[Record], place: int | None = None) -> None:
        """What the journal knows of the lesson as it stands: when its bets were locked, and where event `place` came."""
        self._locked, self._place = transcript.recalled(self.session.lesson, list(records), place, self._now())

    # --- what comes next ------------------------------------------------------------------------------------------

    def go_on(self) -> None:
        """Show the state, and do or ask what comes next."""
        state, todo = self.session.state, self.session.todo
        if self._shown > len(state.lines):
            self.talk.clear()
            self._shown = 0
        self.talk.hush()
        self.talk.add(transcript.items(state, self._shown, self._locked))
        self.talk.follow()
        self._shown = len(state.lines)
        self._turn += 1
        self._doing = todo
        self._make_room()
        self.side.show_state(state)
        self._show_tries()
        match todo:
            case Say(move=move):
                self._write("")
                self._work(work.say(self.post_message, self._turn, self.voice, turn_of(state, move, self._model)))
            case Judge():
                self._write("")
                self._work(work.judge(self.post_message, self._turn, self.voice, turn_of(state, None, self._model)))
            case Hear(step=step):
                self._write(step)
            case RunNow():
                self._write("")
                self._work(work.run(self.post_message, self._turn, self.bench, todo, state.model))
            case AskBet() if why := self.session.unfit(sizes(self._model)):
                self._ask(Choices(why, lines.retry_ways(self.session, "bad_parameter"), wrong=True))
            case AskBet(step=step, question=question, asks=asks, changed=changed):
                run = state.own_run
                parameters = run.run.parameters(state.model) if run else {}
                self.talk.pending(transcript.question(asks))
                look = Look(self.bench, state.model, {**parameters, **changed}, run.run.experiment if run else "")
                back = hint(self.app, "{tweak.undo|f3} other parameters") if self._tweak_is_open else ""
                self._ask(BetCard(question, self.drafts.of(step), look), back)
            case Mark(step=step):
                listen = state.listen
                assert listen is not None
                self._ask(Marks(listen, state.talk.met), "what a good answer holds")
            case ChooseTweak():
                self._ask_tweak(todo)
            case Retry(kind=kind, message=message):
                self._ask(Choices(message, lines.retry_ways(self.session, kind), wrong=kind != "cancelled"))
            case Done():
                self.talk.add(self.ending())
                self._ask(Choices("", self.ways_on()))
                if (last := transcript.last_words(state)) is not None:
                    self.talk.begin_at(last)
        self.show_status()
        self.keys.right = self.voice.label
        self.keys.refresh()

    def ending(self) -> list[Item]:
        """What is said at the end."""
        return transcript.summary(self.session.state)

    def ways_on(self) -> list[Way]:
        """What can be done at the end; the screen is dismissed with it."""
        again: Way = ("r", "take it again", "again")
        if place := self._follows():
            return [("enter", f"next: {place.title}", "next"), ("h", "home", "home"), again]
        return [("enter", "home", "home"), again]

    def _make_room(self) -> None:
        """Drop what was typed at another step. While a run computes nothing is asked, and nothing can be typed."""
        at, runs = self.session.state.at, isinstance(self._doing, RunNow)
        if (runs or at != self._typed_at) and self.composer.text:
            with self.composer.prevent(Composer.Changed):  # or it would be kept as an empty draft of the new step
                self.composer.put("")
        self.composer.read_only = runs
        self._typed_at = at

    def _show_tries(self) -> None:
        """The history of tweaks, where a run was added to it or the lesson began anew."""
        if len(self._tries) != len(self.session.state.results):
            self._tries = tries(self.session.state)
            self.tries.show(self._tries)

    def _work(self, coroutine: object) -> None:
        self.run_worker(coroutine, group="turn", exclusive=True, exit_on_error=False)  # type: ignore[arg-type]

    def _ask(self, form: Form | Choices, words: str = "") -> None:
        """Put a form where the learner writes. Who is at the figure beside it stays there: a key pressed there is not for it."""
        stays = self._at_figure and self.size.width >= WIDE
        self.turn_to_figure(stays)
        self.foot.ask(form, words, quiet=stays)

    def _stand_still(self, choices: Choices, words: str = "") -> None:
        """Ask how to go on where something failed: nothing is being done any more."""
        self._doing = None
        self._ask(choices, words)

    def _write(self, step: str) -> None:
        """Give the learner the field to write in. Without a step it is there, but what is sent waits."""
        self.foot.write(lines.placeholder(self.session.state, self._doing))
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
                self._stand_still(Choices(str(error), [("enter", "try again", "save")], wrong=True), "not saved")
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
        if not self.record(reply(self.session.state, event.text.strip("\n"))):
            self.composer.put(event.text + later)

    @on(BetCard.Locked)
    def _bet(self, event: BetCard.Locked) -> None:
        if isinstance(self._doing, AskBet) and self.foot.hears(event):
            number = len(self.session.state.bets)
            self._locked[number] = f"{self._now():%H:%M}"
            self.record(ev.Predicted(self._doing.step, event.answer, event.reason, event.confidence))

    @on(Marks.Marked)
    def _marked(self, event: Marks.Marked) -> None:
        if isinstance(self._doing, Mark) and self.foot.hears(event):
            self.record(ev.Judged(self._doing.step, event.kind.value, event.met, judge="learner"))

    @on(TweakForm.Chosen)
    def _tweaked(self, event: TweakForm.Chosen) -> None:
        state = self.session.state
        if isinstance(self._doing, ChooseTweak) and state.step and self.foot.hears(event):
            run = tweaked(state, state.step, event.parameters)
            self._work(work.look_over(self.post_message, self._turn, self.bench, run, event.parameters, state.model))

    @on(work.LookedOver)
    def _looked_over(self, message: work.LookedOver) -> None:
        if message.number != self._turn or not isinstance(self._doing, ChooseTweak):
            return
        if message.refused and isinstance(form := self.foot.form, TweakForm):
            form.refuse(message.refused)
        elif self.record(ev.Tweaked(self._doing.step, message.changed)) and (run := self.session.state.own_run):
            values = {**run.run.parameters(self.session.state.model), **message.changed}
            if doubt := misspaced(experiment(run.run.experiment), values, message.changed):
                self.talk.add([transcript.note(hint(self.app, f"{doubt}. {{tweak.undo|f3}} goes back."))])

    @on(TweakForm.Left)
    def _left_tweaks(self, event: TweakForm.Left) -> None:
        if isinstance(self._doing, ChooseTweak) and self.foot.hears(event):
            step, failed = self._doing.step, isinstance(self.session.todo, Retry)
            self.record(ev.Skipped(step) if failed else ev.Continued(step))  # to continue would run it again

    @on(Choices.Chosen)
    def _chosen(self, event: Choices.Chosen) -> None:
        todo = self._doing
        if not self.foot.hears(event):
            return
        if event.what == "save" and self._unsaved:
            self.record(self._unsaved)
        elif event.what == "home":
            self.action_home()
        elif event.what == "again":
            self.again()
        elif isinstance(todo, Done):
            self.dismiss(event.what)
        elif event.what == "broke":
            self.go_on()
        elif isinstance(todo, Retry) and event.what == "other":
            self._other_parameters()
        elif event.what == "anew":  # from the first step, with the lesson's own model
            if self.record(ev.Started("", model=self.session.lesson.models.default)):
                self._load()
        elif event.what == "skip" and (step := self.session.state.at):
            self.record(ev.Skipped(step))
        elif isinstance(todo, Retry):
            self.record(ev.Continued(todo.step))

    def _other_parameters(self) -> None:
        """The form of a tweak again, with what was chosen."""
        if again := choose_again(self.session.state):
            self.turn_to_figure(False)
            self._doing = again
            self.talk.hush()  # the question about those that are given up
            self._ask_tweak(again)

    def _ask_tweak(self, of: ChooseTweak) -> None:
        run, known = self.session.state.own_run, sizes(self._model)
        past = [one.parameters for one in self._tries if run and one.run == run.id]
        self._ask(
            TweakForm(experiment(of.experiment), of.parameters, of.vary, self.drafts.of(of.step), known, past), "tweak"
        )

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
            self._stand_still(Choices(says, [("enter", "try again", "broke"), ("s", "skip", "skip")], wrong=True))

    @on(work.ModelReady)
    def _model_ready(self, message: work.ModelReady) -> None:
        if message.problem:
            own = self.session.way_out(message.kind)
            way = hint(self.app, f"\nOn the map, {{home.again|r}} takes this lesson again with {own}.") if own else ""
            self.talk.add([transcript.note(message.problem + way, error=True)])
        self.foot.learn(sizes(self._model))
        if self.session.unfit(sizes(self._model)):
            self.go_on()
        self.show_status()

    @on(Composer.Edited)
    def _typed(self, event: Composer.Edited) -> None:
        if event.field is self.composer and isinstance(self._doing, (Hear, Say, Judge)):
            self.drafts.note(self.session.state.at, "reply", self.composer.text)

    # --- keys ---------------------------------------------------------------------------------------------------------

    def action_back(self) -> None:
        """Cancel the run; or leave the figure; or go home."""
        if isinstance(self._doing, RunNow):
            self.turn_to_figure(False)  # how to go on is asked, and wants keys
            self.run_worker(self.bench.cancel(), group="cancel", exit_on_error=False)
        else:
            super().action_back()

    def action_skip(self) -> None:
        """Skip the step, after asking once."""
        step = self.session.state.at
        if step is None:
            return
        along = skipped_along(self.session.state)
        words = "Skip this step?" + (f" {counted(along, 'step')} that need it are skipped as well." if along else "")

        def answered(yes: bool | None) -> None:
            if yes and self.session.state.at == step:
                self.workers.cancel_group(self, "turn")
                self.record(ev.Skipped(step))

        self.app.push_screen(Confirm(words, "skip"), answered)

    def action_tries(self, at: int = -1) -> None:
        """What was tried so far, one or two compared; from there parameters can be taken into the form."""
        form, run = self.foot.form, self.session.state.own_run

        def taken(one: Try | None) -> None:
            if one is not None and isinstance(form, TweakForm) and form.is_attached:
                form.take(one.parameters)
                self.leave_figure()

        if not self._tries:
            self.notify("Nothing ran yet: what you try will stand here.", timeout=3)
            return
        takes = run.id if run and isinstance(form, TweakForm) else None
        self.app.push_screen(TriesScreen(self.session.state, at, takes), taken)

    @property
    def _tweak_is_open(self) -> bool:
        """Whether a tweak was chosen and is not bet on yet."""
        return isinstance(self._doing, AskBet) and isinstance(self.session.state.step, Tweak)

    @property
    def tweaking(self) -> bool:
        """Whether the form of a tweak is there."""
        return isinstance(self.foot.form, TweakForm)

    async def action_tweak(self, what: str) -> None:
        """Undo, reset or open the form of a tweak, or leave it, from wherever the focus is. What undoes leads back to it from
        the bet on a tweak: nothing is locked yet."""
        if isinstance(self.foot.form, TweakForm):
            await self.foot.form.run_action(what)
        elif what == "undo" and self._tweak_is_open:
            self._other_parameters()
