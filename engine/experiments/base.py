"""What every experiment's parameters and facts are made of. No torch here."""

from __future__ import annotations

import ast
import types
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any, ClassVar, Literal, Union, get_args, get_origin

import annotated_types
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationInfo, field_validator

from engine.errors import BadParameter
from engine.figures import Figure


@dataclass(frozen=True)
class Below:
    """A parameter must be, and a fact is, below a size of the loaded model (`n_layers`, `n_heads`, `d_mlp`, `d_model`)."""

    size: str

    WORDS = {"n_layers": "layers", "n_heads": "heads", "d_mlp": "neurons", "d_model": "dimensions"}

    @property
    def words(self) -> str:
        return self.WORDS.get(self.size, self.size)


@dataclass(frozen=True)
class Unit:
    """The unit a fact or parameter is said in: `logits`, `bits`, `probability`, `layers`."""

    name: str


@dataclass(frozen=True)
class OneToken:
    """The text is one token, its leading space and all."""


ParameterKind = Literal["text", "token", "choice", "flag", "number", "list"]

Prompt = Annotated[str, Field(min_length=1, description="text the model reads")]
Token = Annotated[str, Field(min_length=1, description="one token, with its leading space"), OneToken()]


def _as_list(value: Any) -> Any:
    """A list as it is typed: `[" Paris", " London"]`, or with commas and no more: ` Paris, London`."""
    if not isinstance(value, str):
        return value
    if not value.strip().startswith("["):
        return value.split(",") if value else None
    try:
        return ast.literal_eval(value.strip())  # reads constants, runs nothing
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        return value


TokenList = Annotated[list[Token], BeforeValidator(_as_list)]
Layer = Annotated[int, Field(ge=0, description="layer, counted from 0"), Below("n_layers")]
Head = Annotated[int, Field(ge=0, description="attention head of that layer, counted from 0"), Below("n_heads")]
NewTokens = Annotated[int, Field(ge=1, le=256, description="how many tokens the model writes")]
Temperature = Annotated[
    float, Field(ge=0, le=5, description="0 writes greedily; above, BASE and TWEAK are sampled with the same luck")
]

Probability = Annotated[float, Field(ge=0, le=1), Unit("probability")]
Logits = Annotated[float, Unit("logits")]
Bits = Annotated[float, Field(ge=0), Unit("bits")]
Count = Annotated[int, Field(ge=0)]


class ParameterSet(BaseModel):
    """The parameters of one experiment. Layers and heads that the model does not have are refused once it is loaded."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=False)

    COUNTS: ClassVar[Mapping[str, tuple[str, frozenset[object]]]] = {}
    """Parameters that count only where another one has one of these values: `top_k` with strategy top_k."""

    bos: bool = Field(default=False, description="put the model's beginning-of-sequence token first")

    def idle(self, name: str) -> str:
        """Why this parameter changes nothing beside the others; empty where it counts."""
        other, values = self.COUNTS.get(name, ("", frozenset[object]()))
        if not other or getattr(self, other) in values:
            return ""
        return f"{name} counts only with {other} {' or '.join(sorted(str(v).lower() for v in values))}"

    @field_validator("*", mode="before")
    @classmethod
    def _no_flag_for_a_number(cls, value: Any, info: ValidationInfo) -> Any:
        if isinstance(value, bool) and cls.kind_of(info.field_name or "") != "flag":
            raise ValueError("true is no number")  # though to Python it is 1
        return value

    @classmethod
    def range_of(cls, name: str) -> str:
        return range_of(cls.model_fields[name])

    @classmethod
    def kind_of(cls, name: str) -> ParameterKind:
        """What kind of value it takes."""
        return kind_of(cls.model_fields[name])

    @classmethod
    def below(cls) -> dict[str, Below]:
        """The parameters whose range depends on the model."""
        return below_of(cls)


class FactSet(BaseModel):
    """The named facts of one experiment: numbers and strings that lessons, scoring and the gate may speak of."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    @classmethod
    def below(cls) -> dict[str, Below]:
        """The facts whose range depends on the model: those that are a layer or a head."""
        return below_of(cls)


