"""A YAML file read strictly: plain data in which every value knows its place, and YAML's own traps are problems.

What a lesson, or a file of a run, may use of YAML: mappings with text keys, lists, quoted and plain text, block text
(`|` and `>`), plain numbers, true and false, null, comments, anchors and aliases. All else is refused, with what to
write instead.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

MAX_BYTES = 1 << 20
MAX_DEPTH = 40
MAX_NODES = 50_000
"""Values in a file once its aliases are written out."""

Key = str | int


@dataclass(frozen=True)
class Kind:
    """What sort of file it is, for the words of its problems."""

    name: str = "a lesson"
    begins: str = "`format: 1`"
    key: str = "`ask`"
    guide: str = "docs/lessons.md"


LESSON = Kind()
Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(frozen=True, order=True)
class Problem:
    """Something in a file that is not right: where it is (line 0 where there is no file), what was found, what would be right."""

    path: str
    line: int
    column: int
    found: str
    right: str = ""

    def __str__(self) -> str:
        place = f":{self.line}:{self.column}" if self.line else ""
        return f"{self.path}{place}: {self.found}" + (f"; {self.right}" if self.right else "")


@dataclass
class Node:
    """A value with its place, counted from 1. A mapping or list has `children`, a mapping the places of its `keys`."""

    line: int
    column: int
    value: Any = None
    children: dict[Key, Node] = field(default_factory=dict)
    keys: dict[Key, tuple[int, int]] = field(default_factory=dict)
    size: int = 1

    def data(self) -> Any:
        """The value as dicts, lists, text, numbers, booleans and None."""
        if isinstance(self.value, dict):
            return {k: n.data() for k, n in self.children.items()}
        if isinstance(self.value, list):
            return [n.data() for n in self.children.values()]
        return self.value


class Stop(Exception):
    """The file cannot be read any further."""


def read(path: Path, kind: Kind = LESSON) -> tuple[Node | None, list[Problem]]:
    """The file's value, and all that YAML itself makes wrong with it. None where nothing can be read."""
    reading = Reading(str(path), kind)
    try:
        return reading.document(reading.text(path)), sorted(reading.problems)
    except Stop:
        return None, sorted(reading.problems)


