"""Reading what `llmw-tutor export --format json` wrote. Everything is looked at before anything is kept.

A file may come from anywhere, so nothing in it is believed: each event must be one that a tutor could have written. What is
wrong is said with its line. Writing it into a journal is `Store.bring`.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import TypeAdapter, ValidationError

from tutor import events as ev
from tutor.journal import again
from tutor.journal.errors import JournalError
from tutor.journal.export_json import FORMAT

AT = re.compile(r"20\d\d-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])T([01]\d|2[0-3]):[0-5]\d:[0-5]\d\.\d{3}\+00:00", re.ASCII)
NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*|" + again.NAME.pattern, re.ASCII)
"""What lessons, reviews and steps are called."""
LONGEST = 100
"""Characters that a name or a version may have."""
KEYS = ("id", "at", "version", "learner", "lesson", "kind", "step", "body")

KNOWN: dict[str, TypeAdapter[Any]] = {kind: TypeAdapter(cls) for kind, cls in ev.KINDS.items()}


@dataclass(frozen=True)
class Incoming:
    """One event of the file; `number` is its `id` there, which a later one may name."""

    number: int
    at: str
    version: str
    lesson: str
    kind: str
    step: str
    body: dict[str, Any]


@dataclass(frozen=True)
class Export:
    """A whole file that was read."""

    learner: str
    events: list[Incoming]

    @property
    def unknown(self) -> int:
        """How many events are of a kind that this version does not know; they are kept for one that does."""
        return sum(event.kind not in ev.KINDS for event in self.events)


class Unfit(ValueError):
    """Why an event, or the file as a whole, does not fit."""


def read(text: str, name: str) -> Export:
    """The events of the file called `name`. Raises JournalError with the line and the reason."""
    try:
        whole = json.loads(text, parse_constant=_no_number, parse_float=_finite, object_pairs_hook=_object)
    except json.JSONDecodeError as error:
        raise JournalError(f"{name}, line {error.lineno}: this is no JSON ({error.msg.lower()}). {WANTED}") from None
    except Unfit as error:
        raise JournalError(f"{name}: {error}.") from None
    except (RecursionError, ValueError):  # a number of thousands of digits is a ValueError
        raise JournalError(f"{name}: this is nested too deeply, or holds a number too long to be read.") from None
    try:
        learner, raw = _head(whole)
    except Unfit as error:
        raise JournalError(f"{name}: {error}.") from None
    events: list[Incoming] = []
    kinds: dict[int, str] = {}
    for n, one in enumerate(raw):
        try:
            event = _event(one, kinds)
        except Unfit as error:
            place = f"line {line_of(text, n)}, event {n + 1}"
            raise JournalError(f"{name}, {place}: {error}. Nothing was brought in.") from None
        kinds[event.number] = event.kind
        events.append(event)
    return Export(learner, events)


WANTED = "What is wanted is a file that `llmw-tutor export --format json` wrote"


def _no_number(word: str) -> float:
    raise Unfit(f"{shortly(word)} is no number that a journal holds")


def _finite(digits: str) -> float:
    value = float(digits)
    return value if math.isfinite(value) else _no_number(digits)


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    if len(found := dict(pairs)) < len(pairs):
        raise Unfit(f"one object has two values of the same name, among {shortly(list(found))}")
    return found


def _head(whole: Any) -> tuple[str, list[Any]]:
    """(learner, events)."""
    if not isinstance(whole, dict) or not {"format", "tutor", "learner", "events"} <= set(whole):
        raise Unfit(f"this is no journal. {WANTED}")
    form = whole["format"]
    if type(form) is not int or form != FORMAT:
        newer = " by a newer llmw-tutor; update this one" if type(form) is int and form > FORMAT else ""
        raise Unfit(f"its format is {shortly(form)}{newer}; this llmw-tutor reads format {FORMAT}")
    learner, events = whole["learner"], whole["events"]
    if not isinstance(events, list):
        raise Unfit("its `events` are no list")
    _text("tutor", whole["tutor"])
    return _text("learner", learner), events


def _event(one: Any, kinds: Mapping[int, str]) -> Incoming:
    """One event, looked through. `kinds`: of the events before it, by their numbers. Raises Unfit."""
    if not isinstance(one, dict):
        raise Unfit("this is no event")
    for key in KEYS:
        if key not in one:
            raise Unfit(f"it has no `{key}`")
    for key in one:
        if key not in KEYS:
            raise Unfit(f"an event has no `{shortly(key)}`; it has {', '.join(KEYS)}")
    number, body = one["id"], one["body"]
    if type(number) is not int or number in kinds:
        raise Unfit(f"id = {shortly(number)} is not a whole number of its own")
    at, version, kind = (_text(key, one[key]) for key in ("at", "version", "kind"))
    if not AT.fullmatch(at):
        raise Unfit(f"at = {shortly(at)} is no time such as 2026-01-31T14:02:00.000+00:00")
    for key in ("lesson", "step"):
        if one[key] != "" and not NAME.fullmatch(_text(key, one[key])):
            raise Unfit(f"{key} = {shortly(one[key])} is no name such as silence-one-head")
    if (bet := again.of(one["lesson"])) and kinds.get(bet) != "scored":
        raise Unfit(f"lesson = {shortly(one['lesson'])} reviews no `scored` event before it")
    if not isinstance(body, dict):
        raise Unfit("its `body` is no object")
    if kind not in KNOWN and not re.fullmatch("[a-z]+", kind):
        raise Unfit(f"kind = {shortly(kind)} is no kind of event")
    _body(kind, one["step"], body, kinds)
    return Incoming(number, at, version, one["lesson"], kind, one["step"], body)


def _body(kind: str, step: str, body: Mapping[str, Any], kinds: Mapping[int, str]) -> None:
    """Whether the body is one of its kind: the right fields, of the right types, in range. Raises Unfit."""
    if kind not in KNOWN:
        return
    try:
        whole = json.dumps({**body, "step": step}, ensure_ascii=False)
        KNOWN[kind].validate_json(whole.encode("utf-8", "replace"), strict=True)  # a learner may have typed half a pair
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        field = ".".join(str(part) for part in first["loc"])
        raise Unfit(f"{field} of a `{kind}`: {first['msg'][:1].lower()}{first['msg'][1:]}") from None
    sure = body.get("confidence", 0)
    if not 0 <= sure <= 100:
        raise Unfit(f"confidence = {shortly(sure)} is out of range; it is from 0 to 100")
    if kind == "runfinished" and not _is_result(body["result"]):
        raise Unfit(
            "its `result` is not that of a run: it wants `facts` (an object of plain values) and `figures` (a list), if any"
        )
    if kind in again.OF and body["of"] != 0 and kinds.get(body["of"]) not in again.OF[kind]:
        raise Unfit(f"of = {shortly(body['of'])} is no `{'` or `'.join(again.OF[kind])}` event before it")


def _is_result(result: Mapping[str, Any]) -> bool:
    types = {"parameters": dict, "figures": list, "versions": dict, "seed": int}
    types |= dict.fromkeys(("experiment", "model", "device", "dtype"), str)
    if not isinstance(result.get("facts"), dict):
        return False
    if not all(isinstance(result[key], kind) for key, kind in types.items() if key in result):
        return False
    values = [*result["facts"].values(), *result.get("parameters", {}).values()]
    return all(_is_plain(v) or (isinstance(v, list) and all(_is_plain(one) for one in v)) for v in values)


def _is_plain(value: Any) -> bool:
    return value is None or isinstance(value, (str, int, float))


def _text(key: str, value: Any) -> str:
    if not isinstance(value, str) or not 0 < len(value) <= LONGEST or not value.isprintable():
        raise Unfit(f"{key} = {shortly(value)} is no text of up to {LONGEST} characters")
    return value


def shortly(value: Any) -> str:
    """A value as JSON, cut to what a line can hold."""
    text = json.dumps(value)
    return text if len(text) <= 40 else text[:39] + "…"


def line_of(text: str, number: int) -> int:
    """The line on which event `number` (from 0) of a well-formed file begins."""
    space, decoder = re.compile(r"[\s:,]*"), json.JSONDecoder()

    def after(place: int) -> int:
        found = space.match(text, place)
        return found.end() if found else place

    place = after(text.index("{") + 1)
    while text[place] != "}":
        key, place = decoder.raw_decode(text, place)
        place = after(place)
        if key == "events":
            place = after(place + 1)
            for _ in range(number):
                place = after(decoder.raw_decode(text, place)[1])
            break
        place = after(decoder.raw_decode(text, place)[1])
    return text.count("\n", 0, place) + 1
