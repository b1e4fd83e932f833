"""What the learner has set: defaults, HOME/config.toml, the environment, the command line; the later one wins.

No key for any service is ever a setting: keys come from the environment or the system's keyring.
"""

from __future__ import annotations

import os
import re
import shlex
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

APP = "llmw-tutor"
DEVICES = ("auto", "cuda", "mps", "cpu")


class SettingsError(Exception):
    """A setting that cannot be used: where it stands, what was found, what would be right."""


@dataclass(frozen=True)
class Rebound:
    """A line of `[keys]`, as it was found: whether there are such an action and such keys is for the screen to say."""

    action: str
    keys: Any
    where: str
    """The file and the line."""


@dataclass(frozen=True)
class Settings:
    """All settings. Each has a place in config.toml under its own name, but for `home`, where that file lies."""

    home: Path
    """Where the journal, config.toml, the engine's log and crash logs are."""
    engine: str = ""
    """The command that starts the engine (`ssh gpu-box python -m engine`); empty for the engine of this Python."""
    model: str = ""
    """The model to use; empty for the one that the lesson names."""
    device: str = "auto"
    budget: str = ""
    """Memory the engine may use (`12GB`); empty for the engine's own default."""
    cache: Path | None = None
    """Where models are kept; None for the user's cache folder."""
    lessons: tuple[Path, ...] = ()
    """Folders with lessons beside the shipped ones."""
    learner: str = "me"
    offline: bool = False
    """Whether to stay off the network: no fetching of models, questions from the lessons alone."""
    theme: str = ""
    """The screen's theme; empty for the one last chosen there."""
    reduced_motion: bool = False
    """Nothing moves by itself: no animation, no smooth scrolling, words a sentence at a time."""
    plain: bool = False
    """Whether the tutor works line by line, as for a screen reader or a pipe."""
    keys: tuple[Rebound, ...] = ()
    """Keys of the learner's own, from the table `[keys]` of config.toml. `tutor.ui.keymap` reads them."""
    reviews_per_day: int = 5
    """Surprises that come back on one day at most; 0 for none."""
    claude_model: str = "claude-sonnet-5-5"
    """The model that words the tutor's questions, where there is a key. In config.toml: `model` under `[claude]`."""
    claude_effort: str = "low"
    claude_max_tokens: int = 2_000
    """Tokens of one answer at most, thinking included."""
    claude_tokens_per_day: int = 500_000
    """Tokens a day, sent and received; then the lesson's own questions go on."""
    origin: dict[str, str] = field(default_factory=dict, compare=False)
    """Where each setting that is not a default was set: `config.toml`, `LLMW_DEVICE`, `--device`."""

    def engine_options(self) -> dict[str, Any]:
        """How to make the engine: `Engine(**settings.engine_options())`. Its log is in home."""
        return {
            "command": self.engine or None,
            "device": self.device,
            "budget": self.budget or None,
            "cache": self.cache,
            "log": self.home / "engine.log",
        }


KEYS = tuple(f.name for f in fields(Settings) if f.name not in ("home", "origin", "keys"))
IN_ENVIRONMENT = ("engine", "model", "device", "budget", "cache", "offline", "plain", "reduced_motion")
ENVIRONMENT = {f"LLMW_{name.upper()}": name for name in IN_ENVIRONMENT}
ENVIRONMENT |= {f"LLMW_{name.upper()}": name for name in KEYS if name.startswith("claude_")}
FLAGS = ("offline", "plain", "reduced_motion")
AMOUNTS = {
    "reviews_per_day": (0, 100),
    "claude_max_tokens": (100, 100_000),
    "claude_tokens_per_day": (0, 1_000_000_000),
}
EFFORTS = ("default", "low", "medium", "high", "xhigh", "max")
TABLE = "claude"
"""A table of config.toml: its `model` is the setting `claude_model`."""
REBOUND = "keys"
"""The other table of config.toml: an action and its keys a line."""
PATHS = ("cache",)


def home_of(arguments: Mapping[str, Any], environ: Mapping[str, str]) -> Path:
    """The learner's folder: --home, else LLMW_HOME, else the system's place for a user's data."""
    given = arguments.get("home") or environ.get("LLMW_HOME")
    if given:
        return _path(given)
    from platformdirs import user_data_path  # here, since most starts of a test or a script name their home

    return user_data_path(APP, appauthor=False)


