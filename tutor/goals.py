"""The goal of a tweak: how near a try came, and one way there for who goes on without."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tutor.course.conditions import holds
from tutor.course.format import Reached, Tweak, fill
from tutor.parameters import named, value
from tutor.state import State

REACHED = "You have reached the goal"
NOT_YET = "Not there yet"
THIS_TIME = "This time"
"""What is said of a try that misses the goal after another one has reached it."""
WAY = "One way there: "
UNCOUNTED = "This try does not count for the goal: "


def how_near(state: State, step: Tweak, goal: Reached) -> tuple[str, str]:
    """Whether the last try reached the goal, and how near it came: who says it (`claim` or `note`), and what."""
    last = len(state.results) - 1
    if more := _beyond(state, step, last):
        too = ", too" if len(more) < len(_changed(state, last)) else ""
        return "note", f"{UNCOUNTED}{', '.join(more)} {'is' if len(more) == 1 else 'are'} changed{too}."
    facts = state.results[last][1]["facts"]
    by_name = ", ".join(f"{fact.replace('_', ' ')} is {value(facts.get(fact))}" for fact in goal.when)
    came = fill(goal.says, facts) if goal.says else by_name
    if holds(goal.when, facts):
        return "claim", f"{REACHED}: {came}."
    return "note", f"{THIS_TIME if _reached(state, step, goal) else NOT_YET}: {came}."


def way(state: State, step: Tweak) -> str:
    """One way to the goal, for who looked for it and goes on without having reached it; else nothing."""
    goal = step.tweak.reached
    if goal is None or all(at != step.id for at, _ in state.results) or _reached(state, step, goal):
        return ""
    return f"{WAY}{named(goal.by)}."


def _reached(state: State, step: Tweak, goal: Reached) -> bool:
    """Whether a try of this step reached the goal and counts for it."""
    tries = [(n, result) for n, (at, result) in enumerate(state.results) if at == step.id]
    return any(holds(goal.when, result["facts"]) and not _beyond(state, step, n) for n, result in tries)


def _beyond(state: State, step: Tweak, run: int) -> list[str]:
    """What a try changed beside the parameters that the step is about: with those a goal may be reached that was not meant."""
    return [name for name in _changed(state, run) if name not in step.tweak.vary]


def _changed(state: State, run: int) -> Mapping[str, Any]:
    """What a try changed of the lesson's run."""
    return next((bet.changed for bet in state.bets if bet.run == run), None) or {}
