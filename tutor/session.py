"""One lesson, being taken by one learner: the state, and the journal to which every event goes first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Protocol

from engine.errors import BadParameter
from engine.experiments import experiment
from tutor import events as ev
from tutor.course.format import Lesson
from tutor.journal.errors import JournalError
from tutor.loop import advance
from tutor.parameters import inside
from tutor.scored import retold, scored
from tutor.state import State
from tutor.todo import AskBet, Done, Todo, todo


class Journal(Protocol):
    """What a session needs of the journal (`tutor.journal.store.Store` is the real one)."""

    def append(self, lesson: str, event: ev.Event) -> None:
        """Commit one event. When this returns, the event survives a crash."""

    def events(self, lesson: str) -> Sequence[ev.Event]:
        """The events of the lesson since it was last started, oldest first."""

    def draft(self, lesson: str, step: str) -> dict[str, str]:
        """What was typed at the step and not sent, by field."""

    def save_draft(self, lesson: str, step: str, field: str, text: str) -> None:
        """Keep what is typed; an empty text removes it."""


class Session:
    """Drive it with `todo` and `record`: a screen, the command line and a test all do just that."""

    unmeasured = False
    """Whether a bet on what the run did not measure goes into the record too."""
    repeats = True
    """Whether it can be taken again from its first step."""

    def __init__(self, lesson: Lesson, journal: Journal, model: str = ""):
        self.lesson = lesson
        self.journal = journal
        events = journal.events(lesson.id)
        begun = next((e for e in events if isinstance(e, ev.Started)), None)
        self.finished = any(isinstance(e, ev.Finished) for e in events)
        self.resumed = begun is not None
        self.passed_by = any(isinstance(e, ev.Finished) and e.skipped for e in events)
        """Whether it was skipped from end to end, when it was opened: who opens it has not taken it yet."""
        self.state, self._unscored = retold(lesson, events, model, self.unmeasured)
        if begun is None:
            self.record(ev.Started("", model=self.state.model))
        self._conclude()

    def goes_on_with(self, wanted: str) -> str:
        """What is said where the lesson was begun with another model than the one that is wanted; else empty."""
        if not self.resumed or self.finished or wanted in ("", self.state.model):
            return ""
        return f"You began this lesson with {self.state.model}, and it goes on with that."

    def way_out(self, kind: str) -> str:
        """The lesson's own model, where another one was asked for and an error of this kind says that it cannot be had; else
        empty."""
        own = self.lesson.models.default
        cannot = ("model_unavailable", "does_not_fit", "bad_parameter")
        return own if kind in cannot and self.state.model != own else ""

    def ways(self, kind: str) -> list[str]:
        """What can be done about a run that did not end well for this reason: `run` it again, take `other` parameters, `skip`
        it, begin `anew` with the lesson's own model."""
        again = [] if kind == "bad_parameter" else ["run"]  # it would be refused again
        other = ["other"] if self.state.tweak is not None else []
        return [*again, *other, "skip", *(["anew"] if self.way_out(kind) else [])]

    def unfit(self, sizes: Mapping[str, int]) -> str:
        """Why a model of these sizes cannot do the run that the bet at hand is about: a bet on it would be lost. Else empty."""
        todo, run, model = self.todo, self.state.own_run, self.state.model
        if isinstance(todo, AskBet) and run and not todo.changed:
            try:
                inside(experiment(run.run.experiment), run.run.parameters(model), sizes)
            except BadParameter as error:
                return f"{model} cannot do the run that comes now: {error}."
        return ""

    @property
    def todo(self) -> Todo:
        return todo(self.state)

    def record(self, event: ev.Event) -> State:
        """Commit the event, then move on. Raises what the journal raises; then nothing has moved."""
        self.journal.append(self.lesson.id, event)
        if isinstance(event, ev.Started):
            self.finished = False
        before, self.state = self.state, advance(self.state, event)
        if isinstance(event, ev.RunFinished):
            self._unscored += scored(before, self.state, event.result, self.unmeasured)
        self._conclude()
        return self.state

    def kept(self, score: ev.Scored) -> ev.Event:
        """What goes into the learner's record for a bet that a run decided."""
        return score

    def _conclude(self) -> None:
        """Write down what follows from the events: what runs decided, and that the lesson is done. A disk that refuses is
        asked again at the next event, or when the lesson is next opened: all of it can be made anew, and no step waits."""
        with suppress(JournalError):
            while self._unscored:
                self.journal.append(self.lesson.id, self.kept(self._unscored[0]))
                self._unscored.pop(0)
            if isinstance(self.todo, Done) and not self.finished:
                self.journal.append(self.lesson.id, ev.Finished("", skipped=not self.state.results))
                self.finished = True

    def restart(self, model: str = "") -> State:
        """Take the lesson again from its first step, with its own model unless another is given. What was done stays in the
        journal."""
        return self.record(ev.Started("", model=model or self.lesson.models.default))
