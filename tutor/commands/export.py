"""`llmw-tutor export`: the journal as Markdown, as one page of HTML, or as data."""

from __future__ import annotations

import base64
import os
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

from engine.errors import counted
from engine.figures import Figure, visible
from tutor.commands import Unknown, unknown
from tutor.export.markdown import as_markdown, no_picture
from tutor.journal import again
from tutor.journal.errors import JournalError
from tutor.journal.export_json import as_json
from tutor.journal.store import Store

if TYPE_CHECKING:
    from tutor.settings import Settings

SUFFIXES = {".md": "md", ".markdown": "md", ".html": "html", ".htm": "html", ".json": "json", "": "md"}
"""What a file is to hold, by the end of its name."""


def export(
    kind: str | None,
    lesson: str | None,
    output: str | None,
    pictures: str | None,
    settings: Settings,
    force: bool = False,
) -> int:
    """Write what the learner did. Raises Unknown for a lesson that was never taken or a file of no known kind, JournalError.

    kind: `md`, `html` or `json`; without one the name of the file says it. force: write over files that are there.
    pictures: for Markdown, `files` in a folder beside it, `inline` as addresses that hold them, or `none`. A page of HTML
    has them in it, or none.
    """
    target = None if output in (None, "-") else Path(output or "").expanduser()
    kind = kind or kind_of(target)
    without = pictures == "none"
    pictures = pictures or ("files" if target else "none")
    if kind == "md" and pictures == "files" and target is None:
        raise JournalError("pictures in files need a file beside which they lie: -o FILE, or --pictures inline")
    if target and not target.parent.is_dir():
        raise JournalError(f"cannot write {target}: there is no folder {target.parent}")
    if target and not force:
        _keep([target])
    with Store.read(settings.home, settings.learner) as store:
        records = list(store.records())
        notices = store.notices
    taken = sorted({r.lesson for r in records if again.of(r.lesson) is None} - {""})
    if lesson is not None:
        if lesson not in taken:
            raise unknown("lesson", lesson, taken, "in this journal")
        ids = {r.id for r in records if r.lesson == lesson}
        records = [r for r in records if r.id in ids or again.of(r.lesson) in ids]
    drawings: dict[Path, str] = {}
    if kind == "json":
        text = as_json(records, settings.learner)
    else:
        from tutor.course import load_course
        from tutor.export.html import as_html, drawn, written
        from tutor.record.variant import with_reviews

        lessons = with_reviews({x.id: x for x in load_course(settings.lessons).lessons}, records)
        if kind == "html":
            text = as_html(records, lessons, settings.learner, written if without else drawn)
        elif pictures == "files" and target:
            text = as_markdown(records, lessons, settings.learner, Beside(target, drawings))
        else:
            text = as_markdown(records, lessons, settings.learner, inline if pictures == "inline" else no_picture)
    for notice in notices:
        print(visible(notice), file=sys.stderr)
    if target is None:
        sys.stdout.write(text)
        return 0
    if not force:
        _keep(drawings)
    for path, drawing in drawings.items():
        _write(path, drawing, folder=True)
    _write(target, text)
    folders = sorted({str(path.parent) for path in drawings})
    beside = f" and {counted(len(drawings), 'picture')} in {', '.join(folders)}" if drawings else ""
    print(visible(f"Wrote {target}{beside}"), file=sys.stderr)
    return 0


def kind_of(target: Path | None) -> str:
    """What a file of this name is to hold; Markdown on standard output. Raises Unknown."""
    suffix = target.suffix if target else ""
    if suffix.lower() not in SUFFIXES:
        raise Unknown(
            f"{target}: what to write is not known from {suffix}; end it in .md, .html or .json, or add --format"
        )
    return SUFFIXES[suffix.lower()]


class Beside:
    """Puts each picture in a folder named after the page. Fills `drawings`, by the path where each is to be written."""

    def __init__(self, page: Path, drawings: dict[Path, str]):
        self.folder = page.with_name(f"{page.stem}-figures")
        self.drawings = drawings

    def __call__(self, name: str, figure: Figure) -> str:
        from tutor.drawing.svg import svg

        path = self.folder / f"{name}.svg"
        self.drawings[path] = svg(figure)
        return quote(f"{self.folder.name}/{path.name}")


def inline(name: str, figure: Figure) -> str:
    """The picture itself, as an address."""
    from tutor.drawing.svg import svg

    return "data:image/svg+xml;base64," + base64.b64encode(svg(figure).encode()).decode()


def _keep(paths: Iterable[Path]) -> None:
    """Refuse to write over what is there. Raises JournalError."""
    for path in paths:
        if path.is_dir():
            raise JournalError(f"cannot write {path}: it is a folder; name a file")
        if os.path.lexists(path):
            raise JournalError(f"{path} is there already; name another file, or --force writes over it")


def _write(path: Path, text: str, folder: bool = False) -> None:
    """The whole file or nothing; `folder`: make the one it lies in. Raises JournalError."""
    staged = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        if folder:
            path.parent.mkdir(exist_ok=True)
        staged.write_text(text, encoding="utf-8", errors="replace")
        os.replace(staged, path)
    except OSError as error:
        if staged.parent.is_dir():
            staged.unlink(missing_ok=True)
        raise JournalError(f"cannot write {path}: {(error.strerror or str(error)).lower()}") from None
