"""Claude in the conversation: what it says is shown as it comes, a fault is a quiet line, the journal says who spoke."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.dialogue.claude_server import Answer, judges, says, serving, stalls_after, stalls_before, status
from tests.dialogue.claude_voice import IMPATIENT, SECRET, claude
from tests.ui.drive import ID, bet, reach, said, write
from tests.ui.look import until
from tests.ui.stage import FakeApp
from tutor import events as ev
from tutor.journal.store import Store
from tutor.todo import AskBet, Hear

WORDS = "You say “the voices blend”. What would each head still hear of it?"


def stored(home: Path) -> list[ev.Event]:
    with Store.read(home, "me") as store:
        return store.events(ID)


async def test_claude_judges_and_words_and_the_journal_says_so(tmp_path: Path) -> None:
    verdict = judges(kind="wrong", met=[], misconception=None)
    async with serving(verdict, says(WORDS)) as server, claude(server.url, tmp_path) as (voice, _):
        app = FakeApp(tmp_path, ID, voice=voice)
        async with app.run_test(size=(100, 30)) as pilot:
            await reach(pilot, Hear, "warm-up")
            await write(pilot, "the voices blend", "enter")
            await until(pilot, lambda: "What would each head still hear" in " ".join(said(app).split()))
            await reach(pilot, Hear, "warm-up")
            await until(pilot, lambda: "tokens today" in said(app))
    events = stored(tmp_path)
    assert [e.judge for e in events if isinstance(e, ev.Judged)] == ["claude"]
    assert [(e.voice, e.text) for e in events if isinstance(e, ev.Said)][1:] == [("claude", WORDS)]


@pytest.mark.parametrize("answer", [status(401), status(529), stalls_before, stalls_after("You say “the voices bl")])
async def test_when_claude_fails_the_question_is_there_and_the_lesson_goes_on(answer: Answer, tmp_path: Path) -> None:
    async with serving(answer) as server, claude(server.url, tmp_path, IMPATIENT) as (voice, _):
        app = FakeApp(tmp_path, ID, voice=voice)
        async with app.run_test(size=(100, 30)) as pilot:
            await reach(pilot, Hear, "warm-up")
            await write(pilot, "the voices blend", "enter")
            await write(pilot, "and typed ahead")
            await until(pilot, lambda: "the lesson's own questions go on" in " ".join(said(app).split()))
            await until(pilot, lambda: "offline questions" in said(app))
            lesson = await reach(pilot, Hear, "warm-up")
            assert "and typed ahead" in lesson.composer.text
            await pilot.press("ctrl+u")
            await write(pilot, "other heads can do it, so the lead shrinks", "enter")
            await reach(pilot, AskBet)
            await bet(pilot)
            await reach(pilot, Hear, "look")
        assert len(server.requests) == 1
    events = stored(tmp_path)
    assert {e.voice for e in events if isinstance(e, ev.Said)} == {"authored"}
    assert {e.judge for e in events if isinstance(e, ev.Judged)} == {"authored"}
    assert not holds_the_key(tmp_path)


async def test_a_sentence_that_was_read_stays_and_the_lesson_ends_the_turn(tmp_path: Path) -> None:
    verdict, words = judges(kind="wrong", met=[], misconception=None), stalls_after("The voices blend, you say. What ")
    async with serving(verdict, words) as server, claude(server.url, tmp_path, IMPATIENT) as (voice, _):
        app = FakeApp(tmp_path, ID, voice=voice)
        async with app.run_test(size=(100, 30)) as pilot:
            await reach(pilot, Hear, "warm-up")
            await write(pilot, "the voices blend", "enter")
            await until(pilot, lambda: "did not answer in time" in " ".join(said(app).split()))
            await reach(pilot, Hear, "warm-up")
    spoken = [e for e in stored(tmp_path) if isinstance(e, ev.Said)][-1]
    assert spoken.voice == "claude+authored"
    assert spoken.text.startswith("The voices blend, you say. ")
    assert spoken.text.endswith("?")


def holds_the_key(home: Path) -> list[Path]:
    return [path for path in home.rglob("*") if path.is_file() and SECRET.encode() in path.read_bytes()]
