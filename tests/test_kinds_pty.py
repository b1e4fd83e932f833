"""A whole lesson of each newer kind of bet, taken in the real program with the real model: with keys in a (pseudo-)terminal,
and some line by line over a pipe.

Skipped where the model that is always there is not there; nothing here needs a network.
"""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from tests.terminal import TUTOR, Terminal
from tutor import events as ev
from tutor.journal.store import Store

ROOT = Path(__file__).parent.parent
TELL = "just tell me"

KEYS: dict[str, tuple[tuple[list[str], object], tuple[list[str], object]]] = {
    "twenty-chips": (
        (["1", "2", "down", "3", "down", "down", "5"], [12, 3, 0, 5]),
        (["5", "down", "9", "down", "down", "6"], [5, 9, 0, 6]),
    ),
    "where-a-head-looks": ((["4"], None), (["1"], None)),
    "where-the-country-waits": ((["1", "2"], 12.0), (["2", "3", "right", "right"], [23, 2])),
    "how-long-is-the-stream": ((["up", "3", "right", "right", "6"], None), (["4", "end", "8"], None)),
    "the-likeliest-every-time": ((["it repeats itself"], "it repeats itself"), (["3"], None)),
}
"""By lesson: the keys of its two bets, and what is stored of each where that is worth knowing."""

LINES: dict[str, tuple[str, str]] = {
    "where-the-country-waits": ("12", "23 4"),
    "how-long-is-the-stream": ("0:3 29:60", "0:40 10:200 29:600"),
}
"""By lesson: its two bets, as they are typed. Two of the five, to spare the test run a minute."""


def arguments(home: Path, model: Path, lesson: str, *more: str) -> list[str]:
    return [*TUTOR, *more, "--home", str(home), "--model", str(model), "--offline", lesson]


def events(home: Path, lesson: str) -> list[ev.Event]:
    with Store.read(home, "me") as store:
        return store.events(lesson)


@pytest.mark.parametrize("lesson", LINES)
def test_a_whole_lesson_line_by_line(tmp_path: Path, smollm2: Path, lesson: str) -> None:
    first, second = LINES[lesson]
    lines = [TELL, first, "a guess", "60", "I see it", TELL, second, "a guess", "60", "I see it", TELL, ":go", "mine"]
    done = subprocess.run(
        arguments(tmp_path, smollm2, lesson, "--plain"),
        input="\n".join([*lines, ""]),
        capture_output=True,
        text=True,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
        cwd=ROOT,
        timeout=180,
    )
    assert done.returncode == 0, done.stderr
    assert "That was “" in done.stdout
    kept = events(tmp_path, lesson)
    assert len([e for e in kept if isinstance(e, ev.Predicted)]) == 2
    assert len([e for e in kept if isinstance(e, ev.RunFinished)]) == 2
    assert any(isinstance(e, ev.Finished) for e in kept)


@pytest.mark.long
@pytest.mark.parametrize("lesson", KEYS)
def test_a_whole_lesson_with_the_keys(tmp_path: Path, smollm2: Path, lesson: str) -> None:
    env = {"OMP_NUM_THREADS": "1", "TEXTUAL_ANIMATIONS": "none"}
    with Terminal(arguments(tmp_path, smollm2, lesson), env=env) as t:
        t.wait("1 of 11", 60)
        t.wait("ready", 60)
        for step, (keys, _) in zip((2, 6), KEYS[lesson], strict=True):
            say(t, TELL)
            t.wait(f"{step} of 11")
            t.wait(lambda screen: "bet " in screen and "sure " in foot(screen) and "still being loaded" not in screen)
            press(t, *keys, "enter", "a guess", "enter", "7", "enter")
            t.wait(f"{step + 2} of 11", 60)
            say(t, "I see it")
            t.wait(f"{step + 3} of 11")
        say(t, TELL)
        t.wait("10 of 11")
        t.wait(lambda screen: "tweak" in screen)
        press(t, "ctrl+g")
        t.wait("11 of 11")
        say(t, "mine")
        t.wait("That was “")
    kept = events(tmp_path, lesson)
    bets = [e for e in kept if isinstance(e, ev.Predicted)]
    assert [(b.reason, b.confidence) for b in bets] == [("a guess", 70)] * 2
    for bet, (_, answer) in zip(bets, KEYS[lesson], strict=True):
        assert answer is None or bet.answer == answer
    assert len([e for e in kept if isinstance(e, ev.RunFinished)]) == 2
    assert any(isinstance(e, ev.Finished) for e in kept)


def foot(screen: str) -> str:
    """What stands below the last rule: where one types."""
    return screen.rpartition("\n──")[2]


def press(t: Terminal, *keys: str) -> None:
    """As a person types: one key, then a look. Nothing blinks, so that the looking has an end."""
    while t.pump(0.1):
        pass
    for key in keys:
        t.press(key)
        while t.pump(0.05):
            pass


def say(t: Terminal, words: str) -> None:
    t.wait(lambda screen: "you " in foot(screen))
    press(t, words, "enter")
