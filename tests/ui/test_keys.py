"""Keys of the learner's own: which can be set, what is said of those that cannot, and that every word on a key follows."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from textual.keys import _character_to_key

from tests.ui.drive import ID, reach
from tests.ui.look import lines, until
from tests.ui.stage import FakeApp
from tutor.settings import Rebound, load
from tutor.todo import Hear
from tutor.ui import keymap
from tutor.ui.figures import FigurePanel
from tutor.ui.keymap import FIXED, actions, bindings, key_of, read, shown

ROOT = Path(__file__).parent.parent.parent


def own(tmp_path: Path, table: str) -> tuple[Rebound, ...]:
    tmp_path.mkdir(exist_ok=True)
    (tmp_path / "config.toml").write_text(f"[keys]\n{table}\n", encoding="utf-8")
    return load({"home": str(tmp_path)}, {}).keys


def app_with(tmp_path: Path, table: str, lesson: str | None = None) -> FakeApp:
    keys = own(tmp_path / "home", table)
    app = FakeApp(tmp_path / "home", lesson)
    object.__setattr__(app.settings, "keys", keys)
    return app


def unwrapped(said: list[str]) -> str:
    """The words without what wrapping put between them: a message is broken wherever the path in it makes it too long."""
    return "".join("".join(said).replace("▌", "").split())


def test_every_binding_of_ours_can_be_rebound() -> None:
    actions()
    without = [f"{place.__module__}.{place.__name__}: {b.key} ({b.description})"
               for place, b in bindings() if not b.id and b.key not in FIXED]  # fmt: skip
    assert not without, "give it an id, such as `figure.table`, and run `python -m tutor.ui.keymap`"


def test_no_two_actions_share_a_key_in_one_place_as_they_come() -> None:
    for action in actions().values():
        for other in actions().values():
            if other.id != action.id and action.places & other.places:
                twice = {
                    b.key
                    for place in action.places & other.places
                    for p, b in bindings()
                    if p is place and b.id == action.id
                } & {b.key for p, b in bindings() if p in action.places & other.places and b.id == other.id}
                assert not twice, f"{action.id} and {other.id} both have {twice}"


def test_no_figure_takes_a_key_from_the_panel_around_it() -> None:
    for inner in actions().values():
        for outer in actions().values():
            if any(keymap.around(a, b) for a in outer.places if issubclass(a, FigurePanel) for b in inner.places):
                assert not set(inner.keys) & set(outer.keys), f"{inner.id} and {outer.id}"


def test_the_page_on_keys_lists_them_all() -> None:
    page = (ROOT / "docs" / "keys.md").read_text(encoding="utf-8")
    between = re.search(r"<!-- keys -->\n(.*)\n<!-- /keys -->", page, re.DOTALL)
    assert between
    assert between[1] == keymap.table(), "run `python -m tutor.ui.keymap docs/keys.md`"


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("ctrl+k", "ctrl+k"), ("Ctrl+K", "ctrl+k"), ("F5", "f5"), ("x", "x"), ("X", "X"), ("?", "question_mark"),
        ("/", "slash"), ("esc", "escape"), ("pgup", "pageup"), ("↑", "up"), ("shift+←", "shift+left"), ("+", "plus"),
        ("alt+enter", "alt+enter"), ("space", "space"), ("ß", "ß"),
    ],
)  # fmt: skip
def test_keys_are_read_as_people_write_them(text: str, key: str) -> None:
    assert key_of(text) in (key, _character_to_key(key) if len(key) == 1 else key)


def test_a_key_that_is_shown_can_be_written() -> None:
    for action in actions().values():
        for key in set(action.keys) - FIXED:
            assert key_of(shown(key)) == key


@pytest.mark.parametrize(
    ("table", "said"),
    [
        ('lesson.skpi = "ctrl+k"', "there is no action 'lesson.skpi'; did you mean 'lesson.skip'?"),
        ('lesson.skip = "ctlr+e"', "there is no key 'ctlr+e'"),
        ('lesson.skip = "escpae"', "there is no key 'escpae'; did you mean 'esc'?"),
        ('lesson.skip = "enter"', "enter means the same everywhere"),
        ('lesson.skip = "ctrl+i"', "a terminal sends ctrl+i as tab"),
        ("lesson.skip = 3", "it is a key in quotes"),
        ('lesson.skip = ""', "it is a key in quotes"),
        ("lesson.skip = []", "it is a key in quotes"),
        ('lesson.skip = "ctrl+k"', "ctrl+k edits what you type"),
        ('app.palette = "x"', "x would be taken from what you type"),
        ('lesson.skip = "ctrl+p"', "ctrl+p is also app.palette (palette); give one of them another key"),
        ('figure.table = "c"', "c is also figure.copy"),
        ('figure.table = "y"', "y is also lesson.copy"),
        ('heatmap.zoom = "s"', "s is also figure.code"),
        ('figure.next = "z"', "z is also heatmap.zoom"),
        ('skip = "ctrl+t"', "there is no action 'skip'"),
    ],
)
def test_what_cannot_be_is_one_line_and_the_keys_stay(tmp_path: Path, table: str, said: str) -> None:
    map, problem = read(own(tmp_path, table))
    assert map == {}
    assert said in problem
    assert problem.startswith(f"{tmp_path / 'config.toml'}:2: ")
    assert problem.endswith("The keys are as they come.")
    assert "\n" not in problem


def test_two_actions_may_change_places(tmp_path: Path) -> None:
    map, problem = read(own(tmp_path, 'figure.table = "c"\nfigure.copy = "t"'))
    assert (map, problem) == ({"figure.table": "c", "figure.copy": "t"}, "")


async def test_a_rebound_key_works_and_the_old_one_does_not(tmp_path: Path) -> None:
    app = app_with(tmp_path, 'lesson.skip = ["f9", "f10"]\napp.help = "f4"', ID)
    async with app.run_test(size=(120, 40)) as pilot:
        lesson = await reach(pilot, Hear, "warm-up")
        await pilot.press("ctrl+s")
        await pilot.pause()
        assert app.screen is lesson
        assert "f4 help" in "\n".join(lines(app))
        for key in ("f9", "f10"):
            await pilot.press(key)
            await until(pilot, lambda: "Skip this step?" in "\n".join(lines(app)))
            await pilot.press("escape")
            await until(pilot, lambda: app.screen is lesson)
        await pilot.press("f4")
        await until(pilot, lambda: "How it goes" in "\n".join(lines(app)))
        app.screen.scroll_end(animate=False)
        await pilot.press(*["pagedown"] * 6)
        await pilot.pause()
        page = "\n".join(str(widget.render()) for widget in app.screen.query("Static"))
        assert re.search(r"f9 f10 +skip the step", page)
        assert "ctrl+s" not in page


def test_hints_hold_the_keys_as_they_come() -> None:
    """`{lesson.back|esc} cancels` names the first key of lesson.back."""
    known = actions()
    found = [m for path in (ROOT / "tutor" / "ui").rglob("*.py") for m in keymap.HINT.findall(path.read_text("utf-8"))]
    hints = [(id, key) for id, key in found if "{" not in key]
    assert len(hints) >= 5
    for id, key in hints:
        assert key in [shown(k) for k in known[id].keys], id


async def test_an_action_of_several_widgets_changes_in_all(tmp_path: Path) -> None:
    app = app_with(tmp_path, 'move.down = ["down", "w"]\nmove.up = ["up", "e"]')
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: app.home.board is not None)
        first = app.home.map.highlighted
        await pilot.press("w")
        assert app.home.map.highlighted != first
        await pilot.press("e")
        assert app.home.map.highlighted == first
        await pilot.press("j")
        assert app.home.map.highlighted == first


async def test_a_wrong_line_is_said_at_the_start(tmp_path: Path) -> None:
    app = app_with(tmp_path, 'lesson.skpi = "f9"')
    async with app.run_test(size=(120, 40)) as pilot:
        await until(pilot, lambda: "did you mean 'lesson.skip'?" in " ".join("\n".join(lines(app)).split()))
        assert app.keys == {}
        await pilot.press("j")
        assert app.home.map.highlighted != 0


async def test_who_opens_a_lesson_at_once_is_told_of_a_wrong_line_there(tmp_path: Path) -> None:
    app = app_with(tmp_path, 'lesson.skpi = "f9"', ID)
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        await reach(pilot, Hear, "warm-up")
        await until(pilot, lambda: "noaction'lesson.skpi';didyoumean'lesson.skip'?" in unwrapped(lines(app)))
