"""What the tests of the screens share: lessons of their own, a voice and an engine that answer at once."""

from __future__ import annotations

import asyncio
import math
import re
import time
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import yaml

from engine.errors import BadParameter, EngineError
from engine.figures import AnyFigure, Distribution, Heatmap, Text, Texts, Tokens
from engine.protocol import ModelInfo, Partial, Progress, Result
from tutor.course import Course, Unit
from tutor.course.format import Lesson
from tutor.course.source import Problem
from tutor.dialogue.judge import Judgement
from tutor.dialogue.moves import Move, Reply
from tutor.dialogue.voice import Turn
from tutor.journal.store import Store
from tutor.session import Session
from tutor.settings import Settings
from tutor.ui.app import DeskOpened, TutorApp
from tutor.ui.bench import OnEvent, Status
from tutor.ui.desk import Desk

LESSON = """
format: 1
id: silence-one-head
title: Silence one head
unit: attention
minutes: 10
difficulty: 2
needs: [what-comes-next]
concepts: [attention head, ablation, redundancy]
steps:
  - id: warm-up
    ask: This model has many attention heads. If one of them fell silent, what would you notice in its answer, and why?
    listen: &listen
      expects:
        - id: redundancy
          says: other heads can carry the same information
          cues: [redundan, other heads]
          ask: What else in that layer could carry the same information?
        - id: lead
          says: the lead shrinks and stays
          cues: [shrink]
          ask: What became of the lead?
      answer: The other heads are redundant, so the lead may shrink and stay.
      wrong: [It will crash]
  - id: guess
    predict:
      kind: choice
      ask: You silence head 3 of layer 23. What happens to the lead of “Mary” over “John”?
      options:
        - {id: gone, says: The lead is gone, when: {drop: {at_least: 0.9}}}
        - {id: dent, says: "It shrinks, Mary still wins", when: {drop: {from: 0.1, below: 0.9}}}
        - {id: nothing, says: Nothing much, when: {drop: {below: 0.1}}}
  - id: do-it
    run:
      experiment: head_ablation
      with: &with
        prompt: When Mary and John went to the store, John gave a drink to
        layer: 1
        head: 2
        answer: " Mary"
        distractor: " John"
  - id: look
    observe: Before I say anything, what do you see?
  - id: why
    explain:
      ask: How can the lead shrink without going away?
      listen: *listen
      claims:
        - {says: "{drop} of the lead is gone.", when: {drop: {below: 2}}}
  - id: break-it
    tweak: {vary: [layer, head, prompt], goal: Find a head whose silence makes the answer better.}
  - id: keep
    takeaway: What will you remember, in one line?
"""

FIRST = """
format: 1
id: what-comes-next
title: What comes next, and how sure is it
unit: first-look
minutes: 8
difficulty: 1
concepts: [next token, probability]
steps:
  - id: guess
    predict: {kind: token, ask: "Which token comes next?", fact: top_token}
  - id: sure
    predict: {kind: number, ask: "How likely is it?", fact: top_prob, low: 0, high: 1, close: 0.1}
  - id: do-it
    run: {experiment: next_token, with: {prompt: The capital of France is}}
  - id: keep
    takeaway: What will you remember, in one line?
"""


def lesson(text: str = LESSON) -> Lesson:
    return Lesson.model_validate(yaml.safe_load(text))


def course(*texts: str, problems: tuple[Problem, ...] = ()) -> Course:
    units = (
        Unit(id="first-look", title="First look", about="What a model says, and how sure it is"),
        Unit(id="attention", title="Attention", about="Who looks at whom, and what for"),
    )
    return Course(units, tuple(lesson(t) for t in texts or (FIRST, LESSON)), problems)


VOCABULARY = (
    " P",
    " Par",
    " Paris",
    " Park",
    " Parliament",
    " Party",
    " Partner",
    " 北京",
    " 北",
    "\n",
    "\n\n",
    "Paris",
)


class FakeVoice:
    """Says the step's question, and takes a reply that says `right` for right, `unsure` for unsure."""

    name = speaker = "authored"
    notice = ""
    label = "offline questions"

    def __init__(self, hold: asyncio.Event | None = None) -> None:
        self.hold = hold

    async def say(self, turn: Turn) -> AsyncIterator[str]:
        words = turn.question or "Go on."
        if turn.move in (Move.CONFIRM, Move.TELL, Move.ASIDE, Move.DEFER):
            words = f"You said “{turn.last}”, and that is right."
        for word in words.split(" "):
            yield word + " "
        if self.hold:
            await self.hold.wait()

    async def judge(self, turn: Turn) -> Judgement:
        assert turn.listen is not None
        if "unsure" in turn.last:
            return Judgement(Reply.UNSURE)
        if "right" in turn.last:
            return Judgement(Reply.RIGHT, tuple(e.id for e in turn.listen.expects))
        if "partly" in turn.last:
            return Judgement(Reply.PARTLY, (turn.listen.expects[0].id,))
        return Judgement(Reply.WRONG)


