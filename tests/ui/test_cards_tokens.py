"""The card of a token: the model's own tokens are offered while one types, and typing never waits for them."""

from __future__ import annotations

import asyncio

import pytest

from tests.ui.cards import MODEL, table
from tests.ui.drive import write
from tests.ui.look import focus_on, until
from tests.ui.stage import FakeBench
from tutor.ui.bench import Bench
from tutor.ui.widgets.answers.fields import Offers


def offered(app: object) -> list[str]:
    return app.query_one(Offers).tokens  # type: ignore[attr-defined, no-any-return]


async def test_tokens_are_offered_and_taken_with_enter() -> None:
    async with table("token") as (app, pilot):
        await pilot.press("space", "P", "a", "r")
        await until(pilot, lambda: offered(app) == [" Par", " Paris", " Park", " Parliament", " Party", " Partner"])
        assert "tokens of this model" in app.said
        await pilot.press("down", "down", "enter")
        await until(pilot, lambda: app.value == " Paris")
        assert not offered(app)
        assert app.focused
        assert app.focused.id == "answer", "taking one is not yet going on"
        await pilot.press("enter")
        await focus_on(pilot, "reason")


async def test_enter_without_pointing_takes_what_was_typed() -> None:
    async with table("token") as (app, pilot):
        await pilot.press("space", "P", "a", "r")
        await until(pilot, lambda: offered(app))
        await pilot.press("enter")
        await focus_on(pilot, "reason")
        assert app.value == " Par"
        assert not offered(app)


async def test_up_goes_back_to_the_field_and_escape_puts_the_list_away() -> None:
    async with table("token") as (app, pilot):
        await pilot.press("space", "P")
        await until(pilot, lambda: offered(app))
        offers = app.query_one(Offers)
        await pilot.press("down", "down", "up", "up")
        assert offers.here == -1
        await pilot.press("escape")
        assert not offered(app)
        await pilot.press("a")
        await until(pilot, lambda: offered(app))


async def test_the_mouse_takes_one() -> None:
    async with table("token") as (app, pilot):
        await pilot.press("space", "P", "a")
        await until(pilot, lambda: len(offered(app)) == 6)
        await pilot.click(Offers, offset=(4, 1))
        await until(pilot, lambda: app.value == " Paris")


async def test_wide_characters_and_line_breaks() -> None:
    async with table("token") as (app, pilot):
        await pilot.press("space", "北")
        await until(pilot, lambda: offered(app) == [" 北京", " 北"])
        await pilot.press("down", "enter")
        await until(pilot, lambda: app.value == " 北京")
        await until(pilot, lambda: "·北京" in app.said)
        await pilot.press(*["backspace"] * 3)
        await write(pilot, "⏎")
        await until(pilot, lambda: offered(app) == ["\n", "\n\n"])
        await pilot.press("down", "down", "enter", "enter", "x", "enter", "5", "enter")
        await until(pilot, lambda: app.locked)
        assert app.locked[0].answer == "\n\n"


async def test_a_space_that_is_missing_is_said_and_so_is_a_token_that_does_not_exist() -> None:
    async with table("token") as (app, pilot):
        await pilot.press("P")
        await until(pilot, lambda: "no space before it" in app.said)
        assert offered(app) == ["Paris"]
        await pilot.press("q")
        await until(pilot, lambda: "no token begins like this" in app.said)
        assert not offered(app)


async def test_an_engine_that_is_down_offers_nothing_and_the_bet_is_made_all_the_same() -> None:
    bench = FakeBench(loaded=MODEL)
    bench.down = True
    async with table("token", bench=bench) as (app, pilot):
        await pilot.press("space", "P", "a", "r", "down", "enter", "x", "enter", "5", "enter")
        await until(pilot, lambda: app.locked)
        assert app.locked[0].answer == " Par"
        assert "no token begins" not in app.said, "nobody knows"


