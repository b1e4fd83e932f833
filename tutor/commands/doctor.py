"""`llmw-tutor doctor`: does everything work, and what to do where it does not. Each question is asked on its own."""

from __future__ import annotations

import importlib.metadata
import os
import platform
import shlex
import shutil
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from engine.figures import pad
from tutor import __version__
from tutor.commands import say

if TYPE_CHECKING:
    from engine.protocol import ModelInfo
    from tutor.settings import Settings

PACKAGES = (
    "textual",
    "torch",
    "transformers",
    "pydantic",
    "PyYAML",
    "rapidfuzz",
    "filelock",
    "safetensors",
    "gguf",
    "anthropic",
)

AGAIN = "install again with `make run`, or with pip as the README says"


@dataclass(frozen=True)
class Finding:
    """One line of the report. `todo` is what to do; `bad` says that something does not work until it is done."""

    topic: str
    found: str
    todo: str = ""
    bad: bool = False

    @property
    def mark(self) -> str:
        return "✗" if self.bad else "·" if self.todo else "✓"


def doctor(settings: Settings, problem: str | None = None) -> int:
    """Print a finding for each thing that the tutor needs. Exit 1 if one of them is bad. Never raises.

    `problem` is what was wrong with the settings, if they could not be read; `settings` are the defaults then.
    """
    bad = False
    for topic, ask in QUESTIONS.items():
        try:
            findings = list(ask(settings))
        except Exception as error:
            findings = [Finding(topic, f"could not be looked at: {type(error).__name__}: {error}", AGAIN, bad=True)]
        if topic == "settings" and problem:
            findings = [Finding("settings", problem, "mend that line; until then the defaults hold", bad=True)]
        for finding in findings:
            show(finding)
            bad = bad or finding.bad
    say("\nSomething needs mending: see the lines with ✗." if bad else "\nAll is well.")
    return int(bad)


def show(finding: Finding) -> None:
    """The finding as it comes: the engine takes a while, and what is known should be there already."""
    indent = " " * 13
    say(f"{finding.mark} {pad(finding.topic, 11)}" + finding.found.replace("\n", "\n" + indent))
    if finding.todo:
        say(f"{indent}→ {finding.todo}")
    sys.stdout.flush()


def versions(settings: Settings) -> Iterator[Finding]:
    system = f"{platform.system()} {platform.machine()}"
    yield Finding("version", f"{__version__}, Python {platform.python_version()}, {system}")
    missing = [package for package in PACKAGES if not installed(package)]
    if missing:
        yield Finding("packages", "missing: " + ", ".join(missing), AGAIN, bad=True)
    else:
        yield Finding("packages", ", ".join(f"{package} {installed(package)}" for package in PACKAGES[:4]))


def installed(package: str) -> str | None:
    """The package's version; None where it is missing."""
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return None


def home(settings: Settings) -> Iterator[Finding]:
    where = settings.home
    if not where.exists():
        yield Finding("home", f"{where}, not there yet: the first lesson makes it")
    elif not where.is_dir():
        yield Finding("home", f"{where} is no folder", "give another one: --home DIR or LLMW_HOME", bad=True)
    elif not os.access(where, os.W_OK | os.X_OK):
        yield Finding("home", f"{where} may not be written", "change who owns it, or use --home DIR", bad=True)
    else:
        room = shutil.disk_usage(where).free
        scarce = room < 10_000_000
        todo = "make room on the disk" if scarce else ""
        yield Finding("home", f"{where}, {room / 1e9:.1f} GB free", todo, scarce)


def chosen(settings: Settings) -> Iterator[Finding]:
    set_ones = [f"{name} = {_written(getattr(settings, name))} ({where})" for name, where in settings.origin.items()]
    if settings.keys:
        set_ones.append(f"keys = {', '.join(f'{one.action}: {one.keys}' for one in settings.keys)} (config.toml)")
    seen = [name for name in ("keys", "theme") if getattr(settings, name)]
    todo = f"whether {' and '.join(seen)} can be taken, the tutor says on its map" if seen else ""
    yield Finding("settings", ", ".join(set_ones) or "all at their defaults", todo)


def _written(value: object) -> str:
    """A setting as it was given."""
    return ", ".join(str(one) for one in value) if isinstance(value, tuple) else str(value)


def journal(settings: Settings) -> Iterator[Finding]:
    from tutor.journal import lock
    from tutor.journal.disk import NAME
    from tutor.journal.errors import JournalError
    from tutor.journal.store import Store

    aside = sorted(p.name for p in settings.home.glob("journal.damaged-*.db"))
    if not (settings.home / NAME).exists():
        yield Finding("journal", "none yet: it begins with the first lesson")
    else:
        try:
            with Store.read(settings.home, settings.learner) as store:
                wrong = store.check()
                learners = {} if wrong else store.learners()
        except JournalError as error:
            yield Finding("journal", str(error), "see the sentence above", bad=True)
        else:
            if wrong:
                todo = "open the tutor: it sets the file aside and begins a new one"
                yield Finding("journal", f"damaged: {wrong}", todo, bad=True)
            else:
                people = ", ".join(f"{name} {n} events" for name, n in learners.items())
                yield Finding("journal", people or "sound, and empty")
    if aside:
        yield Finding("journal", f"damaged and set aside: {', '.join(aside)}", "remove them if you need them no more")
    for holder in lock.busy(settings.home):
        yield Finding("journal", f"open now: {holder.learner}, {holder}")


