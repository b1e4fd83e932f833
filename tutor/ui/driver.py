"""Textual's way to the terminal, which what cannot be read does not end."""

from __future__ import annotations

from textual.drivers.linux_driver import LinuxDriver

UNREADABLE = "What was just typed or pasted cannot be read, and was not taken. The terminal should send UTF-8."


class Terminal(LinuxDriver):
    """Reads on after a byte that is no UTF-8, or a key that no character has: the reader of Textual 8.2 would end with it,
    and the whole program without a word."""

    def run_input_thread(self) -> None:
        while not self.exit_event.is_set():
            try:
                super().run_input_thread()
            except (ValueError, OverflowError):
                self._app.call_later(self._app.notify, UNREADABLE, severity="warning", timeout=8)
