"""The doors between the screens: which is opened, over which, and what happens when it is closed."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from textual import on, work
from textual.app import App
from textual.message import Message

from tutor.journal.errors import JournalError
from tutor.ui.screens.home import HomeScreen, LessonWanted, RecordWanted, ReviewWanted

if TYPE_CHECKING:
    from tutor.board import Board, Place
    from tutor.record.next import Suggestion
    from tutor.record.overview import Overview
    from tutor.record.surprises import Surprise
    from tutor.settings import Settings
    from tutor.ui.bench import Bench
    from tutor.ui.desk import Desk
    from tutor.ui.screens.found import PlaceWanted


class RecordRead(Message):
    """The learner's record, as it stands; `wanted` for what: `record` to show it, `review` to bet again on what is due."""

    def __init__(self, overview: Overview, wanted: str):
        super().__init__()
        self.overview, self.wanted = overview, wanted


class Doors(App[int]):
    """The part of the program that knows the screens. The map is always the lowest of them."""

    settings: Settings
    home: HomeScreen
    desk: Desk | None
    bench: Bench | None
    overview: Overview | None = None
    _awaited = ""
    """The door that was asked for and waits for the record: asked for twice, it opens once."""
    _unkept = ""
    """Why what is typed could not be kept, as it was said last."""

    def note_crash(self, error: BaseException) -> Path | None:
        raise NotImplementedError

    def stays_for(self, problem: str) -> bool:
        """Whether a screen is not to be left yet: what is typed on it cannot be kept (`problem`), and nobody said so."""
        stays = problem not in ("", self._unkept)
        self._unkept = problem
        if stays:
            words = f"What you typed is not kept: {problem} The same key once more leaves without it."
            self.notify(words, severity="error", timeout=8, markup=False)
        return stays

    def say_why(self, problem: str) -> None:
        """Why nothing opened, where the learner is: on the map in a line that stays."""
        if self.screen is self.home:
            self.home.notice(problem)
        else:
            self.notify(problem, severity="error", timeout=8, markup=False)

    def board(self) -> Board | None:
        """The map as it stands; as it was shown last, where the journal cannot be read just now."""
        try:
            return self.desk.board() if self.desk else None
        except JournalError:
            return self.home.board

    def show_board(self) -> None:
        if self.desk:
            try:
                board = self.desk.board()
            except JournalError as error:
                self.home.notice(str(error))
                return
            self.home.show(board, self.settings.learner, self.desk.course.unread)
            self._read_record()

    @work(thread=True, group="record", exit_on_error=False)
    def _read_record(self, wanted: str = "") -> None:
        """Beside a map that is there already: the more was done, the longer it takes."""
        assert self.desk is not None
        try:
            self.post_message(RecordRead(self.desk.overview(datetime.now().astimezone()), wanted))
        except JournalError as error:
            self.call_later(self.home.notice, f"Your record could not be read. {error}")
        except Exception as error:  # the map does without
            self.note_crash(error)
            self.call_later(self.home.notice, "Your record could not be read; your lessons are all there.")

    def _wait_for(self, door: str) -> None:
        self._awaited = door
        self._read_record(door)

    @on(RecordRead)
    def _record_read(self, message: RecordRead) -> None:
        self.overview = message.overview
        self.home.show_record(message.overview)
        if not message.wanted or message.wanted != self._awaited:
            return
        self._awaited = ""
        if message.wanted == "record":
            self._open_record(message.overview)
        else:
            self.open_review(message.overview.due)

    @on(LessonWanted)
    def _lesson_wanted(self, message: LessonWanted) -> None:
        self.open_lesson(message.lesson, message.again)

    def open_lesson(self, id: str, again: bool = False, place: int | None = None) -> None:
        """Show the lesson, in place of another that may be open; at the event `place` of the journal if that is given."""
        from tutor.ui.screens.lesson import LessonScreen

        assert self.desk is not None
        assert self.bench is not None
        try:
            session = self.desk.session(id, again)
            known = list(self.desk.store.taking(id))
        except (KeyError, JournalError) as error:
            self.say_why(str(error.args[0]))
            return

        def closed(how: str | None) -> None:
            self.show_board()
            if how == "again":
                self.open_lesson(id, again=True)
            elif how == "next" and (after := self._follows()):
                self.open_lesson(after.id)

        screen = LessonScreen(session, self.desk.voice, self.bench, datetime.now, self._follows)
        screen.remember(known, place)
        if words := session.goes_on_with(self.settings.model):
            screen.greeting = f"{words} On the map, {{home.again|r}} takes it again with {self.settings.model}."
        while self.screen is not self.home:  # never two screens of one lesson, each with a state of its own
            self.pop_screen()
        self.push_screen(screen, closed)

    def _follows(self) -> Place | None:
        """The lesson that the map offers; None where all are done."""
        return board.go_on if (board := self.board()) else None

    @on(RecordWanted)
    def show_record(self) -> None:
        """The learner's record, as it stands now: on the map it is read already, elsewhere it is read first."""
        if self.overview and self.screen is self.home:
            self._open_record(self.overview)
        elif self.desk:
            self._wait_for("record")

    def _open_record(self, overview: Overview) -> None:
        from tutor.ui.screens.record import RecordScreen

        assert self.desk is not None
        if isinstance(self.screen, RecordScreen):
            return

        def closed(next_: Suggestion | None) -> None:
            if next_:
                self.open_lesson(next_.lesson) if next_.lesson else self.open_review(overview.due)

        suggestion = None
        with suppress(JournalError):
            suggestion = self.desk.suggestion(overview)
        self.push_screen(RecordScreen(overview, suggestion), closed)

    @on(ReviewWanted)
    def show_reviews(self) -> None:
        """On the map the record is read already, or a moment later; elsewhere it may have changed since."""
        if self.overview and self.screen is self.home:
            self.open_review(self.overview.due)
        elif self.desk:
            self._wait_for("review")

    def open_review(self, due: Sequence[Surprise]) -> None:
        """The first of these surprises, to be bet on again; then, if the learner likes, the others."""
        from tutor.record.surprises import NOTHING_DUE
        from tutor.ui.screens.review import ReviewScreen

        if not due or self.desk is None or self.bench is None:
            self.notify(NOTHING_DUE, timeout=4)
            return
        card, *others = due
        try:
            session = self.desk.review(card)
            known = list(self.desk.store.taking(session.lesson.id))
        except (KeyError, JournalError) as error:
            self.say_why(str(error.args[0]))
            return

        def closed(how: str | None) -> None:
            self.show_board()
            if how == "next":
                self.open_review(others)
            elif how == "lesson":
                self.open_lesson(card.bet.lesson)

        screen = ReviewScreen(session, self.desk.voice, self.bench, datetime.now, len(others))
        screen.remember(known)
        while self.screen is not self.home:  # as for a lesson: never two screens of one
            self.pop_screen()
        self.push_screen(screen, closed)

    def action_note(self) -> None:
        """A note, whatever is on the screen."""
        from tutor.ui import journal

        journal.note(self)

    def action_notes(self) -> None:
        from tutor.ui import journal

        journal.notes(self)

    def action_search(self) -> None:
        from tutor.ui import journal

        journal.search(self)

    def on_place_wanted(self, message: PlaceWanted) -> None:
        self.open_lesson(message.entry.lesson, place=message.entry.id)

    def action_help(self) -> None:
        from textual.content import Content

        from tutor.ui import help, keymap
        from tutor.ui.screens.page import Page

        known = keymap.actions.cache_info().currsize
        page = Page("Help", partial(help.text, self)) if known else Page("Help", Content(""), partial(help.later, self))
        self.push_screen(page)