def lessons(settings: Settings) -> Iterator[Finding]:
    from tutor.course import load_course

    course = load_course(settings.lessons)
    count = f"{len(course.lessons)} lessons in {len({x.unit for x in course.lessons})} units"
    if not course.lessons:
        yield Finding("lessons", "none could be read", AGAIN, bad=True)
    elif not course.problems:
        yield Finding("lessons", count)
    for problem in course.problems:
        yield Finding("lessons", str(problem), "mend it; `llmw-tutor check` says whether it is right", bad=True)


def voice(settings: Settings) -> Iterator[Finding]:
    from tutor.dialogue.key import VARIABLE, find_key
    from tutor.dialogue.usage import Ledger

    key = None if settings.offline else find_key(os.environ)
    if key is None:
        why = "offline" if settings.offline else f"{VARIABLE} is not set"
        if not settings.offline and os.environ.get(VARIABLE):
            todo = "set it again: letters, digits, no space"
            yield Finding("voice", f"the lesson's own questions: {VARIABLE} holds no key", todo)
        else:
            yield Finding("voice", f"the lesson's own questions ({why})")
    else:
        gateway = ", through ANTHROPIC_BASE_URL" if os.environ.get("ANTHROPIC_BASE_URL") else ""
        yield Finding(
            "voice", f"{settings.claude_model}, effort {settings.claude_effort}, key from {key.origin}{gateway}"
        )
    ledger = Ledger(settings.home)
    today, ever = ledger.day(), ledger.ever()
    if not ever.requests and not ever.faults:
        return
    sums = f"{today.input:,} in, {today.cached:,} cached, {today.output:,} out"
    yield Finding("tokens", f"today {sums}; the day's limit is {settings.claude_tokens_per_day:,}")
    turns = ", ".join(f"{name} {n}" for name, n in sorted(ever.turns.items()))
    rules = ", ".join(f"{f'rule {rule}' if rule else 'cut off'} {n}" for rule, n in sorted(ever.refused.items()))
    yield Finding(
        "gate", f"turns: {turns or 'none'}; refused: {rules or 'none'}; misfits {ever.misfits}, faults {ever.faults}"
    )


def terminal(settings: Settings) -> Iterator[Finding]:
    size = shutil.get_terminal_size()
    encoding = (getattr(sys.stdout, "encoding", None) or "unknown").lower()
    term = os.environ.get("TERM", "")
    colours = "NO_COLOR is set" if os.environ.get("NO_COLOR") else os.environ.get("COLORTERM") or term or "unknown"
    found = f"{size.columns}x{size.lines}, {colours}, {encoding}"
    if not sys.stdout.isatty():
        yield Finding("terminal", f"none: the output goes to a file or a pipe ({encoding})")
    elif "utf" not in encoding:
        yield Finding("terminal", found, "set the locale to UTF-8: export LC_ALL=C.UTF-8", bad=True)
    elif term == "dumb":
        yield Finding("terminal", found, "open the tutor in a terminal that can place its cursor", bad=True)
    elif size.columns < 80 or size.lines < 24:
        yield Finding("terminal", found, "make it 80x24 or larger; below 60x20 not everything is seen")
    else:
        yield Finding("terminal", found)


def engine(settings: Settings) -> Iterator[Finding]:
    from engine.client import Engine
    from engine.errors import EngineError
    from engine.protocol import Hello
    from tutor.commands.bench import ask

    async def look(engine: Engine, _: object) -> tuple[Hello, list[ModelInfo]]:
        return await engine.start(), await engine.models()

    command = shlex.join(Engine(**settings.engine_options()).command)
    log = f"its log is {settings.home / 'engine.log'}"
    try:
        notices: list[str] = []
        hello, models = ask(settings, look, notices.append)
    except EngineError as error:
        todo = "see LLMW_ENGINE" if settings.engine else AGAIN
        yield Finding("engine", f"{command}\n{error}", f"{log}; {todo}", bad=True)
        return
    yield Finding("engine", f"{command}\ntorch {hello.torch}, transformers {hello.transformers}")
    budget = f"budget {hello.budget / 1e9:.1f} GB" if hello.budget else "no memory budget"
    yield from (Finding("engine", line, log) for line in notices if line != hello.note)
    yield Finding("device", f"{hello.device} ({hello.device_name}), {budget}", hello.note)
    yield model(settings, {m.name: m for m in models})


def model(settings: Settings, known: Mapping[str, ModelInfo]) -> Finding:
    """Whether the model is there, and in which folder; `known` are those with a short name."""
    from engine.protocol import DEFAULT_MODEL

    name = settings.model or DEFAULT_MODEL
    fetch = f"llmw-tutor models --fetch {name}"
    if name not in known:
        return Finding(
            "model", f"{name} has no short name: whether it can be had shows when it is loaded", f"to try: {fetch}"
        )
    if known[name].here:
        return Finding("model", f"{name} is here, {known[name].note}".rstrip(", "))
    if settings.offline:
        return Finding("model", f"{name} is not here, and offline it stays away", f"go online once: {fetch}", bad=True)
    return Finding("model", f"{name} is not here yet: the first run fetches it", f"to have it now: {fetch}")


Question = Callable[["Settings"], Iterator[Finding]]
QUESTIONS: dict[str, Question] = {
    "packages": versions,
    "home": home,
    "settings": chosen,
    "journal": journal,
    "lessons": lessons,
    "voice": voice,
    "terminal": terminal,
    "engine": engine,
}
