"""Bets in plain mode: every kind can be typed, and what is no bet is asked for again."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tests.plain.piped import events, typed
from tutor import events as ev
from tutor.plain.bets import confidence
from tutor.plain.tweaks import pairs

ONE_LAYER = """
format: 1
id: one-layer
title: One layer
unit: own
minutes: 5
difficulty: 1
concepts: [ablation]
steps:
  - id: guess
    predict: {kind: number, ask: "From which layer on?", fact: first_layer_top, low: 0, close: 1}
  - id: do-it
    run: {experiment: logit_lens, with: {prompt: When Mary and John went}}
  - id: look
    observe: What do you see?
  - id: try
    tweak:
      vary: [prompt]
      goal: Find a text that is clear from the first layer on.
      predict: {kind: number, ask: "From which layer on?", fact: first_layer_top, low: 0, close: 1}
  - id: keep
    takeaway: What will you remember?
"""


def test_a_bet_on_a_layer_that_is_not_there_is_asked_for_again(argv: list[str], tmp_path: Path) -> None:
    (tmp_path / "lessons" / "own" / "one-layer.yaml").write_text(ONE_LAYER)
    done = typed([*argv, "one-layer"], "2", "why", "60", "seen", "prompt=Mary", "", "3", "2")
    told = done.stdout.rpartition("your bet> 3\n")[2]
    assert told.startswith("3 is too high: layers go from 0 to 2 here")
    assert "\nyour bet> 2\nbecause> " in told


def test_what_a_word_means_is_said_where_a_bet_or_a_parameter_is_wanted(argv: list[str], tmp_path: Path) -> None:
    (tmp_path / "lessons" / "own" / "one-layer.yaml").write_text(ONE_LAYER)
    lines = [
        "what is a layer?",
        "2",
        "what does entropy 1 mean",
        "why",
        "about 60%",
        "seen",
        "what is a logit?",
        ":quit",
    ]
    told = typed([*argv, "one-layer"], *lines).stdout
    assert "A model is a stack of layers" in told.partition("your bet> what is a layer?\n")[2].splitlines()[0]
    assert "Entropy says" in told.partition("because> what does entropy 1 mean\n")[2].splitlines()[0]
    assert "A logit is" in told.partition("tweak> what is a logit?\n")[2].splitlines()[0]
    assert "60 % sure" in told


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("layer=3 head=2", {"layer": "3", "head": "2"}),
        ("layer = 3, head=2", {"layer": " 3", "head": "2"}),
        ("layer 3 head 2", {"layer": "3", "head": "2"}),
        ("prompt=Monday, Tuesday, layer=3", {"prompt": "Monday, Tuesday,", "layer": "3"}),
        ("prompt=the layer is a head", {"prompt": "the layer is a head"}),
        ("prompt=In layer 3 of the model", {"prompt": "In layer 3 of the model"}),
        ("layer=4 prompt=3,", {"layer": "4", "prompt": "3,"}),
    ],
)
def test_parameters_are_read_as_people_type_them(line: str, found: dict[str, str]) -> None:
    assert pairs(line, ["prompt", "layer", "head"]) == found


@pytest.mark.parametrize(
    ("line", "sure"),
    [
        ("60", 60),
        ("about 60%", 60),
        ("~ 60 %", 60),
        ("60% sure", 60),
        ("maybe 7", 7),
        ("forty", None),
        ("101", None),
        ("6 7", None),
    ],
)
def test_how_sure_is_read_as_people_type_it(line: str, sure: int | None) -> None:
    assert confidence(line) == sure


def test_how_far_off_a_number_may_be_is_said(argv: list[str], tmp_path: Path) -> None:
    (tmp_path / "lessons" / "own" / "one-layer.yaml").write_text(ONE_LAYER)
    assert ", give or take 1, or a range such as" in typed([*argv, "one-layer"], ":quit").stdout
    (tmp_path / "lessons" / "own" / "one-layer.yaml").write_text(ONE_LAYER.replace("close: 1", "close: 0.5"))
    said = typed([*argv, "one-layer"], ":quit").stdout
    assert "or a range such as" in said
    assert "give or take" not in said, "a whole number has to be met"


def test_a_bet_that_comes_before_the_model_waits_for_it(argv: list[str], tmp_path: Path) -> None:
    (tmp_path / "lessons" / "own" / "one-layer.yaml").write_text(ONE_LAYER)
    told = typed([*argv, "one-layer"], "99", "2", ":quit").stdout.partition("your bet> 99\n")[2].splitlines()
    assert told[0] == "One moment: the model is being loaded."
    assert any(line.startswith("99 is too high: layers go from 0 to 2 here") for line in told)


@pytest.mark.parametrize("word", ["?", "help", "", "9"])
def test_who_asks_for_help_at_a_bet_is_told_where_it_is(argv: list[str], word: str) -> None:
    said = typed([*argv, "one-head"], word, ":quit").stdout
    told = said.partition("your bet>")[2]
    assert ":help says what else can be typed." in told
    assert ("A number from 1 to" in told) != (word == "9")
    assert ("choose one of 1 to" in told) == (word == "9")


KINDS = """
format: 1
id: every-kind
title: Every kind
unit: own
minutes: 5
difficulty: 1
concepts: [bets]
models: {needs: [heads]}
steps:
  - id: how-likely
    predict: {kind: number, ask: "How likely is the next token?", fact: top_prob, low: 0, high: 1, close: 0.1}
  - id: which
    predict: {kind: token, ask: "Which token?", fact: top_token}
  - id: order
    predict:
      kind: ranking
      ask: Which is the largest?
      items:
        - {id: top, says: The probability of the first token, fact: top_prob}
        - {id: bits, says: The entropy, fact: entropy_bits}
        - {id: ours, says: The probability of the answer, fact: answer_prob}
  - id: chips
    predict: {kind: distribution, ask: "Which comes next?", candidates: &candidates [" the", " is"]}
  - id: words
    predict:
      kind: text
      ask: What will the list look like?
      expects:
        - {id: flat, says: no token stands out, cues: [flat, nothing stands out], when: {top_prob: {below: 0.5}}}
        - {id: peak, says: one token stands out, cues: [one token, a peak], when: {top_prob: {at_least: 0.5}}}
      wrong: [I had soup for lunch]
  - id: next
    run: {experiment: next_token, with: {prompt: The cat sat on, answer: " the", candidates: *candidates}}
  - id: draw
    predict: {kind: curve, ask: "Which rank at each layer?", fact: answer_rank_by_layer, low: 0, high: 1000, scale: log,
              close: 3}
  - id: lens
    run: {experiment: logit_lens, with: {prompt: The cat sat on, answer: " the"}}
  - id: where
    predict: {kind: cell, ask: "Which place matters most?", row_fact: best_layer, column_fact: best_position,
              columns: positions}
  - id: trace
    run: {experiment: causal_trace, with: {prompt: The cat sat on, subject: The cat, answer: " the", samples: 2}}
  - id: keep
    takeaway: What do you keep?
