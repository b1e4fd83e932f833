"""The map: where to go on, the units with their lessons, what is done. It paints at once and fills in."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.cells import cell_len, set_cell_size
from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.content import Content
from textual.message import Message
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from tutor.board import Area, Board, Place
from tutor.ui.screens.confirm import AGAIN, Confirm
from tutor.ui.screens.told import Told
from tutor.ui.themes import MUTED
from tutor.ui.widgets.header import Header
from tutor.ui.widgets.keys import Keys
from tutor.ui.widgets.listed import Listed

if TYPE_CHECKING:
    from tutor.record.mastery import Known
    from tutor.record.overview import Overview

GO_ON, REVIEW, RECORD = "go-on", "review", "record"
WORDS, MINUTES = 14, 9
"""Cells of the two columns on the right."""


class LessonWanted(Message):
    """A lesson is to be opened; `again` from its first step."""

    def __init__(self, lesson: str, again: bool = False):
        super().__init__()
        self.lesson, self.again = lesson, again


class ReviewWanted(Message):
    """The surprises that are due are to be bet on again."""


class RecordWanted(Message):
    """The learner's record is to be shown."""


class HomeScreen(Told[None]):
    """Shows a `Board`, and says which lesson is wanted."""

    BINDINGS = [
        Binding("j", "move(1)", "down", show=False, id="move.down"),
        Binding("k", "move(-1)", "up", show=False, id="move.up"),
        Binding("d", "review", "due", show=True, id="home.review"),
        Binding("r", "again", "again", show=True, id="home.again"),
        Binding("m", "record", "record", show=True, id="home.record"),
        Binding("n", "app.notes", "notes", show=True, id="home.notes"),
        Binding("s", "app.search", "search", show=True, id="home.search"),
        Binding("slash", "app.command_palette", "palette", show=True, key_display="/", id="home.palette"),
        Binding("question_mark", "app.help", "help", show=True, key_display="?", id="home.help"),
        Binding("q", "app.quit", "quit", show=True, id="home.quit"),
    ]

    def __init__(self) -> None:
        super().__init__()
        self.board: Board | None = None
        self.overview: Overview | None = None
        self._notices: list[str] = []
        self._unread = ""
        # Held and not looked up: what a thread has read may come when the program is on its way out and the parts are gone.
        self.where, self.map = Header(id="where"), Map(id="map")
        self.about, self.notices = Static(id="about"), Static(id="notices")

    def compose(self) -> ComposeResult:
        yield self.where
        yield self.map
        yield self.about
        yield self.notices
        yield Keys(id="keys")

    def on_mount(self) -> None:
        self.where.show("llmw-tutor", [("predict, run, explain", MUTED)], [])
        self.notices.display = False
        self.map.focus()

    def show(self, board: Board, learner: str, unread: str) -> None:
        """Fill the map in, or again after a lesson; the cursor stays on its line."""
        self.board, self._unread = board, unread
        right = [] if learner == "me" else [(learner, MUTED)]
        self.where.show("llmw-tutor", [("predict, run, explain", MUTED)], right)
        self._lay_out()
        self._say()

    def show_record(self, overview: Overview) -> None:
        """What is due again, and how well each concept is known. It comes a moment after the map."""
        self.overview = overview
        self.refresh_bindings()
        self._lay_out()
        self._say()

    def notice(self, sentence: str) -> None:
        """Something the learner should know, in a line of its own."""
        from engine.figures import visible  # here, since it brings pydantic, and the first paint waits for nothing slow

        self._notices += map(visible, sentence.split("\n"))  # it may hold an engine's last words
        self._say()

    @property
    def here(self) -> Place | None:
        """The lesson under the cursor."""
        if self.board is None or self.map.highlighted is None:
            return None
        id = self.map.get_option_at_index(self.map.highlighted).id
        return self.board.go_on if id == GO_ON else self.board.place(id or "")

    # --- what it looks like -------------------------------------------------------------------------------------------

    def _rows(self, board: Board) -> list[Option]:
        width = max(40, self.map.scrollable_content_region.width - 2)
        rows: list[Option] = []
        if board.go_on:
            verb = "go on with" if board.go_on.state == "begun" else "begin with"
            rest = f"   {board.go_on.words}" if board.go_on.state == "begun" else ""
            text = Content.assemble((f"{verb}  ", MUTED), (board.go_on.title, "bold $accent"), (rest, MUTED))
            rows.append(Option(text, id=GO_ON))
        elif board.areas:
            text = Content.assemble(("every lesson is done", "$accent"), ("   the record says what next", MUTED))
            rows.append(Option(text, id=RECORD))
        if self.overview and self.overview.due:
            due = len(self.overview.due)
            why = "sure, and something else happened"
            rows.append(Option(Content.assemble((f"{due} due again", "$accent"), (f"   {why}", MUTED)), id=REVIEW))
        for area in board.areas:
            rows.append(Option(Content.assemble("\n", self._heading(area, width)), disabled=True))
            rows += [Option(self._row(place, width), id=place.id) for place in area.places]
        return rows

    def _heading(self, area: Area, width: int) -> Content:
        """A unit: its title, what it is about, and how well its concepts are known."""
        known = self._known(tuple(c for place in area.places for c in place.concepts))
        begun = any(
            place.state in ("done", "begun") for place in area.places
        )  # its concepts may be those of other units as well
        mark = f"{known.bar} {known.word}" if known and known.n and begun else ""
        about = f"   {area.about}" if area.about else ""
        room = width - cell_len(area.title) - (cell_len(mark) + 3 if mark else 0)
        if cell_len(about) > room:
            about = set_cell_size(about, max(0, room - 1)).rstrip() + "…"
        gap = " " * (width - cell_len(area.title) - cell_len(about) - cell_len(mark)) if mark else ""
        return Content.assemble((area.title, "bold"), (about + gap, MUTED), (mark, MUTED))

    def _known(self, concepts: tuple[str, ...]) -> Known | None:
        """How well these concepts are known together; None until the record was read."""
        if self.overview is None:
            return None
        from tutor.record.mastery import together

        return together("", concepts, self.overview.known)

    def _concept(self, name: str) -> str:
        known = self.overview.known.get(name) if self.overview else None
        return f"{name} ({known.word})" if known and known.n else name

    def _row(self, place: Place, width: int) -> Content:
        room = width - WORDS - MINUTES - 3
        title = place.title
        first = f"  after {', '.join(place.first)}" if place.first else ""
        if cell_len(title) > room:
            title = set_cell_size(title, room - 1).rstrip() + "…"
        first = "" if cell_len(title) + cell_len(first) > room else first
        gap = room - cell_len(title) - cell_len(first)
        return Content.assemble(
            (f"{place.sign}  ", "$accent" if place.state in ("done", "begun") else MUTED),
            title,
            (first + " " * gap, MUTED),
            (f"{place.words:>{WORDS}}{place.minutes:>{MINUTES - 4}} min", MUTED),
        )

    @on(OptionList.OptionHighlighted)
    def _say(self) -> None:
        """What is known of the lesson under the cursor, and the notices."""
        place, parts = self.here, []
        if place:
            parts.append(", ".join(self._concept(c) for c in place.concepts))
            parts.append(f"difficulty {place.difficulty} of 5")
            if place.first:
                parts.append(f"better after {', '.join(place.first)}")
        self.about.update(Content(" · ".join(parts)))
        notices = [*self._notices, *([self._unread] if self._unread else [])]
        self.notices.update(Content("\n".join(notices)))
        self.notices.display = bool(notices)

    def on_resize(self, event: events.Resize) -> None:
        if self.board:
            self.call_after_refresh(self._lay_out)

    def _lay_out(self) -> None:
        if self.board is None:
            return
        before = self.map.highlighted_option
        self.map.clear_options()
        self.map.add_options(self._rows(self.board))
        places = {option.id: row for row, option in enumerate(self.map.options) if option.id}  # a heading has none
        here = before.id if before and before.id in places else next(iter(places), None)
        self.map.highlighted = places[here] if here else None

    # --- what can be done ---------------------------------------------------------------------------------------------

    @on(OptionList.OptionSelected)
    def _open(self, event: OptionList.OptionSelected) -> None:
        if event.option.id == REVIEW:
            self.post_message(ReviewWanted())
        elif event.option.id == RECORD:
            self.post_message(RecordWanted())
        elif self.here:
            self.post_message(LessonWanted(self.here.id))

    def action_move(self, step: int) -> None:
        self.map.action_cursor_down() if step > 0 else self.map.action_cursor_up()

    def action_again(self) -> None:
        """Take the lesson under the cursor from its first step, after asking."""
        place = self.here
        if place is None:
            return
        if place.state in ("new", "skipped"):
            self.post_message(LessonWanted(place.id))
            return

        def answered(yes: bool | None) -> None:
            if yes:
                self.post_message(LessonWanted(place.id, again=True))

        self.app.push_screen(Confirm(AGAIN.format(place.title), "take it again"), answered)

    def action_review(self) -> None:
        self.post_message(ReviewWanted())

    def action_record(self) -> None:
        self.post_message(RecordWanted())

    def key_words(self) -> dict[str, str]:
        """`due` is named where something is; the key says so itself where nothing is."""
        return {} if self.overview and self.overview.due else {"review": ""}


class Map(Listed):
    """The list of lessons."""

    BINDINGS = [Binding("enter", "select", "open", show=True)]
