"""A learner who asks how large the model is hears it; who asks something of a run does not."""

from __future__ import annotations

import pytest

from engine.protocol import ModelInfo
from tests.dialogue.course import FIRST_RUN, LISTENS, lesson, shipped
from tutor import events as ev
from tutor.dialogue.authored import Authored, word
from tutor.dialogue.gate import check
from tutor.dialogue.moves import Move, Reply
from tutor.dialogue.reasons import lacking
from tutor.dialogue.sizes import size
from tutor.dialogue.voice import kept, turn_of
from tutor.dialogue.words import sentences
from tutor.loop import replay

SMOL = ModelInfo(
    name="smollm2-135m", n_layers=30, n_heads=9, d_model=576, d_mlp=1536, n_vocab=49152, n_parameters=134_515_008
)
LAYERS = "This model has 30 layers, counted from 0."


@pytest.mark.parametrize(
    ("asked", "says"),
    [
        ("How many layers does this model have?", LAYERS),
        ("how many layers are there", LAYERS),
        ("how many layers?", LAYERS),
        ("What’s the number of layers in the model?", LAYERS),
        ("No idea. How many blocks does it have in total?", LAYERS),
        ("how many attention heads are there in each layer?", "9 attention heads in each of its 30 layers, 270 in all"),
        ("how many heads has it got?", "270 in all"),
        ("how many neurons are there in a layer?", "1536 neurons"),
        ("how many dimensions does the model have?", "576 numbers"),
        ("how many tokens does the model know?", "49152 tokens"),
        ("how many parameters does it have?", "about 135 million parameters"),
        ("how big is this model?", "30 layers, 9 attention heads in each, and about 135 million parameters"),
    ],
)
def test_a_size_that_is_asked_for(asked: str, says: str) -> None:
    assert says in size(asked, SMOL)


@pytest.mark.parametrize(
    "text",
    [
        "how many heads look at Mary?",
        "how many layers does it take?",
        "how many layers know the answer?",
        "how many tokens are in the prompt?",
        "how big is it?",
        "how big is the drop?",
        "I know how many layers it has",
        "how many layers does GPT-4 have?",
        "there are many layers",
        "what is a layer?",
        "",
    ],
)
def test_what_asks_for_no_size(text: str) -> None:
    assert size(text, SMOL) == ""


def test_while_the_model_is_not_known_nothing_is_said_of_it() -> None:
    assert size("how many layers does it have?", None) == ""
    assert size("how many layers does it have?", ModelInfo(name="not-loaded")) == ""


@pytest.mark.parametrize(("step", "before"), [("warm-up", []), ("why", FIRST_RUN)])
async def test_it_is_said_and_the_question_stands(step: str, before: list[ev.Event]) -> None:
    """Before a run as after it: how large the model is, is no result."""
    question, _ = LISTENS[step]
    events = [*before, ev.Said(step, "reconcile" if before else "elicit", question)]
    events.append(ev.Replied(step, "How many layers does this model have?"))
    verdict = await Authored().judge(turn_of(replay(lesson, events), None, SMOL))
    assert (verdict.reply, verdict.known) == (Reply.QUESTION, True)
    state = replay(lesson, [*events, verdict.event(step)])
    turn = turn_of(state, state.talk.move, SMOL)
    words = word(turn)
    assert words.startswith(LAYERS)
    assert words.endswith(sentences(question)[-1])
    assert check(turn, words) == []
    assert not kept(turn), "it is answered, and no open question"


def test_it_is_said_where_the_question_speaks_of_layers_itself() -> None:
    [of] = [one for one in shipped() if one.id == "when-does-it-know"]
    events = [
        ev.Replied("warm-up", "how many layers does it have?"),
        ev.Judged("warm-up", "question", (), asks=True, known=True),
    ]
    state = replay(of, events)
    assert word(turn_of(state, state.talk.move, SMOL)).startswith(LAYERS)


def test_beside_a_right_answer_and_as_the_reason_of_a_bet() -> None:
    events: list[ev.Event] = [
        ev.Said("warm-up", "elicit", LISTENS["warm-up"][0]),
        ev.Replied("warm-up", "redundancy. How many heads does it have?"),
        ev.Judged("warm-up", "right", ("redundancy",), asks=True),
    ]
    state = replay(lesson, events)
    assert state.talk.move is Move.ASIDE
    assert "270 in all" in word(turn_of(state, Move.ASIDE, SMOL))
    assert lacking("how many layers does it have?", SMOL).startswith(LAYERS)
