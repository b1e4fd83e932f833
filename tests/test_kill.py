"""The whole program, killed at random moments of a lesson: what was acknowledged is there, and it goes on.

Fifty times in the test run; `make kill` does it 500 times.
"""

from __future__ import annotations

import os
import random
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.engine.tiny import tiny_folder
from tests.learner import Learner, write_lesson
from tests.terminal import Terminal
from tutor.events import Predicted, Replied
from tutor.journal.store import Store

KILLS = int(os.environ.get("LLMW_KILLS", "50"))
SEED = int(os.environ.get("LLMW_SEED", "7"))


def kept_words(home: Path) -> set[str]:
    """Every word that the journal holds in a reply or in the reason of a bet, of every taking of the lesson."""
    store = Store.read(home, "me")
    try:
        events = [e for r in store.records("small-steps") if isinstance(e := r.event, (Replied, Predicted))]
        return set(" ".join(e.text if isinstance(e, Replied) else e.reason for e in events).split())
    finally:
        store.close()


def live(t: Terminal, learner: Learner, until: Callable[[], bool], timeout: float = 120) -> None:
    """The learner looks whenever something was painted, and ten times a second besides: a look costs as much as a frame."""
    deadline, looked = time.monotonic() + timeout, 0.0
    while not until():
        assert time.monotonic() < deadline, f"nothing moved any more:\n{t.text}"
        if t.pump(0.02) or time.monotonic() - looked > 0.1:
            learner.act(t)
            looked = time.monotonic()


@pytest.mark.long
def test_a_killed_tutor_loses_nothing_and_goes_on(tmp_path: Path) -> None:
    home = tmp_path / "home"
    learner = Learner(home, write_lesson(tmp_path / "lessons"), tiny_folder("llama"))
    luck = random.Random(SEED)
    for kill in range(KILLS):
        with learner.open() as t:
            t.wait(lambda screen: "Small steps" in screen, 60)
            # so much more is to be acknowledged in this life, then a moment more: the kill may come anywhere in what follows
            goal = len(learner.acknowledged) + luck.choice((0, 0, 0, 1, 1, 2))
            live(t, learner, lambda goal=goal: len(learner.acknowledged) >= goal)  # type: ignore[misc]
            last = time.monotonic() + luck.uniform(0, 0.5)
            live(t, learner, lambda last=last: time.monotonic() >= last)  # type: ignore[misc]
            t.kill()
        lost = set(learner.acknowledged) - kept_words(home)
        assert not lost, (
            f"after kill {kill + 1} (seed {SEED}): {lost} was acknowledged and is not in the journal:\n"
            + "\n".join(learner.acknowledged[word] for word in lost)
        )
    assert len(learner.acknowledged) >= KILLS / 2, "the learner got too little done for this to mean anything"
    assert learner.steps_seen >= {"1", "2", "3", "5"}, f"only got to steps {sorted(learner.steps_seen)}"

    with learner.open() as t:  # and now it is let live: the lesson can be taken to its end
        t.wait(lambda screen: "Small steps" in screen, 60)
        live(t, learner, lambda: "take it again" in t.text)
    assert set(learner.acknowledged) <= kept_words(home), list(learner.acknowledged)
