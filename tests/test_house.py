"""The rules of the house that a test can hold: who may import whom, and what opening the tutor may load."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
HEAVY = ("torch", "transformers", "numpy", "anthropic")


def modules_after(statement: str) -> set[str]:
    """The top-level modules that are loaded after the statement, in a fresh interpreter."""
    code = f"{statement}\nimport sys, json\nprint(json.dumps(sorted(m for m in sys.modules)))"
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    return set(json.loads(out.stdout.splitlines()[-1]))


def test_import_contracts_hold() -> None:
    done = subprocess.run(
        [sys.executable, "-c", "from importlinter.cli import lint_imports_command as c; c()", "--no-cache"],
        capture_output=True,
        text=True,
        cwd=ROOT,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_opening_the_tutor_loads_nothing_heavy() -> None:
    assert not modules_after("import tutor.ui.app") & set(HEAVY)


def test_the_catalogue_of_experiments_costs_no_torch() -> None:
    assert not modules_after("from engine.experiments import catalogue; catalogue()") & set(HEAVY)


def test_the_command_line_reads_its_arguments_before_it_imports() -> None:
    loaded = modules_after("import tutor.cli")
    assert not loaded & {*HEAVY, "textual", "pydantic", "yaml", "rich", "platformdirs"}


@pytest.mark.parametrize(
    "module",
    ["tutor.course", "tutor.loop", "tutor.session", "tutor.dialogue.voice", "tutor.journal", "tutor.plain.home"],
)
def test_the_core_never_meets_the_screen(module: str) -> None:
    assert "textual" not in modules_after(f"import {module}")


def test_the_engine_never_meets_the_tutor() -> None:
    loaded = modules_after("import engine.client, engine.lab, engine.models")
    assert not {m.split(".")[0] for m in loaded} & {"tutor", "textual"}


def test_the_tutoring_rules_have_one_source() -> None:
    rules = (ROOT / "tutor" / "dialogue" / "rules.md").read_text().strip()
    page = (ROOT / "CLAUDE.md").read_text()
    assert page.split("<!-- rules -->")[1].split("<!-- /rules -->")[0].strip() == rules
