"""Numbers about what a model says next. Logits are natural-log units, entropies and divergences bits."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

from torch import Tensor

from engine.figures import Distribution


def entropy_bits(logits: Tensor) -> float:
    """How undecided a distribution is, from its logits [n_vocab]: 0 bits for certain, log2(n_vocab) for no idea.

    A logit of minus infinity is a token that cannot come.
    """
    logs = logits.cpu().double().log_softmax(-1)
    p = logs.exp()
    return not_below_0(-float((p * logs.masked_fill(p == 0, 0.0)).sum()) / math.log(2))


def kl_bits(base: Tensor, tweak: Tensor) -> float:
    """KL(BASE || TWEAK) in bits, from their logits [n_vocab]: how badly TWEAK predicts BASE. 0 where they agree.

    The sum over tokens of p_base * log2(p_base / p_tweak) (Kullback & Leibler 1951).
    """
    log_base, log_tweak = base.cpu().double().log_softmax(-1), tweak.cpu().double().log_softmax(-1)
    p = log_base.exp()
    return not_below_0(float((p * (log_base - log_tweak).masked_fill(p == 0, 0.0)).sum()) / math.log(2))


def not_below_0(bits: float) -> float:
    """The bits without what rounding puts below 0, and without the sign of -0.0. What is not a number stays so."""
    return 0.0 if bits <= 0 else bits


def distribution(logits: Tensor, tokens: Sequence[int], text_of: Callable[[int], str], name: str = "") -> Distribution:
    """The probabilities of `tokens` under logits [n_vocab], most likely first; a token named twice is there once."""
    probabilities = logits.softmax(-1)
    ordered = sorted(dict.fromkeys(tokens), key=lambda t: -float(logits[t]))
    return Distribution(
        name=name, tokens=[text_of(t) for t in ordered], probabilities=[float(probabilities[t]) for t in ordered]
    )
