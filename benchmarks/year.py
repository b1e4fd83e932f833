"""The map with a year of use behind it, against a new journal: how soon the lessons are listed, and the record after them.

    make bench-year        or        python -m benchmarks.year [TIMES]

Measured from outside, through a pseudo-terminal, both journals in turn in the same run. `write_year` makes the journal: 10,000
events, with runs of tens of kB as the experiments return them.
"""

from __future__ import annotations

import json
import random
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from benchmarks.machine import line, medians
from benchmarks.startup import paint
from engine.figures import Distribution, Heatmap, Text, Texts, Tokens
from tests.terminal import TUTOR
from tutor import __version__
from tutor import events as ev
from tutor.course import load_course
from tutor.course.format import Explain, Lesson, Predict, Run, Takeaway, Tweak
from tutor.journal.store import Store

EVENTS = 10_000
END = datetime(2026, 6, 1, 18, tzinfo=UTC)


def result(luck: random.Random, spec: Run) -> dict[str, object]:
    """What a run stores: three figures, some tens of kB."""
    rows, columns = [str(i) for i in range(30)], [f" token{i}" for i in range(24)]
    grid: list[list[float | None]] = [[luck.random() for _ in columns] for _ in rows]
    cells = [[luck.choice([" Mary", " the", " Paris", " of"]) for _ in columns] for _ in rows]
    figures = [
        Tokens(title="What comes next", runs=[
            Distribution(name=n, tokens=[f" t{i}" for i in range(20)], probabilities=[luck.random() / 20] * 20)
            for n in ("BASE", "TWEAK")]),
        Texts(title="What it writes", prompt="Once", texts=[Text(name=str(i), text=" upon a time" * 12) for i in range(8)]),
        Heatmap(title="Top token", row_name="layer", column_name="position", rows=rows, columns=columns,
                values=grid, cells=cells),
    ]  # fmt: skip
    parameters = spec.run.parameters("")
    return {
        "experiment": spec.run.experiment, "model": "smollm2-135m", "device": "cpu", "dtype": "float32", "seed": 0,
        "parameters": parameters, "facts": {"drop": luck.random(), "top_token": " Mary"}, "seconds": 0.4,
        "figures": [f.model_dump(mode="json") for f in figures],
    }  # fmt: skip


def taking(lesson: Lesson, luck: random.Random) -> Iterator[ev.Event]:
    """One lesson as it is taken: every step talked about, bet on, run, tweaked three times."""
    yield ev.Started("", model="smollm2-135m")
    bets, said = 0, "What would you expect, and what makes you think so? " * 2
    for step in lesson.steps:
        if isinstance(step, Predict):
            yield ev.Predicted(step.id, "dent", "because others help", luck.choice([50, 70, 90]))
        elif isinstance(step, Run):
            yield ev.RunFinished(step.id, result(luck, step))
            yield _scored(lesson, step.id, step, bets, luck)
            bets += 1
        elif isinstance(step, Tweak):
            run = lesson.run_before(step.id)
            assert run is not None
            for _ in range(3):
                yield ev.Tweaked(step.id, {"layer": 3})
                yield ev.Predicted(step.id, "dent", "because others help", 60)
                yield ev.RunFinished(step.id, result(luck, run))
                yield _scored(lesson, step.id, run, bets, luck)
                bets += 1
            yield ev.Continued(step.id)
        else:
            for _ in range(luck.randint(1, 3) if not isinstance(step, Takeaway) else 1):
                yield ev.Said(step.id, "elicit", said)
                yield ev.Replied(step.id, "I think the other heads do the same work, so little is lost. " * 2)
                if isinstance(step, Explain):
                    met = tuple(e.id for e in step.explain.listen.expects if luck.random() < 0.7)
                    yield ev.Judged(step.id, "partly", met)
    yield ev.Noted("", "Does this hold for larger models as well?")
    yield ev.Finished("")


