"""Everything that is known of a lesson being taken: what was said, bet and run, and where the learner is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tutor.course.format import Ask, Explain, Lesson, Observe, Predict, Prediction, Run, Step, Takeaway, Tweak
from tutor.course.listening import Listen
from tutor.dialogue.moves import Move, Reply
from tutor.predict import Verdict, answer_text

SURE = 70
"""From this confidence on, a bet that did not come true is a surprise."""


@dataclass(frozen=True)
class Bet:
    """A locked prediction and, once its run is done, how it went."""

    step: str
    question: Prediction
    answer: Any
    reason: str
    confidence: int
    verdict: Verdict | None = None
    void: bool = False
    """Its run will not come: it was made for a tweak that was changed before it ran."""
    run: int | None = None
    """The number of the run that decided it, as in `State.results`."""
    changed: Mapping[str, Any] | None = None
    """What its tweak changed of the lesson's run; None for a bet on the lesson's own."""

    @property
    def waits(self) -> bool:
        """Whether it is still to be held against a run."""
        return self.verdict is None and not self.void

    @property
    def surprised(self) -> bool:
        """Whether the learner was sure of it and something else happened."""
        return self.verdict is not None and not self.verdict.right and self.confidence >= SURE

    @property
    def text(self) -> str:
        return answer_text(self.question, self.answer)

    @property
    def said(self) -> str:
        """`It shrinks, 70 %`."""
        return f"{self.text.rstrip('.')}, {self.confidence} %"


@dataclass(frozen=True)
class Line:
    """One entry of the conversation. `who`: tutor, you, bet, run, claim, task or note."""

    who: str
    text: str
    step: str = ""
    ref: int | None = None
    """The number of the bet or of the run that the line is about."""


@dataclass(frozen=True)
class Talk:
    """How the talk of the step at hand stands."""

    said: tuple[str, ...] = ()
    """What the tutor said in this step."""
    replies: tuple[str, ...] = ()
    reply: str | None = None
    """A reply that was not judged yet."""
    move: Move | None = None
    """A move that was not said yet."""
    met: frozenset[str] = frozenset()
    misconception: str | None = None
    last: Reply | None = None
    failed: int = 0
    deeper: bool = False
    """Whether the lesson's deeper question was asked: from then on its answer is listened for."""
    asks: bool = False
    """Whether the last reply asked something as well."""


@dataclass(frozen=True)
class State:
    lesson: Lesson
    model: str
    at: str | None
    """The step at hand; None when the lesson is over."""
    talk: Talk = Talk()
    lines: tuple[Line, ...] = ()
    bets: tuple[Bet, ...] = ()
    results: tuple[tuple[str, dict[str, Any]], ...] = ()
    """(step, result) of every run, in order."""
    tweak: dict[str, Any] | None = None
    """Parameters of a tweak that was chosen and has not run."""
    failure: tuple[str, str] | None = None
    """(kind, message) of the run that did not end well."""
    done: frozenset[str] = frozenset()
    """Steps that were taken to their end or skipped."""
    skipped: frozenset[str] = frozenset()
    vanished: frozenset[str] = frozenset()
    kept: tuple[str, ...] = ()
    """Questions of the learner's own that were left open, each once, as they stand among their notes."""

    @property
    def step(self) -> Step | None:
        return self.lesson.step(self.at) if self.at else None

    @property
    def number(self) -> int:
        """The step at hand, counted from 1."""
        return self.lesson.index(self.at) + 1 if self.at else len(self.lesson.steps)

    def result_of(self, step: str) -> dict[str, Any] | None:
        return next((r for s, r in reversed(self.results) if s == step), None)

    @property
    def went(self) -> str:
        """How the lesson went, in a sentence or two."""
        right = [b.verdict.right for b in self.bets if b.verdict]
        count = f" {len(right)} bet{'s' if len(right) != 1 else ''}, {sum(right)} as you said." if right else ""
        spoke = any(line.who == "you" for line in self.lines)
        taken = "That was" if self.results else "You skipped the runs of" if spoke else "You skipped all of"
        return f"{taken} “{self.lesson.title}”.{count}"

    @property
    def own_run(self) -> Run | None:
        """The run that the step at hand is about: the next one for what comes before it, else the last one."""
        here = self.lesson.index(self.at or "")
        if self.step is None:  # the lesson is over: what ran last stays to be looked at
            return next((s for s in reversed(self.lesson.steps) if isinstance(s, Run) and self.result_of(s.id)), None)
        if isinstance(self.step, Run):
            return self.step
        if isinstance(self.step, (Ask, Predict)):
            for later in self.lesson.steps[here + 1 :]:
                if isinstance(later, Run):
                    return later
                if isinstance(later, (Observe, Explain, Tweak, Takeaway)):
                    break
        return self.lesson.run_before(self.at or "")

    @property
    def experiment(self) -> str:
        """The experiment that was run or will be; empty where the lesson runs none."""
        run = self.own_run or next((step for step in reversed(self.lesson.steps) if isinstance(step, Run)), None)
        return run.run.experiment if run else ""

    @property
    def blind(self) -> bool:
        """Whether the run that the step at hand is about has no result yet."""
        run = self.own_run
        return run is None or self.result_of(run.id) is None

    @property
    def listen(self) -> Listen | None:
        match self.step:
            case Ask(listen=listen):
                pass
            case Explain(explain=explanation):
                listen = explanation.listen
            case _:
                return None
        return listen.beyond(listen.deeper) if listen and listen.deeper and self.talk.deeper else listen
