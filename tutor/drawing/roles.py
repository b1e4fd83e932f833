"""Whose is it: the same names have the same ink everywhere. Yours is the accent, the run's is the primary colour."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

Role = Literal["yours", "run", "base", "plain"]

KNOWN: dict[str, Role] = {
    "your bet": "yours",
    "YOURS": "yours",
    "run": "run",
    "RUN": "run",
    "TWEAK": "run",
    "BASE": "base",
}
OTHERS: tuple[Role, ...] = ("run", "plain", "base")


def role(names: Sequence[str], index: int) -> Role:
    """The role of run or series `index` among `names`."""
    if len(names) == 1:
        return KNOWN.get(names[index], "run")
    return KNOWN.get(names[index]) or OTHERS[index % 3]


def pair(names: Sequence[str]) -> tuple[int, int] | None:
    """Where the two are that want comparing: BASE and TWEAK, or the bet and the run. None where there are no such two."""
    for before, after in (("BASE", "TWEAK"), ("YOURS", "RUN"), ("your bet", "run")):
        if before in names and after in names:
            return names.index(before), names.index(after)
    return None
