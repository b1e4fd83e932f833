"""The engine and the voice beside the keyboard: their event loop runs in a thread of its own.

The program's own thread waits for the keyboard, or for what the loop does; ctrl+c reaches it in both.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Coroutine
from concurrent.futures import CancelledError, Future
from contextlib import suppress
from threading import Thread
from types import TracebackType
from typing import Any, TypeVar

from engine.client import Engine
from engine.errors import BadParameter, Cancelled, EngineError
from engine.protocol import ModelInfo, Partial, Progress, Result
from tutor.settings import Settings
from tutor.todo import RunNow

T = TypeVar("T")

PATIENCE_S = 2.0
"""A run that takes longer says how far it is, this often at first."""
SELDOM_S = 10.0
"""And this often in the end: every line is read out."""


class Machine:
    """Owns the engine. `say` prints a line; it is called only while `run` is waited for."""

    def __init__(self, settings: Settings, say: Callable[[str], None]):
        with suppress(OSError):
            settings.home.mkdir(parents=True, exist_ok=True)  # for the engine's log
        self.engine = Engine(**settings.engine_options(), on_notice=self._noticed)
        self.fetch = not settings.offline
        self.notices: list[str] = []
        """Odd lines that the learner has not been told yet."""
        self._say = say
        self._loop = asyncio.new_event_loop()
        self._thread = Thread(target=self._loop.run_forever, name="engine", daemon=True)
        self._loading: tuple[str, Future[ModelInfo]] | None = None
        self._next_line = float("inf")
        self._pause = PATIENCE_S

    def __enter__(self) -> Machine:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        self.engine.grace = 0.2
        with suppress(KeyboardInterrupt):  # who is in a hurry need not wait: an engine whose input ends, ends
            self.wait(self.engine.close())
        self._loop.call_soon_threadsafe(self._loop.stop)

    def start(self, work: Coroutine[Any, Any, T]) -> Future[T]:
        """Let the loop do it, without waiting."""
        return asyncio.run_coroutine_threadsafe(work, self._loop)

    def wait(self, work: Coroutine[Any, Any, T]) -> T:
        """Do it and wait for it. Raises what it raises, and KeyboardInterrupt."""
        return self.start(work).result()

    def prepare(self, model: str) -> None:
        """Begin to load the model, so that it is there when it is asked for."""
        if self._loading is None or self._loading[0] != model:
            work = self.engine.load(model, fetch=self.fetch, on_event=self._heard)
            self._loading = (model, self.start(work))

    def settle(self) -> None:
        """Wait until the model is there, or cannot be had: only then can a bet be held against it."""
        if self._loading and not self._loading[1].done():
            self._next_line, self._pause = time.monotonic() + PATIENCE_S, PATIENCE_S
            self._say("One moment: the model is being loaded.")
            with suppress(EngineError, CancelledError):
                self._loading[1].result()
            self._next_line = float("inf")

    @property
    def model(self) -> ModelInfo | None:
        """What is known of the loaded model; None while it is not there."""
        done = self._loading[1] if self._loading else None
        return done.result() if done and done.done() and not done.cancelled() and not done.exception() else None

    def problem(self) -> str:
        """Why the model could not be loaded, once; mostly empty."""
        if self._loading and self._loading[1].done() and isinstance(self._loading[1].exception(), EngineError):
            error, self._loading = self._loading[1].exception(), None
            return str(error)
        return ""

    def refusal(self, experiment: str, parameters: dict[str, Any], model: str) -> BadParameter | None:
        """What a run would be refused with; None where nothing speaks against it, or the engine cannot say."""
        return self.wait(self.engine.refusal(experiment, parameters, model=model))

    def cut(self, text: str, model: str, *, bos: bool = False) -> list[str]:
        """The text's tokens; none where the model is not there, or the engine cannot say."""
        try:
            return self.wait(self.engine.cut(model, text, bos=bos)) if self.model else []
        except EngineError:
            return []

    def run(self, todo: RunNow, model: str, words: str = "") -> Result:
        """Run the experiment; a line now and then says how far it is. ctrl+c stops the run, a second one the waiting.
        `words` are said once that is so.

        Raises EngineError (Cancelled where it was stopped) and KeyboardInterrupt.
        """
        self._next_line, self._pause = time.monotonic() + PATIENCE_S, PATIENCE_S
        running = self.start(
            self.engine.run(
                todo.experiment, todo.parameters, model=model, seed=todo.seed, fetch=self.fetch, on_event=self._heard
            )
        )
        try:
            try:
                if words:
                    self._say(words)
                result = running.result()
            except KeyboardInterrupt:
                self._say("Stopping the run. ctrl+c again leaves the tutor.")
                self.start(self._stop(running))
                result = running.result()
            self.prepare(model)  # where it could not be had before, the run has loaded it: its sizes are wanted
            return result
        except CancelledError:
            raise Cancelled("cancelled") from None
        except EngineError:
            self.problem()  # the same once more, as the model comes first
            raise
        finally:
            self._next_line = float("inf")

    async def _stop(self, running: Future[Result]) -> None:
        """Stop what the engine does; a run that has not come to it yet is not begun."""
        await self.engine.cancel()
        running.cancel()

    def _heard(self, event: Progress | Partial) -> None:
        now = time.monotonic()
        if isinstance(event, Progress) and now >= self._next_line:
            self._pause = min(SELDOM_S, self._pause * 1.5)
            self._next_line = now + self._pause
            self._say(f"{event.label}: {event.amount}" if event.amount else event.label)

    def _noticed(self, line: str) -> None:
        self.notices.append(line)
