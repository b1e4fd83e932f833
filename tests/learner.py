"""A learner who takes a lesson in the real program by looking at the screen and pressing keys."""

from __future__ import annotations

import itertools
import re
import time
from pathlib import Path

from tests.terminal import TUTOR, Terminal

LESSON = """
format: 1
id: small-steps
title: Small steps
unit: first-look
minutes: 5
difficulty: 1
concepts: [next token]
steps:
  - {id: one, ask: "What do you expect of the first word?"}
  - {id: two, ask: "What do you expect of the second word?"}
  - id: bet
    predict:
      kind: choice
      ask: How sure is the model of the next token?
      options:
        - {id: sure, says: More than half, when: {top_prob: {at_least: 0.5}}}
        - {id: not, says: Less than half, when: {top_prob: {below: 0.5}}}
  - id: go
    run: {experiment: next_token, with: {prompt: The capital of France is}}
  - {id: look, observe: "What do you see?"}
  - {id: three, ask: "What would you try on another text?"}
  - {id: keep, takeaway: "What do you keep?"}
"""
ONE_HEAD = """
format: 1
id: one-head
title: One head
unit: own
minutes: 5
difficulty: 1
concepts: [ablation]
models: {needs: [heads]}
steps:
  - id: guess
    predict:
      kind: choice
      ask: What happens to the lead?
      options:
        - {id: shrinks, says: It shrinks, when: {drop: {above: 0}}}
        - {id: not, says: It does not shrink, when: {drop: {at_most: 0}}}
  - id: do-it
    run:
      experiment: head_ablation
      with: {prompt: "When Mary and John went to the store, John gave a drink to", layer: 1, head: 2,
             answer: " Mary", distractor: " John", max_new_tokens: 4}
  - id: look
    observe: What do you see?
  - id: try
    tweak: {vary: [layer, head], goal: Find a head that matters less.}
  - id: keep
    takeaway: What will you remember?
"""
"""A bet, a run and a tweak of one head."""


def write_lesson(folder: Path) -> Path:
    """A lessons folder that holds the lesson."""
    unit = folder / "first-look"
    unit.mkdir(parents=True, exist_ok=True)
    (unit / "small-steps.yaml").write_text(LESSON)
    return folder


class Learner:
    """Every reply holds a word that was never used before. `acknowledged`: each word that the tutor has
    shown as said or bet, and the screen that showed it."""

    def __init__(self, home: Path, lessons: Path, model: Path, columns: int = 80, rows: int = 24) -> None:
        self.argv = [*TUTOR, "--home", str(home), "--lessons", str(lessons), "--model", str(model), "--offline"]
        self.size = columns, rows
        self.words = (f"w{i:04}" for i in itertools.count(1))
        self.acknowledged: dict[str, str] = {}
        self.pending: str | None = None
        self.steps_seen: set[str] = set()
        self.pressed = 0.0

    def open(self) -> Terminal:
        self.pending = None
        self.pressed = 0.0
        return Terminal([*self.argv, "small-steps"], *self.size, env={"OMP_NUM_THREADS": "1"})

    def act(self, t: Terminal) -> None:
        """Look at the screen once, note what it acknowledges, and do the one next thing that a person would do."""
        talk, _, desk = t.text.rpartition("\n──")
        # said or bet, as the talk shows it; a frame may be half painted, so the word alone is not enough
        if self.pending and re.search(
            rf"^ *you  {re.escape(self.pending)}\b|because {re.escape(self.pending)}\b", talk, re.MULTILINE
        ):
            self.acknowledged[self.pending] = t.text
            self.pending = None
        if found := re.search(r"(\d) of 7", t.text):
            self.steps_seen.add(found[1])
        if self.pending and time.monotonic() - self.pressed < 1:
            return  # it was pressed; the screen has not answered yet
        if "from its first step?" in t.text:
            self._press(t, "enter")
        elif "take it again" in desk:
            self._press(t, "r")
        elif "esc cancel" in desk or " of 7" not in t.text:
            return  # the model runs, or the screen is between two states
        elif re.search(r"^ *sure ", desk, re.MULTILINE):
            self._bet(t, desk)
        elif re.search(r"^ *you +\S", desk, re.MULTILINE):
            self._reply(t, desk)

    def _reply(self, t: Terminal, desk: str) -> None:
        if self.pending and self.pending in desk:
            self._press(t, "enter")
        else:
            self.pending = next(self.words)
            self._press(t, self.pending, "enter")

    def _bet(self, t: Terminal, desk: str) -> None:
        """Fill in the card from its first field; a reason that came back from an earlier life is kept."""
        kept = re.search(r"^ *why  (.*)$", desk, re.MULTILINE)
        reason = kept[1].strip() if kept else ""
        if reason and reason != "what makes you think so":
            self.pending = reason
            self._press(t, *["up"] * 5, "1", "enter", "7", "enter")
        else:
            self.pending = next(self.words)
            self._press(t, *["up"] * 5, "1", "enter", self.pending, "enter", "7", "enter")

    def _press(self, t: Terminal, *keys: str) -> None:
        for key in keys:
            t.press(key)
            t.pump(0.05)
            while t.pump(0.02):
                pass
        self.pressed = time.monotonic()
