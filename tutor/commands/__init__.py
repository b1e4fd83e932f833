"""What the commands of the command line do, one file a command or two. `tutor.cli` reads the arguments."""

from __future__ import annotations

import shutil
import textwrap
from collections.abc import Sequence

from engine.figures import cell_len, columns, visible


class Unknown(Exception):
    """There is no such thing; the message names what comes near."""


def unknown(what: str, name: str, names: Sequence[str], where: str = "") -> Unknown:
    """The error for a name that is none of `names`."""
    from rapidfuzz import fuzz, process, utils

    scorer = fuzz.WRatio if len(name) > 4 else fuzz.ratio  # a few letters are a part of nearly anything
    found = process.extract(name, names, scorer=scorer, processor=utils.default_process, limit=3, score_cutoff=60)
    near = [match[0] for match in found]
    right = f"did you mean {' or '.join(near)}?" if near else f"there are: {', '.join(names) or 'none'}"
    return Unknown(f"there is no {what} {name!r}{f' {where}' if where else ''}; {right}")


def table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A table no wider than the terminal, as far as breaking its last column allows that."""
    *others, _ = zip(heads, *rows, strict=True)
    used = sum(2 + max(cell_len(cell) for cell in column) for column in others)
    room = max(20, screen_width() - used)
    broken = []
    for *cells, last in rows:
        first, *more = textwrap.wrap(last, room) or [""]
        broken += [[*cells, first], *([*([""] * len(cells)), line] for line in more)]
    return columns(heads, broken)


def screen_width() -> int:
    """How wide text may be: as the terminal, but no wider than reads well."""
    return min(120, shutil.get_terminal_size().columns)


def say(text: str = "") -> None:
    """Print text of any origin: what a terminal would obey is shown as a sign instead."""
    print("\n".join(map(visible, text.split("\n"))))
