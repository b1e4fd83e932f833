"""What can be typed at any prompt of a lesson: lines that begin with a colon."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.experiments import experiment
from engine.figures import columns
from tutor import events as ev
from tutor.drawing.laid import last_figures
from tutor.plain.console import Console, Quit, command_of, said

if TYPE_CHECKING:
    from tutor.plain.lesson import Taking

HELP = """:skip            skip the step; it is noted as skipped
:figure [N]      the figures of the last run, or the Nth of them
:table [N]       the same as tables, which read aloud better; later figures too, until :figure
:code            the experiment's own page of code
:note TEXT       keep an open question; :worked TEXT and :failed TEXT keep what did and what did not
:talk            all that was said in this lesson so far
:again           this lesson from its first step
:go              leave the tweaks and go on
:list            to the lessons
:quit            leave; so does the end of the input
::x              sends the text :x"""
NOTES = {"note": "question", "worked": "worked", "failed": "failed"}
LONG = 45
"""Lines of a figure that is not shown unasked."""
WIDTH = 76


class Skip(Exception):
    """The learner skips the step."""


class Again(Exception):
    """The learner takes the lesson from its first step."""


class Leave(Exception):
    """The learner goes to the lessons."""


class Go(Exception):
    """The learner leaves the tweaks."""


class Commands:
    """Reads lines for a lesson and does what is a command on the way."""

    def __init__(self, taking: Taking, console: Console):
        self._taking, self._console = taking, console
        self._as_tables = False

    def read(self, prompt: str, *, may_go: bool = False) -> str:
        """The next line that is no command. Raises Skip, Again, Leave, Go (where one may), Quit, Ended, KeyboardInterrupt."""
        while True:
            typed = self._console.read(prompt)
            command = command_of(typed)
            if command is None:
                return said(typed)
            if command[0] == "go" and may_go:
                raise Go
            self._do(*command)

    def _do(self, name: str, rest: str) -> None:
        match name:
            case "skip":
                raise Skip
            case "again" if not self._taking.session.repeats:
                self._console.say("A surprise is bet on once, and comes back another day; :list goes to the lessons.")
            case "again" if rest and rest != self._taking.session.lesson.id:
                self._console.say("Here :again takes this lesson again; :list goes to the others.")
            case "again":
                raise Again
            case "list":
                raise Leave
            case "quit" | "q":
                raise Quit
            case "figure" | "table":
                self._as_tables = name == "table"
                self.figures(rest)
            case "code":
                self._code()
            case "talk":
                for line in self._taking.session.state.lines:
                    self._taking.show(line)
            case "note" | "worked" | "failed" if rest:
                self._taking.record(ev.Noted(self._taking.session.state.at or "", rest, NOTES[name]))
                self._console.say("Noted.")
            case "note" | "worked" | "failed":
                self._console.say(f"Write it behind the command: :{name} TEXT")
            case "go":
                self._console.say("There are no tweaks to leave here; :skip skips the step.")
            case "help":
                self._console.say(HELP)
            case _:
                self._console.say(f"There is no command :{name}.\n{HELP}")

    def figures(self, which: str = "", *, unasked: bool = False) -> None:
        """The figures of the last run, bets laid over it first; `which` is one of them, counted from 1."""
        found = last_figures(self._taking.session.state)
        numbered = {str(n): figure for n, figure in enumerate(found, 1)}
        if not found:
            self._console.say("There is no figure yet: it comes with the run.")
        elif which and which not in numbered:
            self._console.say(f"There is no figure {which}; there are 1 to {len(found)}.")
        for n, figure in numbered.items():
            if which and which != n:
                continue
            words = f"{figure.title}\n{columns(*figure.table())}" if self._as_tables else figure.text(WIDTH)
            length = words.count("\n") + 1
            if unasked and length > LONG:
                words = f"{figure.title}: {length} lines; :figure {n} or :table {n} shows it."
            self._console.show(f"\nfigure {n} of {len(found)}: {words}")

    def _code(self) -> None:
        name = self._taking.session.state.experiment
        if name:
            self._console.show(experiment(name).source)
        else:
            self._console.say("This lesson runs no experiment.")
