"""The real program in a real (pseudo-)terminal: start it, read its screen, press keys, kill it.

Used by the tests that take the program as a person would, by the benchmarks, and by whoever wants to look at a screen.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import pty
import select
import signal
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Callable, Mapping, Sequence
from types import TracebackType

import pyte

TUTOR = [sys.executable, "-P", "-m", "tutor.cli"]
KEYS = {
    "enter": "\r", "esc": "\x1b", "tab": "\t", "up": "\x1b[A", "down": "\x1b[B", "right": "\x1b[C", "left": "\x1b[D",
    "backspace": "\x7f", "f1": "\x1bOP", "pageup": "\x1b[5~", "pagedown": "\x1b[6~",
    **{f"ctrl+{c}": chr(ord(c) - 96) for c in "abcdefghijklmnopqrstuvwxyz"},
}  # fmt: skip


class Terminal:
    """A program in a pseudo-terminal of `columns` x `rows`. Reading it is pumping it: nothing happens between calls."""

    def __init__(
        self, argv: Sequence[str], columns: int = 80, rows: int = 24, env: Mapping[str, str] | None = None
    ) -> None:
        self.screen = pyte.Screen(columns, rows)
        self.stream = pyte.ByteStream(self.screen)
        self.raw = b""
        self.master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        merged = {**os.environ, "TERM": "xterm-256color", "COLORTERM": "truecolor", "LANG": "C.UTF-8", **(env or {})}
        merged.pop("NO_COLOR", None) if not (env and "NO_COLOR" in env) else None
        self.began = time.perf_counter()
        self.process = subprocess.Popen(
            argv, stdin=slave, stdout=slave, stderr=slave, env=merged, start_new_session=True, close_fds=True
        )
        os.close(slave)

    def __enter__(self) -> Terminal:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        self.kill()
        os.close(self.master)

    @property
    def text(self) -> str:
        """The screen as it is, line by line."""
        return "\n".join(line.rstrip() for line in self.screen.display)

    def read(self, seconds: float = 0.0) -> bytes:
        """What the program has written, waiting at most so long for it; the screen does not know of it yet."""
        ready, _, _ = select.select([self.master], [], [], seconds)
        try:
            return os.read(self.master, 1 << 16) if ready else b""
        except OSError:  # the program has ended
            return b""

    def feed(self, data: bytes) -> None:
        """Put what was read on the screen."""
        self.raw += data
        self.stream.feed(data)

    def pump(self, seconds: float = 0.0) -> bool:
        """Take in what the program has written, waiting at most so long for it. False when it wrote nothing."""
        data = self.read(seconds)
        self.feed(data)
        return bool(data)

    def painted(self, key: str, timeout: float = 5.0) -> tuple[float, bytes]:
        """Press a key: seconds until the last byte of what the program then paints, and what that is.

        A frame has ended when nothing more came for 10 ms. The screen takes it in only then: that costs more than
        most frames do. Raises TimeoutError where nothing is painted.
        """
        began = last = time.perf_counter()
        self.press(key)
        data = b""
        while more := self.read(0.01 if data else timeout):
            data, last = data + more, time.perf_counter()
        if not data:
            raise TimeoutError(f"nothing was painted after {key!r}; the screen was:\n{self.text}")
        self.feed(data)
        return last - began, data

    def wait(self, until: str | Callable[[str], bool], timeout: float = 30.0) -> str:
        """Pump until the screen holds the text, or the predicate of the screen is true. Raises TimeoutError with the screen."""
        true = (lambda screen: until in screen) if isinstance(until, str) else until
        deadline = time.monotonic() + timeout
        while not true(self.text):
            left = deadline - time.monotonic()
            if left <= 0:
                raise TimeoutError(f"waited {timeout} s for {until!r}; the screen was:\n{self.text}")
            if not self.pump(min(left, 0.25)) and self.process.poll() is not None and not true(self.text):
                raise TimeoutError(f"the program ended with {self.process.returncode} before {until!r}:\n{self.text}")
        return self.text

    def press(self, *keys: str) -> None:
        """Press keys by name (`enter`, `ctrl+p`) or type a text as it is."""
        for key in keys:
            os.write(self.master, KEYS.get(key, key).encode())

    def resize(self, columns: int, rows: int) -> None:
        self.screen.resize(rows, columns)
        fcntl.ioctl(self.master, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        self.process.send_signal(signal.SIGWINCH)

    def kill(self) -> None:
        """SIGKILL: no time for the program to tidy up."""
        with contextlib.suppress(ProcessLookupError):
            self.process.kill()
        self.process.wait()

    def end(self, timeout: float = 15.0) -> int:
        """Wait for the program to end by itself and return its exit status."""
        deadline = time.monotonic() + timeout
        while self.process.poll() is None and time.monotonic() < deadline:
            self.pump(0.1)
        return self.process.wait(max(0.1, deadline - time.monotonic()))
