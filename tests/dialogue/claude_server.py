"""A loopback HTTP server that speaks the Messages API with streaming, and misbehaves when it is told to.

async with serving(status(429), says("That is right. Why?")) as server:
    ...                      # the SDK talks to server.url; the last answer is given to every later request
    server.requests          # the bodies that came
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from typing import Any


class Exchange:
    """One request, and the means to answer it well or badly."""

    def __init__(self, body: dict[str, Any], headers: dict[str, str], writer: asyncio.StreamWriter, end: asyncio.Event):
        self.body, self.headers = body, headers
        self._writer, self._end = writer, end

    async def raw(self, data: bytes) -> None:
        self._writer.write(data)
        await self._writer.drain()

    async def head(self, status: int = 200, kind: str = "text/event-stream", **headers: str) -> None:
        lines = [f"HTTP/1.1 {status} x", f"content-type: {kind}", "transfer-encoding: chunked", "connection: close"]
        lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
        await self.raw(("\r\n".join(lines) + "\r\n\r\n").encode())

    async def chunk(self, data: bytes) -> None:
        await self.raw(f"{len(data):x}\r\n".encode() + data + b"\r\n")

    async def event(self, name: str, data: Any) -> None:
        text = data if isinstance(data, str) else json.dumps({"type": name, **data})
        await self.chunk(f"event: {name}\ndata: {text}\n\n".encode())

    async def begin(self, cached: int = 0) -> None:
        usage = {"input_tokens": 100, "cache_read_input_tokens": cached, "output_tokens": 1}
        message = {"id": "msg_1", "type": "message", "role": "assistant", "content": [], "model": self.body["model"]}
        await self.event("message_start", {"message": {**message, "stop_reason": None, "usage": usage}})
        await self.event("content_block_start", {"index": 0, "content_block": {"type": "text", "text": ""}})
        await self.event("ping", {})

    async def text(self, text: str) -> None:
        await self.event("content_block_delta", {"index": 0, "delta": {"type": "text_delta", "text": text}})

    async def finish(self, reason: str = "end_turn", output: int = 20) -> None:
        await self.event("content_block_stop", {"index": 0})
        await self.event("message_delta", {"delta": {"stop_reason": reason}, "usage": {"output_tokens": output}})
        await self.event("message_stop", {})
        await self.chunk(b"")

    async def stall(self) -> None:
        """Say nothing until the test is over."""
        await self._end.wait()


Answer = Callable[[Exchange], Awaitable[None]]


def says(text: str, reason: str = "end_turn", size: int = 7, cached: int = 0) -> Answer:
    """A good answer, in pieces of `size` characters."""

    async def answer(x: Exchange) -> None:
        await x.head()
        await x.begin(cached)
        for i in range(0, len(text), size):
            await x.text(text[i : i + size])
        await x.finish(reason)

    return answer


def judges(**verdict: Any) -> Answer:
    return says(json.dumps(verdict))


def status(code: int, kind: str = "api_error", **headers: str) -> Answer:
    """A refusal of the API; its message repeats the key that came, as some gateways do."""

    async def answer(x: Exchange) -> None:
        await x.head(code, "application/json", **headers)
        error = {"type": kind, "message": f"no, {x.headers.get('authorization')} {x.headers.get('x-api-key')}"}
        await x.chunk(json.dumps({"type": "error", "error": error}).encode())
        await x.chunk(b"")

    return answer


async def stalls_before(x: Exchange) -> None:
    await x.stall()


async def stalls_at_the_head(x: Exchange) -> None:
    await x.head()
    await x.stall()


def stalls_after(text: str) -> Answer:
    """A good beginning, then pings and nothing else."""

    async def answer(x: Exchange) -> None:
        await x.head()
        await x.begin()
        await x.text(text)
        await x.event("ping", {})
        await x.stall()

    return answer


def cut_after(text: str, clean: bool = False) -> Answer:
    """The connection goes away in mid-stream; `clean` as if the answer had ended there."""

    async def answer(x: Exchange) -> None:
        await x.head()
        await x.begin()
        await x.text(text)
        if clean:
            await x.chunk(b"")

    return answer


def sends(*events: tuple[str, Any], begin: bool = True) -> Answer:
    """These events, whatever they are."""

    async def answer(x: Exchange) -> None:
        await x.head()
        if begin:
            await x.begin()
        for name, data in events:
            await x.event(name, data)
        await x.chunk(b"")

    return answer


def endless(word: str, times: int = 10_000) -> Answer:
    """Word after word, without an end."""

    async def answer(x: Exchange) -> None:
        await x.head()
        await x.begin()
        for _ in range(times):
            await x.text(word)
        await x.finish()

    return answer


class Server:
    def __init__(self, *answers: Answer):
        self.answers = list(answers)
        self.requests: list[dict[str, Any]] = []
        self.headers: list[dict[str, str]] = []
        self.url = ""
        self.end = asyncio.Event()

    async def handle(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError, asyncio.IncompleteReadError):
            top = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
            headers = {k: v for k, _, v in (line.lower().partition(": ") for line in top[1:] if line)}
            headers |= {k: v for k, _, v in (line.partition(": ") for line in top[1:]) if k.lower() == "authorization"}
            body = json.loads(await reader.readexactly(int(headers["content-length"])))
            self.requests.append(body)
            self.headers.append(headers)
            answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
            await answer(Exchange(body, headers, writer, self.end))
        with suppress(ConnectionError):
            writer.close()
            await writer.wait_closed()


@asynccontextmanager
async def serving(*answers: Answer) -> AsyncIterator[Server]:
    server = Server(*answers)
    listener = await asyncio.start_server(server.handle, "127.0.0.1", 0)
    server.url = f"http://127.0.0.1:{listener.sockets[0].getsockname()[1]}"
    try:
        yield server
    finally:
        server.end.set()
        listener.close()
        await listener.wait_closed()
