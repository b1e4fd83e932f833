"""A journal on another machine is the same journal, and a file that is none changes nothing."""

from __future__ import annotations

import json
import random
import sqlite3
import string
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.journal.writing import LESSON, latest
from tutor.cli import main
from tutor.events import (
    Continued,
    Event,
    Finished,
    Judged,
    Noted,
    Predicted,
    Replied,
    Reviewed,
    RunFailed,
    RunFinished,
    Said,
    Scored,
    Skipped,
    Started,
    Tweaked,
)
from tutor.export.html import as_html
from tutor.export.markdown import as_markdown
from tutor.journal import schema
from tutor.journal.bring import bring
from tutor.journal.errors import JournalBusy, JournalError
from tutor.journal.export_json import as_json
from tutor.journal.import_ import read
from tutor.journal.store import Clock, Store, utc_now

RESULT = {"experiment": "next_token", "model": "m", "seed": 0, "parameters": {"prompt": "x"}, "facts": {"p": 0.1}}
SCORED = Scored("guess", 0, "choice", False, 0.2, 90, "gone", "a dent", ("heads",), "next_token", {"layer": 1}, "m")
TAKING: list[Event] = [
    Started("", model="m"),
    Replied("warm-up", "nothing \udc80 日本"),
    Predicted("guess", [[0, 1.5]], "because", 90),
    RunFinished("do-it", {**RESULT, "figures": []}),
    SCORED,
    Noted("why", "why?", "question"),
    Finished(""),
]


def export(home: Path, learner: str = "ada") -> str:
    with Store.read(home, learner) as store:
        return as_json(store.records(), learner)


def bring_in(home: Path, text: str, learner: str = "ada") -> Any:
    with Store.open(home, learner) as store:
        return store.bring(read(text, "x.json").events)


def take(home: Path, events: list[Event], clock: Clock, learner: str = "ada", lesson: str = LESSON) -> None:
    with Store.open(home, learner, clock) as store:
        for event in events:
            store.append(lesson, event)


# --- there and back -------------------------------------------------------------------------------------------------

words = st.text(max_size=20)
names = st.sampled_from(["guess", "do-it", "a1"])
plain = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | words
plain_json = st.recursive(
    plain,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(words, inner, max_size=3),
    max_leaves=5,
)
objects = st.dictionaries(words, plain_json, max_size=3)
facts = st.dictionaries(words, plain | st.lists(plain, max_size=3), max_size=3)
sure = st.integers(0, 100)
events = st.one_of(
    st.builds(Started, st.just(""), words),
    st.builds(Replied, names, words),
    st.builds(Judged, names, words, st.lists(words, max_size=2).map(tuple), st.none() | words, words),
    st.builds(Said, names, words, words, words),
    st.builds(Predicted, names, plain_json, words, sure),
    st.builds(RunFinished, names, facts.map(lambda facts: {**RESULT, "facts": facts, "figures": []})),
    st.builds(RunFailed, names, words, words),
    st.builds(Tweaked, names, objects),
    st.builds(Continued, names),
    st.builds(Skipped, names),
    st.builds(Finished, st.just("")),
    st.builds(Noted, names | st.just(""), words, words),
    st.just(SCORED),
)
journals = st.lists(st.tuples(st.sampled_from(["", LESSON, "other", "review"]), events), max_size=12)


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(journals, st.integers(0, 3))
def test_export_import_export_is_the_same(journal: list[tuple[str, Event]], strangers: int) -> None:
    with TemporaryDirectory() as there, TemporaryDirectory() as here:
        with Store.open(Path(there), "ben") as ben:
            for _ in range(strangers):
                ben.append("other", Replied("guess", "of another learner"))
        with Store.open(Path(there), "ada") as store:
            scored = 0
            for lesson, event in journal:
                if lesson == "review":
                    if scored:
                        store.append(f"again/{scored}/0", event)
                        store.append(f"again/{scored}/0", Reviewed("guess", scored, True, 50))
                    continue
                store.append(lesson, event)
                if isinstance(event, Scored):
                    scored = max(record.id for record in store.records())
        whole = export(Path(there))
        brought = bring_in(Path(here), whole)
        assert brought.new == len(json.loads(whole)["events"])
        assert export(Path(here)) == whole
        again = bring_in(Path(here), whole)
        assert (again.new, again.known) == (0, brought.new), "nothing comes in twice"
        assert export(Path(here)) == whole


