"""Claude as the judge, through the real SDK and real HTTP: what is taken from it, and what the lesson judges itself."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import anthropic  # noqa: F401 - here, so that no test measures the time that takes
import pytest

from tests.dialogue.claude_server import (
    Answer,
    Server,
    judges,
    says,
    serving,
    stalls_before,
)
from tests.dialogue.claude_voice import (
    FAULTS,
    IMPATIENT,
    OPTIONS,
    TURN,
    claude,
    patience,
    speak,
)
from tests.dialogue.course import TURNS
from tutor.dialogue.authored import Authored, word
from tutor.dialogue.claude import Claude
from tutor.dialogue.moves import Reply
from tutor.dialogue.prompt import Options
from tutor.dialogue.usage import Ledger
from tutor.dialogue.voice import Turn

HEARD = replace(TURNS["why-partly"], move=None, reply=None, met=frozenset())
EVERY = ("others-help", "lead-was-large")


async def judge(server: Server, home: Path, turn: Turn = HEARD, options: Options = OPTIONS) -> tuple[Claude, object]:
    async with claude(server.url, home, options) as (voice, _):
        return voice, await voice.judge(turn)


@pytest.mark.parametrize(
    ("kind", "met", "misconception"),
    [("right", EVERY, None), ("partly", EVERY[1:], None), ("unsure", (), None), ("question", (), None)],
)
async def test_a_judgement_that_fits_is_taken(
    kind: str, met: tuple[str, ...], misconception: str | None, tmp_path: Path
) -> None:
    async with serving(judges(kind=kind, met=list(met), misconception=misconception)) as server:
        _, found = await judge(server, tmp_path)
    assert (found.reply, found.met, found.judge) == (Reply(kind), met, "claude")  # type: ignore[attr-defined]
    schema = server.requests[0]["output_config"]["format"]["schema"]
    assert schema["properties"]["met"]["items"]["enum"] == list(EVERY)


@pytest.mark.parametrize(
    "answer",
    [
        says("It is right."),
        says('{"kind": "right"}'),
        judges(kind="right", met=["others-help"], misconception=None),
        judges(kind="right", met=[*EVERY, "made-up"], misconception=None),
        judges(kind="brilliant", met=[], misconception=None),
        judges(kind="empty", met=[], misconception=None),
        judges(kind="misconception", met=[], misconception=None),
        judges(kind="misconception", met=[], misconception="made-up"),
        judges(kind="partly", met=[], misconception=None),
        judges(kind="wrong", met=["others-help"], misconception=None),
        judges(kind="wrong", met="others-help", misconception=None),
        judges(kind="wrong", met=[], misconception=None, note="x"),
        judges(kind="wrong", met=[None], misconception=None),
        says('{"kind": "wrong", "met": [], "misc', reason="max_tokens"),
        says(""),
        *(answer for answer, _, _ in FAULTS.values()),
    ],
)
async def test_what_does_not_fit_is_judged_by_the_lesson(answer: Answer, tmp_path: Path) -> None:
    async with serving(answer) as server:
        voice, found = await judge(server, tmp_path, options=patience(answer))
    assert found == await Authored().judge(HEARD)
    assert len(server.requests) == 1
    day = Ledger(tmp_path, lambda: date(2026, 11, 21)).day()
    assert day.misfits + day.faults == 1
    assert bool(voice.notice) is bool(day.faults)


@pytest.mark.parametrize("reply", ["", "  ", "no idea", "just tell me"])
async def test_some_replies_need_no_judge(reply: str, tmp_path: Path) -> None:
    turn = replace(HEARD, replies=(reply,))
    async with serving(judges(kind="right", met=list(EVERY), misconception=None)) as server:
        _, found = await judge(server, tmp_path, turn)
    assert found == await Authored().judge(turn)
    assert server.requests == []


async def test_a_judge_that_was_talked_round_is_not_believed(tmp_path: Path) -> None:
    turn = replace(TURNS["warm-skill"], move=None, reply=None)
    every = [e.id for e in turn.listen.expects] if turn.listen else []
    async with serving(judges(kind="right", met=every, misconception=None)) as server:
        _, found = await judge(server, tmp_path, turn)
    assert found.reply is Reply.UNSURE  # type: ignore[attr-defined]


async def test_after_a_fault_of_the_judge_the_words_come_at_once(tmp_path: Path) -> None:
    async with serving(stalls_before) as server, claude(server.url, tmp_path, IMPATIENT) as (voice, _):
        await voice.judge(HEARD)
        shown, _ = await speak(voice)
    assert shown == word(TURN)
    assert len(server.requests) == 1
