"""The small words of the authored voice: frames around a lesson's question, and questions for when those are used up.

`{q}` is a phrase of the learner, `{ask}` the question, `{low}` the question as the second half of a sentence.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence

from tutor.dialogue.moves import Move, Reply
from tutor.dialogue.tone import belittles
from tutor.dialogue.words import Word, words

PARTLY = (
    "Part of it is there: “{q}”. {ask}",
    "“{q}” is one part. {ask}",
    "Keep “{q}” and look for the rest: {low}",
    "You have one part. {ask}",
)
WRONG = (
    "“{q}” — so {low}",
    "You say “{q}”. {ask}",
    "Hold on to “{q}” for a moment. {ask}",
    "One step on from “{q}”: {low}",
    "{ask}",
)
IDK = (
    "Then a smaller step. {ask}",
    "One piece at a time: {low}",
    "Start from what you can see. {ask}",
    "{ask}",
)
QUESTION = (
    "You ask about “{q}”. {ask}",
    "“{q}” — one question before that one: {low}",
    "To get at “{q}”, begin here. {ask}",
    "Your question first needs this one. {ask}",
)
OFF_TOPIC = (
    "I cannot place “{q}” here. {ask}",
    "I do not see where “{q}” belongs. {ask}",
    "“{q}” has to wait. {ask}",
    "I cannot place that here. {ask}",
)
NO_ANSWER = (
    "I have no answer to “{q}”: it goes among your open questions. {ask}",
    "“{q}” goes among your open questions. {ask}",
    "I have no answer to that: it goes among your open questions. {ask}",
)
NO_ANSWER_BESIDE = ("You say “{q}”; your question goes among the open ones in your notes. {ask}",)
UNSURE = (
    "I am not sure how you mean “{q}”. {ask}",
    "“{q}” can mean several things. {ask}",
    "{ask}",
)
COUNTER = (
    "Suppose “{q}” holds. {ask}",
    "Take “{q}” at its word. {ask}",
    "“{q}” — try it out. {ask}",
    "{ask}",
)
MISREAD = ("You see “{q}”. {ask}", "“{q}” — {low}", "Look once more at “{q}”. {ask}", "{ask}")
"""Around a question that leads back to the figure."""
EMPTY = ("Nothing is there yet. {ask}", "{ask}")
DEEPER = (
    "Yes: “{q}”. {ask}",
    "That is right: “{q}”. {ask}",
    "Yes. {ask}",
    "Yes, and now: {low}",
)
TELL = ("This is how I would put it.", "Then let me say it.")
AGAIN = ("In other words: {low}", "In other words. {ask}")
"""Around a question that was not understood."""
BET_FIRST = "Your bet comes first, then the run."
OPEN = ("“{q}” goes among your open questions", "Your question goes among the open ones in your notes")
DEEPER_KEPT = tuple(f"Yes. {it}. {{ask}}" for it in OPEN)
CONFIRM = ("Yes: “{q}”. That is the point.", "That is right: “{q}”.", "Yes, “{q}” covers it.", "Yes, that covers it.")
CLOSE = (
    "Here is one answer to lay beside yours. {ask}",
    "This is one way to answer it. {ask}",
    "Compare yours with this. {ask}",
)
CLOSE_RIGHT = ("Yes: “{q}”. {ask}", "That is right: “{q}”. {ask}", "Yes. {ask}")
CLOSE_IDK = ("Then here is one answer. {ask}", "Then this is one way to answer it. {ask}")
ASIDE = tuple(f"{it}." for it in OPEN)
LEAVE = ("Then it stays open, and goes among your notes.",)
HOLD = tuple(f"{it}. {{ask}}" for it in OPEN)
DEFER = ("Keep “{q}” in mind. Your bet comes first, then the run.", "Let the model answer that. Your bet comes first.")
DEFER_KEPT = tuple(f"{it}. {BET_FIRST}" for it in OPEN)
DEFER_ASIDE = ("“{q}” has to wait. Your bet comes first, then the run.", *DEFER)
MARK = (
    "I am not sure how you mean “{q}”. Which of these did your words cover?",
    "“{q}” can mean several things. Which of the lines below did you have in mind?",
    "I would rather not guess what “{q}” stands for. What did you mean to say, of these?",
    "I am not sure what you mean. Which of these did your words cover?",
    "I cannot tell which way you mean it. What of the following did you say?",
    "Help me read your reply. Where in this list does it belong?",
)
MARK_ONE = (
    "I am not sure how you mean “{q}”. How close does it come to the line below?",
    "“{q}” can mean several things. How near to it is the line below?",
    "I would rather not guess what “{q}” stands for. How much of the line below did you mean to say?",
    "I am not sure what you mean. How much of the line below did your words cover?",
    "I cannot tell which way you mean it. How much of the line below did you say?",
    "Help me read your reply. What of the line below belongs to it?",
)
"""Where there is one line to mark."""
RECONCILE = "You bet “{bet}”; the run says “{truth}”. {ask}"
REASON = "Your reason was “{q}”. {ask}"
SHORT = 40
"""Characters of a bet and of what came that are held against each other in a sentence: longer ones stand above it."""

PROBE_FRAMES: dict[Reply | None, tuple[str, ...]] = {
    Reply.PARTLY: PARTLY,
    Reply.IDK: IDK,
    Reply.QUESTION: QUESTION,
    Reply.OFF_TOPIC: OFF_TOPIC,
    Reply.UNSURE: UNSURE,
    Reply.EMPTY: EMPTY,
}

SEEN = (
    "What in the result speaks for that, and what against it?",
    "Which number on the screen would differ if you were mistaken?",
    "What else would have to be so if that were the reason?",
    "What on the screen could show whether that is so?",
)
UNSEEN = (
    "What makes you think so?",
    "What would you have to see in the run to change your mind?",
    "Which part of the model would have to do that, and how?",
    "What is the strongest reason against it?",
    "How would you test that with one run?",
)
SMALL_SEEN = (
    "What is one thing in the result that you are sure of?",
    "Which part of the figure stands out most, and what could that mean?",
    "What did you expect to see here?",
)
SMALL_UNSEEN = (
    "What do you know about how a model gets from text to a next token?",
    "What would surprise you most to see?",
    "Which way would you lean if you had to bet, and why?",
)
SMALL_KEPT = (
    "Which of your bets surprised you most?",
    "What would you bet differently if you began again?",
    "Which number of these runs will you still know tomorrow?",
)
OWN_GUESS = (
    "What is your own guess, and what makes you think so?",
    "What would you have to see to answer that yourself?",
    "How could a run settle that?",
)
START = (
    "What is the first thing that comes to mind?",
    "Which word of the question is the hard one?",
    "What would you guess, even without a reason yet?",
    "How would you put the question in your own words?",
    "What part of it could you answer?",
)
COUNTER_SEEN = (
    "What would this run have shown instead if that were so?",
    "Which line of the result does not fit that picture?",
)
COUNTER_UNSEEN = (
    "What would the run have to show if that were so?",
    "Which outcome of the run would speak against that?",
)


ASTRAY = (
    "I find no {q} in this run. Where do you read it?",
    "{q} is not among the numbers that I can see. Which line do you read it off?",
    "I look for {q} and do not find it. Where does it stand?",
)
"""To a number that the learner says is to be seen, and that the run did not give."""


SURPRISED = (
    "What does this run do that you did not count on?",
    "Which part of this run does your reason not cover?",
    "What would you have to think now to have bet right?",
)
"""After a try that went another way than the learner was sure of: their reason stands before it, where it can."""
NOW = ("You say “{q}”. {ask}", "“{q}” — so {low}", "{ask}")
"""Around what asks for a line anew: what was said before it need not be kept."""
ANEW = ("How would you put your one line now?", "What is your one line now?")
"""For a takeaway that said what the lesson had refuted, once that was talked about."""


def turned(words: Sequence[str], first: int) -> tuple[str, ...]:
    """The same words beginning with another one, so that not each step says the same."""
    at = first % len(words)
    return (*words[at:], *words[:at])


def spare(move: Move, reply: Reply | None, blind: bool, first: int = 0) -> tuple[str, ...]:
    """Questions for when the lesson's own are used up; `first` is where to begin, so that not each step asks the same."""
    if reply is Reply.EMPTY or move is Move.ELICIT:
        return START
    if move is Move.REFLECT:
        return SMALL_KEPT
    spread: tuple[str, ...] = UNSEEN if blind else SEEN
    large = turned(spread, first)
    if move is Move.COUNTER:
        return (*(COUNTER_UNSEEN if blind else COUNTER_SEEN), *large)
    small = SMALL_UNSEEN if blind else SMALL_SEEN
    if reply is Reply.QUESTION:
        return (*OWN_GUESS, *large, *small)
    return (*small, *large, *START) if reply in (Reply.IDK, Reply.OFF_TOPIC) else (*large, *small, *START)


