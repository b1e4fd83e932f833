"""What the model wrote. Words in which BASE and TWEAK differ are underlined and bold, with a mark beside their line."""

from __future__ import annotations

from difflib import SequenceMatcher

from rich.cells import cell_len
from rich.style import Style
from textual.strip import Strip

from engine.figures import Text, Texts, shown
from tutor.ui.figures.cells import Piece, fit, strip, words, wrapped, wrapped_text
from tutor.ui.figures.view import LineView

MARK = "▸"


def differing(base: list[str], tweak: list[str]) -> tuple[set[int], set[int]]:
    """The indices of the words that are only in `base`, and of those only in `tweak`."""
    only_base: set[int] = set()
    only_tweak: set[int] = set()
    for what, a, b, c, d in SequenceMatcher(a=base, b=tweak, autojunk=False).get_opcodes():
        if what != "equal":
            only_base.update(range(a, b))
            only_tweak.update(range(c, d))
    return only_base, only_tweak


def pair_of(figure: Texts) -> tuple[int, int] | None:
    """Where BASE and TWEAK are, if both are there."""
    names = [text.name for text in figure.texts]
    return (names.index("BASE"), names.index("TWEAK")) if {"BASE", "TWEAK"} <= {*names} else None


class TextsView(LineView[Texts]):
    """The prompt, then each text beside its name; an empty line between them where there is room for all."""

    def lines(self, width: int, height: int) -> list[Strip]:
        figure = self.figure
        names = ["prompt"] if figure.prompt else []
        names += [text.name for text in figure.texts]
        label = min(max((cell_len(shown(name)) for name in names), default=0), max(6, width // 4))
        changed = self._changed()
        self.kept((width, label, self._look, self.monochrome))  # `_line` takes its lines from there
        parts: list[list[Strip]] = []
        if figure.prompt:
            parts.append(self._text("prompt", figure.prompt, label, width, self.style("faint"), set()))
        for text, marks in zip(figure.texts, changed, strict=True):
            parts.append(self._text(text.name, text.text, label, width, self._ink(text), marks))
        if len(figure.texts) > 1 and pair_of(self.figure) and not any(changed):
            same = "BASE and TWEAK are the same, word for word"
            parts.append([strip((fit(same, width), self.style("faint")))])
        empty = strip((" ", self.style("plain")))
        spaced = [line for part in parts for line in (empty, *part)][1:]
        return spaced if len(spaced) <= height else [line for part in parts for line in part]

    def _changed(self) -> list[set[int]]:
        """For each text, the indices of its words that the other run did not write."""
        texts = self.figure.texts
        changed: list[set[int]] = [set() for _ in texts]
        if pair := pair_of(self.figure):
            base, tweak = pair
            changed[base], changed[tweak] = differing(*(words(shown(texts[i].text)) for i in pair))
        return changed

    def _ink(self, text: Text) -> Style:
        return self.style("run" if text.name == "TWEAK" else "plain")

    def _text(self, name: str, text: str, label: int, width: int, ink: Style, marks: set[int]) -> list[Strip]:
        """One text, its name before the first line, MARK before each line that holds a word of `marks`."""
        room = max(8, width - label - 2)
        plain = self.style("plain")
        style = self.style("strong" if name in ("BASE", "TWEAK") else "faint")
        if not marks:
            rows = wrapped_text(text, room)
            return [self._line(name if i == 0 else "", row, label, style, plain) for i, row in enumerate(rows)]
        loud = ink + Style(bold=True, underline=True)
        out = []
        for i, line in enumerate(self._marked(text, room, plain, loud, marks)):
            mark = MARK if any(style is loud for _, style in line) else " "
            out.append(strip((fit(shown(name) if i == 0 else "", label), style), (mark + " ", ink), *line))
        return out

    def _line(self, name: str, row: str, label: int, style: Style, plain: Style) -> Strip:
        """A line without a mark, the one from before if it is the same."""
        key = (name, row)
        if (line := self._kept.get(key)) is None:
            line = strip((fit(shown(name), label), style), ("  ", plain), (row, plain))
            self._kept[key] = line
        return line

    def _marked(self, text: str, room: int, plain: Style, loud: Style, marks: set[int]) -> list[list[Piece]]:
        """The text in lines, word by word."""
        pieces: list[Piece] = []
        for i, word in enumerate(words(shown(text))):
            style = loud if i in marks else plain
            for j, part in enumerate(word.split("⏎")):
                pieces += [("⏎", style)] * (j > 0) + ([(part, style)] if part else [])
        return wrapped(pieces, room)
