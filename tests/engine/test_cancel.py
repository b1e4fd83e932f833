"""A long pass ends between two layers where the learner presses escape, and leaves nothing behind."""

from __future__ import annotations

import pytest
import torch

from engine.errors import Cancelled
from engine.lab import Lab
from engine.trace import LONG


class Escape:
    """A report that is cancelled at its nth checkpoint."""

    def __init__(self, at: int):
        self.at, self.checkpoints = at, 0

    def __call__(self, event: object) -> None:
        self.checkpoints += event is None
        if self.checkpoints == self.at:
            raise Cancelled("cancelled")


def ran(lab: Lab) -> tuple[list[int], list[object]]:
    """The layers that were computed, as they are, and the hooks that say so."""
    layers: list[int] = []
    handles: list[object] = [
        lab.module("resid_post", i).register_forward_hook(lambda m, a, o, i=i: layers.append(i))
        for i in range(lab.n_layers)
    ]
    return layers, handles


def test_a_long_pass_is_cancelled_between_layers(lab: Lab) -> None:
    tokens = torch.arange(LONG) + 10
    whole = lab.forward(tokens).logits
    layers, handles = ran(lab)
    lab.report = Escape(at=3)  # once before the pass, then before each layer
    with pytest.raises(Cancelled):
        lab.forward(tokens, read=["resid_pre", "pattern"], edits=[lab.edit("z", "zero", layer=0, head=0)])
    for handle in handles:
        handle.remove()  # type: ignore[attr-defined]
    assert layers == [0]
    lab.report = lambda event: None
    assert torch.equal(lab.forward(tokens).logits, whole)


def test_a_batch_is_as_long_as_all_its_texts(lab: Lab) -> None:
    lab.report = Escape(at=3)
    with pytest.raises(Cancelled):
        lab.forward(torch.full((2, LONG // 2), 10))


def test_reading_a_long_prompt_is_cancelled_before_the_first_token_is_written(lab: Lab) -> None:
    lab.report = Escape(at=3)
    with pytest.raises(Cancelled):
        lab.writer(torch.arange(LONG) + 10, 4)


def test_a_short_pass_has_no_hooks_of_its_own(lab: Lab) -> None:
    lab.report = escape = Escape(at=-1)
    lab.forward(torch.arange(LONG - 1) + 10)
    assert escape.checkpoints == 1