# --- the learner's own words ------------------------------------------------------------------------------------------

LONGEST = 40
MOST_WORDS = 6
LONGEST_CLAUSE = 72
"""Characters of a clause that is quoted whole: what was said, in place of a piece of it."""
CLAUSE = re.compile(r"(?:[^.,;:!?()\[\]{}<>\"“”„«»—–\n]|(?<=\d)[.,](?=\d))+")
QUOTE = re.compile(r"(?<!\w)['‘’]|['’](?!\w)")
"""A single quotation mark; within a word it is none."""
LEADS = frozenset(
    "because since so and but then i think that guess suppose believe maybe perhaps probably well ok okay yes".split()
)
"""Words that begin a clause and say nothing of their own."""
LEANS = frozenset("so too very not no never without only how which what why".split())
"""Words that belong to the one after them."""


def quotes(reply: str, own: frozenset[str], dear: Collection[frozenset[str]] = ()) -> list[str]:
    """Short phrases of the reply that hold some of the stems `own`: the most telling first, and those that hold one of
    `dear` whole above all."""
    found = words(reply)
    each = frozenset().union(*dear)

    def loved(a: int, b: int) -> int:
        said = {w.stem for w in found[a:b]}  # small words as well: `another form` is more than any `form`
        return 3 * len({w.stem for w in found[a:b] if w.content} & each) + 8 * any(one <= said for one in dear)

    ranked: list[tuple[float, int, str]] = []
    for a, b in _windows(reply, found):
        stems = {w.stem for w in found[a:b] if w.content}
        if not stems & own:
            continue
        leans = a > 0 and found[a - 1].text in LEANS and not reply[found[a - 1].end : found[a].start].strip()
        phrase = _closed(reply, found[a - leans].start, found[b - 1].end)
        if len(phrase) > LONGEST or belittles(phrase):
            continue
        worth = 2 * len(stems & own) + loved(a, b) + min(4, len(stems)) - 0.4 * (b - a)
        worth -= 3 * _cuts_negation(reply, found, a, b) + 1.5 * _cuts_words(reply, found, a, b)
        ranked.append((-worth, found[a].start, phrase))
    for a, b in _clauses(reply, found):
        stems = {w.stem for w in found[a:b] if w.content}
        phrase = _closed(reply, found[a].start, found[b - 1].end)
        if stems & own and not belittles(phrase):
            worth = 2 * len(stems & own) + loved(a, b) + len(stems)
            ranked.append((-worth, found[a].start, phrase))
    return list(dict.fromkeys(phrase for _, _, phrase in sorted(ranked)))


