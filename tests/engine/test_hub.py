"""Any model by its name on a hub: fetched once, safetensors only, then never asked for again."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from engine.client import Engine
from engine.errors import ModelUnavailable
from engine.protocol import Partial, Progress
from tests.engine.tiny import tiny_folder
from tests.engine.tiny_hub import hub


async def test_a_model_is_fetched_once_by_its_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root = tmp_path / "hub"
    shutil.copytree(tiny_folder("gpt_neox"), root / "me" / "tiny")
    shutil.copytree(tiny_folder("gpt2"), root / "me" / "pickled")
    (root / "me" / "pickled" / "model.safetensors").rename(root / "me" / "pickled" / "pytorch_model.bin")
    monkeypatch.setenv("HF_HOME", str(tmp_path / "home"))
    events: list[Progress | Partial] = []

    with hub(root) as (address, asked):
        monkeypatch.setenv("HF_ENDPOINT", address)
        engine = Engine(device="cpu")
        try:
            with pytest.raises(ModelUnavailable, match="me/tiny is not on this machine"):
                await engine.load("me/tiny", fetch=False)
            assert asked == []
            assert (await engine.load("me/tiny", on_event=events.append)).family == "gpt_neox"
            assert any("model.safetensors" in path for path in asked)
            fetching = [e for e in events if isinstance(e, Progress) and e.label == "fetching me/tiny"]
            assert fetching[-1].done == fetching[-1].total > 0
            with pytest.raises(ModelUnavailable, match=r"no \.safetensors weights"):
                await engine.load("me/pickled")
            assert not any("pytorch_model.bin" in path for path in asked)
            with pytest.raises(ModelUnavailable, match="there is no model 'me/nothing'"):
                await engine.load("me/nothing")
        finally:
            await engine.close()

        asked.clear()
        engine = Engine(device="cpu")
        try:
            assert (await engine.load("me/tiny")).family == "gpt_neox"
            assert asked == []
        finally:
            await engine.close()
