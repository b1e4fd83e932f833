"""Where a reply says what a cue asks for, and where it says the opposite.

A cue is a few words, each a word or the beginning of one. It is found where all its words stand near each other in one
clause, in any order; with `->` between them (`red -> first`) in this one. A negation near them turns it around; two
negations leave it open.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import Enum
from functools import lru_cache

from tutor.dialogue import asking, tone
from tutor.dialogue.words import NOT, STOP, Word, alike, sentences, words

WIDE = frozenset("not never nothing none nobody neither nor hardly barely false untrue myth doubt".split())
"""Negations that turn their whole clause around."""
NARROW = frozenset("no without lack lacks lacking fail fails failed unable zero".split())
WRONG_TO = frozenset("that to".split())
"""Behind `wrong`, these say what is: `it is wrong that`. Elsewhere it may be a bet that was wrong."""
PAIRS = frozenset({("instead", "of"), ("rather", "than")})
"""Negations that turn the next few words around."""
ORDERED = "->"
"""Between words of a cue that are meant in their order: `red -> first` is not `the first is red`."""
REACH = 3
LITERAL = frozenset("nothing none nobody".split())
"""Negations that a cue asks for by name."""
HARMLESS = frozenset(
    [f"not {word}" for word in "doubt only just merely simply solely surprising surprisingly".split()]
    + [f"no {word}" for word in "doubt wonder matter surprise problem".split()]
    + ["without doubt", "without a doubt", "without any doubt"]
    + [f"{word} zero" for word in "layer head neuron position token temperature step below under above near to".split()]
)
"""What denies nothing though a word of it does elsewhere."""
OPEN = frozenset("sure certain clear convinced".split())
"""After `not`, these say that the matter is open."""
SO = frozenset("so very that too quite really entirely fully all".split())
OWN = frozenset("i im we me my am".split())
BREAKS = frozenset(
    "but because since although though whereas while however which who thus hence therefore unless if when".split()
)
STARTS = frozenset(
    "it they the this that these those there you we i he she nothing none nobody neither no not never hardly barely then all "
    "others is are was were does do did can will would".split()
)
DEGREES = frozenset(
    "much many far little few long often sure certain high low small big large likely good bad clear strong close similar".split()
)
"""After `so`, these say how much, and not what follows."""
CANCELS = frozenset(
    "but they it that this these those do does did is are was were can could will would "
    "not no never wrong false true right so".split()
)
TAG = re.compile(
    rf"\b(?:{'|'.join(NOT)}|can|will) (?P<not>not )?(?:it|they|that|this|there|he|she|we|you|i)"
    r"(?(not)|(?: not))(?: (?:so|right|true|correct))?$"
)
"""How a clause ends that wants to be agreed with and denies nothing: `don't they?`, `is it not?`"""
READ = 6_000
"""Characters of a reply that are read."""


class Found(Enum):
    """How a cue stands in a reply."""

    SAID = "said"
    DENIED = "denied"
    OPEN = "open"


@dataclass(frozen=True)
class Hit:
    """A cue that was found: in which sentence, by which of its words, and whether as said."""

    sentence: int
    at: frozenset[int]
    found: Found


@dataclass(frozen=True)
class Sentence:
    """A sentence of a reply: its words, the number of each word's clause, and how many negations reach each word."""

    text: str
    words: tuple[Word, ...]
    clauses: tuple[int, ...]
    denials: tuple[int, ...]
    asks: bool
    """Whether it begins as a question does."""
    marked: bool
    """Whether it ends with a question mark, or can be nothing but a question."""


def parse(text: str) -> list[Sentence]:
    """The sentences of a reply."""
    out = []
    for s in (part for line in text.splitlines() for sentence in sentences(line) for part in asking.apart(sentence)):
        found = tuple(words(s))
        if found:
            clauses = _clauses(s, found)
            numbers = tuple(n for n, clause in enumerate(clauses) for _ in clause)
            denials = tuple(_denials(clauses, found))
            out.append(Sentence(s, found, numbers, denials, asking.asks(s), asking.marked(s) or asking.wants(s)))
    return out


def question_in(reply: Sequence[Sentence]) -> str:
    """The last question that the reply wants answered; empty where there is none. A guess is none: `is it the others?` What
    would happen elsewhere is no guess: `would another token do it?`"""
    wanted = [s for s in reply if s.asks and s.marked and not asking.wants_agreement(s.text)]
    if len(reply) == 1 and tone.closed(reply[0].text) and not asking.ELSEWHERE.match(reply[0].text):
        return ""
    return wanted[-1].text if wanted else ""


def own_question(text: str) -> str:
    """Whether a reply asks something: `beside` what it says, or `only` that; empty where it does not."""
    reply = parse(text[:READ])
    if not question_in(reply):
        return ""
    return "only" if all(s.asks and s.marked for s in reply) else "beside"


def find(cue: str, reply: Iterable[Sentence], known: frozenset[str] = frozenset()) -> Iterator[Hit]:
    """Every place where the reply holds the cue. `known` words are spelled as they were meant."""
    core, negative = _wanted(cue)
    for n, sentence in enumerate(reply):
        for at in _places(core, sentence, known, ORDERED in cue):
            denied = max(sentence.denials[i] for i in at)
            if denied > 1:
                yield Hit(n, at, Found.OPEN)
            elif bool(denied) == negative:
                yield Hit(n, at, Found.SAID)
            elif denied:
                yield Hit(n, at, Found.DENIED)


