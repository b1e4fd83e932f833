"""The lesson of these tests and where it listens."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

import lessons
from tutor import events as ev
from tutor.course.format import Ask, Explain, Lesson, Step
from tutor.course.listening import Listen
from tutor.dialogue.cues import parse, question_in
from tutor.dialogue.voice import Turn, turn_of
from tutor.loop import replay

lesson = Lesson.model_validate(yaml.safe_load((Path(__file__).parent / "lesson.yaml").read_text()))


def listening(of: Lesson) -> Iterator[tuple[Step, Listen]]:
    """Its steps where a reply is listened to."""
    for step in of.steps:
        if isinstance(step, Ask) and step.listen:
            yield step, step.listen
        elif isinstance(step, Explain):
            yield step, step.explain.listen


def listens(of: Lesson) -> dict[str, tuple[str, Listen]]:
    out = {}
    for step, listen in listening(of):
        question = step.ask if isinstance(step, Ask) else step.explain.ask if isinstance(step, Explain) else ""
        out[step.id] = (question, listen)
    return out


LISTENS = listens(lesson)
"""(question, listen) by step."""


def shipped() -> list[Lesson]:
    """The lessons that come with the program."""
    folder = Path(lessons.__file__).parent
    return [Lesson.model_validate(yaml.safe_load(path.read_text())) for path in sorted(folder.glob("*/*.yaml"))]


ABLATION: dict[str, Any] = {
    "experiment": "head_ablation",
    "parameters": {"layer": 23, "head": 3},
    "facts": {
        "base_text": " Mary. John went home",
        "tweak_text": " Mary, and she",
        "base_top": " Mary",
        "tweak_top": " Mary",
        "kl_bits": 0.412,
        "base_logit_diff": 6.123,
        "tweak_logit_diff": 3.049,
        "drop": 0.502,
    },
    "figures": [
        {
            "kind": "tokens",
            "title": "The next token",
            "runs": [
                {"name": "BASE", "tokens": [" Mary", " the", " his"], "probabilities": [0.9231, 0.0212, 0.0103]},
                {"name": "TWEAK", "tokens": [" Mary", " John"], "probabilities": [0.6104, 0.2207]},
            ],
        }
    ],
}
LENS: dict[str, Any] = {
    "experiment": "logit_lens",
    "parameters": {},
    "facts": {
        "final_token": " Mary",
        "final_prob": 0.9231,
        "first_layer_top": 27,
        "n_layers": 30,
        "answer_rank_by_layer": [4000 - 133 * i for i in range(30)],
    },
    "figures": [],
}
WARM_UP: list[ev.Event] = [
    ev.Said("warm-up", "elicit", LISTENS["warm-up"][0]),
    ev.Replied("warm-up", "redundancy"),
    ev.Judged("warm-up", "right", ("redundancy",)),
]
FIRST_RUN: list[ev.Event] = [
    *WARM_UP,
    ev.Predicted("guess", "gone", "that head looks at the name", 80),
    ev.RunFinished("do-it", ABLATION),
    ev.Said("look", "observe", "Before I say anything: what do you see?"),
    ev.Replied("look", "half of it is lost"),
]
SECOND_RUN: list[ev.Event] = [
    *FIRST_RUN,
    ev.Skipped("why"),
    ev.Skipped("before-lens"),
    ev.Predicted("guess-layer", 12.0, "the middle", 50),
    ev.Predicted("guess-token", " John", "he is named last", 40),
    ev.RunFinished("lens", LENS),
    ev.Said("look-again", "observe", "Before I say anything: what stands out in the rows?"),
    ev.Replied("look-again", "odd words early"),
]


def talk(before: list[ev.Event], step: str, reply: str, kind: str, *met: str, false: str | None = None) -> Turn:
    """The turn after this reply to the step's question."""
    asked = ev.Said(step, "reconcile" if before else "elicit", LISTENS[step][0])
    judged = ev.Judged(step, kind, met, false, asks=bool(question_in(parse(reply))))
    state = replay(lesson, [*before, asked, ev.Replied(step, reply), judged])
    assert state.talk.move is not None
    return turn_of(state, state.talk.move)


def opening(before: list[ev.Event]) -> Turn:
    """The turn that opens the step to which these events lead."""
    state = replay(lesson, before)
    return turn_of(state, state.talk.move)


TURNS = {
    "warm-open": opening([]),
    "warm-wrong": talk([], "warm-up", "I think nothing, there are so many", "wrong"),
    "warm-skill": talk([], "warm-up", "each head does one thing", "misconception", false="one-head-one-skill"),
    "warm-aside": talk([], "warm-up", "the others fill in; what would two silent ones do?", "right", "redundancy"),
    "warm-idk": talk([], "warm-up", "no idea", "idk"),
    "why-open": opening(FIRST_RUN),
    "why-wrong": talk(FIRST_RUN, "why", "because Mary comes first in the sentence", "wrong"),
    "why-partly": talk(FIRST_RUN, "why", "other heads write Mary too", "partly", "others-help"),
    "why-deeper": talk(
        FIRST_RUN, "why", "the lead was large and other heads write Mary", "right", "others-help", "lead-was-large"
    ),
    "why-tell": talk(FIRST_RUN, "why", "just tell me", "tell_me"),
    "late-confirm": talk(
        SECOND_RUN,
        "why-late",
        "it is built up bit by bit and early rows are not readable yet",
        "right",
        "built-up",
        "lens-unfair",
    ),
}
"""Turns by name, for turns.yaml."""
