"""The history of tweaks beside a lesson: a line a try, what was changed and how the bet went."""

from __future__ import annotations

from collections.abc import Sequence

from rich.cells import cell_len
from textual.content import Content
from textual.widgets import Static

from engine.figures import pad, visible
from tutor.history import Try
from tutor.ui.figures.cells import fit
from tutor.ui.keymap import hint
from tutor.ui.themes import MUTED

ROOM = 6
"""Lines of the list beside a lesson; the last tries are shown."""
WITH_BET = 72
"""From this width on the bet is said as well."""


class Tries(Static):
    """The last tries. A click on one opens it."""

    DEFAULT_CSS = """
    Tries { height: auto; margin-top: 1; display: none; }
    """

    auto_links = False

    def __init__(self, id: str | None = None):
        super().__init__(id=id)
        self._of: Sequence[Try] = ()

    def show(self, of: Sequence[Try]) -> None:
        """Show these, once there is more than the lesson's own run."""
        self._of = of
        self.display = any(not one.is_base for one in of)
        self._draw()

    def on_resize(self) -> None:
        self._draw()

    def _draw(self) -> None:
        width = self.content_size.width
        if not self.display or width <= 0:
            return
        first = max(0, len(self._of) - ROOM)
        key = hint(self.app, "{lesson.tries|f2}")
        head = Content.assemble(("what you tried", MUTED), "   ", (key, "bold"), (" open and compare", MUTED))
        rows = [head.stylize("@click=screen.tries(-1)")]
        for i, text in enumerate(rows_of(self._of[first:], width), first):
            rows.append(text.stylize(f"@click=screen.tries({i})"))
        self.update(Content("\n").join(rows))


def rows_of(of: Sequence[Try], width: int, marked: Try | None = None) -> list[Content]:
    """`2  ✘  layer 0, head 3        drop 0.50`: a line a try, in `width` cells; with the bet where there is room for it."""
    names = [f"{'◆ ' if one is marked else ''}{one.name}" for one in of]
    name_room = max((cell_len(name) for name in names), default=0) + 2
    mark_room = max((len(one.mark) for one in of), default=0) + 2
    facts = [fit(visible(one.fact), min(cell_len(visible(one.fact)), width // 3)) for one in of]
    fact_room = max(map(cell_len, facts), default=0)
    room = max(0, width - name_room - mark_room - fact_room - 2)
    bets = [visible(one.bet) if width >= WITH_BET else "" for one in of]
    bet_room = min(max(map(cell_len, bets), default=0), room // 2)
    out = []
    for one, name, bet, fact in zip(of, names, bets, facts, strict=True):
        what = fit(visible(one.what), room - bet_room - (2 if bet_room else 0))
        gap = "  " if bet_room else ""
        head = Content.assemble((fit(name, name_room), "bold"), (fit(one.mark, mark_room), "bold $primary"))
        end = Content.assemble((fit(bet, bet_room), "$accent"), "  ", (pad(fact, fact_room, before=True), MUTED))
        out.append(Content.assemble(head, what, gap, end))
    return out
