"""An engine for the tests that goes wrong once: `python bad_engine.py HOW FOLDER`. It speaks the protocol, runs nothing.

HOW it goes wrong in its first run: hangs, killed, dies, memory, junk, mute, wrong. FOLDER holds `result.json`, what a
run returns, and from the first run on the file `once`. What is done after that is done right.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import threading
import time
from pathlib import Path
from typing import Any

HOW, FOLDER = sys.argv[1], Path(sys.argv[2])
PROTOCOL = 2
JUNK = (
    "\x1b[2J\x1b[31mWARNING: [red]a library prints[/red]\n{}\n[1, 2]\nnull\n\n"
    + '{"event": "result", "id": 1}\n{"event": '
)


def say(**event: Any) -> None:
    sys.stdout.write(json.dumps(event) + "\n")
    sys.stdout.flush()


def beat() -> None:
    while True:
        time.sleep(0.2)
        say(event="alive")


def run(id: int) -> None:
    once = FOLDER / "once"
    first = not once.exists()
    once.touch()
    say(event="progress", id=id, label="reading layers", done=1, total=3, unit="layers")
    if first and HOW == "hangs":
        os.kill(os.getpid(), signal.SIGSTOP)
    elif first and HOW == "killed":
        os.kill(os.getpid(), signal.SIGKILL)
    elif first and HOW == "memory":
        says = "the run needs 14.2 GB, more memory than the budget of 12 GB: take a shorter prompt"
        return say(event="error", id=id, kind="out_of_memory", message=says)
    elif first and HOW == "dies":
        sys.stderr.write("OSError: \x1b[31m[b]disk[/b] is gone\n")
        os._exit(3)
    elif first and HOW == "mute":
        return
    elif first and HOW == "wrong":
        return say(event="error", id=id, kind="failed", message="NaN\nin \x1b[31m[bold]layer 2[/bold]")
    elif HOW == "junk":
        sys.stdout.write(JUNK + "\n")
        sys.stderr.write(JUNK * 100)
    say(**{**json.loads((FOLDER / "result.json").read_text()), "event": "result", "id": id})


say(event="hello", protocol=PROTOCOL, version="0", pid=os.getpid(), device="cpu", device_name="none")
threading.Thread(target=beat, daemon=True).start()
for text in sys.stdin:
    asked = json.loads(text)
    if asked["op"] == "load":
        say(event="loaded", id=asked["id"], model={"name": asked["model"], "n_layers": 3, "n_heads": 4})
    elif asked["op"] == "run":
        run(asked["id"])
    elif asked["op"] == "cancel":
        if HOW != "mute":
            say(event="error", id=asked["id"], kind="cancelled", message="cancelled")
    else:
        say(event="tokens", id=asked["id"], tokens=[])
