"""A lesson file read into a Lesson, or into everything that is wrong with it, each with its line and column."""

from __future__ import annotations

import typing
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError

from tutor.course.format import STEP_KEYS, Lesson, Step
from tutor.course.source import Key, Node, Problem, read

Loc = tuple[Key, ...]
UNKNOWN = "extra_forbidden"
"""What pydantic calls a key that it does not know."""


@dataclass(frozen=True)
class LessonFile:
    """A lesson together with the places of all that it says."""

    path: Path
    lesson: Lesson
    root: Node

    def problem(self, loc: Sequence[Key], found: str, right: str) -> Problem:
        """A problem at a place of the lesson, such as ("steps", 2, "run", "with", "layer")."""
        line, column = place(self.root, loc)
        return Problem(str(self.path), line, column, found, right)


def read_lesson(path: Path) -> tuple[LessonFile | None, list[Problem]]:
    """The lesson, or None and all problems of the file in the order of its lines. Raises nothing, whatever is in it."""
    root, problems = read(path)
    if root is None:
        return None, problems
    try:
        lesson = Lesson.model_validate(root.data(), strict=True, by_alias=True, by_name=False)
    except ValidationError as error:
        return None, sorted({*problems, *_complaints(path, root, error)})
    return (None, problems) if problems else (LessonFile(path, lesson, root), [])


def place(root: Node, loc: Sequence[Key]) -> tuple[int, int]:
    """Line and column of the value at `loc`, or of the nearest thing around it that exists."""
    node = root
    for key in loc:
        if key not in node.children:
            break
        node = node.children[key]
    return node.line, node.column


def _complaints(path: Path, root: Node, error: ValidationError) -> Iterable[Problem]:
    """One problem for each value that pydantic does not like, and for each key that is misspelt."""
    complaints = [(c, *_walk(root, c["loc"])) for c in error.errors(include_url=False)]
    meant = {
        (*loc[:-1], nearest(str(loc[-1]), _keys(models)) or "") for c, loc, models in complaints if c["type"] == UNKNOWN
    }
    said: set[Loc] = set()
    for complaint, loc, models in complaints:
        if loc in said:
            continue  # a value that may be of several types gets one complaint for each
        if complaint["type"] == "missing" and loc in meant:
            continue  # it is there under another name, and its neighbour's complaint asks whether this one was meant
        said.add(loc)
        found, right = _words(complaint, loc, models)
        parent = _node(root, loc[:-1])
        extra = complaint["type"] == UNKNOWN and loc and loc[-1] in parent.keys
        line, column = parent.keys[loc[-1]] if extra else place(root, loc)
        yield Problem(str(path), line, column, found, right)


def _node(root: Node, loc: Loc) -> Node:
    for key in loc:
        root = root.children.get(key, root)
    return root


def _walk(root: Node, raw: Loc) -> tuple[Loc, list[type[BaseModel]]]:
    """Pydantic's path without the names of union members, and the classes that the value at its end may be of."""
    node: Node | None = root
    loc: Loc = ()
    models: list[type[BaseModel]] = [Lesson]
    for i, key in enumerate(raw):
        if len(models) > 1 and (chosen := [m for m in models if key in _tags(m)]):
            models = chosen
            continue
        last = i == len(raw) - 1
        if node is None or (key not in node.children and not (last and isinstance(node.value, dict))):
            break
        loc = (*loc, key)
        node = node.children.get(key)
        for model in models:
            if info := next((f for n, f in model.model_fields.items() if (f.alias or n) == key), None):
                models = list(_models(info.annotation)) or models
                break
    return loc, models


def _tags(model: type[BaseModel]) -> tuple[str, ...]:
    """The words by which a union picks this class."""
    if issubclass(model, Step):
        return (model.key,)
    kind = model.model_fields.get("kind")
    return typing.get_args(kind.annotation) if kind else ()


def _models(kind: Any) -> Iterable[type[BaseModel]]:
    """The classes that a field's type mentions."""
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        yield kind
    for inner in typing.get_args(kind):
        yield from _models(inner)


# --- pydantic's complaints in words -----------------------------------------------------------------------------------


