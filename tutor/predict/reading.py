"""Reading a typed answer of every kind. Cards, plain mode and the shell all read the same words."""

from __future__ import annotations

import re
from collections.abc import Sequence

from engine.figures import number, unshown
from tutor.course.format import Cell, Chips, Choice, Drawn, FreeText, Number, Prediction, Ranking, Token
from tutor.predict.answers import CHIPS, Answer, NotAnAnswer
from tutor.predict.numbers import SPACES, read_number, read_value

LONGEST = 2_000
"""Characters of free words."""
ELSE = frozenset({"else", "something else", "other", "another", "rest", "the rest"})
"""What a learner may call the chips on something else."""


def parse(question: Prediction, typed: str) -> Answer:
    """The answer that was typed. Raises NotAnAnswer with a sentence for the learner."""
    match question:
        case Choice():
            return _option(question, typed)
        case Number():
            return read_number(question, typed)
        case Token():
            if not typed.strip():
                raise NotAnAnswer("type the token you expect, such as  Paris")
            return unshown(typed.rstrip("\n")).replace("⏎", "\n")
        case Ranking():
            return _order(question, typed)
        case Cell():
            return _cell(question, typed)
        case Drawn():
            return _points(question, typed)
        case Chips():
            return _chips(question, typed)
        case FreeText():
            words = " ".join(typed.split())
            if not re.search(r"\w", words):
                raise NotAnAnswer("say in a few words what you expect")
            return words[:LONGEST]


def _option(question: Choice, typed: str) -> str:
    """An option by its id, its text or a part of it that no other has, its number (from 1) or its letter."""
    t = typed.strip().lower()
    names = [(o.id, o.id) for o in question.options] + [(o.says.lower(), o.id) for o in question.options]
    names += [(str(i + 1), o.id) for i, o in enumerate(question.options)]
    names += [("abcdef"[i], o.id) for i, o in enumerate(question.options)]
    for name, option in names:
        if t == name:
            return option
    held = [o.id for o in question.options if len(t) > 3 and t in o.says.lower()]
    if len(held) == 1:
        return held[0]
    raise NotAnAnswer(f"choose one of 1 to {len(question.options)}")


def _order(question: Ranking, typed: str) -> list[str]:
    """`b a c` or `2 1 3`, also with commas or > between them: every item once, the largest first."""
    ids = [i.id for i in question.items]
    names = {str(n + 1): id for n, id in enumerate(ids)} | {id: id for id in ids}
    given = re.split(r"[\s,;>]+", typed.strip().strip(",;>").lower())
    wanted = f"type all of {', '.join(ids)} in your order, the largest first, or their numbers: 2 1 3"
    if not typed.strip():
        raise NotAnAnswer(wanted)
    order = []
    for name in given:
        if name not in names:
            raise NotAnAnswer(f"there is no {name} here; {wanted}")
        order.append(names[name])
    if twice := next((id for id in order if order.count(id) > 1), None):
        raise NotAnAnswer(f"{twice} is there twice; each comes once")
    if missing := [id for id in ids if id not in order]:
        raise NotAnAnswer(f"{', '.join(missing)} {'is' if len(missing) == 1 else 'are'} missing; {wanted}")
    return order


def _cell(question: Cell, typed: str) -> list[int]:
    """`23 3`, `23, 3`, `layer 23 head 3`, `L23H3`."""
    what = "head" if question.columns == "heads" else "position"
    gap, name = r"[\s,;:/]", r"(?:head|h|position|pos|p|column|at)"
    found = re.fullmatch(
        rf"[\s(\[]*(?:layer|l)?{gap}*(\d{{1,4}})(?:{gap}*(?:and\s+)?{name}{gap}*|{gap}+(?:and\s+)?)(\d{{1,4}})[\s.)\]]*",
        typed.lower(),
    )
    if not found:
        raise NotAnAnswer(f"type a layer and a {what}, both counted from 0: 4 2")
    return [int(found[1]), int(found[2])]


VALUE = r"[-+]?(?:\d+(?:\.\d+|,\d+(?!\d*\s*[:=]))?|[.,]\d+)(?:e[-+]?\d+)?"
"""As in a number of its own, but the comma in `0:12,10:8` stands between two points."""
PAIR = re.compile(rf"(\d{{1,4}})\s*[:=]\s*({VALUE})\s*(%?)", re.IGNORECASE)


def _points(question: Drawn, typed: str) -> list[list[float]]:
    """`0:12 10:8 29:0.5`, each a layer and the value there; between them the curve is straight."""
    t = typed.translate(SPACES).strip().lower()
    if not PAIR.search(t) or re.sub(r"[\s,;]", "", PAIR.sub("", t)):
        low, high = number(question.low), number(question.high)
        raise NotAnAnswer(f"type points as layer:value, such as 0:{low} 10:{high}")
    points: dict[int, float] = {}
    for layer, text, percent in PAIR.findall(t):
        value = read_value(text, bool(percent), question.unit)
        if int(layer) in points:
            raise NotAnAnswer(f"layer {int(layer)} is there twice; a curve has one value there")
        if not question.low <= value <= question.high:
            raise NotAnAnswer(f"{value:.6g} is outside the range from {question.low:g} to {question.high:g}")
        points[int(layer)] = value
    return [[layer, points[layer]] for layer in sorted(points)]


COUNT = r"\d{1,9}"


def _chips(question: Chips, typed: str) -> list[int]:
    """`Paris 12, London 3, else 5`, or the counts alone in the order of the candidates: `12 3 5`."""
    names = [c.strip() for c in question.candidates]
    example = f"{names[0]} 12, {names[1]} 3, else 5"
    t = typed.strip().strip(",;").replace("·", " ")
    parts = [p.strip() for p in re.split(r"[,;]", t)]
    if all(re.fullmatch(rf"{COUNT}(\s+{COUNT})*", p) for p in parts) and (
        len(parts) == 1 or all(p.isdigit() for p in parts)
    ):
        counts = [int(n) for n in re.findall(r"\d+", t)]
        if len(counts) != len(names) + 1:
            known = f"{', '.join(names)} and something else"
            raise NotAnAnswer(f"{len(counts)} counts for {known}; type {len(names) + 1}, or {example}")
    else:
        counts = _named(names, [p for p in parts if p], example)
    if (put := sum(counts)) != CHIPS:
        left = f"{CHIPS - put} are left to put down" if put < CHIPS else f"{put - CHIPS} too many"
        raise NotAnAnswer(f"there are {CHIPS} chips, and you put down {put}: {left}")
    return counts


def _named(names: Sequence[str], parts: Sequence[str], example: str) -> list[int]:
    """Counts with the names of their candidates; who is not named gets none."""
    counts: dict[int, int] = {}
    for part in parts:
        for name, count in re.findall(rf"(\S.*?)\s*[:=]?\s+({COUNT})(?=\s|$)", part) or [(part, "")]:
            alike = [i for i, n in enumerate(names) if n == name] or [
                i for i, n in enumerate(names) if n.lower() == name.lower()
            ]
            at = alike[0] if len(alike) == 1 else len(names) if name.lower() in ELSE else None
            if at is None or not count:
                known = f"{', '.join(names)} and else"
                raise NotAnAnswer(f"“{part}” is no candidate with its chips: type {example}; there are {known}")
            if at in counts:
                raise NotAnAnswer(f"{name} is there twice")
            counts[at] = int(count)
    if not counts:
        raise NotAnAnswer(f"put {CHIPS} chips on the candidates: {example}")
    return [counts.get(i, 0) for i in range(len(names) + 1)]
