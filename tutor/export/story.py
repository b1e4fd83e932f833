"""What a learner did, told in chapters: one for each time a lesson was taken. Markdown and HTML are written from these."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from engine.figures import Figure, number, stored
from tutor import events as ev
from tutor import repeat
from tutor.course.format import Explain, Lesson, Observe, Takeaway, Tweak
from tutor.dialogue.moves import ENDS_STEP, Move
from tutor.dialogue.reasons import because
from tutor.drawing.laid import laid
from tutor.journal.store import Record
from tutor.loop import PUT, PUT_AGAINST, SKIPPED, advance, start
from tutor.record.days import local
from tutor.state import Bet, Line, State

SPOKEN = ("replied", "predicted", "runfinished", "noted", "reviewed")
"""Kinds of events that make a chapter worth telling."""
NOTES = {"question": "An open question", "worked": "What worked", "failed": "What did not work"}
"""What a `Noted` is about, in words."""


CLOSING = ENDS_STEP - {Move.DEFER}
"""Moves whose words are told for themselves: what was said in place of a question, but not that the bet comes first."""


@dataclass(frozen=True)
class Words:
    """What somebody wrote, kept as it is; `asked` is the question it answers."""

    label: str
    text: str
    asked: str = ""


@dataclass(frozen=True)
class Wager:
    """A locked prediction."""

    asked: str
    answer: str
    reason: str
    confidence: int

    @property
    def because(self) -> str:
        """The reason with one "because" before it; empty where none was given."""
        return because(self.reason)


@dataclass(frozen=True)
class Ran:
    """A run that ended well."""

    where: str
    """Model, device, number type, seed and versions, in one line."""
    figures: tuple[Figure | None, ...]
    """The bets laid over the run, then the run's own. None: a figure of another version, which cannot be shown."""
    facts: tuple[tuple[str, str], ...]
    """(name, value) as a person reads it; a list takes a pair for each of its values, what the run did not give takes none."""
    again: str
    """The command that repeats it; empty where it was stored without what would."""


@dataclass(frozen=True)
class Remark:
    """A line of the program. `kind`: verdict, claim, task, note or skipped (then `text` is the step)."""

    kind: str
    text: str


Part = Words | Wager | Ran | Remark


@dataclass(frozen=True)
class Chapter:
    """One time that a lesson was taken; `lesson` is empty for notes that belong to none."""

    lesson: str
    title: str
    begun: str
    """A day, as are the others."""
    last: str
    finished: bool
    version: str
    """Of the tutor that wrote its last event."""
    known: bool
    """Whether the lesson is still there, with its questions."""
    parts: tuple[Part, ...]


def chapters(records: Iterable[Record], lessons: Mapping[str, Lesson]) -> Iterator[Chapter]:
    """Each time a lesson was taken, by lesson, in the order in which they were first taken; loose notes come last."""
    by_lesson: dict[str, list[Record]] = {}
    for record in records:
        by_lesson.setdefault(record.lesson, []).append(record)
    for name in sorted(by_lesson, key=lambda name: name == ""):
        for taking in takings(by_lesson[name]):
            yield chapter(name, lessons.get(name), taking)


def takings(records: Iterable[Record]) -> Iterator[list[Record]]:
    """The records of one lesson, cut where it was started; times at which nothing was said or bet are left out."""
    count = 0
    numbered = []
    for record in records:
        count += record.kind == "started"
        numbered.append((count, record))
    for _, group in groupby(numbered, key=lambda pair: pair[0]):
        taking = [record for _, record in group]
        if any(r.kind in SPOKEN for r in taking):
            yield taking


def chapter(name: str, lesson: Lesson | None, taking: list[Record]) -> Chapter:
    """One taking of a lesson."""
    first, last = taking[0], taking[-1]
    events = [event for event in (record.event for record in taking) if event is not None]
    parts = told(lesson, str(first.body.get("model", "")), events) if lesson else bare(events)
    return Chapter(
        lesson=name,
        title=lesson.title if lesson else name or "Notes",
        begun=day(first.at),
        last=day(last.at),
        finished=any(r.kind == "finished" for r in taking),
        version=last.version,
        known=lesson is not None or not name,
        parts=tuple(parts),
    )


