"""Claude through the real SDK and real HTTP: what is shown, who spoke, and what happens when anything fails."""

from __future__ import annotations

import asyncio
import socket
from dataclasses import replace
from datetime import date
from pathlib import Path

import anthropic  # noqa: F401 - here, so that no test measures the time that takes
import pytest

from tests.dialogue.claude_server import (
    Answer,
    endless,
    says,
    serving,
    status,
)
from tests.dialogue.claude_voice import (
    AT_ONCE,
    BEGINNING,
    FAULTS,
    GOOD,
    IMPATIENT,
    OPTIONS,
    SECRET,
    TURN,
    claude,
    patience,
    speak,
)
from tests.dialogue.course import TURNS
from tests.dialogue.test_gate import BAD, SAID
from tutor import crash
from tutor.dialogue.authored import word
from tutor.dialogue.claude import WORDED
from tutor.dialogue.gate import check
from tutor.dialogue.key import Key, find_key
from tutor.dialogue.moves import Move, Reply
from tutor.dialogue.usage import Ledger
from tutor.dialogue.words import sentences

PROOF = [(name, rule, text) for name, rule, text in BAD if TURNS[name].move in WORDED]


# --- when all is well ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", [name for name in SAID if TURNS[name].move in WORDED])
async def test_a_good_turn_is_shown_sentence_by_sentence(name: str, tmp_path: Path) -> None:
    for text in SAID[name]["good"]:
        async with serving(says(text)) as server, claude(server.url, tmp_path) as (voice, _):
            pieces = [piece async for piece in voice.say(TURNS[name])]
        assert "".join(pieces).split() == text.split()
        assert len(pieces) == len(sentences(text))
        assert (voice.speaker, voice.notice) == ("claude", "")
        assert len(server.requests) == 1


async def test_the_request_is_streamed_cached_and_carries_the_key_in_its_head_alone(tmp_path: Path) -> None:
    async with serving(says(GOOD, cached=900)) as server, claude(server.url, tmp_path) as (voice, _):
        await speak(voice)
        assert voice.label == "claude · 1k tokens today"
    request = server.requests[0]
    assert (request["stream"], request["model"], request["output_config"]) == (True, "claude-test", {"effort": "low"})
    assert request["system"][-1]["cache_control"] == {"type": "ephemeral"}
    assert SECRET in str(server.headers)
    assert SECRET not in str(server.requests)
    day = Ledger(tmp_path, lambda: date(2026, 11, 21)).day()
    assert (day.requests, day.input, day.cached, day.output) == (1, 100, 900, 20)


@pytest.mark.parametrize("move", [m for m in Move if m not in WORDED and m is not Move.NEXT])
async def test_what_opens_a_step_or_tells_is_the_lessons_own(move: Move, tmp_path: Path) -> None:
    turn = replace(TURN, move=move, replies=(), said=(), reply=None)
    async with serving(says("no")) as server, claude(server.url, tmp_path) as (voice, _):
        assert (await speak(voice, turn))[0] == word(turn)
    assert voice.speaker == "authored"
    assert server.requests == []


# --- the gate -----------------------------------------------------------------------------------------------------------


def test_there_is_a_turn_for_every_rule() -> None:
    assert {rule for _, rule, _ in PROOF} == set(range(1, 10))


@pytest.mark.parametrize("rule", range(1, 10))
async def test_a_refused_turn_is_asked_for_again_and_then_the_authored_question_comes(
    rule: int, tmp_path: Path
) -> None:
    async with serving(says("")) as server, claude(server.url, tmp_path) as (voice, _):
        for n, (turn, text) in enumerate((TURNS[name], text) for name, broken, text in PROOF if broken == rule):
            server.answers = [says(text)]
            server.requests.clear()
            shown, _ = await speak(voice, turn)
            assert len(server.requests) == 2
            assert "Your first try was refused" in str(server.requests[1])
            assert sum(Ledger(tmp_path, lambda: date(2026, 11, 21)).day().refused.values()) == 2 * n + 2
            assert voice.speaker == ("authored" if shown == word(turn) else "claude+authored"), shown
            assert check(turn, shown) == [], shown
            assert shown.split() != text.split()


async def test_the_second_try_is_shown_if_it_is_good(tmp_path: Path) -> None:
    async with (
        serving(says("What did **you** see first?"), says(GOOD)) as server,
        claude(server.url, tmp_path) as (v, _),
    ):
        shown, _ = await speak(v)
    assert shown.split() == GOOD.split()
    assert v.speaker == "claude"
    assert "no markup" in str(server.requests[1])


async def test_a_good_beginning_stays_and_the_second_try_goes_on_from_it(tmp_path: Path) -> None:
    bad, good = BEGINNING + "Is it so?", "What would change if John came first in the sentence?"
    async with serving(says(bad), says(good)) as server, claude(server.url, tmp_path) as (voice, _):
        shown, _ = await speak(voice)
    assert shown == BEGINNING + good
    assert voice.speaker == "claude"
    assert BEGINNING.strip() in str(server.requests[1]["messages"])


