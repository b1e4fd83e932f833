"""What a lesson that comes with the program brings along: a line of the README, and replies that its judge was tried on."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

from tests.dialogue.course import listens, shipped
from tutor.course import load_course
from tutor.course.format import Lesson, Observe

ROOT = Path(__file__).parents[2]
REPLIES = [yaml.safe_load(path.read_text("utf-8")) for path in (ROOT / "tests" / "dialogue").glob("replies*.yaml")]
OBSERVATIONS = yaml.safe_load((ROOT / "tests" / "dialogue" / "observations.yaml").read_text("utf-8"))
TAKEAWAYS = yaml.safe_load((ROOT / "tests" / "dialogue" / "takeaways.yaml").read_text("utf-8"))


def test_the_readme_lists_the_lessons_as_the_map_does() -> None:
    table = re.findall(r"^\| *(.*?) *\| *(.*?) *\| *\S.*\|$", (ROOT / "README.md").read_text("utf-8"), re.MULTILINE)
    start = table.index(("unit", "lesson"))
    rows, unit = [], ""
    for head, title in table[start + 2 : start + 2 + len(shipped())]:
        unit = head or unit
        rows.append((unit, title))
    course = load_course()
    units = {unit.id: unit.title for unit in course.units}
    assert rows == [(units[lesson.unit], lesson.title) for lesson in course.lessons]


@pytest.mark.parametrize("lesson", shipped(), ids=lambda it: it.id)
def test_replies_to_each_of_its_questions_are_labelled(lesson: Lesson) -> None:
    for step in listens(lesson):
        kinds = [kind for file in REPLIES for kind, said in file.get(f"{lesson.id}/{step}", {}).items() if said]
        assert {"right", "wrong"} <= set(kinds), step
    for name, lines in TAKEAWAYS.items():
        assert {"right", "wrong"} <= {kind for kind, said in lines.get(lesson.id, {}).items() if said}, name
    for look in (it for it in lesson.steps if isinstance(it, Observe)):
        assert look.readings, look.id
        seen = OBSERVATIONS["tuned"].get(lesson.id, {}).get(look.id, {})
        assert {"right", "wrong"} <= {kind for kind, said in seen.items() if said}, look.id