class Reading:
    """One file being read. Problems are gathered; `Stop` ends the reading where going on makes no sense."""

    def __init__(self, path: str, kind: Kind = LESSON):
        self.path = path
        self.kind = kind
        self.problems: list[Problem] = []
        self.anchors: dict[str, Node | None] = {}
        self.lines: list[str] = []
        self.braces = 0
        self.quoted: tuple[int, int] = (0, 0)
        """The lines in which the last quoted text opens and closes."""

    def problem(self, line: int, column: int, found: str, right: str) -> None:
        self.problems.append(Problem(self.path, line, column, found, right))

    def stop(self, line: int, column: int, found: str, right: str) -> Stop:
        self.problem(line, column, found, right)
        return Stop()

    def text(self, path: Path) -> str:
        if path.exists() and not (path.is_file() or path.is_dir()):  # of a pipe there may never be an end
            raise self.stop(1, 1, "cannot be read: it is no file", f"{self.kind.name} is a file of text")
        try:
            with path.open("rb") as file:
                raw = file.read(MAX_BYTES + 1)
        except OSError as error:
            raise self.stop(1, 1, f"cannot be read: {error.strerror or error}", "see that it is there") from None
        if len(raw) > MAX_BYTES:
            raise self.stop(1, 1, "the file is larger than 1 MiB", f"{self.kind.name} is a short text; split it")
        try:
            text = raw.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            before = raw[: error.start].decode("utf-8-sig", "replace")
            line, column = _place(before)
            found = f"byte 0x{raw[error.start]:02x} is not UTF-8"
            raise self.stop(line, column, found, "save the file as UTF-8") from None
        if bad := yaml.reader.Reader.NON_PRINTABLE.search(text):
            line, column = _place(text[: bad.start()])
            raise self.stop(line, column, f"control character U+{ord(bad[0]):04X}", "take it out")
        self.lines = text.splitlines()
        return text

    def document(self, text: str) -> Node:
        loader = Loader(text)
        try:
            events = self._events(loader)
            first = next(events)
            if isinstance(first, yaml.StreamEndEvent):
                raise self.stop(1, 1, "the file is empty", f"{self.kind.name} begins with {self.kind.begins}")
            root = self._node(next(events), events, 0)
            next(events)  # the document's end
            if not isinstance(more := next(events), yaml.StreamEndEvent):
                self.problem(*_mark(more.start_mark), "a second document begins here (---)", "one document a file")
            return root
        except yaml.MarkedYAMLError as error:
            raise self._syntax(error) from None
        except yaml.YAMLError as error:
            raise self.stop(1, 1, f"this is not YAML: {error}".split("\n")[0], f"see {self.kind.guide}") from None
        finally:
            loader.dispose()

    def _events(self, loader: Any) -> Iterator[Any]:
        while (event := loader.get_event()) is not None:
            if isinstance(event, yaml.ScalarEvent) and event.style in QUOTES:
                self.quoted = _mark(event.start_mark)[0], _mark(event.end_mark)[0]
            if not isinstance(event, yaml.StreamStartEvent):
                yield event

    def _node(self, event: Any, events: Iterator[Any], depth: int) -> Node:
        line, column = _mark(event.start_mark)
        if depth > MAX_DEPTH:
            raise self.stop(line, column, f"nested more than {MAX_DEPTH} deep", f"{self.kind.name} needs no such depth")
        if isinstance(event, yaml.AliasEvent):
            return self._alias(str(event.anchor), line, column)
        if event.tag is not None:
            tag = event.tag.replace("tag:yaml.org,2002:", "!!")
            self.problem(line, column, f"tag {tag}", f"leave it out: {self.kind.name} holds plain data only")
        if event.anchor is not None:
            self.anchors[event.anchor] = None
        if isinstance(event, yaml.ScalarEvent):
            node = Node(line, column, event.value if event.style else self._plain(event.value, line, column))
        else:
            self.braces += bool(event.flow_style)
            if isinstance(event, yaml.SequenceStartEvent):
                node = Node(line, column, [])
                while not isinstance(item := next(events), yaml.SequenceEndEvent):
                    self._put(node, len(node.children), self._node(item, events, depth + 1))
            else:
                node = self._mapping(Node(line, column, {}), events, depth)
            self.braces -= bool(event.flow_style)
        if event.anchor is not None:
            self.anchors[event.anchor] = node
        return node

    def _mapping(self, node: Node, events: Iterator[Any], depth: int) -> Node:
        while not isinstance(event := next(events), yaml.MappingEndEvent):
            line, column = _mark(event.start_mark)
            key = self._key(event, line, column, events, depth)
            value = self._node(next(events), events, depth + 1)
            if key is None:
                continue
            if key in node.children:
                first = node.keys[key][0]
                self.problem(line, column, f"`{key}` a second time (first in line {first})", "keep one of them")
                continue
            node.keys[key] = (line, column)
            self._put(node, key, value)
        return node

    def _put(self, parent: Node, key: Key, child: Node) -> None:
        parent.children[key] = child
        parent.size += child.size
        if parent.size > MAX_NODES:
            found = f"more than {MAX_NODES} values once its aliases are written out"
            raise self.stop(child.line, child.column, found, "take out aliases of aliases")

    def _alias(self, name: str, line: int, column: int) -> Node:
        if name not in self.anchors:
            raise self.stop(line, column, f"alias *{name} of nothing", f"write &{name} before the value meant")
        node = self.anchors[name]
        if node is None:
            raise self.stop(line, column, f"alias *{name} inside the value that it stands for", "write the value out")
        return node

    def _key(self, event: Any, line: int, column: int, events: Iterator[Any], depth: int) -> str | None:
        if not isinstance(event, yaml.ScalarEvent):
            self._node(event, events, depth + 1)
            self.problem(line, column, "a key that is not text", f"a key is a word, such as {self.kind.key}")
            return None
        key = str(event.value)
        if event.tag is not None:
            self.problem(line, column, f"tag {event.tag.replace('tag:yaml.org,2002:', '!!')}", "leave it out")
        elif not event.style and key != key.strip():
            raise self.stop(line, column, "a no-break space or its like beside a key", "indent with plain spaces")
        elif key == "<<" and not event.style:
            self.problem(line, column, "a merge key (<<)", "write the keys out, or use an alias as a whole value")
            return None
        elif not event.style and (key in WORDS or NUMBER.fullmatch(key)):
            self.problem(line, column, f"the key {key or '(nothing)'} is not text", f'write "{key}" with quotes')
            return None
        return key

    def _plain(self, text: str, line: int, column: int) -> Any:
        """The value of text without quotes. What other YAML readers take for something else is a problem."""
        if self.braces and "?" in text:
            self.problem(line, column, "a ? without quotes between { } or [ ]", "put the text in quotes")
        if text in WORDS:
            return WORDS[text]
        if NUMBER.fullmatch(text):
            value = int(text) if WHOLE.fullmatch(text) and len(text) < 20 else float(text)
            if math.isinf(value):
                self.problem(line, column, "a number too large for a computer", "write a smaller one")
            return value
        for trap, pattern in TRAPS.items() if text[0] in "+-.0123456789yYnNoO" else ():
            if pattern.fullmatch(text):
                self.problem(line, column, f"{text} without quotes, which YAML reads as {trap}", _instead(trap, text))
                break
        return text

    def _syntax(self, error: yaml.MarkedYAMLError) -> Stop:
        mark = error.problem_mark or error.context_mark
        line, column = _mark(mark) if mark else (1, 1)
        said = " ".join(str(error.problem or error.context or "not YAML").split())
        row = self.lines[line - 1] if 0 < line <= len(self.lines) else ""
        if "\t" in row[: len(row) - len(row.lstrip())]:
            column = row.index("\t") + 1
            return self.stop(line, column, "a tab at the beginning of the line", "indent with spaces")
        began = _mark(error.context_mark) if error.context_mark else (line, column)
        if NO_END in said:
            return self.stop(*began, "a quote that is never closed", "close it")
        opens, closes = self.quoted
        if opens < closes == line:
            found = f"the quote that opens in line {opens} closes only here"
            return self.stop(line, column, found, "close it where its text ends")
        for part, (found, right) in SYNTAX.items():
            if part in said:
                if part == NO_COMMA and began[0] < line:
                    found += f", from line {began[0]} on"
                return self.stop(line, column, found, right)
        return self.stop(line, column, f"this is not YAML: {said}", f"see {self.kind.guide} on what YAML it may use")


