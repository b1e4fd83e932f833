"""The words of the help screen."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from textual.content import Content

from tutor.ui import keymap
from tutor.ui.themes import MUTED

if TYPE_CHECKING:
    from tutor.ui.doors import Doors

COLUMN = 17
"""Where the words begin."""

LOOP = (
    "You bet on what a language model will do, the model does it on your machine, the tutor asks about the difference. "
    "A bet has an answer, a reason and how sure you are; once locked it stays. Say what you see before the tutor does. "
    "A wrong bet with a reason teaches more than a right one without."
)

KEYS = {
    "Everywhere": [
        ("{app.palette}", "palette: lessons, themes, skip, copy and all else by name"),
        ("{app.help}", "this page ({home.help} on the map)"),
        ("{lesson.back}", "stop the run, leave the figure, close, or go to the map"),
        ("{app.note}", "a note: an open question, what worked, what did not"),
        ("{app.quit}", "quit; what you typed is kept"),
    ],
    "On the map": [
        ("{move.up} {move.down}", "move"),
        ("enter", "open the lesson, or go on with it"),
        ("{home.again}", "take a lesson again from its first step"),
        ("{home.review}", "bet again on what you were sure of and wrong about"),
        ("{home.record}", "your record: calibration, Brier score, concepts, surprises"),
        ("{home.notes} {home.search}", "your notes; search in all that was written and said"),
        ("{home.palette}", "palette"),
    ],
    "In a lesson": [
        ("enter", "send; in a bet: next field, and lock"),
        ("ctrl+o", "new line; so do ctrl+n and, in some terminals, shift+enter"),
        ("{lesson.figure}", "next field; to the figure and back"),
        ("{lesson.page_up} {lesson.page_down}", "scroll the talk, also while you type"),
        ("{sure.less} {sure.more} 0-9", "how sure: 7 is 70 %, 100 is 100 %"),
        ("what is …?", "asked as your reply: what a word of the field means; the palette lists them"),
        ("{lesson.skip}", "skip the step (or by the palette)"),
        ("{tweak.leave}", "leave the tweaks and go on"),
        ("{tweak.undo}", "tweak: undo, back to the parameters before the last change"),
        ("space", "tweak: the next of a few words, such as zero and mean"),
        ("{tweak.reset}", "tweak: reset to the lesson's own parameters"),
        ("{tweak.all}", "tweak: all parameters of the experiment, or fewer"),
        ("{lesson.tries}", "what you tried: open, compare two, take parameters over"),
        ("{lesson.copy}", "copy what the tutor said last, when not typing"),
    ],
    "In a bet": [
        ("↑ ↓", "a token: go through the model's own tokens, offered as you type; enter takes one"),
        ("{ranking.up} {ranking.down}", "a ranking: move the row; digits give it its place, the mouse drags it"),
        ("0-9", "a cell: the layer; chips: how many; a curve: tenths of its height"),
        ("{curve.remove}", "a curve: take a point away; shift goes farther; the mouse draws"),
    ],
    "On a figure": [
        ("{figure.next} {figure.previous}", "next and previous figure"),
        ("{figure.table}", "show as a table"),
        ("{figure.copy} {figure.save}", "copy as text, save as SVG"),
        ("{figure.code}", "the code of the experiment"),
        ("{figure.change}", "what changed from BASE to TWEAK"),
        ("{figure.tokens}", "read an attention pattern token by token"),
        ("{move.up} {move.down} {move.left} {move.right}", "move in a heatmap or along a curve"),
        ("{heatmap.zoom} {heatmap.out}", "zoom: one corner, the other corner; back out"),
        ("{heatmap.scale} {heatmap.texts}", "a scale around its middle or a plain one; texts or colours"),
    ],
}

SIGNS = [
    ("● ◐ ○", "done, begun, not begun; ◌ a step that was skipped"),
    ("✔ ✘", "the run did what you bet on, or something else"),
    ("▰▰▰▱▱", "how well the concepts of a unit are known: shaky, growing, steady"),
    ("·Paris", "a token that begins with a space"),
    ("⏎ ␣ ␛ �", "a line break, a space that does not break, an escape, something that cannot be seen"),
    ("BASE TWEAK", "the run without and with the change"),
]


def text(app: Doors, width: int) -> Content:
    """The whole page for so many cells, with the learner's own keys and the folder of their files."""
    home: Path = app.settings.home
    head = "bold $accent"
    parts: list[Content] = [Content.styled("How it goes", head), Content(LOOP + "\n")]
    for title, keys in KEYS.items():
        parts.append(Content.styled(title, head))
        parts += [_row(keymap.fill(app, key), keymap.fill(app, words), width) for key, words in keys]
        parts.append(Content(""))
    parts.append(Content.styled("Signs", head))
    parts += [_row(sign, words, width) for sign, words in SIGNS]
    parts += [Content(""), Content.styled("Files", head)]
    parts += [_row(name, str(home / name), width) for name in ("journal.db", "config.toml", "engine.log")]
    parts.append(_row("", "your own keys go into config.toml: see docs/keys.md", width))
    parts.append(Content(""))
    return Content("\n").join(parts)


def later(app: Doors) -> Callable[[int], Content]:
    """The same in the first second, when not all keys are known yet. For a thread."""
    keymap.actions()
    return partial(text, app)


def _row(left: str, right: str, width: int) -> Content:
    """A key and its words, which stay in their own column."""
    first, *more = Content.styled(right, MUTED).wrap(max(20, width - COLUMN))
    if len(left) > COLUMN - 4:  # keys that need more room have a line to themselves
        first, more = Content(""), [first, *more]
    head = Content.styled(f"  {left:<{COLUMN - 4}}  ", "$foreground")
    return Content("\n").join([head + first, *(line.pad_left(COLUMN) for line in more)])
