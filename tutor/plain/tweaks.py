"""Changing parameters: `key=value` lines, then an empty line tries it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from engine.errors import BadParameter
from engine.experiments import experiment
from tutor.dialogue.reasons import answers
from tutor.parameters import DRAFT, changes, misspaced, range_words, sizes, typable, value, written
from tutor.plain.commands import Go
from tutor.todo import ChooseTweak

if TYPE_CHECKING:
    from tutor.plain.lesson import Taking

HOW = "key=value changes a parameter, an empty line tries it, reset goes back to the lesson's own, :go goes on without."
NUMBER = re.compile(r"^(\s*[-+\d.]+)\s*,\s*$")
"""A number with a comma behind it, that stands between two parameters."""


def choose(taking: Taking, todo: ChooseTweak) -> dict[str, Any] | None:
    """What to try, as it differs from the lesson's own run; None where the learner goes on."""
    form = Parameters(taking, todo)
    taking.console.say(form.table())
    others = [name for name in form.names if name not in todo.vary]
    taking.console.say(f"{HOW} There are also: {', '.join(others)}." if others else HOW)
    while True:
        try:
            line = taking.ask("tweak", may_go=True)
        except Go:
            return None
        try:
            if line.strip() == "reset":
                form.reset()
                taking.console.say(form.table())
            elif meant := answers(line, taking.machine.model):
                taking.console.say(meant)
            elif line.strip():
                form.put(pairs(line, form.names))
            elif (wanted := form.wanted()) is not None:
                form.look_over(wanted)
                if doubt := form.doubt(wanted):
                    taking.console.say(f"{doubt}. It is taken as it stands.")
                return wanted
            else:
                taking.console.say(f"Nothing is changed yet. {HOW}")
        except BadParameter as error:
            taking.console.say(f"{error}.")


class Parameters:
    """The parameters of a tweak as they stand: those of the last run, and what was typed since, which is kept as drafts."""

    def __init__(self, taking: Taking, todo: ChooseTweak):
        state = taking.session.state
        run = state.lesson.run_before(todo.step)
        self.base = run.run.parameters(state.model) if run else {}
        self._taking, self._todo, self._of = taking, todo, experiment(todo.experiment)
        self.names = typable(self._of)
        drafts = taking.session.journal.draft(state.lesson.id, todo.step)
        self.typed = {name: drafts[DRAFT + name] for name in self.names if DRAFT + name in drafts}

    def put(self, texts: dict[str, str]) -> None:
        """Change these. Raises BadParameter; then nothing is changed."""
        self._checked({**self.typed, **texts})
        self.typed |= texts
        for name, text in texts.items():
            self._keep(name, text)

    def reset(self) -> None:
        """Put the lesson's own parameters in. Nothing runs, and nothing that ran is lost."""
        own = self._of.parse(dict(self.base)).model_dump(mode="json")
        self.typed = {name: written(own[name]) for name in self.names}
        for name, text in self.typed.items():
            self._keep(name, text if text != written(self._todo.parameters.get(name)) else "")

    def wanted(self) -> dict[str, Any] | None:
        """What would be run, as it differs from the lesson's own run; None where it is what ran last. Raises BadParameter."""
        return self._checked(self.typed)

    def look_over(self, changed: dict[str, Any]) -> None:
        """Ask the engine before the bet, which would be lost on what is refused. Raises BadParameter."""
        model = self._taking.session.state.model
        if refused := self._taking.machine.refusal(self._todo.experiment, {**self.base, **changed}, model):
            raise refused

    def doubt(self, changed: dict[str, Any]) -> str:
        """What may not be meant as it was typed; empty mostly."""
        return misspaced(self._of, {**self.base, **changed}, changed)

    def table(self) -> str:
        """A line for each parameter that the lesson speaks of or that was typed: its value, its range."""
        known = sizes(self._taking.machine.model)
        rows = []
        for name in dict.fromkeys([*self._todo.vary, *self._differing()]):
            now = self.typed[name] if name in self.typed else value(self._todo.parameters.get(name))
            rows.append(f"{name} = {now}   ({range_words(self._of, name, known)})")
        return "\n".join(rows)

    def _differing(self) -> list[str]:
        return [name for name, text in self.typed.items() if text != written(self._todo.parameters.get(name))]

    def _checked(self, typed: dict[str, str]) -> dict[str, Any] | None:
        return changes(self._of, self.base, self._todo.parameters, typed, sizes(self._taking.machine.model))

    def _keep(self, name: str, text: str) -> None:
        self._taking.keep(self._todo.step, DRAFT + name, text)


def pairs(line: str, names: list[str]) -> dict[str, str]:
    """`layer=3 head=2` as it was meant, also `layer=3, head=2` and `layer 3`; a text may hold spaces. Raises BadParameter."""
    sign = r"\s*=" if "=" in line else r"\s(?=\s*-?\d)"
    start = re.compile(rf"\s*\b({'|'.join(map(re.escape, names))}){sign}", re.ASCII)
    found = list(start.finditer(line))
    if not found or found[0].start() != 0:
        key = line.partition("=")[0].strip()
        raise BadParameter(key, f"there is no parameter {key!r}; there are: {', '.join(names)}")
    ends = [m.start() for m in found[1:]] + [len(line)]
    values = [(m[1], line[m.end() : end]) for m, end in zip(found, ends, strict=True)]
    return dict([*((name, NUMBER.sub(r"\1", text)) for name, text in values[:-1]), values[-1]])
