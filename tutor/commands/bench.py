"""The engine as a command uses it: started, asked one thing, closed, with its progress on standard error."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import TYPE_CHECKING, TypeVar

from engine.client import Engine
from engine.errors import ModelUnavailable
from engine.figures import visible
from engine.protocol import Partial, Progress

if TYPE_CHECKING:
    from tutor.settings import Settings

T = TypeVar("T")
OnEvent = Callable[[Progress | Partial], None]


def notice(line: str) -> None:
    """An odd line of the engine's, kept apart from what the command prints."""
    print(visible(line), file=sys.stderr)


def ask(
    settings: Settings,
    work: Callable[[Engine, OnEvent], Awaitable[T]],
    on_notice: Callable[[str], None] = notice,
) -> T:
    """Do some work with an engine of its own. Raises what the work raises; ctrl+c ends the engine too. Who stays offline is
    told so where a model is missing."""

    async def main() -> T:
        with suppress(OSError):
            settings.home.mkdir(parents=True, exist_ok=True)  # for the engine's log
        engine = Engine(**settings.engine_options(), on_notice=on_notice)
        try:
            with Bar() as bar:
                return await work(engine, bar)
        finally:
            await engine.close()

    try:
        return asyncio.run(main())
    except ModelUnavailable as error:
        if not settings.offline:
            raise
        raise ModelUnavailable(f"{error}. Nothing is fetched while offline: {settings.origin['offline']}") from None


class Bar:
    """A progress bar where standard error is a terminal; nothing at all elsewhere."""

    def __enter__(self) -> Bar:
        self._progress = None
        if sys.stderr.isatty():
            from rich.console import Console
            from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

            self._progress = Progress(
                TextColumn("{task.description}", markup=False),
                BarColumn(),
                TextColumn("{task.fields[amount]}", markup=False),
                TimeElapsedColumn(),
                console=Console(stderr=True, highlight=False),
                transient=True,
            )
            self._progress.start()
            self._task = self._progress.add_task("starting the engine", total=None, amount="")
        return self

    def __call__(self, event: Progress | Partial) -> None:
        if self._progress is not None and isinstance(event, Progress):
            self._progress.update(
                self._task,
                description=visible(event.label),
                completed=event.done,
                total=event.total or None,
                amount=event.amount,
            )

    def __exit__(self, *_: object) -> None:
        if self._progress is not None:
            self._progress.stop()
