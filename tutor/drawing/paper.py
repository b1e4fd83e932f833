"""The sheet that a figure is drawn on: shapes and words in, SVG out. Lengths are pixels; one font size throughout."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from xml.sax.saxutils import escape

from engine.figures import cell_len, cut, visible
from tutor.drawing.ramps import RGB
from tutor.drawing.roles import Role

SIZE = 13
"""Font size."""
CELL = 7.85
"""Width of a character of the monospaced font, a little more than most have."""
ROW = 20
"""From line to line."""
MARGIN = 16
FONT = "monospace"
NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True)
class Inks:
    """The colours of one theme, those of the screen."""

    ground: str
    plain: str
    faint: str
    base: str
    run: str
    yours: str
    line: str

    def of(self, role: Role) -> str:
        return {"yours": self.yours, "run": self.run, "base": self.base, "plain": self.plain}[role]


DARK = Inks("#15171b", "#dcdfe4", "#9a9fa8", "#8b919b", "#7cc0d8", "#edb95e", "#3a3f49")
LIGHT = Inks("#faf8f3", "#24272c", "#62656b", "#787c83", "#0b6684", "#8f5200", "#cbc5b8")


def words(text: str) -> str:
    """Text as XML may hold it: nothing that is obeyed, nothing that is markup. Line breaks stay."""
    seen = "\n".join(visible(line) for line in text.split("\n"))
    return escape(NOT_XML.sub("\ufffd", seen))


def size(value: float) -> str:
    """A length in as few characters as it needs."""
    return f"{value:.2f}".rstrip("0").rstrip(".")


def colour(rgb: RGB) -> str:
    return "#{:02x}{:02x}{:02x}".format(*rgb)


def broken(text: str, cells: int) -> Iterator[str]:
    """The text in lines of at most `cells` cells, at spaces where there are any. ⏎ ends a line, as it did in the text."""
    for paragraph in re.findall(r"[^⏎]*⏎|[^⏎]+", text) or [""]:
        while cell_len(paragraph) > cells:
            head = cut(paragraph[: cells + 1], cells)
            space = head.rfind(" ")
            head = head[: space + 1] if space > 0 else head or paragraph[0]
            yield head.rstrip()
            paragraph = paragraph[len(head) :]
        yield paragraph


@dataclass
class Paper:
    """Grows downwards: `y` is where the next thing goes."""

    inks: Inks
    dark: bool
    width: float = 760.0
    y: float = MARGIN
    parts: list[str] = field(default_factory=list)

    @property
    def room(self) -> float:
        """The width between the margins."""
        return self.width - 2 * MARGIN

    @property
    def cells(self) -> int:
        """Characters that fit between the margins."""
        return int(self.room // CELL)

    def say(
        self,
        x: float,
        y: float,
        text: str,
        ink: str = "",
        *,
        anchor: str = "",
        bold: bool = False,
        turned: bool = False,
        small: bool = False,
    ) -> None:
        """Words whose first line stands on y. `anchor`: middle or end. `turned`: written upwards."""
        more = f' text-anchor="{anchor}"' if anchor else ""
        more += ' font-weight="bold"' if bold else ""
        more += f' font-size="{SIZE - 2}"' if small else ""
        more += f' transform="rotate(-90 {size(x)} {size(y)})"' if turned else ""
        fill = ink or self.inks.plain
        self.parts.append(f'<text x="{size(x)}" y="{size(y)}" fill="{fill}"{more}>{words(text)}</text>')

    def lines(self, text: str, ink: str = "", *, bold: bool = False) -> None:
        """Words over the whole width, wrapped, and on to below them."""
        for line in broken(text, self.cells):
            self.y += ROW
            self.say(MARGIN, self.y - 5, line, ink, bold=bold)

    def box(self, x: float, y: float, width: float, height: float, ink: str, *, title: str = "") -> None:
        """A filled rectangle; `title` is shown where the mouse rests on it."""
        head = f'<rect x="{size(x)}" y="{size(y)}" width="{size(width)}" height="{size(height)}" fill="{ink}"'
        self.parts.append(f"{head}><title>{words(title)}</title></rect>" if title else f"{head}/>")

    def frame(self, x: float, y: float, width: float, height: float, ink: str) -> None:
        """The outline of a rectangle."""
        self.parts.append(
            f'<rect x="{size(x)}" y="{size(y)}" width="{size(width)}" height="{size(height)}" fill="none" '
            f'stroke="{ink}" stroke-width="2"/>'
        )

    def rule(self, x1: float, y1: float, x2: float, y2: float) -> None:
        ends = f'x1="{size(x1)}" y1="{size(y1)}" x2="{size(x2)}" y2="{size(y2)}"'
        self.parts.append(f'<line {ends} stroke="{self.inks.line}"/>')

    def stroke(self, points: Sequence[tuple[float, float]], ink: str, dashes: str = "") -> None:
        """A line through the points."""
        path = " ".join(f"{size(x)},{size(y)}" for x, y in points)
        dashed = f' stroke-dasharray="{dashes}"' if dashes else ""
        self.parts.append(f'<polyline points="{path}" fill="none" stroke="{ink}" stroke-width="2"{dashed}/>')

    def dot(self, x: float, y: float, ink: str) -> None:
        self.parts.append(f'<circle cx="{size(x)}" cy="{size(y)}" r="2.5" fill="{ink}"/>')

    def area(self, points: Sequence[tuple[float, float]], ink: str) -> None:
        """A shaded area within the points."""
        path = " ".join(f"{size(x)},{size(y)}" for x, y in points)
        self.parts.append(f'<polygon points="{path}" fill="{ink}" fill-opacity="0.18"/>')

    def finish(self, title: str, description: str) -> str:
        """The whole as one SVG element, with its title and description for those who do not see it."""
        height = self.y + MARGIN
        box = f'viewBox="0 0 {size(self.width)} {size(height)}" width="{size(self.width)}" height="{size(height)}"'
        head = f'<svg xmlns="http://www.w3.org/2000/svg" {box} role="img" font-family="{FONT}" font-size="{SIZE}"'
        body = "\n".join(self.parts)
        return (
            f'{head} xml:space="preserve">\n'
            f"<title>{words(title)}</title>\n<desc>{words(description)}</desc>\n"
            f'<rect width="100%" height="100%" fill="{self.inks.ground}"/>\n{body}\n</svg>\n'
        )
