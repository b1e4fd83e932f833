"""A lesson of each newer kind of bet, taken in the real program with the real model: with keys in a (pseudo-)terminal as far
as the bet, its run and its explanation, and line by line over a pipe from the first step to the takeaway.

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

KEYS: dict[str, tuple[list[str], object]] = {
    "twenty-chips": (["1", "2", "down", "3", "down", "down", "5"], [12, 3, 0, 5]),
    "where-a-head-looks": (["4"], None),
    "where-the-country-waits": (["1", "2"], 12.0),
    "how-long-is-the-stream": (["up", "3", "right", "right", "6"], None),
    "the-likeliest-every-time": (["it repeats itself"], "it repeats itself"),
}
"""By lesson: the keys of its first bet."""

LINES: dict[str, tuple[str, str]] = {
    "twenty-chips": ("blue 8, red 4, green 2, else 6", "blue 6, red 8, green 1, else 5"),
    "where-a-head-looks": ("2 3 4 1", "1"),
    "where-the-country-waits": ("12", "23 4"),
    "how-long-is-the-stream": ("0:3 29:60", "0:40 10:200 29:600"),
    "the-likeliest-every-time": ("it will repeat itself and be cut off", "3"),
}
"""By lesson: its two bets, as they are typed."""


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


@pytest.mark.parametrize("lesson", KEYS)
def test_the_first_bet_and_its_run_with_the_keys(tmp_path: Path, smollm2: Path, lesson: str) -> None:
    keys, answer = KEYS[lesson]
    with Terminal(
        arguments(tmp_path, smollm2, lesson), env={"OMP_NUM_THREADS": "1", "TEXTUAL_ANIMATIONS": "none"}
    ) as t:
        t.wait("1 of 11", 60)
        t.wait(lambda screen: "you " in screen.rpartition("\n──")[2])
        t.press(TELL, "enter")
        t.wait(lambda screen: "sure " in screen.rpartition("\n──")[2])
        t.wait("ready", 60)
        t.wait(lambda screen: "bet " in screen and "still being loaded" not in screen)
        while t.pump(0.2):  # nothing blinks, so that this has an end
            pass
        for key in [*keys, "enter", "a guess", "enter", "7", "enter"]:  # as a person types: one key, then a look
            t.press(key)
            while t.pump(0.15):
                pass
        t.wait("4 of 11", 40)
        t.wait(lambda screen: "you " in screen.rpartition("\n──")[2])
        t.press("I see it", "enter")
        t.wait("5 of 11")
    kept = events(tmp_path, lesson)
    (bet,) = [e for e in kept if isinstance(e, ev.Predicted)]
    assert (bet.reason, bet.confidence) == ("a guess", 70)
    assert answer is None or bet.answer == answer
    assert any(isinstance(e, ev.RunFinished) for e in kept)
