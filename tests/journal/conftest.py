"""A home for a journal, and a clock that ticks once a second whenever it is asked."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tutor.journal.store import Clock, Store


def ticking() -> Iterator[datetime]:
    now = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
    while True:
        yield now
        now += timedelta(seconds=1)


@pytest.fixture
def clock() -> Clock:
    return ticking().__next__


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.open(tmp_path, "ada") as store:
        yield store
