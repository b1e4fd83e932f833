"""A small lesson that is right, for tests that make one thing in it wrong."""

from __future__ import annotations

from pathlib import Path

LESSON = """\
format: 1
id: two-and-two
title: Two and two
unit: sums
minutes: 5
difficulty: 1
concepts: [next token]
models: {default: smollm2-135m}
bars: [tokenizer]
steps:
  - id: warm-up
    ask: What would a model write after a sum, and why?
    listen: &sums
      expects:
        - id: digits
          says: it writes what follows in texts
          cues: [texts, corpus]
          ask: Where has it met sums before?
      misconceptions:
        - id: calculator
          cues: [calculat, arithmetic]
          ask: How would you notice that it works the sum out?
          control: {experiment: next_token, with: {prompt: "2 + 2 ="}}
      answer: It writes what follows in the texts that it has read.
      wrong: [It adds, ""]
      deeper:
        ask: Which other sum would you try?
        answer: One that nobody has written down, such as a very long one.
        cues: [long, nobody]
        wrong: [The same again]
  - id: bet
    predict:
      kind: choice
      ask: How sure is the model of its first choice?
      options:
        - {id: sure, says: Nearly sure, when: {top_prob: {at_least: 0.5}}}
        - {id: unsure, says: "Unsure, really", when: {top_prob: {below: 0.5}}}
  - id: go
    run:
      experiment: next_token
      with: {prompt: "2 + 2 =", answer: " the"}
      seeds: [0, 1]
  - id: look
    observe: What do you see?
    readings:
      - id: close-second
        cues: [all alike, level]
        when: {top_prob: {below: 0.3}}
        shows: "the first has {top_prob}"
        ask: Which number stands beside the first?
      - id: same-word
        cues: [writes the]
        when: {top_token: {equals: " the"}}
        shows: "it writes “{top_token}”"
        ask: Which token stands first?
  - id: why
    explain:
      ask: Where does the first choice come from?
      listen: *sums
      claims:
        - {says: "“{top_token}” gets {top_prob}.", when: {top_prob: {above: 0.6}}}
  - id: again
    tweak:
      vary: [prompt]
      goal: Find a sum of which it is less sure.
      reached: {when: {top_prob: {below: 0.45}}, by: {prompt: Is it so that}}
      predict: {kind: number, ask: "Which probability is it?", fact: top_prob, low: 0, high: 1, close: 0.1}
  - id: keep
    takeaway: What do you keep, in one line of your own?
    answer: It goes on like a page.
    misconceptions:
      - id: always-sure
        cues: [always sure]
        ask: Of which sum was it less sure?
      - id: memory
        cues: [memorised]
        ask: Which sum can it never have met?
"""


def written(folder: Path, text: str = LESSON, name: str = "lesson.yaml") -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def changed(old: str, new: str, text: str = LESSON) -> str:
    """The lesson with its first `old` replaced."""
    assert old in text, f"the lesson does not hold {old!r}"
    return text.replace(old, new, 1)


def place_of(text: str, what: str) -> tuple[int, int]:
    """Line and column, from 1, where `what` stands for the first time."""
    before = text[: text.index(what)]
    return before.count("\n") + 1, len(before) - before.rfind("\n")
