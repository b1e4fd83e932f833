"""One question of every kind of bet, with a lesson around it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

import yaml
from textual.pilot import Pilot

from tests.ui.look import Stage, focus_on, lines
from tests.ui.stage import FakeBench
from tutor.course.format import Predict as PredictStep
from tutor.course.format import Prediction
from tutor.ui.look import Look
from tutor.ui.widgets.bet import BetCard
from tutor.ui.widgets.form import Drafted

MODEL = "a-model"
PROMPT = "When Mary and John went to the 北京 store"

QUESTIONS: dict[str, dict[str, Any]] = {
    "choice": {
        "ask": "You silence head 3 of layer 23. What happens to the lead of “Mary” over “John”?",
        "options": [
            {"id": "gone", "says": "The lead is gone", "when": {"drop": {"at_least": 0.9}}},
            {"id": "dent", "says": "It shrinks", "when": {"drop": {"below": 0.9}}},
        ],
    },
    "number": {"ask": "How likely is it?", "fact": "top_prob", "low": 0, "high": 1, "close": 0.1},
    "token": {"ask": "Which token comes next?", "fact": "top_token"},
    "text": {
        "ask": "What will the text be like when every layer is a little noisy?",
        "expects": [
            {"id": "same", "says": "The text stays", "cues": ["same"], "when": {"drop": {"below": 0.1}}},
            {"id": "broken", "says": "The text breaks", "cues": ["break", "broken"], "when": {"drop": {"at_least": 0.1}}},
        ],
        "wrong": ["I like trains"],
    },
    "ranking": {
        "ask": "Which of these does the model think most likely next? Put them in order.",
        "items": [
            {"id": "mary", "says": "“Mary”, who is given the drink", "fact": "base_logit_diff"},
            {"id": "john", "says": "“John”, who gives the drink", "fact": "tweak_logit_diff"},
            {"id": "the", "says": "“the”, the commonest word of all", "fact": "drop"},
            {"id": "him", "says": "“him”", "fact": "kl_bits"},
        ],
    },
    "cell": {
        "ask": "Which head moves the name to the end? Point at it.",
        "row_fact": "layer", "column_fact": "head", "columns": "heads", "close": 1,
    },
    "positions": {
        "kind": "cell",
        "ask": "Where does the model keep the name before it says it? Point at the layer and the token.",
        "row_fact": "layer", "column_fact": "position", "columns": "positions",
    },
    "curve": {
        "ask": "Draw how many bits of doubt are left after each layer.",
        "fact": "entropy_by_layer", "unit": "bits", "low": 0, "high": 16, "close": 1,
    },
    "log": {
        "kind": "curve",
        "ask": "Draw the rank of the right token after each layer.",
        "fact": "rank_by_layer", "low": 0, "high": 49151, "scale": "log", "close": 3,
    },
    "distribution": {
        "ask": "How likely is each of these as the next token? You have 20 chips.",
        "candidates": [" Paris", " London", " the", " 北京"],
    },
}  # fmt: skip


BY_KEYS: dict[str, tuple[str, object]] = {
    "choice": ("2", "dent"),
    "number": ("5 0 percent_sign", 0.5),
    "token": ("space P a r i s", " Paris"),
    "text": ("s a m e", "same"),
    "ranking": ("shift+down up 4", ["mary", "the", "him", "john"]),
    "cell": ("2 3 right right right left", [23, 2]),
    "positions": ("1 2 end", [12, 8]),
    "curve": ("8 right right up end 2 shift+down", [[0, 12.8], [2, 13], [29, 1]]),
    "log": ("home 9 end 0", [[0, 16_700], [29, 0]]),
    "distribution": ("1 2 down right right down 3 down down end left end", [12, 2, 3, 0, 3]),
}
"""By kind: keys that make a bet on its card, and the bet that they make."""


def question(kind: str) -> Prediction:
    step = PredictStep.model_validate({"id": "guess", "predict": {"kind": kind, **QUESTIONS[kind]}})
    return step.predict


def lesson_of(kind: str) -> str:
    """A lesson that asks this question first."""
    said = {
        "format": 1, "id": "one-bet", "title": "One bet of its kind", "unit": "attention", "minutes": 5, "difficulty": 1,
        "concepts": ["betting"],
        "steps": [
            {"id": "guess", "predict": {"kind": kind, **QUESTIONS[kind]}},
            {"id": "do-it", "run": {"experiment": "head_ablation", "with": {
                "prompt": PROMPT,
                "layer": 1, "head": 2, "answer": " Mary", "distractor": " John"}}},
            {"id": "keep", "takeaway": "What will you remember, in one line?"},
        ],
    }  # fmt: skip
    return yaml.safe_dump(said, allow_unicode=True)


class Table(Stage):
    """One card alone on the screen. `locked` is what it was locked with."""

    AUTO_FOCUS = None  # as on the screen of a lesson: the form takes the focus by itself

    def __init__(self, kind: str, drafts: Mapping[str, str] | None = None, bench: FakeBench | None = None) -> None:
        self.bench = bench or FakeBench(loaded=MODEL)
        self.card = BetCard(question(kind), drafts or {}, Look(self.bench, MODEL, {"prompt": PROMPT}))
        super().__init__(self.card)
        self.locked: list[BetCard.Locked] = []
        self.drafts: dict[str, str] = {}

    def on_bet_card_locked(self, event: BetCard.Locked) -> None:
        self.locked.append(event)

    def on_drafted(self, event: Drafted) -> None:
        self.drafts[event.field] = event.text

    @property
    def value(self) -> str:
        return self.card.answer.value

    @property
    def said(self) -> str:
        return "\n".join(lines(self))


@asynccontextmanager
async def table(
    kind: str, size: tuple[int, int] = (80, 24), drafts: Mapping[str, str] | None = None, bench: FakeBench | None = None
) -> AsyncIterator[tuple[Table, Pilot[None]]]:
    """The card of this kind, with the focus on its answer."""
    app = Table(kind, drafts, bench)
    async with app.run_test(size=size) as pilot:
        await focus_on(pilot, "answer")
        yield app, pilot
