"""What nobody judges, held against what the runs refute: it is asked about, once.

Nobody calls an observation or a takeaway right: they are the learner's own. But a reading that is not so in the run, and a
picture that the lesson's talk was to clear up, do not pass without a word.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from tutor.course.format import Explain, Observe, Takeaway
from tutor.course.listening import Listen, pictures
from tutor.dialogue.backwards import OWN_NUMBERS, backwards
from tutor.dialogue.cues import READ
from tutor.dialogue.judge import judge
from tutor.dialogue.moves import Reply
from tutor.state import State

BEFORE = re.compile(
    r"""\b(i\ (had\ |first\ |always\ )?(thought|believed|assumed|expected|hoped|bet|guessed|was\ going\ to\ say)
    |i\ used\ to\ (think|believe))\b.*?(?=\b(but|however|yet)\b|[.;:]|$)
    |(\b(unlike|as\ opposed\ to)|(^|(?<=[.,;]\s))(before|last\ time|previously|in\ the\ (first|last|other|previous)\ run))\b
    [^.,;:]*""",
    re.IGNORECASE | re.VERBOSE,
)
"""What somebody thought before, or says of what was before."""


def refuted(state: State, text: str) -> str | None:
    """What `text` holds of what the runs refute, by its id: a reading at an observation, a misconception at a takeaway."""
    if not isinstance(state.step, (Observe, Takeaway)) or state.blind:
        return None
    text = BEFORE.sub("", text[:READ]).strip() or text
    if isinstance(state.step, Observe) and backwards(text):
        return OWN_NUMBERS.id
    own, *talks = (judge(listen, text, question) for question, listen in _talks(state))
    if any(each.reply in (Reply.RIGHT, Reply.PARTLY) for each in talks):
        talks = []  # it says what a talk listened for: what is wrong beside that may be misread
    return next((each.misconception for each in (own, *talks) if each.reply is Reply.MISCONCEPTION), None)


def listen_for(state: State, misconception: str | None) -> Listen | None:
    """What is listened for that has this misconception; in the order in which `refuted` has it."""
    if isinstance(state.step, Observe) and misconception == OWN_NUMBERS.id:
        return pictures([OWN_NUMBERS], state.step.observe)
    talks = (listen for _, listen in _talks(state))
    return next((it for it in talks if any(m.id == misconception for m in it.misconceptions)), None)


def _talks(state: State) -> Iterator[tuple[str, Listen]]:
    """What the step itself listens for, and at a takeaway then the questions about runs that there are, the last one first."""
    if isinstance(state.step, Observe):
        run = state.own_run
        result = state.result_of(run.id) if run else None
        yield state.step.observe, state.step.misread(result["facts"] if result else {})
        return
    if isinstance(state.step, Takeaway):
        yield state.step.takeaway, state.step.heard
    for step in reversed(state.lesson.steps[: state.number]):
        run = state.lesson.run_before(step.id)
        if isinstance(step, Explain) and run and state.result_of(run.id):
            yield step.explain.ask, step.explain.listen