"""


def test_every_kind_of_bet_can_be_typed(argv: list[str], tmp_path: Path) -> None:
    (tmp_path / "lessons" / "own" / "every-kind.yaml").write_text(KINDS)
    rest = ["why", "60"]
    bets = [
        "0 to 5",
        "0.1 to 0.2",
        *rest,
        "·cat",
        *rest,
        "1 2",
        "2 1 3",
        *rest,
        "19 19 19",
        "the 12, is 3, else 5",
        *rest,
    ]
    bets += ["it is nice", "it is nice", *rest, "0:900 2:5", *rest, "layer 1 position 3", *rest]
    done = typed([*argv, "every-kind"], *bets, "much")
    assert "That was “Every kind”. 7 bets" in done.stdout, done.stdout + done.stderr
    kept = {e.step: e.answer for e in events(tmp_path, "every-kind") if isinstance(e, ev.Predicted)}
    assert kept == {
        "how-likely": [0.1, 0.2], "which": " cat", "order": ["bits", "top", "ours"], "chips": [12, 3, 5],
        "words": "it is nice", "draw": [[0, 900], [2, 5]], "where": [1, 3],
    }  # fmt: skip
    for words in (
        "20 chips, such as the 12, is 3, else 5",
        "position 0  The",
        "values from 0 to 1000. Layers go from 0 to 2.",
    ):
        assert words in done.stdout
    assert done.stdout.count("figure 1 of ") == 3
    assert done.stdout.count("Nothing in these words can be checked by the run") == 1
    exported = subprocess.run([*argv, "export"], capture_output=True, text=True, check=True, timeout=60).stdout
    for told in (done.stdout, exported):
        assert "◆ yours: layer 1, position" in told, "the bet on a cell is laid over the run's grid"


TWO_TOKENS = """
format: 1
id: two-tokens
title: Two tokens
unit: own
minutes: 5
difficulty: 1
concepts: [bets]
steps:
  - id: first
    predict: {kind: number, ask: "How likely is the next token?", fact: top_prob, low: 0, high: 1, close: 0.1}
  - id: run-first
    run: {experiment: next_token, with: {prompt: The cat sat on}}
  - id: second
    predict: {kind: token, ask: "Which token?", fact: top_token}
  - id: run-second
    run: {experiment: next_token, with: {prompt: The cat sat on}}
  - id: keep
    takeaway: What do you keep?
"""


def test_a_bet_on_one_token_is_one(argv: list[str], tmp_path: Path) -> None:
    (tmp_path / "lessons" / "own" / "two-tokens.yaml").write_text(TWO_TOKENS)
    done = typed(
        [*argv, "two-tokens"], "0.5", "is it flat?!", "70", "·cat sat on", "·cat", "is it the cat?", "60", "much"
    )
    assert "that is 3 tokens, ·cat + ·sat + ·on; the bet is one." in done.stdout, done.stdout
    assert "60 % sure, because is it the cat? Locked." in done.stdout
    kept = {e.step: e.answer for e in events(tmp_path, "two-tokens") if isinstance(e, ev.Predicted)}
    assert kept["second"] == " cat"


def test_a_bet_on_a_run_that_the_model_cannot_do_is_not_asked_for(argv: list[str], tmp_path: Path) -> None:
    lesson = tmp_path / "lessons" / "own" / "one-head.yaml"
    lesson.write_text(lesson.read_text().replace("layer: 1", "layer: 7"))
    done = typed([*argv, "one-head"], "1", "anything", "", ":skip", ":quit")
    assert (
        "cannot do the run that comes now: layer = 7 is out of range; it must be a whole number from 0 to 2."
        in done.stdout
    )
    assert ":skip skips it, anew begins again with smollm2-135m" in done.stdout
    assert not [e for e in events(tmp_path, "one-head") if isinstance(e, (ev.Predicted, ev.RunFailed))]
    assert [e.step for e in events(tmp_path, "one-head") if isinstance(e, ev.Skipped)] == ["guess"]
