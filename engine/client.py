"""The door to the engine: start it, run experiments on it, stream what it says, cancel, start it again. No torch here.

    engine = Engine(log=Path("engine.log"))
    result = await engine.run("next_token", {"prompt": "The capital of France is"}, on_event=print)
    await engine.close()

The engine is another process, perhaps on another machine. It may crash, hang, run out of memory or print junk: each
becomes an EngineError with one line for a person, and the next request starts it again.
"""

from __future__ import annotations

import asyncio
import contextlib
import shlex
import sys
from collections.abc import Callable, Sequence
from itertools import count
from pathlib import Path
from typing import Any, TypeVar

from engine.errors import AGAIN, BadParameter, EngineDied, EngineError
from engine.life import Life, OnEvent, Waiting
from engine.protocol import (
    DEFAULT_MODEL,
    Cancel,
    Check,
    Checked,
    CutText,
    FindTokens,
    Hello,
    Load,
    Loaded,
    ModelInfo,
    ModelList,
    Models,
    Result,
    Run,
    TokenList,
)

Answer = TypeVar("Answer", Result, Loaded, Checked, ModelList, TokenList)


class Engine:
    """One engine process, started when it is needed.

    `command` starts it (`["ssh", "gpu-box", "python", "-m", "engine"]`, or that as one string); by default the engine
    of this Python. `on_notice` gets a line when something is odd that does not stop a run. A silent engine is taken to
    hang after `hang_after` seconds; one that does not stop when asked to is killed after `grace` seconds.
    """

    def __init__(
        self,
        command: Sequence[str] | str | None = None,
        *,
        device: str = "auto",
        budget: str | None = None,
        cache: Path | None = None,
        log: Path | None = None,
        on_notice: Callable[[str], None] | None = None,
        start_within: float = 120.0,
        hang_after: float = 20.0,
        grace: float = 3.0,
    ):
        given = shlex.split(command) if isinstance(command, str) else command
        self.command = list(given or [sys.executable, "-P", "-m", "engine"])
        self.command += ["--device", device] if device != "auto" else []
        self.command += ["--budget", budget] if budget else []
        self.command += ["--cache", str(cache)] if cache else []
        self.log = log
        self.on_notice = on_notice
        self.start_within = start_within
        self.hang_after = hang_after
        self.grace = grace
        self._hello: Hello | None = None
        self._noted = False
        """What the engine has to say of its device was passed on."""
        self._ids = count(1)
        self._starting = asyncio.Lock()
        self._life: Life | None = None

    @property
    def alive(self) -> bool:
        return self._life is not None and not self._life.ending

    @property
    def hello(self) -> Hello | None:
        """What the running engine said of itself; None while none runs."""
        return self._hello if self.alive else None

    async def start(self) -> Hello:
        """Start the engine if none runs. Raises EngineDied."""
        async with self._starting:
            if (hello := self.hello) is None:
                self._life = await Life.begin(self)
                self._hello = hello = await self._life.greeting(self.start_within)
                if hello.note and not self._noted:
                    self.notice(hello.note)
                self._noted = True
            return hello

    async def run(
        self,
        experiment: str,
        parameters: dict[str, Any],
        *,
        model: str = DEFAULT_MODEL,
        seed: int = 0,
        fetch: bool = True,
        on_event: OnEvent | None = None,
    ) -> Result:
        """Run one experiment. `on_event` gets progress and partial figures. Raises EngineError."""
        request = Run(
            id=next(self._ids), experiment=experiment, parameters=parameters, model=model, seed=seed, fetch=fetch
        )
        return await self._ask(request, Result, on_event)

    async def load(
        self, model: str = DEFAULT_MODEL, *, fetch: bool = True, on_event: OnEvent | None = None
    ) -> ModelInfo:
        """Have the model in the engine's memory, fetched first if need be. Raises EngineError."""
        return (await self._ask(Load(id=next(self._ids), model=model, fetch=fetch), Loaded, on_event)).model

    async def refusal(
        self, experiment: str, parameters: dict[str, Any], *, model: str = DEFAULT_MODEL, within: float = 2.0
    ) -> BadParameter | None:
        """What a run of the loaded model would be refused with, without running it. None where nothing speaks against it,
        and where the engine cannot say `within` seconds: it is down, or busy, or has another model."""
        request = Check(id=next(self._ids), experiment=experiment, parameters=parameters, model=model)
        with contextlib.suppress(EngineError, TimeoutError):
            try:
                async with asyncio.timeout(within):
                    await self._ask(request, Checked, None) if self.hello else None
            except BadParameter as error:
                return error
        return None

    async def models(self) -> list[ModelInfo]:
        """The models with a short name: which are on the engine's machine, which could be had. Raises EngineError."""
        return (await self._ask(Models(id=next(self._ids)), ModelList, None)).models

    async def find_tokens(self, model: str, prefix: str, limit: int = 6) -> list[str]:
        """The tokens that begin with `prefix`, the commonest first; of the model that is loaded. Raises EngineError."""
        request = FindTokens(id=next(self._ids), model=model, prefix=prefix, limit=limit)
        return (await self._ask(request, TokenList, None)).tokens

    async def cut(self, model: str, text: str, *, bos: bool = False) -> list[str]:
        """The text's tokens as a run of the loaded model reads them. Raises EngineError."""
        return (await self._ask(CutText(id=next(self._ids), model=model, text=text, bos=bos), TokenList, None)).tokens

    async def cancel(self) -> None:
        """Stop all requests: by a message, and if that does not help by ending the engine. They raise Cancelled."""
        life = self._life
        if life is None or not self.alive:
            return
        life.cancelling = True
        try:
            if not life.first.done():  # still starting: there is nobody yet to send a message to
                await life.end(0)
            elif waiting := dict(life.waiting):
                for id in waiting:
                    await life.send(Cancel(id=id))
                _, still = await asyncio.wait([w.answer for w in waiting.values()], timeout=self.grace)
                if still:
                    await life.end(self.grace)
        finally:
            life.cancelling = False

    async def close(self) -> None:
        """End the engine, if one runs. A later request would start it again."""
        life, self._life, self._hello = self._life, None, None
        if life is not None:
            life.fail(EngineDied("the engine was closed"))
            with contextlib.suppress(OSError):
                life.stdin.close()  # an engine whose input ends, ends
            await life.end(self.grace, politely=True)

    async def _ask(
        self, request: Run | Load | Check | Models | FindTokens | CutText, kind: type[Answer], on_event: OnEvent | None
    ) -> Answer:
        await self.start()
        life = self._life
        if life is None or life.ending:  # nothing that comes now would end this request
            raise EngineDied(f"the engine ended before it was asked. {AGAIN}")
        waiting = life.waiting[request.id] = Waiting(on_event)
        try:
            await life.send(request)
            answer = await waiting.answer
        except EngineError:
            raise
        except BaseException:  # the caller went away, or its listener failed: nobody waits for this run any more
            await life.send(Cancel(id=request.id))
            raise
        finally:
            life.waiting.pop(request.id, None)
        if isinstance(answer, kind):
            return answer
        raise EngineError(f"the engine answered with {answer.event} where {kind.__name__.lower()} was expected")

    def notice(self, line: str) -> None:
        if self.on_notice:
            self.on_notice(line)
