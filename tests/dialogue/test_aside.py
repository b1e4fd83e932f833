"""The learner's own question beside an answer: it is heard, and taken up before the lesson goes on."""

from __future__ import annotations

import pytest

from tests.dialogue.course import FIRST_RUN, LISTENS, SECOND_RUN, lesson
from tutor import events as ev
from tutor.dialogue import phrases
from tutor.dialogue.authored import word
from tutor.dialogue.cues import Found, find, parse, question_in
from tutor.dialogue.gate import check
from tutor.dialogue.judge import judge
from tutor.dialogue.moves import Move, Reply
from tutor.dialogue.terms import meaning
from tutor.dialogue.voice import kept, open_question, reply, turn_of
from tutor.dialogue.words import sentences
from tutor.loop import advance, replay
from tutor.state import State
from tutor.todo import Hear, todo

RIGHT = "the lead was large and other heads write Mary"


def said(before: list[ev.Event], step: str, *replies: str) -> list[tuple[str, str]]:
    """(move, words) of each turn that these replies get, up to the end of the step."""
    question, listen = LISTENS[step]
    events = [*before, ev.Said(step, "reconcile" if before else "elicit", question)]
    out: list[tuple[str, str]] = []
    for text in replies:
        asked = "\n".join([question, *replay(lesson, events).talk.said])
        events += [ev.Replied(step, text), judge(listen, text, asked).event(step)]
        state = replay(lesson, events)
        if state.at != step or state.talk.move is None:
            break
        turn = turn_of(state, state.talk.move)
        out.append((state.talk.move.value, word(turn)))
        assert check(turn, out[-1][1]) == []
        events.append(ev.Said(step, *out[-1]))
    return out


def judged(step: str, text: str) -> ev.Judged:
    question, listen = LISTENS[step]
    return judge(listen, text, question).event(step)


@pytest.mark.parametrize(
    ("text", "asked"),
    [
        ("redundancy; what is a head?", "what is a head?"),
        ("redundancy — and why so many?", "and why so many?"),
        ("redundancy - what would two do?", "what would two do?"),
        ("It copies. Why does it?\nI wonder", "Why does it?"),
        ("redundancy. what is a head?", "what is a head?"),
        ("redundancy falls to 0. what is a head?", "what is a head?"),
        ("redundancy in the top-k. what is a head?", "what is a head?"),
        ("redundancy, but what is a head?", "but what is a head?"),
        ("redundancy and what is a head?", "and what is a head?"),
        ("redundancy, what is a head?", "what is a head?"),
        ("what is a head?", "what is a head?"),
        ("and is first. why is and ahead of it?", "why is and ahead of it?"),
        ("is it the head e.g. what we saw?", ""),
        ("The others. Is it layer 9?", "Is it layer 9?"),
        ("is it the others?", ""),
        ("The others. Am I right?", ""),
        ("It's the others, isn't it?", ""),
        ("The others. Can we go on?", ""),
        ("If it fell silent, what would happen?", ""),
        ("the others, right?", ""),
        ("I know what a head is", ""),
        ("not this one - or another", ""),
        ("", ""),
    ],
)
def test_a_question_is_heard_behind_a_statement(text: str, asked: str) -> None:
    assert question_in(parse(text)) == asked


def test_a_statement_with_a_question_behind_it_is_judged_as_the_statement() -> None:
    question, listen = LISTENS["warm-up"]
    for text in ("redundancy; what is a head?", "redundancy - why so many?"):
        verdict = judge(listen, text, question)
        assert (verdict.reply, verdict.asks) == (Reply.RIGHT, True)
    pasted = judge(listen, f"The others would still know it, I think. {question}", question)
    assert not pasted.asks, "the tutor's own question is no question to it"


def test_what_is_denied_behind_a_dash_stays_denied() -> None:
    question, listen = LISTENS["warm-up"]
    for text in ("other heads fill in — is false", "it is redundancy; is not true"):
        assert judge(listen, text, question).reply is not Reply.RIGHT


def test_a_question_far_into_a_long_reply_is_taken_up_too() -> None:
    for plain_words in ("The rest is as it was. " * 120, "The rest is as it was. " * 600):
        ((move, words),) = said([], "warm-up", f"Redundancy. What would two of them do? {plain_words}")
        assert move == Move.ASIDE
        assert "What would two of them do" in words


def test_the_tutors_own_question_pasted_back_is_not_taken_up() -> None:
    question, _ = LISTENS["why"]
    ((_, words),) = said(FIRST_RUN, "why", f"{RIGHT}. {question}")
    assert "note" not in words