def _words(complaint: Any, loc: Loc, models: list[type[BaseModel]]) -> tuple[str, str]:
    kind, value, context = complaint["type"], complaint["input"], complaint.get("ctx", {})
    name = f"`{loc[-1]}`" if loc and isinstance(loc[-1], str) else "this entry"
    match kind:
        case "extra_forbidden":
            return _unknown(str(loc[-1]), value, _keys(models))
        case "missing":
            return f"{name} is missing here", f"add `{loc[-1]}:`"
        case "step_kind":
            return _step(value)
        case "union_tag_not_found":
            return "`kind` is missing here", f"add `kind:` with one of {_tag_list(models)}"
        case "union_tag_invalid":
            tag = context.get("tag", "")
            return f"there is no kind `{tag}`", f"kinds are {_tag_list(models)}{near(tag, _all_tags(models))}"
        case "string_type":
            return f"{name} is {_what(value)}, not text", _quote(value)
        case "string_pattern_mismatch":
            return f"{name} is {_what(value)}", "use small letters, digits and single hyphens, such as silence-one-head"
        case "string_too_short":
            return f"{name} is empty", "write something, or take the key out"
        case "string_too_long" | "too_short" | "too_long":
            return _length(kind, name, value, context)
        case _ if loc == ("format",):
            return f"`format` is {_what(value)}", "this tutor reads `format: 1`"
        case "value_error":
            return f"{name}: {context['error']!s}", "see docs/lessons.md"
    keys = _keys(models) if kind.startswith("model") else []
    more = f": {', '.join(keys)}" if keys else ""
    return f"{name} is {_what(value)}", _expected(kind, context) + more


EXPECTED = {
    "int": "a whole number", "float": "a number", "finite": "a number", "bool": "true or false",
    "list": "a list: lines that begin with `- `, or […]", "dict": "keys with values",
    "model": "keys with values", "literal": "one of {expected}",
    "greater_than_equal": "at least {ge}", "greater_than": "more than {gt}", "less_than_equal": "at most {le}",
}  # fmt: skip


def _expected(kind: str, context: dict[str, Any]) -> str:
    for start in (kind, kind.split("_")[0]):
        if start in EXPECTED:
            return "it must be " + EXPECTED[start].format(**context)
    return "see docs/lessons.md"


def _length(kind: str, name: str, value: Any, context: dict[str, Any]) -> tuple[str, str]:
    if kind == "string_too_long":
        return (
            f"{name} has {len(value)} characters",
            f"at most {context['max_length']}; a lesson asks, it does not lecture",
        )
    bound = f"at least {context['min_length']}" if kind == "too_short" else f"at most {context['max_length']}"
    return f"{name} has {len(value)} entries" if value else f"{name} has no entries", f"it needs {bound}"


def _unknown(key: str, value: Any, known: list[str]) -> tuple[str, str]:
    hint = near(key, known)
    if value is None and not hint:
        return f"`{key}` stands alone", "a comma ends a text inside {…} and […]; put the whole text in quotes"
    return f"there is no key `{key}` here", f"keys here are {', '.join(known)}{hint}"


def _step(value: Any) -> tuple[str, str]:
    if not isinstance(value, dict):
        return f"a step is {_what(value)}", f"a step has an `id` and one of {', '.join(STEP_KEYS)}"
    kinds = [k for k in value if k in STEP_KEYS]
    if len(kinds) > 1:
        return f"one step with {' and '.join(f'`{k}`' for k in kinds)}", "make each a step of its own, with its own id"
    typo = next((hint for k in value if k != "id" and (hint := near(str(k), STEP_KEYS))), "")
    return "a step of no kind", f"a step holds exactly one of {', '.join(STEP_KEYS)}{typo}"


def _what(value: Any) -> str:
    """A value as the author wrote it, short."""
    match value:
        case None:
            return "nothing"
        case bool():
            return str(value).lower()
        case int() | float():
            return f"the number {value}"
        case str():
            return f"“{value if len(value) <= 40 else value[:39] + '…'}”"
        case dict() if value:
            return f"a key with a value (`{str(next(iter(value)))[:30]}: …`)"
        case list():
            return "a list"
    return "empty"


def _quote(value: Any) -> str:
    if value is None:
        return "write the text after the colon"
    if isinstance(value, dict):
        return "a colon made it a key; put the whole text in quotes"
    if isinstance(value, list):
        return "write one text; put it in quotes if it begins with ["
    return f'write "{str(value).lower() if isinstance(value, bool) else value}" with quotes'


def _keys(models: list[type[BaseModel]]) -> list[str]:
    return list(dict.fromkeys(f.alias or n for m in models for n, f in m.model_fields.items()))


def _all_tags(models: list[type[BaseModel]]) -> list[str]:
    return [t for m in models for t in _tags(m)]


def _tag_list(models: list[type[BaseModel]]) -> str:
    return ", ".join(_all_tags(models))


def near(word: str, known: Iterable[str]) -> str:
    """`; did you mean …?` where one of the known words is near, else nothing."""
    best = nearest(word, known)
    return f"; did you mean `{best}`?" if best else ""


def nearest(word: str, known: Iterable[str]) -> str | None:
    """The known word that is spelt most like this one, if any is much like it."""
    from rapidfuzz import process

    best = process.extractOne(word, list(known), score_cutoff=65)
    return best[0] if best else None
