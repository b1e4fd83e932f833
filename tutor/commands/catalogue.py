"""`llmw-tutor lessons` and `llmw-tutor experiments`: what there is."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from typing import TYPE_CHECKING

from engine.experiments import Experiment, catalogue
from engine.figures import columns, visible
from tutor.board import Map, board
from tutor.commands import Unknown, say, table, unknown
from tutor.commands.run import find, unit_of
from tutor.journal.errors import JournalError
from tutor.journal.store import Store

if TYPE_CHECKING:
    from tutor.settings import Settings


def lessons(settings: Settings) -> int:
    """List the course with the learner's progress. Exit 1 if a lesson could not be read."""
    from tutor.course import load_course

    course = load_course(settings.lessons)
    try:
        with Store.read(settings.home, settings.learner) as store:
            areas = Map(course, store).board().areas
    except JournalError as error:
        print(visible(str(error)), file=sys.stderr)
        areas = board(course, {}, {}).areas
    for area in areas:
        rows = [[f"{p.sign} {p.words}", p.id, p.title, f"{p.minutes} min"] for p in area.places]
        say(f"{area.title}\n" + "\n".join(f"  {line}" for line in columns([""] * 4, rows).split("\n")[1:]) + "\n")
    for problem in course.problems:
        print(visible(str(problem)), file=sys.stderr)
    return 1 if course.problems else 0


def find_lesson(name: str, settings: Settings, beside: Iterable[str]) -> None:
    """Raises Unknown, with the ids that come near, if there is no such lesson. `beside`: what else may have been meant."""
    from tutor.course import load_course

    course = load_course(settings.lessons)
    ids = [lesson.id for lesson in course.lessons]
    if name not in ids:
        error = unknown("lesson or command", name, [*beside, *ids])
        raise Unknown(f"{error}. {course.unread}") if course.unread else error


def experiments(name: str | None) -> int:
    """List the experiments, or show one whole."""
    if name is not None:
        say(page(find(name)))
        return 0
    every = catalogue()
    say(columns(["experiment", "what it shows"], [[e.name, e.title] for e in every]))
    say("\nllmw-tutor experiments NAME shows its parameters and facts; llmw-tutor run NAME runs it.")
    return 0


def page(of: Experiment) -> str:
    """One experiment: what it shows, its parameters with ranges and defaults, its facts with units, its code."""
    ranges = of.ranges()
    parameters = [
        [n, ranges[n], "must be set" if f.is_required() else default(f.default), f.description or ""]
        for n, f in of.parameters.model_fields.items()
    ]
    facts = [[n, unit_of(f), f.description or ""] for n, f in of.facts.model_fields.items()]
    return "\n\n".join(
        [
            f"{of.name}: {of.title}",
            of.about,
            table(["parameter", "range", "default", "what it is"], parameters),
            table(["fact", "unit", "what it is"], facts),
            f"needs: {', '.join(of.needs) or 'any model'}\ncode:  {of.path}",
        ]
    )


def default(value: object) -> str:
    if value is None:
        return "–"
    return str(value).lower() if isinstance(value, bool) else str(value)
