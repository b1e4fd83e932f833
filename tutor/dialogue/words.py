"""Words of a text, as the judge and the gate compare them: case, form, typos, and where a sentence ends."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from threading import Lock

import snowballstemmer
from rapidfuzz.distance import OSA

STEMMER = snowballstemmer.stemmer("english")
STEMMING = Lock()
"""A stemmer keeps the word that it works on."""

STOP = frozenset(
    """a an the this that these those it its he she they them their theirs we us our you your yours i me my mine
    there here am is are was were be been being do does did doing done have has had having will would can could
    shall should may might must of to in on at by for from with into onto as if then than so such and or but
    because since about over via per also too very really quite rather much well oh ok okay yes yeah no not nor
    what which who whom whose how why where when while let lets get gets got gotten s t re ve ll d m like kind
    sort think thinks thought guess suppose believe maybe perhaps probably know mean means say says said tell
    feel seem seems just simply obviously please any some""".split()
)
"""Words that carry no content of their own: never asked of a cue, never counted as shared."""

COMMON = frozenset(
    """one two other others another each every all both few many more most less least same only own even still
    again already now up down out off back first last next before after again thing things something anything
    everything way ways lot lots case bit part make makes made take takes go goes going come comes want need
    look looks see sees look use used good bad right wrong true false big small new old long time times sure
    idea answer question happen happens happened otherwise eventually later however moreover therefore actually
    basically different differently""".split()
)
"""Words so common that sharing them shows nothing; a cue may still ask for them."""

FIELD = frozenset(
    """attention head layer neuron token tokenizer prompt embedding unembedding logit softmax probability
    temperature model weight network training data layernorm norm residual stream vector matrix bias activation
    entropy vocabulary context position sampling greedy beam parameter gradient dropout seed random""".split()
)
"""Words of the field: a reply that holds one is about language models."""

NOT = "are is was were do does did has have had could would should must need".split()
CONTRACTED = {
    **{f"{w}n{mark}t": (w, "not") for w in NOT for mark in ("'", "")},
    **dict.fromkeys(("can't", "cannot", "cant"), ("can", "not")),
    **dict.fromkeys(("won't", "wont"), ("will", "not")),
    **dict.fromkeys(("dunno", "idk"), ("do", "not", "know")),
    **dict.fromkeys(("!=", "≠", "=/="), ("is", "not")),
}
"""What stands for several words."""
FORMS = """do does did done|go goes went gone|take took taken|write wrote written|fall fell fallen|keep kept|hold held|
    give gave given|know knew known|make made|grow grew grown|shrink shrank shrunk|choose chose chosen|see saw seen|
    come came|build built|find found|mean meant|lose lost|bring brought|say said|tell told|become became|win won"""
IRREGULAR = {form: forms.split()[0] for forms in FORMS.split("|") for form in forms.split()}
PLAIN = str.maketrans({"’": "'", "‘": "'", "ʼ": "'", "“": '"', "”": '"', "«": '"', "»": '"', "\u00a0": " "})
WORD = re.compile(r"\d+(?:[.,]\d+)*|[^\W\d_]+(?:'[^\W\d_]+)*|!=|=/=|≠")


@dataclass(frozen=True)
class Word:
    """One word of a text: lower case, without 's or 're; `start` and `end` are its place in the text."""

    text: str
    start: int
    end: int

    @property
    def stem(self) -> str:
        return stem(self.text)

    @property
    def content(self) -> bool:
        return self.text not in STOP


@lru_cache(maxsize=20_000)
def stem(word: str) -> str:
    with STEMMING:
        return str(STEMMER.stemWord(IRREGULAR.get(word, word)))


# cached, as the gate holds each sentence against every cue and term of a lesson
@lru_cache(maxsize=2_000)
def words(text: str) -> tuple[Word, ...]:
    """The words of a text in order; a contraction becomes its parts (`don't` is `do`, `not`)."""
    out: list[Word] = []
    for m in WORD.finditer(text.translate(PLAIN).lower()):
        parts = CONTRACTED.get(m[0]) or (re.sub(r"'(s|re|ve|ll|d|m)$", "", m[0]).replace("'", ""),)
        out += [Word(p, m.start(), m.end()) for p in parts]
    return tuple(out)


def stems(text: str) -> frozenset[str]:
    """The stems of what a text says: all but the words that carry no content of their own."""
    return frozenset(w.stem for w in words(text) if w.content)


def topic(text: str) -> frozenset[str]:
    """The stems that show what a text is about: not even `other`, `same`, `more`."""
    return frozenset(w.stem for w in words(text) if w.content and w.text not in COMMON and len(w.text) > 1)


@lru_cache(maxsize=2_000)
def plain(text: str) -> str:
    """The text as its bare words, for comparing whole sentences."""
    return " ".join(w.text for w in words(text))


def alike(cue: str, word: str, known: frozenset[str] = frozenset()) -> bool:
    """Whether `word` is the cue's word: another form of it, a word that begins with it, or a typo of it.

    A word of `known` is spelled as it was meant: it is no typo of another.
    """
    return _form(cue, word) or (word not in known and _typo(cue, word))


@lru_cache(maxsize=50_000)
def _form(cue: str, word: str) -> bool:
    if word in (cue, f"{cue}s") or stem(word) == stem(cue):
        return True
    return len(cue) >= 4 and word.startswith(cue) and not (word in STOP or word in COMMON or word.isdigit())


MEANT = frozenset("change changes changed changing taken broken spoken story stories".split())
"""Words a slip away from words of cues (chance, token, store): who writes them means them."""


@lru_cache(maxsize=50_000)
def _typo(cue: str, word: str) -> bool:
    if word in STOP or word in COMMON or word in MEANT or cue.isdigit() or word.isdigit():
        return False
    if len(cue) < 4 or len(word) < 4 or word[0] != cue[0]:
        return False
    if len(cue) < 5:
        return sorted(cue) == sorted(word) and OSA.distance(cue, word) == 1
    slips = 1 if len(cue) < 8 else 2
    if OSA.distance(cue, word, score_cutoff=slips) <= slips:
        return True
    root = cue if len(cue) < 8 else cue[: max(len(stem(cue)), 6)]
    return len(root) >= 6 and len(word) > len(root) and OSA.distance(root, word[: len(root)], score_cutoff=1) <= 1


# --- sentences --------------------------------------------------------------------------------------------------------

END = re.compile(r"""[.!?…]+["”’')\]`»]*(?=\s+(\S+))""")
ABBREVIATION = re.compile(r"\b(?:e\.g|i\.e|etc|vs|cf|approx|resp|fig|eq|dr|mr|mrs|st|al)\.$", re.IGNORECASE)
LONGEST = 7
"""Characters of the longest of them, before its last full stop, with one before it."""
QUOTED = re.compile(r"`[^`\n]*`|“[^”]*”|\"[^\"\n]*\"|«[^»]*»")
OPEN = re.compile(r"[`“\"«]")


