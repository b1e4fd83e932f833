"""What the snapshots of the screens share: a stopped clock, and an album that is held against what was kept."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest
from syrupy.assertion import SnapshotAssertion


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
