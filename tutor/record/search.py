"""Search over all that a learner wrote, the tutor said and the runs gave. It reads the journal once and then only its words."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from engine.figures import cell_len, cut, number, visible
from tutor import events as ev
from tutor.course.format import Lesson, Prediction
from tutor.dialogue.reasons import because
from tutor.journal.store import Store
from tutor.parameters import value
from tutor.predict import answer_text
from tutor.record.asked import question_at
from tutor.record.days import local


@dataclass(frozen=True)
class Entry:
    """Something that was written, said or found, with where and when."""

    id: int
    at: str
    lesson: str
    step: str
    who: str
    """you, bet, try, note, tutor or run; in the list of notes what kind of note it is (`notes.KINDS`)."""
    text: str
    folded: str
    """The text as it is compared: no difference of case or of width."""
    now: bool = False
    """Whether it belongs to the lesson as it stands, and not to an earlier time that it was taken."""
    kind: str = ""
    """Of a note: the kind of its event; `noted` where the learner wrote it as one."""
    settled: bool = False
    """Of a note: whether the learner is done with it."""


def entries(store: Store, lessons: Mapping[str, Lesson]) -> list[Entry]:
    """All there is to be found, newest first. Takes a moment where the journal is long. Raises JournalError."""
    records = list(store.written())
    begun = {record.lesson: record.id for record in records if record.kind == "started"}
    out = []
    for record in reversed(records):
        event, lesson = record.event, record.lesson
        now = record.id > begun.get(lesson, record.id)
        for who, text in said(event, lessons.get(lesson)) if event else ():
            if text.strip():
                out.append(Entry(record.id, record.at, lesson, record.step, who, text, folded(text), now))
    return out


def find(among: Iterable[Entry], query: str, limit: int = 200) -> list[Entry]:
    """Those that hold every word of the query, anywhere and in any case. An empty query finds nothing."""
    words = folded(query).split()
    found = (entry for entry in among if all(word in entry.folded for word in words))
    return list(islice(found, max(0, limit))) if words else []


def folded(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold()


def said(event: ev.Event, lesson: Lesson | None) -> Iterator[tuple[str, str]]:
    """(who, text) of what the event holds for a reader."""
    match event:
        case ev.Replied(text=text):
            yield "you", text
        case ev.Said(text=text):
            yield "tutor", text
        case ev.Predicted(answer=answer, reason=reason):
            question = question_at(lesson, event.step)
            asked = f"({question.ask.strip()})" if question else ""
            yield "bet", " ".join(part for part in (answered(question, answer), because(reason), asked) if part)
        case ev.Noted(text=text):
            yield "note", text
        case ev.Tweaked(parameters=parameters):
            yield "try", listed(parameters)
        case ev.RunFailed(message=message):
            yield "run", message
        case ev.RunFinished(result=result):
            words = {k: v for k, v in (result.get("facts") or {}).items() if _is_words(v)}
            asked = listed(result.get("parameters") or {})
            yield "run", "; ".join(part for part in (str(result.get("experiment", "")), asked, listed(words)) if part)
        case ev.Scored(truth=truth) | ev.Reviewed(truth=truth):
            yield "run", truth


def answered(question: Prediction | None, answer: Any) -> str:
    """A bet's answer in the words of its question."""
    try:
        return answer_text(question, answer) if question else str(answer)
    except (TypeError, ValueError, LookupError):  # the lesson asks for something else by now
        return str(answer)


def listed(values: Mapping[str, Any]) -> str:
    return ", ".join(
        f"{k} = {value(v) if isinstance(v, list) else v if _is_words(v) else number(v)}"
        for k, v in values.items()
        if v is not None
    )


def _is_words(value: Any) -> bool:
    return isinstance(value, str) or (isinstance(value, list) and bool(value) and isinstance(value[0], str))


def excerpt(text: str, query: str, width: int) -> str:
    """The text in one line of at most `width` cells, cut so that the first word that was found is in it."""
    line = visible(" ".join(text.split()))
    if cell_len(line) <= width:
        return line
    place = min((at for at, _ in spans(line, query)), default=0)
    if cell_len(line[:place]) > width * 2 // 3:
        start = max(0, place - width // 3)
        space = line.find(" ", start, place)  # not in the middle of a word, where that can be
        line = "…" + line[space + 1 if space >= 0 else start :]
    return line if cell_len(line) <= width else cut(line, width - 1) + "…"


def spans(line: str, query: str) -> Sequence[tuple[int, int]]:
    """Where the query's words stand in the line, as far as their letters are as many in any case."""
    low, out = line.lower(), []
    if len(low) == len(line):
        for word in query.lower().split():
            at = low.find(word)
            while at >= 0:
                out.append((at, at + len(word)))
                at = low.find(word, at + len(word))
    return sorted(out)


def moment(at: str) -> str:
    """A stored time as the reader's clock shows it."""
    return local(at, "%Y-%m-%d %H:%M") or "at some time"
