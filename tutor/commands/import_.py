"""`llmw-tutor import`: what `llmw-tutor export --format json` wrote, brought into the journal of this machine."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from engine.errors import counted
from engine.figures import visible
from tutor.commands import say
from tutor.journal.errors import JournalError
from tutor.journal.import_ import read
from tutor.journal.store import Store

if TYPE_CHECKING:
    from tutor.settings import Settings


def bring_in(file: str, settings: Settings) -> int:
    """Bring the events of the file into the learner's journal. Raises JournalError; then nothing was changed."""
    path = Path(file).expanduser()
    try:
        raw = sys.stdin.buffer.read() if file == "-" else path.read_bytes()
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise JournalError(
            f"{file}: this is no text. What is wanted is a file of `llmw-tutor export --format json`"
        ) from None
    except OSError as error:
        raise JournalError(f"cannot read {file}: {(error.strerror or str(error)).lower()}") from None
    export = read(text, file)
    with Store.open(settings.home, settings.learner) as store:
        brought = store.bring(export.events)
        notices = list(store.notices)
    if export.unknown:
        notices.append(f"{counted(export.unknown, 'event')} of kinds that only a newer llmw-tutor knows: kept for it.")
    for lesson in brought.newer:
        notices.append(f"{lesson}: you had taken it here too; it goes on where the file left it, which is later.")
    for lesson in brought.older:
        notices.append(
            f"{lesson}: you have taken it here since; it goes on where you are, the file's is kept as earlier."
        )
    for notice in notices:
        print(visible(notice), file=sys.stderr)
    what = f"{counted(brought.new, 'event')} of {counted(brought.lessons, 'lesson')}"
    known = f" {brought.known} were here already." if brought.known else ""
    say(f"Brought in {what} for {settings.learner!r}, from the journal of {export.learner!r}.{known}")
    return 0
