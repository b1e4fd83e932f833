"""Search finds what was written, said and run, and reads of a long journal only what it needs."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.figures import cell_len
from tutor.cli import main
from tutor.course.format import Lesson
from tutor.events import (
    Noted,
    Predicted,
    Replied,
    RunFailed,
    RunFinished,
    Said,
    Scored,
    Started,
    Tweaked,
)
from tutor.journal.store import Store
from tutor.record.notes import notes
from tutor.record.search import Entry, entries, excerpt, find, spans

LESSON = Lesson.model_validate(
    {
        "format": 1, "id": "one", "title": "One", "unit": "u", "minutes": 5, "difficulty": 1, "concepts": ["c"],
        "steps": [
            {"id": "guess", "predict": {"kind": "choice", "ask": "What is left of it?", "options": [
                {"id": "a", "says": "The lead is gone", "when": {"x": {"below": 1}}},
                {"id": "b", "says": "It shrinks", "when": {"x": {"at_least": 1}}}]}},
            {"id": "do-it", "run": {"experiment": "next_token", "with": {"prompt": "x"}}},
            {"id": "keep", "takeaway": "One line?"},
        ],
    }
)  # fmt: skip
FIGURES = [{"kind": "table", "title": "needle", "heads": ["a"], "body": [["needle"]]}]
RESULT = {
    "experiment": "next_token",
    "parameters": {"prompt": 'The "figures": of Zürich', "bos": None},
    "facts": {"top_token": " Straße", "p": 0.5, "texts": ["once upon", "a time"]},
    "figures": FIGURES,
    "seconds": 0.1,
}


@pytest.fixture
def home(tmp_path: Path) -> Path:
    with Store.open(tmp_path, "me") as store:
        store.append("one", Started("", model="m"))
        store.append("one", Said("guess", "elicit", "What would [Mary] say?"))
        store.append("one", Replied("guess", "I think Mary\nwins"))
        store.append("one", Predicted("guess", "a", "because heads back it up", 90))
        store.append("one", RunFailed("do-it", "died", "The engine died of thirst."))
        store.append("one", RunFinished("do-it", RESULT))
        store.append("one", Scored("guess", 0, "choice", False, 0.1, 90, "The lead is gone", "It shrinks"))
        store.append("one", Replied("keep", "heads share"))
        store.append("one", Started("", model="m"))
        store.append("one", Tweaked("more", {"layer": 7}))
        store.append("", Noted("", "日本 and ＧＰＴ-2?"))
        store.append("gone", Predicted("guess", [1, 2], "", 5))
    return tmp_path


def found(home: Path, query: str) -> list[tuple[str, str]]:
    with Store.read(home, "me") as store:
        return [(e.who, e.text) for e in find(entries(store, {"one": LESSON}), query)]


@pytest.mark.parametrize(
    ("query", "who"),
    [
        ("mary", ["you", "tutor"]),
        ("MARY wins", ["you"]),
        ("wins think", ["you"]),
        ("the lead is gone", ["bet"]),
        ("what is left", ["bet"]),
        ("it shrinks", ["run"]),
        ("thirst", ["run"]),
        ("zürich", ["run"]),
        ("strasse", ["run"]),
        ("once upon", ["run"]),
        ("layer", ["try"]),
        ("日本", ["note"]),
        ("gpt-2", ["note"]),
        ("[1, 2]", ["bet"]),
        ("needle", []),
        ("", []),
        ("  ", []),
        ("mary %", []),
    ],
)
def test_all_words_in_any_case_and_newest_first(home: Path, query: str, who: list[str]) -> None:
    assert [w for w, _ in found(home, query)] == who


def test_what_belongs_to_the_lesson_as_it_stands_is_known(home: Path) -> None:
    with Store.read(home, "me") as store:
        assert {(e.who, e.now) for e in entries(store, {}) if e.lesson == "one" and e.who in ("you", "try")} == {
            ("you", False),
            ("try", True),
        }


def test_the_figures_of_runs_are_not_read_out(home: Path) -> None:
    with Store.read(home, "me") as store:
        (run,) = [r for r in store.written() if r.kind == "runfinished"]
        assert run.body == {"result": {k: RESULT[k] for k in ("experiment", "parameters", "facts")}}
        assert store.notices == []


def test_notes_are_takeaways_surprises_and_what_was_noted(home: Path) -> None:
    with Store.read(home, "me") as store:
        assert [(n.who, n.text) for n in notes(store, {"one": LESSON})] == [
            ("question", "日本 and ＧＰＴ-2?"),
            ("takeaway", "heads share"),
            ("surprise", "The lead is gone, 90 % sure → It shrinks (What is left of it?)"),
        ]


def test_a_question_in_place_of_a_takeaway_is_an_open_question(tmp_path: Path) -> None:
    with Store.open(tmp_path, "me") as store:
        for asks in ("only", "beside", "nothing"):
            store.append("one", Replied("keep", "why so many?", asks))
        assert [n.who for n in notes(store, {"one": LESSON})] == ["takeaway", "question"]


def test_a_takeaway_that_was_asked_about_and_the_answer_to_that_are_no_notes(tmp_path: Path) -> None:
    with Store.open(tmp_path, "me") as store:
        store.append("one", Replied("keep", "the head stores the name", misconception="stores"))
        store.append("one", Replied("keep", "then John would be lost as well", "answer"))
        store.append("one", Replied("keep", "one head is one share of a sum"))
        store.append("one", Started("", "gpt2"))
        store.append("one", Replied("keep", "it stores the name", misconception="stores"))
        store.append("one", Replied("keep", "it would be lost", "answer"))
        store.append("one", Replied("keep", "it stores it all the same", misconception="stores"))
        assert [(n.who, n.text) for n in notes(store, {"one": LESSON})] == [
            ("takeaway", "it stores it all the same"),
            ("takeaway", "one head is one share of a sum"),
        ], "the learner's own line is kept, whatever it holds"


def test_a_question_that_the_tutor_left_open_is_among_the_notes(tmp_path: Path) -> None:
    with Store.open(tmp_path, "me") as store:
        store.append("one", Said("why", "aside", "It goes among your open questions.", keeps="what about a BOS token?"))
        store.append("one", Said("why", "probe", "Where do you read that off?"))
        assert [(n.who, n.text) for n in notes(store, {"one": LESSON})] == [("question", "what about a BOS token?")]


@given(st.text(max_size=80), st.text(max_size=10), st.integers(10, 60))
def test_an_excerpt_is_one_line_that_fits(text: str, query: str, width: int) -> None:
    line = excerpt(text, query, width)
    assert cell_len(line) <= width
    assert "\n" not in line
    assert all(0 <= start < end <= len(line) for start, end in spans(line, query))


@given(st.lists(st.sampled_from(["alpha", "beta", "gamma", "delta"]), min_size=1, max_size=40), st.data())
def test_an_excerpt_shows_what_was_found(words: list[str], data: st.DataObject) -> None:
    query = data.draw(st.sampled_from(words))
    assert query in excerpt(" ".join(words), query, 30)


def test_as_many_as_wanted_and_no_more() -> None:
    many = [Entry(n, "", "", "", "you", "x", "x") for n in range(9)]
    assert len(find(many, "x", 4)) == 4
    assert find(many, "x", -1) == []


def test_the_command(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    options = ["--home", str(home)]
    assert main(["search", "MARY", "wins", *options]) == 0
    said = capsys.readouterr()
    assert said.out.splitlines()[1].split() == ["you", "I", "think", "Mary", "wins"]
    assert main(["search", "zebra", *options]) == 1
    said = capsys.readouterr()
    assert (said.out, said.err) == ("", "Nothing in the journal of 'me' holds: zebra\n")
    assert main(["search", "mary", "--limit", "1", *options]) == 0
    assert "--limit 2 shows more" in capsys.readouterr().err
