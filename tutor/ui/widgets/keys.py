"""The last line: which keys do something here. Each can be clicked; what does not fit is left to the help screen."""

from __future__ import annotations

from itertools import accumulate

from rich.cells import cell_len
from textual import events
from textual.content import Content
from textual.reactive import reactive
from textual.screen import Screen
from textual.widget import Widget

from tutor.ui.keymap import shown as name_of


class Keys(Widget):
    """The bindings that are active now and want to be shown; those of the focused widget first."""

    DEFAULT_CSS = """
    Keys { height: 1; padding: 0 2; color: $foreground 65%; dock: bottom; }
    """

    auto_links = False
    right: reactive[str] = reactive("")
    """A few words at the right end."""

    _drawn: list[tuple[str, str, str]] | None = None
    _next: list[tuple[str, str, str]] | None = None
    """What is to be drawn, where that is known already."""

    def on_mount(self) -> None:
        self.screen.bindings_updated_signal.subscribe(self, self._changed)

    def _changed(self, screen: Screen[object]) -> None:
        now = self.shown()
        if now != self._drawn:  # said several times on the way from one field to the next
            self._next = now
            self.refresh()

    def shown(self) -> list[tuple[str, str, str]]:
        """(key as shown, key as sent, words), without doubles. A screen's `key_words` may give a key other words, or none."""
        seen: dict[str, tuple[str, str, str]] = {}
        now = self.screen.key_words() if hasattr(self.screen, "key_words") else {}
        for active in self.screen.active_bindings.values():
            b = active.binding
            if b.show and active.enabled:
                words = now.get(b.action, b.description)
                seen.setdefault(words, (b.key_display or name_of(b.key), b.key, words))
        return [key for words, key in seen.items() if words]

    def render(self) -> Content:
        end = self.right if self.size.width > 60 else ""
        width = self.size.width - (len(end) + 2 if end else 0)
        line = Content()
        self._drawn, self._next = self._next or self.shown(), None
        lengths = [cell_len(f"{name} {words}") for name, _, words in self._drawn]
        gap = max((3, 2), key=lambda gap: sum(end <= width for end in accumulate(lengths, lambda a, b: a + gap + b)))
        for name, key, words in self._drawn:
            part = Content.assemble((name, "$foreground"), " ", words).stylize(f"@click=app.simulate_key('{key}')")
            before = gap if len(line) else 0
            if line.cell_length + before + part.cell_length > width:
                break
            line = Content.assemble(line, " " * before, part)
        return Content.assemble(line, " " * max(1, self.size.width - line.cell_length - len(end)), end)

    async def on_click(self, event: events.Click) -> None:
        event.stop()