def test_events_keep_their_times_and_versions(home: Path, tmp_path: Path, clock: Clock) -> None:
    take(home, TAKING, clock)
    text = export(home).replace('"version": "', '"version": "0.0.1+')
    bring_in(tmp_path / "new", text, "bea")
    with Store.read(home, "ada") as there, Store.read(tmp_path / "new", "bea") as here:
        for before, after in zip(there.records(), here.records(), strict=True):
            assert (before.at, before.body, before.event) == (after.at, after.body, after.event)
            assert after.version == f"0.0.1+{before.version}"
            assert after.learner == "bea"


def test_what_was_done_there_since_comes_to_what_is_here(home: Path, tmp_path: Path, clock: Clock) -> None:
    take(home, TAKING[:3], clock)
    bring_in(tmp_path / "new", export(home))
    take(home, TAKING[3:], clock)
    brought = bring_in(tmp_path / "new", export(home))
    assert (brought.new, brought.known, brought.newer, brought.older) == (4, 3, (LESSON,), ())
    assert export(tmp_path / "new") == export(home)
    with Store.read(tmp_path / "new", "ada") as store:
        assert store.progress()[LESSON].done


def test_a_review_names_its_bet_whatever_number_that_has_here(home: Path, tmp_path: Path, clock: Clock) -> None:
    take(home, TAKING, clock)
    take(home, [Started(""), Reviewed("guess", 5, True, 60)], clock, lesson="again/5/0")
    take(tmp_path / "new", [Replied("s", "mine")] * 9, clock, lesson="other")
    bring_in(tmp_path / "new", export(home))
    with Store.read(tmp_path / "new", "ada") as store:
        records = list(store.records())
    (scored,) = [r for r in records if r.kind == "scored"]
    (reviewed,) = [r for r in records if r.kind == "reviewed"]
    assert scored.id != 5
    assert (reviewed.body["of"], reviewed.lesson) == (scored.id, f"again/{scored.id}/0")


# --- where both were at work ----------------------------------------------------------------------------------------


def later(days: int) -> Clock:
    now = datetime(2026, 3, 1, tzinfo=UTC) + timedelta(days=days)
    return lambda: now


@pytest.mark.parametrize(("there", "here", "goes_on"), [(0, 1, "here"), (1, 0, "there")])
def test_the_side_that_was_at_work_last_goes_on(
    home: Path, tmp_path: Path, there: int, here: int, goes_on: str
) -> None:
    new = tmp_path / "new"
    take(home, [Started(""), Replied("warm-up", "there")], later(there))
    take(new, [Started(""), Replied("warm-up", "here")], later(here))
    take(new, [Started(""), Replied("warm-up", "x")], later(5), lesson="other")
    brought = bring_in(new, export(home))
    assert (brought.newer, brought.older) == (((LESSON,), ()) if goes_on == "there" else ((), (LESSON,)))
    with Store.open(new, "ada") as store:
        assert store.events(LESSON)[-1] == Replied("warm-up", goes_on)
        assert {e.event.text for e in store.records(LESSON) if isinstance(e.event, Replied)} == {"there", "here"}
        assert latest(store) == ("other" if goes_on == "here" else LESSON)
        store.append(LESSON, Replied("warm-up", "next"))
        assert store.events(LESSON)[-1] == Replied("warm-up", "next")
    assert bring_in(new, export(home)).new == 0


def test_what_is_half_typed_here_stays(home: Path, tmp_path: Path, clock: Clock) -> None:
    take(home, TAKING, clock)
    with Store.open(tmp_path / "new", "ada") as store:
        store.save_draft(LESSON, "warm-up", "reply", "half")
    bring_in(tmp_path / "new", export(home))
    with Store.read(tmp_path / "new", "ada") as store:
        assert store.draft(LESSON, "warm-up") == {"reply": "half"}


def test_a_journal_that_is_open_is_left_alone(home: Path, tmp_path: Path, clock: Clock) -> None:
    take(home, TAKING, clock)
    text = export(home)
    for learner in ("ada", "ben"):
        with Store.open(tmp_path / "new", learner), pytest.raises(JournalBusy):
            bring_in(tmp_path / "new", text)
    assert json.loads(export(tmp_path / "new"))["events"] == []


# --- files that do not fit ------------------------------------------------------------------------------------------


def whole(home: Path, clock: Clock) -> dict[str, Any]:
    take(home, TAKING, clock)
    return json.loads(export(home))  # type: ignore[no-any-return]


