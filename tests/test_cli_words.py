"""What the shell commands make of odd words: one line, and the right exit status."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.terminal import TUTOR
from tutor import events as ev
from tutor.journal.store import Store

ROOT = Path(__file__).parent.parent


def tutor(home: Path, *argv: str, typed: str = "") -> subprocess.CompletedProcess[str]:
    done = subprocess.run(
        [*TUTOR, "--home", str(home), *argv], input=typed, capture_output=True, text=True, cwd=ROOT, timeout=60
    )
    assert "Traceback" not in done.stdout + done.stderr
    return done


@pytest.fixture
def home(tmp_path: Path) -> Path:
    with Store.open(tmp_path / "home", "me") as store:
        store.append("ten-tries", ev.Started(""))
        store.append("", ev.Noted("", "why a die?"))
        store.append("", ev.Noted("", "why a coin?"))
    return tmp_path / "home"


@pytest.mark.parametrize("limit", ["0", "-1", "many"])
def test_a_limit_is_a_whole_number_from_1_on(home: Path, limit: str) -> None:
    done = tutor(home, "search", "why", f"--limit={limit}")
    assert done.returncode == 2
    assert "is no whole number from 1 on" in done.stderr
    assert tutor(home, "search", "why", "--limit", "1").stdout.count("why") == 1


def test_nothing_is_not_searched_for(home: Path) -> None:
    done = tutor(home, "search", " ")
    assert (done.returncode, done.stdout) == (2, "")
    assert "name a word at least" in done.stderr


def test_a_lesson_that_was_not_taken_is_said_to_be_none_of_the_journal(home: Path) -> None:
    done = tutor(home, "export", "--lesson", "nosuch")
    assert "there is no lesson 'nosuch' in this journal; there are: ten-tries" in done.stderr


def test_an_export_can_be_piped_into_an_import(home: Path, tmp_path: Path) -> None:
    exported = tutor(home, "export", "--format", "json").stdout
    other = tmp_path / "other"
    assert "Brought in 3 events" in tutor(other, "import", "-", typed=exported).stdout
    assert tutor(other, "export", "--format", "json").stdout == exported


def test_a_setting_is_shown_as_it_was_given(home: Path, tmp_path: Path) -> None:
    (home / "config.toml").write_text('theme = "green"\n[keys]\nlesson.skip = "f99"\n')
    said = tutor(home, "doctor", "--lessons", str(tmp_path / "mine"), "--engine", "false").stdout
    words = " ".join(said.split())
    assert f"lessons = {tmp_path / 'mine'} (--lessons)" in words
    assert "keys = lesson.skip: f99 (config.toml)" in words
    assert "whether keys and theme can be taken, the tutor says on its map" in words


def test_a_folder_that_is_named_twice_is_one(home: Path, tmp_path: Path) -> None:
    from tests.learner import write_lesson

    mine = str(write_lesson(tmp_path / "mine"))
    file = f"{mine}/first-look/small-steps.yaml"
    assert tutor(home, "--lessons", mine, "lessons", "--lessons", f"{mine}/.").stderr == ""
    assert tutor(home, "check", file, file).returncode == 0


def test_a_name_of_two_lines_is_told_what_is_wrong_with_it(home: Path) -> None:
    done = tutor(home, "lessons", "--learner", "a\nb\x1b[31m")
    assert "it is one line without control characters" in done.stderr
    assert "\x1b" not in done.stderr


def test_a_device_that_is_not_here_is_said_by_the_engine_itself(home: Path) -> None:
    other = "cuda" if sys.platform == "darwin" else "mps"
    done = tutor(home, "--device", other, "run", "next_token", "--set", "prompt=a")
    (line,) = done.stderr.splitlines()
    assert (done.returncode, done.stdout) == (4, "")
    assert line.startswith(f"llmw-tutor: device {other} is not on this machine; there is: ")
    assert not line.endswith(".")