def load(arguments: Mapping[str, Any] | None = None, environ: Mapping[str, str] | None = None) -> Settings:
    """The settings in force. `arguments` are those given on the command line, by name. Raises SettingsError."""
    arguments = arguments or {}
    environ = os.environ if environ is None else environ
    home = home_of(arguments, environ)
    values: dict[str, Any] = {}
    origin: dict[str, str] = {}
    for name, value, line in _from_file(home / "config.toml"):
        if name == REBOUND:
            values[name] = value
            continue
        values[name] = _checked(name, value, f"{home / 'config.toml'}:{line}: {written(name)}", base=home)
        origin[name] = "config.toml"
    for variable, name in ENVIRONMENT.items():
        if environ.get(variable):
            values[name] = _checked(name, _from_text(name, environ[variable]), variable)
            origin[name] = variable
    for name in KEYS:
        if arguments.get(name) not in (None, [], False):
            values[name] = _checked(name, arguments[name], f"--{name.replace('_', '-')}")
            origin[name] = f"--{name.replace('_', '-')}"
    return Settings(home=home, origin=origin, **values)


def _from_file(path: Path) -> list[tuple[str, Any, int]]:
    """(key, value, line) of each key in the file; nothing where there is no file. Raises SettingsError."""
    try:
        if path.exists() and not (path.is_file() or path.is_dir()):  # of a pipe there may never be an end
            raise SettingsError(f"{path}: cannot be read: it is no file")
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        return []
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        raise SettingsError(f"{path}:{line}: this is not text in UTF-8; save the file as UTF-8") from None
    except OSError as error:
        raise SettingsError(f"{path}: cannot be read: {(error.strerror or str(error)).lower()}") from None
    import tomllib  # here, since it takes 10 ms to import and few have a config.toml

    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        place = re.search(r"\(at line (\d+), column \d+\)", str(error))
        line = int(place[1]) if place else text.count("\n") + 1
        what = re.sub(r"\s*\(at .*\)$", "", str(error)).lower()
        raise SettingsError(
            f"{path}:{line}: this is not TOML ({what}); write each setting as  key = value, texts in quotes"
        ) from None
    except RecursionError:
        raise SettingsError(f"{path}: this is not TOML that can be read: it is nested too deeply") from None
    for name in (TABLE, REBOUND):
        if not isinstance(table.get(name, {}), dict):
            raise SettingsError(
                f"{path}:{_line_of(name, text)}: {name} is a table; write [{name}] and its keys below it"
            )
    under, rebound = table.pop(TABLE, {}), table.pop(REBOUND, {})
    entries = [(name, value, _line_of(name, text)) for name, value in table.items()]
    start = _line_of(TABLE, text) if under else 1
    entries += [(f"{TABLE}_{name}", value, _line_of(name, text, start)) for name, value in under.items()]
    for name, _, line in entries:
        if name in KEYS and name in table and name.startswith(f"{TABLE}_"):
            key = name.removeprefix(f"{TABLE}_")
            raise SettingsError(f"{path}:{line}: {name} is written as `{key}` in the table [{TABLE}]")
        if name not in KEYS:
            raise SettingsError(f"{path}:{line}: {_unknown(written(name), [written(key) for key in KEYS])}")
    if rebound:
        start = _line_of(REBOUND, text)
        lines = ((name, keys, _line_of_key(name, text, start)) for name, keys in _flat(rebound))
        own = tuple(Rebound(name, keys, f"{path}:{line}") for name, keys, line in lines)
        entries.append((REBOUND, own, start))
    return entries


def _line_of_key(name: str, text: str, start: int) -> int:
    """The line that sets `lesson.skip`: under its whole name, or as `skip` below `[keys.lesson]`."""
    place, _, last = name.rpartition(".")
    whole = _line_of(name, text, start)
    return whole if whole != start or not place else _line_of(last, text, _line_of(f"{REBOUND}.{place}", text, start))


def _flat(table: Mapping[str, Any], before: str = "") -> Iterator[tuple[str, Any]]:
    """The entries of a table and the tables in it: `lesson.skip` is `skip` of `lesson`."""
    for name, value in table.items():
        if isinstance(value, dict) and before.count(".") < 3:  # no action has a name of more parts
            yield from _flat(value, f"{before}{name}.")
        else:
            yield before + name, value


