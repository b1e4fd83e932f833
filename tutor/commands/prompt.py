"""`llmw-tutor doctor --show-prompt LESSON STEP`: the requests of a step as they would go to Claude. Nothing is sent."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from engine.experiments import experiment
from tutor import events as ev
from tutor.commands import say, unknown
from tutor.course import load_course
from tutor.course.format import Explain, Lesson, Run, Step
from tutor.dialogue.claude import WORDED, options_of
from tutor.dialogue.moves import Move, Reply
from tutor.dialogue.prompt import judged, worded
from tutor.dialogue.voice import turn_of
from tutor.loop import replay
from tutor.state import State, Talk

if TYPE_CHECKING:
    from tutor.settings import Settings

YOURS, RUNS = "(what you write)", "(from your run)"


def show_prompt(lesson_id: str, step_id: str, settings: Settings) -> int:
    """Print the requests as one JSON object, made of the learner's journal as far as it goes. Raises Unknown."""
    from tutor.journal.store import Store

    course = load_course(settings.lessons)
    lesson = course.lesson(lesson_id)
    if lesson is None:
        raise unknown("lesson", lesson_id, [x.id for x in course.lessons])
    step = lesson.step(step_id)
    if step is None:
        raise unknown("step", step_id, [s.id for s in lesson.steps])
    with Store.read(settings.home, settings.learner) as store:
        state = standing(lesson, step, store.events(lesson.id), settings.model)
    requests: dict[str, Any] = {}
    if state.listen is not None:
        options = options_of(settings)
        move = state.talk.move if state.talk.move in WORDED else Move.PROBE
        requests["judge"] = judged(turn_of(replace(state, talk=replace(state.talk, last=None)), None), options)
        if isinstance(step, Explain):
            opening = replace(state, talk=Talk(move=Move.RECONCILE))
            requests["open"] = worded(turn_of(opening, Move.RECONCILE), options)
        requests["answer"] = worded(turn_of(state, move), options)
    text = json.dumps(requests, ensure_ascii=False, indent=2)
    say(text)
    if not requests:
        print("At this step nothing is sent: the lesson's own words are shown as they are.", file=sys.stderr)
    for mark in (YOURS, RUNS):
        if mark in text:
            print(f"{mark} stands for what is not in your journal yet.", file=sys.stderr)
    return 0


def standing(lesson: Lesson, step: Step, events: Iterable[ev.Event], model: str) -> State:
    """The state at this step: what the journal has of it and of what came before, nothing of what came after."""
    now, here = replay(lesson, events, model), lesson.index(step.id)
    talk = now.talk if now.at == step.id and now.talk.replies else Talk(replies=(YOURS,), last=Reply.PARTLY)
    bets = tuple(bet for bet in now.bets if lesson.index(bet.step) < here)
    results = [(id, result) for id, result in now.results if lesson.index(id) < here]
    state = replace(now, at=step.id, talk=talk, bets=bets, results=tuple(results), tweak=None, failure=None)
    run = state.own_run
    if isinstance(step, Explain) and isinstance(run, Run) and state.blind:
        facts = dict.fromkeys(experiment(run.run.experiment).facts.model_fields, RUNS)
        state = replace(state, results=(*results, (run.id, {"facts": facts, "figures": []})))
    return state
