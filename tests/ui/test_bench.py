"""The link to the engine: a model that is on its way comes, whoever waits for it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from pathlib import Path

import pytest

from engine.errors import ModelUnavailable
from tests.engine.tiny import tiny_folder
from tutor.ui.bench import Bench

SEEN = list[tuple[str, str, bool]]


@pytest.fixture
async def bench() -> AsyncIterator[Bench]:
    one = Bench(device="cpu")
    yield one
    await one.close()


async def until(there: Callable[[], object]) -> None:
    async with asyncio.timeout(60):
        while not there():  # noqa: ASYNC110 (what is waited for has no event)
            await asyncio.sleep(0.01)


async def test_who_leaves_while_a_model_loads_finds_it_loaded(bench: Bench) -> None:
    model = str(tiny_folder("gpt2"))
    waiting = asyncio.create_task(bench.prepare(model))
    await until(lambda: bench.engine.hello)
    assert bench.preparing
    waiting.cancel()
    with suppress(asyncio.CancelledError):
        await waiting
    assert bench.preparing, "it is on its way still"
    await until(lambda: bench.model)
    assert not bench.preparing
    assert bench.status.phase == "ready"


async def test_a_model_is_on_its_way_until_the_one_that_is_wanted_is_there(bench: Bench) -> None:
    one, other = str(tiny_folder("gpt2")), str(tiny_folder("llama"))
    seen: SEEN = []
    bench.on_change = lambda: seen.append((bench.status.phase, bench.status.model, bench.preparing))
    first = asyncio.create_task(bench.prepare(one))
    await until(lambda: bench.preparing)
    info = await bench.prepare(other)
    assert (info.name, bench.model) == (other, info)
    with suppress(asyncio.CancelledError):
        await first
    assert not bench.preparing
    assert [entry for entry in seen if entry[0] == "ready"] == [("ready", other, False)]


async def test_two_who_wait_for_one_model_load_it_once(bench: Bench) -> None:
    model = str(tiny_folder("gpt2"))
    labels: list[str] = []
    bench.on_change = lambda: labels.append(bench.status.phase)
    both = await asyncio.gather(bench.prepare(model), bench.prepare(model))
    assert both[0] is both[1]
    assert labels.count("ready") == 1


async def test_a_run_on_a_model_that_is_on_its_way_waits_for_it(bench: Bench) -> None:
    model = str(tiny_folder("gpt2"))
    waiting = asyncio.create_task(bench.prepare(model))
    await until(lambda: bench.preparing)
    result = await bench.run("next_token", {"prompt": "the cat"}, model, 0, lambda event: None)
    assert result.model == model
    assert (await waiting).name == model
    assert bench.model is not None


async def test_after_a_run_on_a_model_that_cannot_be_had_it_is_not_ready(bench: Bench, tmp_path: Path) -> None:
    nowhere = str(tmp_path / "nowhere")
    for asked in (
        bench.prepare(nowhere),
        bench.run("next_token", {"prompt": "the cat"}, nowhere, 0, lambda event: None),
    ):
        with pytest.raises(ModelUnavailable):
            await asked
        assert (bench.status.phase, bench.status.model) == ("ready", "")