@pytest.mark.parametrize(
    ("number", "change", "says"),
    [
        (0, {"at": "yesterday"}, "is no time such as"),
        (0, {"at": "2026-13-01T00:00:00.000+00:00"}, "is no time such as"),
        (1, {"lesson": "../etc"}, "is no name such as"),
        (1, {"step": "\x1b[31m"}, "is no text"),
        (1, {"kind": ""}, "is no text"),
        (1, {"kind": "DROP TABLE"}, "is no kind of event"),
        (1, {"body": []}, "its `body` is no object"),
        (1, {"body": {}}, "text of a `replied`"),
        (1, {"body": {"text": 5}}, "text of a `replied`"),
        (1, {"id": 1}, "is not a whole number of its own"),
        (1, {"id": 1.5}, "is not a whole number of its own"),
        (1, {"lesson": "again/3/0"}, "reviews no `scored` event before it"),
        (1, {"extra": 1}, "an event has no"),
        (2, {"body": {"answer": 1, "reason": "", "confidence": 101}}, "is out of range; it is from 0 to 100"),
        (3, {"body": {"result": {}}}, "is not that of a run"),
        (3, {"body": {"result": {"facts": {}, "figures": 3}}}, "is not that of a run"),
        (3, {"body": {"result": {"facts": {}, "device": {"a": 1}}}}, "is not that of a run"),
        (3, {"body": {"result": {"facts": {"top_prob": {"a": 1}}}}}, "is not that of a run"),
        (3, {"body": {"result": {"facts": {}, "parameters": {"layer": [[1]]}}}}, "is not that of a run"),
        (5, {"kind": "reviewed", "body": {"of": 1, "right": True, "confidence": 5}}, "is no `scored` event before it"),
        (5, {"kind": "settled", "body": {"of": 1}}, "is no `noted` or `scored` or `said` or `replied` event before it"),
    ],
)
def test_an_event_that_does_not_fit_is_named_with_its_line(
    home: Path, clock: Clock, number: int, change: dict[str, Any], says: str
) -> None:
    data = whole(home, clock)
    data["events"][number].update(change)
    for indent, line in ((1, None), (None, 1)):
        text = json.dumps(data, indent=indent)
        with pytest.raises(JournalError, match=f"event {number + 1}: ") as error:
            read(text, "x.json")
        assert says in str(error.value)
        line = line or 1 + next(n for n, s in enumerate(text.split("\n")) if s == "  {") + sum(
            len(json.dumps(e, indent=1).split("\n")) for e in data["events"][:number]
        )
        assert f"line {line}, " in str(error.value)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "line 1: this is no JSON"),
        ('{"format": 1,\n "events": [}', "line 2: this is no JSON"),
        ("[]", "this is no journal"),
        ('{"format": 2, "tutor": "x", "learner": "x", "events": []}', "by a newer llmw-tutor"),
        ('{"format": true, "tutor": "x", "learner": "x", "events": []}', "its format is true"),
        ('{"format": 1, "tutor": "x", "learner": "x", "events": {}}', "are no list"),
        ('{"format": 1, "tutor": "x", "learner": 5, "events": []}', "learner = 5"),
        ('{"format": NaN, "tutor": "x"}', "NaN"),
        ('{"format": 1e999, "tutor": "x"}', "1e999"),
        ('{"format": 1, "format": 1}', "two values of the same name"),
        ("[" * 100_000, "nested too deeply"),
        ("9" * 10_000, "a number too long"),
    ],
)
def test_a_file_that_is_no_journal_is_one_line(text: str, says: str) -> None:
    with pytest.raises(JournalError) as error:
        read(text, "x.json")
    assert says in str(error.value)
    assert "\n" not in str(error.value)


