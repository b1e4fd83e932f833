"""The list of lessons, and the way into one and back."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime

from tutor.board import Board, Map
from tutor.course import Course
from tutor.course.format import Lesson
from tutor.dialogue.voice import Voice
from tutor.journal.store import Store
from tutor.plain.commands import WIDTH
from tutor.plain.console import Console, Quit, command_of
from tutor.plain.lesson import Again, Leave, Taking
from tutor.plain.machine import Machine
from tutor.record.next import suggestion
from tutor.record.overview import Overview, overview
from tutor.record.review import ReviewSession
from tutor.record.surprises import NOTHING_DUE
from tutor.session import Session
from tutor.settings import Settings

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

    def __init__(
        self, settings: Settings, course: Course, store: Store, voice: Voice, machine: Machine, console: Console
    ):
        self.settings, self.course, self.store = settings, course, store
        self.voice, self.machine, self.console = voice, machine, console
        self._in: str = ""
        self._map = Map(course, store)

    @property
    def here(self) -> str:
        """What the command line says to come back here: ` LESSON`, or nothing."""
        return f" {self._in}" if self._in else ""

    def stay(self, lesson: str | None) -> None:
        """Take this lesson first, if one is given. Raises what ends the program."""
        for notice in self.store.notices:
            self.console.say(notice)
        if found := self.course.lesson(lesson or ""):
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
            session = Session(lesson, self.store, self.settings.model)
            if (again and session.resumed) or session.passed_by:
                session.restart(self.settings.model)
            if words := session.goes_on_with(self.settings.model):
                self.console.say(f"{words} :again takes it again with {self.settings.model}.")
            try:
                Taking(session, self.voice, self.machine, self.console).to_its_end()
            except Again:
                again = True
            except Leave:
                break
        self._in = ""

    def list(self) -> None:
        """The lessons, a line each."""
        say = self.console.say
        number = 0
        for area in self.board().areas:
            say()
            say(f"{area.title}. {area.about}".rstrip(". ") + ".")
            for place in area.places:
                number += 1
                how_far = f"at {place.words}" if place.words.startswith("step ") else place.words
                say(f"{number}  {place.title} ({place.id}): {how_far}, {place.minutes} min")
        if due := len(self.overview().due):
            say(f"{due} due again, where you were sure and something else happened. :due bets on it again")
        if self.course.unread:
            say(self.course.unread)
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

    def board(self) -> Board:
        """The map as it stands. Raises JournalError."""
        return self._map.board()

    def overview(self) -> Overview:
        """The learner's record as it stands. Raises JournalError."""
        now = datetime.now().astimezone()
        return overview(self.store.record(), self.course.lessons, now, self.settings.reviews_per_day)

    def review(self) -> None:
        """Bet again on the first surprise that is due; the list then says how many are left."""
        due = self.overview().due
        lesson = self.course.lesson(due[0].bet.lesson) if due else None
        if lesson is None:
            self.console.say(NOTHING_DUE)
            return
        old = due[0].bet
        session = ReviewSession(lesson, due[0], self.store, self.settings.model)
        with suppress(Leave, Again):
            Taking(session, self.voice, self.machine, self.console).to_its_end()
        if session.decided:
            self.console.say(f"Then: {old.said.rstrip('.')}, {old.confidence} %; it was: {old.truth.rstrip('.')}.")
        else:
            self.console.say("Not bet on; it stays due.")

    def record(self) -> None:
        """How it stands, in words and as the text of each figure."""
        of = self.overview()
        self.console.say(of.words)
        for figure in of.figures():
            self.console.show(f"\n{figure.text(WIDTH)}")
        if next_ := suggestion(of, self.course.lessons, self.store.progress()):
            self.console.say(f"\nNext: {next_.kind}, {next_.words}: {next_.why}.")

    def find(self, typed: str) -> Lesson | None:
        """The lesson of this number in the list, or of this id."""
        places = [place for area in self.board().areas for place in area.places]
        numbered = {str(n): place.id for n, place in enumerate(places, 1)}
        return self.course.lesson(numbered.get(typed, typed))

    def offered(self) -> Lesson | None:
        """The lesson that the map offers."""
        place = self.board().go_on
        return self.course.lesson(place.id) if place else None
