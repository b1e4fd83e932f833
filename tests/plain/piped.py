"""Plain mode driven by lines on a pipe, for tests."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

from tutor import events as ev
from tutor.journal.store import Store

ROOT = Path(__file__).parent.parent.parent


def typed(argv: list[str], *lines: str) -> subprocess.CompletedProcess[str]:
    """The program, given these lines on a pipe and then nothing more."""
    env = {**os.environ, "OMP_NUM_THREADS": "1"}
    text = "".join(f"{line}\n" for line in lines)
    done = subprocess.run(argv, input=text, capture_output=True, text=True, env=env, cwd=ROOT, timeout=120)
    assert "Traceback" not in done.stdout + done.stderr
    assert "\x1b" not in done.stdout + done.stderr, "no cursor movement, no colour"
    assert "\r" not in done.stdout
    return done


def events(tmp_path: Path, lesson: str) -> list[ev.Event]:
    with Store.read(tmp_path / "home", "me") as store:
        return store.events(lesson)
