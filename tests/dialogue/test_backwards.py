"""A learner's word against their own two numbers."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from tests.dialogue.course import FIRST_RUN, lesson
from tutor import events as ev
from tutor.dialogue.authored import word
from tutor.dialogue.backwards import OWN_NUMBERS, backwards
from tutor.dialogue.gate import check
from tutor.dialogue.moves import Move
from tutor.dialogue.voice import reply, turn_of
from tutor.loop import replay

SEEN = yaml.safe_load((Path(__file__).parent / "observations.yaml").read_text("utf-8"))


@pytest.mark.parametrize(
    "text",
    [
        "it grew, 4.13 to 4.03",
        "her lead rose from 6.12 to 3.08",
        "Mary went up 0.92 -> 0.61",
        "the lead shrank from 3.08 to 6.12 logits",
        "it fell from 71 % to 76 %",
        "John was there before, and Mary gained, from 0.923 to 0.873",
        "Its length got smaller, 35 to 666",
    ],
)
def test_the_word_says_otherwise_than_the_numbers(text: str) -> None:
    assert backwards(text)


@pytest.mark.parametrize(
    "text",
    [
        "it fell from 6.12 to 3.08",
        "it grew from 0.71 to 0.76",
        "it did not grow, 4.13 to 4.03",
        "it never rose: 6.12 to 3.08",
        "John rose and Mary fell from 0.92 to 0.61",
        "the rank rose from 2677 to 0",
        "it climbs to the top between layer 29 to 22",
        "it grew. from 6.12 to 3.08 is the lead",
        "it grew in layers 29 to 20",
        "Mary lost 3 of 6.12",
        "it rose",
        "",
    ],
)
def test_where_that_is_not_sure_nothing_is_said(text: str) -> None:
    assert not backwards(text)


@pytest.mark.parametrize("name", ["tuned", "never tuned"])
def test_nothing_true_that_learners_wrote_is_taken_so(name: str) -> None:
    right = [text for steps in SEEN[name].values() for kinds in steps.values() for text in kinds["right"]]
    assert len(right) > 100
    assert [text for text in right if backwards(text)] == []


def test_it_is_asked_about_once() -> None:
    looking = FIRST_RUN[:-1]
    said = reply(replay(lesson, looking), "her lead rose from 6.12 to 3.05")
    assert said.misconception == OWN_NUMBERS.id
    state = replay(lesson, [*looking, said])
    turn = turn_of(state, Move.COUNTER)
    assert "6.12 to 3.05" in word(turn) or "lead rose" in word(turn)
    assert word(turn).endswith("f the two numbers in it, which is the larger one?")
    assert check(turn, word(turn)) == []
    again = [*looking, said, ev.Said("look", "counter", word(turn))]
    after = replay(lesson, [*again, reply(replay(lesson, again), "it rose from 6.12 to 3.05")])
    assert after.at == "why"
