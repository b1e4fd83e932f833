"""What can go wrong between here and Claude, as one sentence for the learner and a time to leave it alone.

No sentence repeats what an exception says: it could hold a header.
"""

from __future__ import annotations

SOON, LATER = 5.0, 600.0
"""Seconds until Claude is tried again: after a fault that passes by itself, and after one that somebody must mend."""
OVERLOADED = frozenset({"overloaded_error", "rate_limit_error", "api_error", "timeout_error"})


class Fault(Exception):
    """Claude could not speak. `rest`: seconds to leave it alone. `refused`: why the answer is to be asked for once more."""

    def __init__(self, says: str, rest: float = SOON, refused: str = ""):
        super().__init__(says)
        self.rest, self.refused = rest, refused


def fault_of(error: Exception, model: str) -> Fault:
    """The fault behind an exception of the SDK or of the network."""
    if isinstance(error, Fault):
        return error
    status = getattr(error, "status_code", None)
    if isinstance(status, int):
        return _of_status(status, error, model)
    names = {cls.__name__ for cls in type(error).__mro__}
    if isinstance(error, TimeoutError) or names & {"APITimeoutError", "TimeoutException"}:
        return Fault("Claude did not answer in time")
    if names & {"APIConnectionError", "TransportError"} or isinstance(error, OSError):
        return Fault("Claude cannot be reached")
    if isinstance(error, ImportError):
        return Fault("The package anthropic is missing; install llmw-tutor again", LATER)
    return Fault("Claude's answer could not be read")


def _of_status(status: int, error: Exception, model: str) -> Fault:
    if status < 400:  # an error in the middle of a stream comes under the status of its beginning
        return Fault("Claude has too much to do" if _kind(error) in OVERLOADED else "Claude stopped in mid-sentence")
    match status:
        case 401:
            return Fault("Claude did not accept the key (401); see ANTHROPIC_API_KEY", LATER)
        case 403:
            return Fault("This key may not be used for that (403)", LATER)
        case 404:
            return Fault(f"Claude has no model {model!r} (404); see [claude] model in config.toml", LATER)
        case 413:
            return Fault("The request was too large for Claude (413)")
        case 429:
            return Fault("Claude asks for a pause (429)", _retry_after(error))
        case 529 | 503:
            return Fault(f"Claude has too much to do ({status})", _retry_after(error))
    if status < 500:
        return Fault(f"Claude refused the request ({status}); see [claude] in config.toml", LATER)
    return Fault(f"Something went wrong at Claude's end ({status})")


def _retry_after(error: Exception) -> float:
    """The pause that was asked for, in seconds."""
    headers = getattr(getattr(error, "response", None), "headers", {})
    try:
        return min(max(float(headers.get("retry-after", SOON)), SOON), LATER)
    except ValueError:
        return SOON


def _kind(error: Exception) -> str:
    body = getattr(error, "body", None)
    inner = body.get("error") if isinstance(body, dict) else None
    return str(inner.get("type", "")) if isinstance(inner, dict) else ""
