"""The messages on the pipe: one JSON object a line, requests one way, events the other. No torch here.

A request carries an `id`; every event that answers it carries the same `id`. A request ends with exactly one of `result`,
`loaded`, `checked`, `models`, `tokens` or `error`. Nothing here assumes that both ends share a file system, so the engine may
run over ssh.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field, TypeAdapter

from engine.figures import AnyFigure, Figure, Record

PROTOCOL = 2
HEARTBEAT_S = 1.0
LINE_LIMIT = 256 << 20
"""Bytes a line of the engine may have. It sends no longer ones; the tutor throws them away as junk."""
REQUEST_LIMIT = 16 << 20
"""Bytes a line to the engine may have, a hundred times what the longest prompt needs. It answers longer ones with an error."""
MESSAGE_LIMIT = 8000
"""Characters of an error's message: two prompts token by token go in, and nobody reads more."""
DEFAULT_MODEL = "smollm2-135m"
SEEDS = 2**32
"""How many seeds there are, from 0 on: torch reads no more of one than 32 bits."""


# --- requests: tutor -> engine ------------------------------------------------------------------------------------


class Load(Record):
    """Have the model in memory: fetch it if it is the one that is always there, load it, answer `loaded`."""

    op: Literal["load"] = "load"
    id: int
    model: str = DEFAULT_MODEL
    fetch: bool = True
    """Whether the engine may go to the network for it."""


class Asked(Record):
    """One experiment on one model, as `Run` and `Check` ask for it."""

    id: int
    experiment: str
    parameters: dict[str, Any] = {}
    model: str = DEFAULT_MODEL


class Run(Asked):
    """Run one experiment. `parameters` are checked against the experiment's own class; the model is loaded if need be."""

    op: Literal["run"] = "run"
    seed: Annotated[int, Field(strict=True)] = 0
    fetch: bool = True


class Check(Asked):
    """Would the loaded model refuse this run? It is gone through up to where it would compute; answered by `checked`."""

    op: Literal["check"] = "check"


class Models(Record):
    """Which models are here, and which could be had."""

    op: Literal["models"] = "models"
    id: int


class FindTokens(Record):
    """The tokens of the loaded model that begin with `prefix`, leading space and all; answered by `tokens`."""

    op: Literal["tokens"] = "tokens"
    id: int
    model: str
    prefix: str = Field(min_length=1)
    limit: int = Field(default=6, ge=1, le=100)


class CutText(Record):
    """The text as the tokens that a run of the loaded model reads; answered by `tokens`."""

    op: Literal["cut"] = "cut"
    id: int
    model: str
    text: str
    bos: bool = False


class Cancel(Record):
    """Stop request `id` at the next safe point; it ends with an `error` of kind `cancelled`."""

    op: Literal["cancel"] = "cancel"
    id: int


Request = Annotated[Load | Run | Check | Models | FindTokens | CutText | Cancel, Field(discriminator="op")]


# --- events: engine -> tutor --------------------------------------------------------------------------------------


class Hello(Record):
    """The first line of an engine: what it is and where it computes."""

    event: Literal["hello"] = "hello"
    protocol: int = PROTOCOL
    version: str
    pid: int
    device: str
    """`cuda`, `mps` or `cpu`."""
    device_name: str
    note: str = ""
    """Why a GPU that is there is not used, as a sentence; mostly empty."""
    budget: int | None = None
    """Bytes the engine may use for models and runs; None where there is no limit."""
    torch: str = ""
    transformers: str = ""


class Alive(Record):
    """A heartbeat, every HEARTBEAT_S seconds, also while a run computes."""

    event: Literal["alive"] = "alive"
    busy: int | None = None


class Progress(Record):
    """How far a request is: `done` of `total` units (bytes, cells, tokens). `total` 0 = not known."""

    event: Literal["progress"] = "progress"
    id: int
    label: str
    done: int = 0
    total: int = 0
    unit: str = ""

    @property
    def amount(self) -> str:
        """`34 of 98 MB`, `12 of 30 layers`; empty where the total is not known."""
        return amount(self.done, self.total, self.unit)


def amount(done: int, total: int, unit: str) -> str:
    """How far something is, as a person reads it; see `Progress.amount`."""
    if unit == "bytes":
        done, total, unit = round(done / 1e6), round(total / 1e6), "MB"
    return f"{done} of {total} {unit}".rstrip() if total else ""


class Partial(Record):
    """A figure of the result as far as it is known; `index` is its place in the result's figures."""

    event: Literal["partial"] = "partial"
    id: int
    index: int = 0
    figure: AnyFigure


@dataclass(frozen=True)
class Sketch:
    """A partial figure that is drawn only where it is due: several a second are more than anyone sees."""

    index: int
    draw: Callable[[], Figure]


class ModelInfo(Record):
    """A model as the learner should know it."""

    name: str
    family: str = ""
    """`gpt2`, `gpt_neox` or `llama`."""
    here: bool = True
    """Whether its files are on the engine's machine."""
    n_layers: int = 0
    n_heads: int = 0
    d_model: int = 0
    d_mlp: int = 0
    n_vocab: int = 0
    n_ctx: int = 0
    n_parameters: int = 0
    dtype: str = ""
    device: str = ""
    bytes: int = 0
    """Memory the weights take as loaded. Where it is not loaded: about what the model and its runs will take, as an estimate."""
    note: str = ""
    """What was chosen and why (`bfloat16: float32 would need 26 GB of 12`), or how to get it."""


class Loaded(Record):
    event: Literal["loaded"] = "loaded"
    id: int
    model: ModelInfo


class Checked(Record):
    """A run that nothing speaks against."""

    event: Literal["checked"] = "checked"
    id: int


class ModelList(Record):
    event: Literal["models"] = "models"
    id: int
    models: list[ModelInfo]


class TokenList(Record):
    """Tokens as text, leading spaces kept. Found ones go from the lowest id, mostly the commonest, to the highest."""

    event: Literal["tokens"] = "tokens"
    id: int
    tokens: list[str]


class Result(Record):
    """What an experiment returned. This is also what `llmw-tutor run --json` prints, less `event` and `id`."""

    event: Literal["result"] = "result"
    id: int = 0
    experiment: str
    model: str
    device: str
    dtype: str = ""
    seed: int
    parameters: dict[str, Any]
    facts: dict[str, Any]
    figures: list[AnyFigure]
    seconds: float = 0.0
    versions: dict[str, str] = {}
    """Of what computed it: `torch`, `transformers`."""


def _short(text: str | None) -> str | None:
    """A text that someone's input may be in, without its middle where that is long."""
    return text if text is None or len(text) <= MESSAGE_LIMIT else f"{text[: MESSAGE_LIMIT - 100]} … {text[-90:]}"


class Failed(Record):
    """A request that could not be done. `kind` is a key of `engine.errors.ERRORS`."""

    event: Literal["error"] = "error"
    id: int
    kind: str
    message: Annotated[str, AfterValidator(_short)]
    parameter: Annotated[str | None, AfterValidator(_short)] = None


Event = Annotated[
    Hello | Alive | Progress | Partial | Loaded | Checked | ModelList | TokenList | Result | Failed,
    Field(discriminator="event"),
]

REQUESTS: TypeAdapter[Load | Run | Check | Models | FindTokens | CutText | Cancel] = TypeAdapter(Request)
EVENTS: TypeAdapter[Hello | Alive | Progress | Partial | Loaded | Checked | ModelList | TokenList | Result | Failed] = (
    TypeAdapter(Event)
)
