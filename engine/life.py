"""One engine process from its start to its end, as the client sees it. No torch here.

Everything that can go wrong with another process is met here: it cannot be started, speaks another version, prints
junk, falls silent, ends, is killed. Each ends the requests that wait on it with one line for a person.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
from collections import deque
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, ValidationError

from engine.errors import AGAIN, Cancelled, EngineDied, EngineError, brief, error_of
from engine.protocol import (
    EVENTS,
    HEARTBEAT_S,
    LINE_LIMIT,
    PROTOCOL,
    REQUEST_LIMIT,
    Alive,
    Failed,
    Hello,
    Partial,
    Progress,
)

if TYPE_CHECKING:
    from engine.client import Engine

OnEvent = Callable[[Progress | Partial], None]

LOG_LIMIT = 1 << 20
"""Bytes the log may have before it starts anew."""
LAST_WORDS_S = 2.0
"""How long an engine that has closed its output may take to end by itself."""
OWN = "engine: "
"""What its last line begins with where the engine itself says why it ends."""


class Waiting:
    """A request whose answer is not there yet."""

    def __init__(self, on_event: OnEvent | None):
        self.on_event = on_event
        self.answer: asyncio.Future[Any] = asyncio.get_running_loop().create_future()

    def tell(self, event: Progress | Partial) -> None:
        """Hand on an event. Where the listener fails, its own request fails with it, and nothing else."""
        try:
            if self.on_event:
                self.on_event(event)
        except Exception as error:
            if not self.answer.done():
                self.answer.set_exception(error)


class Life:
    """One engine process from its start to its end. What goes wrong in it ends every request that waits on it."""

    def __init__(self, owner: Engine, process: asyncio.subprocess.Process):
        assert process.stdin is not None
        assert process.stdout is not None
        assert process.stderr is not None
        self.owner = owner
        self.process = process
        self.stdin = process.stdin
        self.waiting: dict[int, Waiting] = {}
        self.cancelling = False
        self.ending = False
        """It ended, or is being ended: the next request needs another engine."""
        self.tail: deque[str] = deque(maxlen=20)
        """The last lines of its standard error."""
        self.junk = 0
        loop = asyncio.get_running_loop()
        self.first: asyncio.Future[Hello] = loop.create_future()
        self.over: asyncio.Future[None] = loop.create_future()
        self._silent_for = 0
        self._hearing = asyncio.create_task(self._hear_all(process.stdout))
        self._draining = asyncio.create_task(self._drain(process.stderr))
        self._watching = asyncio.create_task(self._watch())
        self._living = asyncio.create_task(self._live())

    @classmethod
    async def begin(cls, owner: Engine) -> Life:
        """Start the process, in a session of its own, so that the keys of the terminal do not reach it."""
        pipe = asyncio.subprocess.PIPE
        try:
            process = await asyncio.create_subprocess_exec(
                *owner.command, stdin=pipe, stdout=pipe, stderr=pipe, start_new_session=True
            )
        except OSError as error:
            said = f"the engine's start command could not be run: {owner.command[0]}: {error.strerror or error}"
            raise EngineDied(f"{said}. Check the setting, or leave it out to use this computer") from None
        return cls(owner, process)

    async def greeting(self, within: float) -> Hello:
        """Its first event. Raises EngineDied if it ends, speaks another version, or says nothing."""
        try:
            return await asyncio.wait_for(asyncio.shield(self.first), within)
        except TimeoutError:
            self.fail(EngineDied(f"the engine did not start within {within:.0f} s and was stopped. {AGAIN}"))
            await self.end(0)
            return self.first.result()
        except asyncio.CancelledError:
            await self.end(0)
            raise

    async def send(self, request: BaseModel) -> None:
        """Write one request. A broken pipe is left to `_live`, which learns of the end by itself.

        Raises EngineError for one that the engine would not read.
        """
        line = request.model_dump_json().encode() + b"\n"
        if len(line) > REQUEST_LIMIT:
            raise EngineError(f"the request is too long ({len(line) >> 20} MB): try a shorter text")
        with contextlib.suppress(OSError):
            self.stdin.write(line)
            await self.stdin.drain()

    async def end(self, grace: float, *, politely: bool = False) -> None:
        """Make sure the process is gone: wait if it was asked politely, then terminate, then kill, and see it end."""
        self.ending = True
        for sign in (None, signal.SIGTERM, signal.SIGKILL) if politely else (signal.SIGTERM, signal.SIGKILL):
            if sign is not None:
                self.kill(sign)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(asyncio.shield(self.over), grace if sign != signal.SIGKILL else None)
                break

    def kill(self, sign: signal.Signals = signal.SIGKILL) -> None:
        """Signal the engine and whatever it started."""
        if self.process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.process.pid, sign)

    async def _live(self) -> None:
        """Until the output ends, or `_watch` says that it is over; then say how the process ended."""
        try:
            await asyncio.wait([self._hearing])
        finally:
            self._hearing.cancel()
            with contextlib.suppress(TimeoutError):  # on its way out it closes its output first, and says why last
                await asyncio.wait_for(self.process.wait(), LAST_WORDS_S)
            self.kill()  # it may have closed its output and live on
            code = await self.process.wait()
            self._watching.cancel()
            await asyncio.wait([self._draining], timeout=1)  # its last words
            self._draining.cancel()
            self.fail(EngineDied(self._obituary(code)))
            self.over.set_result(None)

    async def _hear_all(self, stdout: asyncio.StreamReader) -> None:
        """Take events until the output ends."""
        async for line in lines(stdout):
            self._hear(line)

    def _hear(self, line: bytes | None) -> None:
        """Take one line; None is one that was too long."""
        try:
            event = EVENTS.validate_json(line or b"")
        except ValidationError:
            found = dict_in(line)
            if not self._other_version(found) and not self._spoilt_answer(found):
                self._count_junk()
            return
        self._silent_for = 0  # by the engine's own word: what else prints there may go on without it
        if isinstance(event, Hello):
            if event.protocol != PROTOCOL:
                self._other_version(dict_in(line))
            elif not self.first.done():
                self.first.set_result(event)
        elif not isinstance(event, Alive) and (waiting := self.waiting.get(event.id)):
            if isinstance(event, Progress | Partial):
                waiting.tell(event)
            elif not waiting.answer.done():
                if isinstance(event, Failed):
                    waiting.answer.set_exception(error_of(event.kind, event.message, event.parameter))
                else:
                    waiting.answer.set_result(event)

    def _other_version(self, found: dict[str, Any]) -> bool:
        """Whether this is the greeting of an engine of another version; if so, that ends it."""
        if found.get("event") != "hello" or found.get("protocol") == PROTOCOL:
            return False
        theirs, version = found.get("protocol"), found.get("version")
        said = f"the engine speaks protocol {theirs} (version {version}), this tutor speaks {PROTOCOL}"
        self.fail(EngineDied(f"{said}: install the same version of llmw-tutor on both sides"))
        self.kill()
        return True

    def _spoilt_answer(self, found: dict[str, Any]) -> bool:
        """Whether a request was to end with this, which is not as it should be; if so, the request ends all the same."""
        id, event = found.get("id"), found.get("event")
        waiting = self.waiting.get(id) if isinstance(id, int) else None
        if waiting is None or event in ("progress", "partial"):
            return False
        if not waiting.answer.done():
            waiting.answer.set_exception(EngineError(f"the engine's answer cannot be read ({brief(event)})"))
        return True

    def _count_junk(self) -> None:
        """Something that is no event was on the output. It is kept out, and said once."""
        self.junk += 1
        if self.junk == 1:
            self.owner.notice("something on the engine's side prints to its output; it is kept out of the results")

    async def _drain(self, stderr: asyncio.StreamReader) -> None:
        """Keep the engine's standard error away from the screen: its end in `tail`, all of it in the log."""
        rest = b""
        while chunk := await stderr.read(1 << 16):
            *whole, rest = (rest + chunk).split(b"\n")
            rest = rest[-4096:]
            self.tail.extend(line.decode(errors="replace").rstrip() for line in whole if line.strip())
            if self.owner.log:
                with contextlib.suppress(OSError):
                    append(self.owner.log, chunk)
        if rest.strip():
            self.tail.append(rest.decode(errors="replace").rstrip())

    async def _watch(self) -> None:
        """Count heartbeats that did not come. Counted, not timed: a tutor that slept itself has missed nothing.

        Also see that the process is gone where its output does not end with it: what its start command left behind
        may hold that open, and `process.wait()` waits for it too.
        """
        while self.process.returncode is None:
            await asyncio.sleep(HEARTBEAT_S)
            self._silent_for += self.first.done()
            if self._silent_for * HEARTBEAT_S >= self.owner.hang_after:
                said = f"the engine gave no sign of life for {self.owner.hang_after:.0f} s and was stopped"
                self.fail(EngineDied(f"{said}. {AGAIN}"))
                self.kill()
                break
        await asyncio.sleep(LAST_WORDS_S)
        self._hearing.cancel()

    def fail(self, error: EngineError) -> None:
        """End everything that waits, with `error`; where the learner had asked to stop, with Cancelled."""
        self.ending = True
        if self.cancelling:
            error = Cancelled(f"cancelled; the engine had to be stopped. {AGAIN}")
        for future in [self.first, *(w.answer for w in self.waiting.values())]:
            if not future.done():
                future.set_exception(error)
                future.exception()  # seen: nobody has to be waiting for it

    def _obituary(self, code: int) -> str:
        """How the process ended, in a line."""
        if code < 0:
            name = signal.Signals(-code).name if -code in signal.valid_signals() else str(-code)
            why = ", perhaps because memory ran out" if -code == signal.SIGKILL else ""
            return f"the engine was ended by the system ({name}{why}). {AGAIN}"
        said = self.tail[-1].rstrip(". ") if self.tail and code else ""
        if said.startswith(OWN):  # it ended on purpose, and says why: how it ended is nothing to a learner
            return f"{said.removeprefix(OWN)}. {AGAIN}"
        last = f": {said}" if said else ""
        return f"the engine ended with status {code}{last}. {AGAIN}"


async def lines(stream: asyncio.StreamReader, limit: int = LINE_LIMIT) -> AsyncIterator[bytes | None]:
    """The lines of a stream, of any length up to `limit` bytes; None in place of a longer one."""
    parts: list[bytes] = []
    size = 0
    while chunk := await stream.read(1 << 18):
        *ends, rest = chunk.split(b"\n")
        for end in ends:
            parts.append(end)
            yield b"".join(parts) if size + len(end) <= limit else None
            parts, size = [], 0
        size += len(rest)
        parts = [*parts, rest] if size <= limit else []


def dict_in(line: bytes | None) -> dict[str, Any]:
    """The JSON object in a line that is no event; empty where there is none."""
    try:
        found = json.loads(line or b"")
    except (ValueError, RecursionError):  # the latter where it is nested deeply
        return {}
    return found if isinstance(found, dict) else {}


def append(log: Path, chunk: bytes) -> None:
    """Add to the log; a large one starts anew."""
    log.parent.mkdir(parents=True, exist_ok=True)
    large = log.exists() and log.stat().st_size > LOG_LIMIT
    with log.open("wb" if large else "ab") as out:
        out.write(chunk)
