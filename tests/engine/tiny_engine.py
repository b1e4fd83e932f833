"""The real engine process on tiny models that read long texts, so that a run can be caught in the middle."""

from __future__ import annotations

import asyncio
import os
import tempfile
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import torch
from transformers import AutoModelForCausalLM

from tests.engine.tiny import tiny_config, tiny_tokenizer

os.environ.setdefault("OMP_NUM_THREADS", "1")  # the engines that tests start share the cores with the tests

SHORT: dict[str, Any] = {"prompt": "The cat sat on"}
"""Parameters of `next_token` that are done at once."""
LONG: dict[str, Any] = {"prompt": "The cat sat on", "strategy": "beam", "beams": 16, "n": 16, "max_new_tokens": 256}
"""Parameters of `sampling` that keep `reader()` busy for seconds."""


@cache
def reader() -> str:
    """The folder of a tiny Llama with a context of 8,000 tokens, which never ends a text."""
    return _made("reader", num_hidden_layers=12)


@cache
def glutton() -> str:
    """The folder of a small Llama whose MLP is so wide that a long prompt takes hundreds of megabytes."""
    return _made("glutton", num_hidden_layers=2, intermediate_size=8192)


def _made(name: str, intermediate_size: int = 64, **changes: Any) -> str:
    folder = Path(_scratch().name) / name
    torch.manual_seed(0)
    config = tiny_config("llama", max_position_embeddings=8000, eos_token_id=None, **changes)
    config.intermediate_size = intermediate_size
    AutoModelForCausalLM.from_config(config).save_pretrained(folder)
    tiny_tokenizer().save_pretrained(folder)
    return str(folder)


@cache
def _scratch() -> tempfile.TemporaryDirectory[str]:
    return tempfile.TemporaryDirectory(prefix="llmw-engine-")


async def until(predicate: Callable[[], object], within: float = 60.0) -> None:
    """Wait until the predicate holds. Fails, rather than hangs, if it does not."""
    async with asyncio.timeout(within):
        while not predicate():  # noqa: ASYNC110  what is waited for is in another process
            await asyncio.sleep(0.01)
