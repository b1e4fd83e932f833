"""The memory budget: amounts as they are typed, what a model is taken to need, and the form that it is loaded in."""

from __future__ import annotations

import os
import resource
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch
from transformers import AutoModelForCausalLM, AutoTokenizer

from engine import budget
from engine.amounts import parse_bytes
from engine.anatomy import anatomy_of
from engine.errors import DoesNotFit, OutOfMemory
from engine.lab import Lab
from engine.models import Shelf, is_out_of_memory
from engine.protocol import Progress, Sketch
from tests.engine.tiny import llama_2_7b_config, tiny_config, tiny_folder


def silent(event: Progress | Sketch | None) -> None:
    """A report that nobody listens to."""


@pytest.mark.parametrize(
    ("text", "size"),
    [("12GB", 12 * 10**9), ("800 MB", 8 * 10**8), ("4GiB", 4 * 2**30), ("1.5gb", 15 * 10**8), ("7", 7)],
)
def test_an_amount_of_memory_is_read(text: str, size: int) -> None:
    assert parse_bytes(text) == size


@pytest.mark.parametrize("text", ["10000000000GB", "9" * 400, "9" * 400 + "kb", "1000001GB"])
def test_more_memory_than_there_is_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="it must be at most 1000000GB") as error:
        parse_bytes(text)
    assert len(str(error.value)) < 200
    assert parse_bytes("1000000GB") == 10**15


@pytest.mark.parametrize("text", ["", "much", "-1GB", "0", "12 TBs", "GB"])
def test_what_is_no_amount_of_memory_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="12GB, 800MB or 4GiB"):
        parse_bytes(text)


def need_of_llama_2_7b() -> budget.Need:
    config = llama_2_7b_config()
    return budget.need_of(config, anatomy_of(config))


def test_the_estimate_knows_llama_2_7b() -> None:
    need = need_of_llama_2_7b()
    assert need.n_parameters == pytest.approx(6.74e9, rel=0.001)
    assert 2 * need.n_kv / budget.CONTEXT == 2**19  # 0.5 MiB a token in 16 bits


def test_a_model_that_does_not_fit_is_refused_with_what_would(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(budget, "free_on", lambda device: 80 * 10**9)
    need = need_of_llama_2_7b()
    with pytest.raises(DoesNotFit) as caught:
        budget.choose(
            "llama-2-7b", need, 12 * 10**9, "mps", "a smaller model; these would fit: gpt2 (311 MB)", packs=True
        )
    assert "needs about 14.6 GB even in bfloat16; the budget is 12 GB" in str(caught.value)
    assert "--budget 15GB" in str(caught.value)
    assert "gpt2" in str(caught.value)
    assert budget.choose("llama-2-7b", need, 15 * 10**9, "cuda", "", packs=True)[0] == "bfloat16"
    assert budget.choose("llama-2-7b", need, None, "cuda", "", packs=True) == ("float32", "")


@pytest.mark.parametrize(("says", "size"), [("4000000000\n", 4 * 10**9), ("max\n", 32 * 10**9), (None, 32 * 10**9)])
def test_a_container_has_what_it_was_given(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, says: str | None, size: int
) -> None:
    monkeypatch.setattr(os, "sysconf", {"SC_PAGE_SIZE": 1, "SC_PHYS_PAGES": 32 * 10**9}.__getitem__)
    monkeypatch.setattr(budget, "CONTAINER", (str(tmp_path / "memory.max"),))
    if says:
        (tmp_path / "memory.max").write_text(says)
    assert budget.memory_of("cpu") == size


@pytest.fixture
def lifted_after() -> Iterator[None]:
    """Gives this process its memory back after a test that sets a limit."""
    before = resource.getrlimit(resource.RLIMIT_DATA)
    yield
    resource.setrlimit(resource.RLIMIT_DATA, before)


@pytest.mark.usefixtures("lifted_after")
def test_half_the_precision_is_taken_where_it_fits_and_said(tmp_path: Path) -> None:
    """The file, which is in float32, is mapped to be read. Linux counts that as memory in use, but the budget does not."""
    config = tiny_config("gpt2", hidden_size=512, num_hidden_layers=8, max_position_embeddings=256)  # 100 MB
    folder = tmp_path / "wide"
    AutoModelForCausalLM.from_config(config).save_pretrained(folder)
    AutoTokenizer.from_pretrained(tiny_folder("gpt2")).save_pretrained(folder)
    need = budget.need_of(config, anatomy_of(config))
    between = (need.bytes("bfloat16") + need.bytes("float32")) // 2
    held = Shelf("cpu", between, tmp_path).get(str(folder), silent)
    assert held.info.dtype == "bfloat16"
    assert held.info.note.startswith("bfloat16: float32 would need")
    lab = Lab(held.model, held.tokenizer, "wide")
    assert lab.forward(lab.tokens("Mary had a little")).logits.isfinite().all()


@pytest.mark.parametrize(
    "says",
    [
        "[enforce fail at alloc_cpu.cpp:119] err == 0. DefaultCPUAllocator: can't allocate memory: you tried to allocate 8 GB",
        "MPS backend out of memory (MPS allocated: 5.56 GB, max allowed: 6.80 GB). Tried to allocate 768.00 MB on private pool.",
        "CUDA error: CUBLAS_STATUS_ALLOC_FAILED when calling `cublasCreate(handle)`",
    ],
    ids=["CPU", "an Apple GPU", "a CUDA library"],
)
def test_torch_says_in_several_ways_that_memory_ran_out(says: str) -> None:
    assert is_out_of_memory(RuntimeError(says))
    assert not is_out_of_memory(ValueError(says))
    assert not is_out_of_memory(RuntimeError("mat1 and mat2 shapes cannot be multiplied"))


@pytest.mark.parametrize("error", [torch.OutOfMemoryError("CUDA out of memory."), MemoryError()])
def test_memory_that_runs_out_in_loading_is_no_matter_of_the_prompt(
    error: Exception, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*args: object, **options: object) -> None:
        raise error

    monkeypatch.setattr(AutoModelForCausalLM, "from_pretrained", full)
    with pytest.raises(OutOfMemory, match=r"memory ran out while .*tiny-gpt2 was loaded: choose a smaller model"):
        Shelf("cpu", None, tmp_path).get(str(tiny_folder("gpt2")), silent)
