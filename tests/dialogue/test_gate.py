"""The gate: turns that may be said and turns that break one rule, whole and as they stream."""

from __future__ import annotations

import inspect
import re
from pathlib import Path

import pytest
import yaml

from tests.dialogue.course import TURNS
from tutor.dialogue import gate
from tutor.dialogue.gate import Gate, check
from tutor.dialogue.words import sentences, whole

SAID = yaml.safe_load((Path(__file__).parent / "turns.yaml").read_text())
GOOD = [(name, text) for name, kinds in SAID.items() for text in kinds["good"]]
BAD = [
    (name, rule, text)
    for name, kinds in SAID.items()
    for rule, texts in kinds.items()
    if rule != "good"
    for text in texts
]


def test_there_are_enough_of_them() -> None:
    assert len(GOOD) >= 60
    assert len(BAD) >= 120
    rules = {int(n) for n in re.findall(r"Refusal\((\d+)", inspect.getsource(gate))}
    assert {rule for _, rule, _ in BAD} == set(range(1, max(rules) + 1)), "each rule has turns that it refuses"


@pytest.mark.parametrize(("name", "text"), GOOD)
def test_a_good_turn_is_said(name: str, text: str) -> None:
    assert check(TURNS[name], text) == []


@pytest.mark.parametrize(("name", "rule", "text"), BAD)
def test_a_bad_turn_is_refused_with_its_rule_and_no_other(name: str, rule: int, text: str) -> None:
    assert [r.rule for r in check(TURNS[name], text)] == [rule]


def streamed(name: str, text: str) -> tuple[list[str], int | None]:
    """What a stream of single characters puts on the screen, and the rule that stopped it."""
    gate, shown, rest = Gate(TURNS[name]), list[str](), ""
    for character in text:
        done, rest = whole(rest + character)
        for sentence in done:
            if refusal := gate.sentence(sentence):
                return shown, refusal.rule
            shown.append(sentence)
    refusal = gate.end(rest)
    return (shown, refusal.rule) if refusal else ([*shown, rest], None)


@pytest.mark.parametrize(("name", "text"), GOOD)
def test_a_good_turn_streams_through(name: str, text: str) -> None:
    shown, refused = streamed(name, text)
    assert refused is None
    assert " ".join(shown).split() == text.split()


@pytest.mark.parametrize(("name", "rule", "text"), BAD)
def test_nothing_that_fails_is_shown_while_it_streams(name: str, rule: int, text: str) -> None:
    shown, refused = streamed(name, text)
    assert refused == rule
    assert len(shown) < max(1, len(sentences(text)))
    assert "?" not in "".join(shown)


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("It was 0.92. What now?", ["It was 0.92.", "What now?"]),
        ("Some (e.g. the last) differ. Why?", ["Some (e.g. the last) differ.", "Why?"]),
        ('It says " Mary". Why?', ['It says " Mary".', "Why?"]),
        ("“It stays. Mary wins.” — so what is left?", ["“It stays. Mary wins.” — so what is left?"]),
        ("Look at `a. b`. Why?", ["Look at `a. b`.", "Why?"]),
        ("What is it? and why?", ["What is it?", "and why?"]),
        ("Wait… what then?", ["Wait… what then?"]),
        ("", []),
    ],
)
def test_where_sentences_end(text: str, parts: list[str]) -> None:
    assert sentences(text) == parts
