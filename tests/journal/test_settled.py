"""What the learner is done with goes with their journal to another machine."""

from __future__ import annotations

from pathlib import Path

from tests.journal.test_import import TAKING, bring_in, export, take
from tutor.events import Noted, Settled
from tutor.journal.store import Clock, Store
from tutor.record.notes import notes


def test_what_one_is_done_with_is_done_with_here_too(home: Path, tmp_path: Path, clock: Clock) -> None:
    with Store.open(home, "ada", clock) as store:
        for text in ("why a die?", "why a coin?"):
            store.append("", Noted("", text))
        first, _ = notes(store, {})[::-1]
        store.append("", Settled("", of=first.id))
    other = tmp_path / "other"
    take(other, TAKING, clock, lesson="another")
    for _ in range(2):  # what is there already comes no second time
        bring_in(other, export(home))
    with Store.read(other, "ada") as store:
        assert [(n.text, n.settled) for n in notes(store, {}) if n.text.startswith("why a")] == [
            ("why a coin?", False),
            ("why a die?", True),
        ]
