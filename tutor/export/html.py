"""What a learner did, as one page that needs nothing from elsewhere: its style and its pictures are in it, it has no script."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from html import escape
from itertools import groupby

from engine.figures import Figure, visible
from tutor import __version__
from tutor.course.format import Lesson
from tutor.drawing.svg import svg
from tutor.export.markdown import heading, when
from tutor.export.story import Chapter, Part, Ran, Remark, Wager, Words, chapters
from tutor.journal.store import Record

POLICY = "default-src 'none'; style-src 'unsafe-inline'"
"""The page may load nothing, whatever is in it."""

STYLE = """
:root { color-scheme: light dark; --ground: #faf8f3; --ink: #24272c; --faint: #62656b; --line: #cbc5b8;
  --yours: #8f5200; --run: #0b6684; }
@media (prefers-color-scheme: dark) { :root { --ground: #15171b; --ink: #dcdfe4; --faint: #9a9fa8; --line: #3a3f49;
  --yours: #edb95e; --run: #7cc0d8; } .light { display: none; } }
@media (prefers-color-scheme: light) { .dark { display: none; } }
@media print { .dark { display: none; } .light { display: block; } }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 50rem; padding: 2rem 1rem 4rem; background: var(--ground); color: var(--ink);
  font: 1.05rem/1.6 system-ui, sans-serif; overflow-wrap: anywhere; }
h1, h2, h3 { line-height: 1.25; } h2 { margin-top: 3.5rem; border-top: 1px solid var(--line); padding-top: 1.5rem; }
h3 { margin: 2rem 0 0.3rem; font-size: 1.05rem; }
a { color: var(--run); }
blockquote { margin: 0.5rem 0; padding: 0.2rem 0 0.2rem 1rem; border-left: 3px solid var(--yours); white-space: pre-wrap; }
.run { border-left: 3px solid var(--run); padding-left: 1rem; }
.faint, figcaption, summary { color: var(--faint); } .asked { margin: 0; }
figure { margin: 1rem 0; } figure svg { max-width: 100%; height: auto; border: 1px solid var(--line); }
pre { overflow-x: auto; padding: 0.7rem; border: 1px solid var(--line); font-size: 0.85rem; line-height: 1.35; }
pre.command { white-space: pre-wrap; }
table { border-collapse: collapse; } th, td { text-align: left; vertical-align: top; padding: 0.1rem 1rem 0.1rem 0; }
th { font-weight: normal; color: var(--faint); }
"""


def as_html(
    records: Iterable[Record], lessons: Mapping[str, Lesson], learner: str, draw: Callable[[Figure], str] | None = None
) -> str:
    """The whole page. `draw` makes the HTML of a figure: `drawn` unless another is given."""
    told = list(chapters(records, lessons))
    title = seen(heading(learner))
    body = [f"<h1>{title}</h1>"]
    if told:
        body.append(contents(told))
    else:
        body.append("<p>No lesson was taken yet.</p>")
    for n, chapter in enumerate(told, 1):
        body += section(n, chapter, draw or drawn)
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f'<meta name="generator" content="llmw-tutor {seen(__version__)}">\n'
        f"<title>{title}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n<main>\n"
        + "\n".join(body)
        + "\n</main>\n</body>\n</html>\n"
    )


def seen(text: str) -> str:
    """Text of any origin as HTML: nothing in it is markup, and nothing in it is obeyed. Line breaks stay."""
    return escape("\n".join(visible(line) for line in text.strip("\n").split("\n")))


def contents(told: Iterable[Chapter]) -> str:
    rows = [f'<li><a href="#taken-{n}">{seen(c.title)}</a>, {c.last}</li>' for n, c in enumerate(told, 1)]
    return '<nav aria-label="Lessons">\n<ol>\n' + "\n".join(rows) + "\n</ol>\n</nav>"


def section(number: int, chapter: Chapter, draw: Callable[[Figure], str]) -> Iterator[str]:
    """One chapter under its heading."""
    yield f'<section aria-labelledby="taken-{number}">\n<h2 id="taken-{number}">{seen(chapter.title)}</h2>'
    if chapter.lesson:
        yield f'<p class="faint">{when(chapter, f"<code>{seen(chapter.lesson)}</code>", seen)}</p>'
    if not chapter.known:
        yield '<p class="faint">This lesson is no longer there, so its questions cannot be shown.</p>'
    for claims, parts in groupby(chapter.parts, key=lambda part: isinstance(part, Remark) and part.kind == "claim"):
        lines = [line for part in parts for line in part_of(part, draw)]
        yield "\n".join(["<ul>", *lines, "</ul>"] if claims else lines)
    yield "</section>"


def part_of(part: Part, draw: Callable[[Figure], str]) -> Iterator[str]:
    match part:
        case Words(label=label, text=text, asked=asked):
            yield from said(label, asked, seen(text))
        case Wager():
            reason = f"\n{seen(part.because)}" if part.because else ""
            yield from said(
                "My prediction", part.asked, f"<strong>{seen(part.answer)}</strong>{reason}\n{part.confidence} % sure"
            )
        case Ran():
            yield from result(part, draw)
        case Remark(kind="skipped", text=step):
            yield f'<p class="faint">I skipped the step <code>{seen(step)}</code>.</p>'
        case Remark(kind="task", text=text):
            yield f"<h3>What I tried</h3>\n<p>{seen(text)}</p>"
        case Remark(kind="claim", text=text):
            yield f"<li>{seen(text)}</li>"
        case Remark(kind="verdict", text=text):
            yield f'<p class="run">{seen(text)}</p>'
        case Remark(text=text):
            yield f'<p class="faint">{seen(text)}</p>'


def said(label: str, asked: str, words: str) -> Iterator[str]:
    """Somebody's words (HTML already) under what they are and the question they answer."""
    yield f"<h3>{seen(label)}</h3>"
    if asked:
        yield f'<p class="faint asked">{seen(asked)}</p>'
    yield f'<blockquote dir="auto">{words}</blockquote>'


def result(ran: Ran, draw: Callable[[Figure], str]) -> Iterator[str]:
    """A run: where it ran, its figures as pictures and as text, its facts, and the command that repeats it."""
    yield f'<h3>What the model did</h3>\n<p class="faint asked">{seen(ran.where)}</p>'
    for figure in ran.figures:
        if figure is None:
            yield '<p class="faint">A figure of another version, which this one cannot show; it is in the JSON export.</p>'
        else:
            yield draw(figure)
    if ran.facts:
        rows = [f'<tr><th scope="row">{seen(name)}</th><td>{seen(value)}</td></tr>' for name, value in ran.facts]
        table = '<tr><th scope="col">fact</th><th scope="col">value</th></tr>\n' + "\n".join(rows)
        yield f"<details>\n<summary>The facts</summary>\n<table>\n{table}\n</table>\n</details>"
    if ran.again:
        yield f'<p class="faint">The run again:</p>\n<pre class="command"><code>{seen(ran.again)}</code></pre>'
    else:
        yield '<p class="faint">This run was stored without what would repeat it.</p>'


def drawn(figure: Figure) -> str:
    """The figure for a light and for a dark page, of which one is shown, and as text for those who read it."""
    pictures = f'<div class="light">{svg(figure)}</div>\n<div class="dark">{svg(figure, dark=True)}</div>'
    text = f"<details>\n<summary>{seen(figure.title)}, as text</summary>\n<pre>{seen(figure.text())}</pre>\n</details>"
    return f"<figure>\n{pictures}\n<figcaption>\n{text}\n</figcaption>\n</figure>"


def written(figure: Figure) -> str:
    """The figure as text alone."""
    return f"<figure>\n<pre>{seen(figure.text())}</pre>\n</figure>"
