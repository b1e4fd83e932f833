"""What the figures were measured on, and how a median is taken."""

from __future__ import annotations

import os
import platform
import statistics
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from importlib.metadata import version


def line(*packages: str) -> str:
    """One line: date, processor, cores, Python, versions."""
    cpu = platform.processor() or platform.machine()
    try:
        with open("/proc/cpuinfo", encoding="utf-8") as info:
            cpu = next(x.split(":")[1].strip() for x in info if x.startswith("model name"))
    except (OSError, StopIteration):
        pass
    versions = ", ".join(f"{p} {version(p)}" for p in packages)
    return (
        f"{datetime.now(UTC):%Y-%m-%d}; {platform.system()} {cpu}, {os.cpu_count()} cores; "
        f"Python {platform.python_version()}; {versions}"
    )


def medians(measures: Mapping[str, Callable[[], float]], times: int) -> dict[str, tuple[float, float, float]]:
    """(median, least, most) of each measure, taken in turns so that a slow moment of the machine meets all of them."""
    seen: dict[str, list[float]] = {name: [] for name in measures}
    for _ in range(times):
        for name, measure in measures.items():
            seen[name].append(measure())
    return {name: (statistics.median(v), min(v), max(v)) for name, v in seen.items()}