def result(experiment: str, model: str, parameters: dict[str, Any], seed: int) -> Result:
    tokens = Tokens(
        title="What comes next",
        runs=[
            Distribution(name="BASE", tokens=[" Mary", " the", " his"], probabilities=[0.92, 0.02, 0.01]),
            Distribution(name="TWEAK", tokens=[" Mary", " John", " the"], probabilities=[0.61, 0.22, 0.07]),
        ],
    )
    texts = Texts(
        title="What it writes",
        prompt="When Mary and John",
        texts=[Text(name="BASE", text=" Mary. Mary said"), Text(name="TWEAK", text=" Mary. John said")],
    )
    rows, columns = [str(i) for i in range(30)], ["When", " Mary", " and", " John", " went", " to"]
    grid: list[list[float | None]] = [[math.sin(r / 3 + c) ** 2 for c in range(len(columns))] for r in range(len(rows))]
    heat = Heatmap(
        title="Probability", rows=rows, columns=columns, values=grid, row_name="layer", column_name="position"
    )
    facts = {
        "base_text": " Mary.", "tweak_text": " Mary.", "base_top": " Mary", "tweak_top": " Mary", "kl_bits": 0.3,
        "base_logit_diff": 6.1, "tweak_logit_diff": 3.1, "drop": 0.5, "top_token": " Paris", "top_prob": 0.77,
        "entropy_bits": 1.5,
    }  # fmt: skip
    figures: list[AnyFigure] = [tokens, texts, heat]
    return Result(experiment=experiment, model=model, device="cpu", dtype="float32", seed=seed, parameters=parameters,
                  facts=facts, figures=figures, seconds=0.1)  # fmt: skip


class FakeBench:
    """Runs nothing. `fail` is raised once by the next run; `hold` keeps a run going until it is set."""

    def __init__(self, fail: EngineError | None = None, hold: asyncio.Event | None = None, loaded: str = "") -> None:
        self.status = Status("ready", device="cpu", since=time.monotonic())
        self.model = ModelInfo(name=loaded, n_layers=30, n_heads=9) if loaded else None
        self.preparing = False
        self.fail, self.hold = fail, hold
        self.ran: list[dict[str, Any]] = []
        self.unavailable: EngineError | None = None
        self.cancelled = False
        self.sizes: dict[str, Any] = {}
        """Of the next model that is loaded, where they differ."""
        self.loads: asyncio.Event | None = None
        """Keeps the model loading until it is set."""
        self.refuse: BadParameter | None = None
        """What it says of a tweak before the bet."""
        self.asked: list[dict[str, Any]] = []
        """What was asked about before a bet."""
        self.down = False
        """Whether it has nothing to say about tokens."""

    async def start(self) -> None: ...

    async def close(self) -> None: ...

    async def prepare(self, model: str) -> ModelInfo:
        if self.unavailable:
            raise self.unavailable
        sizes: dict[str, Any] = {"n_layers": 30, "n_heads": 9, **self.sizes}
        if self.loads:
            await self.loads.wait()
        self.model = ModelInfo(name=model, **sizes)
        self.status = replace(self.status, model=model)
        self.preparing = False
        return self.model

    async def run(
        self, experiment: str, parameters: dict[str, Any], model: str, seed: int, on_event: OnEvent
    ) -> Result:
        since = time.monotonic() - 1
        self.status = Status("busy", "cpu", model, "reading layers", 12, 30, "layers", since)
        done = result(experiment, model, parameters, seed)
        on_event(Progress(id=1, label="reading layers", done=12, total=30, unit="layers"))
        on_event(Partial(id=1, index=0, figure=done.figures[0]))
        try:
            if self.hold:
                await self.hold.wait()
            if self.fail:
                error, self.fail = self.fail, None
                raise error
        finally:
            self.status = Status("ready", device="cpu", model=model, since=time.monotonic())
        self.ran.append(parameters)
        return done

    async def find_tokens(self, model: str, prefix: str, limit: int) -> list[str] | None:
        if self.model is None or self.down:
            return None
        return [token for token in VOCABULARY if token.startswith(prefix)][:limit]

    async def cut(self, model: str, text: str, bos: bool) -> list[str] | None:
        if self.model is None or self.down:
            return None
        return ["<s>"] * bos + re.findall(r" ?[^ ]+", text)

    async def refusal(self, experiment: str, parameters: dict[str, Any], model: str) -> BadParameter | None:
        self.asked.append(parameters)
        return self.refuse

    async def cancel(self) -> None:
        self.cancelled = True
        if self.hold:
            self.hold.set()


class FakeDesk(Desk):
    fake: Any = None

    def bench(self, on_change: Any, on_notice: Any) -> Any:
        return self.fake

    def session(self, lesson: str, again: bool = False) -> Session:
        return super().session(lesson, again)


class FakeApp(TutorApp):
    """The program with a fake engine and a fake voice, and a real journal in `home`."""

    def __init__(self, home: Path, lesson: str | None = None, *, voice: Any = None, bench: Any = None, of: Any = None):
        home.mkdir(parents=True, exist_ok=True)
        super().__init__(Settings(home=home, reduced_motion=True), lesson)
        self.fake = bench or FakeBench()
        self._fake_desk = FakeDesk(self.settings, of or course(), Store.open(home, "me"), voice or FakeVoice())
        self._fake_desk.fake = self.fake

    def _open_desk(self) -> None:  # type: ignore[override]
        self.post_message(DeskOpened(self._fake_desk))

    def copy_to_clipboard(self, text: str) -> None:
        self.copied = text
