"""Every parameter of every experiment, given what it cannot be, over the pipe of the real engine, which lives on.

What is wrong with a value is read from the parameter's own definition, so a new experiment is tested as soon as it is
in the catalogue.
"""

from __future__ import annotations

import types
from collections.abc import AsyncIterator, Iterator
from typing import Annotated, Any, Union, cast, get_args, get_origin

import annotated_types
import pytest
import pytest_asyncio

from engine.client import Engine
from engine.errors import BadParameter
from engine.experiments import NAMES, Experiment, experiment
from engine.experiments.base import Below, marks_of
from tests.engine.doing import some_values
from tests.engine.tiny import tiny_folder

pytestmark = pytest.mark.asyncio(loop_scope="module")

LONG = "The cat " * 5000
SIZES = {"n_layers": 3, "n_heads": 4, "d_model": 32, "d_mlp": 64}
"""Of the tiny model: values below them are right."""


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def engine() -> AsyncIterator[Engine]:
    made = Engine(device="cpu")
    yield made
    await made.close()


def wrong_for(field: Any) -> Iterator[Any]:
    """Values that this parameter cannot have."""
    kinds = {field.annotation}
    if get_origin(field.annotation) in (Union, types.UnionType):
        kinds = {get_args(k)[0] if get_origin(k) is Annotated else k for k in get_args(field.annotation)}
    yield from ([], {}, 7) if str in kinds else ([], {}, "perhaps")
    if field.is_required():
        yield None
    for mark in marks_of(field):
        match mark:
            case annotated_types.Ge(ge=v):
                yield from (cast("float", v) - 1, -(10**30))
            case annotated_types.Gt(gt=v):
                yield from (v, -(10**30))
            case annotated_types.Le(le=v):
                yield from (cast("float", v) + 1, 10**30, "nan", "inf")
            case annotated_types.MinLen():
                yield ""
            case Below(size=size):
                yield from (SIZES[size], 10**30)


def bad_values(page: Experiment) -> list[tuple[str, Any]]:
    return [(name, value) for name, field in page.parameters.model_fields.items() for value in wrong_for(field)]


async def refusal(engine: Engine, name: str, values: dict[str, Any], **more: Any) -> BadParameter:
    with pytest.raises(BadParameter) as error:
        await engine.run(name, values, model=str(tiny_folder("llama")), **more)
    assert len(str(error.value)) < 600, "the message is longer than a person reads"
    assert "Traceback" not in str(error.value)
    return error.value


@pytest.mark.parametrize("name", NAMES)
async def test_what_a_parameter_cannot_be_is_refused_by_its_name(engine: Engine, name: str) -> None:
    page = experiment(name)
    good = some_values(page)
    tried = bad_values(page)
    assert len(tried) >= 2 * len(page.parameters.model_fields)
    for parameter, value in tried:
        error = await refusal(engine, name, {**good, parameter: value})
        assert error.parameter == parameter, (value, str(error))
        assert "must be" in str(error) or "has" in str(error), str(error)
        if isinstance(value, int) and abs(value) < 1000:
            assert str(value) in str(error)
    assert (await engine.run(name, good, model=str(tiny_folder("llama")))).facts  # and lives on


@pytest.mark.parametrize("name", NAMES)
async def test_what_is_missing_too_much_or_too_long(engine: Engine, name: str) -> None:
    page = experiment(name)
    good, fields = some_values(page), page.parameters.model_fields
    for parameter in [n for n, f in fields.items() if f.is_required()]:
        error = await refusal(engine, name, {k: v for k, v in good.items() if k != parameter})
        assert (error.parameter, "is missing" in str(error)) == (parameter, True)
    assert "has no parameter 'colour'" in str(await refusal(engine, name, {**good, "colour": 1}))
    for parameter in fields.keys() & {"prompt", "clean", "corrupt"}:
        error = await refusal(engine, name, {**good, parameter: LONG})
        assert "at most 64" in str(error)
    for parameter in fields.keys() & {"answer", "distractor", "token"}:
        error = await refusal(engine, name, {**good, parameter: LONG})
        assert (error.parameter, "not one" in str(error)) == (parameter, True)


@pytest.mark.parametrize("seed", [10**30, 2**32, -1])
async def test_a_seed_that_is_too_large(engine: Engine, seed: int) -> None:
    error = await refusal(engine, "next_token", {"prompt": "The cat"}, seed=seed)
    assert (error.parameter, "from 0 to 4294967295" in str(error)) == ("seed", True)
    assert (await engine.run("next_token", {"prompt": "The cat"}, model=str(tiny_folder("llama")))).facts
