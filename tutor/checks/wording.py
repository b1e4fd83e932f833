"""Whether a lesson asks well: every question it says, and every check of a reply, from both sides.

What a question may hold is what the gate lets pass (`tutor.dialogue.gate`), as far as it can be known before anybody has replied:
a rule that is new there has its like here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from textwrap import shorten

from tutor.course.facts import Finding
from tutor.course.format import PLACE, Ask, Choice, Explain, FreeText, Lesson, Observe, Ranking, Takeaway, Tweak
from tutor.course.listening import Deeper, Listen, Misconception
from tutor.course.reader import LessonFile
from tutor.course.source import Key, Problem
from tutor.course.structure import listens, misconceptions, predictions
from tutor.dialogue import tone
from tutor.dialogue.cues import NARROW, WIDE, Found, find, parse
from tutor.dialogue.gate import SENTENCES, WORDS_BLIND, WORDS_TELL
from tutor.dialogue.judge import judge
from tutor.dialogue.moves import Reply
from tutor.dialogue.words import outside, sentences, words
from tutor.predict.words import spoken

ASKING = re.compile(r"\b(what|which|who|whom|whose|where|when|why|how|or)\b", re.IGNORECASE)
UNMET = "say it there without a negation near it, or add a cue that it holds"
USE_WORDS = "use words that a reply would hold"
SHRUGS = "I don't know. I do not know why. I have no idea. I am not sure."
"""Whoever says this has said nothing, and no cue may take it for something."""
COUNT = re.compile(r"\b\d[\d,. ]*(?:attention )?(?:layers|heads|neurons|parameters|dimensions)\b", re.IGNORECASE)


def wording(file: LessonFile) -> list[Problem]:
    """All that is wrong with what the lesson says and how it listens, in the order of the lines."""
    lesson = file.lesson
    findings = [*_questions(lesson), *_texts(lesson), *_barred(lesson)]
    for place, listen in listens(lesson):
        step = lesson.steps[int(place[1])]
        question = step.explain.ask if isinstance(step, Explain) else getattr(step, "ask", "")
        findings += [((*place, *loc), found, right) for loc, found, right in _two_sided(listen, question)]
    for i, step in enumerate(lesson.steps):
        if isinstance(step, Observe):
            read = _pictures(step.readings, step.observe, "readings")
            findings += [(("steps", i, *loc), found, right) for loc, found, right in read]
        if isinstance(step, Takeaway):
            findings += [(("steps", i, *loc), found, right) for loc, found, right in _takeaway(lesson, step)]
    for place, question in predictions(lesson):
        if isinstance(question, FreeText):
            findings += [((*place, *loc), found, right) for loc, found, right in _outcomes(question)]
    return sorted({file.problem(*finding) for finding in findings})


# --- questions --------------------------------------------------------------------------------------------------------

Text = tuple[tuple[Key, ...], str]


def questions(lesson: Lesson) -> Iterator[Text]:
    """Every question that the lesson may ask, and where it stands."""
    for i, step in enumerate(lesson.steps):
        loc: tuple[Key, ...] = ("steps", i)
        match step:
            case Ask(ask=text) | Observe(observe=text) | Takeaway(takeaway=text):
                yield (*loc, step.key), text
            case Explain(explain=explanation):
                yield (*loc, "explain", "ask"), explanation.ask
    for place, prediction in predictions(lesson):
        yield (*place, "ask"), prediction.ask
    for place, listen in listens(lesson):
        for n, expectation in enumerate(listen.expects):
            yield (*place, "expects", n, "ask"), expectation.ask
        if listen.deeper:
            yield (*place, "deeper", "ask"), listen.deeper.ask
            if listen.deeper.again:
                yield (*place, "deeper", "again"), listen.deeper.again
    yield from (((*place, "ask"), misconception.ask) for place, misconception in misconceptions(lesson))


def _questions(lesson: Lesson) -> Iterator[Finding]:
    for loc, text in questions(lesson):
        yield from ((loc, found, right) for found, right in _question(text))


def _barred(lesson: Lesson) -> Iterator[Finding]:
    """Terms that are kept for the explain step, in what can be read before it."""
    first = next((i for i, s in enumerate(lesson.steps) if isinstance(s, Explain)), len(lesson.steps))
    marks = (
        ((*place, "expects", n, "says"), e.says) for place, of in listens(lesson) for n, e in enumerate(of.expects)
    )
    for loc, text in [*questions(lesson), *_told(lesson), *marks]:
        for term in lesson.bars if int(loc[1]) < first else ():
            if re.search(rf"\b{re.escape(term)}", text, re.IGNORECASE):
                found = f"“{term}” before the explain step, which `bars` forbids"
                yield loc, found, "find another word, or do not bar it"


def _question(text: str) -> Iterator[tuple[str, str]]:
    """What is wrong with a question, and what would be right."""
    own = outside(text)
    parts = sentences(text)
    if not text.rstrip().endswith("?"):
        yield "this does not end with a question", "end with the one question that it asks"
    elif own.count("?") != 1:
        yield f"{own.count('?')} questions at once", "ask one, last"
    elif tone.closed(parts[-1]) or not ASKING.search(outside(parts[-1])):
        yield "a question that yes or no would answer", "ask what, which, who, where, when, why or how"
    if len(parts) > SENTENCES:
        yield f"{len(parts)} sentences", f"at most {SENTENCES}"
    if len(text.split()) > WORDS_BLIND:
        yield f"{len(text.split())} words", f"at most {WORDS_BLIND}"


def _texts(lesson: Lesson) -> Iterator[Finding]:
    """Words that do not belong in anything that the lesson says, and closing words that are too many."""
    for loc, text in _told(lesson):
        closes = loc[-1] == "answer" and ("deeper" in loc or len(loc) == 3)
        if closes and (length := len(text.split())) > WORDS_BLIND:
            yield loc, f"{length} words", f"at most {WORDS_BLIND}"
    for loc, text in [*questions(lesson), *_told(lesson)]:
        said = outside(text)
        if word := tone.belittles(text):
            yield loc, f"“{word}”", "leave it out: what is easy for one is not for another"
        if tone.praises(text):
            yield loc, "praise", "leave it out: speak of the matter, not of the person"
        if tone.marked_up(text) or tone.controls(text):
            yield loc, "markup or control characters", "plain text and `inline code` only"
        if m := COUNT.search(said):
            yield loc, f"“{m[0]}”, a count of one model", "leave it out, or take it from a fact of the run"
        asked = "options" in loc  # an option is read before the run
        if (loc[-1] not in ("says", "shows") or asked) and (m := re.search(r"\{[a-z0-9_]*\}", text)):
            yield (
                loc,
                f"{m[0]} is not filled in here",
                "only `shows`, and `says` of claims, outcomes and goals, are filled in with facts",
            )


def _told(lesson: Lesson) -> Iterator[Text]:
    """What the lesson says that is no question."""
    for i, step in enumerate(lesson.steps):
        match step:
            case Explain(explain=explanation):
                for n, claim in enumerate(explanation.claims):
                    yield ("steps", i, "explain", "claims", n, "says"), claim.says
            case Observe(readings=readings):
                yield from (((("steps", i, "readings", n, "shows")), r.shows) for n, r in enumerate(readings))
            case Tweak(tweak=tweak):
                yield ("steps", i, "tweak", "goal"), tweak.goal
                if tweak.reached and tweak.reached.says:
                    yield ("steps", i, "tweak", "reached", "says"), tweak.reached.says
            case Takeaway(answer=str() as answer):
                yield ("steps", i, "answer"), answer
    for place, listen in listens(lesson):
        yield (*place, "answer"), listen.answer
        if listen.deeper and listen.deeper.answer:
            yield (*place, "deeper", "answer"), listen.deeper.answer
    for place, question in predictions(lesson):
        match question:
            case Choice(options=options, shows=shows):
                yield from (((*place, "options", n, "says"), option.says) for n, option in enumerate(options))
                yield from [((*place, "shows"), shows)] if shows else []
            case Ranking(items=items):
                yield from (((*place, "items", n, "says"), item.says) for n, item in enumerate(items))
            case FreeText(expects=outcomes):
                yield from (((*place, "expects", n, "says"), outcome.says) for n, outcome in enumerate(outcomes))
            case _:
                pass


# --- listening, from both sides ---------------------------------------------------------------------------------------


def _two_sided(listen: Listen, question: str) -> Iterator[Finding]:
    """The model answer meets every expectation, the wrong answers none, and no cue is met by repeating the question."""
    if (length := len(listen.answer.split())) > WORDS_TELL:
        yield ("answer",), f"the answer has {length} words", f"at most {WORDS_TELL}: no lecture"
    told = judge(listen, listen.answer, question)
    if told.misconception:
        right = "make the cue narrower, or say the answer otherwise"
        yield ("answer",), f"the model answer holds the misconception `{told.misconception}`", right
    else:
        unmet = (e.id for e in listen.expects if e.id not in told.met)
        yield from ((("answer",), f"the model answer does not meet `{id}`", UNMET) for id in unmet)
    for n, reply in enumerate(listen.wrong):
        if met := judge(listen, reply, question).met:
            found = f"the wrong answer “{reply}” meets `{met[0]}`"
            yield ("wrong", n), found, "make the cues narrower, or take it out if it is right"
    for n, e in enumerate(listen.expects):
        yield from ((("expects", n, *loc), found, right) for loc, found, right in _cues(e.cues, question, e.ask))
    yield from _pictures(listen.misconceptions, question)
    if listen.deeper:
        yield from ((("deeper", *loc), found, right) for loc, found, right in _deeper(listen, listen.deeper, question))


def _pictures(of: Sequence[Misconception], question: str, key: str = "misconceptions") -> Iterator[Finding]:
    for n, m in enumerate(of):
        yield from (((key, n, *loc), found, right) for loc, found, right in _cues(m.cues, question, m.ask))


def _takeaway(lesson: Lesson, step: Takeaway) -> Iterator[Finding]:
    """The lesson's own line holds none of the pictures for which the learner's would be asked about."""
    yield from _pictures(step.misconceptions, step.takeaway)
    talks = [
        (step.takeaway, step.heard),
        *((s.explain.ask, s.explain.listen) for s in lesson.steps if isinstance(s, Explain)),
    ]
    for question, listen in talks if step.answer else ():
        told = judge(listen, step.answer or "", question)
        if told.reply is Reply.MISCONCEPTION:
            found = f"the lesson's own line holds the misconception `{told.misconception}`"
            yield ("answer",), found, "make the cue narrower, or say the line otherwise"


def _deeper(listen: Listen, deeper: Deeper, question: str) -> Iterator[Finding]:
    """The same of the deeper question: its own answer is called right, the wrong ones are not."""
    beyond, asked = listen.beyond(deeper), f"{question}\n{deeper.ask}"
    if deeper.cues and not deeper.answer:
        yield ("cues",), "`cues` and no `answer` to hold them against", "write the answer, or leave the cues out"
    elif deeper.cues and judge(beyond, beyond.answer, asked).reply is not Reply.RIGHT:
        yield ("answer",), "the answer holds none of the cues", UNMET
    for n, reply in enumerate(deeper.wrong):
        if judge(beyond, reply, asked).met:
            yield ("wrong", n), f"the wrong answer “{reply}” is called right", "make the cues narrower, or take it out"
    yield from _cues(deeper.cues, question, deeper.ask, deeper.again or "")


def _outcomes(question: FreeText) -> Iterator[Finding]:
    """What an outcome says speaks of it and of no other, and the wrong answers speak of none."""
    for n, outcome in enumerate(question.expects):
        yield from ((("expects", n, *loc), found, right) for loc, found, right in _cues(outcome.cues, question.ask))
        said = spoken(question, PLACE.sub("some", outcome.says))
        if outcome.id not in said:
            found = f"none of the cues finds what `{outcome.id}` says"
            yield ("expects", n, "says"), found, "add a cue that it holds, or say it without a negation near the cue"
        for other in sorted(said - {outcome.id}):
            found = f"what `{outcome.id}` says speaks of `{other}` too"
            yield ("expects", n, "says"), found, f"make the cues of `{other}` narrower"
    for n, reply in enumerate(question.wrong):
        for met in sorted(spoken(question, reply)):
            found = f"the wrong answer “{reply}” speaks of `{met}`"
            yield ("wrong", n), found, "make the cues narrower, or take it out if it is right"


def _cues(cues: list[str], *asked: str) -> Iterator[Finding]:
    """A cue must be able to be missing from a reply, and to be in one."""
    for n, cue in enumerate(cues):
        if len(re.sub(r"\W", "", cue)) < 3:
            yield ("cues", n), f"the cue “{cue}” is too short to show anything", "three letters or more"
        elif not any(hit.found is Found.SAID for hit in find(cue, parse(cue))):
            turns = sorted({w.text for w in words(cue)} & (WIDE | NARROW))
            right = (
                f"“{turns[0]}” turns the words near it around: leave it out, or put it first" if turns else USE_WORDS
            )
            yield ("cues", n), f"the cue “{cue}” is not found in its own words", right
        elif question := next(
            (text for text in asked if any(h.found is Found.SAID for h in find(cue, parse(text)))), ""
        ):
            found = f"the cue “{cue}” is in the question already (“{shorten(question, 60, placeholder='…')}”)"
            yield ("cues", n), found, "a reply that repeats it shows nothing"
        elif any(hit.found is Found.SAID for hit in find(cue, parse(SHRUGS))):
            found = f"the cue “{cue}” is in “I don't know” and the like"
            yield ("cues", n), found, "say with it who does not know what"
