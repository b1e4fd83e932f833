"""A GPU that is there and does not compute is not used, and the learner is told why. No test here needs one."""

from __future__ import annotations

import warnings
from collections.abc import Callable

import pytest
import torch

from engine import devices
from engine.client import Engine
from engine.errors import EngineDied
from tests.engine.broken_gpu import A_GPU_THAT_FAILS, a_gpu_that_is_lost
from tests.engine.tiny import tiny_folder
from tests.engine.tiny_engine import SHORT

TOO_OLD = (
    "CUDA initialization: The NVIDIA driver on your system is too old (found version 12020). Please update your GPU "
    "driver by downloading and installing a new version. (Triggered internally at CUDAFunctions.cpp:109.)"
)
NO_CODE = (
    "CUDA error: no kernel image is available for execution on the device\n"
    "CUDA kernel errors might be asynchronously reported at some other API call."
)


@pytest.fixture(autouse=True)
def _no_gpu(monkeypatch: pytest.MonkeyPatch) -> None:
    """No GPU, on any machine that runs the tests."""
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: False)


def fails(message: str) -> Callable[..., torch.Tensor]:
    def on_a_gpu(*size: int, device: str) -> torch.Tensor:
        raise RuntimeError(message)

    return on_a_gpu


def test_where_there_is_no_gpu_nothing_is_said() -> None:
    assert devices.pick("auto") == devices.pick("cpu") == ("cpu", "")
    with pytest.raises(ValueError, match="device cuda is not on this machine; there is: cpu"):
        devices.pick("cuda")


@pytest.mark.parametrize("device", ["cuda", "mps"])
def test_a_gpu_that_computes_is_taken(device: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda if device == "cuda" else torch.backends.mps, "is_available", lambda: True)
    ones = torch.ones
    monkeypatch.setattr(torch, "ones", lambda *size, device: ones(*size))
    assert devices.pick("auto") == devices.pick(device) == (device, "")
    assert devices.pick("cpu") == ("cpu", "")


def test_a_gpu_that_this_pytorch_has_no_code_for_is_passed_over(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch, "ones", fails(NO_CODE))
    device, note = devices.pick("auto")
    assert device == "cpu"
    assert note == (
        "The GPU is not used: CUDA error: no kernel image is available for execution on the device. "
        "The README says under Models what may help; with --device cpu this is not said again."
    )
    assert devices.pick("cpu") == ("cpu", "")
    with pytest.raises(ValueError, match=r"^device cuda does not work here: CUDA error: no kernel image is.*device$"):
        devices.pick("cuda")


def test_a_driver_that_is_too_old_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    def without_it() -> bool:
        warnings.warn(TOO_OLD, UserWarning, stacklevel=1)
        return False

    monkeypatch.setattr(torch.cuda, "is_available", without_it)
    device, note = devices.pick("auto")
    assert device == "cpu"
    assert (
        "not used: CUDA initialization: The NVIDIA driver on your system is too old (found version 12020). The README"
        in note
    )


async def test_the_learner_is_told_once_and_an_engine_that_has_to_use_it_ends_in_one_line(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "")
    notices: list[str] = []
    engine = Engine(A_GPU_THAT_FAILS, on_notice=notices.append)
    try:
        assert (await engine.start()).device == "cpu"
        await engine.close()
        assert (await engine.start()).note
    finally:
        await engine.close()
    (notice,) = notices
    assert notice.startswith("The GPU is not used: ")
    assert "\n" not in notice
    with pytest.raises(EngineDied, match="device cuda does not work here: "):
        await Engine(A_GPU_THAT_FAILS, device="cuda").start()


@pytest.mark.parametrize("at", [("Watch", "__call__"), ("Shelf", "_load")], ids=["in a run", "in loading"])
async def test_an_engine_that_lost_its_gpu_ends_and_the_next_one_has_it_again(at: tuple[str, str]) -> None:
    """All that is asked of a GPU after such an error fails in the same way, until the process is another one."""
    engine = Engine(a_gpu_that_is_lost(*at), device="cpu")
    try:
        before = await engine.start()
        with pytest.raises(EngineDied) as died:
            await engine.run("next_token", SHORT, model=str(tiny_folder("llama")))
        assert str(died.value) == (
            "the engine lost its GPU: CUDA error: unspecified launch failure. It starts again at the next request."
        )
        assert await engine.models(), "one that has not lost it"
        assert engine.hello is not None
        assert engine.hello.pid != before.pid
    finally:
        await engine.close()
