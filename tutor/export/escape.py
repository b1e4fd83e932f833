"""Text that stays text: what learners and models wrote, as Markdown that nothing in it can break out of."""

from __future__ import annotations

import re

from engine.figures import visible


def fenced(text: str, language: str = "text") -> str:
    """The text as a block of code; nothing in it can end the block or reach a terminal as a command."""
    lines = "\n".join(visible(line) for line in text.strip("\n").split("\n"))
    longest = max((len(run) for run in re.findall(r"`+", lines)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}{language}\n{lines}\n{fence}"


def plain(text: str) -> str:
    """The text as one line of running text, with every sign that Markdown would read spelled out."""
    line = visible(" ".join(text.split()))
    line = re.sub(r"([\\`*_\[\]<>#|~&$])", r"\\\1", line)
    return re.sub(r"^(\d*)([-+=:.)])(?=\W|$)", r"\1\\\2", line)  # a list, a rule or a heading begins so


def quoted(text: str) -> str:
    """The text as a quotation whose lines stay lines."""
    lines = [plain(line) for line in text.strip("\n").split("\n")]
    breaks = ["\\" if line and after else "" for line, after in zip(lines, [*lines[1:], ""], strict=True)]
    return "\n".join(f"> {line}{end}".rstrip(" ") for line, end in zip(lines, breaks, strict=True))


def code(text: str) -> str:
    """The text to stand between backticks."""
    return visible(text).replace("`", "'")
