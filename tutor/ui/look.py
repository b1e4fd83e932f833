"""What a bet's card may look up while the learner answers: the model's sizes, its tokens. It never waits for them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from engine.protocol import ModelInfo
from tutor.ui.bench import Port


@dataclass(frozen=True)
class Look:
    """The model that will be run, through the engine's door."""

    bench: Port
    model: str
    parameters: Mapping[str, Any] = field(default_factory=dict)
    """Of the run that will decide the bet."""
    experiment: str = ""
    """That run's experiment."""

    @property
    def info(self) -> ModelInfo | None:
        """The model's sizes, once it is loaded."""
        info = self.bench.model
        return info if info and info.name == self.model else None

    @property
    def loading(self) -> bool:
        """Whether what is not known of the model yet soon will be."""
        return self.info is None and self.bench.preparing

    async def vocabulary(self, prefix: str, limit: int) -> list[str] | None:
        """The tokens that begin with `prefix`, the commonest first. None where the engine cannot say."""
        return await self.bench.find_tokens(self.model, prefix, limit)

    async def tokens(self, of: str) -> list[str] | None:
        """The tokens of the run's parameter `of`, as the run reads them. None where the engine cannot say."""
        text = self.parameters.get(of)
        if not isinstance(text, str):
            return None
        return await self.bench.cut(self.model, text, bool(self.parameters.get("bos")))
