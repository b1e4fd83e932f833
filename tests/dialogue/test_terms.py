"""The words of the field: asked what one means, the tutor says so and asks on."""

from __future__ import annotations

from collections import Counter

import pytest

from tests.dialogue.course import FIRST_RUN, lesson, listening, shipped, talk
from tests.dialogue.test_authored import turns
from tutor.dialogue.authored import word
from tutor.dialogue.gate import check
from tutor.dialogue.judge import judge
from tutor.dialogue.moves import Move, Reply
from tutor.dialogue.terms import Term, meaning, terms
from tutor.dialogue.words import sentences

SAYS = {term.term: term.says for term in terms()}


@pytest.mark.parametrize(
    ("reply", "term"),
    [
        ("what is a token?", "token"),
        ("what exactly is a token though?", "token"),
        ("from texts; what follows often is likely. what is a token?", "token"),
        ("from text, but what exactly is a token?", "token"),
        ("can you define 'layer' first?", "layer"),
        ("What are tokens?", "token"),
        ("whats a logit", "logit"),
        ("ok but what’s the residual stream again?", "residual stream"),
        ("what does softmax mean?", "softmax"),
        ("what do you mean by attention head?", "head"),
        ("can you explain what a logit is?", "logit"),
        ("please define Top P", "top-p"),
        ("I don't know what a logit lens is.", "logit lens"),
        ("logit?", "logit"),
        ("Hm. What is an MLP?", "MLP"),
        ("What is an attention head anyway?", "head"),
        ("Honestly, what is an attention head? And why must it sum to one?", "head"),
        ("What's a norm again, and is it the euclidean one?", "norm"),
        ("What even is a head?", "head"),
        ("Remind me what a logit is.", "logit"),
        ("What is temperature, really?", "temperature"),
        ("And what is entropy, by the way?", "entropy"),
        ("Just to be sure: what is a head?", "head"),
        ("How do you define entropy?", "entropy"),
        ("what norm?", "norm"),
        ("I don't understand, what norm?", "norm"),
        ("what does temperature 1 mean?", "temperature"),
        ("what is temperature 0.5", "temperature"),
        ("what is the vector at the last position?", "vector"),
    ],
)
def test_a_term_that_is_asked_for(reply: str, term: str) -> None:
    assert SAYS[term] in meaning(reply)


@pytest.mark.parametrize(
    "reply",
    [
        "",
        "what is the logit of Paris?",
        "what is the answer?",
        "what happens to the token?",
        "which layer?",
        "what logit does Paris have?",
        "a token is a word",
        "is it the softmax?",
        "what is [bold]?",
        "what is " + "very " * 2000 + "odd?",
    ],
)
def test_what_asks_for_no_term(reply: str) -> None:
    assert meaning(reply) == ""


def test_a_synonym_is_named_before_its_meaning() -> None:
    assert meaning("what is RMSNorm?").startswith("“RMSNorm”: A norm brings")


@pytest.mark.parametrize("term", terms(), ids=lambda term: term.term)
def test_every_term_is_short_and_may_be_said_before_a_run_and_after(term: Term) -> None:
    assert len(sentences(term.says)) <= 2
    assert len(term.says.split()) <= 36
    for name in (term.term, *term.also):
        reply = f"what is {name}?"
        assert meaning(reply).endswith(term.says)
        for turn in (talk([], "warm-up", reply, "question"), talk(FIRST_RUN, "why", reply, "question")):
            text = word(turn)
            assert check(turn, text) == []
            assert text.endswith("?")
            assert term.says in text or any(bar in turn.bars for bar in (term.term, *term.also))


def test_no_name_stands_for_two_terms() -> None:
    names = Counter(name.lower() for term in terms() for name in (term.term, *term.also))
    assert [name for name, n in names.items() if n > 1] == []


def test_it_is_a_question_wherever_it_is_asked() -> None:
    for of in (lesson, *shipped()):
        for _, listen in listening(of):
            for reply in ("what is a logit?", "can you explain what a token is?", "I don't know what a head is"):
                assert judge(listen, reply).reply is Reply.QUESTION, (of.id, reply)


def test_in_every_lesson_the_words_around_it_pass_the_gate() -> None:
    """Also before the run, where the words of a good answer are kept back: many of them are everyday words."""
    for of in shipped():
        for asked in ("logit", "token", "prompt", "layer"):
            for turn, text in turns(of, [Reply.QUESTION], [f"what is a {asked}?"]):
                assert check(turn, text) == []
                if turn.reply is Reply.QUESTION and turn.move in (Move.PROBE, Move.DEFER):
                    assert SAYS[asked] in text, (of.id, text)


def test_before_the_bet_what_comes_next_is_said() -> None:
    turn = talk([], "warm-up", "tell me, what is a logit?", "tell_me")
    assert word(turn).startswith(SAYS["logit"])
    assert "bet comes first" in word(turn)
