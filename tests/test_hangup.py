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


@pytest.mark.parametrize("asked", [signal.SIGTERM, signal.SIGHUP])
def test_a_tutor_that_is_asked_to_go_leaves_the_terminal_as_it_was(tmp_path: Path, asked: signal.Signals) -> None:
    with Terminal([*TUTOR, "--home", str(tmp_path), "--offline", "--engine", "sleep 600"]) as t:
        t.wait("What comes next", 60)
        t.process.send_signal(asked)
        assert t.end() == 128 + asked
        for mode in (b"1049", b"1000", b"1006", b"2004"):  # the other screen, the mouse, pasting
            assert t.raw.rfind(b"\x1b[?" + mode + b"l") > t.raw.rfind(b"\x1b[?" + mode + b"h"), mode
        assert b"Traceback" not in t.raw


@pytest.mark.parametrize(
    "typed", [b"caf\xe9 x", b"\x1b[200~caf\xe9\x1b[201~", b"\xe2\x82x", b"\x1b[1114112u", b"\x1b[99999999999999999999u"]
)
def test_what_is_no_text_is_said_and_the_tutor_reads_on(tmp_path: Path, typed: bytes) -> None:
    with Terminal([*TUTOR, "--home", str(tmp_path), "--offline", "--engine", "sleep 600", "what-comes-next"]) as t:
        t.wait("in your own words", 60)
        os.write(t.master, typed)
        t.wait("cannot be read")
        t.press("after it")
        t.wait("after it")
