"""How soon the tutor is there: `--version`, first paint, engine ready, and key to paint while an experiment runs.

    make bench        or        python -m benchmarks.startup [TIMES]

Everything is measured from outside, through a pseudo-terminal, against a peer in the same run.
"""

from __future__ import annotations

import asyncio
import itertools
import os
import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from benchmarks.machine import line, medians
from engine.client import Engine
from engine.protocol import DEFAULT_MODEL
from tests.terminal import TUTOR, Terminal

TWO_WIDGETS = """
from textual.app import App
from textual.widgets import Input, Static
class Two(App):
    def compose(self):
        yield Static("two widgets")
        yield Input()
Two().run()
"""
BARE_IMPORTS = "import torch; from transformers import AutoTokenizer, AutoModelForCausalLM"


def seconds(argv: list[str]) -> float:
    began = time.perf_counter()
    subprocess.run(argv, check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - began


def paint(argv: list[str], marker: str) -> float:
    """Seconds from the start of the process until the marker is on its screen."""
    with Terminal(argv) as terminal:
        while marker not in terminal.text:
            terminal.pump(0.5)
            if time.perf_counter() - terminal.began > 60:
                raise TimeoutError(f"{marker!r} never came:\n{terminal.text}")
        return time.perf_counter() - terminal.began


def engine_ready() -> float:
    async def start() -> float:
        engine = Engine()
        began = time.perf_counter()
        await engine.start()
        took = time.perf_counter() - began
        await engine.close()
        return took

    return asyncio.run(start())


LESSON = """
format: 1
id: long-run
title: A long run
unit: bench
minutes: 1
difficulty: 1
concepts: [sampling]
steps:
  - id: bet
    predict:
      kind: choice
      ask: How many of the texts differ?
      options:
        - {id: few, says: A few, when: {distinct: {below: 10}}}
        - {id: many, says: Many, when: {distinct: {at_least: 10}}}
  - id: go
    run: {experiment: sampling, with: {prompt: "Once upon a time", n: 20, max_new_tokens: 256}}
  - id: keep
    takeaway: What do you keep?
"""


def key_to_paint(keys: Sequence[str], presses: int) -> list[float]:
    """Seconds from a key to the end of what is painted then, while the engine writes 20 texts of 256 tokens.

    `tab` turns to the figure or back (`esc` would cancel the run), `f1` opens the help and `esc` closes it, `t` shows the
    figure as a table or back, which draws half of the screen, `down` and `up` scroll it. What is typed in the field where one
    writes is dropped while a run computes.
    """
    with tempfile.TemporaryDirectory() as folder:
        lessons = Path(folder) / "lessons" / "bench"
        lessons.mkdir(parents=True)
        (lessons / "long-run.yaml").write_text(LESSON)
        argv = [*TUTOR, "--home", f"{folder}/home", "--offline", "--lessons", str(lessons.parent), "long-run"]
        with Terminal(argv, 120, 40) as t:
            t.wait("How many of the texts differ", 60)
            t.wait("ready", 180)
            for typed in ("1", "enter", "a reason", "enter", "7", "enter"):
                t.press(typed)
                t.wait(lambda screen, typed=typed: typed != "a reason" or typed in screen)  # type: ignore[misc]
                while t.pump(0.2):
                    pass
            t.wait("writing", 180)
            if "tab" not in keys:
                t.press("tab")
            t.wait(lambda screen: not re.search(r"\s#?20  ", screen), 60)  # from now on there is something to scroll
            return pressed(t, keys, presses)


def pressed(terminal: Terminal, keys: Sequence[str], presses: int) -> list[float]:
    took = []
    for key in itertools.islice(itertools.cycle(keys), presses):
        while terminal.pump(0.03):
            pass
        took.append(terminal.painted(key)[0])
    return sorted(took)


def peer_key_to_paint(presses: int) -> list[float]:
    """The same for a letter in the two-widget app, with nothing else going on: how even this machine is."""
    with Terminal([sys.executable, "-c", TWO_WIDGETS], 120, 40) as t:
        t.wait("two widgets", 60)
        return pressed(t, ["x"], presses)


def p99(took: list[float]) -> float:
    """In milliseconds."""
    return took[int(len(took) * 0.99) - 1] * 1000


def main() -> None:
    times = int(sys.argv[1]) if len(sys.argv) > 1 else 9
    print(line("textual", "torch", "transformers", "pydantic"))
    subprocess.run([*TUTOR, "models", "--fetch", DEFAULT_MODEL], check=True)  # the tutors below stay off the network
    with tempfile.TemporaryDirectory() as home:
        python = [sys.executable]
        tutor = [*TUTOR, "--home", home, "--offline", "--engine", "sleep 60"]
        results = medians(
            {
                "python -c pass": lambda: seconds([*python, "-c", "pass"]),
                "llmw-tutor --version": lambda: seconds([*TUTOR, "--version"]),
                "two-widget app: paint": lambda: paint([*python, "-c", TWO_WIDGETS], "two widgets"),
                "llmw-tutor: first paint": lambda: paint(tutor, "llmw-tutor"),
                "llmw-tutor: lessons listed": lambda: paint(tutor, "Silence one head"),
            },
            times,
        )
        results |= medians(
            {
                "bare imports": lambda: seconds([*python, "-c", BARE_IMPORTS]),
                "engine ready": engine_ready,
            },
            max(3, times // 2),
        )
    for name, (median, least, most) in results.items():
        print(f"{name:<28} {median * 1000:8.0f} ms   ({least * 1000:.0f} to {most * 1000:.0f})")
    ratio = {n: r[0] for n, r in results.items()}
    print()
    goals = (
        ("llmw-tutor --version", "python -c pass", 5.0),
        ("llmw-tutor: first paint", "two-widget app: paint", 1.5),
        ("llmw-tutor: lessons listed", "two-widget app: paint", None),
        ("engine ready", "bare imports", 2.0),
    )
    for ours, theirs, goal in goals:
        aim = f"(at most {goal})" if goal else ""
        print(f"{ours} / {theirs}: {ratio[ours] / ratio[theirs]:.2f} {aim}")
    peer = statistics.median(idle := peer_key_to_paint(200)) * 1000
    print(f"key to paint, a letter in the two-widget app: median {peer:.1f} ms, p99 {p99(idle):.1f} ms")
    for keys, words in (
        (["t"], "the figure as a table"),
        (["tab"], "turning to the figure"),
        (["f1", "esc"], "the help and back by esc"),
        (["down", "up"], "scrolling the figure by a line"),
        (["pagedown", "pageup"], "scrolling it by a page"),
    ):
        took = key_to_paint(keys, 200)
        median = statistics.median(took) * 1000
        print(
            f"key to paint while a run computes, {words}: median {median:.1f} ms ({median / peer:.1f} x the two-widget app), "
            f"p99 {p99(took):.1f} ms (at most 50)"
        )
    print(f"load average {os.getloadavg()[0]:.1f}")


if __name__ == "__main__":
    main()
