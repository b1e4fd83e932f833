"""What is exported is what was done, and words in it stay words."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from tutor import __version__, repeat
from tutor.course.format import Lesson
from tutor.events import (
    Continued,
    Event,
    Finished,
    Noted,
    Predicted,
    Replied,
    Reviewed,
    RunFailed,
    RunFinished,
    Said,
    Scored,
    Skipped,
    Started,
    Tweaked,
)
from tutor.export.escape import fenced, plain, quoted
from tutor.export.markdown import as_markdown
from tutor.export.story import ran
from tutor.journal.export_json import as_json
from tutor.journal.store import Store
from tutor.record.variant import with_reviews

LISTEN = {
    "expects": [{"id": "shared", "says": "others do it too", "cues": ["other heads"], "ask": "Who else?"}],
    "answer": "The other heads do it.",
    "wrong": ["no"],
}
LESSON = Lesson.model_validate(
    {
        "format": 1,
        "id": "one-head",
        "title": "Silence *one* head",
        "unit": "attention",
        "minutes": 5,
        "difficulty": 1,
        "concepts": ["head"],
        "steps": [
            {"id": "warm-up", "ask": "What would you notice?"},
            {
                "id": "guess",
                "predict": {
                    "kind": "choice",
                    "ask": "What happens to the lead?",
                    "options": [
                        {"id": "gone", "says": "It is gone", "when": {"drop": {"at_least": 0.9}}},
                        {"id": "dent", "says": "It shrinks", "when": {"drop": {"below": 0.9}}},
                    ],
                },
            },
            {"id": "do-it", "run": {"experiment": "head_ablation", "with": {"layer": 1, "head": 0}}},
            {"id": "look", "observe": "What do you see?"},
            {
                "id": "why",
                "explain": {
                    "ask": "Why?",
                    "listen": LISTEN,
                    "claims": [{"says": "A share of {drop} is lost.", "when": {"drop": {"below": 0.9}}}],
                },
            },
            {"id": "more", "tweak": {"vary": ["layer"], "goal": "Find a head that helps"}},
            {"id": "keep", "takeaway": "One line?"},
        ],
    }
)
RESULT: dict[str, Any] = {
    "experiment": "head_ablation",
    "model": "gpt2",
    "device": "cpu",
    "dtype": "float32",
    "seed": 3,
    "parameters": {"prompt": "Mary's\nbook", "layer": 1, "head": 0, "answer": " Mary", "bos": False},
    "facts": {"drop": 0.5, "base_text": "```\n# not a heading\x1b[31m"},
    "figures": [
        {"kind": "table", "title": "The lead", "heads": ["run", "logits"], "body": [["BASE", "6.1"]]},
        {"kind": "hologram", "title": "of another version"},
    ],
}
TAKEN = [
    Started("", model="gpt2"),
    Said("warm-up", "elicit", "What would you notice?"),
    Replied("warm-up", "# nothing\n```\n<b>much</b>"),
    Predicted("guess", "dent", "the others back it up", 70),
    RunFailed("do-it", "died", "The engine died."),
    Continued("do-it"),
    RunFinished("do-it", RESULT),
    Said("look", "observe", "What do you see?"),
    Replied("look", "half of it went"),
    Said("why", "reconcile", "Why did it?"),
    Replied("why", "just tell me"),
    Said("why", "tell", "The other heads do it."),
    Tweaked("more", {"layer": 2}),
    Continued("more"),
    Said("keep", "reflect", "One line?"),
    Replied("keep", "heads share work"),
    Finished(""),
]


def page(store: Store, events: list[Event], lesson: Lesson | None = LESSON) -> str:
    for event in events:
        store.append("one-head", event)
    return as_markdown(store.records(), {"one-head": lesson} if lesson else {}, "ada")


def tokens(markdown: str, kind: str) -> list[str]:
    """What a reader of Markdown takes for that kind of thing."""
    return [t.content for t in MarkdownIt().enable("table").parse(markdown) if t.type == kind]


def test_a_lesson_taken_is_told_in_its_order(store: Store) -> None:
    out = page(store, TAKEN)
    wanted = [
        "## Silence \\*one\\* head",
        "with llmw-tutor " + __version__,
        "**What I thought** — What would you notice?",
        "**My prediction** — What happens to the lead?",
        "> It shrinks\\\n> because the others back it up\\\n> 70 % sure",
        "The engine died.",
        "**What the model did** — gpt2 on cpu, float32, seed 3",
        "BASE  6.1",
        "A figure of another version",
        "drop",
        "llmw-tutor run head_ablation --set $'prompt=Mary\\'s\\nbook' --set layer=1 --set head=0 --set 'answer= Mary'"
        " --set bos=false --model gpt2 --seed 3 --device cpu",
        "You were 70 % sure.",
        "**What I saw** — What do you see?",
        "half of it went",
        "**Why, in my words** — Why did it?",
        "**What the tutor said**",
        "- A share of 0.50 is lost.",
        "**What I tried** — Find a head that helps",
        "**What I changed**",
        "**What I take with me** — One line?",
        "heads share work",
    ]
    place = 0
    for words in wanted:
        assert words in out[place:], f"{words!r} is missing after:\n{out[:place][-400:]}"
        place = out.index(words, place) + len(words)


def test_a_takeaway_that_was_asked_about_is_not_what_the_learner_takes_with_them(store: Store) -> None:
    asked = [
        Said("keep", "counter", "What if?"),
        Replied("keep", "then John goes", "answer"),
        Said("keep", "reflect", "Now?"),
    ]
    stored = Replied("keep", "the head stores it", misconception="stores")
    out = page(store, [*TAKEN[:-2], stored, *asked, *TAKEN[-2:]])
    assert out.count("**What I take with me**") == 1
    assert "**What I take with me** — Now?\n\n> heads share work" in out
    assert "**What I thought** — One line?\n\n> the head stores it" in out


def test_a_fact_that_is_a_list_says_which_value_is_which_and_one_that_is_missing_says_nothing() -> None:
    told = ran({"facts": {"probs": [0.25, 0.5], "answer_prob": None, "drop": 0.5}})
    assert told.facts == (("probs[0]", "0.25"), ("probs[1]", "0.50"), ("drop", "0.50"))


@pytest.mark.parametrize(("move", "told"), [("close", True), ("confirm", True), ("elicit", False), ("defer", False)])
def test_words_that_end_a_step_are_told(store: Store, move: str, told: bool) -> None:
    """A question stands above its answer; these would be lost. That the bet comes first need not be told."""
    before = next(n for n, event in enumerate(TAKEN) if isinstance(event, Said) and event.step == "why")
    out = page(store, [*TAKEN[:before], Said("why", move, "Here it is.")])
    assert ("**What the tutor said**\n\n> Here it is." in out) is told


def test_words_of_learner_and_model_stay_words(store: Store) -> None:
    out = page(store, TAKEN)
    assert "\x1b" not in out
    assert "> \\# nothing\\\n> \\`\\`\\`\\\n> \\<b\\>much\\</b\\>" in out
    headings = [t for t in MarkdownIt().parse(out) if t.type == "heading_open"]
    assert len(headings) == 2, "the page's and the lesson's, none of the learner's"
    assert not tokens(out, "html_block")


def test_each_time_a_lesson_was_taken_is_told_but_not_an_empty_one(store: Store) -> None:
    again = [Started("", model="gpt2"), Replied("warm-up", "this time: little")]
    out = page(store, [*TAKEN, *again, Started(""), Skipped("warm-up")])
    assert out.count("## Silence") == 2
    assert "this time: little" in out


def test_a_lesson_that_is_gone_still_gives_its_answers_and_runs(store: Store) -> None:
    out = page(store, TAKEN, lesson=None)
    assert "## one-head" in out
    for words in ("no longer there", "> dent\\\n> because the others back it up", "BASE  6.1", "heads share work"):
        assert words in out


def test_a_run_stored_without_its_parameters_does_no_harm(store: Store) -> None:
    out = page(store, [Started(""), RunFinished("do-it", {"facts": {}})])
    assert "stored without what would repeat it" in out


def test_an_empty_journal_says_so(store: Store) -> None:
    assert "No lesson was taken yet." in page(store, [])


def test_json_holds_every_event_as_it_was_stored(store: Store) -> None:
    page(store, TAKEN)
    whole = json.loads(as_json(store.records(), "ada"))
    assert (whole["format"], whole["learner"], len(whole["events"])) == (1, "ada", len(TAKEN))
    event = whole["events"][3]
    assert (event["kind"], event["step"], event["body"]["confidence"]) == ("predicted", "guess", 70)
    assert event["version"] == __version__
    assert event["at"].endswith("+00:00")


@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1).filter(lambda t: t.strip()))
def test_no_text_escapes_its_fence(text: str) -> None:
    tree = MarkdownIt().parse("before\n\n" + fenced(text) + "\n\nafter")
    assert [t.type for t in tree if t.level == 0 and t.nesting >= 0] == ["paragraph_open", "fence", "paragraph_open"]


@given(st.text(st.sampled_from("ab `*_#>[](){}<>|~&$!+-=.1\\\n:/")).filter(lambda t: t.strip()))
def test_running_text_is_only_text(text: str) -> None:
    tree = MarkdownIt().enable(["table", "strikethrough"]).parse("**x** — " + plain(text) + "\n\n" + plain(text))
    assert [t.type for t in tree if t.nesting >= 0 and t.level == 0] == ["paragraph_open", "paragraph_open"]
    kinds = {child.type for child in tree[-2].children or []}
    assert kinds <= {"text", "text_special"}, kinds


@given(st.text(st.sampled_from("ab `*_#>[](){}<>|~&$!+-=.1\\\n:/\t")).filter(lambda t: t.strip()))
def test_quoted_words_are_only_words(text: str) -> None:
    tree = MarkdownIt().enable(["table", "strikethrough"]).parse("**x** — y\n\n" + quoted(text) + "\n\nafter")
    assert [t.type for t in tree if t.nesting >= 0 and t.level == 0] == [
        "paragraph_open",
        "blockquote_open",
        "paragraph_open",
    ]
    inside = tree[4:-4]
    assert {t.type for t in inside} <= {"paragraph_open", "inline", "paragraph_close"}
    assert {c.type for t in inside for c in t.children or []} <= {"text", "text_special", "hardbreak"}


# --- notes, reviews, pictures ---------------------------------------------------------------------------------------


def test_notes_are_told_where_they_were_made_and_loose_ones_at_the_end(store: Store) -> None:
    store.append("", Noted("", "why do *heads* differ?"))
    page(store, TAKEN[:3])
    store.append("one-head", Noted("guess", "drawing it first", about="worked"))
    out = as_markdown(store.records(), {"one-head": LESSON}, "ada")
    assert out.index("**What worked**\n\n> drawing it first") < out.index("## Notes")
    assert out.index("## Notes") < out.index("**An open question**\n\n> why do \\*heads\\* differ?")


def test_a_review_is_told_as_the_lesson_it_was(store: Store) -> None:
    told: dict[str, Any] = {"experiment": "head_ablation", "parameters": {"layer": 1, "head": 0}, "model": "gpt2"}
    for event in (*TAKEN, Scored("guess", 0, "choice", False, 0.2, 90, "It is gone", "It shrinks", **told)):
        store.append("one-head", event)
    (scored,) = [r.id for r in store.records() if r.kind == "scored"]
    review = f"again/{scored}/0"
    for event in (
        Started("", model="gpt2"),
        Predicted("guess", "dent", "I saw it before", 60),
        RunFinished("the-run", RESULT),
        Reviewed("guess", scored, True, 60, {}, "It shrinks", "It shrinks"),
        Finished(""),
    ):
        store.append(review, event)
    records = list(store.records())
    out = as_markdown(records, with_reviews({"one-head": LESSON}, records), "ada")
    again = out[out.index(f"Lesson `{review}`") :]
    assert "no longer there" not in again
    assert again.count("**My prediction**") == 1
    assert "> It shrinks\\\n> because I saw it before" in again
    assert "You were 60 % sure." in again


def test_a_picture_of_every_figure_that_can_be_shown(store: Store) -> None:
    for event in TAKEN:
        store.append("one-head", event)
    seen: dict[str, str] = {}

    def picture(name: str, figure: Any) -> str:
        seen[name] = figure.title
        return f"pictures/{name}.svg"

    out = as_markdown(store.records(), {"one-head": LESSON}, "ada", picture)
    assert seen == {"01-00-0": "The lead"}
    assert "![The lead](pictures/01-00-0.svg)" in out
    assert "BASE  6.1" in out, "the text form stays"


WORDS = ["plain", "a b", "it's", "x\ny", "\x1b[31m'\\", "日本 \u202e", "$HOME `id`", "", "-", "!x"]


@pytest.mark.parametrize("shell", [shell for shell in ("bash", "zsh") if shutil.which(shell)])
@pytest.mark.parametrize("word", WORDS)
def test_a_quoted_word_comes_through_the_shell_as_it_was(word: str, shell: str) -> None:
    quoted = repeat.quoted(word)
    assert quoted.isprintable()
    line = [shell, "-c", f"printf %s {quoted}"]
    for locale in ("C.UTF-8", "C"):
        out = subprocess.run(line, capture_output=True, env={**os.environ, "LC_ALL": locale}, check=True).stdout
        assert out.decode() == word