class BaseTweak(FactSet):
    """The facts of any experiment that runs the model twice, without (BASE) and with (TWEAK) an edit."""

    base_text: str = Field(description="continuation without the edit, greedy unless a temperature is set")
    tweak_text: str = Field(description="continuation with the edit, in the same way")
    base_top: str = Field(description="most likely next token without the edit")
    tweak_top: str = Field(description="most likely next token with the edit")
    kl_bits: Bits = Field(description="KL divergence of BASE from TWEAK at the last position, in bits")


ROUNDING = 1e-4
"""Logits: a difference of less is what is left of float32's rounding, and no share of it means anything."""


def share_of(part: float, whole: float) -> float:
    """A difference of logits as a share of another one; 0 where there is none to have a share of."""
    return part / whole if not abs(whole) < ROUNDING else 0.0  # not >=: what is not a number is not made one


def refuse_mean_of_one(mode: str, n_tokens: int) -> None:
    """The mean over one token is what stands there anyway, and silences nothing. Raises BadParameter."""
    if mode == "mean" and n_tokens == 1:
        raise BadParameter(
            "mode", "mode = mean of one token is what stands there anyway; take zero, or a longer prompt"
        )


def clamp(value: float, low: float = 0.0, high: float = 1.0) -> float:
    """The value without what rounding puts above or below its range. What is not a number stays so: min(1.0, nan) is 1."""
    return min(max(value, low), high)


@dataclass
class Outcome:
    """What an experiment's `run` returns."""

    facts: FactSet
    figures: list[Figure] = field(default_factory=list)


def below_of(fields: type[BaseModel]) -> dict[str, Below]:
    """The fields that must be below a size of the loaded model."""
    return {n: m for n, f in fields.model_fields.items() for m in marks_of(f) if isinstance(m, Below)}


def marks_of(info: Any) -> Iterator[Any]:
    """What is noted at a field: bounds, `Below`, `Unit`; also where the field may be None."""
    yield from info.metadata
    for inner in get_args(info.annotation) if get_origin(info.annotation) in (Union, types.UnionType) else ():
        for mark in get_args(inner)[1:] if get_origin(inner) is Annotated else ():
            yield from getattr(mark, "metadata", None) or [mark]


def kind_of(info: Any) -> ParameterKind:
    """What kind of value a parameter's field takes."""
    kind = info.annotation
    if get_origin(kind) in (Union, types.UnionType):
        kind = next(a for a in get_args(kind) if a is not type(None))
    if get_origin(kind) is Annotated:
        kind = get_args(kind)[0]
    if get_origin(kind) is list:
        return "list"
    if get_origin(kind) is Literal:
        return "choice"
    if kind is str:
        return "token" if any(isinstance(mark, OneToken) for mark in marks_of(info)) else "text"
    return "flag" if kind is bool else "number"


def range_of(info: Any) -> str:
    """A field's range in words, from its type and its bounds."""
    kind = info.annotation
    optional = ""
    if get_origin(kind) in (Union, types.UnionType):
        inner = [a for a in get_args(kind) if a is not type(None)]
        optional, kind = " (optional)", inner[0]
    low = high = None
    least = most = None
    for mark in marks_of(info):
        match mark:
            case annotated_types.Ge(ge=v):
                low = f"{v}"
            case annotated_types.Gt(gt=v):
                low = f"more than {v}"
            case annotated_types.Le(le=v):
                high = f"{v}"
            case annotated_types.Lt(lt=v):
                high = f"less than {v}"
            case annotated_types.MinLen(min_length=v):
                least = v
            case annotated_types.MaxLen(max_length=v):
                most = v
            case Below():
                high = f"{mark.words} - 1"
    if get_origin(kind) is Annotated:
        kind = get_args(kind)[0]
    if get_origin(kind) is Literal:
        return "one of " + ", ".join(str(a) for a in get_args(kind)) + optional
    if kind is bool:
        return "true or false" + optional
    if get_origin(kind) is list:
        return f"{least or 0} to {most} texts{optional}"
    if kind is str:
        return ("text, not empty" if least and not optional else "text") + optional
    noun = "a whole number" if kind is int else "a number"
    if low is not None and high is not None:
        ends = f"{low} and at most {high}" if low.startswith("more") else f"from {low} to {high}"
        return f"{noun} {ends}{optional}"
    if low is not None:
        return f"{noun}, {low if low.startswith('more') else 'at least ' + low}{optional}"
    if high is not None:
        return f"{noun}, {high if high.startswith('less') else 'at most ' + high}{optional}"
    return noun + optional