def told(lesson: Lesson, model: str, events: list[ev.Event]) -> Iterator[Part]:
    """The events in the words of the lesson, whose state is followed to know what each of them brought."""
    state = start(lesson, model)
    for event in events:
        before, state = state, advance(state, event)
        new = state.lines[len(before.lines) :]
        earlier = [line for line in new if line.step and line.step != event.step and line.step == before.at]
        yield from _lines(state, earlier)  # an older tutor left a step without a word
        match event:
            case ev.Replied(text=text) if text.strip():
                yield reply(lesson, before, event)
            case ev.Said(move=move, text=text) if move in CLOSING:  # a question stands above its answer
                yield Words("What the tutor said", text)
            case ev.RunFinished(result=result):
                decided = [b for old, b in zip(before.bets, state.bets, strict=False) if b.verdict and not old.verdict]
                yield ran(result, decided)
            case ev.Reviewed():
                pass  # its bet and its run were told just now
            case _:
                yield from plainly(event)
        yield from _lines(state, [line for line in new if line not in earlier])


def _lines(state: State, lines: Iterable[Line]) -> Iterator[Part]:
    """What these lines of the state tell beside the events."""
    for line in lines:
        if line.who == "bet" and line.ref is not None:
            b = state.bets[line.ref]
            yield Wager(b.question.ask, b.text, b.reason, b.confidence)
        elif line.who == "tutor" and line.text.startswith((PUT, PUT_AGAINST)):
            yield Words("What the tutor said", line.text)
        elif line.who in ("claim", "task", "note", "run") and line.text != SKIPPED:
            yield Remark({"run": "verdict"}.get(line.who, line.who), line.text)


def bare(events: list[ev.Event]) -> Iterator[Part]:
    """The events of a lesson that is no longer there: answers and runs without the questions."""
    for event in events:
        match event:
            case ev.Replied(text=text) if text.strip():
                yield Words("What I wrote", text)
            case ev.Predicted(answer=answer, reason=reason, confidence=sure):
                yield Wager("", str(answer), reason, sure)
            case ev.RunFinished(result=result):
                yield ran(result)
            case _:
                yield from plainly(event)


def plainly(event: ev.Event) -> Iterator[Part]:
    """What needs no lesson to be told."""
    match event:
        case ev.RunFailed(message=message):
            yield Words("The run did not end well", message)
        case ev.Tweaked(parameters=parameters):
            yield Words("What I changed", ", ".join(f"{k} = {v}" for k, v in parameters.items()))
        case ev.Noted(text=text, about=about):
            yield Words(NOTES.get(about, "A note"), text)
        case ev.Reviewed(said=said, truth=truth, confidence=sure) if said or truth:
            yield Wager("It came back with other parameters.", said, "", sure)
            yield Remark("verdict", f"It was: {truth}")
        case ev.Skipped():
            yield Remark("skipped", event.step)


def reply(lesson: Lesson, before: State, event: ev.Replied) -> Words:
    """What the learner wrote, under the question that was on the screen."""
    match lesson.step(event.step):
        case Observe():
            label = "What I saw"
        case Explain():
            label = "Why, in my words"
        case Tweak():
            label = "What I made of it"
        case Takeaway() if event.asks != "answer" and (before.talk.misconception or not event.misconception):
            label = "What I take with me"
        case _:
            label = "What I thought"
    asked = next((line.text for line in reversed(before.lines) if line.who == "tutor" and line.step == event.step), "")
    return Words(label, event.text, asked)


def ran(result: Mapping[str, Any], decided: Iterable[Bet] = ()) -> Ran:
    """A stored `engine.protocol.Result` as it is told, with the bets that it decided laid over it."""
    values = result.get("facts") or {}
    rows = [row for name, value in values.items() for row in _row(name, value)]
    versions = [f"{name} {version}" for name, version in (result.get("versions") or {}).items()]
    parts = [f"{result.get('model', '')} on {result.get('device', '')}", str(result.get("dtype", ""))]
    parts += [f"seed {result.get('seed', 0)}", *versions]
    try:
        again = repeat.of_result(result)
    except KeyError:
        again = ""
    figures = laid(stored(result.get("figures")), decided, values)
    return Ran(", ".join(p for p in parts if p), tuple(figures), tuple(rows), again)


def _row(name: str, value: Any) -> Iterator[tuple[str, str]]:
    """A fact as it is told: nothing where the run did not give it; of a list each value, by its place."""
    if isinstance(value, list):
        yield from ((f"{name}[{n}]", number(one)) for n, one in enumerate(value))
    elif value is not None:
        yield name, number(value)


def day(at: str) -> str:
    """The day of a stored time, where the reader is."""
    return local(at, "%Y-%m-%d") or "an unknown day"
