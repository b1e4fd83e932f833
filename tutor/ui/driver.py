"""Textual's way to the terminal: what cannot be read does not end it, and keys that come in a burst go where they were meant."""

from __future__ import annotations

import asyncio
import os
import signal
import time
from codecs import getincrementaldecoder
from collections.abc import Iterable
from concurrent.futures import wait
from select import select

from textual import constants, events
from textual._xterm_parser import XTermParser
from textual.drivers.linux_driver import LinuxDriver
from textual.message import Message

UNREADABLE = "What was just typed or pasted cannot be read, and was not taken. The terminal should send UTF-8."
EDITS = frozenset(
    "backspace delete left right home end ctrl+left ctrl+right ctrl+a ctrl+d ctrl+e ctrl+k ctrl+u ctrl+w ctrl+j".split()
)
"""Keys that a field takes for itself, as it takes letters: what is typed behind them comes behind them."""
BURST_S = 0.25
"""A key this soon after any other key waits until that was dealt with; a hand is seldom that fast, a slow line often sends
so."""
PATIENCE_S = 2.0
"""So long it waits at most."""
LOOK_S = 0.05
"""How often it looks whether the program is on its way out."""
CALM_S = 0.02
"""So long the focus has to stay where it is."""


class Terminal(LinuxDriver):
    """Reads on after a byte that is no UTF-8, or a key that no character has: the reader of Textual 8.2 would end with it,
    and the whole program without a word. That one also looks up every 100 ms only, and so long an esc would wait that could
    become an arrow key.

    An enter moves the focus by messages, and what is typed right behind it would still be taken by the field before. So it
    is with every key that no field takes: it is passed on from part to part, while a letter behind it goes straight in. What
    comes behind such a key is held back here, in the thread that reads, and no screen waits.
    """

    _moved = 0.0
    """When such a key came, on the monotonic clock."""

    def run_input_thread(self) -> None:
        while not self.exit_event.is_set():
            try:
                self._read()
            except (ValueError, OverflowError):
                self._app.call_later(self._app.notify, UNREADABLE, severity="warning", timeout=8)

    def _read(self) -> None:
        parser, decode = XTermParser(), getincrementaldecoder("utf-8")().decode
        pause = LOOK_S
        while not self.exit_event.is_set():
            ready, _, _ = select([self.fileno], [], [], pause)
            pause = constants.ESCAPE_DELAY if ready else LOOK_S
            if ready and not (data := os.read(self.fileno, 4096)):
                self.exit_event.wait(LOOK_S)  # nobody is at the other end
            elif ready and (text := decode(data)):
                self._process(parser.feed(text))
            self._process(parser.tick())

    def _process(self, messages: Iterable[Message]) -> None:
        for message in messages:
            self.process_message(message)

    def process_message(self, message: Message) -> None:
        if isinstance(message, (events.Key, events.Paste)) and time.monotonic() - self._moved < BURST_S:
            calm = asyncio.run_coroutine_threadsafe(self._calm(), self._loop)
            until = time.monotonic() + PATIENCE_S
            while not (calm.done() or self.exit_event.is_set()) and time.monotonic() < until:
                wait([calm], LOOK_S)
            calm.cancel()
            if self.exit_event.is_set():
                return  # to the shell, or to the end: that waits for this thread, and drops what is unread
        super().process_message(message)
        passed = isinstance(message, events.Key) and not message.is_printable and message.key not in EDITS
        self._moved = time.monotonic() if passed else 0.0

    def to_the_shell(self) -> bool:
        """Stop until a shell calls back (`fg`), and with us what started us, such as `make run`. False where no shell would:
        the program is all that this terminal runs."""
        group = os.getpgrp()
        if os.getsid(0) == group:
            return False
        self.suspend_application_mode()
        self._must_signal_resume = True
        os.killpg(group, signal.SIGSTOP)
        return True

    async def _calm(self) -> None:
        """Wait until no part of the screen has a message to deal with, and the focus rests. A while after the key that moved
        it, it does where no message waits."""
        before: object = self
        while True:
            screen = self._app.screen
            parts = (self._app, *screen.walk_children(with_self=True))
            waits = any(part.message_queue_size for part in parts)
            now = (screen, screen.focused)
            if not waits and (now == before or time.monotonic() - self._moved > CALM_S):
                return
            before = None if waits else now
            await asyncio.sleep(CALM_S)
