"""`llmw-tutor export`: the journal as a page or as data."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from engine.figures import visible
from tutor.commands import unknown
from tutor.journal.errors import JournalError
from tutor.journal.export import as_json, as_markdown
from tutor.journal.store import Store

if TYPE_CHECKING:
    from tutor.settings import Settings


def export(kind: str, lesson: str | None, output: str | None, settings: Settings) -> int:
    """Write what the learner did. Raises Unknown for a lesson that was never taken, JournalError."""
    with Store.read(settings.home, settings.learner) as store:
        records = list(store.records())
        notices = store.notices
    taken = sorted({r.lesson for r in records})
    if lesson is not None:
        if lesson not in taken:
            raise unknown("lesson in this journal", lesson, taken)
        records = [r for r in records if r.lesson == lesson]
    if kind == "json":
        text = as_json(records, settings.learner)
    else:
        from tutor.course import load_course

        course = load_course(settings.lessons)
        text = as_markdown(records, {x.id: x for x in course.lessons}, settings.learner)
    for notice in notices:
        print(visible(notice), file=sys.stderr)
    if output is None or output == "-":
        sys.stdout.write(text)
    else:
        _write(Path(output), text)
    return 0


def _write(path: Path, text: str) -> None:
    """The whole file or nothing. Raises JournalError."""
    staged = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        staged.write_text(text, encoding="utf-8", errors="replace")
        os.replace(staged, path)
    except OSError as error:
        staged.unlink(missing_ok=True)
        raise JournalError(f"cannot write {path}: {(error.strerror or str(error)).lower()}") from None
