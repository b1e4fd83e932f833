"""What is no reason for a bet."""

from __future__ import annotations

import pytest

from tutor.dialogue.reasons import because, lacking
from tutor.dialogue.terms import meaning


@pytest.mark.parametrize(
    "text", ["since others do it", "x", "因", "why", "isn't it always so?", "a guess", "the others back it up"]
)
def test_a_reason_is_one_however_short(text: str) -> None:
    assert lacking(text) == ""


@pytest.mark.parametrize(
    ("reason", "said"),
    [
        ("others help", "because others help"),
        ("Because others help", "Because others help"),
        ("because of the others", "because of the others"),
        (" ", ""),
    ],
)
def test_a_reason_has_one_because(reason: str, said: str) -> None:
    assert because(reason) == said


def test_a_question_is_none_and_a_known_word_is_explained() -> None:
    assert lacking("what is a logit?").startswith(meaning("what is a logit?"))
    assert lacking("what does sampling mean").startswith(meaning("what does sampling mean?"))
    assert lacking("whats a logit").startswith(meaning("what is a logit?"))
    assert lacking("what does temperature 2 mean").startswith(meaning("what is temperature?"))
    assert "That is a question" in lacking("how many layers does it have?")
    for text in (
        "compared to what?",
        "average over which rows?",
        "is the first row counted too?",
        "why?",
        "of how much",
    ):
        assert bool(lacking(text)) is text.endswith("?"), text
    for guess in ("is it the others?", "maybe the rest?", "are they not the same?"):
        assert lacking(guess) == "", guess
    assert "needs a reason" in lacking("  ")
    assert "needs a reason" in lacking("4"), "meant for another field"
    assert lacking("it has many heads. what is a head?") == "", "a reason with a question beside it is one"
