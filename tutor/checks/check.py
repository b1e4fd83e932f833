"""`llmw-tutor check`: is a lesson right? Without a model: its form, its steps, its words. With `--run`: is it true?"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import TextIO

from tutor.checks.wording import wording
from tutor.course import read_course, shipped
from tutor.course.reader import LessonFile
from tutor.course.source import Problem
from tutor.settings import Settings


def check_paths(paths: Sequence[Path], settings: Settings, run: bool, out: TextIO) -> int:
    """Check lessons (files or folders; without any the shipped ones and the learner's own) and print what was found.

    Returns the exit status: 0 all is right, 1 there are problems, or no lessons; with `run` also 3 if the model cannot be
    had, 4 if the engine failed.
    """
    own = [shipped(), *settings.lessons]
    known = read_course(own).files if paths else ()  # may be needed by what is checked by itself, and keep their ids
    course = read_course(list(paths) or own, {file.lesson.id: file.path for file in known})
    problems = list(course.problems)
    for file in course.files:
        problems += wording(file)
    bad = {p.path for p in problems}
    failed, left = 0, list[LessonFile]()
    if run and any(str(f.path) not in bad for f in course.files):
        from tutor.checks.truth import truth

        found, failed, left = asyncio.run(truth([f for f in course.files if str(f.path) not in bad], settings, out))
        problems += found
    _report(course.files, sorted(problems), left, out)
    return failed or (1 if problems or not course.files else 0)


def _report(files: Sequence[LessonFile], problems: Sequence[Problem], left: Sequence[LessonFile], out: TextIO) -> None:
    """`left`: files that should have been run and were not."""
    bad = {p.path for p in problems}
    for file in files:
        if str(file.path) not in bad:
            print(f"not run {file.lesson.id}" if file in left else f"ok    {file.lesson.id}", file=out)
    for problem in problems:
        print(problem, file=out)
    if problems:
        count = f"{len(problems)} problem{'s' if len(problems) > 1 else ''}"
        print(f"{count} in {len(bad)} file{'s' if len(bad) > 1 else ''}; docs/lessons.md explains each", file=out)
    elif not files:
        print("no lessons there", file=out)
