"""The terminal goes away without a signal, as under nohup or a program that holds the other end: the tutor ends too."""

from __future__ import annotations

import os
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
