"""A surprise as a new question: the same one about other parameters, and the run that decides it.

What may change is what the lesson itself gives: the parameters that its tweak varies, and the texts of its other runs and
controls. All ways are taken once before one comes again, those first whose result the lesson has not shown. Which one it is
follows from the bet and the number of its reviews alone, so a review that was cut off goes on as it was. Where there is no
other way, the same run comes again.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import zip_longest
from typing import Any

from engine.errors import BadParameter
from engine.experiments import experiment
from engine.figures import number, shown
from tutor import events as ev
from tutor.course.block import Experimented
from tutor.course.format import Ask, Explain, Lesson, Predict, Prediction, Run, RunSpec, Takeaway, Tweak
from tutor.journal import again
from tutor.journal.store import Record
from tutor.parameters import PROMPTS
from tutor.record.history import Bet, history
from tutor.todo import tweak_question

RUN = "the-run"
TOGETHER = ("clean", "corrupt")
"""Texts that are cut into as many tokens as each other: they change together or not at all."""
ASKED_FOR = ("answer", "distractor", "candidates")
"""Tokens that belong to a text: another text is no variant by itself where it was run for others."""
QUOTED = re.compile("“([^”]*)”")


@dataclass(frozen=True)
class Variant:
    """What is asked and run in a review."""

    question: Prediction
    """With its words made to fit."""
    experiment: str
    parameters: dict[str, Any]
    changed: dict[str, Any]
    """What is other than in the bet that missed; empty where it is the same run."""
    seed: int = 0


def variant(lesson: Lesson, bet: Bet, reviews: int) -> Variant | None:
    """The bet's question about something else; None where the lesson does not ask it any more."""
    ways = _in_order(lesson, bet, variants(lesson, bet))
    return ways[reviews % len(ways)] if ways else None


def _in_order(lesson: Lesson, bet: Bet, ways: list[Variant]) -> list[Variant]:
    """All of them, none twice: kind of change by kind, by luck within it; runs that the lesson itself has shown come last."""
    luck = random.Random(bet.id)
    kinds: dict[tuple[str, ...], list[Variant]] = {}
    for way in ways:
        kinds.setdefault(tuple(sorted(way.changed)), []).append(way)
    rows = list(kinds.values())
    luck.shuffle(rows)
    for row in rows:
        luck.shuffle(row)
    mixed = [way for turn in zip_longest(*rows) for way in turn if way]
    return sorted(mixed, key=lambda way: was_shown(lesson, way.experiment, way.parameters, bet.model))


def was_shown(lesson: Lesson, name: str, parameters: Mapping[str, Any], model: str) -> bool:
    """Whether this is a run of the lesson itself, whose result the learner has seen."""
    own = (step.run for step in lesson.steps if isinstance(step, Run) and step.run.experiment == name)
    return any(_same_run(name, run.parameters(model), parameters) for run in own)


