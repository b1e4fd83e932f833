"""The command that repeats a run, ready to be pasted into a shell."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

PLAIN = re.compile(r"[\w@%+=:,./-]+", re.ASCII)


def command(experiment: str, parameters: Mapping[str, Any], model: str, seed: int, device: str = "") -> str:
    """`llmw-tutor run ...` with every parameter that was set; those that are None stay away."""
    words = ["llmw-tutor", "run", experiment]
    for name, value in parameters.items():
        if value is not None:
            words += ["--set", f"{name}={_written(value)}"]
    words += ["--model", model, "--seed", str(seed)]
    words += ["--device", device] if device else []
    return " ".join(quoted(word) for word in words)


def of_result(result: Mapping[str, Any]) -> str:
    """The command that repeats the run of this `engine.protocol.Result` (as plain data), on the same device."""
    return command(
        result["experiment"], result["parameters"], result["model"], result["seed"], result.get("device") or ""
    )


def quoted(word: str) -> str:
    """The word for bash or zsh. What a terminal would obey is spelled out: the line can be printed and pasted."""
    if PLAIN.fullmatch(word):
        return word
    if word.isprintable():
        return "'" + word.replace("'", "'\\''") + "'"
    return "$'" + "".join(_spelled(c) for c in word) + "'"


def _spelled(c: str) -> str:
    if c in "'\\":
        return "\\" + c
    if c in "\n\t":
        return "\\n" if c == "\n" else "\\t"
    if c.isprintable():
        return c
    return "".join(f"\\x{byte:02x}" for byte in c.encode(errors="surrogatepass"))  # macOS' bash knows no \u


def _written(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
