"""The client against the real engine: killed, hung, out of memory, printing junk. Each is one line and a way on."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from engine.client import Engine
from engine.errors import BadParameter, Cancelled, DoesNotFit, EngineDied, EngineError, ModelUnavailable, OutOfMemory
from engine.life import Life, lines
from engine.protocol import PROTOCOL, Hello, Partial, Progress
from tests.engine.tiny import tiny_folder
from tests.engine.tiny_engine import LONG, SHORT, glutton, reader, until

pytestmark = pytest.mark.asyncio(loop_scope="module")


class Started:
    """An engine in the middle of a long run."""

    def __init__(self, engine: Engine):
        self.events: list[Progress | Partial] = []
        self.engine = engine
        self.run = asyncio.create_task(engine.run("sampling", LONG, model=reader(), on_event=self.events.append))

    async def midway(self) -> int:
        """Wait until the run has shown a partial figure; the engine's process id."""
        await until(lambda: any(isinstance(e, Partial) for e in self.events) or self.run.done())
        assert not self.run.done()
        assert self.engine.hello is not None
        return self.engine.hello.pid


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def engine() -> AsyncIterator[Engine]:
    """One engine for all: whatever a test does to it, the next one finds it at work."""
    made = Engine(device="cpu")
    yield made
    await made.close()


async def works(engine: Engine) -> None:
    """The way on: a run after all that."""
    result = await engine.run("next_token", SHORT, model=reader())
    assert result.facts["top_prob"] > 0
    assert result.model == reader()


def one_line(error: BaseException) -> str:
    """The message, which must be one line for a person."""
    assert "\n" not in str(error)
    assert "Traceback" not in str(error)
    return str(error)


async def test_a_run_streams_and_returns(engine: Engine) -> None:
    info = await engine.load(str(tiny_folder("llama")))
    assert (info.n_layers, info.n_heads) == (3, 4)
    events: list[Progress | Partial] = []
    result = await engine.run("sampling", {**LONG, "max_new_tokens": 40}, model=reader(), on_event=events.append)
    assert len(result.facts["texts"]) == 16
    assert result.parameters["beams"] == 16
    assert {type(e) for e in events} == {Progress, Partial}
    assert {m.name for m in await engine.models()} >= {"smollm2-135m", "gpt2"}


async def test_errors_keep_their_kind(engine: Engine) -> None:
    with pytest.raises(BadParameter) as bad:
        await engine.run("next_token", {"prompt": ""}, model=reader())
    assert bad.value.parameter == "prompt"
    with pytest.raises(ModelUnavailable):
        await engine.load("./nowhere")
    await works(engine)


async def test_killed_in_the_middle_of_a_run(engine: Engine) -> None:
    started = Started(engine)
    os.kill(await started.midway(), signal.SIGKILL)
    with pytest.raises(EngineDied) as died:
        await started.run
    assert "SIGKILL" in one_line(died.value)
    assert engine.hello is None
    await works(engine)