def test_before_the_run_a_right_answer_with_a_question_is_not_passed_over() -> None:
    assert said([], "warm-up", "redundancy") == []
    ((move, words),) = said([], "warm-up", "redundancy; what is a head?")
    assert move == Move.ASIDE
    assert meaning("what is a head?") in words
    ((move, words),) = said([], "warm-up", "redundancy. What would removing two of them do?")
    assert move == Move.ASIDE
    assert words.startswith("“What would removing two of them do” goes among your open questions.")
    assert words.endswith("Your bet comes first, then the run.")


def test_after_the_last_question_of_a_step_too() -> None:
    assert [move for move, _ in said(FIRST_RUN, "why", RIGHT, "the others")] == ["deeper"]
    _, (move, words) = said(FIRST_RUN, "why", RIGHT, "what is the residual stream?")
    assert move == "probe", "the deeper question stands"
    assert (
        words
        == f"{meaning('what is the residual stream?')} What would you silence next to bring the lead down to zero?"
    )
    _, (move, words) = said(FIRST_RUN, "why", RIGHT, "the others. But why are there so many of them?")
    assert move == "aside"
    assert words.startswith("“why are there so many of them” goes among your open questions")


@pytest.mark.parametrize(
    ("text", "move"),
    [(RIGHT, "deeper"), ("other heads write Mary too", "probe"), ("because Mary comes first", "probe")],
)
def test_a_word_that_is_asked_for_is_explained_in_every_move_that_answers(text: str, move: str) -> None:
    ((got, words),) = said(FIRST_RUN, "why", f"{text}; what is a logit?")
    assert got == move
    assert meaning("what is a logit?") in words
    assert words.endswith("?")


def test_a_deeper_question_that_nobody_can_answer_is_left_open_and_kept() -> None:
    (_, deeper), (move, words) = said(FIRST_RUN, "why", RIGHT, "no idea")
    assert move == "leave"
    assert words in phrases.LEAVE
    asked = sentences(deeper)[-1]
    state = replay(
        lesson, [*FIRST_RUN, ev.Replied("why", RIGHT), judged("why", RIGHT), ev.Said("why", "deeper", deeper)]
    )
    state = advance(advance(state, ev.Replied("why", "no idea")), ev.Judged("why", "idk"))
    assert kept(turn_of(state, state.talk.move)) == asked, "it goes among the notes"
    assert "why" in advance(state, ev.Said("why", "leave", words)).done
    silent = replay(
        lesson, [*FIRST_RUN, ev.Replied("why", RIGHT), judged("why", RIGHT), ev.Said("why", "deeper", deeper)]
    )
    for event in (ev.Replied("why", ""), ev.Judged("why", "empty"), ev.Said("why", "elicit", "What comes to mind?")):
        silent = advance(silent, event)
    silent = advance(advance(silent, ev.Replied("why", "no idea")), ev.Judged("why", "idk"))
    assert kept(turn_of(silent, silent.talk.move)) == asked, "and not the question that came between"


def test_who_left_a_deeper_question_in_an_older_tutor_has_done_the_step() -> None:
    told = [ev.Replied("why", RIGHT), judged("why", RIGHT), ev.Said("why", "deeper", "And then, what would it do?")]
    older = [
        *FIRST_RUN,
        *told,
        ev.Replied("why", "no idea"),
        ev.Judged("why", "idk"),
        ev.Tweaked("break-it", {"head": 2}),
    ]
    state = replay(lesson, older)
    assert (state.at, "why" in state.done) == ("break-it", True)
    assert [line.text for line in state.lines if line.who == "claim"]


def test_a_question_beside_a_right_reply_is_kept_before_the_deeper_one() -> None:
    ((move, words),) = said(FIRST_RUN, "why", f"{RIGHT}. But who trained the others?")
    assert move == "deeper"
    assert words.startswith("Yes. “who trained the others” goes among your open questions.")
    assert words.endswith("?")


@pytest.mark.parametrize("move", [Move.CONFIRM, Move.DEEPER, Move.PROBE, Move.COUNTER, Move.ASIDE])
def test_what_is_asked_beside_a_reply_is_kept_whatever_is_said_to_it(move: Move) -> None:
    reply = ev.Replied("why", f"{RIGHT}. But who trained the others?")
    met = tuple(e.id for e in LISTENS["why"][1].expects)
    turn = turn_of(replay(lesson, [*FIRST_RUN, reply, ev.Judged("why", "right", met, asks=True)]), move)
    assert kept(turn) == "But who trained the others?"


def test_a_journal_from_before_goes_on_as_it_did() -> None:
    events = [ev.Replied("warm-up", "redundancy; what is a head?"), ev.Judged("warm-up", "right", ("redundancy",))]
    assert replay(lesson, events).at == "guess"


