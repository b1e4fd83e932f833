"""Numbers as people write them, and the numbers of a run."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

SPACES = " \u00a0\u202f"
_THOUSANDS = rf"[1-9]\d{{0,2}}(?P<sign>[,{SPACES}])\d{{3}}(?:(?P=sign)\d{{3}})*(?!\d)(?:\.\d+)?"
NUMBER = re.compile(
    rf"(?<![\w.])(?<!\w-)(?P<number>[-−]?(?:{_THOUSANDS}|\d+(?:[.,]\d+)?(?:e-?\d+)?))\s*(?P<percent>%|percent)?",
    re.IGNORECASE,
)
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


def readings(written: str) -> list[tuple[float, int]]:
    """What a number may stand for, and its decimals: in `49,152` the comma may part thousands or be a point."""
    bare = written.replace("−", "-")
    parted = re.fullmatch(rf"-?{_THOUSANDS}", bare)
    texts = [re.sub(rf"[,{SPACES}]", "", bare)] if parted else []
    if not parted or re.fullmatch(r"-?\d+,\d+", bare):
        texts.append(bare.replace(",", "."))
    return [(float(t), 0 if "e" in t.lower() else len(t.partition(".")[2])) for t in texts]


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
    """The numbers that are written in these texts; `100 200` may be one or two."""
    found = [m["number"] for text in texts for m in NUMBER.finditer(digits(text))]
    found += [part for each in found if len(parts := each.split()) > 1 for part in parts]
    return {value for each in found for value, _ in readings(each)}
