"""What the model wrote. Words in which BASE and TWEAK differ are underlined and bold, with a mark beside their line."""

from __future__ import annotations

from difflib import SequenceMatcher

from rich.cells import cell_len
from rich.style import Style
from textual.strip import Strip

from engine.figures import Text, Texts, shown
from tutor.ui.figures.cells import Piece, fit, strip, words, wrapped, wrapped_plain
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


class TextsView(LineView[Texts]):
    """The prompt, then each text beside its name."""

    def lines(self, width: int, height: int) -> list[Strip]:
        figure = self.figure
        names = ["prompt"] if figure.prompt else []
        names += [text.name for text in figure.texts]
        label = min(max((cell_len(shown(name)) for name in names), default=0), max(6, width // 4))
        changed = self._changed()
        out: list[Strip] = []
        if figure.prompt:
            out += self._text("prompt", figure.prompt, label, width, self.style("faint"), set())
        for text, marks in zip(figure.texts, changed, strict=True):
            if out:
                out.append(strip((" ", self.style("plain"))))
            out += self._text(text.name, text.text, label, width, self._ink(text), marks)
        if len(figure.texts) > 1 and self._pair() and not any(changed):
            same = "BASE and TWEAK are the same, word for word"
            out += [strip((" ", self.style("plain"))), strip((fit(same, width), self.style("faint")))]
        return out

    def _pair(self) -> tuple[int, int] | None:
        """Where BASE and TWEAK are, if both are there."""
        names = [text.name for text in self.figure.texts]
        return (names.index("BASE"), names.index("TWEAK")) if {"BASE", "TWEAK"} <= {*names} else None

    def _changed(self) -> list[set[int]]:
        """For each text, the indices of its words that the other run did not write."""
        texts = self.figure.texts
        changed: list[set[int]] = [set() for _ in texts]
        if pair := self._pair():
            base, tweak = pair
            changed[base], changed[tweak] = differing(*(words(shown(texts[i].text)) for i in pair))
        return changed

    def _ink(self, text: Text) -> Style:
        return self.style("run" if text.name == "TWEAK" else "plain")

    def _text(self, name: str, text: str, label: int, width: int, ink: Style, marks: set[int]) -> list[Strip]:
        """One text, its name before the first line, MARK before each line that holds a word of `marks`."""
        room = max(8, width - label - 2)
        fast = None if marks else wrapped_plain(shown(text), room)
        plain = self.style("plain")
        loud = ink + Style(bold=True, underline=True)
        lines = [[(line, plain)] for line in fast] if fast is not None else self._marked(text, room, plain, loud, marks)
        name_style = self.style("strong" if name in ("BASE", "TWEAK") else "faint")
        out = []
        for i, line in enumerate(lines):
            mark = MARK if any(style is loud for _, style in line) else " "
            out.append(strip((fit(shown(name) if i == 0 else "", label), name_style), (mark + " ", ink), *line))
        return out

    def _marked(self, text: str, room: int, plain: Style, loud: Style, marks: set[int]) -> list[list[Piece]]:
        """The text in lines, word by word."""
        pieces: list[Piece] = []
        for i, word in enumerate(words(shown(text))):
            style = loud if i in marks else plain
            for j, part in enumerate(word.split("⏎")):
                pieces += [("⏎", style)] * (j > 0) + ([(part, style)] if part else [])
        return wrapped(pieces, room)
