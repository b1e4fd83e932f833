"""Every event of a learner as JSON: what `llmw-tutor import` reads on another machine (`import_.py`)."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict

from tutor import __version__
from tutor.journal import again
from tutor.journal.store import Record

FORMAT = 1


def as_json(records: Iterable[Record], learner: str) -> str:
    """Every event, one a line, numbered from 1. It is the same text again after `llmw-tutor import` into an empty journal."""
    events, numbers = [], {0: 0}
    for n, record in enumerate(records, 1):
        numbers[record.id] = n
        lesson, body = again.renamed(record.lesson, numbers), again.body_of(record.kind, record.body, numbers)
        events.append(json.dumps({**asdict(record), "id": n, "learner": learner, "lesson": lesson, "body": body}))
    head = json.dumps({"format": FORMAT, "tutor": __version__, "learner": learner})
    return head.removesuffix("}") + ', "events": [\n' + ",\n".join(events) + "\n]}\n"