# --- where nobody judges: what the learner sees, and what they keep ---------------------------------------------------

BEFORE = {
    "look": FIRST_RUN[:-1],
    "keep": [
        *SECOND_RUN,
        ev.Skipped("why-late"),
        ev.Continued("break-it"),
        ev.Said("keep", "reflect", "What do you keep?"),
    ],
}
"""What was before a step that expects nothing."""


def taken_up(step: str, *replies: str) -> tuple[list[tuple[str, str]], State]:
    """(move, words) of each turn that these replies get there, and the state after them."""
    events, out = list(BEFORE[step]), []
    for text in replies:
        events.append(reply(replay(lesson, events), text))
        state = replay(lesson, events)
        if state.at == step and state.talk.move:
            turn = turn_of(state, state.talk.move)
            out.append((state.talk.move.value, word(turn)))
            assert check(turn, out[-1][1]) == []
            events.append(ev.Said(step, *out[-1]))
    return out, replay(lesson, events)


AFTER = {"look": ("observe", "why"), "keep": ("reflect", None)}
"""The move that opens such a step, and the step after it."""


@pytest.mark.parametrize("step", BEFORE)
def test_what_says_something_and_asks_nothing_ends_the_step(step: str) -> None:
    for text in ("half of it is gone", "is it half?", "half of it, right?"):
        turns, state = taken_up(step, text)
        assert (turns, state.at) == ([], AFTER[step][1])


@pytest.mark.parametrize("step", BEFORE)
def test_a_question_in_place_of_it_is_answered_and_the_steps_own_comes_once_more(step: str) -> None:
    opens, after = AFTER[step]
    question = turn_of(replay(lesson, BEFORE[step][:-1]), None).question
    ((move, words),), state = taken_up(step, "what is a logit?")
    assert (move, words) == (opens, f"{meaning('what is a logit?')} {question}")
    assert (state.at, todo(state)) == (step, Hear(step))
    ((move, words),), state = taken_up(step, "why are there so many heads?")
    assert (move, words) == (opens, f"“why are there so many heads” goes among your open questions. {question}")
    assert state.at == step
    _, state = taken_up(step, "what is a logit?", "half of it is gone")
    assert state.at == after


@pytest.mark.parametrize(
    "text", ["no idea", "I don't know", "dunno", "I am not sure", "not sure", "hmm", "ok", "…", "¯\\_(ツ)_/¯"]
)
@pytest.mark.parametrize("step", BEFORE)
def test_who_says_nothing_there_gets_a_smaller_question_once(step: str, text: str) -> None:
    opens, after = AFTER[step]
    ((move, words),), state = taken_up(step, text)
    assert move == opens
    assert any(words.endswith(small) for small in (*phrases.SMALL_SEEN, *phrases.SMALL_KEPT)), words
    assert todo(state) == Hear(step)
    ((_, again),), state = taken_up(step, text, text)
    assert (again, state.at) == (words, after), "nobody is held here"
    _, state = taken_up(step, text, "half of it is gone")
    assert state.at == after


@pytest.mark.parametrize(
    "text",
    [
        "the same",
        "0.5",
        "mine",
        "not much",
        "it does",
        "it was not sure",
        "I'm not sure whether Mary or John wins",
        "nothing moved",
        "北京",
    ],
)
@pytest.mark.parametrize("step", BEFORE)
def test_little_is_not_nothing(step: str, text: str) -> None:
    turns, state = taken_up(step, text)
    assert (turns, state.at) == ([], AFTER[step][1])


@pytest.mark.parametrize("step", BEFORE)
def test_more_questions_are_taken_up_too_and_nobody_is_held_for_ever(step: str) -> None:
    asked = ["what is a logit?", "and what is a head?", "what is entropy?", "what is a token?"]
    turns, state = taken_up(step, *asked[:3])
    assert [move for move, _ in turns] == [AFTER[step][0]] * 3
    assert turns[1][1].startswith(meaning("what is a head?"))
    assert state.at == step
    assert taken_up(step, *asked[:3], "half of it is gone")[1].at == AFTER[step][1]
    (*_, (move, words)), state = taken_up(step, *asked)
    assert (move, words) == ("aside", meaning("what is a token?"))
    assert state.at == AFTER[step][1]


@pytest.mark.parametrize("step", BEFORE)
def test_a_question_beside_it_is_taken_up_before_the_lesson_goes_on(step: str) -> None:
    ((move, words),), state = taken_up(step, "half of it is gone; what is a logit?")
    assert (move, words) == ("aside", meaning("what is a logit?"))
    assert state.at == AFTER[step][1]
    ((move, words),), _ = taken_up(step, "half of it is gone. Why are there so many heads?")
    assert move == "aside"
    assert words.startswith("“Why are there so many heads” goes among your open questions.")