def written(name: str) -> str:
    """A setting as it is named in config.toml: `claude.model` is `model` under `[claude]`."""
    return name.replace(f"{TABLE}_", f"{TABLE}.", 1) if name.startswith(f"{TABLE}_") else name


def _line_of(name: str, text: str, start: int = 1) -> int:
    """The line that sets a key, counted from 1, from line `start` on."""
    for number, line in list(enumerate(text.splitlines(), 1))[start - 1 :]:
        if re.match(rf"\s*(\[+\s*)?[\"']?{re.escape(name)}[\"']?\s*[=.\]]", line):
            return number
    return start


def _unknown(name: str, keys: list[str]) -> str:
    from rapidfuzz import process

    if name == "home":
        return "home: where this file lies is said by --home or LLMW_HOME"
    near = process.extractOne(name, keys, score_cutoff=70)
    if (near is None or near[1] < 85) and re.search(r"key|token|secret|password", name, re.IGNORECASE):
        return f"{name}: keys are never read from this file; set ANTHROPIC_API_KEY in the environment"
    right = f"did you mean {near[0]!r}?" if near else f"there are: {', '.join(keys)}"
    return f"there is no setting {name!r}; {right}"


def _from_text(name: str, text: str) -> Any:
    """The value of an environment variable; what is none is left for the check to refuse."""
    if name in FLAGS:
        return _flag(text)
    return int(text) if name in AMOUNTS and re.fullmatch(r"\s*\d{1,12}\s*", text) else text


def _flag(text: str) -> bool | str:
    """An environment variable that is on or off; anything else is left for the check to refuse."""
    word = text.strip().lower()
    if word in ("1", "true", "yes", "on"):
        return True
    return False if word in ("0", "false", "no", "off") else text


def _checked(name: str, value: Any, where: str, base: Path | None = None) -> Any:
    """The value as the program uses it; paths of a config file are relative to its folder. Raises SettingsError."""
    wanted = _wanted(name, value)
    if wanted:
        raise SettingsError(f"{where} = {value!r}: {wanted}")
    if name == "lessons":
        return tuple(_path(v, base) for v in ([value] if isinstance(value, str) else value))
    if name in PATHS:
        return _path(value, base)
    return value.strip() if isinstance(value, str) else value


def _path(text: str, base: Path | None = None) -> Path:
    path = Path(os.path.expanduser(text))  # unlike Path.expanduser, leaves the ~ of an unknown user alone
    return (base / path if base else path).absolute()


def _is_command(text: str) -> bool:
    try:
        return bool(shlex.split(text))
    except ValueError:
        return False


def _wanted(name: str, value: Any) -> str:
    """What would be right, if this is not; else empty."""
    if name in FLAGS:
        return "" if isinstance(value, bool) else "it is true or false"
    if name in AMOUNTS:
        low, high = AMOUNTS[name]
        fine = isinstance(value, int) and not isinstance(value, bool) and low <= value <= high
        return "" if fine else f"it is a whole number from {low} to {high}"
    if name == "lessons":
        fine = isinstance(value, str) or (isinstance(value, list) and all(isinstance(v, str) for v in value))
        return "" if fine else 'it is a list of folders, such as ["~/my-lessons"]'
    if not isinstance(value, str) or not value.strip():
        return "it is text in quotes, not empty"
    if not value.isprintable():
        return "it is one line without control characters"
    if name == "engine" and not _is_command(value):
        return "a quotation mark is left open; write the command as in a shell"
    if name == "device" and value not in DEVICES:
        return f"it is one of {', '.join(DEVICES)}"
    if name == "claude_effort" and value not in EFFORTS:
        return f"it is one of {', '.join(EFFORTS)}"
    if name == "budget" and not re.fullmatch(r"\s*(\d{1,9}(\.\d+)?\s*[km]|\d{1,6}(\.\d+)?\s*g)i?b\s*", value.lower()):
        return "it is an amount of memory, such as 12GB or 800MB"
    if name == "learner" and len(value) > 40:
        return "it is a name of at most 40 characters"
    return ""
