"""Times of a journal that may come from anywhere."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from tutor.record.days import local, stored
from tutor.ui.transcript import clock


def test_a_time_is_read_in_utc() -> None:
    assert stored("2026-11-02T14:02:00+02:00") == datetime(2026, 11, 2, 12, 2, tzinfo=UTC)
    assert stored("2026-11-02T14:02:00") == datetime(2026, 11, 2, 14, 2, tzinfo=UTC)


@pytest.mark.parametrize("at", ["", "soon", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", None, 5])
def test_what_is_no_time_is_none(at: str) -> None:
    assert stored(at) is None
    assert local(at, "%Y") == ""
    assert clock(at, datetime.now(UTC)) == ""
