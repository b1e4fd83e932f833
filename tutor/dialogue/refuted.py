"""A takeaway, held against what the lesson's talk was to clear up: one that says it once more is asked about, once.

Nobody calls a takeaway right: it is the learner's own line. But a picture that a run has refuted is not kept without a word.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from tutor.course.format import Explain, Takeaway
from tutor.course.listening import Listen
from tutor.dialogue.judge import judge
from tutor.dialogue.moves import Reply
from tutor.state import State

BEFORE = re.compile(
    r"\b(i (had |first |always )?(thought|believed|assumed|expected|bet|guessed|was going to say)|i used to (think|believe))\b"
    r".*?(?=\b(but|however|yet)\b|[.;:]|$)",
    re.IGNORECASE,
)
"""What somebody thought before, and says so."""


def refuted(state: State, text: str) -> str | None:
    """The misconception that `text` holds at a takeaway; None where it holds none, and where no run has refuted it."""
    if not isinstance(state.step, Takeaway) or state.blind:
        return None
    text = BEFORE.sub("", text).strip() or text
    own, *talks = (judge(listen, text, question) for question, listen in _talks(state))
    if any(each.reply in (Reply.RIGHT, Reply.PARTLY) for each in talks):
        talks = []  # it says what a talk listened for: what is wrong beside that may be misread
    return next((each.misconception for each in (own, *talks) if each.reply is Reply.MISCONCEPTION), None)


def listen_for(state: State, misconception: str | None) -> Listen | None:
    """What the talk listened for that has this misconception; the last one first, as `refuted` has it."""
    talks = (listen for _, listen in _talks(state))
    return next((it for it in talks if any(m.id == misconception for m in it.misconceptions)), None)


def _talks(state: State) -> Iterator[tuple[str, Listen]]:
    """The pictures of the takeaway itself, then those of the questions about runs that there are, the last one first."""
    if isinstance(state.step, Takeaway):
        yield state.step.takeaway, state.step.heard
    for step in reversed(state.lesson.steps[: state.number]):
        run = state.lesson.run_before(step.id)
        if isinstance(step, Explain) and run and state.result_of(run.id):
            yield step.explain.ask, step.explain.listen
