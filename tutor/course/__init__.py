"""The course: the shipped lessons and a learner's own, in the order in which they are met.

A lesson with a problem is left out and said; it never hides the others.
"""

from __future__ import annotations

import os
import shlex
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

from engine.errors import counted
from tutor.course.format import Lesson
from tutor.course.reader import LessonFile, read_lesson
from tutor.course.source import Problem, read

UNITS = "units.yaml"
TERMS = "terms.yaml"
"""The words of the field, for `tutor.dialogue.terms`; beside the lessons and none of them."""


@dataclass(frozen=True)
class Unit:
    id: str
    title: str
    about: str = ""


@dataclass(frozen=True)
class Course:
    units: tuple[Unit, ...]
    lessons: tuple[Lesson, ...]
    """Unit by unit, in each by file name."""
    problems: tuple[Problem, ...]
    """What is wrong with lesson files. Files whose lesson cannot be taken are not among `lessons`."""
    files: tuple[LessonFile, ...] = ()
    """The lessons with the places of all they say."""

    def lesson(self, id: str) -> Lesson | None:
        return next((lesson for lesson in self.lessons if lesson.id == id), None)

    @property
    def unread(self) -> str:
        """A line about the files that have problems, with the command that says which; empty where all could be read."""
        paths = {problem.path for problem in self.problems}
        if not paths:
            return ""
        try:
            where = os.path.commonpath(paths) or "."
        except ValueError:  # some are written from the root on, some are not
            where = os.path.commonpath(map(os.path.abspath, paths))
        files = counted(len(paths), "lesson file")
        return f"{files} could not be read: llmw-tutor check {shlex.quote(where)} says why"


def shipped() -> Path:
    """The folder of the lessons that come with the program."""
    return Path(str(resources.files("lessons")))


def load_course(extra: Sequence[Path] = ()) -> Course:
    """The shipped lessons and those in the folders `extra`. Raises nothing: what cannot be read is among the problems.

    An id stands for one lesson: a lesson of one's own does not replace a shipped one, it is refused and said.
    """
    return read_course([shipped(), *extra])


def read_course(folders: Sequence[Path], known: Mapping[str, Path] | None = None) -> Course:
    """The lessons of these folders (or single files), checked as far as that needs no model.

    known: lessons that are there beside them, and their files.
    """
    from tutor.course.structure import structure

    folders = list({folder.resolve(): folder for folder in folders}.values())  # one that is named twice is one
    problems: list[Problem] = []
    files: dict[str, LessonFile] = {}
    taken = dict(known or {})
    units = {unit.id: unit for folder in folders for unit in _units(folder, problems)}
    for folder in folders:
        for path in lesson_paths(folder, problems):
            file, wrong = read_lesson(path)
            wrong += structure(file) if file else []
            first = taken.get(file.lesson.id) if file else None
            if file and first and first.resolve() != path.resolve():
                found = f"the lesson id `{file.lesson.id}` a second time (first in {first})"
                wrong.append(file.problem(("id",), found, "give it another id"))
            problems += wrong
            if file and not wrong:
                files[file.lesson.id] = file
                taken[file.lesson.id] = path
                problems += _folder(file, folder)
    ids = frozenset(taken) | {p.stem for f in folders for p in lesson_paths(f, [])}
    problems += [p for file in files.values() for p in _needs(file, files, ids)]
    for file in files.values():
        name = file.lesson.unit
        units.setdefault(name, Unit(name, name.replace("-", " ").capitalize()))
    place = {id: n for n, id in enumerate(units)}
    before = {id: len(_all_needs(id, files)) for id in files}  # what others build on comes first; then by file name
    ordered = sorted(files.values(), key=lambda f: (place[f.lesson.unit], before[f.lesson.id]))
    return Course(tuple(units.values()), tuple(f.lesson for f in ordered), tuple(sorted(problems)), tuple(ordered))


def lesson_paths(folder: Path, problems: list[Problem]) -> list[Path]:
    """The lesson files of a folder and its folders, by name. A path that is a file is that one lesson."""
    if folder.is_dir():
        return sorted(p for end in ("*.yaml", "*.yml") for p in folder.rglob(end) if p.name not in (UNITS, TERMS))
    if folder.exists():
        return [folder]
    problems.append(
        Problem(str(folder), 0, 0, "there is no such file or folder", "give a lesson or a folder of lessons")
    )
    return []


def _units(folder: Path, problems: list[Problem]) -> Iterator[Unit]:
    path = folder / UNITS
    if not path.is_file():
        return
    root, wrong = read(path)
    problems += wrong
    entries = root.data() if root else []
    for n, entry in enumerate(entries if isinstance(entries, list) else [entries]):
        texts = isinstance(entry, dict) and all(isinstance(v, str) for v in entry.values())
        if texts and {"id", "title"} <= set(entry) <= {"id", "title", "about"}:
            yield Unit(**entry)
        elif root:
            node = root.children.get(n, root)
            right = "a list of units, each with the texts `id`, `title` and `about`"
            problems.append(Problem(str(path), node.line, node.column, "this is no unit", right))


def _folder(file: LessonFile, course: Path) -> Iterator[Problem]:
    """A lesson in a unit's folder belongs to that unit."""
    folder = file.path.parent
    if course.is_dir() and folder != course and folder.name != file.lesson.unit:
        found = f"unit `{file.lesson.unit}` in the folder `{folder.name}`"
        yield file.problem(("unit",), found, "write the folder's name, or move the file")


def _needs(file: LessonFile, files: dict[str, LessonFile], ids: frozenset[str]) -> Iterator[Problem]:
    """The lessons that come first exist, and none of them needs this one."""
    from tutor.course.reader import near

    for n, need in enumerate(file.lesson.needs):
        if need not in files:
            if need in ids:
                continue  # it is there and has problems of its own
            yield file.problem(
                ("needs", n), f"there is no lesson `{need}`", f"name a lesson's id{near(need, sorted(ids))}"
            )
        elif file.lesson.id in _all_needs(need, files):
            yield file.problem(("needs", n), f"`{need}` needs this lesson too", "take one of the two needs out")


def _all_needs(id: str, files: dict[str, LessonFile]) -> set[str]:
    """All lessons that come before this one, and itself."""
    seen: set[str] = set()
    todo = [id]
    while todo:
        if (next_id := todo.pop()) not in seen and next_id in files:
            seen.add(next_id)
            todo += files[next_id].lesson.needs
    return seen
