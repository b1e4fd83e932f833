"""What a learner did as Markdown, ready for a blog.

Words of the learner are quoted, what a model wrote goes into fenced blocks: nothing in either can become markup.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping

from engine.figures import Figure, columns
from tutor.course.format import Lesson
from tutor.export.escape import code, fenced, plain, quoted
from tutor.export.story import Chapter, Ran, Remark, Wager, Words, chapters
from tutor.journal.store import Record

Picture = Callable[[str, Figure], str]
"""Given a name and a figure, where its picture is: an address for the page. Empty for none."""


def no_picture(name: str, figure: Figure) -> str:
    return ""


def heading(learner: str) -> str:
    return f"{learner}: what I predicted, and what the model did"


def as_markdown(
    records: Iterable[Record], lessons: Mapping[str, Lesson], learner: str, picture: Picture = no_picture
) -> str:
    """Each time a lesson was taken, by lesson, in the order in which they were first taken."""
    parts = [f"# {plain(heading(learner))}"]
    for n, chapter in enumerate(chapters(records, lessons), 1):
        parts += page(chapter, f"{n:02}", picture)
    if len(parts) == 1:
        parts.append("No lesson was taken yet.")
    return "\n\n".join(parts) + "\n"


def page(chapter: Chapter, name: str, picture: Picture) -> Iterator[str]:
    """One chapter, in paragraphs. Its pictures are called `name` and a number."""
    yield f"## {plain(chapter.title)}"
    if chapter.lesson:
        yield when(chapter, f"`{code(chapter.lesson)}`", plain)
    if not chapter.known:
        yield "*This lesson is no longer there, so its questions cannot be shown.*"
    pictures = 0
    for part in chapter.parts:
        match part:
            case Words(label=label, text=text, asked=asked):
                yield f"**{label}**" + (f" — {plain(asked)}" if asked else "")
                yield quoted(text)
            case Wager():
                yield "**My prediction**" + (f" — {plain(part.asked)}" if part.asked else "")
                yield quoted(bet_text(part))
            case Ran():
                yield from result(part, f"{name}-{pictures:02}", picture)
                pictures += 1
            case Remark(kind="skipped", text=step):
                yield f"I skipped the step `{code(step)}`."
            case Remark(kind="task", text=text):
                yield f"**What I tried** — {plain(text)}"
            case Remark(kind="claim", text=text):
                yield f"- {plain(text)}"
            case Remark(kind="note", text=text):
                yield f"*{plain(text)}*"
            case Remark(text=text):
                yield plain(text)


def when(chapter: Chapter, lesson: str, escaped: Callable[[str], str]) -> str:
    """The line under a title: which lesson, when, with which version."""
    ended = "finished" if chapter.finished else "last worked on"
    days = f"begun {chapter.begun}, {ended} {chapter.last}"
    return f"Lesson {lesson}, {days}, with llmw-tutor {escaped(chapter.version)}."


def bet_text(wager: Wager) -> str:
    """Answer, reason, confidence: a line each."""
    return "\n".join([wager.answer, *filter(None, [wager.because]), f"{wager.confidence} % sure"])


def result(ran: Ran, name: str, picture: Picture) -> Iterator[str]:
    """A run: where it ran, its figures, its facts, and the command that repeats it."""
    yield f"**What the model did** — {plain(ran.where)}"
    for n, figure in enumerate(ran.figures):
        if figure is None:
            yield "*A figure of another version, which this one cannot show; it is in the JSON export.*"
            continue
        if address := picture(f"{name}-{n}", figure):
            yield f"![{plain(figure.title)}]({address})"
        yield fenced(figure.text())
    if ran.facts:
        yield fenced(columns(["fact", "value"], ran.facts))
    if ran.again:
        yield "The run again:"
        yield fenced(ran.again, "sh")
    else:
        yield "*This run was stored without what would repeat it.*"
