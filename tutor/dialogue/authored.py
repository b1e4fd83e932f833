"""The authored voice: the lesson's own questions, with the learner's words woven in. No network, no key, no chance.

It makes a list of what it could say, best first, and says the first that passes the gate.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import AsyncIterator, Iterator, Sequence

from tutor.course.listening import Expectation, Misconception, Reading
from tutor.dialogue import phrases
from tutor.dialogue.cues import find, parse
from tutor.dialogue.gate import Gate
from tutor.dialogue.judge import Judgement, judge
from tutor.dialogue.loss import says_nothing
from tutor.dialogue.moves import ENDS_STEP, Move, Reply
from tutor.dialogue.sources import Sources
from tutor.dialogue.tone import WH
from tutor.dialogue.voice import Turn, asked_last, kept, reworded
from tutor.dialogue.words import outside, sentences, stems, topic, words

TAKES_UP = frozenset({Move.PROBE, Move.COUNTER, Move.DEEPER, Move.CONFIRM, Move.ASIDE, Move.DEFER})
"""Moves that have room for an answer to the learner's own question."""
QUOTED_FROM = 600
"""Characters of a reply in which a phrase to quote is looked for."""


class Authored:
    """The voice that is always there."""

    name = "authored"
    speaker = name
    notice = ""
    label = "offline questions"

    async def say(self, turn: Turn) -> AsyncIterator[str]:
        """The words of the move, a sentence at a time."""
        for n, sentence in enumerate(sentences(word(turn))):
            yield f" {sentence}" if n else sentence

    async def judge(self, turn: Turn) -> Judgement:
        """What kind of reply `turn.last` is; unsure where the step expects nothing."""
        if turn.listen is None:
            return Judgement(Reply.UNSURE)
        asked = [turn.question, *map(outside, turn.said)]  # what it quotes is the learner's own
        return judge(turn.listen, turn.last, "\n".join(asked), turn.meaning)


def word(turn: Turn, passed: Sequence[str] = ()) -> str:
    """The words of the turn's move: the first candidate that the gate lets through. Where another voice has begun the turn, and
    the learner has read its sentences `passed`, what goes on from there.

    Where none passes (a lesson that breaks the rules, a learner who stays silent), the step's own question is asked.
    """
    sources, text = Sources(turn), ""
    for candidate in _candidates(turn, _quotes(turn, sources.fresh)):
        text = " ".join(candidate.split())
        parts = sentences(text)
        for more in (parts, parts[-1:]) if passed else (parts,):
            if not Gate(turn, sources).judge([*passed, *more], ended=True):
                return " ".join(more)
    return sentences(word(turn))[-1] if passed else text


def _candidates(turn: Turn, quotes: list[str]) -> Iterator[str]:
    """Everything that could be said, best first, the step's own question last."""
    listen, move = turn.listen, turn.move
    if move is None or move is Move.NEXT:
        return
    if move is Move.TELL and listen:
        yield from (f"{lead} {listen.answer}" for lead in phrases.TELL[len(turn.question) % len(phrases.TELL) :])
        yield listen.answer
        return
    if move is Move.CLOSE and listen and listen.deeper and listen.deeper.answer:
        yield from _closed(turn, listen.deeper.answer, quotes)
        return
    if move in TAKES_UP:
        yield from _answered(turn, quotes)
    if move is Move.ASIDE:
        return
    if turn.astray:
        yield from (frame.format(q=turn.astray) for frame in phrases.turned(phrases.ASTRAY, len(turn.question)))
    if frames := _askless(turn):
        yield from _framed(turn, frames, "", quotes)
        return
    if move is Move.RECONCILE:
        yield from _reconciled(turn)
    elif turn.asked and not listen:
        if turn.meaning:
            yield from (f"{turn.meaning} {ask}" for ask in (turn.question, sentences(turn.question)[-1]))
        yield from _framed(turn, phrases.HOLD, turn.question, _quotes_asked(turn))
    elif turn.replies:
        frames, said = _frames(turn), quotes
        if kept(turn):  # what is called a question is quoted from the question
            said = _quotes_asked(turn)
        for ask in _asks(turn):
            yield from _framed(turn, frames, ask, said)
            if kept(turn):
                yield from _framed(turn, phrases.NO_ANSWER_BESIDE, ask, quotes)
    yield turn.question


