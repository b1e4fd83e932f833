"""Writing token by token: a prompt is read once, then one token at a time, and what was read is kept in a cache."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from engine.trace import Watch


class Writer:
    """One or several texts in the making, all with the same prompt. Get it from `Lab.writer`.

    `logits` [texts, n_vocab] are the scores for each text's next token; `append` adds a token to each and reads on.
    """

    def __init__(self, watch: Watch, prompt: Tensor, copies: int, room: int, checkpoint: Callable[[], None]):
        from transformers import DynamicCache

        self._watch, self._room, self._checkpoint = watch, room, checkpoint
        checkpoint()
        self._cache: Any = DynamicCache(config=watch.model.config)
        self.logits = watch(prompt[None], self._cache, keep=1)[:, -1]
        if copies > 1:  # the prompt is read once, whatever is written after it
            with torch.inference_mode():
                self._cache.batch_repeat_interleave(copies)
                self.logits = self.logits.repeat(copies, 1)
        self.tokens = torch.empty(copies, 0, dtype=torch.long, device=prompt.device)
        """[texts, written]: what was written so far, without the prompt."""

    def append(self, tokens: Tensor, continues: Tensor | None = None) -> None:
        """Write one token [texts] to each text, and read it unless the last one that there is room for was written.

        continues: which of the texts so far each new one goes on from, [texts]; each its own where not given. Beam
        search needs it.
        """
        self._checkpoint()
        if continues is not None and not torch.equal(continues, torch.arange(len(continues), device=continues.device)):
            self.tokens = self.tokens[continues]
            with torch.inference_mode():
                self._cache.reorder_cache(continues)
        self.tokens = torch.cat([self.tokens, tokens[:, None]], dim=1)
        if self.tokens.shape[1] < self._room:
            self.logits = self._watch(tokens[:, None], self._cache, keep=1)[:, -1]
