"""Lines out, lines in. What a terminal would obey is shown as a sign, on the way out and on the way in."""

from __future__ import annotations

import re
import shutil
import sys
import textwrap
import unicodedata
from contextlib import suppress

from engine.figures import visible

WIDEST = 100
"""Cells of a line on a terminal; where the output is no terminal, a paragraph is one line of any length."""
COMMAND = re.compile(r":([a-z]+)(?:\s+(.*))?", re.DOTALL | re.IGNORECASE)


class Ended(Exception):
    """There is no more input."""


class Quit(Exception):
    """The learner wants to leave the program."""


class Console:
    """Standard output and standard input, a line at a time."""

    def __init__(self) -> None:
        self.terminal = sys.stdin.isatty() and sys.stdout.isatty()
        if hasattr(sys.stdin, "reconfigure"):
            sys.stdin.reconfigure(errors="replace")
        if self.terminal:
            with suppress(ImportError):
                import readline  # noqa: F401  # input() can be edited from here on

    @property
    def width(self) -> int:
        """Cells of a line; 0 where lines are not broken."""
        return min(WIDEST, shutil.get_terminal_size().columns - 1) if sys.stdout.isatty() else 0

    def say(self, text: str = "", label: str = "") -> None:
        """Print a text of any origin; `label` says who says it."""
        lines = (label + text).split("\n")
        for line in map(visible, lines):
            broken = textwrap.wrap(line, self.width, break_on_hyphens=False) if self.width else []
            print("\n".join(broken) or line)
        sys.stdout.flush()

    def show(self, text: str) -> None:
        """Print lines that are laid out already."""
        print("\n".join(map(visible, text.split("\n"))), flush=True)

    def read(self, prompt: str) -> str:
        """One line of input, without what a terminal would obey. Raises Ended, KeyboardInterrupt."""
        if self.terminal:
            try:
                return clean(input(f"{visible(prompt)}> "))
            except EOFError:
                print()
                raise Ended from None
            except KeyboardInterrupt:
                print()
                raise
        print(f"{visible(prompt)}> ", end="", flush=True)
        line = sys.stdin.readline()
        typed = clean(line)
        print(visible(typed), flush=True)  # nobody echoes a pipe; so what was read is read by whoever reads along
        if not line:
            raise Ended
        return typed


def clean(line: str) -> str:
    """What was typed, without the line's end and without controls."""
    return "".join(c for c in line.rstrip("\r\n") if c == "\t" or unicodedata.category(c) != "Cc")


def command_of(typed: str) -> tuple[str, str] | None:
    """(`skip`, the rest of the line) of `:skip …`; None for a line that is no command."""
    found = COMMAND.fullmatch(typed.strip())
    return (found[1].lower(), (found[2] or "").strip()) if found else None


def said(typed: str) -> str:
    """What a line means that is no command: `::x` is `:x`."""
    return typed[1:] if typed.startswith("::") else typed
