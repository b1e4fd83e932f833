"""The promise: an answer that was acknowledged is there after SIGKILL, whenever it comes."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
from pathlib import Path

from tutor.events import Replied
from tutor.journal.store import Store

WRITERS = """
import os, sys
from pathlib import Path
from tutor.events import Replied, Started
from tutor.journal.store import Store
import filelock

def write():
    print(os.getpid(), flush=True)
    store = Store.open(Path(sys.argv[1]), "me")
    if not store.events("a"):
        store.append("a", Started(""))
    done = len(store.events("a")) - 1
    for i in range(done, 10**9):
        store.save_draft("a", "s", "reply", f"{i} half")
        store.append("a", Replied("s", f"{i} " + "x" * (i % 3000)))
        print(i, flush=True)

for _ in sys.stdin:
    writer = os.fork()
    if not writer:
        write()
    os.waitpid(writer, 0)
    print("dead", flush=True)
"""
KILLS = 60


def test_what_was_acknowledged_survives_being_killed(tmp_path: Path) -> None:
    chance = random.Random(7)
    total = 0
    writers = subprocess.Popen(
        [sys.executable, "-c", WRITERS, str(tmp_path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        bufsize=1,
    )
    assert writers.stdin is not None
    assert writers.stdout is not None
    for _ in range(KILLS):
        writers.stdin.write("write\n")
        writer = int(writers.stdout.readline())
        seen = [writers.stdout.readline() for _ in range(chance.randint(0, 15))]
        os.kill(writer, signal.SIGKILL)
        seen += iter(writers.stdout.readline, "dead\n")
        acknowledged = int(seen[-1]) + 1 if seen else total
        with Store.open(tmp_path, "me") as store:
            assert store.notices == []
            numbers = [int(e.text.split(" ")[0]) for e in store.events("a") if isinstance(e, Replied)]
            # Each once, in order, none missing; at most one more than was acknowledged when the kill came.
            assert numbers == list(range(len(numbers)))
            assert acknowledged <= len(numbers) <= acknowledged + 1
            total = len(numbers)
            # An answer is sent or half typed, never both. A draft that was never sent is kept.
            assert store.draft("a", "s") in ({}, {"reply": f"{total} half"})
    writers.stdin.close()
    writers.stdout.close()
    writers.wait()
    assert total > 3 * KILLS, "the writers hardly wrote"
