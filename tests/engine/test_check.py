"""A run looked over before it is made: what it would be refused with, found without asking the model anything."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio

from engine.client import Engine
from engine.errors import BadParameter, ModelUnavailable
from engine.experiments import NAMES, experiment
from engine.lab import Dry, Lab, dry
from engine.protocol import Partial
from tests.engine.doing import SOME, some_values
from tests.engine.tiny import PROMPT, tiny_folder, tiny_lab
from tests.engine.tiny_engine import LONG, reader, until

alone = pytest.mark.asyncio(loop_scope="module")
PATCH = {k: SOME[k] for k in ("clean", "corrupt", "answer", "distractor")}
REFUSED: list[tuple[str, dict[str, Any], str]] = [
    ("activation_patching", {**PATCH, "corrupt": PROMPT + " the"}, "must have the same number"),
    ("activation_patching", {**PATCH, "corrupt": PROMPT}, "the same text"),
    ("next_token", {"prompt": PROMPT, "answer": " Mary John"}, "2 tokens, not one"),
    (
        "head_ablation",
        {"prompt": PROMPT, "layer": 1, "head": 99, "answer": " Mary", "distractor": " John"},
        "head = 99",
    ),
    ("logit_lens", {"prompt": "the " * 90}, "reads at most"),
]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def engine() -> AsyncIterator[Engine]:
    made = Engine(device="cpu")
    yield made
    await made.close()


@pytest.mark.parametrize("name", NAMES)
def test_a_dry_run_asks_the_model_nothing(name: str) -> None:
    lab = tiny_lab("llama")
    bench, page = Lab(lab.model, lab.tokenizer, lab.name, report=dry), experiment(name)

    def asked(*_: Any) -> None:
        pytest.fail("the model was asked")

    hook = lab.model.register_forward_pre_hook(asked)
    try:
        page.run(bench, page.parse(some_values(page)))
    except Dry:
        return
    finally:
        hook.remove()
    assert name == "tokenize", "it has nothing to compute; all others come to where they do"


TOO_MUCH: dict[str, Any] = {
    "answer": " Mary John",
    "distractor": " Mary John",
    "token": " Mary John",
    "max_new_tokens": 200,
}
"""Parameters that the tokenizer or the context decides on, and for each a value that no tiny model takes."""
CASES = [(name, k) for name in NAMES for k in TOO_MUCH if k in experiment(name).parameters.model_fields]


@pytest.mark.parametrize(("name", "parameter"), CASES, ids=lambda part: part)
def test_it_is_refused_before_the_model_is_asked(name: str, parameter: str) -> None:
    lab, page = tiny_lab("llama"), experiment(name)
    bench = Lab(lab.model, lab.tokenizer, lab.name, report=dry)
    with pytest.raises(BadParameter) as refused:
        page.run(bench, page.parse({**some_values(page), parameter: TOO_MUCH[parameter]}))
    assert refused.value.parameter == parameter


@alone
@pytest.mark.parametrize(("name", "values", "why"), REFUSED, ids=[why for _, _, why in REFUSED])
async def test_what_a_run_is_refused_with_is_known_before(
    engine: Engine, name: str, values: dict[str, Any], why: str
) -> None:
    model = str(tiny_folder("llama"))
    await engine.load(model)
    said = await engine.refusal(name, values, model=model)
    assert said is not None
    with pytest.raises(BadParameter, match=why) as ran:
        await engine.run(name, values, model=model)
    assert (str(said), said.parameter) == (str(ran.value), ran.value.parameter)


@alone
async def test_a_run_that_would_be_made_passes_and_no_model_is_loaded_for_it(engine: Engine) -> None:
    model = str(tiny_folder("llama"))
    await engine.load(model)
    assert await engine.refusal("activation_patching", PATCH, model=model) is None
    assert await engine.refusal("activation_patching", {**PATCH, "corrupt": PROMPT}, model=reader()) is None
    with pytest.raises(ModelUnavailable, match="not loaded"):
        await engine.find_tokens(reader(), " M")
    assert (await engine.run("next_token", {"prompt": PROMPT}, model=model)).facts


@alone
async def test_an_engine_that_is_down_or_busy_is_not_waited_for(engine: Engine) -> None:
    assert await Engine("no-such-program").refusal("next_token", {"prompt": ""}) is None
    seen: list[object] = []
    run = asyncio.create_task(engine.run("sampling", LONG, model=reader(), on_event=seen.append))
    await until(lambda: any(isinstance(e, Partial) for e in seen))
    assert await engine.refusal("next_token", {"prompt": ""}, model=reader(), within=0.1) is None
    run.cancel()
    with pytest.raises(asyncio.CancelledError):
        await run
    assert await engine.refusal("next_token", {"prompt": ""}, model=reader(), within=60) is not None