def _same_run(name: str, one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """Whether both come to the same, with the experiment's defaults for what is not given."""
    defaults = {k: info.default for k, info in experiment(name).parameters.model_fields.items()}
    return {**defaults, **one} == {**defaults, **other}


def variants(lesson: Lesson, bet: Bet) -> list[Variant]:
    """Every way to ask it about something else, as far as that can be said without a model; the same run if there is none;
    nothing where the lesson does not ask it any more."""
    put = _asked(lesson, bet)
    if put is None:
        return []
    question, run, free = put
    name, own, seed = run.run.experiment, run.run.parameters(bet.model), run.run.seeds[0]
    base = {**own, **{k: v for k, v in bet.parameters.items() if k in {*own, *vary(lesson, name)}}}
    found: list[Variant] = []
    for change in _ideas(lesson, name, base, bet.model):
        if not change or any(v.changed == change for v in found) or not _fits(name, base, change):
            continue
        if _bears(question, base, change) and (asked := reworded(question, base, change, free)):
            found.append(Variant(asked, name, {**base, **change}, change, seed))
        elif general := _general(lesson, question, name, change, bet.model):
            found.append(Variant(general[0], name, {**general[1], **change}, change, seed))
    again = question.model_copy(update={"ask": f"Once more, as it was. {question.ask}"})
    return found or [Variant(again, name, base, {}, seed)]


def _asked(lesson: Lesson, bet: Bet) -> tuple[Prediction, Run, frozenset[str]] | None:
    """The bet's question, the run that decides it, and the parameters for any value of which it is worded."""
    step = lesson.step(bet.step)
    if isinstance(step, Predict):
        question, run, free = step.predict, lesson.run_after(step.id), frozenset[str]()
    elif isinstance(step, Tweak):
        question, run, free = tweak_question(lesson, step), lesson.run_before(step.id), frozenset(step.tweak.vary)
    else:
        return None
    return None if run is None or (bet.experiment and run.run.experiment != bet.experiment) else (question, run, free)


def still_asked(lesson: Lesson | None, bet: Bet) -> bool:
    """Whether the lesson is there and asks it still."""
    return lesson is not None and _asked(lesson, bet) is not None


def _ideas(lesson: Lesson, name: str, base: Mapping[str, Any], model: str) -> Iterator[dict[str, Any]]:
    """Other values that the lesson gives, and other layers and heads."""
    others = list(_others(lesson, name, model))
    for other in others:  # a whole other run: its text and what belongs to it
        if set(other) == set(base):
            yield {k: v for k, v in other.items() if v != base[k]}
    below, varied = experiment(name).parameters.below(), vary(lesson, name)
    for key in varied or below:
        now = base.get(key)
        if key in below and isinstance(now, int):  # a layer or head that this model has for certain
            yield from ({key: v} for v in range(max(now + 1, 2)) if v != now)
            continue
        if key in TOGETHER:
            pairs = ({k: other[k] for k in TOGETHER if k in other and other[k] != base.get(k)} for other in others)
            yield from (pair for pair in pairs if len(pair) == len(TOGETHER))
            continue
        if key not in base:
            continue
        alike = (
            other for other in others if all(other.get(k, base.get(k)) == base.get(k) for k in ASKED_FOR if k != key)
        )
        yield from ({key: other[key]} for other in alike if key in other and other[key] != now)
        if isinstance(now, (int, float)) and not isinstance(now, bool) and now:
            yield from ({key: v} for v in (type(now)(now / 2), type(now)(now * 2)))


def _others(lesson: Lesson, name: str, model: str) -> Iterator[dict[str, Any]]:
    """The parameters of every run and control of this experiment in the lesson."""
    for step in lesson.steps:
        runs: list[Experimented] = []
        match step:
            case Run(run=run) if run.experiment == name:
                yield run.parameters(model)
            case Ask(listen=listen) if listen:
                runs = [m.control for m in listen.misconceptions if m.control]
            case Explain(explain=explanation):
                runs = [m.control for m in explanation.listen.misconceptions if m.control]
            case Takeaway(misconceptions=pictures):
                runs = [m.control for m in pictures if m.control]
        yield from (dict(run.with_) for run in runs if run.experiment == name)


def vary(lesson: Lesson, name: str) -> tuple[str, ...]:
    """What the lesson's tweaks of this experiment vary."""
    found: list[str] = []
    for step in lesson.steps:
        if isinstance(step, Tweak) and (run := lesson.run_before(step.id)) and run.run.experiment == name:
            found += step.tweak.vary
    return tuple(dict.fromkeys(found))


def _general(
    lesson: Lesson, question: Prediction, name: str, changed: Mapping[str, Any], model: str
) -> tuple[Prediction, dict[str, Any]] | None:
    """The question of a tweak that varies just this and asks for the same, with the run it is about: it is worded for any
    value."""
    for step in lesson.steps:
        if isinstance(step, Tweak) and step.tweak.predict and set(changed) <= set(step.tweak.vary):
            run = lesson.run_before(step.id)
            if run and run.run.experiment == name and same_but_words(step.tweak.predict, question):
                said = reworded(step.tweak.predict, {}, changed, frozenset(changed)) if changed else None
                return (said, run.run.parameters(model)) if said else None
    return None


def same_but_words(one: Prediction, other: Prediction) -> bool:
    """Whether both ask for the same, whatever their words."""
    return one.model_dump(exclude={"ask"}) == other.model_dump(exclude={"ask"})


def _bears(question: Prediction, base: Mapping[str, Any], change: Mapping[str, Any]) -> bool:
    """Whether the question's answers still make sense: none of them names a text that is gone."""
    answers = str(question.model_dump(exclude={"ask"}))
    gone = [base.get(name) for name in change]
    return not any(isinstance(old, list) or (isinstance(old, str) and old.strip() in answers) for old in gone)


def _fits(name: str, base: Mapping[str, Any], change: Mapping[str, Any]) -> bool:
    """Whether the experiment takes it, and the model that ran the bet has such a layer or head."""
    of = experiment(name)
    indexes = [(change[key], base.get(key)) for key in of.parameters.below() if key in change]
    if any(not isinstance(new, int) or new > max(old if isinstance(old, int) else 0, 1) for new, old in indexes):
        return False
    if any(of.parameters.kind_of(key) == "choice" for key in change if key in of.parameters.model_fields):
        return False
    try:
        of.parse({**base, **change})
    except BadParameter:
        return False
    return True


def reworded(
    question: Prediction, base: Mapping[str, Any], change: Mapping[str, Any], free: frozenset[str]
) -> Prediction | None:
    """The question with the new values in the place of the old ones; what is not in its words is said beside them.

    `free` names the parameters for any value of which it is worded. None where it speaks of a text that is gone, and where
    words before the old value lead up to it, as in `very hot: temperature 5`.
    """
    ask = question.ask
    spelled = {k: words for k in change if k in base and (words := _spelled(k, base[k])) and words.search(ask)}
    if any(k in PROMPTS and k not in spelled and k not in free for k in change):
        return None
    if any(isinstance(v, str) for v in change.values()) and not free:
        known = {shown(v) for v in base.values() if isinstance(v, str)}
        if any(quote not in known for quote in QUOTED.findall(ask)):
            return None
    if any(ask[: at.start()].rstrip().endswith(":") for words in spelled.values() for at in words.finditer(ask)):
        return None
    if spelled:  # all in one go: where two values change places, none is put in for the other twice
        new = {_spelling(key, base[key]): _spelling(key, change[key]) for key in spelled}
        either = re.compile("|".join(f"(?:{words.pattern})" for words in spelled.values()))
        ask = either.sub(lambda at: new[at[0]], ask)
    loose = {k: v for k, v in change.items() if k in free and k not in spelled}
    beside = {k: v for k, v in change.items() if k not in free and k not in spelled and not isinstance(v, str)}
    if loose:
        ask = f"This time with {', '.join(_spelling(k, v, name_it=True) for k, v in loose.items())}. {ask}"
    else:
        ask = f"Something else this time. {ask}"
    if beside:
        ask += f" Say it for {' and '.join(f'{_spelling(k, v)} instead of {_amount(base.get(k))}' for k, v in beside.items())}."
    return question.model_copy(update={"ask": ask})


def _spelled(name: str, value: Any) -> re.Pattern[str] | None:
    """How a lesson writes a parameter's value in its questions."""
    return None if value is None else re.compile(re.escape(_spelling(name, value)) + r"(?!\w)")


def _spelling(name: str, value: Any, name_it: bool = False) -> str:
    words = name.replace("_", " ")
    if isinstance(value, str):
        return f"{words} “{shown(value)}”" if name_it else f"“{shown(value)}”"
    return f"{words} {_amount(value)}"


def _amount(value: Any) -> str:
    return f"{value:g}" if isinstance(value, float) else number(value)


def review_id(bet: Bet, reviews: int) -> str:
    """The name of a review in the journal. A lesson's own name has no / in it."""
    return f"again/{bet.id}/{reviews}"


def review_lesson(lesson: Lesson, bet: Bet, reviews: int, ran: Mapping[str, Any] | None = None) -> Lesson | None:
    """The review as a lesson of two steps: the bet and its run. None where it cannot be asked any more.

    `ran`: the parameters of its run, of one that is over. The lesson may have come to other variants since.
    """
    found = variant(lesson, bet, reviews)
    if ran is not None:
        found = next((way for way in variants(lesson, bet) if _same_run(way.experiment, way.parameters, ran)), None)
    if found is None:
        return None
    spec = RunSpec(experiment=found.experiment, **{"with": found.parameters}, seeds=[found.seed])
    steps = [Predict(id=bet.step, predict=found.question), Run(id=RUN, run=spec)]
    models = lesson.models.model_copy(update={"default": bet.model or lesson.models.default})
    # copied and not validated: its name is none that a lesson file may have
    return lesson.model_copy(
        update={"id": review_id(bet, reviews), "title": f"Again: {lesson.title}", "minutes": 2, "needs": [],
                "models": models, "steps": steps}
    )  # fmt: skip


def with_reviews(lessons: Mapping[str, Lesson], records: Iterable[Record]) -> dict[str, Lesson]:
    """The lessons, and the reviews of these records as the lessons that they were. What cannot be asked any more is left out."""
    rows = list(records)
    ran = {row.lesson: row.event.parameters for row in rows if isinstance(row.event, ev.Reviewed)}
    bets = {bet.id: bet for bet in history(rows, lessons).bets}
    out = dict(lessons)
    for name in {row.lesson for row in rows}:
        bet = bets.get(again.of(name) or 0)
        lesson = lessons.get(bet.lesson) if bet else None
        if (
            bet
            and lesson
            and (review := review_lesson(lesson, bet, int(name.rsplit("/", 1)[1]), ran.get(name) or None))
        ):
            out[name] = review
    return out
