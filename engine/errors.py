"""What can go wrong at the bench, in words for a person. Every error knows its kind on the pipe and its exit status."""

from __future__ import annotations

AGAIN = "It starts again at the next request."
"""How most of what an engine that died has to say ends."""


class EngineError(Exception):
    """An experiment could not be run. `str(error)` is one line (or a few) that a learner can act on."""

    kind = "failed"
    exit_status = 4


class BadParameter(EngineError):
    """A parameter is outside its range: the message names the parameter, the value found and what would be right."""

    kind = "bad_parameter"
    exit_status = 2

    def __init__(self, parameter: str, message: str):
        named = message.startswith(parameter) or repr(parameter) in message
        super().__init__(message if named else f"{parameter}: {message}")
        self.parameter = parameter


class ModelUnavailable(EngineError):
    """The model is not on this machine and cannot be had, or is of a kind the engine refuses."""

    kind = "model_unavailable"
    exit_status = 3


class DoesNotFit(EngineError):
    """The model does not fit the memory budget: the message says what would."""

    kind = "does_not_fit"
    exit_status = 3


class OutOfMemory(EngineError):
    """The run needed more memory than the budget allows. The engine lives on."""

    kind = "out_of_memory"


class Cancelled(EngineError):
    """The learner pressed escape."""

    kind = "cancelled"


class EngineDied(EngineError):
    """The engine's process ended, hung, or never answered. It starts again at the next request."""

    kind = "died"


ERRORS: dict[str, type[EngineError]] = {
    c.kind: c for c in (EngineError, BadParameter, ModelUnavailable, DoesNotFit, OutOfMemory, Cancelled, EngineDied)
}


def error_of(kind: str, message: str, parameter: str | None = None) -> EngineError:
    """The exception for an error that came over the pipe."""
    if kind == BadParameter.kind:
        return BadParameter(parameter or "parameter", message)
    return ERRORS.get(kind, EngineError)(message)


def brief(value: object) -> str:
    """A value that was found, as it would be written in code; a long one without its middle."""
    whole = repr(value)
    return whole if len(whole) <= 80 else f"{whole[:50]}…{whole[-20:]}"


def counted(n: int, noun: str = "token") -> str:
    """`1 token`, `5 tokens`."""
    return f"{n} {noun}{'s' * (n != 1)}"
