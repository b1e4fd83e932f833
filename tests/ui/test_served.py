"""The tutor as textual-serve starts it: over pipes, with Textual's driver for the browser."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import IO

ROOT = Path(__file__).parent.parent.parent
DRIVER = "textual.drivers.web_driver:WebDriver"


def test_a_page_gets_the_map_and_ends_the_tutor_by_leaving(tmp_path: Path) -> None:
    env = {**os.environ, "TEXTUAL_DRIVER": DRIVER, "COLUMNS": "80", "ROWS": "24", "OMP_NUM_THREADS": "1"}
    argv = [sys.executable, "-P", "-m", "tutor.cli", "--home", str(tmp_path), "--offline"]
    pipe = subprocess.PIPE
    with subprocess.Popen(argv, stdin=pipe, stdout=pipe, stderr=pipe, env=env, cwd=ROOT) as page:
        assert page.stdin is not None
        assert page.stdout is not None
        assert page.stdout.readline() == b"__GANGLION__\n"
        shown = b""
        while b"First look" not in shown:
            kind, data = packet(page.stdout)
            shown += data if kind == b"D" else b""
        quits = json.dumps({"type": "quit"}).encode()
        page.stdin.write(b"M" + len(quits).to_bytes(4, "big") + quits)
        page.stdin.flush()
        page.stdout.read()
        assert page.wait(30) == 0


def packet(stream: IO[bytes]) -> tuple[bytes, bytes]:
    """(kind, payload) of the next packet; D is what a terminal would be sent."""
    kind = stream.read(1)
    assert kind, "it ended"
    return kind, stream.read(int.from_bytes(stream.read(4), "big"))
