"""What a learner says they see, held against the runs: a number that stands nowhere in them is asked about, once.

Only a number that was read off is meant: one with decimals or in percent, and no `about 0.5`. It may be cut, rounded or read
off a curve by eye, and it may be made of what stands there: a difference, a sum. Where that is not sure, nothing is said.
"""

from __future__ import annotations

import itertools
import re
from functools import cached_property

from tutor.course.format import Observe
from tutor.dialogue.cues import READ
from tutor.dialogue.numbers import NUMBER, leaves, readings, sizes, spoken
from tutor.state import State

FEW = 24
"""Numbers of a figure up to which what two of them come to counts as well; of more, anything can be made."""
BY_EYE = 0.05
"""The share by which a number may be off."""
HEDGE = re.compile(
    r"""(\b(about|around|roughly|nearly|almost|approximately|approx|circa|ca|near|close\s+to|over|under|above|below|up\s+to|than
    |least|most|beyond|past|between|between\s+\S+\s+and|half\s+of|expected|guessed|thought|bet|said)\.?|[~≈<>≤≥±])\s*$""",
    re.IGNORECASE | re.VERBOSE,
)
"""What stands before a number that was not read off."""
HEDGED = 60
"""Characters before a number in which that is looked for."""
FACTOR = re.compile(r"\s?(x|×|times|fold|-fold)\b|\w", re.IGNORECASE)
"""What stands behind a ratio, or behind a number that is part of a word."""


def astray(state: State, text: str) -> str:
    """The first number of `text`, as it was written, that no run so far gave and nobody bet or asked; empty where all stand."""
    if not isinstance(state.step, Observe) or state.blind:
        return ""
    known = _Known(state)
    for found in NUMBER.finditer(text[:READ]):
        percent, read = bool(found["percent"]), readings(found["number"])
        exact = percent or all(places for _, places in read)
        before = text[max(0, found.start() - HEDGED) : found.start()]
        loose = HEDGE.search(before) or (not percent and FACTOR.match(text, found.end("number")))
        if exact and not loose and not any(known.stands(abs(said), places, percent) for said, places in read):
            return found[0].strip()
    return ""


class _Known:
    """The numbers of a lesson so far, each kind looked up once."""

    def __init__(self, state: State):
        self._state = state

    def stands(self, said: float, places: int, percent: bool) -> bool:
        """Whether somebody gave the number, or two that it is made of, as exactly as it was written."""
        unit = 10.0**-places
        if said in self._spoken:
            return True
        scales = (1, 100) if percent else (1,)
        off = max(unit, BY_EYE * said)
        read = any(abs(size * scale - said) < off for size in self._given for scale in scales)
        return read or any(abs(size * scale - said) < unit for size in self._made for scale in scales)

    @cached_property
    def _spoken(self) -> set[float]:
        """The numbers in words: of the lesson's question and its bets, and in the runs' own texts."""
        step = self._state.step
        texts = [step.observe] if isinstance(step, Observe) else []
        for bet in self._state.bets:
            texts += [bet.question.ask, bet.text, bet.reason, str(bet.confidence)]
            texts += [bet.verdict.truth, bet.verdict.line] if bet.verdict else []
        texts += [text for _, result in self._state.results for text in leaves(result) if isinstance(text, str)]
        return {abs(number) for number in spoken(texts)}

    @cached_property
    def _given(self) -> set[float]:
        """The sizes of the runs' numbers."""
        parts = [result.get(part) for _, result in self._state.results for part in ("facts", "figures", "parameters")]
        return set(sizes(parts))

    @cached_property
    def _made(self) -> set[float]:
        """What two numbers of a figure come to, added or taken from each other, and by how much a fact changed."""
        found: set[float] = set()
        for _, result in self._state.results:
            facts = result["facts"]
            pairs = [
                (facts[name], facts.get(name.replace("base_", "tweak_", 1)))
                for name in facts
                if name.startswith("base_")
            ]
            for figure in result.get("figures", ()):
                own = sorted(set(sizes(figure)))
                pairs += itertools.combinations(own, 2) if len(own) <= FEW else ()
            for a, b in pairs:
                if isinstance(a, (int, float)) and isinstance(b, (int, float)):
                    found |= {a + b, abs(a - b)}
        return found