async def test_hung_in_the_middle_of_a_run(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    started = Started(engine)
    pid = await started.midway()
    monkeypatch.setattr(engine, "hang_after", 3)
    os.kill(pid, signal.SIGSTOP)
    with pytest.raises(EngineDied, match="no sign of life for 3 s"):
        await started.run
    assert engine.hello is None, "the next test finds another one at work"


async def test_what_prints_beside_a_hung_engine_is_no_sign_of_its_life() -> None:
    command = wrapped('(while sleep 0.2; do echo junk; done) & trap "kill $!" EXIT; "$@"')
    engine = Engine(command, hang_after=3)
    try:
        started = Started(engine)
        os.kill(await started.midway(), signal.SIGSTOP)
        async with asyncio.timeout(30):
            with pytest.raises(EngineDied, match="no sign of life for 3 s"):
                await started.run
    finally:
        await engine.close()


async def test_an_engine_that_is_gone_before_it_is_asked_ends_the_request(monkeypatch: pytest.MonkeyPatch) -> None:
    engine = Engine(pretender())
    greeting = Life.greeting

    async def and_gone(life: Life, within: float) -> Hello:
        hello = await greeting(life, within)
        life.kill()
        await life.over
        return hello

    monkeypatch.setattr(Life, "greeting", and_gone)
    try:
        async with asyncio.timeout(20):
            with pytest.raises(EngineDied, match="starts again"):
                await engine.models()
    finally:
        await engine.close()


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux bounds what a process takes of a CPU's memory")
async def test_out_of_memory_is_survived() -> None:
    engine = Engine(device="cpu", budget="130MB")
    try:
        before = await engine.start()
        with pytest.raises(OutOfMemory, match="more memory than the budget"):
            await engine.run("next_token", {"prompt": " the cat" * 3900}, model=glutton())
        result = await engine.run("next_token", SHORT, model=glutton())
        assert result.facts["top_prob"] > 0
        assert engine.hello == before, "the engine lives on"
    finally:
        await engine.close()


async def test_without_a_budget_the_same_run_has_room(engine: Engine) -> None:
    result = await engine.run("next_token", {"prompt": " the cat" * 3900}, model=glutton())
    assert result.facts["top_prob"] > 0


async def test_a_model_over_the_budget_is_refused() -> None:
    engine = Engine(device="cpu", budget="10MB")
    try:
        with pytest.raises(DoesNotFit, match="the budget is 10 MB"):
            await engine.load(glutton())
    finally:
        await engine.close()


async def test_cancelled_in_the_middle_of_a_run(engine: Engine) -> None:
    started = Started(engine)
    pid = await started.midway()
    await engine.cancel()
    with pytest.raises(Cancelled):
        await started.run
    await works(engine)
    assert engine.hello is not None
    assert engine.hello.pid == pid, "the engine lives on"


async def test_an_engine_that_does_not_listen_is_ended_when_cancelled() -> None:
    engine = Engine(device="cpu", grace=0.3)
    try:
        started = Started(engine)
        os.kill(await started.midway(), signal.SIGSTOP)
        await engine.cancel()
        with pytest.raises(Cancelled, match="had to be stopped"):
            await started.run
        assert not engine.alive
    finally:
        await engine.close()


async def test_cancelled_while_it_starts() -> None:
    engine = Engine(["sleep", "60"])
    task = asyncio.create_task(engine.run("next_token", SHORT))
    await until(lambda: engine.alive)
    await engine.cancel()
    with pytest.raises(Cancelled):
        await task
    assert not engine.alive


async def test_a_caller_that_goes_away_stops_its_run(engine: Engine) -> None:
    started = Started(engine)
    await started.midway()
    started.run.cancel()
    with pytest.raises(asyncio.CancelledError):
        await started.run
    seen = len(started.events)
    await works(engine)
    assert len(started.events) == seen


async def test_a_listener_that_fails_ends_its_own_run_only(engine: Engine) -> None:
    def fail(event: object) -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await engine.run("sampling", LONG, model=reader(), on_event=fail)
    await works(engine)


async def test_closed_in_the_middle_of_a_run(engine: Engine) -> None:
    started = Started(engine)
    pid = await started.midway()
    await engine.close()
    with pytest.raises(EngineDied, match="closed"):
        await started.run
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)
    await works(engine)


def wrapped(script: str) -> list[str]:
    """A start command that runs a shell script around the real engine, which is `"$@"`."""
    return ["sh", "-c", script, "sh", sys.executable, "-P", "-m", "engine", "--device", "cpu"]


@pytest.mark.parametrize(
    "junk",
    [
        "echo Last login: today; printf '\\033[2J\\n{}\\n[1]\\nnull\\n\\n'",
        "head -c 3000000 /dev/zero; echo",
        '(while sleep 0.05; do echo junk; done) & trap "kill $!" EXIT',
    ],
)
async def test_junk_on_its_output_is_kept_out_and_said_once(junk: str) -> None:
    notices: list[str] = []
    engine = Engine(wrapped(f'{junk}; "$@"'), on_notice=notices.append)
    try:
        assert await engine.models()
        assert len(notices) == 1
        one_line(ValueError(notices[0]))
    finally:
        await engine.close()


ELSEWHERE = """"$1" -c 'import os, time; os.setsid(); time.sleep(60)' & echo $! >&2"""


