"""The wire to Claude: the official SDK, imported in a thread since that takes most of a second."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncGenerator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from tutor.dialogue.faults import Fault, fault_of
from tutor.dialogue.key import Key
from tutor.dialogue.prompt import Options, Request
from tutor.dialogue.usage import Ledger

if TYPE_CHECKING:
    from anthropic import AsyncAnthropic

LETTERS_A_TOKEN = 3
"""For an answer that was left before its end: rather too many tokens than too few."""


class Wire:
    """Sends requests, one at a time, and counts what they cost."""

    def __init__(self, key: Key, options: Options, ledger: Ledger, base_url: str | None = None):
        self.options, self.ledger = options, ledger
        thread = ThreadPoolExecutor(1, thread_name_prefix="import-anthropic")
        self._client: Future[AsyncAnthropic] = thread.submit(_connect, key, base_url)
        thread.shutdown(wait=False)

    async def words(self, request: Request, deadline: float) -> AsyncGenerator[str]:
        """The text of the answer as it comes. Raises Fault, also when it stalls or `deadline` (monotonic) has passed.

        Leaving the loop early closes the connection, so that no more is paid for.
        """
        bill = Bill()
        stream: Any = None
        try:
            client = await asyncio.shield(asyncio.wrap_future(self._client))
            async with asyncio.timeout(self._patience(deadline)):
                stream = await client.messages.create(**request)
            quiet = time.monotonic()
            while True:
                async with asyncio.timeout(self._patience(deadline, quiet)):
                    event: Any = await anext(stream, None)
                if event is None:
                    raise Fault("Claude stopped in mid-sentence")
                if event.type in ("content_block_delta", "message_start"):  # pings are no sign of words to come
                    quiet = time.monotonic()
                if text := bill.read(event):
                    yield text
                if event.type == "message_stop":
                    return
        except Exception as error:
            raise fault_of(error, self.options.model) from None
        finally:
            if stream is not None:
                with suppress(Exception):
                    await stream.close()
            if bill.started:
                self.ledger.note("request", input=bill.input, cached=bill.cached, output=bill.output)

    def _patience(self, deadline: float, quiet: float | None = None) -> float:
        now = time.monotonic()
        return max(0.0, min((now if quiet is None else quiet) + self.options.stall, deadline) - now)

    async def close(self) -> None:
        """Close the connections."""
        with suppress(Exception):
            client = await asyncio.shield(asyncio.wrap_future(self._client))
            await client.close()


class Bill:
    """Reads the events of one answer: its text, and what it cost."""

    def __init__(self) -> None:
        self.started = False
        self.input = self.cached = self.output = 0
        self._letters = 0

    def read(self, event: Any) -> str:
        """The text that the event brings; mostly none. Raises Fault for an answer that was cut off or declined."""
        match event.type:
            case "message_start":
                self.started = True
                usage = event.message.usage
                self.input = usage.input_tokens + (usage.cache_creation_input_tokens or 0)
                self.cached = usage.cache_read_input_tokens or 0
            case "content_block_delta" if event.delta.type == "text_delta":
                self._count(event.delta.text)
                return str(event.delta.text)
            case "content_block_delta" if event.delta.type == "thinking_delta":
                self._count(event.delta.thinking)
            case "message_delta":
                self.output = event.usage.output_tokens
                if event.delta.stop_reason in ("max_tokens", "model_context_window_exceeded"):
                    raise Fault("Claude's answer was cut off", rest=0, refused="it was cut off; be much shorter")
                if event.delta.stop_reason == "refusal":
                    raise Fault("Claude would not answer this", rest=0)
        return ""

    def _count(self, text: str) -> None:
        self._letters += len(text)
        self.output = max(self.output, -(-self._letters // LETTERS_A_TOKEN))


def _connect(key: Key, base_url: str | None) -> AsyncAnthropic:
    """The SDK's client. It never retries: the lesson's own question is there at once. It logs and traces nothing, since
    what it would write could hold what the learner wrote, on the screen that Textual draws."""
    import anthropic

    for name in ("anthropic", "httpx2"):
        logging.getLogger(name).setLevel(logging.CRITICAL + 1)
    return anthropic.AsyncAnthropic(api_key=key.reveal(), base_url=base_url, max_retries=0, open_telemetry=False)
