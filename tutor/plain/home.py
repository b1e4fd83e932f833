"""The list of lessons, and the way into one and back."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime

from tutor.course.format import Lesson
from tutor.desk import Desk
from tutor.plain.commands import WIDTH
from tutor.plain.console import Console, Quit, command_of
from tutor.plain.lesson import Again, Leave, Taking
from tutor.plain.machine import Machine
from tutor.record.overview import Overview
from tutor.record.surprises import NOTHING_DUE, STAYS_DUE
from tutor.session import Session

HELP = """A number or the id of a lesson opens it; enter goes on with the one that was offered.
:list      the lessons again
:again ID  a lesson from its first step
:due       bet again on what you were sure of and wrong about
:record    how sure you were and how often right, what stands how, what could come next
:quit      leave; so does the end of the input
:help      these lines"""
BARE = frozenset("list due record quit help".split())
"""Commands that need no colon here, where there is nothing to write."""


class Home:
    """Lists the lessons and lets the learner take them, until Quit, Ended or KeyboardInterrupt."""

    def __init__(self, desk: Desk, machine: Machine, console: Console):
        self.desk, self.machine, self.console = desk, machine, console
        self._in: str = ""

    @property
    def here(self) -> str:
        """What the command line says to come back here: ` LESSON`, or nothing."""
        return f" {self._in}" if self._in else ""

    def stay(self, lesson: str | None) -> None:
        """Take this lesson first, if one is given. Raises what ends the program."""
        for notice in self.desk.store.notices:
            self.console.say(notice)
        if found := self.desk.course.lesson(lesson or ""):
            self.take(found)
        else:
            self.console.say("llmw-tutor, line by line. You predict, the model runs, the tutor asks. :help says how.")
        while True:
            self.list()
            self.choose()

    def take(self, lesson: Lesson, again: bool = False) -> None:
        """One lesson, until it is over or left. Raises JournalError where it cannot be read or begun."""
        self._in = lesson.id
        while True:
            session, wanted = self.desk.session(lesson.id, again), self.desk.settings.model
            if words := session.goes_on_with(wanted):
                self.console.say(f"{words} :again takes it again with {wanted}.")
            try:
                self._taking(session).to_its_end()
            except Again:
                again = True
            except Leave:
                break
        self._in = ""

    def list(self) -> None:
        """The lessons, a line each."""
        say = self.console.say
        number = 0
        for area in self.desk.board().areas:
            say()
            say(f"{area.title}. {area.about}".rstrip(". ") + ".")
            for place in area.places:
                number += 1
                how_far = f"at {place.words}" if place.words.startswith("step ") else place.words
                say(f"{number}  {place.title} ({place.id}): {how_far}, {place.minutes} min")
        if due := len(self.overview().due):
            say(f"{due} due again, where you were sure and something else happened. :due bets on it again")
        if self.desk.course.unread:
            say(self.desk.course.unread)
        say()

    def choose(self) -> None:
        """Ask until a lesson was taken."""
        offered = self.offered()
        prompt = f"lesson (enter: {offered.title})" if offered else "lesson"
        while True:
            typed = self.console.read(prompt).strip()
            name, rest = command_of(typed) or ("", typed)
            if rest in BARE and not name and not self.find(rest):
                name, rest = rest, ""
            if name in ("quit", "q"):
                raise Quit
            if name == "list":
                return
            if name == "due":
                return self.review()
            if name in ("", "again"):
                found = offered if not rest and not name else self.find(rest)
                if found:
                    return self.take(found, again=name == "again")
                none = f"There is no lesson {rest!r}" if rest else "Every lesson is done"
                self.console.say(f"{none}: type a number of the list, or an id.")
            elif name == "record":
                self.record()
            else:
                self.console.say(HELP if name == "help" else f"There is no :{name} here.\n{HELP}")

    def overview(self) -> Overview:
        """The learner's record as it stands. Raises JournalError."""
        return self.desk.overview(datetime.now().astimezone())

    def review(self) -> None:
        """Bet again on the first surprise that is due; the list then says how many are left."""
        due = self.overview().due
        if not due:
            self.console.say(NOTHING_DUE)
            return
        try:
            old, session = due[0].bet, self.desk.review(due[0])
        except KeyError as gone:
            self.console.say(gone.args[0])
            return
        with suppress(Leave):
            self._taking(session).to_its_end()
        if session.decided:
            self.console.say(f"Then: {old.said.rstrip('.')}, {old.confidence} %; it was: {old.truth.rstrip('.')}.")
        else:
            self.console.say(STAYS_DUE)

    def _taking(self, session: Session) -> Taking:
        return Taking(session, self.desk.voice, self.machine, self.console)

    def record(self) -> None:
        """How it stands, in words and as the text of each figure."""
        of = self.overview()
        self.console.say(of.words)
        for figure in of.figures():
            self.console.show(f"\n{figure.text(WIDTH)}")
        if next_ := self.desk.suggestion(of):
            self.console.say(f"\nNext: {next_.kind}, {next_.words}: {next_.why}.")

    def find(self, typed: str) -> Lesson | None:
        """The lesson of this number in the list, or of this id."""
        places = [place for area in self.desk.board().areas for place in area.places]
        numbered = {str(n): place.id for n, place in enumerate(places, 1)}
        return self.desk.course.lesson(numbered.get(typed, typed))

    def offered(self) -> Lesson | None:
        """The lesson that the map offers."""
        place = self.desk.board().go_on
        return self.desk.course.lesson(place.id) if place else None