@pytest.mark.parametrize(
    "text",
    [
        "why is it called an attention sink",
        "what does top k do?",
        "what does the dot before blue mean?",
        "is length the norm or the dimension?",
        "define attention head",
        "what is RoPE?",
    ],
)
def test_a_word_is_asked_for_in_many_ways_and_then_the_question_stands(text: str) -> None:
    question, _ = LISTENS["why"]
    ((_, words),) = said(FIRST_RUN, "why", text)
    assert words == f"{meaning(text)} {sentences(question)[-1]}"


def kept_of(before: list[ev.Event], step: str, text: str) -> tuple[str, str]:
    """What the tutor says to this reply, and what it keeps of it."""
    question, listen = LISTENS[step]
    events = [
        *before,
        ev.Said(step, "elicit", question),
        ev.Replied(step, text),
        judge(listen, text, question).event(step),
    ]
    turn = turn_of(state := replay(lesson, events), state.talk.move)
    return word(turn), kept(turn)


@pytest.mark.parametrize(
    "text", ["what colour is the fridge?", "lol", "why", "how do you spell that", "the sea is blue"]
)
@pytest.mark.parametrize(("before", "step"), [([], "warm-up"), (FIRST_RUN, "why")], ids=["before", "after"])
def test_what_is_said_to_be_kept_is_kept(before: list[ev.Event], step: str, text: str) -> None:
    words, keeps = kept_of(before, step, text)
    assert ("among your open questions" in words or "open ones in your notes" in words) == bool(keeps)
    assert keeps in ("", text)


def test_a_question_that_is_left_open_is_kept() -> None:
    assert kept_of(FIRST_RUN, "why", "what colour is the fridge?")[1] == "what colour is the fridge?"
    assert kept_of(FIRST_RUN, "why", "what is a logit?")[1] == "", "that was answered"


def test_a_question_that_is_asked_back_is_kept_too_and_one_that_is_answered_is_not() -> None:
    for asked, keeps in (("what would the other heads say?", True), ("what is a logit?", False)):
        question, listen = LISTENS["warm-up"]
        events = [ev.Said("warm-up", "elicit", question), ev.Replied("warm-up", asked)]
        verdict = judge(listen, asked, question)
        assert verdict.reply is Reply.QUESTION
        turn = turn_of(state := replay(lesson, [*events, verdict.event("warm-up")]), state.talk.move)
        assert kept(turn) == "", "its words do not say so: they ask back"
        assert open_question(turn) == (asked if keeps else "")


def test_a_question_that_is_answered_uses_up_no_patience() -> None:
    moves = said(FIRST_RUN, "why", "dunno", "yes", "what is a logit?", "what is a head?")
    assert [move for move, _ in moves] == ["probe"] * 4
    assert moves[2][1].startswith(meaning("what is a logit?"))
    assert said(FIRST_RUN, "why", "dunno", "yes", "what is a logit?", "no idea")[-1][0] == "tell"


def test_a_guess_with_a_question_mark_is_an_answer() -> None:
    question, listen = LISTENS["warm-up"]
    for text in ("is it redundancy?", "other heads fill in?", "would it be the other heads that fill in?"):
        assert judge(listen, text, question).reply is Reply.RIGHT
    assert judge(listen, "¯\\_(ツ)_/¯", question).reply is Reply.IDK


def test_zero_after_a_layer_is_a_number() -> None:
    for text, found in (("layer zero copies it", Found.SAID), ("zero heads copy it", Found.DENIED)):
        assert [hit.found for hit in find("copy", parse(text))] == [found]


@pytest.mark.parametrize("step", BEFORE)
def test_a_journal_from_before_goes_on_where_nobody_judges_as_it_did(step: str) -> None:
    state = replay(lesson, [*BEFORE[step], ev.Replied(step, "what is a logit?")])
    assert state.at == AFTER[step][1]


def test_where_all_bets_were_skipped_none_is_said_to_come() -> None:
    *before, keep = lesson.steps
    events: list[ev.Event] = [ev.Skipped(s.id) for s in before]
    events += [ev.Said(keep.id, "reflect", "What do you keep?")]
    state = replay(lesson, events)
    state = advance(state, reply(state, "It is about heads. But how was it trained, and on what?"))
    turn = turn_of(state, Move.ASIDE)
    assert turn.blind
    assert phrases.BET_FIRST not in word(turn)
    assert "open" in word(turn)
