"""What the screen remembers between two visits: `ui.json` in the home folder. Losing it costs nothing."""

from __future__ import annotations

import json
import os
from pathlib import Path

FILE = "ui.json"


def load(home: Path) -> dict[str, str]:
    """What was kept; empty where nothing was or the file cannot be read."""
    try:
        kept = json.loads((home / FILE).read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return {str(k): v for k, v in kept.items() if isinstance(v, str)} if isinstance(kept, dict) else {}


def save(home: Path, **values: str) -> None:
    """Keep these values beside what was kept before. A disk that refuses is no reason to stop a lesson."""
    path = home / FILE
    staged = path.with_suffix(".new")
    try:
        home.mkdir(parents=True, exist_ok=True)
        staged.write_text(json.dumps({**load(home), **values}, indent=1), "utf-8")
        os.replace(staged, path)
    except OSError:
        pass
