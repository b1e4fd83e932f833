"""One lesson, line by line: what comes next is always `session.todo`, and every event is committed before it goes on."""

from __future__ import annotations

from contextlib import suppress

from engine.errors import EngineError
from engine.experiments import experiment
from engine.figures import shown
from tutor import events as ev
from tutor.course.format import Cell, Number, Observe, Token
from tutor.dialogue.moves import Move, marked
from tutor.dialogue.reasons import answers, because, lacking
from tutor.dialogue.voice import Voice, reply, said, turn_of
from tutor.journal.errors import JournalError
from tutor.parameters import named, sizes
from tutor.plain import bets
from tutor.plain.commands import Again, Commands, Leave, Skip
from tutor.plain.console import Console
from tutor.plain.machine import Machine
from tutor.plain.tweaks import choose
from tutor.predict import UNHEARD, Answer, NotAnAnswer, bounded, give_or_take, parse, typed, unheard, within
from tutor.session import Session
from tutor.state import Bet, Line
from tutor.todo import AskBet, ChooseTweak, Done, Hear, Judge, Mark, Retry, RunNow, Say, choose_again

__all__ = ["Again", "Leave", "Taking"]

LABELS = {"tutor": "tutor: ", "you": "you: ", "bet": "bet: ", "run": "run: ", "claim": "so: ", "task": "try: "}

HELP = ("", "?", "help", "h")
"""What is typed at a bet by who wants to know what can be typed. Of these `?` and `h` may be a token that is bet on."""
MORE = ":help says what else can be typed."


