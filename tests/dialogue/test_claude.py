"""Claude through the real SDK and real HTTP: what is shown, who spoke, and what happens when anything fails."""

from __future__ import annotations

import asyncio
import socket
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import date
from pathlib import Path

import anthropic  # noqa: F401 - here, so that no test measures the time that takes
import pytest

from tests.dialogue.claude_server import (
    Answer,
    Server,
    cut_after,
    endless,
    judges,
    says,
    sends,
    serving,
    stalls_after,
    stalls_at_the_head,
    stalls_before,
    status,
)
from tests.dialogue.course import TURNS
from tests.dialogue.test_gate import BAD, SAID
from tutor import crash
from tutor.dialogue.authored import Authored, word
from tutor.dialogue.claude import WORDED, Claude
from tutor.dialogue.gate import check
from tutor.dialogue.key import Key, find_key
from tutor.dialogue.moves import Move, Reply
from tutor.dialogue.prompt import Options
from tutor.dialogue.usage import Ledger
from tutor.dialogue.voice import Turn
from tutor.dialogue.wire import Wire
from tutor.dialogue.words import sentences

SECRET = "sk-ant-api03-THIS-IS-THE-KEY"
OPTIONS = Options(model="claude-test", effort="low", stall=30, whole=60)
IMPATIENT = replace(OPTIONS, stall=2)
"""For what never answers. Where an answer is to come, a busy machine has all the time it needs."""
AT_ONCE = 10
"""Seconds: for what must not wait until a patient voice gives up."""
TURN, GOOD = TURNS["why-wrong"], SAID["why-wrong"]["good"][0]
BEGINNING = "You look at the order of the names. "
PROOF = [(name, rule, text) for name, rule, text in BAD if TURNS[name].move in WORDED]


@pytest.fixture(autouse=True)
def _straight(monkeypatch: pytest.MonkeyPatch) -> None:
    """No proxy, no gateway and no key of the machine that runs the tests."""
    monkeypatch.setenv("NO_PROXY", "127.0.0.1,localhost")
    for name in ("ANTHROPIC_API_KEY", "ANTHROPIC_AUTH_TOKEN", "ANTHROPIC_BASE_URL", "ANTHROPIC_CUSTOM_HEADERS"):
        monkeypatch.delenv(name, raising=False)


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


@asynccontextmanager
async def claude(url: str, home: Path, options: Options = OPTIONS) -> AsyncIterator[tuple[Claude, Clock]]:
    clock = Clock()
    voice = Claude(Wire(Key(SECRET, "a test"), options, Ledger(home, lambda: date(2026, 11, 21)), url), clock)
    try:
        yield voice, clock
    finally:
        await voice.close()


async def speak(voice: Claude, turn: Turn = TURN) -> tuple[str, float]:
    """What a turn puts on the screen, and how long it took."""
    began = time.monotonic()
    text = "".join([piece async for piece in voice.say(turn)])
    return text, time.monotonic() - began


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

FAULTS: dict[str, tuple[Answer, str, int]] = {
    "401": (status(401, "authentication_error"), "did not accept the key", 600),
    "403": (status(403, "permission_error"), "may not be used", 600),
    "404": (status(404, "not_found_error"), "no model 'claude-test'", 600),
    "400": (status(400, "invalid_request_error"), "refused the request (400)", 600),
    "413": (status(413, "request_too_large"), "too large", 5),
    "429": (status(429, "rate_limit_error"), "asks for a pause", 5),
    "429 with retry-after": (status(429, "rate_limit_error", retry_after="40"), "asks for a pause", 40),
    "429 with a date": (status(429, "rate_limit_error", retry_after="Sat, 21 Nov 2026 10:00:00 GMT"), "a pause", 5),
    "500": (status(500), "at Claude's end (500)", 5),
    "529": (status(529, "overloaded_error"), "too much to do (529)", 5),
    "302": (status(302), "", 5),
    "stall before the first byte": (stalls_before, "did not answer in time", 5),
    "stall after the head": (stalls_at_the_head, "did not answer in time", 5),
    "stall in mid-stream": (stalls_after(BEGINNING + "What "), "did not answer in time", 5),
    "cut in mid-stream": (cut_after(BEGINNING + "What "), "", 5),
    "an end without a stop": (cut_after(BEGINNING + "What ", clean=True), "mid-sentence", 5),
    "overloaded in mid-stream": (
        sends(("error", {"error": {"type": "overloaded_error", "message": "x"}})),
        "too much to do",
        5,
    ),
    "an error that is no JSON": (sends(("error", "oops")), "mid-sentence", 5),
    "events that are no JSON": (sends(("content_block_delta", "{oops")), "could not be read", 5),
    "events that lack what they should have": (sends(("content_block_delta", {"index": 0})), "could not be read", 5),
    "events of no kind": (sends(("message_start", "[]"), begin=False), "could not be read", 5),
    "a stranger": (sends(("hello", {"x": 1}), begin=False), "mid-sentence", 5),
    "declined": (says("I would rather not.", reason="refusal"), "would not answer", 0),
}


def patience(answer: Answer) -> Options:
    """How long to wait for this answer."""
    return IMPATIENT if any("stall" in name for name, (fault, *_) in FAULTS.items() if fault is answer) else OPTIONS


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


# --- judging ------------------------------------------------------------------------------------------------------------

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
