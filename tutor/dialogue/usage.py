"""What Claude cost and what the gate refused, a file a day: `HOME/usage/2026-11-21.jsonl`.

Lines are only ever appended, so two tutors that share a home lose nothing, and a kill costs at most the last line.
It holds numbers alone: no words, no key.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import IO, Any

FOLDER = "usage"


@dataclass
class Day:
    """The sums of a day, or of several."""

    requests: int = 0
    input: int = 0
    """Tokens sent that were not cached."""
    cached: int = 0
    """Tokens sent that Claude had kept from before."""
    output: int = 0
    turns: Counter[str] = field(default_factory=Counter)
    """Turns by who spoke: claude, authored, or claude+authored."""
    refused: Counter[int] = field(default_factory=Counter)
    """Sentences of Claude that the gate refused, by rule; rule 0 is an answer that was cut off."""
    misfits: int = 0
    """Judgements that did not fit the lesson."""
    faults: int = 0

    @property
    def tokens(self) -> int:
        return self.input + self.cached + self.output

    def add(self, line: dict[str, Any]) -> None:
        """Count one line. Raises ValueError, TypeError where it is none of ours."""
        match line.get("kind"):
            case "request":
                self.requests += 1
                self.input += int(line["input"])
                self.cached += int(line["cached"])
                self.output += int(line["output"])
            case "turn":
                self.turns[str(line["voice"])] += 1
            case "refused":
                self.refused[int(line["rule"])] += 1
            case "misfit":
                self.misfits += 1
            case "fault":
                self.faults += 1


class Ledger:
    """The learner's usage. A disk that refuses costs the count, never the lesson."""

    def __init__(self, home: Path, today: Callable[[], date] = date.today):
        self.folder = home / FOLDER
        self._today = today

    @property
    def today(self) -> str:
        return self._today().isoformat()

    def note(self, kind: str, **values: Any) -> None:
        """Append one line: `request` (input, cached, output), `turn` (voice), `refused` (rule), `misfit`, `fault`."""
        with suppress(OSError):
            self.folder.mkdir(parents=True, exist_ok=True)
            with open(self.folder / f"{self.today}.jsonl", "ab+") as file:
                line = json.dumps({"kind": kind, **values}).encode() + b"\n"
                file.write(line if self._whole(file) else b"\n" + line)

    @staticmethod
    def _whole(file: IO[bytes]) -> bool:
        """Whether the last line was written to its end: a kill may have torn it, and the next must not hang on it."""
        if file.seek(0, 2) == 0:
            return True
        file.seek(-1, 2)
        return file.read(1) == b"\n"

    def day(self) -> Day:
        """The sums of today."""
        return self._sum([self.folder / f"{self.today}.jsonl"])

    def ever(self) -> Day:
        """The sums of all days."""
        return self._sum(sorted(self.folder.glob("*.jsonl")))

    @staticmethod
    def _sum(paths: list[Path]) -> Day:
        day = Day()
        for path in paths:
            with suppress(OSError, UnicodeDecodeError):
                for line in path.read_text("utf-8").splitlines():
                    with suppress(ValueError, TypeError, KeyError, AttributeError):
                        day.add(json.loads(line))
        return day