@lru_cache(maxsize=5_000)
def _wanted(cue: str) -> tuple[tuple[str, ...], bool]:
    """The words of a cue that a reply must hold, and whether the cue itself denies something."""
    asked = tuple(w.text for w in words(cue))
    idle = _idle(asked)
    zero = {i for i in idle if asked[i] == "zero"}  # a number there, as any other
    core = tuple(w for i, w in enumerate(asked) if w in LITERAL or i in zero or w not in STOP | WIDE | NARROW)
    negative = any(w in WIDE or w in NARROW for i, w in enumerate(asked) if i not in idle)
    return asked if set(core) <= LITERAL else core, negative


def share(cue: str, reply: Iterable[Sentence], known: frozenset[str] = frozenset()) -> float:
    """How much of the cue one sentence of the reply holds, 0 to 1."""
    core = [w.text for w in words(cue) if w.content]
    best = 0.0
    for sentence in reply:
        held = sum(any(alike(c, w.text, known) for w in sentence.words) for c in core)
        best = max(best, held / len(core) if core else 0.0)
    return best


def _places(
    core: tuple[str, ...], sentence: Sentence, known: frozenset[str], ordered: bool
) -> Iterator[frozenset[int]]:
    """The sets of word places that hold all of `core`, near each other in one clause."""
    found, clauses = sentence.words, sentence.clauses
    joined = "".join(core)
    if len(core) > 1:
        yield from (frozenset({i}) for i, w in enumerate(found) if w.text == joined)
    elif len(joined) >= 6:
        pairs = zip(range(len(found)), found, found[1:], strict=False)
        halves = (i for i, a, b in pairs if (a.text + b.text).startswith(joined) and len(a.text) < len(joined))
        yield from (frozenset({i, i + 1}) for i in halves)
    fits: list[list[int]] = []
    for c in core:
        fits.append([i for i, w in enumerate(found) if alike(c, w.text, known)])
        if not fits[-1]:
            return
    reach = max(2 * len(core) + 1, len(core) + 4)
    seen = set()
    for first in sorted({i for places in fits for i in places}):
        at: set[int] = set()
        for places in fits:
            free = [i for i in places if first <= i < first + reach and clauses[i] == clauses[first] and i not in at]
            free = [i for i in free if not ordered or i > max(at, default=-1)]
            if not free:
                break
            at.add(free[0])
        else:
            if frozenset(at) not in seen:
                seen.add(frozenset(at))
                yield frozenset(at)


def _denials(clauses: list[list[int]], found: tuple[Word, ...]) -> list[int]:
    """For each word, how many negations reach it."""
    out = [0] * len(found)
    for n, clause in enumerate(clauses):
        own = TAG.sub("", " ".join(found[i].text for i in clause)).split()
        idle = _idle(own)
        wide, cancels = 0, n > 0 and len(own) > 1 and set(own) <= CANCELS
        for k, (word, after) in enumerate(itertools.pairwise([*own, ""])):
            span: Iterable[int] = ()
            by = 1
            if k in idle:
                pass
            elif word == "not" and (unsure := _unsure(own, k)):
                if k == 0 or OWN & set(own[:k]):  # the learner is; `it is not sure` denies those words alone
                    span, by = range(clause[k], _end_of_doubt(clauses, found, n)), 2
                else:
                    span = clause[k + 1 : unsure + 1]
            elif word in WIDE or (word == "wrong" and (after in WRONG_TO or cancels)):
                span, wide = clause[_reaches_from(own, k) :], wide + 1
            elif (word, after) in PAIRS:
                span = clause[k + 2 : k + 2 + REACH]
            elif word in NARROW and not (word == "no" and after in STARTS):
                span = clause[k + 1 : k + 1 + REACH]
            for i in span:
                out[i] += by
        if wide and cancels:
            for i in clauses[n - 1]:
                out[i] += wide
    return out


def _unsure(own: Sequence[str], at: int) -> int:
    """Where the `sure` of this `not sure` or `not so sure` stands; 0 where it is none."""
    after = next((k for k in range(at + 1, len(own)) if own[k] not in SO), 0)
    return after if own[after] in OPEN else 0


def _idle(own: Sequence[str]) -> set[int]:
    """The places of words that deny nothing where they stand."""
    runs = (range(k, k + n) for n in (2, 3) for k in range(len(own) - n + 1))
    return {i for run in runs if " ".join(own[j] for j in run) in HARMLESS for i in run}


def _reaches_from(own: Sequence[str], at: int) -> int:
    """Where in its clause a wide negation begins to count: what stands before `a form that nobody can read` is not denied."""
    for n in range(at - 1, 0, -1):
        if own[n] == "that" and own[n - 1] not in STOP:
            return n
    return 0


def _end_of_doubt(clauses: list[list[int]], found: tuple[Word, ...], begins: int) -> int:
    """Where what began with `not sure` ends: at a `but`, and where another clause says something (`not sure, it repeats`)."""
    return next((c[0] for c in clauses[begins + 1 :] if found[c[0]].text in {"but", *STARTS}), len(found))


def _clauses(text: str, found: tuple[Word, ...]) -> list[list[int]]:
    """The places of the words, clause by clause."""
    out: list[list[int]] = [[]]
    for i, word in enumerate(found):
        between = text[found[i - 1].end : word.start] if i else ""
        after = found[i + 1].text if i + 1 < len(found) else ""
        joins = word.text in ("and", "or", "so") and after in STARTS
        joins = joins and not (
            after == "that" and any(found[j].text == "that" for j in out[-1])
        )  # `not that a or that b`
        joins = joins or (word.text == "so" and bool(after) and after not in DEGREES)
        if out[-1] and (re.search(r"[.!?…,;:—–()]|\s-\s", between) or word.text in BREAKS or joins):
            out.append([])
        out[-1].append(i)
    return out
