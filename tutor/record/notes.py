"""A learner's own notes, as one list: takeaways, surprises, open questions, what worked and what did not."""

from __future__ import annotations

from collections.abc import Mapping

from tutor import events as ev
from tutor.course.format import Lesson, Takeaway
from tutor.journal.store import Store
from tutor.record.asked import asked
from tutor.record.search import Entry, folded
from tutor.state import SURE

KINDS = {
    "takeaway": "takeaways",
    "surprise": "surprises",
    "question": "questions",
    "worked": "worked",
    "failed": "did not work",
}
"""What an entry's `who` can be here -> the word for several."""


def notes(store: Store, lessons: Mapping[str, Lesson]) -> list[Entry]:
    """All of them, the newest first. Reads no run. Raises JournalError."""

    rows = sorted([*store.record(), *store.notes(), *store.replies(), *store.kept()], key=lambda r: r.id)
    settled = {row.event.of: not row.event.again for row in store.settled() if isinstance(row.event, ev.Settled)}
    begun = {row.lesson: row.id for row in rows if row.kind == "started"}
    out = []
    asked_about: set[str] = set()
    """Lessons whose takeaway was asked about, since they were begun last."""
    for row in rows:
        kind, text = "", ""
        match row.event:
            case ev.Noted(text=text, about=about):
                kind = about if about in KINDS else "question"
            case ev.Scored(right=False, confidence=sure, said=said, truth=truth) as miss if sure >= SURE:
                kind, text = "surprise", f"{said.rstrip('.')}, {sure} % sure → {truth}"
                question = asked(lessons.get(row.lesson), row.step, miss.parameters, miss.model)
                text += f" ({question})" if question else ""
            case ev.Said(keeps=text):
                kind = "question"
            case ev.Started():
                asked_about.discard(row.lesson)
            case ev.Replied(text=text, asks=asks) as wrote if _is_takeaway(lessons.get(row.lesson), row.step):
                kind = {"only": "question", "nothing": "", "answer": ""}.get(asks, "takeaway")
                if wrote.misconception and row.lesson not in asked_about:  # a line anew comes
                    asked_about.add(row.lesson)
                    kind = ""
        if kind and text.strip():
            now = row.id >= begun.get(row.lesson, row.id + 1)
            done = settled.get(row.id, False)
            out.append(Entry(row.id, row.at, row.lesson, row.step, kind, text, folded(text), now, row.kind, done))
    out.reverse()
    return out


def _is_takeaway(lesson: Lesson | None, step: str) -> bool:
    return lesson is not None and isinstance(lesson.step(step), Takeaway)
