"""A terminal that goes away without a signal, as under nohup: the tutor goes too."""

from __future__ import annotations

import os
import threading

EVERY_S = 1.0


def watch(fd: int) -> None:
    """End the process once `fd` is a terminal no more. Every event is in the journal by then, and the engine ends with its
    input.

    In a thread of its own and without a goodbye: by then Textual reads the end of its input on a whole core, and its
    screen may wait for ever for somebody to paint to.
    """

    def look() -> None:
        while os.isatty(fd):
            never.wait(EVERY_S)
        os._exit(0)

    never = threading.Event()
    if os.isatty(fd):
        threading.Thread(target=look, name="hangup", daemon=True).start()
