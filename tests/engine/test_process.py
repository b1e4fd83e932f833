"""The engine process on its pipe, without the client: what it says first, what it answers, when it ends."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from engine.models import Shelf
from engine.protocol import (
    EVENTS,
    PROTOCOL,
    REQUEST_LIMIT,
    Alive,
    Failed,
    Hello,
    Loaded,
    ModelList,
    Partial,
    Progress,
    Result,
    Run,
)
from engine.server import Server, lines
from tests.engine.tiny import tiny_folder
from tests.engine.tiny_engine import LONG, SHORT, reader

COMMAND = [sys.executable, "-P", "-m", "engine", "--device", "cpu"]


class Pipe:
    """One engine, spoken to line by line."""

    def __init__(self, *options: str):
        pipe = subprocess.PIPE
        self.process = subprocess.Popen([*COMMAND, *options], stdin=pipe, stdout=pipe, stderr=pipe)

    def send(self, line: str | dict[str, Any]) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write((line if isinstance(line, str) else json.dumps(line)).encode() + b"\n")
        self.process.stdin.flush()

    def events(self) -> Iterator[Any]:
        """Every event but heartbeats. Each line must be one."""
        assert self.process.stdout is not None
        for line in self.process.stdout:
            event = EVENTS.validate_json(line)
            if not isinstance(event, Alive):
                yield event

    def answer(self, line: str | dict[str, Any]) -> Any:
        """What the request ends with."""
        self.send(line)
        return next(e for e in self.events() if isinstance(e, Loaded | ModelList | Result | Failed))


@pytest.fixture(scope="module")
def pipe() -> Iterator[Pipe]:
    """One engine for the tests that leave it as it was."""
    opened = Pipe()
    assert isinstance(next(opened.events()), Hello)
    yield opened
    opened.process.kill()
    opened.process.communicate()


def test_it_says_hello_first_and_then_beats() -> None:
    opened = Pipe("--budget", "2GB")
    assert opened.process.stdout is not None
    first, second = (EVENTS.validate_json(opened.process.stdout.readline()) for _ in range(2))
    assert isinstance(first, Hello)
    assert (first.protocol, first.device, first.budget, first.pid) == (PROTOCOL, "cpu", 2 * 10**9, opened.process.pid)
    assert isinstance(second, Alive)
    opened.process.kill()
    opened.process.communicate()


@pytest.mark.parametrize(
    "line",
    [
        "no json",
        "[]",
        "{}",
        '{"op":"dance","id":1}',
        '{"op":"run","id":1}',
        '{"op":"load","id":1,"extra":2}',
        "\xff",
        "[" * 100_000,
    ],
)
def test_a_line_that_is_no_request_is_answered_and_survived(pipe: Pipe, line: str) -> None:
    answer = pipe.answer(line)
    assert isinstance(answer, Failed)
    assert answer.message.startswith("this request cannot be read")
    assert answer.id == (1 if '"id":1' in line else 0)


@pytest.mark.parametrize(
    ("parameters", "parameter", "words"),
    [
        ({"prompt": ""}, "prompt", "text, not empty"),
        ({"prompt": "The", "layer": 1}, "layer", "has no parameter"),
        ({"prompt": "The", "top": 99}, "top", "from 1 to 50"),
        ({}, "prompt", "missing"),
        ({"prompt": "The", "answer": " Mary cat"}, "answer", "not one"),
        ({"prompt": "The cat " * 40}, "prompt", "at most 64"),
    ],
)
def test_a_bad_parameter_is_named(pipe: Pipe, parameters: dict[str, Any], parameter: str, words: str) -> None:
    model = str(tiny_folder("gpt2"))
    answer = pipe.answer({"op": "run", "id": 5, "experiment": "next_token", "parameters": parameters, "model": model})
    assert isinstance(answer, Failed)
    assert (answer.id, answer.kind, answer.parameter) == (5, "bad_parameter", parameter)
    assert words in answer.message


@pytest.mark.parametrize(
    ("layer", "head", "parameter"), [(99, 0, "layer"), (0, 99, "head"), (-1, 0, "layer"), (0, -1, "head")]
)
def test_a_layer_or_head_the_model_does_not_have_is_named(pipe: Pipe, layer: int, head: int, parameter: str) -> None:
    parameters = {"prompt": "The", "layer": layer, "head": head, "answer": " Mary", "distractor": " John"}
    model = str(tiny_folder("gpt2"))
    answer = pipe.answer(
        {"op": "run", "id": 6, "experiment": "head_ablation", "parameters": parameters, "model": model}
    )
    assert isinstance(answer, Failed)
    assert (answer.kind, answer.parameter) == ("bad_parameter", parameter)


def test_an_experiment_that_does_not_exist_is_named(pipe: Pipe) -> None:
    answer = pipe.answer({"op": "run", "id": 7, "experiment": "levitation"})
    assert isinstance(answer, Failed)
    assert "'levitation'" in answer.message


def test_models_are_listed_while_a_run_computes(pipe: Pipe) -> None:
    pipe.send({"op": "run", "id": 10, "experiment": "sampling", "parameters": LONG, "model": reader()})
    events = pipe.events()
    assert next(e for e in events if isinstance(e, Partial)).id == 10
    pipe.send({"op": "models", "id": 11})
    pipe.send({"op": "cancel", "id": 10})
    ends = [next(e for e in events if isinstance(e, ModelList | Result | Failed)) for _ in range(2)]
    assert [type(e) for e in ends] == [ModelList, Failed]
    assert isinstance(ends[1], Failed)
    assert ends[1].kind == "cancelled"


def test_a_second_run_waits_for_the_first(pipe: Pipe) -> None:
    pipe.send({"op": "run", "id": 20, "experiment": "sampling", "parameters": LONG, "model": reader()})
    pipe.send({"op": "run", "id": 21, "experiment": "next_token", "parameters": SHORT, "model": reader()})
    seen = []
    for event in pipe.events():
        seen.append(event)
        if isinstance(event, Result | Failed) and event.id == 21:
            break
    ends = [e for e in seen if isinstance(e, Result | Failed)]
    assert [e.id for e in ends] == [20, 21]
    assert all(isinstance(e, Result) for e in ends)
    assert isinstance(ends[0], Result)
    progress = [e for e in seen if isinstance(e, Progress) and e.label == "writing"]
    assert 2 <= len(progress) <= 30 * ends[0].seconds, "progress is streamed, and no more of it than can be looked at"


def test_a_run_that_waits_can_be_cancelled(pipe: Pipe) -> None:
    pipe.send({"op": "run", "id": 30, "experiment": "sampling", "parameters": LONG, "model": reader()})
    pipe.send({"op": "run", "id": 31, "experiment": "next_token", "parameters": SHORT, "model": reader()})
    pipe.send({"op": "cancel", "id": 31})
    pipe.send({"op": "cancel", "id": 30})
    events = pipe.events()
    ends = [next(e for e in events if isinstance(e, Result | Failed)) for _ in range(2)]
    assert [(e.id, e.event) for e in ends] == [(30, "error"), (31, "error")]


def test_a_seed_repeats_a_run(pipe: Pipe) -> None:
    ask = {"op": "run", "id": 40, "experiment": "sampling", "parameters": {"prompt": "The", "n": 3}, "model": reader()}
    texts = [pipe.answer({**ask, "seed": seed}).facts["texts"] for seed in (1, 1, 2)]
    assert texts[0] == texts[1]
    assert texts[0] != texts[2]


@pytest.mark.parametrize("busy", [False, True])
def test_it_ends_at_once_when_its_input_does(busy: bool) -> None:
    opened = Pipe()
    events = opened.events()
    assert isinstance(next(events), Hello)
    if busy:
        opened.send({"op": "run", "id": 1, "experiment": "sampling", "parameters": LONG, "model": reader()})
        assert any(isinstance(e, Partial) for e in events)
    assert opened.process.stdin is not None
    opened.process.stdin.close()
    assert opened.process.wait(timeout=120) == 0
    assert not any(isinstance(e, Result) for e in events)


def test_a_request_longer_than_any_is_answered_and_the_next_one_too(pipe: Pipe) -> None:
    pipe.send('{"op":"models","id":90,"' + "B" * (REQUEST_LIMIT + 5) + '":1}')
    answer = pipe.answer({"op": "models", "id": 91})
    assert (answer.id, answer.kind) == (0, "failed")
    assert "this request cannot be read: it has more than 17 MB" in answer.message
    assert next(e for e in pipe.events() if isinstance(e, ModelList)).id == 91


def test_lines_are_cut_where_they_are_too_long() -> None:
    found = lines(io.BytesIO(b"1234\n123456789\n\n12345678\n1\n" + b"x" * 3_000_000 + b"\n1234567\n12"), limit=8)
    assert list(found) == [b"1234\n", None, b"\n", None, b"1\n", None, b"1234567\n", b"12"]


@pytest.mark.parametrize(
    "request_",
    [
        {"op": "run", "experiment": "tokenize", "parameters": {"A" * 100_000: 1}},
        {"op": "run", "experiment": "tokenize", "parameters": {}, "B" * 100_000: 1},
        {"op": "run", "experiment": "C" * 100_000, "parameters": {}},
        {"op": "load", "model": "D" * 100_000},
        {"op": "load", "model": "/" + "D" * 100_000},
        {"op": "E" * 100_000},
    ],
)
def test_what_is_said_of_long_names_is_short(pipe: Pipe, request_: dict[str, Any]) -> None:
    answer = pipe.answer({"id": 92, **request_})
    assert isinstance(answer, Failed)
    assert len(answer.message) < 1000
    assert len(answer.parameter or "") < 100


def test_no_message_is_longer_than_a_person_reads() -> None:
    long = Failed(id=1, kind="failed", message="x" * 10**6)
    assert len(long.message) < 10_000


def test_an_id_is_refused_while_it_is_open_and_free_afterwards(pipe: Pipe) -> None:
    run = {"op": "run", "id": 93, "experiment": "next_token", "parameters": SHORT, "model": str(tiny_folder("llama"))}
    pipe.send(run)
    pipe.send(run)
    answers = (e for e in pipe.events() if isinstance(e, Result | Failed))
    ends = [next(answers), next(answers)]
    assert sorted(e.id for e in ends) == [0, 93]
    assert "request 93 is not answered yet" in next(e.message for e in ends if isinstance(e, Failed))
    for _ in range(20):
        assert isinstance(pipe.answer(run), Result)


@pytest.mark.parametrize("more", [{"seed": True}, {"seed": 1.5}, {"parameters": {**SHORT, "top": True}}])
def test_true_is_no_number(pipe: Pipe, more: dict[str, Any]) -> None:
    run = {"op": "run", "id": 94, "experiment": "next_token", "parameters": SHORT, "model": str(tiny_folder("llama"))}
    answer = pipe.answer({**run, **more})
    assert isinstance(answer, Failed)
    assert ("seed" if "seed" in more else "top = True; it must be a whole number from 1 to 50") in answer.message


@pytest.mark.parametrize(
    ("model", "says"),
    [
        ("", "model = '' is empty"),
        ("  ", "model = '  ' is empty"),
        ("~nobody-of-that-name/x", "there is no folder '~nobody-of-that-name/x'"),
        ("x" * 300, "there is no model 'xxx"),
        ("x" * 5000 + "/y", "there is no model 'xxx"),
        ("/tmp/" + "x" * 300, "there is no folder '/tmp/xxx"),
        ("a\0b", "there is no model 'a"),
        ("/tmp/\0b", "there is no folder '/tmp/"),
    ],
)
def test_a_name_that_nothing_can_have_is_said_in_a_line(pipe: Pipe, model: str, says: str) -> None:
    answer = pipe.answer({"op": "load", "id": 95, "model": model, "fetch": False})
    assert (answer.event, answer.kind) == ("error", "model_unavailable")
    assert says in answer.message
    assert len(answer.message) < 600


@pytest.mark.parametrize("lacks", ["room on the line", "memory to write it"])
def test_a_result_that_cannot_be_sent_is_a_failure_of_its_own(
    lacks: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*arguments: object, **options: object) -> str:
        raise MemoryError

    if lacks == "room on the line":
        monkeypatch.setattr("engine.server.LINE_LIMIT", 500)
    else:
        monkeypatch.setattr(Result, "model_dump_json", full)
    out = io.BytesIO()
    server = Server(io.BytesIO(), out, Shelf("cpu", None, tmp_path))
    server._answer(Run(id=3, experiment="next_token", parameters=SHORT, model=str(tiny_folder("llama"))))
    last = EVENTS.validate_json(out.getvalue().splitlines()[-1])
    assert isinstance(last, Failed)
    assert (last.id, last.kind) == (3, "out_of_memory" if "memory" in lacks else "failed")
    assert "shorter prompt" in last.message


def test_nothing_else_can_print_to_the_pipe() -> None:
    code = """if True:
        import os
        from engine.__main__ import protected_output
        events = protected_output()
        print("a library prints", flush=True)
        os.system("echo a child prints")
        events.write(b"an event")
        events.flush()
    """
    done = subprocess.run([sys.executable, "-P", "-c", code], capture_output=True, check=True)
    assert done.stdout == b"an event"
    assert b"a library prints" in done.stderr
    assert b"a child prints" in done.stderr


@pytest.mark.parametrize(
    ("option", "words"),
    [
        (("--budget", "much"), "12GB, 800MB or 4GiB"),
        (("--budget", "9" * 400), "at most 1000000GB"),
        (("--device", "abacus"), "invalid choice"),
    ],
)
def test_a_bad_option_is_said_in_a_line_and_without_torch(option: tuple[str, str], words: str) -> None:
    """That takes seconds to import."""
    without = "import sys; sys.modules['torch'] = None; from engine.__main__ import main; main()"
    done = subprocess.run([sys.executable, "-P", "-c", without, *option], input=b"", capture_output=True, timeout=120)
    assert done.returncode in (1, 2)
    assert words in done.stderr.decode().strip().splitlines()[-1]
    assert b"Traceback" not in done.stderr
    assert done.stdout == b""