def sentences(text: str) -> list[str]:
    """The sentences of a text. `0.92`, `e.g.`, a quotation and inline code do not end one."""
    done, rest = whole(text, more=False)
    return [*done, rest.strip()] if rest.strip() else done


def whole(text: str, more: bool = True) -> tuple[list[str], str]:
    """(the sentences that are whole, the rest). With `more` to come, a quotation that is still open runs to the end."""
    inside = [(m.start(), m.end()) for m in QUOTED.finditer(text)]
    if more and (still := OPEN.search(_blank(text, inside))):
        inside.append((still.start(), len(text) + 1))
    out, start = [], 0
    for m in END.finditer(text):
        mark = m.start()
        if any(a <= mark and m.end() < b for a, b in inside) or ABBREVIATION.search(
            text, max(0, mark - LONGEST), mark + 1
        ):
            continue
        after = m[1].lstrip("“\"'`«([·")[:1] or m[1][0]
        closes = any(a < mark < b for a, b in inside)
        if after.islower() and (closes or text[mark] in ".…") and not m[1].startswith("`"):
            continue
        if closes and not after.isalnum() and m[1][0] not in "“\"'`«([":
            continue
        out.append(text[start : m.end()].strip())
        start = m.end()
    return out, text[start:]


def outside(text: str) -> str:
    """The text with its quotations and inline code blanked out: what the speaker says as their own."""
    return _blank(text, [(m.start(), m.end()) for m in QUOTED.finditer(text)])


def quotations(text: str) -> list[str]:
    """What stands in quotation marks or as inline code, without the marks."""
    return [m[0][1:-1] for m in QUOTED.finditer(text)]


def _blank(text: str, spans: list[tuple[int, int]]) -> str:
    parts, at = [], 0
    for a, b in spans:
        parts += [text[at:a], "·" * (b - a)]
        at = b
    return "".join([*parts, text[at:]])
