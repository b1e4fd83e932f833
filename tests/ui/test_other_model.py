"""A lesson that was begun with another model than its own, which cannot be had: it is said, and there is a way out."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest

from engine.errors import ModelUnavailable
from tests.ui.drive import SIZES, bet, reach, said, write
from tests.ui.look import until
from tests.ui.stage import LESSON, FakeApp, FakeBench, lesson
from tutor import events as ev
from tutor.journal.store import Store
from tutor.todo import AskBet, Hear, Retry
from tutor.ui.widgets.choices import Choices

ID = "silence-one-head"
GONE = ModelUnavailable("gpt2 is not on this machine and could not be fetched: connect to the network once")


def begun_with(home: Path, model: str) -> Path:
    with Store.open(home, "me") as store:
        store.append(ID, ev.Started("", model=model))
    return home


def words(app: FakeApp) -> str:
    return " ".join(said(app).split())


@pytest.mark.parametrize("size", SIZES)
async def test_the_way_out_is_said_and_taken(tmp_path: Path, size: tuple[int, int]) -> None:
    own = lesson(LESSON).models.default
    bench = FakeBench(fail=GONE)
    bench.unavailable = GONE
    app = FakeApp(begun_with(tmp_path, "gpt2"), ID, bench=bench)
    async with app.run_test(size=size) as pilot:
        screen = await reach(pilot, Hear)
        await until(pilot, lambda: f"On the map, r takes this lesson again with {own}." in words(app))
        assert "ready" not in said(app).splitlines()[0], "the engine is, but not with this model"
        await write(pilot, "right", "enter")
        await bet(pilot)
        await reach(pilot, Retry)
        await until(pilot, lambda: f"m begin again with {own}" in words(app))
        await until(pilot, lambda: isinstance(app.focused, Choices))
        bench.unavailable = None
        await pilot.press("m")
        await reach(pilot, Hear, "warm-up")
        assert (screen.session.state.model, screen.session.state.bets) == (own, ())
        await until(pilot, lambda: "gpt2" not in said(app))
        await write(pilot, "right", "enter")
        await reach(pilot, AskBet)


async def test_a_model_that_is_asked_for_and_not_taken_is_said(tmp_path: Path) -> None:
    app = FakeApp(begun_with(tmp_path, "gpt2"), ID)
    app.settings = replace(app.settings, model="pythia-70m")
    app._fake_desk.settings = app.settings
    async with app.run_test(size=(80, 24)) as pilot:
        await reach(pilot, Hear)
        await until(pilot, lambda: "You began this lesson with gpt2" in words(app))


async def test_taken_again_it_has_its_own_model(tmp_path: Path) -> None:
    app = FakeApp(begun_with(tmp_path, "gpt2"))
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: app.home.board)
        app.open_lesson(ID, again=True)
        screen = await reach(pilot, Hear)
        assert screen.session.state.model == lesson(LESSON).models.default


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("loads_late", [False, True])
async def test_a_bet_on_a_run_that_the_model_cannot_do_is_not_asked_for(
    tmp_path: Path, size: tuple[int, int], loads_late: bool
) -> None:
    """The lesson's layer is 1, and this model has one, layer 0."""
    own = lesson(LESSON).models.default
    bench = FakeBench()
    bench.sizes = {"n_layers": 1, "n_heads": 9}
    bench.loads = asyncio.Event()
    if not loads_late:
        bench.loads.set()
    app = FakeApp(begun_with(tmp_path, "gpt2"), ID, bench=bench)
    async with app.run_test(size=size) as pilot:
        screen = await reach(pilot, Hear)
        await write(pilot, "right", "enter")
        await reach(pilot, AskBet)
        bench.sizes = {}
        bench.loads.set()
        why = "gpt2 cannot do the run that comes now: layer = 1 is out of range; it must be a whole number from 0 to 0."
        await until(pilot, lambda: why in words(app))
        assert "run it again" not in words(app)
        await until(pilot, lambda: isinstance(app.focused, Choices))
        await pilot.press("m")
        await reach(pilot, Hear, "warm-up")
        assert (screen.session.state.model, screen.session.state.bets) == (own, ())
