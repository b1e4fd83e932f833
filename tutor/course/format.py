"""The lesson format, version 1: what a lesson file may say. `docs/lessons.md` explains it to people who write lessons.

A lesson holds questions, an experiment, and sentences with the conditions under which they are true. It never holds a result.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Discriminator, Field, Tag

from engine.figures import number
from engine.protocol import SEEDS
from tutor.course.block import Block, Experimented, Slug, Words
from tutor.course.conditions import When, holds
from tutor.course.listening import Listen, Misconception, Reading, pictures

FORMAT = 1


# --- predictions ----------------------------------------------------------------------------------------------------


class Option(Block):
    id: Slug
    says: Words
    when: When = Field(min_length=1)


class Choice(Block):
    """`shows` is what the run gave, said beside the option that came true: with `{fact}` for values, and no stop at the end."""

    kind: Literal["choice"]
    ask: Words
    options: list[Option] = Field(min_length=2, max_length=6)
    shows: Words | None = None


class Number(Block):
    """A number, or from where to where it is. `close` is how near counts as right, in the fact's own unit."""

    kind: Literal["number"]
    ask: Words
    fact: str
    unit: str = ""
    low: float | None = None
    high: float | None = None
    close: float = Field(gt=0)


class Token(Block):
    """One token, written as the model would."""

    kind: Literal["token"]
    ask: Words
    fact: str


class Item(Block):
    """One of the things to be put in order; its value is a fact of the run."""

    id: Slug
    says: Words
    fact: str


class Ranking(Block):
    """Things put in order, the one with the largest fact first."""

    kind: Literal["ranking"]
    ask: Words
    items: list[Item] = Field(min_length=3, max_length=7)


class Cell(Block):
    """A place in a grid of layers by positions, or layers by heads. `close` is how many steps away still count as right."""

    kind: Literal["cell"]
    ask: Words
    row_fact: str
    """The fact that holds the layer."""
    column_fact: str
    """The fact that holds the position or the head."""
    columns: Literal["positions", "heads"]
    of: str = "prompt"
    """The parameter of the run whose tokens are the columns, where these are positions."""
    close: int = Field(default=0, ge=0)


class Drawn(Block):
    """A curve over layers, drawn before the run. `close` is how far off on average counts as right, in the fact's unit."""

    kind: Literal["curve"]
    ask: Words
    fact: str
    """A fact that is a list with a number for each layer."""
    unit: str = ""
    low: float
    high: float
    scale: Literal["linear", "log"] = "linear"
    """A log scale is for facts of 0 and above: it is that of log(1 + value), also for `close`, which is then a factor."""
    close: float = Field(gt=0)


class Chips(Block):
    """20 chips put on the candidates for the next token, or on something else."""

    kind: Literal["distribution"]
    ask: Words
    candidates: list[Words] = Field(min_length=2, max_length=7)
    """The same tokens as the run's parameter `candidates`."""
    fact: str = "candidate_probs"
    """A fact that is a list with the probability of each candidate."""


class Outcome(Block):
    """One thing that words may say of the run. `when` it is true is looked up in the run's facts."""

    id: Slug
    says: Words
    cues: list[Words] = Field(min_length=1)
    when: When = Field(min_length=1)


class FreeText(Block):
    """Free words. Each outcome that they speak of is held against the run."""

    kind: Literal["text"]
    ask: Words
    expects: list[Outcome] = Field(min_length=2, max_length=6)
    wrong: list[str] = Field(min_length=1)
    """Replies that speak of none of them."""


Prediction = Annotated[Choice | Number | Token | Ranking | Cell | Drawn | Chips | FreeText, Field(discriminator="kind")]


# --- steps ----------------------------------------------------------------------------------------------------------


class Step(Block):
    key: ClassVar[str]
    """The word that makes a step this kind of step."""
    id: Slug


class Ask(Step):
    key = "ask"
    ask: Words
    listen: Listen | None = None


class Predict(Step):
    key = "predict"
    predict: Prediction


class RunSpec(Experimented):
    seeds: list[Annotated[int, Field(ge=0, lt=SEEDS)]] = Field(default=[0], min_length=1)
    """The learner's run takes the first; `check --run` takes them all."""
    on: dict[str, dict[str, Any]] = {}
    """Parameters that differ on a named model: `on: {gpt2: {layer: 9, head: 9}}`."""

    def parameters(self, model: str) -> dict[str, Any]:
        return {**self.with_, **self.on.get(model, {})}


class Run(Step):
    key = "run"
    run: RunSpec