def test_a_kind_of_a_newer_tutor_is_kept_and_said(
    home: Path, clock: Clock, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data = whole(home, clock)
    data["events"][5].update(kind="dreamt", body={"of": "sheep"})
    file = tmp_path / "x.json"
    file.write_text(json.dumps(data))
    assert main(["import", str(file), "--home", str(tmp_path / "new"), "--learner", "ada"]) == 0
    said = capsys.readouterr()
    assert "Brought in 7 events of 1 lesson for 'ada', from the journal of 'ada'." in said.out
    assert "1 event of kinds that only a newer llmw-tutor knows" in said.err
    assert '"dreamt"' in export(tmp_path / "new")


def broken(text: str, chance: random.Random) -> str:
    """The file with something changed in it, as an editor, a bad disk or an enemy would."""
    place, end = sorted(chance.sample(range(len(text)), 2))
    odd = chance.choice(['"', "}", "]", "\\", "1e9", "null", "\x00", "\ud800", "[[", "-", "true", '{"a":1}', "9" * 30])
    match chance.randrange(7):
        case 0:
            return text[:place]
        case 1:
            return text[:place] + text[end:]
        case 2:
            return text[:place] + odd + text[place + 1 :]
        case 3:
            return text[:place] + odd + text[place:]
        case 4:
            return text[:place] + chance.choice(string.printable) + text[place + 1 :]
        case 5:
            return text[:place] + text[place:end] * 2 + text[end:]
    data = json.loads(text)
    event = chance.choice(data["events"])
    inside = chance.choice([event, event["body"], event["body"].get("result", event)])
    key = chance.choice([*inside, "new"])
    inside[key] = chance.choice([None, True, -1, 1e300, "", "x", [], {}, [[]], {"facts": 3}, 10**30, "again/5/0"])
    return json.dumps(data)


def test_a_broken_file_is_refused_whole_or_is_a_journal(home: Path, tmp_path: Path, clock: Clock) -> None:
    take(home, TAKING, clock)
    take(home, [Started(""), Reviewed("guess", 5, True, 60)], clock, lesson="again/5/0")
    good, chance = export(home), random.Random(5)
    refusals, taken = [], 0
    for _ in range(800):
        text = broken(good, chance)
        try:
            events = read(text, "x.json").events
        except JournalError as error:
            refusals.append(str(error))
            continue
        taken += 1
        new = sqlite3.connect(":memory:", isolation_level=None)
        schema.create(new)
        with Store(new, home, "ada", utc_now, None) as store:
            assert bring(new, "ada", events).new == len(events)
            assert len(list(store.records())) == len(events)
            assert store.notices == []
            store.progress()
            as_markdown(store.records(), {}, "ada")
            as_html(store.records(), {}, "ada")
    assert all(line.startswith("x.json") and line.isprintable() for line in refusals)
    assert len(refusals) > 200
    assert taken > 60


def test_a_disk_that_fails_halfway_leaves_nothing(home: Path, tmp_path: Path, clock: Clock) -> None:
    take(home, TAKING, clock)
    events = read(export(home), "x.json").events
    with Store.open(tmp_path / "new", "ada") as store:
        store._db.execute(
            "CREATE TEMP TRIGGER full BEFORE INSERT ON events WHEN NEW.kind = 'scored' BEGIN SELECT RAISE(ABORT, 'full'); END"
        )
        with pytest.raises(JournalError):
            store.bring(events)
        assert list(store.records()) == []
        store._db.execute("DROP TRIGGER temp.full")
        assert store.bring(events).new == len(TAKING)


# --- the command ----------------------------------------------------------------------------------------------------


def test_the_command_says_what_came_and_what_not(
    home: Path, tmp_path: Path, clock: Clock, capsys: pytest.CaptureFixture[str]
) -> None:
    take(home, TAKING, clock)
    file, options = tmp_path / "x.json", ["--home", str(tmp_path / "new"), "--learner", "bea"]
    assert main(["export", "--format", "json", "-o", str(file), "--home", str(home), "--learner", "ada"]) == 0
    assert main(["import", str(file), *options]) == 0
    assert "Brought in 7 events of 1 lesson for 'bea', from the journal of 'ada'." in capsys.readouterr().out
    assert main(["import", str(file), *options]) == 0
    assert (
        "Brought in 0 events of 0 lessons for 'bea', from the journal of 'ada'. 7 were here" in capsys.readouterr().out
    )
    file.write_text(file.read_text().replace('"confidence": 90', '"confidence": "very"'))
    assert main(["import", str(file), *options]) == 1
    said = capsys.readouterr()
    assert said.out == ""
    (line,) = said.err.splitlines()
    assert f"{file}, line 4, event 3: confidence of a `predicted`" in line
    assert main(["import", str(tmp_path / "no-such"), *options]) == 1
    assert "cannot read" in capsys.readouterr().err
    file.write_bytes(b"\xff\xfe\x00")
    assert main(["import", str(file), *options]) == 1
    assert "this is no text" in capsys.readouterr().err
