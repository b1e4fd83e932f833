"""Pages to read: the code of a lesson's experiment, what is known of its model, the words of the field."""

from __future__ import annotations

from pathlib import Path

from textual.content import Content

from engine.experiments import experiment
from engine.protocol import ModelInfo
from tutor.dialogue.terms import Term, terms
from tutor.state import State
from tutor.ui import lines
from tutor.ui.screens.page import CodePage, Page
from tutor.ui.themes import MUTED


def code(state: State) -> Page | None:
    """The file of the experiment that was run or will be; None where the lesson runs none."""
    return code_of(state.experiment) if state.experiment else None


def code_of(name: str) -> Page:
    """The file of the experiment of this name."""
    found = experiment(name)
    where = "/".join(Path(found.path).parts[-3:])  # below the folder of the program, which is no matter here
    return CodePage(found.title, Content(found.source), where, lambda: coloured(found.source))


def model(name: str, info: ModelInfo | None) -> Page:
    """What the engine says of the loaded model."""
    return Page(name, Content(lines.model(info)))


def words() -> Page:
    """The words of the field and what they mean."""
    return Page("Words of the field", Content("\n").join(_entry(term) for term in terms()))


def word(term: Term) -> Page:
    """One of them."""
    return Page(term.term, _entry(term))


def _entry(term: Term) -> Content:
    return Content.assemble((term.term, "bold"), *_others(term), "\n", term.says, "\n")


def _others(term: Term) -> list[tuple[str, str]]:
    return [(f"   {', '.join(term.also)}", MUTED)] if term.also else []


def coloured(source: str) -> Content:
    """Python with its colours."""
    from tutor.ui.code import coloured

    return coloured(source)
