"""How an exchange is closed: the lesson's own answer after the deeper question, and its own line after the takeaway."""

from __future__ import annotations

import pytest

from tests.dialogue.claude_voice import OPTIONS
from tests.dialogue.course import FIRST_RUN, LISTENS, SECOND_RUN, lesson
from tutor import events as ev
from tutor.course.format import Explain, Lesson, Takeaway
from tutor.course.listening import Deeper
from tutor.dialogue.authored import word
from tutor.dialogue.gate import check
from tutor.dialogue.judge import judge
from tutor.dialogue.moves import Move
from tutor.dialogue.prompt import worded
from tutor.dialogue.terms import meaning
from tutor.dialogue.tone import affirms
from tutor.dialogue.voice import kept, open_question, reply, turn_of
from tutor.loop import PUT, replay
from tutor.state import State

DEEPER = Deeper(
    ask="What would have to become of the lead before the model said another name?",
    again="How far must the lead fall?",
    answer="Below zero. A lead that is gone leaves both names alike; one turned round names John.",
    cues=["below zero", "negative", "lead gone"],
    wrong=["below a half"],
)
OWN = DEEPER.answer or ""
RIGHT = "the lead was large and other heads write Mary"
LINE = "One head is one writer among several."


def closing() -> Lesson:
    """The lesson of these tests, with words of its own at the end of an exchange."""
    steps = []
    for step in lesson.steps:
        if isinstance(step, Explain) and step.id == "why":
            listen = step.explain.listen.model_copy(update={"deeper": DEEPER})
            step = step.model_copy(update={"explain": step.explain.model_copy(update={"listen": listen})})
        elif isinstance(step, Takeaway):
            step = step.model_copy(update={"answer": LINE})
        steps.append(step)
    return lesson.model_copy(update={"steps": steps})


CLOSING = closing()
QUESTION, LISTEN = LISTENS["why"]


def after_deeper(*replies: str) -> tuple[list[tuple[str, str]], State]:
    """(move, words) of each turn that these replies to the deeper question get, and the state after them."""
    events = [*FIRST_RUN, ev.Said("why", "reconcile", QUESTION), ev.Replied("why", RIGHT)]
    events += [judge(LISTEN, RIGHT, QUESTION).event("why")]
    state = replay(CLOSING, events)
    assert state.talk.move is Move.DEEPER
    events.append(ev.Said("why", "deeper", word(turn_of(state, Move.DEEPER))))
    out = []
    for text in replies:
        state = replay(CLOSING, events)
        assert state.listen
        asked = "\n".join([QUESTION, *state.talk.said])
        events += [ev.Replied("why", text), judge(state.listen, text, asked).event("why")]
        state = replay(CLOSING, events)
        assert state.talk.move
        turn = turn_of(state, state.talk.move)
        out.append((state.talk.move.value, word(turn)))
        assert check(turn, out[-1][1]) == []
        events.append(ev.Said("why", *out[-1]))
    return out, replay(CLOSING, events)


@pytest.mark.parametrize(
    "text", ["it would have to drop below 50%", "below zero", "because each head does one thing", "no idea", "tell me"]
)
def test_whatever_the_learner_answers_they_read_what_the_lesson_would_have_said(text: str) -> None:
    ((move, words),), state = after_deeper(text)
    assert move == "close"
    assert words.endswith(OWN)
    assert "why" in state.done
    claims = [line.who for line in state.lines].index("claim")
    assert [line.text for line in state.lines].index(words) < claims, "what this run made true comes last"


def test_who_asks_what_a_word_means_hears_it_and_is_asked_again() -> None:
    ((move, words), (then, closed)), state = after_deeper("what is a logit?", "below zero")
    assert (move, words) == ("probe", f"{meaning('what is a logit?')} {DEEPER.ask}")
    assert then == "close"
    assert closed.endswith(OWN)
    assert "why" in state.done


def test_a_question_that_nobody_can_answer_is_kept_and_the_exchange_closed() -> None:
    (again, (move, words)), _ = after_deeper("why is Mary not a boy?", "and why is John?")
    assert again == (
        "probe",
        f"I have no answer to “why is Mary not a boy”: it goes among your open questions. {DEEPER.again}",
    )
    assert move == "close"
    assert "why is John" in words
    assert "open" in words
    assert words.endswith(OWN)


def test_who_asks_what_the_question_means_reads_it_in_other_words() -> None:
    ((move, words), _), state = after_deeper("what do you mean by become?", "below zero")
    assert (move, words) == ("probe", "In other words: how far must the lead fall?")
    turn = turn_of(state, Move.CLOSE)
    assert open_question(turn) == ""


@pytest.mark.parametrize("text", ["below zero", "it has to be negative", "below zero. what is a logit?"])
def test_a_right_answer_to_the_deeper_question_is_called_right(text: str) -> None:
    ((move, words),), _ = after_deeper(text)
    assert move == "close"
    assert affirms(words)
    assert words.endswith(OWN)


@pytest.mark.parametrize("text", ["below a half", "not below zero", "no idea", "other heads write Mary"])
def test_any_other_is_not(text: str) -> None:
    ((move, words),), _ = after_deeper(text)
    assert move == "close"
    assert not affirms(words)
    assert words.endswith(OWN)


def test_a_word_asked_for_beside_an_answer_is_explained_before_it() -> None:
    ((move, words),), _ = after_deeper("below zero. what is a logit?")
    assert move == "close"
    assert words.startswith(meaning("what is a logit?"))
    assert words.endswith(OWN)


def test_claude_is_given_the_lessons_answer_for_that_move_alone() -> None:
    events = [*FIRST_RUN, ev.Said("why", "reconcile", QUESTION), ev.Replied("why", RIGHT)]
    state = replay(CLOSING, [*events, judge(LISTEN, RIGHT, QUESTION).event("why")])
    assert OWN not in str(worded(turn_of(state, Move.DEEPER), OPTIONS))
    asked = replay(
        CLOSING, [*events, judge(LISTEN, RIGHT, QUESTION).event("why"), ev.Said("why", "deeper", DEEPER.ask)]
    )
    assert OWN not in str(worded(turn_of(asked, Move.PROBE), OPTIONS)), "who asks back has not answered yet"
    assert OWN in str(worded(turn_of(asked, Move.CLOSE), OPTIONS))


def test_a_takeaway_is_held_against_the_lessons_own_line() -> None:
    events: list[ev.Event] = [
        *SECOND_RUN,
        ev.Skipped("why-late"),
        ev.Continued("break-it"),
        ev.Said("keep", "reflect", "What do you keep?"),
    ]
    state = replay(CLOSING, events)
    assert PUT not in str(state.lines)
    done = replay(CLOSING, [*events, reply(state, "a head adds to a sum")])
    assert done.at is None
    assert done.lines[-1].text == f"{PUT}“{LINE}”"
    skipped = replay(CLOSING, [*events, ev.Skipped("keep")])
    assert PUT not in str(skipped.lines)
    assert kept(turn_of(state, Move.REFLECT)) == ""


def test_what_is_said_to_be_kept_is_kept_also_where_its_words_are_common() -> None:
    looking = replay(lesson, FIRST_RUN[:-1])
    state = replay(lesson, [*FIRST_RUN[:-1], reply(looking, "Why is it so long?")])
    assert state.talk.move is Move.OBSERVE
    turn = turn_of(state, state.talk.move)
    assert "goes among" in word(turn)
    assert open_question(turn) == "Why is it so long?"
