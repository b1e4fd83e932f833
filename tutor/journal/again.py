"""Some events name another by its number in the journal, and numbers differ from journal to journal.

A review is stored as a lesson called `again/NUMBER/TIMES`, after the bet that comes back, and its `reviewed` event says
`of: NUMBER`; a `settled` event says so of a note. All are rewritten when events leave a journal or come into one.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

NAME = re.compile(r"again/(-?\d{1,18})/(\d{1,9})", re.ASCII)


OF = {"reviewed": ("scored",), "settled": ("noted", "scored", "said", "replied")}
"""Kinds of events that name another one, and of which kinds that may be."""


def of(lesson: str) -> int | None:
    """The number of the bet that this review is about; None for a lesson."""
    found = NAME.fullmatch(lesson)
    return int(found[1]) if found else None


def renamed(lesson: str, numbers: Mapping[int, int]) -> str:
    """The review's name where the bet has another number; 0 if it has none. The name of a lesson stays."""
    bet = of(lesson)
    return lesson if bet is None else f"again/{numbers.get(bet, 0)}/{lesson.rsplit('/', 1)[1]}"


def body_of(kind: str, body: Mapping[str, Any], numbers: Mapping[int, int]) -> dict[str, Any]:
    """The body where the event it may name has another number."""
    return {**body, "of": numbers.get(body.get("of", 0), 0)} if kind in OF else dict(body)
