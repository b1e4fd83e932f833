"""`llmw-tutor run`: one experiment from the shell or from a file, for people and for scripts."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from engine.errors import BadParameter
from engine.experiments import NAMES, Experiment, experiment
from engine.experiments.base import Unit, marks_of
from engine.figures import cell_len, cut, number, unshown, visible
from engine.protocol import DEFAULT_MODEL, SEEDS, Result
from tutor import repeat
from tutor.commands import say, screen_width, table, unknown
from tutor.commands.bench import ask, notice
from tutor.commands.beside import text_of
from tutor.parameters import is_token, misspaced

if TYPE_CHECKING:
    from tutor.settings import Settings

KEYS = ("experiment", "model", "device", "dtype", "seed", "parameters", "facts", "figures")
"""What `--json` prints."""
LONG = 30
"""Cells that a fact may take in the table."""


def run(
    name: str | None,
    given: Sequence[str],
    seed: int | None,
    as_json: bool,
    settings: Settings,
    config: str | None = None,
) -> int:
    """Run an experiment and print it. Raises Unknown and EngineError; a bad parameter before any engine is started.

    config: a file that says what to run, instead of `name`; what is given on the command line goes before it.
    """
    file = None
    if config is not None:
        from tutor.commands.config import read_config  # here, since it needs YAML

        file = read_config(Path(config).expanduser())
    of = find(file.experiment if file else name or "")
    typed = {key: unshown(value) if is_token(of, key) else value for key, value in values(given).items()}
    try:
        parameters = of.parse({**(file.values if file else {}), **typed}).model_dump(mode="json", exclude_unset=True)
        luck = first_given(seed, file.seed if file else None, 0)
        if not 0 <= luck < SEEDS:
            raise BadParameter("seed", f"seed = {luck} is out of range; it must be from 0 to {SEEDS - 1}")
        asked = settings.model if settings.origin.get("model") == "--model" else None
        result = ask(
            settings,
            lambda engine, on_event: engine.run(
                of.name,
                parameters,
                model=asked or (file.model if file else None) or settings.model or DEFAULT_MODEL,
                seed=luck,
                fetch=not settings.offline,
                on_event=on_event,
            ),
        )
    except BadParameter as error:
        if file and error.parameter in file.values and error.parameter not in typed:
            raise file.placed(error) from None
        raise
    if doubt := misspaced(of, parameters, typed):
        notice(f"{doubt}: write --set key=·token for that")
    if as_json:
        print(as_object(result))
    else:
        say(as_text(result, of, repeat.command(of.name, parameters, result.model, luck, result.device)))
    return 0


def first_given(*values: int | None) -> int:
    """The first that is there; the last always is."""
    return next(value for value in values if value is not None)


def find(name: str) -> Experiment:
    """The experiment of that name. Raises Unknown with the names that come near."""
    if name not in NAMES:
        raise unknown("experiment", name, NAMES)
    return experiment(name)


def values(given: Sequence[str]) -> dict[str, str]:
    """The parameters of `--set key=value`. Texts keep every space; what is a number is for the experiment to say."""
    out: dict[str, str] = {}
    for pair in given:
        key, sign, value = pair.partition("=")
        if not sign or not key.strip():
            raise BadParameter("--set", f"--set {pair!r} is not a parameter; write --set key=value")
        if key.strip() in out:
            raise BadParameter(key.strip(), f"{key.strip()} is set twice")
        out[key.strip()] = value
    return out


def as_object(result: Result) -> str:
    """The result as one line of JSON, in ASCII, with null for what is no number."""
    whole = json.loads(result.model_dump_json())
    return json.dumps({key: whole[key] for key in KEYS}, allow_nan=False)


def as_text(result: Result, of: Experiment, command: str) -> str:
    """The figures as text, the facts with their units, and the command that repeats the run."""
    where = f"{result.model} on {result.device}" + (f", {result.dtype}" if result.dtype else "")
    head = f"{of.title}: {where}, seed {result.seed}"
    figures = [text_of(figure, screen_width()) for figure in result.figures]
    return "\n\n".join([head, *figures, facts(result.facts, of), f"again: {command}"])


def facts(values: Mapping[str, Any], of: Experiment) -> str:
    """The facts as a table: name, value, unit, what it is. Long texts are cut: the figures have them whole."""
    rows = []
    for name, value in values.items():
        field = of.facts.model_fields.get(name)
        unit = unit_of(field)
        for i, part in enumerate(value if isinstance(value, list) else [value]):
            about = field.description or "" if field else ""
            value = number(part) if cell_len(number(part)) <= LONG else cut(number(part), LONG - 1) + "…"
            rows.append([name, value, unit, about] if i == 0 else ["", value, "", ""])
    return table(["fact", "value", "unit", "what it is"], [[visible(cell) for cell in row] for row in rows])


def unit_of(field: Any) -> str:
    """The unit a fact or parameter is said in; empty where it has none."""
    return next((m.name for m in marks_of(field) if isinstance(m, Unit)), "") if field else ""
