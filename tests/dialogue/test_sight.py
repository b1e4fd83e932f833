"""A number that a learner says they see: it stands in the runs, or is made of what does, or is asked about once."""

from __future__ import annotations

import pytest

from tests.dialogue.course import ABLATION, FIRST_RUN, lesson
from tutor import events as ev
from tutor.dialogue import phrases
from tutor.dialogue.authored import word
from tutor.dialogue.gate import check
from tutor.dialogue.judge import judge
from tutor.dialogue.sight import astray
from tutor.dialogue.voice import reply, turn_of
from tutor.loop import replay
from tutor.state import State
from tutor.todo import Hear, Judge, Say, todo

LOOKING = FIRST_RUN[:-1]
"""What was before the learner is asked what they see: Mary falls from 0.9231 to 0.6104, and half of her lead is lost."""


def looking() -> State:
    state = replay(lesson, LOOKING)
    assert state.at == "look"
    return state


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("Mary goes from 0.92 to 0.35", "0.35"),
        ("she has 75% of it now", "75%"),
        ("now it is 0.35 and it was 0.92", "0.35"),
        ("the lead is 4,5 logits", "4,5"),
        ("John got 45 percent", "45 percent"),
        ("a kl of 1.7 bits", "1.7"),
    ],
)
def test_a_number_that_no_run_gave(text: str, number: str) -> None:
    assert astray(looking(), text) == number


@pytest.mark.parametrize(
    "text",
    [
        "Mary goes from 0.92 to 0.61",
        "0.9231 before, 0.6104 after",
        "61 % for Mary, 22 % for John",
        "0.9 and then 0.6",  # cut
        "Mary lost 0.31",  # a difference
        "Mary and John have 0.83 together",  # a sum
        "half of it is lost: 0.5",
        "the lead went from 6.1 to 3.05",  # nearly read off
        "about 0.3 for John, nearly 0.7 for Mary",  # no reading
        "less than 0.8",
        "between 0.7 and 0.8",
        "Mary is 2.8x as likely as John, 2.8 times",  # a ratio
        "layer 23, head 3, 3 of 10 and 49,152 tokens",  # counted
        "I bet the lead would be gone, 35",
        "it is Mary",
        "",
    ],
)
def test_numbers_that_stand_there_or_were_not_read_off(text: str) -> None:
    assert astray(looking(), text) == ""


def test_an_earlier_run_counts_and_so_do_the_bets() -> None:
    state = looking()
    (bet, *_) = state.bets
    assert astray(state, f"I was {bet.confidence} % sure") == ""
    again = replay(lesson, [*LOOKING, ev.RunFinished("look", {**ABLATION, "facts": {"drop": 0.77}})])
    assert astray(again, "0.92 in the first run") == ""


def test_before_the_run_and_where_nobody_asks_what_is_seen_nothing_is_looked_up() -> None:
    assert astray(replay(lesson, []), "0.35") == ""
    assert astray(replay(lesson, FIRST_RUN), "0.35") == "", "its explanation is judged by what it must hold"


def test_it_is_asked_about_once_and_the_lesson_goes_on() -> None:
    said = reply(looking(), "John has 0.35 now")
    assert said.asks == "astray"
    state = replay(lesson, [*LOOKING, said])
    match todo(state):
        case Say(move=move, step="look"):
            turn = turn_of(state, move)
        case other:
            raise AssertionError(other)
    words = word(turn)
    assert words in {frame.format(q="0.35") for frame in phrases.ASTRAY}
    assert check(turn, words) == []

    state = replay(lesson, [*LOOKING, said, ev.Said("look", move, words)])
    assert todo(state) == Hear("look")
    for answer in ("ah, 0.22", "I do read 0.35 there"):
        after = replay(lesson, [*LOOKING, said, ev.Said("look", move, words), reply(state, answer)])
        assert after.at != "look", "nobody is held here"


def test_every_way_to_ask_passes_the_gate() -> None:
    state = replay(lesson, [*LOOKING, reply(looking(), "John has 35 % now")])
    assert state.talk.move
    turn = turn_of(state, state.talk.move)
    for frame in phrases.ASTRAY:
        assert check(turn, frame.format(q="35 %")) == []


@pytest.mark.parametrize(
    "text", ["The model reads it and is not sure. ", "“a b” and `c d` is. ", "0.123 0.456 ", "what is a logit? "]
)
@pytest.mark.parametrize(("before", "step"), [([], "warm-up"), (LOOKING, "look"), (FIRST_RUN, "why")])
def test_a_reply_of_any_length_is_taken(text: str, before: list[ev.Event], step: str) -> None:
    """200 kB, pasted by mistake: the screen stands still while it is gone through, and did so for minutes."""
    asked = [*before, ev.Said(step, "elicit", "What, then?")]
    events = [*asked, reply(replay(lesson, asked), text * (200_000 // len(text)))]
    state = replay(lesson, events)
    if isinstance(todo(state), Judge):
        turn = turn_of(state, None)
        assert turn.listen
        state = replay(lesson, [*events, judge(turn.listen, turn.last, turn.question, turn.meaning).event(step)])
    if isinstance(now := todo(state), Say):
        turn = turn_of(state, now.move)
        assert check(turn, word(turn)) == []
