"""One entry of the conversation: a label in the gutter and text that hangs beside it. Text is shown as it is."""

from __future__ import annotations

from textual.content import Content
from textual.css.styles import RulesMap
from textual.selection import Selection
from textual.strip import Strip
from textual.style import Style
from textual.visual import RenderOptions, Visual
from textual.widgets import Static

from tutor.ui.themes import MUTED

GUTTER = 6
"""Cells left of the text: a label of up to four letters and two spaces."""


class Hanging(Visual):
    """A body of text with a label beside its first line."""

    def __init__(self, label: Content, body: Content, gutter: int = GUTTER):
        self.label, self.body, self.gutter = label, body, gutter

    def get_optimal_width(self, rules: RulesMap, container_width: int) -> int:
        return self.gutter + self.body.get_optimal_width(rules, container_width)

    def get_height(self, rules: RulesMap, width: int) -> int:
        return max(1, self.body.get_height(rules, max(1, width - self.gutter)))

    def render_strips(self, width: int, height: int | None, style: Style, options: RenderOptions) -> list[Strip]:
        body = self.body.render_strips(max(1, width - self.gutter), height, style, options)
        plain = RenderOptions(options.get_style, options.rules)
        first = self.label.render_strips(self.gutter, 1, style, plain) or [Strip.blank(self.gutter, style.rich_style)]
        rest = Strip.blank(self.gutter, style.rich_style)
        first_strip = first[0].adjust_cell_length(self.gutter, style.rich_style)
        return [Strip.join([first_strip if i == 0 else rest, strip]) for i, strip in enumerate(body)]


class Entry(Static):
    """A `Hanging` in the conversation. `kind`: tutor, you, bet, run, note, …"""

    DEFAULT_CSS = """
    Entry { height: auto; padding: 0 1 0 2; }
    """

    def __init__(self, kind: str, label: str, body: Content, gap: bool = True):
        self.kind, self.body = kind, body
        self._label = label
        super().__init__(Hanging(label_content(kind, label), body), classes="-gap" if gap else "")

    def say(self, body: Content) -> None:
        """Show another text in the same place."""
        self.body = body
        self.update(Hanging(label_content(self.kind, self._label), body))

    def get_selection(self, selection: Selection) -> tuple[str, str] | None:
        return selection.extract(self.body.plain), "\n"


class Plain(Static):
    """Text with parts that can be clicked, without the underline of links."""

    auto_links = False


LABEL_STYLES = {"you": "$accent", "bet": "$accent", "run": "$primary", "claim": "$primary", "error": "$error"}


def label_content(kind: str, label: str) -> Content:
    """The label, right-aligned in the gutter."""
    return Content.styled(label.rjust(GUTTER - 2), LABEL_STYLES.get(kind, MUTED))
