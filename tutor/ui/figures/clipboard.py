"""Copying: through the terminal (OSC 52, works over ssh) and the system's own tool, as neither is there everywhere."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from contextlib import suppress
from functools import partial

from textual.app import App

SECONDS = 2


def copy(app: App[object], text: str) -> None:
    """Put `text` on the clipboard. Returns at once; the system's tool, if there is one, runs in a thread."""
    app.copy_to_clipboard(text)
    if not app.is_headless and (command := system_tool()):
        app.run_worker(partial(hand_over, command, text), group="clipboard", thread=True, exit_on_error=False)


def system_tool() -> list[str] | None:
    """The command that fills the clipboard of this desktop, or None."""
    tools = []
    if sys.platform == "darwin":
        tools.append(["pbcopy"])
    if os.environ.get("WAYLAND_DISPLAY"):
        tools.append(["wl-copy"])
    if os.environ.get("DISPLAY"):
        tools += [["xclip", "-selection", "clipboard"], ["xsel", "--clipboard", "--input"]]
    if os.environ.get("TMUX"):  # it lets nobody but itself set the terminal's clipboard, as it comes
        tools.append(["tmux", "load-buffer", "-w", "-"])
    return next((tool for tool in tools if shutil.which(tool[0])), None)


def hand_over(command: list[str], text: str) -> None:
    """Give `text` to the tool. Its output goes nowhere, as the terminal is the screen's."""
    with suppress(OSError, subprocess.TimeoutExpired):
        subprocess.run(
            command,
            input=text.encode(),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            timeout=SECONDS,
            start_new_session=True,
        )
