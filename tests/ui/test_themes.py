"""The two themes: readable by computation, told apart without colour, and still where nothing is to move."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from textual.app import App
from textual.color import Color
from textual.containers import Vertical
from textual.theme import Theme
from textual.widgets import TextArea

from tests.ui.drive import ID, reach, to_observe
from tests.ui.look import Stage, environment, lines, until
from tests.ui.stage import FakeApp, FakeBench
from tutor.settings import Settings
from tutor.todo import AskBet, Hear
from tutor.ui.themes import INK, MUTED, OURS, PAPER
from tutor.ui.widgets.composer import Field

READABLE = 4.5
"""WCAG 2.2, level AA: contrast of text."""
SEEN = 3.0
"""WCAG 2.2, level AA: contrast of what is no text but must be seen."""


def contrast(a: Color, b: Color) -> float:
    """WCAG's contrast ratio: 1 to 21."""
    light, dark = sorted((luminance(a), luminance(b)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def luminance(color: Color) -> float:
    parts = [c / 255 for c in (color.r, color.g, color.b)]
    r, g, b = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts)
    return 0.2126 * r + 0.7152 * g + 0.0722 * b


def colour(theme: Theme, name: str) -> Color:
    """A colour of the theme as Textual computes it."""
    return Color.parse(theme.to_color_system().generate()[name])


def test_the_ratio_is_wcags() -> None:
    assert contrast(Color.parse("#000000"), Color.parse("#ffffff")) == pytest.approx(21)
    assert contrast(Color.parse("#777777"), Color.parse("#ffffff")) == pytest.approx(4.48, abs=0.01)


GROUNDS = ("background", "surface", "panel", "block-cursor-background", "block-cursor-blurred-background")
WORDS = ("foreground", "primary", "secondary", "accent", "success", "warning", "error")


@pytest.mark.parametrize("theme", OURS, ids=lambda t: t.name)
@pytest.mark.parametrize("ground", GROUNDS)
@pytest.mark.parametrize("word", WORDS)
def test_every_word_can_be_read_on_every_ground(theme: Theme, word: str, ground: str) -> None:
    assert contrast(colour(theme, word), colour(theme, ground)) >= READABLE


@pytest.mark.parametrize("theme", OURS, ids=lambda t: t.name)
def test_muted_words_can_be_read_where_they_stand(theme: Theme) -> None:
    """Muted words stand on the plain ground, on panels, and in the row under the cursor."""
    share = int(re.findall(r"(\d+)%", MUTED)[0]) / 100
    for ground in ("background", "panel", "block-cursor-background"):
        behind = colour(theme, ground)
        assert contrast(behind.blend(colour(theme, "foreground"), share), behind) >= READABLE, ground


@pytest.mark.parametrize("theme", OURS, ids=lambda t: t.name)
@pytest.mark.parametrize("pair", [("input-cursor-foreground", "input-cursor-background"),
                                  ("block-cursor-foreground", "block-cursor-background")])  # fmt: skip
def test_cursors_can_be_read(theme: Theme, pair: tuple[str, str]) -> None:
    assert contrast(colour(theme, pair[0]), colour(theme, pair[1])) >= READABLE


@pytest.mark.parametrize("theme", OURS, ids=lambda t: t.name)
def test_the_cursor_of_a_field_is_seen(theme: Theme) -> None:
    assert contrast(colour(theme, "input-cursor-background"), colour(theme, "background")) >= SEEN


def test_one_is_dark_and_one_is_light() -> None:
    assert (INK.dark, PAPER.dark) == (True, False)


# --- the setting ----------------------------------------------------------------------------------------------------


def app_of(home: Path, **settings: Any) -> FakeApp:
    app = FakeApp(home, ID)
    app.settings = Settings(home=home, **settings)
    return app


@pytest.mark.parametrize("name", ["ink", "paper"])
async def test_the_theme_that_is_set_is_shown(tmp_path: Path, name: str) -> None:
    from tutor.ui.app import TutorApp

    app = TutorApp(Settings(home=tmp_path, theme=name))
    assert app.theme == name


async def test_without_colour_the_focus_is_seen_and_no_colour_is_sent(tmp_path: Path) -> None:
    with environment(NO_COLOR="1", COLORTERM="truecolor", TERM="xterm-256color"):
        app = FakeApp(tmp_path, ID)
    async with app.run_test(size=(80, 24)) as pilot:
        await reach(pilot, Hear, "warm-up")
        await pilot.press(*"right", "enter")
        await reach(pilot, AskBet)
        await until(pilot, lambda: app.focused is not None and app.focused.id == "answer")
        before = app.export_screenshot()
        assert greys_only(before)
        await pilot.press("2")
        await pilot.pause()
        assert any("●" in line for line in lines(app)), "what is chosen has a sign of its own"
        await pilot.press("enter")
        await until(pilot, lambda: app.focused is not None and app.focused.id == "reason")
        assert looks(before) != looks(app.export_screenshot()), "the focus moved, and it shows"


def greys_only(svg: str) -> bool:
    """Whether a picture of the screen holds no colour, but for the three buttons that it draws of a window."""
    screen = re.sub(r"<circle[^>]*>", "", svg)
    return all(
        max(c.r, c.g, c.b) - min(c.r, c.g, c.b) <= 4  # what the picture itself is made of
        for c in (Color.parse(found) for found in re.findall(r"#[0-9a-fA-F]{6}\b", screen))
    )


def looks(svg: str) -> list[str]:
    return re.findall(r"<rect[^>]*>", svg)


# --- nothing moves --------------------------------------------------------------------------------------------------


async def still(app: App[Any]) -> None:
    """Nothing of this screen moves by itself."""
    assert app.animation_level == "none"
    for field in app.screen.query(TextArea):
        assert not field.cursor_blink


async def test_reduced_motion_stills_everything(tmp_path: Path) -> None:
    app = FakeApp(tmp_path, ID)
    assert app.settings.reduced_motion
    async with app.run_test(size=(80, 24)) as pilot:
        await to_observe(pilot)
        await still(app)


async def test_textuals_own_variable_stills_everything_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("textual.constants.TEXTUAL_ANIMATIONS", "none")  # read when textual is imported
    app = FakeApp(tmp_path, ID, bench=FakeBench())
    app.settings = Settings(home=tmp_path)
    async with app.run_test(size=(80, 24)) as pilot:
        await reach(pilot, Hear, "warm-up")
        await still(app)


@pytest.mark.parametrize("motion", ["none", "full"])
async def test_the_cursor_stands_where_one_writes_and_nowhere_else(motion: str) -> None:
    stage = Stage(Vertical(Field("one", id="one"), Field("two", id="two")))
    stage.animation_level = motion  # type: ignore[assignment]
    async with stage.run_test(size=(40, 4)) as pilot:
        await pilot.press("tab")
        for id, row in (("one", 0), ("two", 1), ("one", 0)):
            stage.query_one(f"#{id}").focus()
            await until(pilot, lambda row=row: carets(stage) == [row])  # type: ignore[misc]


def carets(app: App[Any]) -> list[int]:
    """The lines of the screen on which a text cursor can be seen."""
    ground = Color.parse(app.get_css_variables()["input-cursor-background"]).rgb
    styles = [[segment.style for segment in strip] for strip in app.screen._compositor.render_strips()]
    behind = [[s.bgcolor.get_truecolor() for s in line if s and s.bgcolor] for line in styles]
    return [y for y, line in enumerate(behind) if ground in line]
