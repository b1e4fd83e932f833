"""May this be said? The rules for a turn of the tutor, for a whole text and sentence by sentence while it streams.

    gate = Gate(turn)
    refusal = gate.sentence("…")     # a whole sentence that is not the last
    refusal = gate.end("…")          # the last one, and all that can only be judged at the end

1. Exactly one question, and it comes last; a move that ends the step may have none.
2. At most three sentences, and 60 words before the run, 90 after; a tell or a close as many sentences as it needs, and 150 words.
3. Before the run: no number, token or term that is not in the lesson's questions or the learner's words.
4. After the run: every number, layer, head and token is a fact of this result, or was said before.
5. It takes up a word of the learner's last reply that the question did not hold.
6. No near copy of a question of this step (but the same one, where it is asked anew), and none that yes or no would answer.
7. Before the run, and to a wrong reply, no affirmation; to a right one, after the run, it says so.
8. No "just", "simply", "obviously"; no praise of the person.
9. Plain text and inline code.
"""

from __future__ import annotations

from dataclasses import dataclass

from rapidfuzz import fuzz

from tutor.dialogue import tone
from tutor.dialogue.moves import ENDS_STEP, Move, Reply
from tutor.dialogue.sources import Sources
from tutor.dialogue.voice import Turn
from tutor.dialogue.words import alike, outside, plain, sentences, stems, words

SENTENCES = 3
WORDS_BLIND, WORDS, WORDS_TELL = 60, 90, 150
COPY = 85
"""From this likeness (0 to 100) on, a question is a copy of another."""

WRONG = frozenset({Reply.WRONG, Reply.MISCONCEPTION})
WORDLESS = frozenset({Reply.EMPTY, Reply.IDK, Reply.TELL_ME})
"""Replies with no words to take up."""
TELLS = frozenset({Move.TELL, Move.CLOSE})
"""Moves that say what the lesson has to say, whatever the learner wrote."""
ANEW = frozenset({Move.ELICIT, Move.OBSERVE, Move.REFLECT})
"""Moves that may ask the step's own question once more, where the learner asked one instead of answering it."""


def limits(turn: Turn) -> tuple[int | None, int]:
    """The most sentences and words of the turn; as many sentences as it needs where it tells."""
    if turn.move in TELLS:
        return None, WORDS_TELL
    return SENTENCES, WORDS_BLIND if turn.blind else WORDS


@dataclass(frozen=True)
class Refusal:
    """Why a turn may not be said: the number of the rule, and a reason that a voice can act on."""

    rule: int
    reason: str


