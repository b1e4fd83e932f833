"""Claude as the voice: it words the moves and judges replies; the gate says what of it the learner may see.

A sentence is shown when it is whole and has passed; the last one when the whole turn has. A turn that is refused is asked
for once more with the reason. Whatever fails, the authored question takes its place, and a later turn tries Claude again.
"""

from __future__ import annotations

import time
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import aclosing
from dataclasses import replace
from typing import TYPE_CHECKING, Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from tutor.course.listening import Listen
from tutor.dialogue.authored import Authored, word
from tutor.dialogue.faults import LATER, SOON, Fault
from tutor.dialogue.gate import WORDS, Gate, Refusal
from tutor.dialogue.judge import Judgement
from tutor.dialogue.key import Key, find_key
from tutor.dialogue.moves import Reply
from tutor.dialogue.prompt import MOVES, Options, Request, judged, tokens, worded
from tutor.dialogue.usage import Ledger
from tutor.dialogue.voice import Turn, Voice
from tutor.dialogue.wire import Wire
from tutor.dialogue.words import sentences, whole

if TYPE_CHECKING:
    from tutor.settings import Settings

WORDED = frozenset(MOVES)
"""The moves that Claude may word."""
CERTAIN = frozenset({Reply.EMPTY, Reply.IDK, Reply.TELL_ME})
"""Replies that need no judge."""
LONGEST = WORDS * 12
"""Characters without the end of a sentence after which a turn is too long."""
GOES_ON = "the lesson's own questions go on"


class Refused(Exception):
    """The gate refused a sentence."""

    def __init__(self, refusal: Refusal):
        self.refusal = refusal


class Claude:
    """The voice `claude`. It never raises, and is never needed."""

    name = "claude"

    def __init__(self, wire: Wire, clock: Callable[[], float] = time.monotonic):
        self.speaker: str = self.name
        self.notice = ""
        self._wire, self._options, self._ledger = wire, wire.options, wire.ledger
        self._clock = clock
        self._authored = Authored()
        self._rests_until = float("-inf")
        self._faults = 0
        """Faults in a row."""
        self._spent_on = ""
        """The day for which the learner knows that the tokens are used up."""

    @property
    def label(self) -> str:
        if self._clock() < self._rests_until or self._spent_on == self._ledger.today:
            return Authored.label
        return f"claude · {self._ledger.day().tokens / 1000:.0f}k tokens today"

    async def say(self, turn: Turn) -> AsyncGenerator[str]:
        """The words of the move, a sentence at a time, each of which passed the gate."""
        self.speaker, self.notice = self.name, ""
        gate, deadline, refused = Gate(turn), time.monotonic() + self._options.whole, ""
        for _ in range(2 if turn.move in WORDED else 0):
            request = worded(turn, self._options, refused, gate.passed)
            if not self._may_ask(request):
                break
            try:
                async with aclosing(self._sentences(turn, gate, request, deadline)) as spoken:
                    async for sentence in spoken:
                        yield sentence
            except Refused as error:
                refused = error.refusal.reason
                self._ledger.note("refused", rule=error.refusal.rule)
            except Fault as fault:
                refused = fault.refused
                if not refused:
                    self._failed(fault)
                    break
                self._ledger.note("refused", rule=0)
            else:
                self._faults = 0
                self._ledger.note("turn", voice=self.speaker)
                return
        self.speaker = f"{self.name}+{self._authored.name}" if gate.passed else self._authored.name
        if turn.move in WORDED:
            self._ledger.note("turn", voice=self.speaker)
        lead = " " if gate.passed else ""
        for sentence in sentences(word(turn, gate.passed)):
            yield lead + sentence
            lead = " "

    async def judge(self, turn: Turn) -> Judgement:
        """What kind of reply `turn.last` is. Where Claude cannot say, or says what does not fit, the lesson's cues say it."""
        self.notice = ""
        own = await self._authored.judge(turn)
        if turn.listen is None or own.reply in CERTAIN:
            return own
        request = judged(turn, self._options)
        if not self._may_ask(request):
            return own
        try:
            deadline = time.monotonic() + self._options.stall
            async with aclosing(self._wire.words(request, deadline)) as answer:
                verdict = read(turn.listen, "".join([text async for text in answer]))
        except Fault as fault:
            self._failed(fault)
            return own
        self._faults = 0
        if verdict is None:
            self._ledger.note("misfit")
            return own
        if verdict.reply is Reply.RIGHT and own.reply is Reply.MISCONCEPTION:
            return Judgement(Reply.UNSURE, judge=self.name)  # two judges that far apart: better ask than be wrong
        return replace(verdict, asks=own.asks, known=own.known)

    async def close(self) -> None:
        """Let go of the connections."""
        await self._wire.close()

    async def _sentences(self, turn: Turn, gate: Gate, request: Request, deadline: float) -> AsyncGenerator[str]:
        """The sentences of one answer, each after it passed the gate. Raises Refused, Fault."""
        rest = ""
        async with aclosing(self._wire.words(request, deadline)) as answer:
            async for text in answer:
                done, rest = whole(rest + text)
                for sentence in done:
                    if sentence in gate.passed:
                        continue  # a second try that begins again with what was read
                    lead = " " if gate.passed else ""
                    _pass(crowded(turn, gate, sentence) or gate.sentence(sentence))
                    yield lead + " ".join(sentence.split())
                if len(rest) > LONGEST:
                    raise Refused(Refusal(2, "a sentence without an end"))
        lead = " " if gate.passed else ""
        _pass(gate.end(rest))
        if rest.strip():
            yield lead + " ".join(rest.split())

    def _may_ask(self, request: Request) -> bool:
        """Whether Claude may be asked now: it is not resting, and the day's tokens hold the whole request."""
        if self._clock() < self._rests_until:
            return False
        spent, limit = self._ledger.day().tokens, self._options.tokens_per_day
        if spent + tokens(request) <= limit:
            return True
        today = self._ledger.today
        if self._spent_on != today:
            self._spent_on = today
            self.notice = f"Claude's {limit:,} tokens for today are used up ({spent:,}); {GOES_ON} until tomorrow."
        return False

    def _failed(self, fault: Fault) -> None:
        """Leave Claude alone for a while, longer after each fault in a row, and say so once."""
        self._ledger.note("fault")
        if fault.rest:
            self._faults += 1
            self._rests_until = self._clock() + min(LATER, max(fault.rest, SOON * 4 ** (self._faults - 1)))
        self.notice = f"{fault}; {GOES_ON}."


