"""Reviews name the bet that comes back by its number in the journal, and numbers differ from journal to journal.

A review is stored as a lesson called `again/NUMBER/TIMES`, and its `reviewed` event says `of: NUMBER`. Both are rewritten when
events leave a journal or come into one.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

NAME = re.compile(r"again/(-?\d{1,18})/(\d{1,9})", re.ASCII)


def of(lesson: str) -> int | None:
    """The number of the bet that this review is about; None for a lesson."""
    found = NAME.fullmatch(lesson)
    return int(found[1]) if found else None


def renamed(lesson: str, numbers: Mapping[int, int]) -> str:
    """The review's name where the bet has another number; 0 if it has none. The name of a lesson stays."""
    bet = of(lesson)
    return lesson if bet is None else f"again/{numbers.get(bet, 0)}/{lesson.rsplit('/', 1)[1]}"


def body_of(kind: str, body: Mapping[str, Any], numbers: Mapping[int, int]) -> dict[str, Any]:
    """The body where the bet it may name has another number."""
    return {**body, "of": numbers.get(body.get("of", 0), 0)} if kind == "reviewed" else dict(body)
