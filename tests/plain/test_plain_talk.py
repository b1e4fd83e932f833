"""What is said line by line: a line that was heard is not said again, one that was not is said."""

from __future__ import annotations

from pathlib import Path

from tests.plain.piped import events, typed
from tutor import events as ev


def head(name: str) -> str:
    """A lesson up to its bet on one token."""
    return f"""
format: 1
id: one-{name}
title: One {name}
unit: own
minutes: 5
difficulty: 1
concepts: [next token]
steps:
  - id: bet
    predict: {{kind: token, ask: "Which token comes next?", fact: top_token}}
"""


TOKEN = (
    head("token")
    + """  - id: go
    run: {experiment: next_token, with: {prompt: "What is your name"}}
  - id: keep
    takeaway: What do you keep?
    answer: A model bets on every token at once.
"""
)


def test_a_takeaway_with_a_question_is_held_against_the_lessons_own_line_too(argv: list[str], tmp_path: Path) -> None:
    (tmp_path / "lessons" / "own" / "one-token.yaml").write_text(TOKEN)
    takeaway = "It is sure of how texts go on. But what is a corpus, and who chose it?"
    done = typed([*argv, "one-token"], "?", "it ends in a question", "60", takeaway, "")
    assert done.stdout.count("A model bets on every token at once.") == 1
    assert done.stdout.count("goes among") == 1, "what was heard as it came is not said again"
    end = done.stdout[done.stdout.index("That was “One token”") :]
    assert "Still open, among your notes: But what is a corpus" in " ".join(end.split())


def test_a_question_mark_is_a_token_that_can_be_bet_on(argv: list[str], tmp_path: Path) -> None:
    (tmp_path / "lessons" / "own" / "one-token.yaml").write_text(TOKEN)
    done = typed([*argv, "one-token"], "help", "", "?", "it ends in a question", "60", ":quit")
    assert done.stdout.count(":help says what else can be typed.") == 2
    (bet,) = (e for e in events(tmp_path, "one-token") if isinstance(e, ev.Predicted))
    assert bet.answer == "?"


COIN = (
    head("coin")
    + """  - id: go
    run: {experiment: next_token, with: {prompt: "It came up"}}
  - {id: look, observe: "What do you see?"}
  - id: why
    explain:
      ask: Where does the number come from?
      listen:
        expects:
          - {id: texts, says: it counts how sentences usually continue, cues: [corpus], ask: "What has it read?"}
          - {id: all, says: every token shares the sum, cues: [vocabulary], ask: "What else gets a share?"}
        answer: From a corpus, and over the vocabulary.
        wrong: [no idea]
  - {id: keep, takeaway: "What do you keep?"}
"""
)


def test_what_earlier_words_covered_need_not_be_marked_again(argv: list[str], tmp_path: Path) -> None:
    (tmp_path / "lessons" / "own" / "one-coin.yaml").write_text(COIN)
    partly, unsure = "from its corpus", "from how the sentences usually continue, so every token shares in the sum"
    done = typed([*argv, "one-coin"], "?", "it is a coin", "60", "a list", partly, unsure, "9", "2", ":quit")
    assert "1  it counts how sentences usually continue (you had that already)" in done.stdout
    assert "2  every token shares the sum\n" in done.stdout
    assert "Numbers from 1 to 2 with spaces between them" in done.stdout
    judged = [e for e in events(tmp_path, "one-coin") if isinstance(e, ev.Judged)]
    assert judged[-1] == ev.Judged("why", "right", ("texts", "all"), judge="learner")
