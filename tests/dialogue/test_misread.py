"""A learner who says they see what the run did not do: asked once to look again, and then told what it gave."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.dialogue.course import ABLATION, FIRST_RUN, shipped
from tests.dialogue.course import lesson as plain
from tutor import events as ev
from tutor.course.conditions import Condition
from tutor.course.format import Observe
from tutor.course.listening import Reading
from tutor.dialogue.authored import word
from tutor.dialogue.gate import check
from tutor.dialogue.moves import Move, Reply
from tutor.dialogue.prompt import worded
from tutor.dialogue.refuted import refuted
from tutor.dialogue.voice import reply, turn_of
from tutor.loop import RUN_GAVE, replay, start
from tutor.state import State, Talk
from tutor.todo import Hear, Say, todo

from tests.dialogue.claude_voice import OPTIONS  # isort: skip

GREW = Reading(
    id="grew",
    cues=["grew", "larger", "more sure"],
    when={"drop": Condition(below=0)},
    shows="the lead went from {base_logit_diff} to {tweak_logit_diff} logits",
    ask="Which of the two leads is the larger one?",
)
OTHER = Reading(
    id="other",
    cues=["john wins"],
    when={"tweak_top": Condition(equals=" John")},
    shows="“{tweak_top}” is on top",
    ask="Which name has the longer bar?",
)
lesson = plain.model_copy(
    update={
        "steps": [
            s.model_copy(update={"readings": [GREW, OTHER]}) if isinstance(s, Observe) else s for s in plain.steps
        ]
    }
)
LOOKING = FIRST_RUN[:-1]
SEEN = yaml.safe_load((Path(__file__).parent / "observations.yaml").read_text("utf-8"))
"""The facts of the shipped lessons' runs, and two sets of what learners may say they see of them."""
LESSONS = {it.id: it for it in shipped()}
LEAST = {"tuned": 0.75, "never tuned": 0.55}
"""The share of wrong observations that are asked about."""


def seen(*texts: str, facts: dict[str, Any] | None = None) -> tuple[State, list[tuple[Move, str]]]:
    """The state after these replies to what is seen, and what the tutor said to each."""
    ran = ev.RunFinished("do-it", {**ABLATION, "facts": {**ABLATION["facts"], **(facts or {})}})
    events = [ran if isinstance(e, ev.RunFinished) else e for e in LOOKING]
    said = []
    for text in texts:
        assert todo(replay(lesson, events)) == Hear("look")
        events.append(reply(replay(lesson, events), text))
        match todo(state := replay(lesson, events)):
            case Say(move=move, step="look"):
                turn = turn_of(state, move)
                assert check(turn, word(turn)) == []
                events.append(ev.Said("look", move, word(turn)))
                said.append((move, word(turn)))
    return replay(lesson, events), said


def test_what_the_run_did_not_do_is_asked_about() -> None:
    state, ((move, words),) = seen("her lead grew")
    assert move is Move.COUNTER
    assert words == "“her lead grew” — which of the two leads is the larger one?"
    assert todo(state) == Hear("look")


def test_who_looks_again_goes_on_without_a_word() -> None:
    state, _ = seen("her lead grew", "oh, the first one")
    assert state.at == "why"
    assert [line.text for line in state.lines if line.who == "claim"] == []


def test_who_says_it_again_reads_what_the_run_gave() -> None:
    state, said = seen("her lead grew", "no, it is larger")
    assert state.at == "why"
    assert len(said) == 1
    assert [line.text for line in state.lines if line.who == "claim"] == [
        f"{RUN_GAVE}the lead went from 6.12 to 3.05 logits."
    ]


def test_who_asks_in_reply_reads_what_the_run_gave() -> None:
    """A question that yes or no would answer is none that is kept, and would be left without a word."""
    state, _ = seen("her lead grew", "did it grow at all?")
    assert state.at == "why"
    assert [line.text for line in state.lines if line.who == "claim"] == [
        f"{RUN_GAVE}the lead went from 6.12 to 3.05 logits."
    ]


