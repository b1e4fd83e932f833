"""What a learner did, to keep or to publish: Markdown of each lesson taken, JSON of every event.

Words of the learner and of a model go into fenced blocks whose fence is longer than any in them, so they stay words.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict
from datetime import datetime
from itertools import groupby
from typing import Any

from pydantic import TypeAdapter, ValidationError

from engine.figures import AnyFigure, columns, number, visible
from tutor import __version__, repeat
from tutor import events as ev
from tutor.course.format import Explain, Lesson, Observe, Takeaway
from tutor.dialogue.moves import Move
from tutor.journal.store import Record
from tutor.loop import Bet, Line, State, advance, start

FORMAT = 1
FIGURE: TypeAdapter[AnyFigure] = TypeAdapter(AnyFigure)


def as_json(records: Iterable[Record], learner: str) -> str:
    """Every event as it was stored."""
    whole = {"format": FORMAT, "tutor": __version__, "learner": learner, "events": [asdict(r) for r in records]}
    return json.dumps(whole, indent=1) + "\n"


def as_markdown(records: Iterable[Record], lessons: Mapping[str, Lesson], learner: str) -> str:
    """Each time a lesson was taken, by lesson, in the order in which they were first taken."""
    by_lesson: dict[str, list[Record]] = {}
    for record in records:
        by_lesson.setdefault(record.lesson, []).append(record)
    parts = [f"# {plain(learner)}: what I predicted, and what the model did"]
    for name, of_lesson in by_lesson.items():
        for taking in takings(of_lesson):
            parts += lesson_page(name, lessons.get(name), taking)
    if len(parts) == 1:
        parts.append("No lesson was taken yet.")
    return "\n\n".join(parts) + "\n"


def takings(records: list[Record]) -> Iterator[list[Record]]:
    """The records of one lesson, cut where it was started; times at which nothing was said or bet are left out."""
    count = 0
    numbered = []
    for record in records:
        count += record.kind == "started"
        numbered.append((count, record))
    for _, group in groupby(numbered, key=lambda pair: pair[0]):
        taking = [record for _, record in group]
        if any(r.kind in ("replied", "predicted", "runfinished") for r in taking):
            yield taking


def lesson_page(name: str, lesson: Lesson | None, taking: list[Record]) -> Iterator[str]:
    """One lesson as it was taken once, in paragraphs."""
    first, last = taking[0], taking[-1]
    model = str(first.body.get("model", ""))
    yield f"## {plain(lesson.title if lesson else name)}"
    ended = "finished" if last.kind == "finished" else "last worked on"
    when = f"begun {day(first.at)}, {ended} {day(last.at)}"
    yield f"Lesson `{code(name)}`, {when}, with llmw-tutor {plain(last.version)}."
    known = [event for event in (record.event for record in taking) if event is not None]
    yield from told(lesson, model, known) if lesson else bare(known)


def told(lesson: Lesson, model: str, events: list[ev.Event]) -> Iterator[str]:
    """The events in the words of the lesson, whose state is followed to know what each of them brought."""
    state = start(lesson, model)
    for event in events:
        before, state = state, advance(state, event)
        match event:
            case ev.Replied(text=text) if text.strip():
                yield from reply(lesson, event.step, before, text)
            case ev.Said(move=Move.TELL, text=text):
                yield from ("**What the tutor explained**", fenced(text))
            case ev.RunFinished(result=r):
                yield from result(r)
            case ev.RunFailed(message=message):
                yield from ("**The run did not end well**", fenced(message))
            case ev.Tweaked(parameters=parameters):
                changed = ", ".join(f"{k} = {v}" for k, v in parameters.items())
                yield from ("**What I changed**", fenced(changed))
            case ev.Skipped():
                yield f"I skipped the step `{code(event.step)}`."
        for line in state.lines[len(before.lines) :]:
            yield from added_by(line, state)


def reply(lesson: Lesson, step_id: str, before: State, text: str) -> Iterator[str]:
    """What the learner wrote, under the question that was on the screen."""
    match lesson.step(step_id):
        case Observe():
            heading = "What I saw"
        case Explain():
            heading = "Why, in my words"
        case Takeaway():
            heading = "What I take with me"
        case _:
            heading = "What I thought"
    asked = next((line.text for line in reversed(before.lines) if line.who == "tutor" and line.step == step_id), "")
    yield f"**{heading}**" + (f" — {plain(asked)}" if asked else "")
    yield fenced(text)


def added_by(line: Line, state: State) -> Iterator[str]:
    """What a line of the conversation adds that is not the learner's or the tutor's talk."""
    match line:
        case Line(who="bet", ref=int(ref)):
            yield from bet(state.bets[ref])
        case Line(who="run"):
            yield plain(line.text)
        case Line(who="claim"):
            yield f"- {plain(line.text)}"
        case Line(who="task"):
            yield f"**What I tried** — {plain(line.text)}"
        case Line(who="note"):
            yield f"*{plain(line.text)}*"


def bet(b: Bet) -> Iterator[str]:
    yield f"**My prediction** — {plain(b.question.ask)}"
    yield fenced(f"{b.text}\nbecause {b.reason}\n{b.confidence} % sure")


def result(r: Mapping[str, Any]) -> Iterator[str]:
    """A run: where it ran, its figures, its facts, and the command that repeats it."""
    where = f"{r.get('model', '')} on {r.get('device', '')}, {r.get('dtype', '')}, seed {r.get('seed', 0)}"
    yield f"**What the model did** — {plain(where)}"
    for figure in r.get("figures", []):
        try:
            yield fenced(FIGURE.validate_python(figure).text())
        except ValidationError:
            yield "*A figure of another version, which this one cannot show; it is in the JSON export.*"
    rows = [[name, number(v)] for name, value in r.get("facts", {}).items() for v in _each(value)]
    yield fenced(columns(["fact", "value"], rows))
    yield "The run again:"
    try:
        yield fenced(repeat.of_result(r), "sh")
    except KeyError:
        yield "*This run was stored without what would repeat it.*"


def bare(events: list[ev.Event]) -> Iterator[str]:
    """The events of a lesson that is no longer there: answers and runs without the questions."""
    yield "*This lesson is no longer there, so its questions cannot be shown.*"
    for event in events:
        match event:
            case ev.Replied(text=text) if text.strip():
                yield from (f"**What I wrote** at `{code(event.step)}`", fenced(text))
            case ev.Predicted(answer=answer, reason=reason, confidence=sure):
                yield from ("**My prediction**", fenced(f"{answer}\nbecause {reason}\n{sure} % sure"))
            case ev.RunFinished(result=r):
                yield from result(r)


# --- text that stays text -------------------------------------------------------------------------------------------


def fenced(text: str, language: str = "text") -> str:
    """The text as a block of code; nothing in it can end the block or reach a terminal as a command."""
    lines = "\n".join(visible(line) for line in text.strip("\n").split("\n"))
    longest = max((len(run) for run in re.findall(r"`+", lines)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}{language}\n{lines}\n{fence}"


def plain(text: str) -> str:
    """The text as one line of running text, with every sign that Markdown would read spelled out."""
    line = visible(" ".join(text.split()))
    line = re.sub(r"([\\`*_\[\]<>#|~&$])", r"\\\1", line)
    return re.sub(r"^(\d*)([-+=:.)])(?=\W|$)", r"\1\\\2", line)  # a list, a rule or a heading begins so


def code(text: str) -> str:
    """The text between backticks."""
    return visible(text).replace("`", "'")


def day(at: str) -> str:
    try:
        return datetime.fromisoformat(at).astimezone().strftime("%Y-%m-%d")
    except ValueError:
        return "at an unknown time"


def _each(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]