class Verdict(BaseModel):
    """A judgement as Claude gives it."""

    model_config = ConfigDict(extra="forbid", strict=True)
    met: list[str]
    misconception: str | None
    kind: Literal["right", "partly", "misconception", "wrong", "question", "idk", "off_topic", "tell_me", "unsure"]


def read(listen: Listen, answer: str) -> Judgement | None:
    """The judgement in Claude's answer; None where it does not fit the step or contradicts itself."""
    try:
        verdict = Verdict.model_validate_json(answer)
    except ValidationError:
        return None
    every, wrong, kind = {e.id for e in listen.expects}, {m.id for m in listen.misconceptions}, Reply(verdict.kind)
    met = tuple(dict.fromkeys(verdict.met))
    fits = (
        set(met) <= every
        and (verdict.misconception in wrong) == (kind is Reply.MISCONCEPTION)
        and (verdict.misconception is None or verdict.misconception in wrong)
        and (set(met) == every or kind is not Reply.RIGHT)
        and (bool(met) or kind is not Reply.PARTLY)
        and (not met or kind not in (Reply.WRONG, Reply.OFF_TOPIC, Reply.IDK))
    )
    return Judgement(kind, met, verdict.misconception, judge=Claude.name) if fits else None


def crowded(turn: Turn, gate: Gate, sentence: str) -> Refusal | None:
    """A sentence that is not the last must leave room for a question, if need be the authored one."""
    question = sentences(word(turn))[-1:]
    room = Gate(turn, gate.sources).judge([*gate.passed, sentence, *question], ended=True)
    return next((refusal for refusal in room if refusal.rule == 2), None)


def voice_of(settings: Settings, environ: Mapping[str, str]) -> Voice:
    """Claude where there is a key and a network is wanted; else the authored voice."""
    key = None if settings.offline else find_key(environ)
    return Authored() if key is None else claude_of(settings, key, environ)


def claude_of(settings: Settings, key: Key, environ: Mapping[str, str]) -> Claude:
    """Claude with this key. `ANTHROPIC_BASE_URL` names a gateway."""
    base_url = environ.get("ANTHROPIC_BASE_URL") or None
    return Claude(Wire(key, options_of(settings), Ledger(settings.home), base_url))


def options_of(settings: Settings) -> Options:
    """How the learner wants Claude to be asked."""
    return Options(
        model=settings.claude_model,
        effort="" if settings.claude_effort == "default" else settings.claude_effort,
        max_tokens=settings.claude_max_tokens,
        tokens_per_day=settings.claude_tokens_per_day,
    )


def _pass(refusal: Refusal | None) -> None:
    if refusal:
        raise Refused(refusal)
