"""What a lesson waits for: a voice that words or judges, an engine that runs. Each is a worker and only posts messages.

Every message carries the number of the turn it belongs to, so that what comes late is known to be late.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from textual.message import Message

from engine.errors import BadParameter, Cancelled, EngineError
from engine.protocol import Partial, Progress
from tutor import events as ev
from tutor.dialogue.voice import Turn, Voice, said
from tutor.todo import RunNow
from tutor.ui.bench import Port

FRAME_S = 0.05
"""Streamed words are shown this often and no oftener."""

Post = Callable[[Message], Any]


class Work(Message):
    """Something that a worker has to say about turn `number`."""

    def __init__(self, number: int):
        super().__init__()
        self.number = number


class Words(Work):
    """The tutor's words as far as they have come."""

    def __init__(self, number: int, text: str):
        super().__init__(number)
        self.text = text


class Happened(Work):
    """The work is done, and this is the event it led to. `notice` is a quiet line for the learner."""

    def __init__(self, number: int, event: ev.Event, notice: str = ""):
        super().__init__(number)
        self.event, self.notice = event, notice


class FigureCame(Work):
    """A figure of the run, as far as it is known."""

    def __init__(self, number: int, partial: Partial):
        super().__init__(number)
        self.partial = partial


class LookedOver(Work):
    """A tweak before it is bet on: `refused` is why it would not run, if so."""

    def __init__(self, number: int, changed: dict[str, Any], refused: BadParameter | None):
        super().__init__(number)
        self.changed, self.refused = changed, refused


class Broke(Work):
    """The work failed in a way that nobody foresaw."""

    def __init__(self, number: int, error: Exception):
        super().__init__(number)
        self.error = error


class ModelReady(Message):
    """The lesson's model is loaded (`problem` empty), or why it is not, and of which kind that error is."""

    def __init__(self, problem: str = "", kind: str = ""):
        super().__init__()
        self.problem, self.kind = problem, kind


async def say(post: Post, number: int, voice: Voice, turn: Turn) -> None:
    """Word the move, showing the words as they come."""
    assert turn.move is not None
    text, frame = "", None
    loop = asyncio.get_running_loop()

    def show() -> None:
        nonlocal frame
        frame = None
        post(Words(number, text))

    try:
        async for piece in voice.say(turn):
            text += piece
            frame = frame or loop.call_later(FRAME_S, show)
    except Exception as error:
        post(Broke(number, error))
        return
    finally:
        if frame:
            frame.cancel()
    post(Happened(number, said(turn, text, voice), voice.notice))


async def judge(post: Post, number: int, voice: Voice, turn: Turn) -> None:
    """Say what kind of reply the learner's last words are."""
    try:
        verdict = await voice.judge(turn)
    except Exception as error:
        post(Broke(number, error))
        return
    event = verdict.event(turn.step)
    post(Happened(number, event, voice.notice))


async def look_over(post: Post, number: int, bench: Port, run: RunNow, changed: dict[str, Any], model: str) -> None:
    """Ask the engine whether the tweak would run: a bet on what is refused would be lost."""
    try:
        refused = await bench.refusal(run.experiment, run.parameters, model)
    except Exception as error:
        post(Broke(number, error))
        return
    post(LookedOver(number, changed, refused))


async def run(post: Post, number: int, bench: Port, todo: RunNow, model: str) -> None:
    """Run the experiment. A run that fails is an event as well."""

    def heard(event: Progress | Partial) -> None:
        if isinstance(event, Partial):
            post(FigureCame(number, event))

    event: ev.Event
    try:
        result = await bench.run(todo.experiment, todo.parameters, model, todo.seed, heard)
    except EngineError as error:
        event = ev.RunFailed(todo.step, error.kind, str(error))
    except Exception as error:
        post(Broke(number, error))
        return
    else:
        event = ev.RunFinished(todo.step, result.model_dump(mode="json", exclude={"event", "id"}))
    post(Happened(number, event))


async def prepare(post: Post, bench: Port, model: str) -> None:
    """Have the model ready before it is asked for."""
    try:
        await bench.prepare(model)
    except Cancelled:
        post(ModelReady())  # whoever cancelled knows; the next run loads it
    except EngineError as error:
        post(ModelReady(str(error), error.kind))
    else:
        post(ModelReady())