@pytest.mark.parametrize("answer", [endless("word "), endless("word"), says(GOOD[:30], reason="max_tokens"), says("")])
async def test_too_much_too_little_and_cut_off(answer: Answer, tmp_path: Path) -> None:
    async with serving(answer) as server, claude(server.url, tmp_path) as (voice, _):
        shown, took = await speak(voice)
    assert shown == word(TURN)
    assert voice.speaker == "authored"
    assert len(server.requests) == 2
    assert took < AT_ONCE


async def test_before_the_run_a_guess_is_not_affirmed(tmp_path: Path) -> None:
    turn = replace(TURNS["warm-wrong"], reply=Reply.QUESTION)
    text = "Yes, that is right, nothing happens. What makes you think of so many?"
    async with serving(says(text)) as server, claude(server.url, tmp_path) as (voice, _):
        shown, _ = await speak(voice, turn)
    assert "right" not in shown


# --- faults -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", FAULTS)
async def test_after_a_fault_the_authored_question_is_there_and_a_later_turn_tries_again(
    name: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(0)
    answer, says_so, rest = FAULTS[name]
    async with serving(answer, says(GOOD)) as server, claude(server.url, tmp_path, patience(answer)) as (voice, clock):
        shown, took = await speak(voice)
        assert took < AT_ONCE
        early = shown.startswith(BEGINNING)
        assert early or shown == word(TURN)
        assert check(TURN, shown) == []
        assert voice.speaker == ("claude+authored" if early else "authored")
        assert early is (
            BEGINNING in name or ("mid-stream" in name and "overloaded" not in name) or "without a stop" in name
        )
        assert says_so in voice.notice
        assert voice.notice.endswith("; the lesson's own questions go on.")
        assert len(server.requests) == 1
        if rest:
            assert voice.label == "offline questions"
            clock.now = rest - 1
            assert (await speak(voice))[0] == word(TURN)
            assert voice.notice == ""
            assert len(server.requests) == 1
        clock.now, voice._wire.options = rest, OPTIONS
        assert (await speak(voice))[0].split() == GOOD.split()
        assert voice.speaker == "claude"
    assert SECRET not in caplog.text + voice.notice


@pytest.mark.parametrize("url", ["http://127.0.0.1:{free}", "http://no-such-host.invalid"])
async def test_nobody_there(url: str, tmp_path: Path) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        url = url.format(free=closed.getsockname()[1])
    async with claude(url, tmp_path, IMPATIENT) as (voice, _):
        await asyncio.wrap_future(voice._wire._client)  # the import is no part of it
        shown, took = await speak(voice)
    assert shown == word(TURN)
    assert took < AT_ONCE
    assert voice.notice.startswith(("Claude cannot be reached", "Claude did not answer in time"))


async def test_faults_in_a_row_make_the_rest_longer(tmp_path: Path) -> None:
    async with serving(status(500)) as server, claude(server.url, tmp_path) as (voice, clock):
        for moment, asked in [
            (0, 1),
            (5, 2),
            (6, 2),
            (24, 2),
            (25, 3),
            (104, 3),
            (105, 4),
            (424, 4),
            (425, 5),
            (1024, 5),
            (1025, 6),
        ]:
            clock.now = moment
            await speak(voice)
            assert len(server.requests) == asked, moment


async def test_the_key_is_nowhere(tmp_path: Path) -> None:
    key = Key(SECRET, "a test")
    assert SECRET not in f"{key!r} {key}"
    for name in FAULTS:
        answer = FAULTS[name][0]
        async with serving(answer) as server, claude(server.url, tmp_path, patience(answer)) as (voice, _):
            await speak(voice)
            assert SECRET not in repr(vars(voice)) + repr(vars(voice._wire)) + voice.notice
    try:
        raise RuntimeError("a frame that holds the voice") from ValueError(f"Bearer {SECRET}")
    except RuntimeError as error:
        crash.write_log(tmp_path, error)
    assert len(written(tmp_path)) >= 2
    assert all(SECRET not in text for text in written(tmp_path))


def written(folder: Path) -> list[str]:
    """The text of every file in the folder."""
    return [path.read_text() for path in folder.rglob("*") if path.is_file()]


def test_a_key_that_is_none_is_none() -> None:
    assert find_key({"ANTHROPIC_API_KEY": "sk-ant\nx-evil: 1"}) is None
    assert find_key({"ANTHROPIC_API_KEY": "sk-änt"}) is None
    found = find_key({"ANTHROPIC_API_KEY": f" {SECRET}\n"})
    assert found is not None
    assert (found.reveal(), found.origin) == (SECRET, "ANTHROPIC_API_KEY")


async def test_the_days_tokens_end_in_the_authored_voice(tmp_path: Path) -> None:
    options = replace(OPTIONS, tokens_per_day=5_000, max_tokens=1_000)
    async with serving(says(GOOD, cached=3_000)) as server, claude(server.url, tmp_path, options) as (voice, _):
        await speak(voice)
        assert voice.speaker == "claude"
        assert (await speak(voice))[0] == word(TURN)
        assert "5,000 tokens for today are used up (3,120)" in voice.notice
        assert voice.label == "offline questions"
        await speak(voice)
        assert voice.notice == "", "it is said once"
    assert len(server.requests) == 1
