"""The words of the help screen."""

from __future__ import annotations

from pathlib import Path

from textual.content import Content

from tutor.ui.themes import MUTED

LOOP = (
    "You bet on what a language model will do, the model does it on your machine, the tutor asks about the difference. "
    "A bet has an answer, a reason and how sure you are; once locked it stays. Say what you see before the tutor does. "
    "A wrong bet with a reason teaches more than a right one without."
)

KEYS = {
    "Everywhere": [
        ("ctrl+p", "palette: lessons, themes, skip, copy and all else by name"),
        ("f1", "this page (? on the map)"),
        ("esc", "stop the run, leave the figure, close, or go to the map"),
        ("ctrl+q", "quit; what you typed is kept"),
    ],
    "On the map": [
        ("↑ ↓  j k", "move"),
        ("enter", "open the lesson, or go on with it"),
        ("r", "take a lesson again from its first step"),
        ("/", "palette"),
    ],
    "In a lesson": [
        ("enter", "send; in a bet: next field, and lock"),
        ("ctrl+o", "new line; so do ctrl+n and, in some terminals, shift+enter"),
        ("tab", "next field; to the figure and back"),
        ("pgup pgdn", "scroll the talk, also while you type"),
        ("← →  0-9", "how sure: 7 is 70 %, 100 is 100 %"),
        ("ctrl+s", "skip the step (or by the palette)"),
        ("ctrl+g", "leave the tweaks and go on"),
        ("y", "copy what the tutor said last, when not typing"),
    ],
    "On a figure": [
        ("n p", "next and previous figure"),
        ("t", "show as a table"),
        ("c", "copy as text"),
        ("s", "the code of the experiment"),
        ("arrows", "move in a heatmap"),
    ],
}

SIGNS = [
    ("● ◐ ○", "done, begun, not begun; ◌ a step that was skipped"),
    ("✔ ✘", "the run did what you bet on, or something else"),
    ("·Paris", "a token that begins with a space"),
    ("⏎ ␛ �", "a line break, an escape, something that cannot be seen"),
    ("BASE TWEAK", "the run without and with the change"),
]


def text(home: Path) -> Content:
    """The whole page. `home` is where the learner's files are."""
    head = "bold $accent"
    parts: list[Content] = [Content.styled("How it goes", head), Content(LOOP + "\n")]
    for title, keys in KEYS.items():
        parts.append(Content.styled(title, head))
        parts += [_row(key, words) for key, words in keys]
        parts.append(Content(""))
    parts.append(Content.styled("Signs", head))
    parts += [_row(sign, words) for sign, words in SIGNS]
    parts += [Content(""), Content.styled("Files", head)]
    parts += [_row(name, str(home / name)) for name in ("journal.db", "config.toml", "engine.log")]
    parts.append(Content(""))
    return Content("\n").join(parts)


def _row(left: str, right: str) -> Content:
    return Content.assemble((f"  {left:<12}", "$foreground"), (right, MUTED))