def _scored(lesson: Lesson, step: str, run: Run, bet: int, luck: random.Random) -> ev.Scored:
    sure = luck.choice([30, 50, 60, 70, 80, 90, 100])
    right = luck.random() < 0.25 + sure / 200
    before = [s for s in lesson.steps[: lesson.index(run.id)] if isinstance(s, Predict)]
    at = step if isinstance(lesson.step(step), Tweak) or not before else before[-1].id
    return ev.Scored(
        at, bet, "choice", right, 1 - (sure / 100 - right) ** 2, sure, "It shrinks, and some is left",
        "It hardly moves", tuple(lesson.concepts), run.run.experiment, run.run.parameters(""), "smollm2-135m",
    )  # fmt: skip


def write_year(home: Path, events: int = EVENTS, end: datetime = END, seed: int = 0) -> None:
    """A journal with so many events in the year before `end`, in `home`, of the shipped lessons."""
    luck = random.Random(seed)
    lessons = load_course().lessons
    with Store.open(home, "me") as store:
        store._db.execute("BEGIN")  # one commit: a year in a moment
        done, since_review = 0, 0
        surprises: list[int] = []
        while done < events:
            lesson = luck.choice(lessons)
            happened: list[tuple[str, ev.Event]] = [(lesson.id, event) for event in taking(lesson, luck)]
            if since_review > 2 and surprises:
                of = luck.choice(surprises)
                again = f"again/{of}/{done}"
                happened += [
                    (again, ev.Started("", model="smollm2-135m")),
                    (again, ev.Predicted("bet", "dent", "because", 60)),
                    (again, ev.Reviewed("bet", of, luck.random() < 0.6, 60)),
                    (again, ev.Finished("")),
                ]
                since_review = 0
            for name, event in happened[: events - done]:
                kind, step, body = ev.to_row(event)
                at = end - timedelta(days=365) * (1 - done / events)
                values = (at.isoformat(timespec="milliseconds"), __version__, "me", name, kind, step, json.dumps(body))
                columns = "at, version, learner, lesson, kind, step, body"
                row = store._db.execute(f"INSERT INTO events ({columns}) VALUES (?, ?, ?, ?, ?, ?, ?)", values)
                if isinstance(event, ev.Scored) and not event.right and event.confidence >= 70:
                    assert row.lastrowid is not None
                    surprises.append(row.lastrowid)
                done += 1
            since_review += 1
        for lesson in lessons[:3]:  # and three that were begun anew: the map says at which step each stands
            for event in list(taking(lesson, luck))[:-2]:
                store.append(lesson.id, event)
        store._db.execute("COMMIT")


def write_new(home: Path) -> None:
    """A journal in which one lesson was begun."""
    with Store.open(home, "me") as store:
        store.append("silence-one-head", ev.Started("", model="smollm2-135m"))


def record_seconds(home: Path) -> float:
    """Reading the record, as the thread beside the map does it."""
    from tutor.record.overview import overview

    lessons = load_course().lessons
    began = time.perf_counter()
    with Store.read(home, "me") as store:
        overview(store.record(), lessons, END.astimezone())
    return time.perf_counter() - began


def main() -> None:
    times = int(sys.argv[1]) if len(sys.argv) > 1 else 9
    print(line("textual", "fsrs"))
    with tempfile.TemporaryDirectory() as folder:
        new, year = Path(folder) / "new", Path(folder) / "year"
        write_new(new)
        write_year(year)
        print(f"a year: {EVENTS} events, {(year / 'journal.db').stat().st_size / 1e6:.0f} MB")

        def opening(home: Path) -> float:
            argv = [*TUTOR, "--home", str(home), "--offline", "--engine", "sleep 60"]
            return paint(argv, "Silence one head")

        results = medians(
            {
                "new journal: lessons listed": lambda: opening(new),
                "a year: lessons listed": lambda: opening(year),
                "new journal: record read": lambda: record_seconds(new),
                "a year: record read": lambda: record_seconds(year),
            },
            times,
        )
    for name, (median, least, most) in results.items():
        print(f"{name:<30} {median * 1000:8.0f} ms   ({least * 1000:.0f} to {most * 1000:.0f})")
    ratio = results["a year: lessons listed"][0] / results["new journal: lessons listed"][0]
    print(f"\na year / new journal, lessons listed: {ratio:.2f} (at most 1.5)")


if __name__ == "__main__":
    main()
