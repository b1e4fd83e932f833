"""The page in HTML holds what was done, needs nothing from elsewhere, and words in it stay words."""

from __future__ import annotations

from html.parser import HTMLParser
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from tests.journal.test_export import LESSON, TAKEN
from tutor.course.format import Lesson
from tutor.events import (
    Event,
)
from tutor.export.html import as_html, seen
from tutor.journal.store import Store


class Reader(HTMLParser):
    """What a browser would make of the page: elements with their attributes, and the words."""

    VOID = ("meta", "br", "rect", "line", "polyline", "polygon", "circle")

    def __init__(self, page: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.words = ""
        self.open: list[str] = []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        if tag not in self.VOID:
            assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.words += data

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.elements if name == tag]


def html(store: Store, events: list[Event], lesson: Lesson | None = LESSON) -> Reader:
    for event in events:
        store.append("one-head", event)
    return Reader(as_html(store.records(), {"one-head": lesson} if lesson else {}, "<ada>"))


def test_the_page_holds_all_of_it_and_closes_what_it_opens(store: Store) -> None:
    page = html(store, TAKEN)
    assert page.open == []
    for words in (
        "<ada>: what I predicted",
        "Silence *one* head",
        "It shrinks\nbecause the others back it up\n70 % sure",
        "gpt2 on cpu, float32, seed 3",
        "BASE  6.1",
        "--set $'prompt=Mary\\'s\\nbook' --set layer=1",
        "You were 70 % sure.",
        "# nothing\n```\n<b>much</b>",
        "A share of 0.50 is lost.",
        "heads share work",
        "A figure of another version",
    ):
        assert words in page.words, words
    assert "\x1b" not in page.words
    assert not page.all("b"), "the learner's words are no markup"


def test_the_page_needs_nothing_from_elsewhere_and_runs_nothing(store: Store) -> None:
    page = html(store, TAKEN)
    assert not {tag for tag, _ in page.elements} & {
        "script",
        "link",
        "img",
        "iframe",
        "object",
        "embed",
        "base",
        "form",
    }
    for tag, attributes in page.elements:
        for name, value in attributes.items():
            assert not name.startswith("on"), (tag, name)
            if name in ("src", "href", "data", "action", "srcset", "xlink:href", "style"):
                assert (name, str(value)[:1]) == ("href", "#"), (tag, name, value)
    (policy,) = [m for m in page.all("meta") if m.get("http-equiv") == "Content-Security-Policy"]
    assert str(policy["content"]).startswith("default-src 'none'")
    style = as_html(store.records(), {"one-head": LESSON}, "ada").split("<style>")[1].split("</style>")[0]
    assert "url(" not in style
    assert "@import" not in style
    assert "prefers-color-scheme: dark" in style


def test_the_page_can_be_read_without_seeing_it(store: Store) -> None:
    page = html(store, [*TAKEN, *TAKEN])
    assert page.all("html") == [{"lang": "en"}]
    levels = [int(tag[1]) for tag, _ in page.elements if tag in ("h1", "h2", "h3")]
    assert levels[0] == 1
    assert all(after <= before + 1 for before, after in pairwise(levels)), "no level is left out"
    ids = [str(a["id"]) for _, a in page.elements if "id" in a]
    assert len(ids) == len(set(ids))
    assert [a["href"] for a in page.all("a")] == ["#taken-1", "#taken-2"]
    assert {"taken-1", "taken-2"} <= set(ids)
    pictures = page.all("svg")
    assert len(pictures) == 4, "a light and a dark one, twice"
    assert all(picture.get("role") == "img" for picture in pictures)
    assert page.words.count("The lead, as text") == 2


@given(st.text(min_size=1))
def test_no_text_escapes_into_the_page(text: str) -> None:
    assert Reader(f"<pre>{seen(text)}</pre>").elements == [("pre", {})]
