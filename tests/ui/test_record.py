"""The learner's record on the screen: what is due on the map, a review by keys, the figures, mastery."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot

from engine.errors import OutOfMemory
from tests.ui.drive import SIZES, bet, said, to_observe
from tests.ui.look import lines, until
from tests.ui.stage import LESSON, FakeApp, FakeBench, lesson
from tutor import events as ev
from tutor.journal.store import Store
from tutor.todo import Done, Retry
from tutor.ui.screens.home import REVIEW
from tutor.ui.screens.lesson import LessonScreen
from tutor.ui.screens.record import RecordScreen
from tutor.ui.screens.review import ReviewScreen

ID = "silence-one-head"
WITH = {"layer": 1, "head": 2, "answer": " Mary", "distractor": " John",
        "prompt": "When Mary and John went to the store, John gave a drink to"}  # fmt: skip


def a_past(home: Path, *bets: tuple[str, bool, int], days: int = 3) -> Path:
    """A home in which these bets (step, right, confidence) were decided some days ago."""
    home.mkdir(parents=True, exist_ok=True)
    at = datetime.now(UTC) - timedelta(days=days)
    with Store.open(home, "me", clock=lambda: at) as store:
        store.append(ID, ev.Started("", model="gpt2"))
        store.append(ID, ev.Replied("warm-up", "others do it"))
        for n, (step, right, sure) in enumerate(bets):
            score = ev.Scored(step, n, "choice", right, float(right), sure, "The lead is gone", "It shrinks, Mary still wins",
                              ("ablation", "redundancy"), "head_ablation", WITH, "gpt2")  # fmt: skip
            store.append(ID, score)
    return home


SURPRISE = ("guess", False, 80)


def words(app: FakeApp) -> str:
    """What the screen says, without its line breaks."""
    return " ".join(said(app).split())


async def opened(pilot: Pilot[Any]) -> FakeApp:
    app = pilot.app
    assert isinstance(app, FakeApp)
    await until(pilot, lambda: app.home.overview)
    return app


async def test_nothing_is_due_where_nothing_surprised(tmp_path: Path) -> None:
    app = FakeApp(a_past(tmp_path, ("guess", True, 90), ("guess", False, 30)))
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        await opened(pilot)
        await pilot.pause()
        assert "due again" not in said(app)
        assert "d due" not in said(app)
        await pilot.press("d")
        await until(pilot, lambda: "Nothing is due again" in said(app))
        await pilot.press("d")
        await pilot.pause()
        assert app.screen is app.home


@pytest.mark.parametrize("size", SIZES)
async def test_a_surprise_comes_back_and_is_bet_on_again(tmp_path: Path, size: tuple[int, int]) -> None:
    app = FakeApp(a_past(tmp_path, SURPRISE))
    async with app.run_test(size=size) as pilot:
        await opened(pilot)
        await until(pilot, lambda: "1 due again" in said(app))
        await pilot.press("d")
        await bet(pilot)
        await until(pilot, lambda: isinstance(app.screen, ReviewScreen) and isinstance(app.screen._doing, Done))
        await until(pilot, lambda: "The lead is gone, 80 %" in words(app))
        assert app.fake.ran, "a run decides"
        await until(pilot, lambda: isinstance(app.screen, ReviewScreen) and app.screen.side.has_figures)
        ran = app.fake.ran[0]
        assert {k: v for k, v in ran.items() if v != WITH[k]}, "with other parameters"
        await pilot.press("enter")
        await until(pilot, lambda: app.screen is app.home and "due again" not in said(app))
    with Store.read(tmp_path, "me") as store:
        (event,) = (r.event for r in store.record() if r.kind == "reviewed")
    assert isinstance(event, ev.Reviewed)
    assert (event.right, event.confidence, event.parameters) == (True, 70, ran)


async def test_it_is_open_once_however_often_it_is_asked_for(tmp_path: Path) -> None:
    app = FakeApp(a_past(tmp_path, SURPRISE, ("break-it", False, 90)))
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(pilot)
        for _ in range(3):
            app.simulate_key("d")
        await until(pilot, lambda: isinstance(app.screen, ReviewScreen))
        app.show_reviews()  # as the palette does, over the review
        await pilot.pause()
        await bet(pilot)
        await until(pilot, lambda: isinstance(app.screen, ReviewScreen) and isinstance(app.screen._doing, Done))
        app.show_record()
        app.show_record()
        await until(pilot, lambda: isinstance(app.screen, RecordScreen))
        await pilot.press("escape")
        await until(pilot, lambda: isinstance(app.screen, ReviewScreen))
        assert len(app.screen_stack) == 2
    with Store.read(tmp_path, "me") as store:
        assert [r.kind for r in store.record()].count("reviewed") == 1


async def test_a_key_before_the_record_was_read_waits_for_it(tmp_path: Path) -> None:
    app = FakeApp(a_past(tmp_path, SURPRISE))
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: app.home.board)
        app.overview = None  # what a thread has read a moment later
        await pilot.press("d")
        await until(pilot, lambda: isinstance(app.screen, ReviewScreen))


async def test_the_row_on_the_map_opens_it_and_the_top_line_stays(tmp_path: Path) -> None:
    app = FakeApp(a_past(tmp_path, SURPRISE))
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(pilot)
        assert app.home.map.highlighted_option is not None
        assert app.home.map.highlighted_option.id == "go-on", "the record came later and did not move the cursor"
        await pilot.press("down")
        await pilot.pause()
        assert app.home.map.highlighted_option.id == REVIEW
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(app.screen, ReviewScreen))


async def test_several_come_one_after_the_other(tmp_path: Path) -> None:
    app = FakeApp(a_past(tmp_path, SURPRISE, ("break-it", False, 90)))
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(pilot)
        await pilot.press("d")
        await bet(pilot)
        await until(pilot, lambda: "next, 1 left" in said(app))
        first = app.screen
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(app.screen, ReviewScreen) and app.screen is not first)
        await bet(pilot)
        await until(pilot, lambda: isinstance(app.screen, ReviewScreen) and isinstance(app.screen._doing, Done))
        assert "next" not in lines(app)[-3]
        await pilot.press("l")
        await until(pilot, lambda: isinstance(app.screen, LessonScreen) and not isinstance(app.screen, ReviewScreen))
        assert isinstance(app.screen, LessonScreen)
        assert app.screen.session.lesson.id == ID
    assert len(app.fake.ran) == 2


async def test_a_review_that_was_left_keeps_its_locked_bet(tmp_path: Path) -> None:
    bench = FakeBench(fail=OutOfMemory("It needs more memory."))
    app = FakeApp(a_past(tmp_path, SURPRISE), bench=bench)
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(pilot)
        await pilot.press("d")
        await bet(pilot)
        await until(pilot, lambda: isinstance(app.screen, ReviewScreen) and isinstance(app.screen._doing, Retry))
        await until(pilot, lambda: "It needs more memory." in said(app))
        await pilot.press("escape")
        await until(pilot, lambda: app.screen is app.home)
        await pilot.press("d")
        await until(pilot, lambda: isinstance(app.screen, ReviewScreen) and isinstance(app.screen._doing, Retry))
        await until(pilot, lambda: "others help" in said(app))
        await until(pilot, lambda: app.focused is not None)
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(app.screen, ReviewScreen) and isinstance(app.screen._doing, Done))


async def test_the_cap_is_a_setting(tmp_path: Path) -> None:
    app = FakeApp(a_past(tmp_path, SURPRISE, ("break-it", False, 90)))
    object.__setattr__(app.settings, "reviews_per_day", 1)
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(pilot)
        await until(pilot, lambda: "1 due again" in said(app))


# --- the record -----------------------------------------------------------------------------------------------------------

MANY = [("guess", n % 3 > 0, 50 + 10 * (n % 5)) for n in range(24)]


@pytest.mark.parametrize("size", SIZES)
async def test_the_record_shows_each_figure_within_the_screen(tmp_path: Path, size: tuple[int, int]) -> None:
    app = FakeApp(a_past(tmp_path, *MANY))
    async with app.run_test(size=size) as pilot:
        await opened(pilot)
        await pilot.press("m")
        await until(pilot, lambda: isinstance(app.screen, RecordScreen) and app.focused is not None)
        await until(pilot, lambda: "24 bets, 16 came true (67 %)" in words(app))
        seen = []
        titles = ("came true", "Brier score over time", "By how sure", "By concept", "By kind of bet", "Surprises")
        for _ in titles:
            await pilot.pause()
            screen = said(app)
            seen += [t for t in titles if t in screen]
            assert max(map(len, lines(app))) <= size[0]
            assert "code" not in screen, "no experiment made these"
            assert app.screen.max_scroll_x == 0
            await pilot.press("n")
        assert set(titles) <= set(seen)
        await pilot.press("escape")
        await until(pilot, lambda: app.screen is app.home)


async def test_a_record_of_nothing_says_so_and_what_could_come_next(tmp_path: Path) -> None:
    app = FakeApp(tmp_path)
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(pilot)
        await pilot.press("m")
        await until(pilot, lambda: "No bet was decided yet" in words(app))
        await until(pilot, lambda: "begin with What comes next" in said(app))
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(app.screen, LessonScreen))
        assert isinstance(app.screen, LessonScreen)
        assert app.screen.session.lesson.id == "what-comes-next"


async def test_few_bets_make_no_diagram(tmp_path: Path) -> None:
    app = FakeApp(a_past(tmp_path, *MANY[:4]))
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(pilot)
        await pilot.press("m")
        await until(pilot, lambda: "Too few to say more" in words(app))
        assert "how many came true" not in said(app)


async def test_the_map_says_how_well_concepts_are_known(tmp_path: Path) -> None:
    app = FakeApp(a_past(tmp_path, *[("guess", True, 80)] * 5))
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(pilot)
        await until(pilot, lambda: "▰▰▰▰▱ steady" in said(app) or "▰▰▰▰▰ steady" in said(app))
        first = next(line for line in lines(app) if "First look" in line)
        assert "▰" not in first, "nothing is known of that unit"
        await until(pilot, lambda: "ablation (steady)" in said(app))


async def test_skips_and_jumps_are_recorded(tmp_path: Path) -> None:
    """The lesson builds on another that was never taken: it opens all the same, and the journal has it."""
    app = FakeApp(tmp_path, ID)
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: isinstance(app.screen, LessonScreen))
        await pilot.press("ctrl+s")
        await until(pilot, lambda: "Skip this step" in said(app))
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(app.screen, LessonScreen) and app.screen.session.state.skipped)
        await pilot.press("escape")
        await until(pilot, lambda: app.screen is app.home and app.home.overview and app.home.overview.history.skipped)
        await pilot.press("m")
        await until(pilot, lambda: "1 step skipped" in words(app))
    with Store.read(tmp_path, "me") as store:
        kinds = [r.kind for r in store.records(ID)]
    assert kinds[0] == "started"
    assert "skipped" in kinds
    assert lesson(LESSON).needs == ["what-comes-next"]


async def test_from_within_a_lesson_the_palette_shows_the_record_as_it_stands(tmp_path: Path) -> None:
    app = FakeApp(tmp_path, ID)
    async with app.run_test(size=(80, 24)) as pilot:
        await to_observe(pilot)
        commands = {command.title: command for command in app.get_system_commands(app.screen)}
        commands["My record"].callback()
        await until(pilot, lambda: isinstance(app.screen, RecordScreen))
        await until(pilot, lambda: "1 bet, 1 came true" in words(app))
        await pilot.press("escape")
        await until(pilot, lambda: isinstance(app.screen, LessonScreen))


async def test_a_record_that_cannot_be_read_is_one_line_on_the_map(tmp_path: Path) -> None:
    """The journal's file is gone from under it: the lessons are there all the same."""
    app = FakeApp(a_past(tmp_path, SURPRISE))
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(pilot)
        (tmp_path / "journal.db").write_bytes(b"no database" * 500)
        app._read_record()
        await until(pilot, lambda: "Your record could not be read" in words(app))
        await until(pilot, lambda: "Silence one head" in said(app))
