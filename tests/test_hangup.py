"""The tutor is ended from outside: its terminal goes away without a signal, or `kill` asks it to go."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest

from tests.terminal import TUTOR, Terminal


@pytest.mark.parametrize("keys", [(), ("down", "up") * 40], ids=["idle", "painting"])
def test_a_tutor_without_its_terminal_ends(tmp_path: Path, keys: tuple[str, ...]) -> None:
    with Terminal([*TUTOR, "--home", str(tmp_path), "--offline", "--engine", "sleep 600"]) as t:
        t.wait("What comes next", 60)
        t.press(*keys)
        os.close(t.master)
        t.master = os.open(os.devnull, os.O_RDONLY)
        t.process.wait(30)


def test_a_tutor_that_is_asked_to_go_leaves_the_terminal_as_it_was(tmp_path: Path) -> None:
    with Terminal([*TUTOR, "--home", str(tmp_path), "--offline", "--engine", "sleep 600"]) as t:
        t.wait("What comes next", 60)
        t.process.send_signal(signal.SIGTERM)
        assert t.end() == 128 + signal.SIGTERM
        for mode in (b"1049", b"1000", b"1006", b"2004"):  # the other screen, the mouse, pasting
            assert t.raw.rfind(b"\x1b[?" + mode + b"l") > t.raw.rfind(b"\x1b[?" + mode + b"h"), mode
        assert b"Traceback" not in t.raw
