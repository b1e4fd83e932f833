"""What a turn may name: the numbers, layers, heads and tokens that stand in its facts or that someone said already."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cached_property

from tutor.course.format import Chips, Choice, Prediction, Ranking
from tutor.dialogue.cues import Sentence, find, parse
from tutor.dialogue.numbers import NUMBER, digits, leaves, readings, sizes, spoken
from tutor.dialogue.voice import Turn
from tutor.dialogue.words import outside, plain, quotations, stems

LONGEST = 30
"""Letters of a word that can be taken up."""
PLACE = re.compile(r"\b(layer|head|neuron|position)s?\s+(\d+(?:(?:\s*,\s*|\s+(?:and|to|or)\s+)\d+)*)", re.IGNORECASE)
NAME = re.compile(r"(?<=[a-z,;] )[A-Z][a-z]+\b")
OURS = frozenset(
    """base tweak embed pos_embed resid_pre resid_mid resid_post attn_out mlp_out mlp_post ln_final logits q k v z
    pattern""".split()
)
"""Names of the program and of the places in a model: always allowed as code."""


def shown_with(question: Prediction) -> list[str]:
    """What the learner read with the question before they bet. What free words are listened for is not shown."""
    match question:
        case Choice(options=parts):
            return [o.says for o in parts]
        case Ranking(items=items):
            return [i.says for i in items]
        case Chips(candidates=candidates):
            return list(candidates)
        case _:
            return []


class Sources:
    """All that may be named in one turn."""

    def __init__(self, turn: Turn):
        self.turn = turn

    @cached_property
    def own(self) -> list[str]:
        """What the learner wrote."""
        return [*self.turn.replies, *(b.reason for b in self.turn.bets), *(str(b.answer) for b in self.turn.bets)]

    @cached_property
    def fresh(self) -> frozenset[str]:
        """The stems of the learner's last reply that the tutor had not put there."""
        turn = self.turn
        own = stems(turn.last) - stems(turn.question) - stems(turn.said[-1] if turn.said else "")
        return frozenset(s for s in own if len(s) <= LONGEST)

    @cached_property
    def asked(self) -> list[str]:
        """What the lesson asks."""
        turn, listen = self.turn, self.turn.listen
        out = [turn.question, turn.lesson]
        for bet in turn.bets:
            out += [bet.question.ask, bet.text, f"{bet.confidence} %"]
            out += shown_with(bet.question)
        if listen:
            out += [e.ask for e in listen.expects] + [m.ask for m in listen.misconceptions]
            out += [listen.deeper.ask, listen.deeper.again or ""] if listen.deeper else []
        return out

    @cached_property
    def texts(self) -> list[str]:
        """Everything that was said and may be said again, and what stands in facts and figures."""
        turn = self.turn
        out = [*self.own, *self.asked, *turn.said, turn.meaning]
        if not turn.blind:
            out += [t for b in turn.bets if b.verdict for t in (b.verdict.truth, b.verdict.line)]
            out += [v for v in leaves([turn.facts, turn.figures]) if isinstance(v, str)]
            if turn.listen:
                out += [turn.listen.answer, *(e.says for e in turn.listen.expects)]
                out += [turn.listen.deeper.answer or ""] if turn.listen.deeper else []
        return out

    @cached_property
    def _said_numbers(self) -> set[float]:
        return spoken(self.texts)

    @cached_property
    def _values(self) -> list[float]:
        """The numbers of facts and figures, without their signs."""
        return sizes([self.turn.facts, self.turn.figures])

    @cached_property
    def _places(self) -> set[tuple[str, int]]:
        out = {p for t in self.texts for p in _places(t)}
        for name, fact in self.turn.facts.items():
            for kind in ("layer", "head", "neuron", "position"):
                if kind in name and isinstance(fact, int):
                    out.add((kind, fact))
                if name.endswith(f"by_{kind}") and isinstance(fact, (list, tuple)):
                    out |= {(kind, i) for i in range(len(fact))}
        for figure in self.turn.figures:
            for axis, labels in (("row_name", "rows"), ("column_name", "columns"), ("x_name", "x")):
                kind = str(figure.get(axis, "")).lower().rstrip("s")
                out |= {(kind, int(v)) for v in figure.get(labels) or [] if str(v).isdigit()}
        return out

    @cached_property
    def _plain(self) -> list[str]:
        return [f" {plain(t)} " for t in self.texts]

    def unknown_number(self, text: str) -> str | None:
        """The first number, layer or head in the text that nobody gave; None where there is none."""
        text = digits(text)
        for kind, n in _places(text):
            if (kind, n) not in self._places:
                return f"{kind} {n}"
        for m in NUMBER.finditer(text):
            if not any(self._known(said, places, bool(m["percent"])) for said, places in readings(m["number"])):
                return m[0].strip()
        return None

    def _known(self, said: float, places: int, percent: bool) -> bool:
        if said in self._said_numbers:
            return True
        for given in self._values:
            size = given * (100 if percent else 1)
            rounds = places > 0 or percent or size >= 1
            if size == abs(said) or (rounds and abs(size - abs(said)) <= 0.5 * 10**-places + 1e-9):
                return True
        return False

    def unknown_token(self, text: str) -> str | None:
        """The first quotation, inline code or name in the text that stands nowhere else; None where there is none."""
        for quoted in quotations(text):
            bare = quoted.strip(" ·.,;:!?…")
            if bare.lower() in OURS or not quoted.strip():
                continue
            said = f" {plain(quoted)} "
            known = (
                any(said in t for t in self._plain) if said.strip() else any(quoted.strip() in t for t in self.texts)
            )
            if not known:
                return quoted
        for name in NAME.findall(outside(text)):
            said = f" {plain(name)} "
            if not any(said in t for t in self._plain):
                return str(name)
        return None

    def barred(self, text: str) -> str | None:
        """The first term in the text that the lesson keeps for later, unless its questions or the learner said it.

        What a word means, asked for, may share everyday words with a good answer; the terms that the lesson bars it may not.
        """
        turn = self.turn
        terms = list(turn.bars)
        if turn.blind and turn.listen and text.strip() not in turn.meaning:
            terms += [c for e in turn.listen.expects for c in e.cues]
        said = parse(text)
        for term in terms:
            if next(find(term, said), None) and not next(find(term, self._before), None):
                return term
        return None

    @cached_property
    def _before(self) -> list[Sentence]:
        return parse("\n".join([*self.own, *self.asked]))


def _places(text: str) -> Iterator[tuple[str, int]]:
    for m in PLACE.finditer(digits(text)):
        yield from ((m[1].lower(), int(n[:9])) for n in re.findall(r"\d+", m[2]))
