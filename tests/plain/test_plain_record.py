"""The learner's record line by line: what is due, a surprise bet on again, the figures as text."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

from tests.plain.piped import typed
from tests.terminal import Terminal
from tutor import events as ev
from tutor.journal.store import Store

WITH = {
    "prompt": "When Mary and John went to the store, John gave a drink to",
    "layer": 1,
    "head": 2,
    "answer": " Mary",
    "distractor": " John",
    "max_new_tokens": 4,
}


def a_surprise(home: Path) -> None:
    """Three days ago, the learner was sure of something else than what happened."""
    then = datetime.now(UTC) - timedelta(days=3)
    with Store.open(home, "me", clock=lambda: then) as store:
        store.append("one-head", ev.Started("", model=""))
        store.append("one-head", ev.Scored("guess", 0, "choice", False, 0.2, 90, "It shrinks", "It does not shrink",
                                           ("ablation",), "head_ablation", WITH, ""))  # fmt: skip


def test_a_surprise_is_bet_on_again(argv: list[str], tmp_path: Path) -> None:
    a_surprise(tmp_path / "home")
    done = typed(argv, ":due", "1", "heads do little", "60", "")
    assert "1 due again, where you were sure and something else happened." in done.stdout
    assert "60 % sure, because heads do little. Locked." in done.stdout
    assert "Then: It shrinks, 90 %; it was: It does not shrink." in done.stdout
    with Store.read(tmp_path / "home", "me") as store:
        (event,) = (r.event for r in store.record() if r.kind == "reviewed")
    assert isinstance(event, ev.Reviewed)
    assert event.confidence == 60
    after_review = done.stdout.split("Then: ")[1]
    assert "due again" not in after_review, "it comes back another day"


def test_a_surprise_is_bet_on_once(argv: list[str], tmp_path: Path) -> None:
    a_surprise(tmp_path / "home")
    done = typed(argv, ":due", "1", "heads do little", "60", ":again", "", ":list")
    assert "A surprise is bet on once, and comes back another day" in done.stdout
    assert ":again takes this one again" not in done.stdout
    assert "Then: It shrinks, 90 %; it was: It does not shrink." in done.stdout


def test_a_review_that_is_skipped_stays_due_and_says_so(argv: list[str], tmp_path: Path) -> None:
    a_surprise(tmp_path / "home")
    done = typed(argv, ":due", ":skip", "")
    assert "Not bet on; it stays due." in done.stdout
    assert "Then: " not in done.stdout
    assert done.stdout.count("1 due again") == 2


def test_the_record_can_be_read(argv: list[str], tmp_path: Path) -> None:
    a_surprise(tmp_path / "home")
    said = typed(argv, ":record").stdout
    assert "Surprises" in said
    assert "ablation" in said
    assert "Next: review, 1 due again" in said


def test_with_no_bets_there_is_nothing_due_and_nothing_to_show(argv: list[str]) -> None:
    said = typed(argv, ":due", ":record").stdout
    assert "Nothing is due again." in said
    assert "Next: begin" in said


def test_its_figures_are_not_broken_as_paragraphs_are(argv: list[str], tmp_path: Path) -> None:
    a_surprise(tmp_path / "home")
    with Terminal(argv, 40, 50, env={"OMP_NUM_THREADS": "1"}) as t:
        t.wait("lesson")
        t.press(":record", "enter")
        t.wait("Next: review")
        lines = t.raw.decode().split("\r\n")
    head = next(line for line in lines if line.startswith("sure  "))
    assert head.split() == ["sure", "bets", "came", "true", "share", "could", "be"]
