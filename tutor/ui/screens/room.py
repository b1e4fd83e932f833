"""The room of a lesson: the talk, the figure, one place to type; which of them is seen and where the focus is."""

from __future__ import annotations

import time

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Container, Vertical
from textual.events import Key
from textual.reactive import Reactive
from textual.widget import Widget

from engine.protocol import ModelInfo
from tutor.session import Session
from tutor.todo import RunNow
from tutor.ui import keymap, lines, pages
from tutor.ui.bench import BenchChanged, Port
from tutor.ui.drafts import Drafts
from tutor.ui.figures import FigurePanel, copy
from tutor.ui.look import Look
from tutor.ui.screens.closing import Closing
from tutor.ui.screens.confirm import AGAIN, Confirm
from tutor.ui.side import Side
from tutor.ui.widgets.composer import Composer
from tutor.ui.widgets.foot import Foot
from tutor.ui.widgets.form import Drafted, Form
from tutor.ui.widgets.header import Header
from tutor.ui.widgets.keys import Keys
from tutor.ui.widgets.talk import Talk
from tutor.ui.widgets.tries import Tries

WIDE = 100
"""From this width on the figure stands beside the talk."""


class Room(Closing[str]):
    """Layout and keys. What is asked and what is done with an answer is `LessonScreen`'s business."""

    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (WIDE, "-wide")]
    VERTICAL_BREAKPOINTS = [(0, "-low"), (24, "-tall")]
    AUTO_FOCUS = None
    focused: Reactive[Widget | None] = Reactive(None, repaint=False)
    """A change of focus draws what it changes, not the whole screen."""

    BINDINGS = [
        Binding("escape", "back", "home", show=True, id="lesson.back"),
        Binding("tab", "figure", "figure", show=True, priority=True, id="lesson.figure"),
        Binding("shift+tab", "figure_back", "back", show=False, priority=True, id="lesson.figure_back"),
        Binding("y", "copy", "copy the tutor's words", show=False, id="lesson.copy"),
        Binding("pageup", "page(-1)", "scroll up", show=False, id="lesson.page_up"),
        Binding("pagedown", "page(1)", "scroll down", show=False, id="lesson.page_down"),
    ]

    def __init__(self, session: Session, bench: Port):
        super().__init__()
        self.session, self.bench = session, bench
        self.talk, self.side, self.foot = Talk(id="talk"), Side(id="side"), Foot(id="foot")
        self.tries, self.where, self.keys = Tries(id="tries"), Header(id="where"), Keys(id="keys")
        self.beside = Vertical(id="beside")
        """What stands beside the talk: the figures, and under them the history of tweaks."""
        self.composer = self.foot.composer
        self.drafts = Drafts(session.journal, session.lesson.id)
        self._doing: object = None
        """What is asked of the learner, or done for them, just now."""
        self._at_figure = False
        """Whether the learner is at the figure: in the narrow layout it takes the talk's place."""

    def compose(self) -> ComposeResult:
        yield self.where
        with Container(id="room"):
            yield self.talk
            with self.beside:
                yield self.side
                yield self.tries
            yield self.foot
        yield self.keys

    # --- how it stands --------------------------------------------------------------------------------------------

    @on(BenchChanged)
    def _bench_changed(self) -> None:
        self.show_status()

    def show_status(self) -> None:
        """The header always; the rule as a progress bar once something takes longer than half a second."""
        status, state = self.bench.status, self.session.state
        took = time.monotonic() - status.since
        self.where.show(state.lesson.title, lines.where(state), lines.engine(status, state.model, took))
        if status.working and took > 0.5:
            right = [
                status.amount,
                keymap.hint(self.app, "{lesson.back|esc} cancels") if isinstance(self._doing, RunNow) else "",
            ]
            self.foot.progress(lines.doing(status), " · ".join(p for p in right if p), status.share)
        else:
            self.foot.no_progress()

    @property
    def _model(self) -> ModelInfo | None:
        """The lesson's model, once it is loaded."""
        return Look(self.bench, self.session.state.model).info

    # --- drafts ---------------------------------------------------------------------------------------------------

    @on(Drafted)
    def _drafted(self, event: Drafted) -> None:
        if self.foot.hears(event):
            self.drafts.note(self.session.state.at, event.field, event.text)

    def on_descendant_blur(self) -> None:
        self.drafts.keep()

    def on_unmount(self) -> None:
        self.drafts.keep()

    def watch_focused(self, focused: Widget | None) -> None:
        if self.is_mounted:
            self.side.panel.mark(focused is not None and self.side.panel in focused.ancestors)

    def on_click(self) -> None:
        """Where the talk and the figure stand side by side, the mouse goes from one to the other; the keys go along."""
        if self.focused is not None and self.size.width >= WIDE:
            self._at_figure = self.beside in self.focused.ancestors
            self.keys.refresh()

    def on_key(self, event: Key) -> None:
        """Who types at the figure, which stands where the talk was, is told where the words would go."""
        if not (self._at_figure and self.size.width < WIDE and event.is_printable and event.character != " "):
            return
        if event.key not in self.active_bindings:
            self.notify(
                keymap.hint(self.app, "Nothing is written at the figure: {lesson.figure|tab} goes back."), timeout=3
            )

    # --- where the learner is -------------------------------------------------------------------------------------

    def action_back(self) -> None:
        """Leave the figure, or go home."""
        if self._at_figure:
            self.leave_figure()
        else:
            self.action_home()

    def keep_typed(self) -> str:
        """Write down what is typed and not sent. Gives why it could not be written; mostly empty."""
        return self.drafts.keep()

    def action_home(self) -> None:
        if not self.app.stays_for(self.keep_typed()):  # type: ignore[attr-defined]
            self.dismiss("home")

    def again(self) -> None:
        """From the first step, after asking: one key too many should not open a lesson anew that is done."""

        def answered(yes: bool | None) -> None:
            if yes:
                self.call_later(take_again)  # by then the question itself is closed

        def take_again() -> None:
            self.dismiss("again")

        self.app.push_screen(Confirm(AGAIN.format(self.session.lesson.title), "take it again"), answered)

    def action_figure(self) -> None:
        """To the next field of a form, and from the last one to the figure; from the figure back."""
        form = self.foot.form
        if isinstance(form, Form) and form.has_focus_within and not form.stops[-1].has_focus:
            form.action_move(1)
        else:
            self.action_swap()

    def action_swap(self) -> None:
        """To the figure, or back from it. Where there is room for both, only the focus moves."""
        if self._at_figure:
            self.leave_figure()
        else:
            self.turn_to_figure(True)
            if self.size.width >= WIDE:
                self.side.focus_figure()
            else:
                self.call_after_refresh(self._focus_figure)

    def _focus_figure(self) -> None:
        """It is laid out now; who has left it meanwhile, with two tabs in a row, would be at what nobody sees."""
        if self._at_figure:
            self.side.focus_figure()

    def action_figure_back(self) -> None:
        form = self.foot.form
        if isinstance(form, Form) and form.has_focus_within:
            form.action_move(-1)
        else:
            self.leave_figure()

    def leave_figure(self) -> None:
        self.turn_to_figure(False)
        self.foot.take_focus()

    def turn_to_figure(self, there: bool) -> None:
        """Show what fits. By `display` and not by a class of the screen, which would style every entry of the talk anew."""
        self._at_figure = there
        wide = self.size.width >= WIDE
        for part, shows in ((self.talk, wide or not there), (self.beside, wide or there)):
            if part.display != shows:  # setting it lays the whole screen out anew, even to what it was
                part.display = shows

    def on_resize(self) -> None:
        self.turn_to_figure(self._at_figure)

    # --- other keys -----------------------------------------------------------------------------------------------

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """The letter that copies is a key only where nobody would type a word."""
        return action != "copy" or not (isinstance(form := self.foot.form, Form) and form.has_focus_within)

    def action_copy(self) -> None:
        if words := self.talk.last_said:
            copy(self.app, words)
            self.notify("Copied what the tutor said last.", timeout=2)

    @on(FigurePanel.CodeWanted)
    def _code_wanted(self) -> None:
        if self.app.screen is self:  # of keys in a burst the first has opened it
            self.action_code()

    def action_code(self) -> None:
        if page := pages.code(self.session.state):
            self.app.push_screen(page)

    def action_model(self) -> None:
        self.app.push_screen(pages.model(self.session.state.model, self._model))

    def action_page(self, direction: int) -> None:
        self.talk.page(direction)

    @on(Composer.Scrolled)
    def _scrolled(self, event: Composer.Scrolled) -> None:
        self.talk.page(event.direction)

    def key_words(self) -> dict[str, str]:
        """What keys do just now, where that changes."""
        back = "cancel" if isinstance(self._doing, RunNow) else "talk" if self._at_figure else "home"
        now = {"back": back, "figure": "talk" if self._at_figure else "figure"}
        if isinstance(self._doing, RunNow):
            now["enter"] = ""  # nothing can be sent meanwhile
        form = self.foot.form
        if isinstance(form, Form) and form.has_focus_within:
            now |= form.keys
            now["figure"] = "figure" if form.stops[-1].has_focus else "next field"
        return now
