"""The program line by line, with lessons of its own and a tiny model."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.engine.tiny import tiny_folder
from tests.learner import ONE_HEAD, write_lesson
from tests.terminal import TUTOR


@pytest.fixture
def argv(tmp_path: Path) -> list[str]:
    """The program with lessons of its own and a tiny model."""
    own = write_lesson(tmp_path / "lessons") / "own"
    own.mkdir()
    (own / "one-head.yaml").write_text(ONE_HEAD)
    home, lessons = str(tmp_path / "home"), str(tmp_path / "lessons")
    return [*TUTOR, "--plain", "--home", home, "--lessons", lessons, "--model", str(tiny_folder("llama")), "--offline"]
