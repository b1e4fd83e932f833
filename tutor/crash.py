"""The end of a program that went wrong where nobody thought it could: one line for the person, a log for the report."""

from __future__ import annotations

import os
import re
import sys
import tempfile
import traceback
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

from tutor import __version__

EXIT_STATUS = 70
SECRET_NAMES = re.compile(r"KEY|TOKEN|SECRET|PASSW|CREDENTIAL|AUTH", re.IGNORECASE)
SECRETS = re.compile(r"\bsk-[A-Za-z0-9_-]{8,}|\bBearer\s+\S+")
HIDDEN = "[hidden]"


def write_log(home: Path, error: BaseException) -> Path | None:
    """Write a crash log and return its path; None where there is no place to write.

    It holds where the error came up and its message: no values of variables, no environment, nothing like a key.
    """
    text = "".join(traceback.format_exception(error))
    lines = [
        f"llmw-tutor {__version__}, Python {sys.version.split()[0]}, {sys.platform}",
        datetime.now(UTC).isoformat(timespec="seconds"),
        "",
        redacted(text, os.environ),
    ]
    name = f"crash-{datetime.now(UTC):%Y%m%dT%H%M%S}-{os.getpid()}.log"
    for folder in (home, Path(tempfile.gettempdir())):
        try:
            folder.mkdir(parents=True, exist_ok=True)
            path = folder / name
            with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as log:
                log.write("\n".join(lines).encode("utf-8", "replace").decode())
        except OSError:
            continue
        return path
    return None


def line(home: Path, error: BaseException) -> str:
    """The crash in one line, with the path of its log. Writes the log."""
    path = write_log(home, error)
    where = f"What happened is in {path}; please send it with a report." if path else "No log could be written."
    return f"llmw-tutor: something went wrong that should not have ({type(error).__name__}). {where}"


def redacted(text: str, environ: Mapping[str, str]) -> str:
    """The text without keys: those of the environment, and what looks like one."""
    for name, value in environ.items():
        if SECRET_NAMES.search(name) and len(value) >= 6:
            text = text.replace(value, HIDDEN)
    return SECRETS.sub(HIDDEN, text)
