"""llmw-tutor on the command line. Arguments first, imports later: a command pays only for what it uses."""

from __future__ import annotations

import argparse
import errno
import os
import re
import shlex
import sys
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, NoReturn

from tutor import __version__

if TYPE_CHECKING:
    from tutor.settings import Settings

ABOUT = """Predict what a language model will do, run it, explain the difference.

Without a command it opens the tutor, at LESSON if one is named (`llmw-tutor lessons` lists them)."""

OK, PROBLEM, USAGE, INTERRUPTED, BROKEN_PIPE = 0, 1, 2, 130, 141
OURS = ("tutor", "engine", "lessons")

Command = Callable[[argparse.Namespace, "Settings"], int]


class Parser(argparse.ArgumentParser):
    """Says in one line what is wrong with the arguments; the whole usage is a `--help` away."""

    def error(self, message: str) -> NoReturn:
        self.exit(USAGE, f"{self.prog}: {message}; see {self.prog} --help\n")


def parser(name: str, about: str, *, command: bool = True) -> argparse.ArgumentParser:
    """A parser whose help ends with the options that every command takes. They are read before it: see `split`."""
    of = Parser(
        prog=f"llmw-tutor {name}".strip(),
        description=about,
        allow_abbrev=False,
        parents=[everywhere()],
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    if not command:
        of.add_argument("lesson", nargs="?", metavar="LESSON", help="the id of a lesson")
        of.epilog = "commands:\n" + "\n".join(f"  {n:<12} {a}" for n, (a, _) in COMMANDS.items())
    return of


def everywhere() -> argparse.ArgumentParser:
    """The options that work before and after any command."""
    of = Parser(prog="llmw-tutor", add_help=False, allow_abbrev=False)
    group = of.add_argument_group("options everywhere")
    group.add_argument("--home", metavar="DIR", help="your folder: journal, config.toml, logs (LLMW_HOME)")
    group.add_argument("--learner", metavar="NAME", help="whose journal; several learners can share a home")
    group.add_argument("--plain", action="store_true", help="line by line: for a screen reader or a pipe (LLMW_PLAIN)")
    group.add_argument("--offline", action="store_true", help="stay off the network (LLMW_OFFLINE)")
    group.add_argument("--model", metavar="M", help="a model's name or folder (LLMW_MODEL)")
    group.add_argument("--device", metavar="D", help="auto, cuda, mps or cpu (LLMW_DEVICE)")
    group.add_argument("--budget", metavar="B", help="memory the engine may use, such as 12GB (LLMW_BUDGET)")
    group.add_argument("--cache", metavar="DIR", help="where models are kept (LLMW_CACHE)")
    group.add_argument("--engine", metavar="CMD", help="the command that starts the engine (LLMW_ENGINE)")
    group.add_argument("--lessons", metavar="DIR", action="append", help="a folder of lessons; may be given again")
    group.add_argument("--version", action="version", version=f"llmw-tutor {__version__}")
    return of


def split(argv: Sequence[str]) -> tuple[argparse.Namespace, str | None, argparse.Namespace]:
    """(options everywhere, command or None for the tutor itself, the command's own arguments). Exits 2 on bad usage."""
    options, rest = everywhere().parse_known_args(argv)
    name = rest[0] if rest and rest[0] in COMMANDS else None
    if name is None:
        return options, None, parser("", ABOUT, command=False).parse_args(rest)
    about, _ = COMMANDS[name]
    of = parser(name, about)
    if name in ARGUMENTS:
        ARGUMENTS[name](of)
    args, more = of.parse_known_args(rest[1:])
    if more:
        of.error(too_much(name, more))
    return options, name, args


def too_much(command: str, more: Sequence[str]) -> str:
    """What is said of words that a command does not take; a parameter without its `--set` is what is meant mostly."""
    pairs = [word for word in more if re.match(r"[a-z_]+=", word)] if command == "run" else []
    right = f"; a parameter is written --set {shlex.quote(pairs[0])}" if pairs else ""
    return f"unrecognized arguments: {' '.join(more)}{right}"


# --- what each command takes ----------------------------------------------------------------------------------------


def run_arguments(of: argparse.ArgumentParser) -> None:
    what = of.add_mutually_exclusive_group(required=True)
    what.add_argument(
        "experiment", metavar="NAME", nargs="?", help="an experiment (`llmw-tutor experiments` lists them)"
    )
    what.add_argument("--config", metavar="FILE", help="a YAML file that says what to run, such as docs/my-run.yaml")
    of.add_argument("--set", metavar="KEY=VALUE", action="append", default=[], help="a parameter; may be given again")
    of.add_argument("--seed", metavar="N", type=int, help="where chance starts (0)")
    of.add_argument("--json", action="store_true", help="one JSON object on standard output and nothing else")


def experiments_arguments(of: argparse.ArgumentParser) -> None:
    of.add_argument("experiment", metavar="NAME", nargs="?", help="show this one: parameters, ranges, facts, its page")


def check_arguments(of: argparse.ArgumentParser) -> None:
    of.add_argument("paths", metavar="PATH", nargs="*", help="lesson files or folders; without any, all lessons")
    of.add_argument("--run", action="store_true", help="also run every experiment and see whether the lesson is true")


def models_arguments(of: argparse.ArgumentParser) -> None:
    of.add_argument("--fetch", metavar="NAME", help="fetch this model now, so that it is here without a network")


def doctor_arguments(of: argparse.ArgumentParser) -> None:
    of.add_argument(
        "--show-prompt",
        metavar=("LESSON", "STEP"),
        nargs=2,
        help="print what would be sent to Claude, and send nothing",
    )


def export_arguments(of: argparse.ArgumentParser) -> None:
    of.add_argument(
        "--format",
        choices=("md", "html", "json"),
        help="Markdown for a blog, one page of HTML, or JSON of every event (which `import` reads); "
        "without it the name of FILE says which, and standard output gets Markdown",
    )
    of.add_argument("--lesson", metavar="ID", help="this lesson alone")
    of.add_argument("-o", "--output", metavar="FILE", help="write it there instead of to standard output")
    of.add_argument("--force", action="store_true", help="write over a FILE that is there already")
    of.add_argument(
        "--pictures",
        choices=("files", "inline", "none"),
        help="pictures of the figures: in a folder beside FILE (Markdown's way), inline (HTML's way), or none; text always",
    )


def import_arguments(of: argparse.ArgumentParser) -> None:
    of.add_argument("file", metavar="FILE", help="what `llmw-tutor export --format json` wrote; - is standard input")


def _amount(typed: str) -> int:
    """A whole number from 1 on. Raises argparse's own error."""
    if re.fullmatch(r"0*[1-9]\d{0,8}", typed, re.ASCII):
        return int(typed)
    raise argparse.ArgumentTypeError(f"{typed!r} is no whole number from 1 on")


def search_arguments(of: argparse.ArgumentParser) -> None:
    of.add_argument("words", metavar="WORD", nargs="+", help="what must be in it, all of it, in any case")
    of.add_argument(
        "--limit", metavar="N", type=_amount, default=50, help="show at most so many, the newest first (50)"
    )


def _lessons(args: argparse.Namespace, settings: Settings) -> int:
    from tutor.commands.catalogue import lessons

    return lessons(settings)


def _experiments(args: argparse.Namespace, settings: Settings) -> int:
    from tutor.commands.catalogue import experiments

    return experiments(args.experiment)


def _run(args: argparse.Namespace, settings: Settings) -> int:
    from tutor.commands.run import run

    return run(args.experiment, args.set, args.seed, args.json, settings, args.config)


def _check(args: argparse.Namespace, settings: Settings) -> int:
    from pathlib import Path

    from tutor.checks.check import check_paths

    return check_paths([Path(p) for p in args.paths], settings, args.run, sys.stdout)


def _models(args: argparse.Namespace, settings: Settings) -> int:
    from tutor.commands.models import fetch, models

    return fetch(args.fetch, settings) if args.fetch else models(settings)


def _doctor(args: argparse.Namespace, settings: Settings) -> int:
    if args.show_prompt:
        from tutor.commands.prompt import show_prompt

        lesson, step = args.show_prompt
        return show_prompt(lesson, step, settings)
    from tutor.commands.doctor import doctor

    return doctor(settings, getattr(args, "problem", None))


def _export(args: argparse.Namespace, settings: Settings) -> int:
    from tutor.commands.export import export

    return export(args.format, args.lesson, args.output, args.pictures, settings, args.force)


def _import(args: argparse.Namespace, settings: Settings) -> int:
    from tutor.commands.import_ import bring_in

    return bring_in(args.file, settings)


def _search(args: argparse.Namespace, settings: Settings) -> int:
    from tutor.commands.search import search

    return search(args.words, args.limit, settings)


COMMANDS: dict[str, tuple[str, Command]] = {
    "lessons": ("List the lessons and how far you are in each.", _lessons),
    "experiments": ("List the experiments, or show one.", _experiments),
    "run": ("Run one experiment and print what it found.", _run),
    "check": ("Check lessons: exit 0 if all is well, 1 if not.", _check),
    "models": ("List the models, or fetch one.", _models),
    "doctor": ("See whether everything works, and what to do where it does not.", _doctor),
    "export": ("Write out what you did: predictions, results, takeaways.", _export),
    "import": ("Bring in a journal from another machine.", _import),
    "search": ("Search what you wrote, what the tutor said, what was run.", _search),
}
ARGUMENTS: dict[str, Callable[[argparse.ArgumentParser], None]] = {
    "run": run_arguments,
    "experiments": experiments_arguments,
    "check": check_arguments,
    "models": models_arguments,
    "doctor": doctor_arguments,
    "export": export_arguments,
    "import": import_arguments,
    "search": search_arguments,
}


# --- doing it -------------------------------------------------------------------------------------------------------


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command. Returns the exit status: 0, or 1 problems, 2 usage, 3 model, 4 engine, 70 crash, 130 ctrl+c."""
    _open()
    try:
        try:
            for stream in (sys.stdout, sys.stderr):
                if hasattr(stream, "reconfigure"):
                    stream.reconfigure(errors="replace")  # a terminal that cannot show a sign gets a question mark
            return _main(sys.argv[1:] if argv is None else argv)
        finally:
            sys.stdout.flush()
    except KeyboardInterrupt:
        print("\nStopped.", file=sys.stderr)
        return INTERRUPTED
    except BrokenPipeError:
        # Whoever read our output has gone. Python would complain once more when it flushes at its end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return BROKEN_PIPE


def _open() -> None:
    """Whoever closed our input or output gets as little as from /dev/null; Python leaves None there."""
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, mode, encoding="utf-8"))  # noqa: SIM115  # as long as the program


def _main(argv: Sequence[str]) -> int:
    options, name, args = split(argv)
    from tutor.settings import Settings, SettingsError, home_of, load

    given: dict[str, Any] = vars(options)
    home = home_of(given, os.environ)
    try:
        try:
            settings = load(given)
        except SettingsError as error:
            if name != "doctor":
                return fail(str(error), USAGE)
            settings, args.problem = Settings(home=home), str(error)
        return COMMANDS[name][1](args, settings) if name else _tutor(args.lesson, settings)
    except (KeyboardInterrupt, BrokenPipeError):
        raise
    except Exception as error:
        return _failed(error, home)


def _tutor(lesson: str | None, settings: Settings) -> int:
    if lesson is not None:
        from tutor.commands.catalogue import find_lesson

        find_lesson(lesson, settings, beside=COMMANDS)
    served = "TEXTUAL_DRIVER" in os.environ  # textual-serve speaks with the tutor over pipes
    if not (settings.plain or served or (sys.stdin.isatty() and sys.stderr.isatty())):
        return fail("the tutor needs a terminal; with --plain it works line by line, over a pipe too", USAGE)
    if settings.plain:
        from tutor.plain import run_plain

        return run_plain(settings, lesson)
    from tutor.ui.app import run_app

    return run_app(settings, lesson)


def _failed(error: Exception, home: Any) -> int:
    """The line and the exit status for an error that ended a command."""
    if isinstance(error, ModuleNotFoundError) and (error.name or "").split(".")[0] not in OURS:
        print(f"llmw-tutor: the package {error.name} is missing; install llmw-tutor again", file=sys.stderr)
        return PROBLEM
    from engine.errors import AGAIN, EngineError
    from tutor.commands import Unknown
    from tutor.journal.errors import JournalError

    match error:
        case Unknown():
            return fail(str(error), USAGE)
        case OSError() if error.errno in (errno.ENOSPC, errno.EDQUOT):
            return fail(f"could not be written: {(error.strerror or 'the disk is full').lower()}", PROBLEM)
        case EngineError():
            return fail(str(error).removesuffix(f". {AGAIN}"), error.exit_status)
        case JournalError():
            return fail(str(error), PROBLEM)
    from tutor import crash

    print(crash.line(home, error), file=sys.stderr)
    return crash.EXIT_STATUS


def fail(message: str, status: int) -> int:
    """Say in one line what was wrong, on standard error."""
    from engine.figures import visible

    print("llmw-tutor: " + "\n".join(map(visible, message.splitlines())), file=sys.stderr)
    return status


if __name__ == "__main__":
    sys.exit(main())
