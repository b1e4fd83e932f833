"""What `llmw-tutor doctor` finds, and what it says is to be done."""

from __future__ import annotations

import os
import shlex
from pathlib import Path

from tests.engine.broken_gpu import A_GPU_THAT_FAILS
from tests.test_cli import cli
from tests.test_cli import home as home
from tutor.events import Started
from tutor.journal.store import Store


def test_doctor_says_what_is_well(home: Path) -> None:
    done = cli(home, "doctor")
    assert done.returncode == 0, done.stdout
    for topic in ("version", "packages", "home", "settings", "journal", "lessons", "terminal", "engine", "device"):
        assert f"✓ {topic}" in done.stdout
    assert not (home / "journal.db").exists()


def test_doctor_works_when_everything_is_broken(home: Path, tmp_path: Path) -> None:
    home.mkdir()
    (home / "config.toml").write_text("device = ")
    (home / "journal.db").write_bytes(b"this is no database" * 100)
    (home / "journal.damaged-20250101T000000Z.db").write_bytes(b"")
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "bad.yaml").write_bytes(b"\xff\x00")
    done = cli(home, "doctor")
    assert done.returncode == 1
    assert "✗ settings" in done.stdout
    assert "config.toml:1" in done.stdout
    assert "✗ journal" in done.stdout
    (home / "config.toml").unlink()
    done = cli(home, "doctor", "--engine", "an-engine-that-is-not-there", "--lessons", str(tmp_path / "mine"))
    assert done.returncode == 1
    assert "✗ engine" in done.stdout
    assert "an-engine-that-is-not-there" in done.stdout
    assert "✗ lessons" in done.stdout
    assert "bad.yaml" in done.stdout
    assert "journal.damaged-20250101T000000Z.db" in done.stdout
    assert "Traceback" not in done.stdout + done.stderr
    assert (home / "journal.db").read_bytes() == b"this is no database" * 100, "doctor only looks"


def test_doctor_says_who_has_the_journal_open(home: Path) -> None:
    with Store.open(home, "ada") as store:
        store.append("a", Started(""))
        done = cli(home, "doctor", "--engine", "none")
    assert f"open now: ada, process {os.getpid()}" in done.stdout
    assert "ada 1 events" in done.stdout


def test_doctor_says_why_a_gpu_is_not_used_and_what_prints_beside_the_engine(home: Path) -> None:
    engine = shlex.join(["sh", "-c", 'echo hi; exec "$@"', "sh", *A_GPU_THAT_FAILS])
    done = cli(home, "doctor", "--engine", engine, LLMW_DEVICE="auto", CUDA_VISIBLE_DEVICES="")
    assert done.returncode == 0
    assert done.stderr == ""
    said = " ".join(done.stdout.split())
    assert "· engine something on the engine's side prints to its output" in said
    assert f"→ its log is {home / 'engine.log'}" in said
    assert "· device cpu (CPU" in said
    assert said.count("→ The GPU is not used: ") == 1
