"""Every wrong way of writing a lesson is said with its line, its column, what was found and what would be right."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.course.good import LESSON, changed, place_of, written
from tutor.course.format import Explain
from tutor.course.reader import read_lesson
from tutor.course.source import MAX_BYTES

# what is replaced, by what, where the problem must be said (a piece of the new text), what it must say
WRONG_KEYS = [
    ("minutes: 5", "minuts: 5", "minuts", "no key `minuts`.*did you mean `minutes`"),
    ("deeper:", "depper:", "depper", "no key `depper`.*did you mean `deeper`"),
    ("at_least: 0.5", "at_lest: 0.5", "at_lest", "no key `at_lest`.*did you mean `at_least`"),
    ("at_least: 0.5", "from_: 0.5", "from_", "no key `from_`.*`from`"),
    ("with: {prompt", "with_: {prompt", "with_", "no key `with_`.*`with`"),
    ("title: Two and two\n", "", "format: 1", "`title` is missing"),
    ("says: Nearly sure, ", "", "{id: sure", "`says` is missing"),
    ('says: "Unsure, really"', "says: Unsure, really", "really", "`really` stands alone; .*comma.*quotes"),
    ("  - id: look\n    observe", "  - id: look\n    obseve", "id: look", "step of no kind.*did you mean `observe`"),
    (
        "  - id: look\n    observe",
        "  - id: look\n    ask: Why?\n    observe",
        "id: look",
        "one step with `ask` and `observe`",
    ),
    ("kind: choice", "kind: chioce", "kind: chioce", "no kind `chioce`.*choice, number, token.*`choice`"),
    ("      kind: choice\n", "", "ask: How sure", "`kind` is missing.*choice, number, token"),
]
WRONG_VALUES = [
    ("format: 1", "format: 2", "2", "`format` is the number 2; this tutor reads `format: 1`"),
    ("format: 1", "format: true", "true", "`format` is true; this tutor reads"),
    ("minutes: 5", 'minutes: "5"', '"5"', "`minutes` is “5”; it must be a whole number"),
    ("minutes: 5", "minutes: 5.5", "5.5", "it must be a whole number"),
    ("minutes: 5", "minutes: 0", "0\n", "the number 0; it must be at least 1"),
    ("difficulty: 1", "difficulty: 9", "9\n", "the number 9; it must be at most 5"),
    ("id: two-and-two", "id: Two And Two", "Two And Two", "small letters, digits and single hyphens"),
    ("concepts: [next token]", "concepts: next token", "next token", "it must be a list"),
    ("concepts: [next token]", "concepts: []", "[]", "no entries; it needs at least 1"),
    ("title: Two and two", "title: 22", "22", 'the number 22, not text; write "22" with quotes'),
    ("title: Two and two", "title: ~", "~", "`title` is nothing, not text"),
    ("wrong: [It adds", "wrong: [It adds: well", "It adds: well", "a key with a value.*put the whole text in quotes"),
    ("close: 0.1", "close: 0", "0}", "it must be more than 0"),
    ("close: 0.1", "close: 1e999", "1e999", "too large"),
    ("at_least: 0.5", "at_least: much", "much", "“much”; it must be a number"),
    ("{at_least: 0.5}", "{}", "{}}", "a condition needs one of"),
    ("{at_least: 0.5}", "{at_least: 0.5, above: 0.1}", "{at_least: 0.5, above", "one lower bound"),
    ("seeds: [0, 1]", "seeds: [0, one]", "one]", "it must be a whole number"),
    ("      options:\n", "      options: 3\n      option:\n", "option:\n", "no key `option`.*did you mean `options`"),
]
YAML_TRAPS = [
    ("wrong: [It adds", "wrong: [no", "no,", 'no without quotes, which YAML reads as false; write "no" with quotes'),
    ("wrong: [It adds", "wrong: [Yes", "Yes,", 'which YAML reads as true; write "Yes" with quotes'),
    (
        "wrong: [It adds",
        "wrong: [Does it add?",
        "Does it add",
        "without quotes between { } or .*; put the text in quotes",
    ),
    ("cues: [texts", "cues: [off", "off,", "which YAML reads as false"),
    ("title: Two and two", "title: 12:30", "12:30", 'a number to the base 60; write "12:30" with quotes'),
    ("title: Two and two", "title: 2024-01-31", "2024-01-31", "YAML reads as a date"),
    ("minutes: 5", "minutes: 010", "010", "an octal number; write a plain number"),
    ("minutes: 5", "minutes: 1_0", "1_0", "a number with underscores"),
    ("minutes: 5", "minutes: 0x10", "0x10", "a hexadecimal or binary number"),
    ("close: 0.1", "close: .inf", ".inf", "infinity or not a number"),
    ("minutes: 5", "minutes: 5\nminutes: 6", "minutes: 6", r"`minutes` a second time \(first in line 5\)"),
    ("minutes: 5", "5: minutes", "5: minutes", 'the key 5 is not text; write "5" with quotes'),
    ("minutes: 5", "? [a, b]\n: 5", "[a, b]", "a key that is not text"),
    (
        "title: Two and two",
        "title: !!python/object/apply:os.system [ls]",
        "!!python",
        "tag !!python/object/apply:os.system",
    ),
    ("title: Two and two", "title: !x Two", "!x", "tag !x; leave it out"),
    ("listen: *sums", "listen: *nothing", "*nothing", r"alias \*nothing of nothing"),
    ("wrong: [It adds", "wrong: &me [*me", "*me", r"alias \*me inside the value"),
    ("listen: *sums", "listen: {<<: *sums}", "<<", "a merge key .<<.; write the keys out"),
    ("  - id: look\n", "\t- id: look\n", "\t- id", "a tab at the beginning of the line; indent with spaces"),
    ("minutes: 5", "\u00a0minutes: 5", "\u00a0", "a no-break space .*; indent with plain spaces"),
    ("title: Two and two", "title: Two: and two", ": and two", "a colon in text without quotes.*quotes"),
    ("title: Two and two", "title: `Two`", "`Two`", "text may not begin with this character; put the text in quotes"),
    ("title: Two and two", "title: Two \x07", "\x07", r"control character U\+0007; take it out"),
    ("  - id: keep", "---\n  - id: keep", None, "."),
    ("    observe: What", "   observe: What", None, "does not fit the lines above|does not belong to the list"),
    ('wrong: [It adds, ""]', 'wrong: [It adds, ""', None, "a comma that is missing, from line [0-9]+ on"),
    ('{prompt: "2 + 2 ="', '{prompt: "2 + 2 =" "', None, "never closed, or a comma that is missing"),
    ("id: keep", 'id: "keep', '"keep', "a quote that is never closed; close it"),
    ("title: Two and two", "title: 'Two and two\nsubtitle: 'x'", "x'", "quote that opens in line 3 closes only here"),
    ("minutes: 5", "minutes 5", None, "no `key: value`|colon"),
]


@pytest.mark.parametrize(("old", "new", "at", "says"), [*WRONG_KEYS, *WRONG_VALUES, *YAML_TRAPS])
def test_what_is_wrong_is_said_where_it_is(tmp_path: Path, old: str, new: str, at: str | None, says: str) -> None:
    text = changed(old, new)
    path = written(tmp_path, text)
    file, problems = read_lesson(path)
    assert file is None
    lines = [str(p) for p in problems]
    fitting = [p for p, line in zip(problems, lines, strict=True) if re.search(says, line.split(": ", 1)[1])]
    assert fitting, lines
    if at is not None:
        start = text.index(new) if new else 0
        line, column = place_of(text[start:], at)
        first_line, first_column = place_of(text, text[start:]) if start else (1, 1)
        expected = (first_line + line - 1, column + (first_column - 1 if line == 1 else 0))
        assert expected in [(p.line, p.column) for p in fitting], lines
    assert all(line.startswith(f"{path}:") for line in lines)


def test_the_lesson_that_is_right_is_read_whole(tmp_path: Path) -> None:
    file, problems = read_lesson(written(tmp_path))
    assert problems == []
    assert file is not None
    assert [s.key for s in file.lesson.steps] == ["ask", "predict", "run", "observe", "explain", "tweak", "takeaway"]
    why = file.lesson.step("why")
    assert isinstance(why, Explain)
    assert why.explain.listen.answer.startswith("It writes")  # the alias stands for the whole value
    assert (
        file.problem(("steps", 2, "run", "with", "prompt"), "", "").line
        == place_of(LESSON, 'with: {prompt: "2 + 2 =", a')[0]
    )


def test_a_misspelt_key_is_one_problem(tmp_path: Path) -> None:
    _, problems = read_lesson(written(tmp_path, changed("minutes: 5", "minuts: 5")))
    assert [p.found for p in problems] == ["there is no key `minuts` here"]


def test_all_problems_of_a_file_are_said_at_once_in_the_order_of_its_lines(tmp_path: Path) -> None:
    text = (
        changed("minutes: 5", "minuts: no").replace("difficulty: 1", "difficulty: 9").replace("kind: choice", "kind: x")
    )
    _, problems = read_lesson(written(tmp_path, text))
    assert [p.line for p in problems] == sorted(p.line for p in problems)
    assert len(problems) >= 4
    assert {"minuts", "no without quotes", "difficulty", "no kind `x`"} <= {
        word
        for p in problems
        for word in ("minuts", "no without quotes", "difficulty", "no kind `x`")
        if word in p.found
    }


def test_files_that_are_no_text(tmp_path: Path) -> None:
    path = tmp_path / "lesson.yaml"
    for raw, line, column, says in [
        (b"", 1, 1, "the file is empty"),
        (b"# only a comment\n", 1, 1, "the file is empty"),
        (b"format: 1\ntitle: caf\xe9\n", 2, 11, "byte 0xe9 is not UTF-8"),
        (b"- 1\n- 2\n", 1, 1, "a list; it must be keys with values"),
        (b"x" * (MAX_BYTES + 1), 1, 1, "larger than 1 MiB"),
        (b"---\nformat: 1\n---\nformat: 1\n", 3, 1, "a second document"),
        (b"[" * 2000, 1, 42, "nested more than"),
        (b"{a: " * 2000, 1, 165, "nested more than"),
    ]:
        path.write_bytes(raw)
        file, problems = read_lesson(path)
        assert file is None
        assert any(p.line == line and p.column == column and says in str(p) for p in problems), [
            str(p) for p in problems
        ]
    _, [missing] = read_lesson(tmp_path / "nowhere.yaml")
    assert "cannot be read" in missing.found
    _, [folder] = read_lesson(tmp_path)
    assert "cannot be read" in folder.found


def test_a_bomb_of_aliases_is_refused_quickly(tmp_path: Path) -> None:
    levels = "\n".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 30))
    _, problems = read_lesson(written(tmp_path, f"a0: &a0 [boom]\n{levels}\n"))
    assert any("once its aliases are written out" in p.found for p in problems)


def test_a_byte_order_mark_and_windows_line_ends_are_no_problem(tmp_path: Path) -> None:
    path = tmp_path / "lesson.yaml"
    path.write_bytes(b"\xef\xbb\xbf" + LESSON.replace("\n", "\r\n").encode())
    file, problems = read_lesson(path)
    assert (file is not None, problems) == (True, [])


FAST = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@FAST
@given(
    raw=st.binary(max_size=300)
    | st.text(alphabet="abk-:[]{}&*!|>'\"#%@,?\t\n 0<~`é\u2028", max_size=120).map(str.encode)
)
def test_whatever_the_bytes_are_there_is_no_traceback(tmp_path: Path, raw: bytes) -> None:
    path = tmp_path / "lesson.yaml"
    path.write_bytes(raw)
    file, problems = read_lesson(path)
    assert file is None
    assert problems
    assert all(p.line >= 1 and p.column >= 1 and p.found for p in problems)


@FAST
@given(st.data())
def test_a_damaged_lesson_is_read_or_refused_but_never_raises(tmp_path: Path, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(LESSON)))
    length = data.draw(st.integers(0, 40))
    middle = data.draw(
        st.sampled_from(
            ["", "\t", ": ", "- ", "{", "]", "&a ", "*sums", "no", "null", "!!str ", "---\n", "'", "\n", "9" * 400]
        )
    )
    file, problems = read_lesson(written(tmp_path, LESSON[:start] + middle + LESSON[start + length :]))
    assert (file is None) == bool(problems)