QUOTES = ("'", '"')
NO_END, NO_COMMA = "unexpected end of stream", "expected ',' or"
"""What YAML says where a quote, and where a bracket, is not closed."""
WORDS: Mapping[str, Any] = {
    "": None, "~": None, "null": None, "Null": None, "NULL": None,
    "true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False,
}  # fmt: skip
WHOLE = re.compile(r"[-+]?(?:0|[1-9][0-9]*)")
NUMBER = re.compile(r"[-+]?(?:0|[1-9][0-9]*|(?=\.?[0-9])(?:0|[1-9][0-9]*)?(?:\.[0-9]*)?(?:[eE][-+]?[0-9]+)?)")
TRAPS = {
    "true": re.compile(r"yes|Yes|YES|on|On|ON|y|Y"),
    "false": re.compile(r"no|No|NO|off|Off|OFF|n|N"),
    "an octal number": re.compile(r"[-+]?0[0-9_]+|[-+]?0o[0-7_]+"),
    "a hexadecimal or binary number": re.compile(r"[-+]?0(?:x[0-9a-fA-F_]+|b[01_]+)"),
    "a number with underscores": re.compile(r"[-+]?[0-9][0-9_]*_[0-9_]*(?:\.[0-9_]*)?"),
    "a number to the base 60": re.compile(r"[-+]?[0-9][0-9_]*(?::[0-5]?[0-9])+(?:\.[0-9_]*)?"),
    "a date": re.compile(r"[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}(?:[Tt ].*)?"),
    "infinity or not a number": re.compile(r"[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)"),
}
SYNTAX = {
    "mapping values are not allowed": (
        "a colon in text without quotes, or a line indented too far",
        "put the text in quotes, or the line under its neighbour",
    ),
    "could not find expected ':'": ("this line is no `key: value`", "add the colon, or put a long text in quotes"),
    "cannot start any token": ("text may not begin with this character", "put the text in quotes"),
    "undefined tag handle": ("a tag", "leave it out: only plain data is read"),
    "expected <block end>": ("this line does not fit the lines above it", "check its indentation and quotes"),
    "did not find expected key": ("this line does not fit the lines above it", "check its indentation and quotes"),
    "expected '-' indicator": ("this line does not belong to the list above it", "begin it with `- `, or indent it"),
    NO_COMMA: ("a `{` or `[` that is never closed, or a comma that is missing", "close it"),
}


def _instead(trap: str, text: str) -> str:
    if trap in ("true", "false"):
        return f'write "{text}" with quotes if it is text, {trap} if it is not'
    if trap in ("a date", "a number to the base 60"):
        return f'write "{text}" with quotes'
    return f'write a plain number such as 12 or 0.5, or "{text}" with quotes'


def _mark(mark: Any) -> tuple[int, int]:
    return mark.line + 1, mark.column + 1


def _place(before: str) -> tuple[int, int]:
    """The place after this text."""
    return before.count("\n") + 1, len(before) - before.rfind("\n")
