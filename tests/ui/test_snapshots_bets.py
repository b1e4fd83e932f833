"""Each kind of bet on its card at every size: empty, with something wrong, filled in; then the run with the bet over it."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot

from engine.figures import Curve, Heatmap, Series
from engine.protocol import Result
from tests.ui import cards
from tests.ui.cards import BY_KEYS, QUESTIONS, lesson_of
from tests.ui.drive import reach, screen, write
from tests.ui.look import environment, until
from tests.ui.snapshots import Album, settle
from tests.ui.stage import FakeApp, FakeBench, course, result
from tutor.todo import AskBet, Hear
from tutor.ui.bench import OnEvent
from tutor.ui.themes import PAPER
from tutor.ui.widgets.answers.modelled import Modelled
from tutor.ui.widgets.bet import BetCard

LAYERS, HEADS = 30, 9
WRONG = {
    "number": ("h e a p s enter", "ctrl+u"),
    "token": ("enter", ""),
    "text": ("enter", ""),
    "curve": ("enter", ""),
    "log": ("enter", ""),
    "distribution": ("down down down down 1 enter", "backspace up up up up"),
}
"""Keys that lead to a complaint, and those that take them back. Other cards have an answer wherever the cursor is."""
LAID = ("ranking", "cell", "curve", "log", "distribution", "text")
"""Kinds that can be laid over the run."""
LONG = {
    "choice": {
        "ask": "You silence head 3 of layer 23 while the model reads “当玛丽和约翰去商店的时候，约翰给了一杯饮料给”, "
        "and then every other head of the same layer but the one that you looked at, one after the other. What happens? 🙂",
        "options": [
            {"id": "gone", "says": "The lead is gone at once, since the name was carried by that one head and by no other "
             "head of any layer, not even by those that come after it", "when": {"drop": {"at_least": 0.9}}},
            {"id": "dent", "says": "它会变小，但是玛丽仍然领先，因为别的注意力头也带着同样的信息，只是少一点而已",
             "when": {"drop": {"below": 0.9}}},
        ],
    },
    "ranking": {
        "ask": "次のうち、どれが最もありそうですか。順番に並べてください。 Put them in order, the likeliest first.",
        "items": [
            {"id": "mary", "says": "“Mary”, who is given the drink by the other one, in the store to which both of them went",
             "fact": "base_logit_diff"},
            {"id": "beijing", "says": "“北京” 🙂", "fact": "drop"},
            {"id": "him", "says": "“him”", "fact": "kl_bits"},
        ],
    },
    "distribution": {
        "ask": "How likely is each of these as the next token? You have 20 chips, and what you do not believe in gets none.",
        "candidates": [" internationalisation", " 北京", "\n", " the"],
    },
}  # fmt: skip


def told(kind: str, of: Result) -> Result:
    """The result with what the questions ask about."""
    bits = [15 - 13 / (1 + math.exp((17 - n) / 2)) for n in range(LAYERS)]
    ranks = [round(20_000 / 2 ** (n / 2)) for n in range(LAYERS)]
    facts = {**of.facts, "entropy_by_layer": bits, "rank_by_layer": ranks, "layer": 23, "head": 4, "position": 7,
             "candidate_probs": [0.77, 0.08, 0.05, 0.0]}  # fmt: skip
    figures: list[Any] = list(of.figures)
    rows = [str(n) for n in range(LAYERS)]
    if kind in ("cell", "positions"):
        columns = [str(n) for n in range(HEADS)] if kind == "cell" else ["<s>", *cards.PROMPT.split()]
        values: list[list[float | None]] = [
            [math.sin(r / 5 + c) ** 2 for c in range(len(columns))] for r in range(LAYERS)
        ]
        figures = [Heatmap(title="What it brings back", rows=rows, columns=columns, values=values, row_name="layer",
                           column_name="head" if kind == "cell" else "position")]  # fmt: skip
    if kind in ("curve", "log"):
        name, drawn = ("doubt", bits) if kind == "curve" else ("rank", ranks)
        series = [Series(name=name, values=[float(value) for value in drawn])]
        figures = [Curve(title="Layer by layer", x_name="layer", x=rows, y_name=name, series=series)]
    return of.model_copy(update={"facts": facts, "figures": figures})


class Telling(FakeBench):
    """Its runs give what this kind of question asks about."""

    def __init__(self, kind: str) -> None:
        super().__init__()
        self.kind = kind

    async def run(
        self, experiment: str, parameters: dict[str, Any], model: str, seed: int, on_event: OnEvent
    ) -> Result:
        self.ran.append(parameters)
        return told(self.kind, result(experiment, model, parameters, seed))


def app_of(home: Path, kind: str, look: str = "dark") -> FakeApp:
    with environment(NO_COLOR="1" if look == "no colour" else None):
        app = FakeApp(home, "one-bet", of=course(lesson_of(kind)), bench=Telling(kind))
    if look == "light":
        app.theme = PAPER.name
    return app


async def card(pilot: Pilot[Any]) -> BetCard:
    """Wait until the card can be filled in."""
    app = pilot.app
    await reach(pilot, AskBet)

    def ready() -> bool:
        there = app.focused
        return there is not None and there.id == "answer" and (not isinstance(there, Modelled) or there.n_layers > 0)

    await until(pilot, ready)
    return screen(app).query_one(BetCard)  # type: ignore[arg-type]


async def fill_in(pilot: Pilot[Any], kind: str) -> None:
    of = await card(pilot)
    await pilot.press(*BY_KEYS[kind][0].split())
    await until(pilot, lambda: of.answer.value)


async def lock(pilot: Pilot[Any]) -> None:
    await pilot.press("enter")
    await write(pilot, "the other heads back it up", "enter", "7", "enter")


@pytest.mark.parametrize("kind", QUESTIONS)
async def test_a_card_from_empty_to_the_run(tmp_path: Path, album: Album, kind: str) -> None:
    app = app_of(tmp_path, kind)
    async with app.run_test(size=(120, 40)) as pilot:
        of = await card(pilot)
        await album.take(pilot, "empty")
        if kind in WRONG:
            wrong, back = WRONG[kind]
            await pilot.press(*wrong.split())
            await until(pilot, lambda: of.query("#hint.-wrong"))
            await album.take(pilot, "wrong", [(60, 20)])
            await pilot.press(*back.split())
        await fill_in(pilot, kind)
        await album.take(pilot, "answered")
        await lock(pilot)
        await reach(pilot, Hear, "keep")
        await until(pilot, lambda: screen(app).side.has_figures)
        await album.take(pilot, "after the run")
        if kind in LAID:
            await pilot.press("tab")
            await until(pilot, lambda: screen(app).side.focused_here)
            await album.take(pilot, "figure", [(60, 20), (80, 24)])


@pytest.mark.parametrize("look", ["light", "no colour"])
@pytest.mark.parametrize("kind", ["choice", "curve"])
async def test_a_card_in_other_colours(tmp_path: Path, album: Album, kind: str, look: str) -> None:
    app = app_of(tmp_path, kind, look)
    async with app.run_test(size=(120, 40)) as pilot:
        await fill_in(pilot, kind)
        await album.take(pilot, "answered", [(80, 24)])
        await lock(pilot)
        await reach(pilot, Hear, "keep")
        await until(pilot, lambda: screen(app).side.has_figures)
        await settle(pilot)
        await album.take(pilot, "after the run", [(120, 40)])


@pytest.mark.parametrize("kind", LONG)
async def test_a_card_with_long_and_wide_words(
    tmp_path: Path, album: Album, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(cards.QUESTIONS, kind, LONG[kind])
    app = app_of(tmp_path, kind)
    async with app.run_test(size=(120, 40)) as pilot:
        of = await card(pilot)
        await pilot.press(*{"choice": "2", "ranking": "shift+down", "distribution": "8 down 7 down 5"}[kind].split())
        await until(pilot, lambda: of.answer.value)
        await album.take(pilot, "answered")
        await lock(pilot)
        await reach(pilot, Hear, "keep")
        await album.take(pilot, "after the run")
