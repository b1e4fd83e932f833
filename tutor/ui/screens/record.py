"""The learner's record: how sure and how often right, the Brier score over time, concepts, surprises. Each a figure."""

from __future__ import annotations

from collections.abc import Iterator

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Static

from tutor.record.days import calendar
from tutor.record.next import Suggestion
from tutor.record.overview import Overview
from tutor.record.surprises import next_day
from tutor.ui.figures import FigurePanel
from tutor.ui.screens.closing import Closing
from tutor.ui.themes import MUTED
from tutor.ui.widgets.header import Header
from tutor.ui.widgets.keys import Keys

VERBS = {"review": "", "go on": "go on with ", "begin": "begin with ", "again": "take again "}


class RecordFigures(FigurePanel):
    """Figures that no experiment has made: there is no code to show."""

    def _actions(self) -> Iterator[str]:
        yield from (action for action in super()._actions() if action != "code")


class RecordScreen(Closing[Suggestion]):
    """Shows an `Overview`. Dismissed with the suggestion where the learner follows it."""

    DEFAULT_CSS = """
    RecordScreen > #words { height: auto; padding: 1 2 0 2; max-width: 104; }
    RecordScreen > VerticalScroll { height: 1fr; padding: 1 2; scrollbar-size-vertical: 1; }
    RecordScreen.-low > #words { padding: 0 2; }
    """
    VERTICAL_BREAKPOINTS = [(0, "-low"), (24, "-tall")]

    BINDINGS = [
        Binding("escape,q", "close", "close", show=True, id="page.close"),
        Binding("enter", "follow", "take it up", show=True),
    ]

    def __init__(self, overview: Overview, suggestion: Suggestion | None):
        super().__init__()
        self._overview, self._suggestion = overview, suggestion

    def compose(self) -> ComposeResult:
        yield Header(id="where")
        yield Static(self._words(), id="words")
        with VerticalScroll(can_focus=False):
            panel = RecordFigures(figures := self._overview.figures(), id="figures")
            panel.display = bool(figures)
            yield panel
        yield Keys(id="keys")

    def fill(self) -> None:
        cards, due = len(self._overview.cards), len(self._overview.due)
        right = [(f"{cards} surprise{'s' if cards != 1 else ''}, {due} due", MUTED)] if cards else []
        self.query_one(Header).show("My record", [], right)
        self.call_after_refresh(self.query_one(RecordFigures).focus)

    def _words(self) -> Content:
        """How it stands, and what could come next."""
        of, next_ = self._overview, self._suggestion
        parts = [Content(of.words)]
        later = next_day(of.cards, of.now)
        if not of.due and later:
            parts.append(Content.styled(f"The next surprise comes again on {calendar(later, of.now)}.", MUTED))
        if next_:
            what = f"{VERBS[next_.kind]}{next_.words}"
            parts.append(Content.assemble(("next  ", MUTED), (what, "$accent"), (f"   {next_.why}", MUTED)))
        return Content("\n").join(parts)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        return self._suggestion is not None if action == "follow" else True

    def action_follow(self) -> None:
        self.dismiss(self._suggestion)

    def action_close(self) -> None:
        self.dismiss()
