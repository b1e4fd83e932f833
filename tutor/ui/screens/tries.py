"""The history of a lesson's tweaks: one try or two compared, with their figures. Over whatever is on the screen."""

from __future__ import annotations

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from engine.figures import Figure, stored, visible
from tutor.compare import compare
from tutor.history import Try, tries
from tutor.state import State
from tutor.ui import pages
from tutor.ui.figures import FigurePanel
from tutor.ui.keymap import hint
from tutor.ui.screens.closing import Closing
from tutor.ui.themes import MUTED
from tutor.ui.widgets.header import Header
from tutor.ui.widgets.keys import Keys
from tutor.ui.widgets.listed import Listed
from tutor.ui.widgets.tries import rows_of


class List(Listed):
    """The tries, a line each."""

    BINDINGS = [
        Binding("j", "cursor_down", "down", show=False, id="move.down"),
        Binding("k", "cursor_up", "up", show=False, id="move.up"),
        Binding("space", "screen.compare", "compare", show=True, key_display="space", id="tries.compare"),
        Binding("enter", "select", "take its parameters", show=True),
    ]


class TriesScreen(Closing[Try | None], ModalScreen[Try | None]):
    """Dismissed with the try whose parameters are to be put into the form, or with None."""

    DEFAULT_CSS = """
    TriesScreen { background: $background; }
    TriesScreen > List {
        height: auto; max-height: 30%; border: none; padding: 1 1 0 1; background: $background;
        background-tint: $background 0%; scrollbar-size-vertical: 1; scrollbar-gutter: stable;
    }
    TriesScreen > List:focus { border: none; background-tint: $background 0%; }
    TriesScreen > #says { height: auto; padding: 0 2; color: $foreground 65%; }
    TriesScreen > FigurePanel { height: 1fr; padding: 1 2; }
    """

    BINDINGS = [
        Binding("escape,f2,q", "close", "lesson", show=True, id="tries.close"),
        Binding("tab,shift+tab", "swap", "figure", show=True, priority=True, id="tries.figure"),
        Binding("n,right_square_bracket", "turn(1)", "next figure", show=False, id="figure.next"),
        Binding("p,left_square_bracket", "turn(-1)", "previous figure", show=False, id="figure.previous"),
        Binding("t", "table", "table", show=False, id="figure.table"),
    ]

    def __init__(self, state: State, at: int = -1, takes: str | None = None):
        """`at`: which try is shown first. `takes`: the run whose parameters a form waits for, if one does."""
        super().__init__()
        self._state, self.tries, self._takes = state, tries(state), takes
        self._at = at % len(self.tries) if self.tries else 0
        self._marked: int | None = None
        self._seen: dict[tuple[int, int | None], list[Figure]] = {}
        self.list, self.panel = List(id="tries"), FigurePanel(id="figures")

    def compose(self) -> ComposeResult:
        yield Header(id="where")
        yield self.list
        yield Static(id="says")
        yield self.panel
        yield Keys()

    def fill(self) -> None:
        self.query_one(Header).show("What you tried", [(self._state.lesson.title, MUTED)], [])
        self.list.focus()

    def on_resize(self) -> None:
        self.call_after_refresh(self._draw)

    @property
    def here(self) -> Try | None:
        """The try under the cursor."""
        return self.tries[self._at] if self.tries else None

    # --- what it looks like -------------------------------------------------------------------------------------------

    def _draw(self) -> None:
        """The list anew: another width, or another mark."""
        width = max(30, self.list.scrollable_content_region.width)
        at = self._at
        self.list.clear_options()
        marked = self.tries[self._marked] if self._marked is not None else None
        self.list.add_options([Option(row) for row in rows_of(self.tries, width, marked)])
        self.list.highlighted = at
        self._show()

    def _show(self) -> None:
        """The figures of the try under the cursor, or of it beside the marked one."""
        if self.here is None:
            return
        other = self._marked if self._marked not in (None, self._at) else None
        key = (self._at, other)
        if key not in self._seen:
            if other is None:
                found = [figure for figure in stored(self.here.result.get("figures")) if figure is not None]
            else:
                first, last = sorted((self._at, other))
                found = compare(self.tries[first], self.tries[last])
            self._seen[key] = found
        self.panel.show_figures(self._seen[key])
        self.query_one("#says", Static).update(Content(self._words(other)))

    def _words(self, other: int | None) -> str:
        if other is not None:
            first, last = sorted((self._at, other))
            keys = hint(self.app, "{figure.next|n} shows their figures, {tries.compare|space} on ◆ ends it.")
            return f"{self.tries[first].name} and {self.tries[last].name} compared. {keys}"
        if self._marked is not None:
            return f"◆ {self.tries[self._marked].name} is marked: choose what to compare it with."
        one = self.here
        return visible(" · ".join(part for part in (one.what, one.bet) if part)) if one else ""

    # --- keys ---------------------------------------------------------------------------------------------------------

    @on(OptionList.OptionHighlighted)
    def _moved(self, event: OptionList.OptionHighlighted) -> None:
        if event.option_index != self._at:
            self._at = event.option_index
            self._show()

    @on(OptionList.OptionSelected)
    def _taken(self) -> None:
        one = self.here
        if one is not None and one.run == self._takes:
            self.dismiss(one)
        else:
            self.notify("Parameters can be taken while the lesson asks for a tweak of this run.", timeout=3)

    def action_compare(self) -> None:
        """Mark the try under the cursor, to be held beside another; again, and it is not marked any more. Beside a marked
        one it is compared already, and stays so."""
        if self._marked is None:
            self._marked = self._at
        elif self._marked == self._at:
            self._marked = None
        self._draw()

    def action_swap(self) -> None:
        if self.panel.has_focus_within:
            self.list.focus()
        else:
            self.panel.focus()

    def action_turn(self, by: int) -> None:
        self.panel.action_turn(by)

    def action_table(self) -> None:
        self.panel.action_form("table")

    def action_close(self) -> None:
        self.dismiss(None)

    @on(FigurePanel.CodeWanted)
    def _code(self) -> None:
        if self.here and self.app.screen is self:
            self.app.push_screen(pages.code_of(self.here.experiment))

    def key_words(self) -> dict[str, str]:
        """What tab does just now, and enter: there may be no form to take the parameters."""
        now = {"swap": "list" if self.panel.has_focus_within else "figure"}
        return now if self._takes else now | {"select": ""}