class Taking:
    """Takes one lesson. `to_its_end` raises Leave or Again where the learner goes elsewhere."""

    def __init__(self, session: Session, voice: Voice, machine: Machine, console: Console):
        self.session, self.voice, self.machine, self.console = session, voice, machine, console
        self.commands = Commands(self, console)
        self._shown = 0

    def to_its_end(self) -> None:
        """Ask, bet, run, talk, until the learner goes elsewhere. Raises Leave, Again, Quit, Ended, KeyboardInterrupt."""
        self._greet()
        self.machine.prepare(self.session.state.model)
        while True:
            try:
                self._next()
            except Skip:
                if step := self.session.state.at:
                    self.record(ev.Skipped(step))

    def ask(self, prompt: str, kept: str = "", *, may_go: bool = False) -> str:
        """One line from the learner; commands are done on the way. An empty line is `kept`, if there is something kept."""
        if problem := self.machine.problem():
            self.console.say(problem)
        while self.machine.notices:
            self.console.say(self.machine.notices.pop(0))
        return self.commands.read(f"{prompt} [{kept}]" if kept else prompt, may_go=may_go) or kept

    def keep(self, step: str, field: str, text: str) -> None:
        """Keep what was typed and not sent. A disk that refuses is said when something is sent."""
        with suppress(JournalError):
            self.session.journal.save_draft(self.session.lesson.id, step, field, text)

    def record(self, event: ev.Event, *said_already: str) -> None:
        """Commit the event, then show what it led to, but for one line of each of those who were heard already."""
        while True:
            try:
                self.session.record(event)
                break
            except JournalError as error:
                self.console.say(f"Not saved: {error}")
                self.commands.read("enter tries again")
        lines = self.session.state.lines
        heard = set(said_already)
        for line in lines[self._shown :]:
            if line.who in heard:
                heard.remove(line.who)
            else:
                self.show(line)
        self._shown = len(lines)

    def show(self, line: Line) -> None:
        """One line of the talk."""
        if line.who == "bet" and line.ref is not None:
            self.console.say(bet_words(self.session.state.bets[line.ref]), LABELS["bet"])
        else:
            self.console.say(line.text.strip(), LABELS.get(line.who, ""))

    # --- what comes next ----------------------------------------------------------------------------------------------

    def _next(self) -> None:
        state = self.session.state
        match self.session.todo:
            case Say(move=move, step=step):
                self._say(move)
            case Judge(step=step):
                verdict = self.machine.wait(self.voice.judge(turn_of(state, None, self.machine.model)))
                event = verdict.event(step)
                self.record(event)
                self._notice()
            case Hear(step=step):
                kept = self.session.journal.draft(state.lesson.id, step).get("reply", "")
                self.record(reply(state, self.ask("you", kept)), "you")
            case AskBet(step=step) if why := self.session.unfit(sizes(self.machine.model)):
                self._retry(step, "bad_parameter", why)
            case AskBet() as todo:
                self._bet(todo)
            case RunNow() as todo:
                self._run(todo)
            case Mark(step=step):
                self._mark(step)
            case ChooseTweak() as todo:
                self._tweak(todo)
            case Retry(step=step, kind=kind, message=message):
                self._retry(step, kind, message)
            case Done():
                self._end()

    def _greet(self) -> None:
        """Where the learner is; of an earlier sitting, what the step at hand has seen so far."""
        session, state = self.session, self.session.state
        lesson = state.lesson
        self.console.say(
            f"\n{lesson.title}. {len(lesson.steps)} steps, about {lesson.minutes} minutes, "
            f"difficulty {lesson.difficulty} of 5. :help says how."
        )
        here = [line for line in state.lines if line.step == state.at]
        if session.resumed and state.at is not None:
            self.console.say(f"You are at step {state.number}. :talk shows what was said so far.")
            for line in here:
                self.show(line)
            if isinstance(state.step, Observe):
                self.commands.figures(unasked=True)
        else:
            for line in here:
                self.show(line)
        self._shown = len(state.lines)

    def _say(self, move: Move) -> None:
        """The tutor's turn, a sentence at a time as each may be said."""
        turn = turn_of(self.session.state, move, self.machine.model)
        words: list[str] = []

        async def speak() -> None:
            async for sentence in self.voice.say(turn):
                self.console.say(sentence.strip(), "" if words else LABELS["tutor"])
                words.append(sentence)

        self.machine.wait(speak())
        self.record(said(turn, "".join(words), self.voice), "tutor")
        self._notice()

    def _notice(self) -> None:
        if self.voice.notice:
            self.console.say(self.voice.notice)

    def _bet(self, todo: AskBet) -> None:
        """An answer, a reason, how sure; what was typed is kept until the bet is locked."""
        state, question, journal = self.session.state, todo.question, self.session.journal
        run = state.own_run
        self.console.say(todo.asks, LABELS["tutor"])
        known = sizes(self.machine.model)
        tokens = self._tokens(todo)
        for line in bets.choices(question, tokens):
            self.console.say(line)
        of = experiment(run.run.experiment) if run else None
        margin = give_or_take(question, of) if of and isinstance(question, Number) else ""
        hint = bets.hint(bounded(question, of, known) if of else question, known, margin)
        self.console.say(hint)
        kept = journal.draft(state.lesson.id, todo.step)
        doubted: Answer | None = None
        while True:
            text = self.ask("your bet", kept.get("answer", ""))
            if text in ("", "help") or (not isinstance(question, Token) and text.strip().lower() in HELP):
                self.console.say(f"{hint} {MORE}")
                continue
            if not isinstance(question, Token) and (meant := answers(text, self.machine.model)):
                self.console.say(f"{meant} Now your bet.")
                continue
            try:
                answer = parse(question, text)
                self.machine.settle()
                known = sizes(self.machine.model)
                if self.session.unfit(known):
                    return
                if isinstance(question, Token) and len(pieces := self.machine.cut(str(answer), state.model)) > 1:
                    raise NotAnAnswer(f"that is {len(pieces)} tokens, {' + '.join(map(shown, pieces))}; the bet is one")
                if of:
                    within(question, answer, of, {**known, "positions": len(tokens)})
                if not unheard(question, answer) or answer == doubted:
                    break
                doubted = answer
                self.console.say(UNHEARD)
            except NotAnAnswer as error:
                self.console.say(f"{error}. {MORE}")
        self.keep(todo.step, "answer", typed(question, answer))
        while lacks := lacking(reason := self.ask("because", kept.get("reason", "")).strip(), self.machine.model):
            self.console.say(lacks)
        self.keep(todo.step, "reason", reason)
        while (sure := bets.confidence(self.ask("how sure, 0 to 100 %", kept.get("sure", "")))) is None:
            self.console.say("A whole number from 0 (no idea) to 100 (certain).")
        self.record(ev.Predicted(todo.step, answer, reason, sure))

    def _tokens(self, todo: AskBet) -> list[str]:
        """The tokens whose positions are asked for, cut by the model itself; none where it cannot be had."""
        state, question = self.session.state, todo.question
        if not (isinstance(question, Cell) and question.columns == "positions" and state.own_run):
            return []
        run = {**state.own_run.run.parameters(state.model), **todo.changed}
        self.machine.settle()
        return self.machine.cut(str(run.get(question.of) or ""), state.model, bos=bool(run.get("bos")))

    def _run(self, todo: RunNow) -> None:
        state = self.session.state
        words = f"Running {todo.experiment.replace('_', ' ')} on {state.model}. ctrl+c stops it."
        try:
            result = self.machine.run(todo, state.model, words)
        except EngineError as error:
            self.record(ev.RunFailed(todo.step, error.kind, str(error)))
            return
        self.record(ev.RunFinished(todo.step, result.model_dump(mode="json", exclude={"event", "id"})))
        self.commands.figures(unasked=True)

    def _mark(self, step: str) -> None:
        """The learner says which expectations their own words covered."""
        listen, before = self.session.state.listen, self.session.state.talk.met
        assert listen is not None
        self.console.say("What a good answer holds; which of it did your words cover?")
        for n, expected in enumerate(listen.expects, 1):
            self.console.say(f"{n}  {expected.says}{' (you had that already)' if expected.id in before else ''}")
        numbers = {str(n): e.id for n, e in enumerate(listen.expects, 1)}
        words = {"all": list(numbers), "yes": list(numbers), "none": [], "no": []}
        while True:
            given = self.ask("numbers, all, or enter for none").replace(",", " ").lower().split()
            chosen = words[given[0]] if len(given) == 1 and given[0] in words else given
            if set(chosen) <= set(numbers):
                break
            self.console.say(f"Numbers from 1 to {len(numbers)} with spaces between them, `all` or `none`.")
        met = tuple(id for n, id in numbers.items() if n in chosen or id in before)
        self.record(ev.Judged(step, marked(len(met), len(numbers)).value, met, judge="learner"))

    def _tweak(self, todo: ChooseTweak, *, failed: bool = False) -> None:
        chosen = choose(self, todo)
        if chosen is not None:
            self.record(ev.Tweaked(todo.step, chosen))
        else:
            self.record(ev.Skipped(todo.step) if failed else ev.Continued(todo.step))  # to continue would run it again

    def _retry(self, step: str, kind: str, message: str) -> None:
        self.console.say(message)
        own = self.session.way_out(kind)
        words = {
            "run": "enter runs it again",
            "other": "other changes the parameters",
            "skip": ":skip skips it",
            "anew": f"anew begins again with {own}",
        }
        ways = self.session.ways(kind)
        said = ", ".join(words[way] for way in ways)
        while (way := self.ask(said).strip().lower() or "run") not in ways or way == "skip":
            self.console.say(f"{said}.")
        if way == "anew":
            self.record(ev.Started("", model=own))
            self.machine.prepare(own)
        elif way == "other" and (choice := choose_again(self.session.state)):
            self._tweak(choice, failed=True)
        else:
            self.record(ev.Continued(step))

    def _end(self) -> None:
        """How it went, bet by bet; then to the lessons, or again."""
        state = self.session.state
        self.console.say(state.went)
        for bet in state.bets:
            if bet.verdict:
                how = "as you said" if bet.verdict.right else f"it was: {bet.verdict.truth.rstrip('.')}"
                on = f"{named(bet.changed)}: " if bet.changed else ""
                self.console.say(f"{on}{bet.said}: {how}.")
        for question in state.kept:
            self.console.say(f"Still open, among your notes: {' '.join(question.split())}")
        again = ", :again takes this one again" if self.session.repeats else ""
        self.ask(f"done; enter goes to the lessons{again}")
        raise Leave


def bet_words(bet: Bet) -> str:
    """`It shrinks, 70 % sure, because the others back it up. Locked.`"""
    reason = because(bet.reason)
    return f"{bet.said} sure, {reason.rstrip('.')}{'' if reason[-1:] in '?!' else '.'} Locked."
