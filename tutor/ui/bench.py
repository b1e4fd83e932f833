"""The screen's link to the engine: one engine for the whole program, and what it is doing just now, in words.

The engine may be slow, dead or somewhere else. Nothing here waits on the screen's behalf: call it from a worker.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from textual.message import Message

from engine.client import Engine
from engine.errors import BadParameter, EngineError
from engine.protocol import ModelInfo, Partial, Progress, Result, amount

OnEvent = Callable[[Progress | Partial], None]


@dataclass(frozen=True)
class Status:
    """What the engine is doing. `phase`: off, starting, loading, ready, busy, down."""

    phase: str = "off"
    device: str = ""
    model: str = ""
    label: str = ""
    done: int = 0
    total: int = 0
    unit: str = ""
    since: float = 0.0
    """When the phase began, on `time.monotonic`'s clock."""

    @property
    def working(self) -> bool:
        return self.phase in ("starting", "loading", "busy")

    @property
    def share(self) -> float | None:
        """How far it is, 0 to 1; None where that is not known."""
        return min(1.0, self.done / self.total) if self.total else None

    @property
    def amount(self) -> str:
        """`34 of 98 MB`, `12 of 30 layers`; empty where nothing is known."""
        return amount(self.done, self.total, self.unit)


class BenchChanged(Message):
    """The engine does something else now."""


class Port(Protocol):
    """What a lesson needs of the engine; `Bench` is the real one."""

    status: Status
    model: ModelInfo | None

    @property
    def preparing(self) -> bool:
        """Whether a model is on its way, whatever the engine does meanwhile."""

    async def prepare(self, model: str) -> ModelInfo:
        """Have the model ready. Who stops waiting for it does not stop it; another model in its place does. Raises
        EngineError."""

    async def run(
        self, experiment: str, parameters: dict[str, Any], model: str, seed: int, on_event: OnEvent
    ) -> Result:
        """Run one experiment. Raises EngineError."""

    async def refusal(self, experiment: str, parameters: dict[str, Any], model: str) -> BadParameter | None:
        """What a run would be refused with; None where nothing speaks against it, or the engine cannot say."""

    async def cancel(self) -> None:
        """Stop what runs."""

    async def find_tokens(self, model: str, prefix: str, limit: int) -> list[str] | None:
        """The model's tokens that begin with `prefix`, the commonest first. None where the engine cannot say."""

    async def cut(self, model: str, text: str, bos: bool) -> list[str] | None:
        """The text's tokens as a run reads them. None where the engine cannot say."""


class Bench:
    """Owns the engine. `on_change` is called whenever `status` is another one; `on_notice` gets odd lines."""

    def __init__(
        self,
        command: str | None = None,
        *,
        device: str = "auto",
        budget: str | None = None,
        cache: Path | None = None,
        log: Path | None = None,
        fetch: bool = True,
        on_change: Callable[[], None] = lambda: None,
        on_notice: Callable[[str], None] | None = None,
    ):
        self.engine = Engine(command, device=device, budget=budget, cache=cache, log=log, on_notice=on_notice)
        self.fetch = fetch
        self.on_change = on_change
        self.status = Status()
        self.model: ModelInfo | None = None
        self._load: tuple[str, asyncio.Task[ModelInfo]] | None = None
        """The model that is on its way."""

    @property
    def preparing(self) -> bool:
        return self._load is not None

    async def start(self) -> None:
        """Start the engine before it is needed. Raises EngineError."""
        self._now("starting")
        try:
            hello = await self.engine.start()
        except EngineError:
            self._now("down")
            raise
        self._now("loading" if self.preparing else "ready", device=hello.device)

    async def prepare(self, model: str) -> ModelInfo:
        if self._load is None or self._load[0] != model:
            self._stop_loading()
            self._now("loading" if self.engine.alive else "starting", model=model)
            self._load = (model, asyncio.create_task(self._loaded(model)))
            self._load[1].add_done_callback(lambda task: task.cancelled() or task.exception())  # perhaps nobody waits
        return await asyncio.shield(self._load[1])

    async def _loaded(self, model: str) -> ModelInfo:
        try:
            info = await self.engine.load(model, fetch=self.fetch, on_event=self._heard)
            if self._is_wanted():
                self.model = info
        finally:
            if self._is_wanted():
                self._load = None
                self._rest()
        return info

    def _is_wanted(self) -> bool:
        """Whether this task loads the model that is wanted now."""
        return self._load is not None and self._load[1] is asyncio.current_task()

    def _stop_loading(self) -> None:
        if self._load is not None:
            self._load[1].cancel()
            self._load = None

    async def run(
        self, experiment: str, parameters: dict[str, Any], model: str, seed: int, on_event: OnEvent
    ) -> Result:
        def heard(event: Progress | Partial) -> None:
            self._heard(event)
            on_event(event)

        self._now("busy" if self.engine.alive else "starting", model=model, label=experiment)
        try:
            known = self._load[0] if self._load else self.model.name if self.model else ""
            if known != model:  # its sizes are wanted for bets and tweaks
                self.model = await self.engine.load(model, fetch=self.fetch, on_event=heard)
            result = await self.engine.run(
                experiment, parameters, model=model, seed=seed, fetch=self.fetch, on_event=heard
            )
        finally:
            self._rest()
        return result

    async def refusal(self, experiment: str, parameters: dict[str, Any], model: str) -> BadParameter | None:
        return await self.engine.refusal(experiment, parameters, model=model)

    async def cancel(self) -> None:
        await self.engine.cancel()

    async def find_tokens(self, model: str, prefix: str, limit: int) -> list[str] | None:
        with suppress(EngineError):  # a help while typing: an engine that is down is not started for it
            return await self.engine.find_tokens(model, prefix, limit) if prefix and self.engine.hello else None
        return None

    async def cut(self, model: str, text: str, bos: bool) -> list[str] | None:
        with suppress(EngineError):
            return await self.engine.cut(model, text, bos=bos) if text and self.engine.hello else None
        return None

    async def close(self) -> None:
        """End the engine without waiting for what it does just now."""
        self._stop_loading()
        self.engine.grace = 0.2
        await self.engine.close()

    def _heard(self, event: Progress | Partial) -> None:
        if isinstance(event, Progress):
            phase = "busy" if self.status.phase == "busy" else "loading"
            self._now(phase, label=event.label, done=event.done, total=event.total, unit=event.unit)

    def _rest(self) -> None:
        """Nothing is being done; a model that could not be had is not ready."""
        self._now("ready" if self.engine.alive else "down", model=self.model.name if self.model else "")

    def _now(self, phase: str, **more: Any) -> None:
        old = self.status
        since = old.since if old.phase == phase else time.monotonic()
        device = self.engine.hello.device if self.engine.hello else old.device
        self.status = Status(**{"phase": phase, "device": device, "model": old.model, "since": since, **more})
        self.on_change()
