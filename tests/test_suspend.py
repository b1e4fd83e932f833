"""ctrl+z: to the shell and back, with what started the tutor; and nowhere where no shell could call it back."""

from __future__ import annotations

import shlex
import sys
from pathlib import Path

from tests.learner import write_lesson
from tests.terminal import TUTOR, Terminal

SHELL = """
import fcntl, os, termios
fcntl.ioctl(0, termios.TIOCSCTTY, 0)
os.execvp("bash", ["bash", "--norc", "--noprofile", "-i"])
"""
"""A shell that has this terminal for its own, or it could stop no program."""


def argv(tmp_path: Path) -> list[str]:
    home, lessons = str(tmp_path / "home"), str(write_lesson(tmp_path / "lessons"))
    return [*TUTOR, "--home", home, "--lessons", lessons, "--engine", "sleep 600", "--offline", "small-steps"]


def test_from_a_shell_it_goes_there_and_comes_back_as_it_was(tmp_path: Path) -> None:
    with Terminal([sys.executable, "-c", SHELL], env={"PS1": "shell> "}) as t:
        t.wait("shell>")
        command = f"{shlex.join(argv(tmp_path))}; echo over"
        t.press(f"sh -c {shlex.quote(command)}\r")  # as `make run` stands between
        t.wait("in your own words", 60)
        t.press("half a reply")
        t.wait("half a reply")
        t.press("ctrl+z", "ctrl+z")  # held down for a moment
        t.wait("Stopped")
        assert t.raw.rfind(b"\x1b[?1049l") > t.raw.rfind(b"\x1b[?1049h"), "the shell's own screen"
        t.press("fg\r")
        t.wait(lambda _: t.raw.rfind(b"\x1b[?1049h") > t.raw.rfind(b"\x1b[?1049l"))
        t.wait(
            lambda _: b"ctrl+p" in t.raw[t.raw.rfind(b"\x1b[?1049h") :]
        )  # a terminal has cleared it meanwhile: all of it
        t.press(" and more")
        t.wait("half a reply and more")
        t.press("ctrl+q")
        t.wait("over")


def test_without_a_shell_it_stays(tmp_path: Path) -> None:
    with Terminal(argv(tmp_path)) as t:
        t.wait("in your own words", 60)
        t.press("half a reply", "ctrl+z")
        t.wait("There is no shell here")
        t.press(" and more")
        t.wait("half a reply and more")