def _answered(turn: Turn, quotes: list[str]) -> Iterator[str]:
    """The learner's own question taken up: what a word of the field means, or where else an answer is to be had."""
    right = turn.reply is Reply.RIGHT and not turn.blind
    means = [turn.meaning] if turn.meaning else []
    if turn.move is Move.DEFER:
        yield from (f"{text} {phrases.BET_FIRST}" for text in means)
    elif turn.move is Move.DEEPER:
        for text, ask in itertools.product(means, _asks(turn)):
            yield f"Yes. {text} {ask}"
            yield f"{text} Yes, and now: {_low(ask) or ask}"
        if kept(turn):
            yield from _framed(turn, phrases.DEEPER_KEPT, next(_asks(turn)), _quotes_asked(turn))
    elif turn.move not in ENDS_STEP:
        last = asked_last(turn)
        whole = (
            turn.question if turn.question.rstrip().endswith(last) else last
        )  # `them` in it may stand for what is before
        yield from (f"{text} {ask}" for text, ask in itertools.product(means, [whole, last, *_asks(turn)]))
    elif means or turn.asked or turn.move is Move.ASIDE:
        frames = phrases.DEFER_KEPT if turn.blind and turn.ahead else phrases.ASIDE
        for text in means or _framed(turn, frames, "", _quotes_asked(turn)):
            yield f"Yes. {text}" if right else text
            yield from (f"{'Yes:' if right else 'You say'} “{q}”. {text}" for q in quotes)


def _closed(turn: Turn, answer: str, quotes: list[str]) -> Iterator[str]:
    """What the lesson would have said to its deeper question, a question of the learner's taken up before it."""
    right = turn.reply is Reply.RIGHT
    if turn.meaning:
        yield f"{turn.meaning} {(phrases.CLOSE_RIGHT if right else phrases.CLOSE)[-1].format(ask=answer)}"
    elif kept(turn):
        lead = "Yes. " if right else ""
        yield from _framed(turn, tuple(f"{lead}{it}. {{ask}}" for it in phrases.OPEN), answer, _quotes_asked(turn))
    if right:
        yield from _framed(turn, phrases.CLOSE_RIGHT, answer, quotes)
    frames = phrases.CLOSE_IDK if turn.reply in (Reply.IDK, Reply.TELL_ME) else phrases.CLOSE
    yield frames[len(turn.question) % len(frames)].format(ask=answer)
    yield answer


def _reconciled(turn: Turn) -> Iterator[str]:
    """The question, with a bet that was wrong held against what happened. That one was right was said already, and of a try
    also what happened: there the question meets its reason."""
    bet = next((b for b in reversed(turn.bets) if b.verdict), None)
    if bet and bet.verdict and (bet.verdict.right or (bet.surprised and bet.changed is not None)):
        why = re.sub(r"^because (?!of\b)", "", bet.reason.strip(" .,;"), flags=re.IGNORECASE)
        if 0 < len(why) <= phrases.LONGEST_CLAUSE and not says_nothing(why):
            yield phrases.REASON.format(q=why, ask=turn.question)
    elif bet and bet.verdict:
        said, truth = (text.strip().rstrip(".") for text in (bet.text, bet.verdict.truth))
        if max(len(said), len(truth)) <= phrases.SHORT:
            yield phrases.RECONCILE.format(bet=said, truth=truth, ask=turn.question)


def _asks(turn: Turn) -> Iterator[str]:
    """The questions that fit the move: the lesson's own first, then the spare ones."""
    listen = turn.listen
    if listen and turn.move is Move.DEEPER and listen.deeper:
        yield listen.deeper.ask
    if listen and turn.move is Move.COUNTER:
        yield from (m.ask for m in listen.misconceptions if m.id == turn.misconception)
    if listen and turn.move is Move.PROBE:
        yield from (e.ask for e in _missing(turn))
    if turn.move is Move.REFLECT and turn.misconception:
        yield from phrases.turned(phrases.ANEW, len(turn.question))
    yield from phrases.spare(turn.move or Move.PROBE, turn.reply, turn.blind, len(turn.question))