async def test_while_the_model_is_being_loaded_no_token_is_locked_and_then_it_is_checked() -> None:
    bench = FakeBench()
    bench.preparing = True  # the engine has just said hello: its status is `ready`
    async with table("token", bench=bench) as (app, pilot):
        await write(pilot, "what is a token?", "enter", "x", "enter", "5", "enter")
        await until(pilot, lambda: "still being loaded" in app.said)
        assert not app.locked
        await bench.prepare(MODEL)
        await until(pilot, lambda: "no token begins like this" in app.said)
        assert not offered(app)
        await pilot.press("enter")
        await until(pilot, lambda: "No token of this model begins like this" in app.said)
        assert not app.locked
        await focus_on(pilot, "answer")
        await pilot.press("ctrl+u")
        await until(pilot, lambda: app.value == "")
        await write(pilot, " Paris", "enter", "enter")
        await until(pilot, lambda: app.locked)


async def test_a_token_that_was_kept_is_checked_and_nothing_is_offered_for_it() -> None:
    async with table("token", drafts={"answer": "no such token"}) as (app, pilot):
        await until(pilot, lambda: "no token begins like this" in app.said)
        assert not offered(app)
    async with table("token", drafts={"answer": " Par"}) as (app, pilot):
        await pilot.press("enter")
        await focus_on(pilot, "reason")
        assert not offered(app)


class SlowBench(FakeBench):
    """Answers when it is let go."""

    def __init__(self) -> None:
        super().__init__(loaded=MODEL)
        self.prefixes: list[str] = []
        self.let_go = asyncio.Event()

    async def find_tokens(self, model: str, prefix: str, limit: int) -> list[str] | None:
        self.prefixes.append(prefix)
        await self.let_go.wait()
        return await super().find_tokens(model, prefix, limit)


async def test_typing_does_not_wait_and_a_late_answer_is_not_shown() -> None:
    bench = SlowBench()
    async with table("token", bench=bench) as (app, pilot):
        await pilot.press("space")
        await until(pilot, lambda: bench.prefixes == [" "])
        await pilot.press("P", "a", "r", "k")
        assert app.value == " Park"
        assert not offered(app)
        bench.let_go.set()
        await until(pilot, lambda: offered(app) == [" Park"])


async def test_the_real_engine_offers_the_tokens_of_its_model() -> None:
    from tests.engine.tiny import tiny_folder

    model = str(tiny_folder("gpt2"))
    bench = Bench(device="cpu")
    try:
        assert await bench.find_tokens(model, " Ma", 6) is None, "it is not started for that"
        assert await bench.cut(model, "When Mary", False) is None
        await bench.prepare(model)
        found = await bench.find_tokens(model, " Ma", 6)
        assert found is not None
        assert " Mary" in found
        assert await bench.cut(model, "When Mary", False) == ["When", " Mary"]
        assert await bench.find_tokens("another", " Ma", 6) is None
        assert bench.status.phase == "ready", "a look-up is nothing that one is told of"
    finally:
        await bench.close()


@pytest.mark.parametrize("kept", [" Paris", "北京"])
async def test_a_draft_is_not_offered_again(kept: str) -> None:
    async with table("token", drafts={"answer": kept}) as (app, pilot):
        await pilot.press("down", "enter")
        await focus_on(pilot, "reason")
        assert app.value == kept


async def test_a_word_without_its_space_is_offered_with_it() -> None:
    async with table("token") as (app, pilot):
        await write(pilot, "Partn")
        await until(pilot, lambda: offered(app) == [" Partner"])


async def test_what_no_token_begins_with_is_no_bet() -> None:
    async with table("token") as (app, pilot):
        await write(pilot, " Paris or London", "enter")
        await until(pilot, lambda: "no token begins like this" in app.said)
        await pilot.press("enter")
        await until(pilot, lambda: "the bet is one token" in app.said)
        assert app.focused
        assert app.focused.id == "answer"


async def test_an_engine_that_said_hello_is_not_ready_while_its_model_is_on_its_way() -> None:
    from tests.engine.tiny import tiny_folder

    seen: list[tuple[str, bool]] = []
    bench = Bench(device="cpu", on_change=lambda: seen.append((bench.status.phase, bench.model is not None)))
    try:
        await asyncio.gather(bench.start(), bench.prepare(str(tiny_folder("gpt2"))))
        assert not bench.preparing
        assert ("ready", True) in seen
        assert ("ready", False) not in seen
    finally:
        await bench.close()