class Gate:
    """Judges one turn, sentence by sentence. Nothing that it refused may be shown."""

    def __init__(self, turn: Turn, sources: Sources | None = None):
        self.turn = turn
        self.sources = sources or Sources(turn)
        self.passed: list[str] = []

    def sentence(self, text: str) -> Refusal | None:
        """Whether this whole sentence may be shown, with more to come after it."""
        return next(iter(self.judge([text])), None)

    def end(self, last: str = "") -> Refusal | None:
        """Whether the last sentence may be shown; all that needs the whole turn is judged here."""
        return next(iter(self.judge(sentences(last), ended=True)), None)

    def judge(self, more: list[str], ended: bool = False) -> list[Refusal]:
        """Every rule that these sentences break; where they break none, they count as said."""
        found: list[Refusal | None] = []
        for n, text in enumerate(more):
            found += self._each(text, last=ended and n == len(more) - 1)
        said = [*self.passed, *more]
        found.append(self._length(said))
        if ended:
            found += self._whole(" ".join(said), said)
        refusals = {r.rule: r for r in reversed(found) if r}
        if not refusals:
            self.passed = said
        return [refusals[rule] for rule in sorted(refusals)]

    def _each(self, text: str, last: bool) -> list[Refusal | None]:
        return [self._only_last(text, last), self._named(text), self._agrees(text), _tone(text), _unplain(text)]

    def _whole(self, text: str, said: list[str]) -> list[Refusal | None]:
        return [
            self._one_question(said),
            self._takes_up(text),
            self._question(said[-1] if said else ""),
            self._says_so(text),
            _unplain(text),
        ]

    # rule 1
    def _only_last(self, text: str, last: bool) -> Refusal | None:
        marks = outside(text).count("?")
        if marks and not last:
            return Refusal(1, "the question must be the last sentence")
        return Refusal(1, f"{marks} questions in one sentence; ask one") if marks > 1 else None

    def _one_question(self, said: list[str]) -> Refusal | None:
        if not said:
            return Refusal(1, "nothing was said")
        if self.turn.move in ENDS_STEP or outside(said[-1]).rstrip(" .\"”’')`").endswith("?"):
            return None
        return Refusal(1, "it must end with one question")

    # rule 2
    def _length(self, said: list[str]) -> Refusal | None:
        parts, most = limits(self.turn)
        if sum(len(s.split()) for s in said) > most:
            return Refusal(2, f"more than {most} words")
        return Refusal(2, f"more than {parts} sentences") if parts and len(said) > parts else None

    # rules 3 and 4
    def _named(self, text: str) -> Refusal | None:
        rule, why = (3, "the run has not happened") if self.turn.blind else (4, "it is no fact of this run")
        if term := self.sources.barred(text):
            return Refusal(3, f"“{term}” is kept for later in this lesson")
        if number := self.sources.unknown_number(text):
            return Refusal(rule, f"{number} may not be named: {why}")
        if token := self.sources.unknown_token(text):
            return Refusal(rule, f"“{token}” may not be named: {why}, and nobody said it")
        return None

    # rule 5
    def _takes_up(self, text: str) -> Refusal | None:
        if self.turn.move in TELLS or self.turn.reply in WORDLESS:
            return None
        if self.turn.meaning and self.turn.meaning in text:  # the answer to what was asked
            return None
        own = self.sources.fresh
        if not own or own & stems(text):
            return None
        spoken = {w.text for w in words(text)}
        if any(alike(w, s) for w in {w.text for w in words(self.turn.last) if w.stem in own} for s in spoken):
            return None
        return Refusal(5, "it takes up no word of the learner's reply")

    # rule 6
    def _question(self, last: str) -> Refusal | None:
        if "?" not in outside(last):
            return None
        asked = _bare(last)
        anew = self.turn.move in ANEW and asked == _bare(self.turn.question)
        if anew or (self.turn.meaning and last in self._asked()):  # a word was asked for: the question stands
            return None
        for before in self.turn.said:
            for old in (_bare(s) for s in sentences(before) if "?" in outside(s)):
                if _copied(asked, old):
                    return Refusal(6, "this question was asked in this step already")
        return Refusal(6, "yes or no would answer it") if tone.closed(last) else None

    def _asked(self) -> set[str]:
        """The questions of this step so far."""
        return {s for text in (self.turn.question, *self.turn.said) for s in sentences(text)}

    # rule 7
    def _agrees(self, text: str) -> Refusal | None:
        if not (self.turn.blind or self.turn.reply in WRONG) or not tone.affirms(text):
            return None
        why = "the run has not happened; nothing is right yet"
        return Refusal(7, why if self.turn.blind else "the reply was wrong; do not affirm it")

    def _says_so(self, text: str) -> Refusal | None:
        judged = self.turn.move is not Move.CLOSE  # it closes on a question for which nobody judges the reply
        if judged and self.turn.reply is Reply.RIGHT and not self.turn.blind and not tone.affirms(text):
            return Refusal(7, "the reply was right; say so")
        return None


def check(turn: Turn, text: str, sources: Sources | None = None) -> list[Refusal]:
    """Every rule that this text breaks as the words of this turn; empty where it may be said."""
    unplain = _unplain(text)
    found = Gate(turn, sources).judge(sentences(text), ended=True)
    return found if unplain is None or any(r.rule == 9 for r in found) else [*found, unplain]


def _tone(text: str) -> Refusal | None:
    """Rule 8."""
    if word := tone.belittles(text):
        return Refusal(8, f"do not say “{word}”")
    return Refusal(8, "no praise of the person") if tone.praises(text) else None


def _unplain(text: str) -> Refusal | None:
    """Rule 9."""
    if tone.controls(text):
        return Refusal(9, "it holds control characters")
    return Refusal(9, "plain text and inline code only, no markup") if tone.marked_up(text) else None


def _copied(a: str, b: str) -> bool:
    """Whether one question is the other, with other words around it or in another order."""
    if max(fuzz.ratio(a, b), fuzz.token_sort_ratio(a, b)) >= COPY:
        return True
    return min(len(a.split()), len(b.split())) >= 6 and fuzz.partial_ratio(a, b) >= COPY


def _bare(question: str) -> str:
    return plain(outside(question))
