"""The command in an exported page repeats the run: pasted into a shell, on a real model, it finds the same."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from html import escape
from pathlib import Path
from typing import Any

import pytest
from markdown_it import MarkdownIt

from tutor.events import RunFinished, Started
from tutor.export.html import as_html
from tutor.export.markdown import as_markdown
from tutor.journal.store import Store

ROOT = Path(__file__).parents[2]
PROMPT = 'it\'s "5 > 3" & `so`\n\tand $HOME, -- then 日本'


@pytest.fixture(scope="module")
def tiny() -> str:
    from tests.engine.tiny import tiny_folder

    return str(tiny_folder("llama"))


ENV = {**os.environ, "OMP_NUM_THREADS": "1", "PYTHONPATH": str(ROOT), "LC_ALL": "C.UTF-8"}


def printed(argv: list[str]) -> dict[str, Any]:
    done = subprocess.run(argv, capture_output=True, text=True, env=ENV, cwd=ROOT, timeout=120)
    assert done.returncode == 0, done.stderr
    return dict(json.loads(done.stdout))


def test_the_command_in_the_page_repeats_the_run(home: Path, tiny: str) -> None:
    tutor = [sys.executable, "-m", "tutor.cli"]
    given = [f"prompt={PROMPT}", "temperature=0.7", "n=2", "max_new_tokens=5"]
    sets = [word for pair in given for word in ("--set", pair)]
    first = printed([*tutor, "run", "sampling", *sets, "--seed", "11", "--model", tiny, "--json"])
    with Store.open(home, "me") as store:
        store.append("gone", Started(""))
        store.append("gone", RunFinished("do-it", first))
        markdown, page = (write(store.records(), {}, "me") for write in (as_markdown, as_html))
    (command,) = [t.content.strip() for t in MarkdownIt().parse(markdown) if t.type == "fence" and t.info == "sh"]
    assert command.startswith("llmw-tutor run sampling --set ")
    function = f'llmw-tutor() {{ "{sys.executable}" -m tutor.cli "$@"; }}'
    assert printed(["bash", "-c", f"{function}\n{command} --json"]) == first
    assert f"<code>{escape(command)}</code>" in page
