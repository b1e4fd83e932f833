"""Numbers as people write them, and the numbers of a run."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

NUMBER = re.compile(r"(?<![\w.])(?<!\w-)([-−]?\d+(?:[.,]\d+)?(?:e-?\d+)?)\s*(%|percent)?", re.IGNORECASE)
"""A number and, where there is one, its sign for hundredths."""


WORDS = "zero one two three four five six seven eight nine ten eleven twelve".split()
_MEASURED = rf"\b(?:{'|'.join(WORDS)})(?=\s+(?:percent|per cent|logits?|bits?|points)\b)"
_PLACED = (rf"(?<=\b{place} )(?:{'|'.join(WORDS[2:])})\b" for place in ("layer", "head", "neuron", "position"))
SPELLED = re.compile("|".join((_MEASURED, *_PLACED)), re.IGNORECASE)
"""A number that is written out and measures or names something: `seven logits`, `layer two`; not the one of `each head one
thing`."""


def digits(text: str) -> str:
    """The text with such numbers in digits."""
    return SPELLED.sub(lambda found: str(WORDS.index(found[0].lower())), text)


def value(written: str) -> float:
    """What a number stands for; its comma is a point."""
    return float(written.replace(",", ".").replace("−", "-"))


def decimals(written: str) -> int:
    """How many decimals it was written with."""
    return len(written.replace(",", ".").partition(".")[2]) if "e" not in written.lower() else 0


def leaves(data: Any) -> Iterator[Any]:
    """The numbers and strings in plain data, truth values left out."""
    if isinstance(data, Mapping):
        for each in data.values():
            yield from leaves(each)
    elif isinstance(data, (list, tuple)):
        for each in data:
            yield from leaves(each)
    elif data is not None and not isinstance(data, bool):
        yield data


def sizes(data: Any) -> list[float]:
    """The numbers in plain data, without their signs."""
    return [abs(float(each)) for each in leaves(data) if isinstance(each, (int, float))]


def spoken(texts: Iterable[str]) -> set[float]:
    """The numbers that are written in these texts."""
    return {value(found[1]) for text in texts for found in NUMBER.finditer(digits(text))}