class Observe(Step):
    key = "observe"
    observe: Words
    readings: list[Reading] = []
    """What may be seen that is not there: who says it of a run that did otherwise is asked about it, once."""

    def misread(self, facts: Mapping[str, Any]) -> Listen:
        """The readings that are not so in a run with these facts, as what is listened for."""
        return pictures([reading for reading in self.readings if not holds(reading.when, facts)], self.observe)


class Claim(Block):
    """A sentence and the facts under which it is true. `{fact}` in it is replaced by the fact's value."""

    says: Words
    when: When = Field(min_length=1)


class Explanation(Block):
    ask: Words
    listen: Listen
    claims: list[Claim] = []


class Explain(Step):
    key = "explain"
    explain: Explanation


class Reached(Block):
    """When a goal is reached, and one way to it: `check --run` sees that it is one, and who goes on without is told it."""

    when: When = Field(min_length=1)
    by: dict[str, Any] = Field(min_length=1)
    """Parameters that differ from those of the run."""
    says: Words | None = None
    """How near a try came, in place of the facts by their names: with `{fact}` for their values, and no stop at the end."""


class TweakSpec(Block):
    vary: list[str] = Field(min_length=1)
    goal: Words
    reached: Reached | None = None
    """Where it is not given, nobody says whether the goal was reached."""
    predict: Prediction | None = None
    """The question before each tweak; the lesson's last prediction if not given."""


class Tweak(Step):
    key = "tweak"
    tweak: TweakSpec


class Takeaway(Step):
    key = "takeaway"
    takeaway: Words
    answer: Words | None = None
    """One way to put it, to hold the learner's own line against."""
    misconceptions: list[Misconception] = []
    """Wrong pictures of a line, besides those of the lesson's talk: who writes one is asked about it, once."""

    @property
    def heard(self) -> Listen:
        """These as what is listened for."""
        return pictures(self.misconceptions, self.takeaway, self.answer or "")


STEPS: tuple[type[Step], ...] = (Ask, Predict, Run, Observe, Explain, Tweak, Takeaway)
STEP_KEYS = tuple(s.key for s in STEPS)


def _step_key(value: Any) -> str | None:
    if isinstance(value, Step):
        return value.key
    keys = [k for k in STEP_KEYS if k in value] if isinstance(value, dict) else []
    return keys[0] if len(keys) == 1 else None


AnyStep = Annotated[
    Annotated[Ask, Tag("ask")]
    | Annotated[Predict, Tag("predict")]
    | Annotated[Run, Tag("run")]
    | Annotated[Observe, Tag("observe")]
    | Annotated[Explain, Tag("explain")]
    | Annotated[Tweak, Tag("tweak")]
    | Annotated[Takeaway, Tag("takeaway")],
    Discriminator(
        _step_key,
        custom_error_type="step_kind",
        custom_error_message="a step holds exactly one of: " + ", ".join(STEP_KEYS),
    ),
]


# --- the lesson -----------------------------------------------------------------------------------------------------


class Models(Block):
    needs: list[str] = []
    default: str = "smollm2-135m"


class Lesson(Block):
    format: int = Field(ge=FORMAT, le=FORMAT)
    id: Slug
    title: Words
    unit: Slug
    minutes: int = Field(ge=1, le=120)
    difficulty: int = Field(ge=1, le=5)
    needs: list[Slug] = []
    concepts: list[Words] = Field(min_length=1)
    models: Models = Models()
    bars: list[Words] = []
    """Terms that no voice may use before the explain step."""
    steps: list[AnyStep] = Field(min_length=1)

    def step(self, id: str) -> Step | None:
        return next((s for s in self.steps if s.id == id), None)

    def index(self, id: str) -> int:
        return next((i for i, s in enumerate(self.steps) if s.id == id), -1)

    def run_before(self, id: str) -> Run | None:
        """The last run step before step `id`."""
        return next((s for s in reversed(self.steps[: self.index(id)]) if isinstance(s, Run)), None)

    def run_after(self, id: str) -> Run | None:
        """The first run step after step `id`."""
        return next((s for s in self.steps[self.index(id) + 1 :] if isinstance(s, Run)), None)

    def predict_before(self, id: str) -> Predict | None:
        """The last predict step before step `id`."""
        return next((s for s in reversed(self.steps[: self.index(id)]) if isinstance(s, Predict)), None)


PLACE = re.compile(r"\{([a-z_][a-z0-9_]*)\}")


def fill(text: str, facts: Mapping[str, Any]) -> str:
    """The text with each `{fact}` replaced by the fact's value as a person reads it. A list has no place in a sentence."""

    def value(m: re.Match[str]) -> str:
        of = facts.get(m[1], [])
        return number(of) if of is None or isinstance(of, (bool, int, float, str)) else m[0]

    return PLACE.sub(value, text)
