"""A takeaway that holds what the lesson's talk refuted: it is asked about once, and then for anew."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.dialogue.claude_voice import OPTIONS
from tests.dialogue.course import LENS, SECOND_RUN, lesson, shipped
from tutor import events as ev
from tutor.course.format import Lesson, Run, Takeaway
from tutor.dialogue import phrases
from tutor.dialogue.authored import word
from tutor.dialogue.gate import check
from tutor.dialogue.moves import Move, Reply
from tutor.dialogue.prompt import worded
from tutor.dialogue.refuted import refuted
from tutor.dialogue.voice import reply, turn_of
from tutor.loop import PUT, PUT_AGAINST, replay, start
from tutor.state import State, Talk
from tutor.todo import Done, Hear, Say, todo
from tutor.ui.transcript import summary

END = [
    *SECOND_RUN,
    ev.Skipped("why-late"),
    ev.Skipped("break-it"),
    ev.Said("keep", "reflect", "What is the one line you keep?"),
]
WRONG = "the model changes its mind in the middle"
LINE = "early rows are not readable yet, it is built up bit by bit"


def after(*events: ev.Event) -> State:
    return replay(lesson, [*END, *events])


def answered(*texts: str) -> tuple[State, list[tuple[Move, str]]]:
    """The state after these replies at the takeaway, and what the tutor said to each."""
    events: list[ev.Event] = []
    said = []
    for text in texts:
        assert todo(after(*events)) == Hear("keep")
        events.append(reply(after(*events), text))
        match todo(after(*events)):
            case Say(move=move, step="keep"):
                turn = turn_of(after(*events), move)
                words = word(turn)
                assert check(turn, words) == []
                events.append(ev.Said("keep", move, words))
                said.append((move, words))
    return after(*events), said


def test_it_is_asked_about_and_then_for_anew() -> None:
    state, said = answered(WRONG, "nobody, I think", LINE)
    (counter, question), (again, anew) = said
    assert counter is Move.COUNTER
    assert question.endswith("Who reads the early rows inside the model, apart from us?")
    assert "changes its mind" in question
    assert again is Move.REFLECT
    assert anew.lower().endswith(tuple(it.lower() for it in phrases.ANEW))
    assert todo(state) == Done()


@pytest.mark.parametrize("answer", ["idk", "I still say it changes its mind", "0.35", "nobody does"])
def test_nobody_is_held_longer(answer: str) -> None:
    state, said = answered(WRONG, answer, WRONG)
    assert [move for move, _ in said] == [Move.COUNTER, Move.REFLECT]
    assert todo(state) == Done()


def test_who_writes_it_again_keeps_it_and_reads_that_the_runs_speak_against_it() -> None:
    closing = lesson.model_copy(
        update={"steps": [*lesson.steps[:-1], lesson.steps[-1].model_copy(update={"answer": "A state is a sum."})]}
    )
    answer = ev.Replied("keep", "nobody", "answer")
    asked = [ev.Said("keep", "counter", "Who reads them?"), answer, ev.Said("keep", "reflect", "And now?")]
    for line, words in ((WRONG, f"{PUT_AGAINST}“A state is a sum.”"), (LINE, f"{PUT}“A state is a sum.”")):
        events = [*END, reply(replay(closing, END), WRONG), *asked]
        state = replay(closing, [*events, reply(replay(closing, events), line)])
        assert state.at is None
        assert state.lines[-1].text == words


@pytest.mark.parametrize("text", ["same", "The same as before.", "as I said"])
def test_who_points_back_at_the_line_keeps_the_line(text: str) -> None:
    first = reply(after(), WRONG)
    answer = reply(after(first, ev.Said("keep", "counter", "Who reads them?")), LINE)
    last = reply(after(first, ev.Said("keep", "counter", "?"), answer, ev.Said("keep", "reflect", "?")), text)
    assert (last.text, last.misconception) == (LINE, None)


def test_the_words_that_hold_the_picture_are_those_that_are_quoted() -> None:
    line = "a head looks at names for the last position in most texts, and the model changes its mind"
    (_, question), *_ = answered(line, "nobody", LINE)[1]
    assert "the model changes its mind” " in question


def test_a_question_in_reply_to_it_is_taken_up_and_the_step_asks_again() -> None:
    state, said = answered(WRONG, "what do you mean by rows?", LINE)
    assert [move for move, _ in said] == [Move.COUNTER, Move.REFLECT]
    assert todo(state) == Done()
    assert state.kept == ("what do you mean by rows?",)
    assert "what do you mean by rows?  still open, among your notes" in [str(text) for _, _, text in summary(state)][-1]


def test_what_is_kept_is_the_line_that_was_written_anew() -> None:
    first, answer = reply(after(), WRONG), None
    assert first.misconception == "thinks-words"
    answer = reply(after(first, ev.Said("keep", "counter", "Who reads them?")), "nobody")
    assert answer.asks == "answer"
    assert (
        reply(after(first, ev.Said("keep", "counter", "?"), answer, ev.Said("keep", "reflect", "?")), WRONG).asks == ""
    )


def test_one_that_holds_nothing_of_it_ends_the_lesson() -> None:
    state, said = answered(LINE)
    assert said == []
    assert todo(state) == Done()


def test_of_a_run_that_there_was_none_nothing_was_refuted() -> None:
    skipped = [ev.Skipped(step.id) for step in lesson.steps if step.id != "keep"]
    state = replay(lesson, skipped)
    assert state.at == "keep"
    assert refuted(state, WRONG) is None
    assert refuted(start(lesson), WRONG) is None


def test_claude_is_given_the_question_and_no_more_of_the_lesson_than_it_may_know() -> None:
    state = after(reply(after(), WRONG))
    assert state.talk.move is Move.COUNTER
    request = str(worded(turn_of(state, Move.COUNTER), OPTIONS)["messages"])
    assert "Who reads the early rows inside the model, apart from us?" in request
    assert WRONG in request
    assert LENS["facts"]["final_token"].strip() in request


# --- the shipped lessons ------------------------------------------------------------------------------------------------

LINES = yaml.safe_load((Path(__file__).parent / "takeaways.yaml").read_text())
LESSONS = {of.id: of for of in shipped()}
LEAST = {"tuned": 0.85, "never tuned": 0.5}
"""The share of wrong takeaways that are asked about."""


def taken(of: Lesson) -> State:
    """The lesson at its takeaway, with runs that gave nothing in particular."""
    runs: tuple[tuple[str, dict[str, Any]], ...] = tuple(
        (step.id, {"facts": {}}) for step in of.steps if isinstance(step, Run)
    )
    return replace(start(of), at=of.steps[-1].id, results=runs)


@pytest.mark.parametrize("name", LINES)
def test_wrong_takeaways_are_asked_about_and_right_ones_are_not(name: str) -> None:
    asked: dict[str, list[tuple[str, str, str | None]]] = {"right": [], "wrong": [], "vague": []}
    for id, kinds in LINES[name].items():
        state = taken(LESSONS[id])
        for label, said in kinds.items():
            asked[label] += [(id, text, refuted(state, text)) for text in said]
    share = {label: sum(bool(found) for *_, found in each) / len(each) for label, each in asked.items() if each}
    print(f"\n{name}: asked about", ", ".join(f"{share[label]:.1%} of {len(asked[label])} {label}" for label in share))
    assert share["wrong"] >= LEAST[name], [case for case in asked["wrong"] if not case[2]]
    assert share["right"] <= 0.1, [case for case in asked["right"] if case[2]]


@pytest.mark.parametrize("id", LESSONS)
def test_every_question_about_a_takeaway_may_be_asked(id: str) -> None:
    state = taken(LESSONS[id])
    step = state.step
    assert isinstance(step, Takeaway)
    for picture in step.misconceptions:
        line = f"I keep that {picture.cues[0]}"
        talk = Talk(said=(step.takeaway,), replies=(line,), misconception=picture.id, last=Reply.MISCONCEPTION)
        turn = turn_of(replace(state, talk=talk), Move.COUNTER)
        words = word(turn)
        assert words.endswith(picture.ask.split(". ")[-1]), words
        assert check(turn, words) == []
