"""Amounts of memory, as people write them. No torch here: what is wrong with one is said before that is imported."""

from __future__ import annotations

import re

from engine.errors import brief

UNITS = {"": 1, "b": 1, "kb": 10**3, "mb": 10**6, "gb": 10**9, "kib": 2**10, "mib": 2**20, "gib": 2**30}
MOST = 10**15
"""Bytes that a budget may be: more than any machine has, less than what the system counts in."""


def parse_bytes(text: str) -> int:
    """`12GB`, `800 MB` or `4GiB` in bytes. Raises ValueError saying what would be right."""
    found = re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*([kmg]i?b|b|)\s*", text.lower())
    if not found or not float(found[1]):
        raise ValueError(f"{brief(text)} is not an amount of memory; write it as 12GB, 800MB or 4GiB")
    size = float(found[1]) * UNITS[found[2]]  # infinite for hundreds of digits
    if size > MOST:
        raise ValueError(f"{brief(text)} is more memory than there is; it must be at most {MOST // 10**9}GB")
    return int(size)


def said(size: float) -> str:
    """Bytes for a person: `538 MB`, `12 GB`, `13.5 GB`."""
    if size >= 10**9:
        return f"{size / 10**9:.1f}".removesuffix(".0") + " GB"
    return f"{size / 10**6:.0f} MB" if size >= 10**6 else f"{size / 10**3:.0f} kB"
