"""What kind of reply it was, offline: the step's expectations and misconceptions, looked for in the learner's words.

Where it is not sure it says so: a reply that may be right is `UNSURE`, and the learner marks what they meant.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from rapidfuzz import fuzz

from tutor.course.listening import Listen
from tutor.dialogue import loss, tone
from tutor.dialogue.cues import READ, Found, Hit, Sentence, find, parse, question_in, share
from tutor.dialogue.moves import Reply
from tutor.dialogue.terms import meaning
from tutor.dialogue.words import COMMON, FIELD, STOP, plain, topic, words
from tutor.events import Judged

POINTING = frozenset("this that these those they them".split())
"""A question with one of these is about what is at hand."""
ANSWERING = frozenset("because since it".split())
"""Who begins like this gives an answer."""
COPY = 88
"""From this likeness (0 to 100) on, a sentence is a copy of another."""
NEAR = 0.6
"""From this share of an expectation on, a reply may have meant it."""

ORDER = (
    r"(^|\. |\b(please|just|jsut|now|then|so|ok|okay|well|and|or|but|simply|finally|lets|come on|you|"
    r"you (to|must|should|could|have to|need to)) )"
)
"""Before an order. Elsewhere the same words say what somebody does: `it is likely to say it again`, `I'd say it is lost`."""
TELL = re.compile(
    rf"{ORDER}(tell (it to )?(me|us)|(show|give) (me|us) (it|the (answer|solution|result))|"
    r"(say|tell|spill|explain|spoil) it( (please|now|already|then|finally|to me|to us|for me|plainly|straight|out))?(?= \.|$)|"
    r"explain it to (me|us)|(tell|give|show|reveal) the (answer|solution))\b|"
    rf"({ORDER}|\bi (have to |must |want to |will )?)give up\b|"
    r"\b(stop asking|what is the ((right|correct) )?answer|"
    r"(the answer|answer me) please|please (answer|explain)|"
    r"(skip|enough of) the questions|enough questions|just explain|i want the answer|can you explain)\b"
)

BEGGING = re.compile(
    r"^(\w+ ){0,3}(tell|give|show) (me|us) (\w+ ){0,3}?(is|are|was|were|do|does|did|can|could|will|would|if|whether|which|what|"
    r"why|how|who|where)\b"
)
"""A question behind an order to tell: "tell me, is it that head"."""


@dataclass(frozen=True)
class Judgement:
    """What kind of reply it was, and what it held."""

    reply: Reply
    met: tuple[str, ...] = ()
    misconception: str | None = None
    judge: str = "authored"
    """Who said so."""
    asks: bool = False
    """Whether the reply asks something as well."""
    known: bool = False
    """Whether it does no more than ask for a word whose meaning the tutor has."""

    def event(self, step: str) -> Judged:
        """What the journal keeps of it."""
        return Judged(step, self.reply.value, tuple(self.met), self.misconception, self.judge, self.asks, self.known)


def judge(listen: Listen, reply: str, question: str = "", means: str = "") -> Judgement:
    """What kind of reply this is to `question` (all that was asked in the step), and which expectations it met.

    means: what the tutor can say to what the reply asks; looked up among the words of the field where not given.
    """
    reply = reply[:READ]
    means = means or meaning(reply)
    if loss.shrugs(reply):
        return Judgement(Reply.IDK)
    if not words(reply):
        return Judgement(Reply.EMPTY)
    own = [s for s in parse(reply) if not _copied(s.text, question)]
    if not own or _copied(reply, question):
        return Judgement(Reply.OFF_TOPIC)
    known = bool(means) and all(s.asks and s.marked for s in own)
    return replace(_judged(listen, question, own, means), asks=bool(question_in(own)), known=known)


def _judged(listen: Listen, question: str, own: Sequence[Sentence], means: str) -> Judgement:
    """What the sentences `own` of a reply hold: those that do not repeat the question."""
    known = _known(listen, question)
    held = [s for s in own if not BEGGING.search(plain(s.text))]
    said = (
        [s for s in held if not s.asks and (not s.marked or _guess(s))]
        or [s for s in held if not (s.asks and s.marked)]
        or [s for s in held if tone.closed(s.text)]  # a guess: `is it the first token?`
    )
    hits = {e.id: [h for cue in e.cues for h in find(cue, said, known)] for e in listen.expects}
    false = {m.id: [h for cue in m.cues for h in find(cue, said, known)] for m in listen.misconceptions}
    false = {m: [h for h in found if h.found is Found.SAID] for m, found in false.items()}
    _longest_wins(hits, false)

    met = tuple(e for e, found in hits.items() if any(h.found is Found.SAID for h in found))
    missed = next((m for m, found in false.items() if found), None)
    pressed = TELL.search(" . ".join(plain(s.text) for s in own))
    if missed and len(met) == len(hits):  # all that is right, and what is not beside it: one of them was misread
        return Judgement(Reply.UNSURE, misconception=missed)
    if missed:
        return Judgement(Reply.MISCONCEPTION, met, missed)
    if len(met) == len(hits):
        doubtful = any(_doubtful(h, found) for found in hits.values() for h in found)
        return Judgement(Reply.UNSURE) if doubtful else Judgement(Reply.RIGHT, met)
    if not met and means:  # "can you explain what a logit is" asks for a word, and not for the answer
        return Judgement(Reply.QUESTION)
    if pressed:
        return Judgement(Reply.TELL_ME, met)
    if met:
        return Judgement(Reply.PARTLY, met)
    return Judgement(_unmet(listen, question, own, said, hits, known))


def _unmet(
    listen: Listen,
    question: str,
    own: Sequence[Sentence],
    said: Sequence[Sentence],
    hits: dict[str, list[Hit]],
    known: frozenset[str],
) -> Reply:
    """What a reply is that met no expectation and no misconception."""
    found = {h.found for hs in hits.values() for h in hs}
    if Found.OPEN in found:
        return Reply.UNSURE
    asking = all((s.asks or s.marked) and not _guess(s) for s in own)
    if loss.of_words(own) and not any(s.asks and s.marked for s in own):
        return Reply.IDK
    here = topic(" ".join(s.text for s in own))
    about = _about(listen, question)
    shared = any(h in about or any(len(a) > 4 and fuzz.ratio(a, h) >= 80 for a in about) for h in here)
    heard = {w.text for s in own for w in s.words}
    if asking:
        return Reply.QUESTION if shared or not here or heard & POINTING else Reply.OFF_TOPIC
    if Found.DENIED in found:
        return Reply.WRONG
    if any(s.asks for s in own):
        return Reply.QUESTION
    if any(_near(e.says, e.cues, said, question, known) for e in listen.expects):
        return Reply.UNSURE
    return Reply.WRONG if shared or own[0].words[0].text in ANSWERING or "nothing" in heard else Reply.OFF_TOPIC


def _guess(s: Sentence) -> bool:
    """Whether it is a guess with a mark: `maybe 0.7?` One word with a mark asks what it means."""
    return s.marked and not s.asks and len(s.words) > 1


def _about(listen: Listen, question: str) -> frozenset[str]:
    """The stems that a reply to this question may be about."""
    texts = [question, listen.answer, *listen.wrong, *FIELD]
    texts += [t for e in listen.expects for t in (e.says, e.ask, *e.cues)]
    texts += [t for m in listen.misconceptions for t in (m.ask, *m.cues)]
    return topic(" ".join(texts))


def _near(says: str, cues: Sequence[str], said: Sequence[Sentence], question: str, known: frozenset[str]) -> bool:
    """Whether the reply may have meant this expectation: much of what it says, or of one long cue."""
    if any(len([w for w in words(c) if w.content]) >= 3 and share(c, said, known) >= NEAR for c in cues):
        return True
    told = topic(says) - topic(question)
    here = topic(" ".join(s.text for s in said if not any(s.denials)))
    return len(told & here) >= 2 and len(told & here) >= NEAR * len(told)


def _doubtful(hit: Hit, beside: Sequence[Hit]) -> bool:
    """Whether it was denied or left open, and not also said in the same sentence."""
    return hit.found is not Found.SAID and not any(h.found is Found.SAID and h.sentence == hit.sentence for h in beside)


def _longest_wins(hits: dict[str, list[Hit]], false: dict[str, list[Hit]]) -> None:
    """Where a misconception's cue and an expectation's cue are found in the same words, the longer one was meant."""
    for e, found in hits.items():
        hits[e] = [h for h in found if not any(_within(h, f) for fs in false.values() for f in fs)]
    for m, found in false.items():
        good = [h for hs in hits.values() for h in hs if h.found is Found.SAID]
        false[m] = [f for f in found if not any(_within(f, h) for h in good)]


def _within(a: Hit, b: Hit) -> bool:
    return a.sentence == b.sentence and a.at < b.at


def _known(listen: Listen, question: str) -> frozenset[str]:
    """Words that the lesson itself uses: whoever writes one of them means it."""
    texts = [question, listen.answer, *listen.wrong, *(t for e in listen.expects for t in (e.says, e.ask))]
    texts += [m.ask for m in listen.misconceptions]
    return frozenset(w.text for t in texts for w in words(t)) | STOP | COMMON


def _copied(text: str, original: str) -> bool:
    """Whether the text is a copy of the original, or of a good part of it."""
    a, b = plain(text), plain(original)
    if not a or not b:
        return False
    if fuzz.ratio(a, b) >= COPY:
        return True
    return len(a.split()) >= 5 and len(a) <= len(b) and fuzz.partial_ratio(a, b) >= COPY
