"""What the command palette offers: everything, by name."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from typing import TYPE_CHECKING, Any

from textual.app import SystemCommand
from textual.command import CommandList, CommandPalette, Hit, Hits
from textual.content import Content
from textual.screen import Screen
from textual.system_commands import SystemCommandsProvider
from textual.widgets import Input

if TYPE_CHECKING:
    from tutor.ui.app import TutorApp
    from tutor.ui.screens.page import Page


class Palette(CommandPalette):
    """That of Textual 8.2, for quick hands. Each of these would end the program: a letter that comes as it closes and a search
    that begins then, as the list is gone; one that opens while another closes, as it would have the same id (ours has none);
    turning a page in a window where not one line of the list can be seen."""

    def on_mount(self) -> None:
        if self.app.animation_level == "none":  # no cursor blinks; our own fields see to that themselves
            self.query_one(Input).cursor_blink = False

    def _gather_commands(self, search_value: str) -> Any:
        if self not in self.app.screen_stack:
            return None
        search = super()._gather_commands(search_value)
        search.exit_on_error = False
        return search

    def _action_command_list(self, action: str) -> None:
        if any(found.scrollable_content_region.area for found in self.query(CommandList)):
            super()._action_command_list(action)


class Commands(SystemCommandsProvider):
    """Finds a command by its name, and after those by what it says it does. Textual looks at the names alone."""

    async def search(self, query: str) -> Hits:
        matcher, words = self.matcher(query), query.lower().split()
        for name, does, callback, discover in self.app.get_system_commands(self.screen):
            if (match := matcher.match(name)) > 0:
                yield Hit(match, matcher.highlight(name), callback, help=does)
            elif discover and words and all(word in does.lower() for word in words):
                yield Hit(LAST, Content(name), callback, help=does)


LAST = 1e-3
"""The score of what is found by its description: after every name."""


def commands(app: TutorApp, screen: Screen[Any]) -> Iterable[SystemCommand]:
    """The commands for the screen under the palette. Single words of the field are found by their names only."""
    from tutor.dialogue.terms import terms
    from tutor.ui import pages

    if app.desk is not None:
        from tutor.ui.screens.lesson import LessonScreen

        if isinstance(screen, LessonScreen):
            yield from _lesson(screen)
        if app.overview:
            due = len(app.overview.due)
            if due:
                words = "Bet again on what you were sure of and wrong about"
                yield SystemCommand(f"{due} due again", words, app.show_reviews)
            yield SystemCommand("My record", "Calibration, Brier score, concepts, surprises", app.show_record)
        yield SystemCommand("Note", "An open question, what worked, what did not", app.action_note)
        yield SystemCommand("My notes", "Takeaways, surprises, questions", app.action_notes)
        yield SystemCommand("Search", "In what you wrote, the tutor said, the runs gave", app.action_search)
        for area in board.areas if (board := app.board()) else ():
            for place in area.places:
                after = f", after {', '.join(place.first)}" if place.first else ""
                words = f"{place.words}, {place.minutes} min{after}"
                yield SystemCommand(f"{place.sign} {place.title}", words, partial(app.open_lesson, place.id))
    yield SystemCommand(
        "Words of the field", "Token, logit, residual stream and what else there is", partial(_page, app, pages.words)
    )
    for term in terms():
        for name in (term.term, *term.also):
            yield SystemCommand(
                f"Word: {name}", term.says, partial(_page, app, partial(pages.word, term)), discover=False
            )
    yield SystemCommand("Theme", "Choose other colours", app.action_change_theme)
    yield SystemCommand("Help", "Keys, signs, how it goes, where the files are", app.action_help)
    yield SystemCommand("Quit", "What you typed is kept", app.action_quit)


def _page(app: TutorApp, page: Callable[[], Page]) -> None:
    app.push_screen(page())


TWEAK = (
    ("Undo", "The parameters before the last change", "undo"),
    ("Reset", "The lesson's own parameters", "reset"),
    ("All parameters", "Show all parameters of the experiment, or fewer", "all"),
)


def _lesson(screen: LessonScreen) -> Iterable[SystemCommand]:
    if screen.session.state.at is not None:
        yield SystemCommand("Skip the step", "It is noted as skipped", screen.action_skip)
    yield SystemCommand("Figure", "To the figure and back", screen.action_swap)
    yield SystemCommand("Copy", "Copy what the tutor said last", screen.action_copy)
    yield SystemCommand("Code", "Read the code of the experiment", screen.action_code)
    if screen.tweaking:
        for words, does, what in TWEAK:
            yield SystemCommand(words, does, partial(screen.action_tweak, what))
    yield SystemCommand("What you tried", "The history of tweaks: open, compare, take over", screen.action_tries)
    yield SystemCommand("Model", "What is known of the model", screen.action_model)
    yield SystemCommand("Home", "To the map of all lessons", screen.action_home)


if TYPE_CHECKING:
    from tutor.ui.screens.lesson import LessonScreen
