"""Claude as the voice against the loopback server: how long it waits, what it puts on the screen, and every way to fail."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import date
from pathlib import Path

import anthropic  # noqa: F401 - here, so that no test measures the time that takes

from tests.dialogue.claude_server import (
    Answer,
    cut_after,
    says,
    sends,
    stalls_after,
    stalls_at_the_head,
    stalls_before,
    status,
)
from tests.dialogue.course import TURNS
from tests.dialogue.test_gate import SAID
from tutor.dialogue.claude import Claude
from tutor.dialogue.key import Key
from tutor.dialogue.prompt import Options
from tutor.dialogue.usage import Ledger
from tutor.dialogue.voice import Turn
from tutor.dialogue.wire import Wire

SECRET = "sk-ant-api03-THIS-IS-THE-KEY"
OPTIONS = Options(model="claude-test", effort="low", stall=30, whole=60)
IMPATIENT = replace(OPTIONS, stall=2)
"""For what never answers. Where an answer is to come, a busy machine has all the time it needs."""
AT_ONCE = 10
"""Seconds: for what must not wait until a patient voice gives up."""
TURN, GOOD = TURNS["why-wrong"], SAID["why-wrong"]["good"][0]
BEGINNING = "You look at the order of the names. "


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


@asynccontextmanager
async def claude(url: str, home: Path, options: Options = OPTIONS) -> AsyncIterator[tuple[Claude, Clock]]:
    clock = Clock()
    voice = Claude(Wire(Key(SECRET, "a test"), options, Ledger(home, lambda: date(2026, 11, 21)), url), clock)
    try:
        yield voice, clock
    finally:
        await voice.close()


async def speak(voice: Claude, turn: Turn = TURN) -> tuple[str, float]:
    """What a turn puts on the screen, and how long it took."""
    began = time.monotonic()
    text = "".join([piece async for piece in voice.say(turn)])
    return text, time.monotonic() - began


FAULTS: dict[str, tuple[Answer, str, int]] = {
    "401": (status(401, "authentication_error"), "did not accept the key", 600),
    "403": (status(403, "permission_error"), "may not be used", 600),
    "404": (status(404, "not_found_error"), "no model 'claude-test'", 600),
    "400": (status(400, "invalid_request_error"), "refused the request (400)", 600),
    "413": (status(413, "request_too_large"), "too large", 5),
    "429": (status(429, "rate_limit_error"), "asks for a pause", 5),
    "429 with retry-after": (status(429, "rate_limit_error", retry_after="40"), "asks for a pause", 40),
    "429 with a date": (status(429, "rate_limit_error", retry_after="Sat, 21 Nov 2026 10:00:00 GMT"), "a pause", 5),
    "500": (status(500), "at Claude's end (500)", 5),
    "529": (status(529, "overloaded_error"), "too much to do (529)", 5),
    "302": (status(302), "", 5),
    "stall before the first byte": (stalls_before, "did not answer in time", 5),
    "stall after the head": (stalls_at_the_head, "did not answer in time", 5),
    "stall in mid-stream": (stalls_after(BEGINNING + "What "), "did not answer in time", 5),
    "cut in mid-stream": (cut_after(BEGINNING + "What "), "", 5),
    "an end without a stop": (cut_after(BEGINNING + "What ", clean=True), "mid-sentence", 5),
    "overloaded in mid-stream": (
        sends(("error", {"error": {"type": "overloaded_error", "message": "x"}})),
        "too much to do",
        5,
    ),
    "an error that is no JSON": (sends(("error", "oops")), "mid-sentence", 5),
    "events that are no JSON": (sends(("content_block_delta", "{oops")), "could not be read", 5),
    "events that lack what they should have": (sends(("content_block_delta", {"index": 0})), "could not be read", 5),
    "events of no kind": (sends(("message_start", "[]"), begin=False), "could not be read", 5),
    "a stranger": (sends(("hello", {"x": 1}), begin=False), "mid-sentence", 5),
    "declined": (says("I would rather not.", reason="refusal"), "would not answer", 0),
}
"""What may go wrong: the answer, words of the line that says so, and for how many seconds Claude is left alone then."""


def patience(answer: Answer) -> Options:
    """How long to wait for this answer."""
    return IMPATIENT if any("stall" in name for name, (fault, *_) in FAULTS.items() if fault is answer) else OPTIONS
