"""Tokens offered while someone types: the ops of the real engine process on a tiny model."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from engine.client import Engine
from engine.errors import BadParameter, Cancelled, ModelUnavailable
from engine.lab import Lab
from engine.protocol import Partial
from engine.vocabulary import Vocabulary
from tests.engine.tiny import END, PROMPT, tiny_folder, tiny_lab
from tests.engine.tiny_engine import LONG, SHORT, reader, until

alone = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def engine() -> AsyncIterator[Engine]:
    """One engine for all tests."""
    made = Engine(device="cpu")
    yield made
    await made.close()


@pytest.mark.parametrize("prefix", [" Ma", "Ma", " ", "t", END[:3], " Mary"])
def test_tokens_begin_with_what_was_typed_and_the_lowest_id_comes_first(prefix: str) -> None:
    lab = tiny_lab("llama")
    found = Vocabulary(lab).beginning(prefix, 5)
    ids = [next(i for i in range(len(lab.tokenizer)) if lab.text_of(i) == text) for text in found]
    assert all(text.startswith(prefix) for text in found)
    assert ids == sorted(ids)
    every = {lab.text_of(i) for i in range(len(lab.tokenizer))}
    assert len(found) == min(5, sum(text.startswith(prefix) for text in every))


def test_a_piece_of_a_character_is_not_offered() -> None:
    vocabulary = Vocabulary(tiny_lab("gpt2"))
    assert any("\ufffd" in text for text in vocabulary.texts), "a byte-level vocabulary has such pieces"
    assert vocabulary.beginning("\ufffd", 100) == []


def test_a_token_that_only_the_tokenizer_has_is_refused_by_name_and_not_offered(lab: Lab) -> None:
    """The model has no embedding for it: an index out of range, and on a GPU an assert that takes the GPU with it."""
    lab.tokenizer.add_tokens([" zebra"])
    assert len(lab.tokenizer) == lab.n_vocab + 1
    for ask in (lambda: lab.tokens("A zebra", parameter="clean"), lambda: lab.token_id(" zebra", parameter="clean")):
        with pytest.raises(BadParameter, match=r"^clean has the token ' zebra', which tiny-\S+ does not know") as error:
            ask()
        assert error.value.parameter == "clean"
    assert " zebra" not in Vocabulary(lab).texts


@alone
async def test_a_space_in_front_makes_other_tokens(engine: Engine) -> None:
    model = str(tiny_folder("llama"))
    await engine.load(model)
    assert " Mary" in await engine.find_tokens(model, " Ma")
    assert " Mary" not in await engine.find_tokens(model, "Ma", 100)
    assert await engine.find_tokens(model, "zebra stripes") == []
    assert len(await engine.find_tokens(model, " ", 3)) == 3


@alone
async def test_a_prompt_is_cut_as_a_run_cuts_it(engine: Engine) -> None:
    model = str(tiny_folder("gpt2"))
    await engine.load(model)
    run = await engine.run("tokenize", {"text": PROMPT, "bos": True}, model=model)
    assert await engine.cut(model, PROMPT, bos=True) == run.facts["tokens"]
    assert await engine.cut(model, PROMPT) == run.facts["tokens"][1:]
    with pytest.raises(BadParameter, match="empty"):
        await engine.cut(model, "")


@alone
async def test_a_model_that_is_not_loaded_is_not_loaded_for_it(engine: Engine) -> None:
    await engine.load(str(tiny_folder("gpt2")))
    with pytest.raises(ModelUnavailable, match="not loaded"):
        await engine.find_tokens(str(tiny_folder("llama")), "The")


@alone
async def test_the_tokens_of_the_next_model_are_its_own(engine: Engine) -> None:
    await engine.load(str(tiny_folder("gpt2")))
    before = await engine.find_tokens(str(tiny_folder("gpt2")), " M")
    await engine.load(reader())
    assert await engine.find_tokens(reader(), " M") == before, "the same tokenizer, asked through another model"
    with pytest.raises(ModelUnavailable):
        await engine.find_tokens(str(tiny_folder("gpt2")), " M")


@alone
async def test_asked_while_the_model_loads_it_waits_for_it(engine: Engine) -> None:
    loading = asyncio.create_task(engine.load(str(tiny_folder("gpt_neox"))))
    found, _ = await asyncio.gather(engine.find_tokens(str(tiny_folder("gpt_neox")), " Jo"), loading)
    assert " John" in found


@alone
async def test_who_types_on_cancels_only_that_question(engine: Engine) -> None:
    seen: list[object] = []
    run = asyncio.create_task(engine.run("sampling", LONG, model=reader(), on_event=seen.append))
    await until(lambda: any(isinstance(e, Partial) for e in seen))
    asked = asyncio.create_task(engine.find_tokens(reader(), " M"))
    assert engine._life is not None
    waiting = engine._life.waiting
    await until(lambda: len(waiting) == 2)
    asked.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asked
    assert not run.done()
    await engine.cancel()
    with pytest.raises(Cancelled):
        await run
    assert (await engine.run("next_token", SHORT, model=reader())).facts["top_prob"] > 0
