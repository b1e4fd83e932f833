"""What the tests of the screens share: a pilot that does not dawdle; for the snapshots a stopped clock, and an album that is
held against what was kept."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest
from syrupy.assertion import SnapshotAssertion
from textual import _wait

# after every key the pilot waits until the program has rested for 20 ms, twice; in 5 it rests as well, and the tests take
# half as long
_wait.SLEEP_GRANULARITY, _wait.SLEEP_IDLE = 0.005, 0.005 / 20


@pytest.fixture
def album(snapshot: SnapshotAssertion, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator:  # type: ignore[type-arg]
    from tests.ui.snapshots import Album, stop_the_clock

    stop_the_clock(monkeypatch)
    time.tzset()
    album = Album(snapshot, request.node.name)
    yield album
    monkeypatch.undo()
    time.tzset()
    album.close()