def _closed(reply: str, start: int, end: int) -> str:
    """This piece of the reply, with the second of two single quotation marks that the learner set: `like 'a' or 'my'`."""
    if len(QUOTE.findall(reply[start:end])) % 2:
        if QUOTE.match(reply, end):
            end += 1
        elif start and QUOTE.match(reply, start - 1):
            start -= 1
    return reply[start:end]


def _windows(reply: str, found: Sequence[Word]) -> Iterator[tuple[int, int]]:
    """Runs of words with nothing but spaces between them that begin and end with words of content."""
    for a, first in enumerate(found):
        if not first.content or (a and found[a - 1].start == first.start):
            continue
        for b in range(a + 1, min(len(found), a + MOST_WORDS) + 1):
            gap = reply[found[b - 2].end : found[b - 1].start] if b - a > 1 else ""
            if gap.strip(" -"):
                break
            split = b < len(found) and found[b].start == found[b - 1].start
            if found[b - 1].content and not split:
                yield a, b


def _clauses(reply: str, found: Sequence[Word]) -> Iterator[tuple[int, int]]:
    """Clauses that are short enough to be quoted whole, without the words that lead into them."""
    for clause in CLAUSE.finditer(reply):
        held = [n for n, word in enumerate(found) if clause.start() <= word.start and word.end <= clause.end()]
        while held and found[held[0]].text in LEADS:
            del held[0]
        if len(held) > 1 and found[held[-1]].end - found[held[0]].start <= LONGEST_CLAUSE:
            yield held[0], held[-1] + 1


def _cuts_words(reply: str, found: Sequence[Word], a: int, b: int) -> int:
    """How many ends of the phrase part two words of content that stand together: `the fair | coin`."""
    ends = [n for n in (a, b) if 0 < n < len(found) and found[n - 1].content and found[n].content]
    return sum(not reply[found[n - 1].end : found[n].start].strip() for n in ends)


def _cuts_negation(reply: str, found: Sequence[Word], a: int, b: int) -> bool:
    """Whether a negation stands right outside the phrase, so that quoting it would turn its meaning around."""
    outside = (*found[max(0, a - 4) : max(0, a - 1)], *found[b : b + 3])
    near = [w for w in outside if w.text in ("not", "no", "never", "nothing", "without")]
    between = (reply[min(w.end, found[a].start) : max(w.start, found[b - 1].end)] for w in near)
    return any(not set(text) & set(".,;:!?") for text in between)
