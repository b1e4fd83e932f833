"""The conversation under load: key to paint while Claude's words stream in, and scrolling when it has become long.

    make bench-talk        or        python -m benchmarks.talk

Measured from outside, through a pseudo-terminal, with the real SDK over loopback HTTP: no key and no network are needed.
"""

from __future__ import annotations

import asyncio
import json
import statistics
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.machine import line
from tests.dialogue.claude_server import Exchange, Server
from tests.terminal import TUTOR, Terminal
from tutor import events as ev
from tutor.journal.store import Store

LESSON = "silence-one-head"
STEP = "warm-up"
SPEECH = (
    "You say so. Picture the layer as a choir in which one voice falls silent, while all the others go on with the same "
    "song, on the same beat, out of the same book, and the hall hears them through the same air as before. "
    "What would a listener at the very back of that hall still notice of it, and what would that listener have to know?"
)
CHUNKS_A_SECOND = 300


async def dribble(x: Exchange) -> None:
    """Answer a judgement at once, and word a turn a letter at a time, CHUNKS_A_SECOND of them."""
    await x.head()
    await x.begin()
    if "format" in x.body.get("output_config", {}):
        await x.text(json.dumps({"kind": "wrong", "met": [], "misconception": None}))
    else:
        loop = asyncio.get_running_loop()
        began = loop.time()
        for n, letter in enumerate(SPEECH):
            await asyncio.sleep(max(0.0, began + n / CHUNKS_A_SECOND - loop.time()))
            await x.text(letter)
    await x.finish()


@contextmanager
def speaking() -> Iterator[Server]:
    """The server, in a thread of its own."""
    server, loop, ready = Server(dribble), asyncio.new_event_loop(), threading.Event()

    async def serve() -> None:
        listener = await asyncio.start_server(server.handle, "127.0.0.1", 0)
        server.url = f"http://127.0.0.1:{listener.sockets[0].getsockname()[1]}"
        ready.set()

    def work() -> None:
        loop.run_until_complete(serve())
        loop.run_forever()

    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    ready.wait()
    try:
        yield server
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()


def settle(t: Terminal, quiet: float = 0.3) -> None:
    while t.pump(quiet):
        pass


def typed(t: Terminal, letter: str) -> float:
    """Seconds from a key to the paint that holds its letter; what is painted before it are Claude's words."""
    began = time.perf_counter()
    t.press(letter)
    data = b""
    while letter.encode() not in data:
        data += t.read(0.5)
        if time.perf_counter() - began > 5:
            raise TimeoutError(f"{letter!r} was not seen:\n{t.text}")
    took = time.perf_counter() - began
    t.feed(data)
    return took


def while_words_come(visits: int) -> list[float]:
    """Letters typed while a turn streams in: seconds from the key until that letter is painted."""
    took: list[float] = []
    with speaking() as server:
        env = {"ANTHROPIC_BASE_URL": server.url, "ANTHROPIC_API_KEY": "none-needed-here", "NO_PROXY": "127.0.0.1"}
        for _ in range(visits):
            with tempfile.TemporaryDirectory() as home:
                argv = [*TUTOR, "--home", home, "--engine", "sleep 600", LESSON]
                with Terminal(argv, 120, 40, env) as t:
                    t.wait("enter send", 60)
                    t.wait("claude", 60)
                    settle(t)
                    t.press("it is quite redundant, no", "enter")
                    t.wait("You say", 30)
                    for n in range(40):
                        if SPEECH.split()[-1] in t.text:
                            break
                        took.append(typed(t, "QZXJVK"[n % 6]))
                        t.pump(0.02)
    return sorted(took)


def talked(home: Path, turns: int) -> None:
    """A journal in which the learner and the tutor have spoken `turns` times at one step."""
    with Store.open(home, "me") as store:
        store.append(LESSON, ev.Started("", model="smollm2-135m"))
        store.append(LESSON, ev.Said(STEP, "elicit", "What would you notice?"))
        for n in range(turns // 2):
            store.append(LESSON, ev.Replied(STEP, f"I would notice reply number {n}, which goes on for a while."))
            store.append(LESSON, ev.Judged(STEP, "empty"))
            store.append(LESSON, ev.Said(STEP, "probe", f"And what follows from number {n}, seen from the next layer?"))


def scrolling(turns: int, presses: int) -> list[float]:
    with tempfile.TemporaryDirectory() as home:
        talked(Path(home), turns)
        argv = [*TUTOR, "--home", home, "--offline", "--engine", "sleep 600", LESSON]
        with Terminal(argv, 80, 24) as t:
            t.wait("enter send", 60)
            settle(t, 0.5)
            took = []
            for n in range(presses):
                took.append(t.painted("pageup" if n % 2 == 0 else "pagedown")[0])
                settle(t, 0.1)
            return sorted(took)


def said(took: list[float]) -> str:
    p99 = took[max(0, int(len(took) * 0.99) - 1)]
    return f"median {statistics.median(took) * 1000:.1f} ms, p99 {p99 * 1000:.1f} ms, {len(took)} keys"


def main() -> None:
    print(line("textual", "anthropic"))
    print(f"key to paint at {CHUNKS_A_SECOND} chunks a second: {said(while_words_come(8))} (p99 at most 50 ms)")
    short, long = scrolling(10, 100), scrolling(500, 100)
    print(f"a page of 10 turns: {said(short)}")
    print(f"a page of 500 turns: {said(long)}")
    print(f"500 turns / 10 turns: {statistics.median(long) / statistics.median(short):.2f}")


if __name__ == "__main__":
    main()
