"""What the ways to answer have in common: a value that could have been typed, and three messages."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterable
from itertools import groupby
from typing import Any, ClassVar

from textual.binding import Binding, BindingType
from textual.content import Content
from textual.geometry import Size
from textual.message import Message
from textual.widget import Widget

from engine.figures import cell_len
from tutor.predict import Answer as Bet
from tutor.predict import NotAnAnswer, parse
from tutor.ui.keymap import hint
from tutor.ui.look import Look

Run = tuple[str, str]
"""(text, style)."""
HERE = "bold $accent"
"""The style of what is yours and under the cursor."""


class Answer(Widget):
    """A way to answer one question. `value` is what one would type instead, and what a draft keeps; empty is no answer."""

    DEFAULT_CSS = "Answer { height: auto; width: 1fr; layout: vertical; }"

    missing: ClassVar[str] = "say what you expect"
    """What is to be done where there is no answer yet."""

    class Edited(Message):
        """The answer is another one now."""

    class Entered(Message):
        """Enter was pressed: the answer is done, as far as the learner is concerned."""

    class Left(Message):
        """The cursor went past an end: -1 above, 1 below."""

        def __init__(self, direction: int):
            super().__init__()
            self.direction = direction

    def __init__(self, question: Any, kept: str, look: Look, id: str | None = None):
        """`kept` is a value from before."""
        super().__init__(id=id)
        self.question, self.look = question, look
        self.kept = kept

    @property
    @abstractmethod
    def value(self) -> str: ...

    def take(self) -> bool:
        """Take what is offered while one types; whether something was."""
        return False

    @property
    def impossible(self) -> str:
        """Why what is there could never come, as far as the engine has told; empty mostly."""
        return ""

    @property
    def waits(self) -> bool:
        """Whether only the model, which is still being loaded, can tell if such a bet is possible."""
        return False

    def before(self) -> Bet | None:
        """The answer that the draft holds, if it is a whole one."""
        try:
            return parse(self.question, self.kept) if self.kept.strip() else None
        except NotAnAnswer:
            return None


class Sketch(Answer, can_focus=True):
    """An answer that is drawn and moved, line by line, with keys and mouse."""

    ALLOW_SELECT = False  # dragging moves things here
    BINDINGS: ClassVar[list[BindingType]] = [Binding("enter", "enter", "next", show=True)]

    @abstractmethod
    def draw(self, width: int) -> list[Content]:
        """The lines, each at most `width` cells."""

    def render(self) -> Content:
        return Content("\n").join(self.draw(self.size.width))

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        return len(self.draw(width))

    @property
    def room(self) -> int:
        """Lines that the answer may take, so that question, reason and confidence stay on the screen."""
        return max(7, int(self.app.size.height * 0.7) - 5)

    def hint(self, words: str) -> str:
        """Words that name keys, with the learner's own in them."""
        return hint(self.app, words)

    def changed(self) -> None:
        """Show the new state and tell of it."""
        self.refresh(layout=True)
        self.post_message(self.Edited())

    def action_enter(self) -> None:
        self.post_message(self.Entered())

    def on_focus(self) -> None:
        self.refresh()

    def on_blur(self) -> None:
        self.refresh()


class Digits:
    """Digits that are typed one after another make a number, as long as it is at most `most`."""

    def __init__(self) -> None:
        self.typed = ""

    def add(self, digit: str, most: int) -> int | None:
        """The number so far; the new digit alone where the number would be too large; None where that is too."""
        for text in (self.typed + digit, digit):
            if int(text) <= most:
                self.typed = text
                return int(text)
        self.typed = ""
        return None

    def end(self) -> None:
        """The next digit begins a new number."""
        self.typed = ""


def line(pieces: Iterable[Run], width: int | None = None) -> Content:
    """Pieces as one line, those of one style in a row joined; cut to `width` cells if that is given."""
    joined = (("".join(text for text, _ in run), style) for style, run in groupby(pieces, key=lambda piece: piece[1]))
    content = Content.assemble(*joined)
    return content.truncate(width, ellipsis=True) if width is not None and content.cell_length > width else content


def beside(left: Content, right: str, width: int, style: str) -> Content:
    """A line with quiet words at its right end, if there is room for them."""
    gap = width - left.cell_length - cell_len(right)
    return Content.assemble(left, " " * gap, (right, style)) if gap >= 3 else left