def _missing(turn: Turn) -> list[Expectation]:
    """The expectations not met yet, the one that the reply comes nearest to first."""
    here = topic(turn.last)
    missing = [e for e in turn.listen.expects if e.id not in turn.met] if turn.listen else []
    return sorted(missing, key=lambda e: -len(here & topic(" ".join([e.says, *e.cues]))))


def _askless(turn: Turn) -> tuple[str, ...]:
    """The frames of a move that asks no question of the lesson."""
    if turn.move is Move.DEFER and turn.reply in (Reply.OFF_TOPIC, Reply.QUESTION):
        return phrases.DEFER_KEPT if kept(turn) else phrases.DEFER_ASIDE
    frames = {
        Move.CONFIRM: phrases.CONFIRM,
        Move.DEFER: phrases.DEFER,
        Move.MARK: phrases.MARK_ONE if turn.listen and len(turn.listen.expects) == 1 else phrases.MARK,
        Move.LEAVE: phrases.LEAVE,
    }
    return frames.get(turn.move, ()) if turn.move else ()


def _frames(turn: Turn) -> tuple[str, ...]:
    if turn.move is Move.DEEPER:
        return phrases.DEEPER
    if turn.move is Move.COUNTER:
        misread = turn.listen and any(isinstance(m, Reading) for m in turn.listen.misconceptions)
        return phrases.MISREAD if misread else phrases.COUNTER
    if turn.move is Move.REFLECT and turn.misconception:
        return phrases.NOW
    if reworded(turn):
        return phrases.AGAIN
    if kept(turn):
        return phrases.NO_ANSWER
    return phrases.PROBE_FRAMES.get(turn.reply, phrases.WRONG)


def _framed(turn: Turn, frames: tuple[str, ...], ask: str, quotes: list[str]) -> Iterator[str]:
    """The question in each frame, beginning with another one each turn; frames that quote come before the others."""
    quoting = [f for f in frames if "{q}" in f]
    plain = [f for f in frames if "{q}" not in f]
    first = len(turn.said) % max(1, len(quoting))
    low = _low(ask)
    for frame in [*quoting[first:], *quoting[:first], *plain]:
        if "{low}" in frame and not low:
            continue
        for q in quotes if "{q}" in frame else [""]:
            yield frame.format(q=q, ask=ask, low=low)


def _quotes(turn: Turn, fresh: frozenset[str]) -> list[str]:
    """Phrases of the learner's last reply; where it met an expectation or holds a wrong picture, those that do."""
    if turn.reply in (Reply.EMPTY, Reply.IDK, Reply.TELL_ME):
        return []
    dear: set[frozenset[str]] = set()
    heard: list[Expectation | Misconception] = []
    if turn.listen and turn.reply in (Reply.PARTLY, Reply.RIGHT):
        heard += [e for e in turn.listen.expects if e.id in turn.met]
    if turn.listen and turn.move is Move.COUNTER:
        heard += [m for m in turn.listen.misconceptions if m.id == turn.misconception]
    said = parse(turn.last[:QUOTED_FROM])
    for cue in (cue for it in heard for cue in it.cues):
        dear |= {frozenset(said[h.sentence].words[i].stem for i in h.at) for h in find(cue, said)}
    own = fresh or stems(turn.last) - stems(turn.question)
    return phrases.quotes(turn.last[:QUOTED_FROM], own, dear)[:3]


def _quotes_asked(turn: Turn) -> list[str]:
    """Phrases of the learner's own question."""
    return phrases.quotes(turn.asked, stems(turn.asked))[:3]


def _low(ask: str) -> str:
    """The question as the second half of a sentence; empty where it cannot be."""
    first = words(ask)[:1]
    if not first or len(sentences(ask)) > 1 or not WH.match(ask.lower()):
        return ""
    return ask[0].lower() + ask[1:]