@pytest.mark.parametrize("script", ["sleep 60 & echo $! >&2", ELSEWHERE], ids=["beside it", "in a session of its own"])
async def test_what_the_start_command_leaves_behind_does_not_keep_it_open(
    script: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("engine.life.LAST_WORDS_S", 0.1)
    engine = Engine(wrapped(f'{script}; exec "$@"'), grace=0.1)
    assert await engine.models()
    life = engine._life
    assert life is not None
    try:
        async with asyncio.timeout(20):
            await engine.close()
    finally:
        os.kill(int(life.tail[0]), signal.SIGKILL)


def pretender(*said: str) -> list[str]:
    """A start command for an engine that beats its heart and answers every request with the same lines."""
    hello = {"event": "hello", "protocol": PROTOCOL, "version": "1", "pid": 1, "device": "cpu", "device_name": "CPU"}
    script = "import os, sys, threading, time\n"
    script += "say = lambda line: os.write(1, (line + '\\n').encode())  # print would let the two threads' lines mix\n"
    script += "say(sys.argv[1])\n"
    script += 'def beat():\n    while True: say(\'{"event": "alive"}\'); time.sleep(0.5)\n'
    script += "threading.Thread(target=beat, daemon=True).start()\n"
    script += "for request in sys.stdin:\n    for line in sys.argv[2:]: say(line)\n"
    return [sys.executable, "-c", script, json.dumps(hello), *said]


async def test_an_answer_that_cannot_be_read_ends_its_request() -> None:
    engine = Engine(pretender('{"event": "result", "id": 1, "figures": [NaN]}'))
    try:
        with pytest.raises(EngineError, match="answer cannot be read"):
            await asyncio.wait_for(engine.run("next_token", SHORT), 20)
    finally:
        await engine.close()


async def test_junk_that_is_nested_deeply_is_junk() -> None:
    notices: list[str] = []
    engine = Engine(pretender("[" * 100_000, '{"event": "models", "id": 1, "models": []}'), on_notice=notices.append)
    try:
        assert await engine.models() == []
        assert len(notices) == 1
    finally:
        await engine.close()


async def test_a_cancel_that_is_given_up_does_not_excuse_what_happens_later() -> None:
    engine = Engine(pretender(), grace=60)
    try:
        run = asyncio.create_task(engine.run("next_token", SHORT))
        await until(lambda: engine._life is not None and engine._life.waiting)
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(engine.cancel(), 0.2)
        assert engine._life is not None
        engine._life.kill()
        with pytest.raises(EngineDied, match="SIGKILL"):
            await run
    finally:
        await engine.close()


async def test_a_line_of_any_length_is_read_and_one_over_the_limit_is_dropped() -> None:
    stream = asyncio.StreamReader()
    long = b"x" * 1_000_000
    stream.feed_data(b"first\n" + long + b"\n" + long + b"x\nlast\nunfinished")
    stream.feed_eof()
    assert [line async for line in lines(stream, limit=1_000_000)] == [b"first", long, None, b"last"]


async def test_a_start_command_that_does_not_exist() -> None:
    with pytest.raises(EngineDied, match="start command could not be run: no-such-program"):
        await Engine("no-such-program -m engine").start()


async def test_an_engine_that_cannot_import_says_its_last_line() -> None:
    engine = Engine([sys.executable, "-P", "-c", "import no_such_module"])
    with pytest.raises(EngineDied, match="ended with status 1: ModuleNotFoundError"):
        await engine.run("next_token", SHORT)
    with pytest.raises(EngineDied):
        await engine.run("next_token", SHORT)


async def test_last_words_that_are_a_sentence_end_with_one_full_stop() -> None:
    with pytest.raises(EngineDied, match=r"status 255: Host key verification failed\. It starts"):
        await Engine(
            [sys.executable, "-c", "import sys; print('Host key verification failed.', file=sys.stderr); sys.exit(255)"]
        ).start()


async def test_an_engine_of_another_version_is_refused() -> None:
    hello = '{"event":"hello","protocol":99,"version":"9.0","new":"field"}'
    with pytest.raises(EngineDied, match=rf"speaks protocol 99 \(version 9\.0\), this tutor speaks {PROTOCOL}:"):
        await Engine(["sh", "-c", f"echo '{hello}'; sleep 60"]).start()


async def test_an_engine_that_never_says_hello_is_stopped() -> None:
    engine = Engine(["sleep", "60"], start_within=0.3)
    with pytest.raises(EngineDied, match="did not start within"):
        await engine.start()
    assert not engine.alive


async def test_what_it_prints_goes_to_the_log_and_the_log_stays_small(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("engine.life.LOG_LIMIT", 1000)
    log = tmp_path / "logs" / "engine.log"
    engine = Engine(wrapped('yes warning | head -n 100000 >&2; "$@"'), log=log)
    try:
        assert await engine.models()
    finally:
        await engine.close()
    assert "warning" in log.read_text()
    assert log.stat().st_size < 200_000


async def test_two_runs_at_once_are_both_answered(engine: Engine) -> None:
    runs: list[Any] = [engine.run("next_token", SHORT, model=reader()) for _ in range(2)]
    first, second = await asyncio.gather(*runs)
    assert first.facts == second.facts
    assert first.id != second.id