def test_another_wrong_reading_is_told_what_the_run_gave_for_that_one() -> None:
    state, _ = seen("her lead grew", "I see, but John wins")
    assert [line.text for line in state.lines if line.who == "claim"] == [f"{RUN_GAVE}“·Mary” is on top."]


@pytest.mark.parametrize(
    "text",
    [
        "half of it is lost",
        "it did not grow",
        "the lead never grew",
        "I expected it to be larger, but it fell",
    ],
)
def test_who_says_what_is_so_or_what_they_expected_goes_on(text: str) -> None:
    _, said = seen(text)
    assert said == [] or said[0][0] is not Move.COUNTER


def test_where_the_run_did_so_it_is_right() -> None:
    state, said = seen("her lead grew", facts={"drop": -0.2, "tweak_logit_diff": 7.3})
    assert (state.at, said) == ("why", [])


def test_a_question_beside_it_is_taken_up_and_nobody_is_held_longer() -> None:
    state, said = seen("her lead grew, what is a logit?", "and what is a head?", "it grew")
    assert said[0][0] is Move.COUNTER
    assert "logit" in said[0][1]
    assert [move for move, _ in said] == [Move.COUNTER, Move.OBSERVE]
    assert state.at == "why"
    assert state.lines[-1].text.startswith(RUN_GAVE)


def test_a_number_that_no_run_gave_is_asked_about_before_it() -> None:
    state, said = seen("it is 9.75 now", "it grew", "it grew")
    assert [move for move, _ in said] == [Move.OBSERVE, Move.COUNTER]
    assert state.at == "why"


def test_a_voice_that_words_it_has_the_question_and_may_ask_it() -> None:
    state, _ = seen()
    events = [*LOOKING, reply(state, "her lead grew")]
    asked = worded(turn_of(replay(lesson, events), Move.COUNTER), OPTIONS)
    assert GREW.ask in str(asked["messages"])


def test_a_journal_from_before_keeps_what_was_seen() -> None:
    """An observation that was kept without a word stays what it is, though the lesson listens now."""
    state = replay(lesson, [*LOOKING, ev.Replied("look", "her lead grew")])
    assert state.at == "why"


def at(id: str, step: str) -> State:
    """The shipped lesson where its learner is asked what they see."""
    lesson = LESSONS[id]
    run = lesson.run_before(step)
    assert run is not None
    return replace(start(lesson), at=step, results=((run.id, {"facts": SEEN["facts"][id][step]}),))


@pytest.mark.parametrize("name", LEAST)
def test_wrong_observations_are_asked_about_and_right_ones_are_not(name: str) -> None:
    asked: dict[str, list[tuple[str, str, str | None]]] = {"right": [], "wrong": []}
    for id, steps in SEEN[name].items():
        for step, kinds in steps.items():
            for label, said in kinds.items():
                asked[label] += [(step, text, refuted(at(id, step), text)) for text in said]
    share = {label: sum(bool(found) for *_, found in each) / len(each) for label, each in asked.items()}
    print(f"\n{name}: asked about", ", ".join(f"{share[label]:.1%} of {len(asked[label])} {label}" for label in share))
    assert share["wrong"] >= LEAST[name], [case for case in asked["wrong"] if not case[2]]
    assert share["right"] <= 0.03, [case for case in asked["right"] if case[2]]


@pytest.mark.parametrize("id", LESSONS)
def test_every_question_about_a_reading_may_be_asked(id: str) -> None:
    for step in (it for it in LESSONS[id].steps if isinstance(it, Observe)):
        for reading in step.readings:
            seen = f"I see that {reading.cues[0]}"
            talk = Talk(said=(step.observe,), replies=(seen,), misconception=reading.id, last=Reply.MISCONCEPTION)
            turn = turn_of(replace(at(id, step.id), talk=talk), Move.COUNTER)
            words = word(turn)
            assert words.lower().endswith(reading.ask.split(". ")[-1].lower()), words
            assert check(turn, words) == []
