"""Short words for the screens, made of the state. No widget here."""

from __future__ import annotations

from engine.figures import number, shown
from engine.protocol import ModelInfo
from tutor.course.format import Observe, Tweak
from tutor.session import Session
from tutor.state import State
from tutor.todo import Hear, Judge, RunNow, Say
from tutor.ui.bench import Status
from tutor.ui.themes import MUTED

DOTS = 14
"""Lessons with more steps than this show no dots."""


def where(state: State) -> list[tuple[str, str]]:
    """The parts of the header that say where one is, the least wanted first."""
    total, here = len(state.lesson.steps), state.number
    parts = [(state.lesson.unit.replace("-", " "), MUTED)]
    if total <= DOTS:
        parts.append((dots(state), "$accent"))
    parts.append(("done" if state.at is None else f"{here} of {total}", MUTED))
    return parts


def dots(state: State) -> str:
    """One sign a step: ● done, ◐ here, ○ to come, ◌ skipped."""

    def sign(step: str) -> str:
        if step == state.at:
            return "◐"
        return "◌" if step in state.skipped else "●" if step in state.done else "○"

    return "".join(sign(step.id) for step in state.lesson.steps)


def engine(status: Status, model: str, took: float) -> list[tuple[str, str]]:
    """The parts of the header that say what the machine does, the least wanted first."""
    phase = {"off": "waiting", "down": "engine stopped"}.get(status.phase, status.phase)
    if status.phase == "ready" and status.model != model:  # the engine is, but not with this one
        phase = "not loaded"
    if status.working and took >= 1:
        phase += f" {took:.0f} s"
    style = "$error" if status.phase == "down" else "$primary" if status.working else MUTED
    name = model.rsplit("/", 1)[-1]
    return [(status.device, MUTED), (name, MUTED), (phase, style)]


def doing(status: Status) -> str:
    """What the progress bar is about."""
    if status.phase == "starting":
        return "starting the engine"
    if status.phase == "loading":
        return status.label or "loading the model"
    return status.label.replace("_", " ") or "running"


def placeholder(state: State, todo: object) -> str:
    """What stands in the empty field."""
    match todo:
        case RunNow():
            return "when the run is done"
        case Say() | Judge():
            return "…"
        case Hear() if isinstance(state.step, Observe):
            earlier = len(state.results) > 1
            more = " · {lesson.tries|f2}: what you tried" if earlier else " and back"
            return "what you see · {lesson.figure|tab}: figure" + more
        case Hear() if isinstance(state.step, Tweak):
            return "in a line, or enter goes on"
        case Hear():
            return "in your own words"
    return ""


def retry_ways(session: Session, kind: str) -> list[tuple[str, str, str]]:
    """What can be done about a run that did not end well: the key, the words, and which of `Session.ways` it is."""
    own = session.way_out(kind)
    keys = {
        "run": ("enter", "run it again"),
        "other": ("p", "other parameters"),
        "skip": ("s", "skip"),
        "anew": ("m", f"begin again with {own}"),
    }
    ways = session.ways(kind)
    if "run" not in ways:
        keys["other"] = ("enter", "other parameters")
    return [(*keys[way], way) for way in ways]


def model(info: ModelInfo | None) -> str:
    """What is known of the model, a line each."""
    if info is None:
        return "The model is not loaded yet."
    rows = [
        ("name", info.name),
        ("family", info.family),
        ("layers", number(info.n_layers)),
        ("heads a layer", number(info.n_heads)),
        ("width of the residual stream", number(info.d_model)),
        ("neurons a layer", number(info.d_mlp)),
        ("vocabulary", f"{number(info.n_vocab)} tokens"),
        ("context", f"{number(info.n_ctx)} tokens"),
        ("parameters", f"{info.n_parameters / 1e6:.0f} million"),
        ("on", f"{info.device}, {info.dtype}, {info.bytes / 1e6:.0f} MB"),
    ]
    text = "\n".join(f"{name:<30}{shown(value)}" for name, value in rows)
    return f"{text}\n\n{shown(info.note)}".rstrip()


def reason(error: Exception) -> str:
    """An unforeseen error in one line."""
    return f"{type(error).__name__}: {error}".strip().splitlines()[0].rstrip(".: ")[:200]
