"""Writing token by token: a prompt is read once, then one token at a time, and what was read is kept in a cache."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from engine.trace import Trace, Watch


class Writer:
    """One or several texts in the making, all with the same prompt. Get it from `Lab.writer`.

    `logits` [texts, n_vocab] are the scores for each text's next token; `append` adds a token to each and reads on.
    `trace` holds what was read of the prompt, with logits for its last position alone. The hooks are in the model only
    while it computes, so two texts with different edits can be in the making at the same time.
    """

    def __init__(self, watch: Watch, prompt: Tensor, copies: int, room: int, checkpoint: Callable[[], None]):
        from transformers import DynamicCache

        self._watch, self._checkpoint = watch, checkpoint
        self.prompt, self.room, self.edits = prompt, room, watch.edits
        checkpoint()
        self._cache: Any = DynamicCache(config=watch.model.config)
        logits = self._read(prompt[None])
        self.trace = Trace(watch.anatomy, dict(watch.kept), logits[:, None], single=True)
        self.logits = logits
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
        if self.tokens.shape[1] < self.room:
            self.logits = self._read(tokens[:, None])

    def _read(self, tokens: Tensor) -> Tensor:
        """Read tokens [texts, position] after those that are in the cache; logits of the last one, [texts, n_vocab]."""
        with self._watch as watch:
            return watch(tokens, self._cache, keep=1)[:, -1]


class Written(dict[tuple[Any, ...], Tensor]):
    """What a model wrote without any edit, [written], by all that it follows from: see `engine.base_tweak`.

    The last few are kept: whoever tweaks an edit again and again compares it to the same text each time. It goes when
    the model goes.
    """

    FEW = 4

    def keep(self, key: tuple[Any, ...], tokens: Tensor) -> None:
        self.pop(key, None)
        self[key] = tokens
        while len(self) > self.FEW:
            del self[next(iter(self))]  # the one that nobody asked for longest
