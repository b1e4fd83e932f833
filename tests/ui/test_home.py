"""The map: what it offers, what it says of each lesson, and that it never locks one."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from textual.widgets import OptionList

from tests.ui.drive import reach
from tests.ui.look import lines, until
from tests.ui.stage import FIRST, LESSON, FakeApp, course, lesson
from tutor import events as ev
from tutor.board import Map
from tutor.course.source import Problem
from tutor.journal.store import Store
from tutor.session import Session
from tutor.todo import AskBet, Done, Hear
from tutor.ui.screens.confirm import Confirm
from tutor.ui.screens.lesson import LessonScreen
from tutor.ui.screens.record import RecordScreen

SIZES = [(60, 20), (80, 24), (120, 40)]


def said(app: FakeApp) -> str:
    return "\n".join(lines(app))


@pytest.fixture
def begun(tmp_path: Path) -> Path:
    """A home in which the second lesson was begun."""
    with Store.open(tmp_path, "me") as store:
        session = Session(lesson(LESSON), store)
        session.record(ev.Said("warm-up", "elicit", "What would you notice?"))
        store.save_draft("silence-one-head", "warm-up", "reply", "hal")
    return tmp_path


@pytest.mark.parametrize("size", SIZES)
async def test_the_map_shows_every_lesson_with_its_state(begun: Path, size: tuple[int, int]) -> None:
    app = FakeApp(begun)
    async with app.run_test(size=size) as pilot:
        await until(pilot, lambda: "Silence one head" in said(app))
        screen = said(app)
        assert "go on with  Silence one head" in screen
        assert "step 1 of 7" in screen
        assert "not begun" in screen
        assert "8 min" in screen
        assert "○  What comes next" in screen
        assert "◐  Silence one head" in screen
        assert "q quit" in screen or size[0] == 60


async def test_enter_is_enough_to_be_back(begun: Path) -> None:
    app = FakeApp(begun)
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: app.home.board)
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(app.screen, LessonScreen))
        assert isinstance(app.screen, LessonScreen)
        assert app.screen.session.lesson.id == "silence-one-head"


async def test_a_lesson_that_builds_on_another_can_be_taken_all_the_same(tmp_path: Path) -> None:
    app = FakeApp(tmp_path)
    async with app.run_test(size=(120, 40)) as pilot:
        await until(pilot, lambda: app.home.board)
        await pilot.press("j", "j")
        assert "better after What comes next" in said(app)
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(app.screen, LessonScreen))


async def test_who_comes_back_from_a_lesson_is_on_its_line(tmp_path: Path) -> None:
    app = FakeApp(tmp_path)
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: app.home.board)
        await pilot.press("j", "j", "enter")
        taken = await reach(pilot, Hear)
        await pilot.press("x", "escape")
        await until(pilot, lambda: app.screen is app.home and "go on with" in said(app))
        assert app.home.here is not None
        assert app.home.here.id == taken.session.lesson.id
        assert app.home.map.highlighted != 0, "and not on the line above that offers it too"


async def test_taking_a_lesson_again_asks_first_and_begins_at_the_first_step(begun: Path) -> None:
    app = FakeApp(begun)
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: app.home.board)
        await pilot.press("r")
        await until(pilot, lambda: isinstance(app.screen, Confirm))
        await pilot.press("escape")
        await until(pilot, lambda: app.screen is app.home)
        await pilot.press("r")
        await until(pilot, lambda: isinstance(app.screen, Confirm))
        await pilot.press("y")
        await until(pilot, lambda: isinstance(app.screen, LessonScreen))
    with Store.read(begun, "me") as store:
        kinds = [r.kind for r in store.records("silence-one-head")]
    assert kinds.count("started") == 2
    assert kinds.index("said") < len(kinds) - 1, "what was done stays"


async def test_broken_lessons_and_notices_are_quiet_lines(tmp_path: Path) -> None:
    broken = tuple(Problem(path, 1, 1, "wrong") for path in ("a.yaml", "a.yaml", "b.yaml"))
    app = FakeApp(tmp_path, of=course(FIRST, problems=broken))
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: app.home.board)
        app.home.notice("The journal was damaged [bold]and[/bold] set aside.")
        await until(pilot, lambda: "set aside" in said(app))
        assert "[bold]and[/bold]" in said(app)
        await until(pilot, lambda: "2 lesson files could not be read" in said(app))


async def test_an_unknown_lesson_is_said_on_the_map(tmp_path: Path) -> None:
    app = FakeApp(tmp_path, "no-such-lesson")
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: "no-such-lesson" in said(app))
        assert app.screen is app.home


async def test_a_resize_keeps_the_cursor(begun: Path) -> None:
    app = FakeApp(begun)
    async with app.run_test(size=(120, 40)) as pilot:
        await until(pilot, lambda: app.home.board)
        await pilot.press("j")
        here = app.home.here
        await pilot.resize_terminal(60, 20)
        await until(pilot, lambda: app.size.width == 60 and max(map(len, lines(app))) <= 60)
        assert app.home.here == here
        assert app.home.query_one(OptionList).max_scroll_x == 0


def test_it_tells_the_step_that_comes_and_not_the_one_that_is_done(tmp_path: Path) -> None:
    with Store.open(tmp_path, "me") as store:
        map, session = Map(course(), store), Session(lesson(LESSON), store)

        def words() -> str:
            place = map.board().place(lesson(LESSON).id)
            assert place is not None
            return place.words

        assert words() == "not begun"
        session.record(ev.Replied("warm-up", "the others"))
        assert words() == "step 1 of 7"
        session.record(ev.Judged("warm-up", "right", tuple(e.id for e in session.state.listen.expects)))  # type: ignore[union-attr]
        assert words() == "step 2 of 7"
        for step in list(session.lesson.steps)[1:]:
            session.record(ev.Skipped(step.id))
        assert words() == "skipped"


@pytest.mark.parametrize(
    "event",
    [ev.RunFinished("run", {}), ev.Replied("warm-up", None), ev.Judged("warm-up", "right", None)],  # type: ignore[arg-type]
)
def test_one_event_that_is_none_does_not_take_the_map_with_it(tmp_path: Path, event: ev.Event) -> None:
    with Store.open(tmp_path, "me") as store:
        session = Session(lesson(LESSON), store)
        session.record(ev.Replied("warm-up", "the others"))
        store.append(session.lesson.id, event)
        place = Map(course(), store).board().place(session.lesson.id)
        assert place is not None
        assert place.state == "begun"


def test_go_on_offers_what_was_begun_then_what_is_new_and_ready(tmp_path: Path) -> None:
    both = course()
    with Store.open(tmp_path, "me") as store:
        first = Map(both, store).board()
        assert first.go_on is not None
        assert first.go_on.id == "what-comes-next", "the other builds on it"
        Session(lesson(LESSON), store).record(ev.Replied("warm-up", "the others"))
        then = Map(both, store).board()
        assert then.go_on is not None
        assert then.go_on.id == "silence-one-head"
        store.append("one-of-my-own", ev.Started(""))
        store.append("one-of-my-own", ev.Replied("warm-up", "the others"))
        assert Map(both, store).board().go_on == then.go_on, "what was taken from another folder is not on this map"
        for one in (FIRST, LESSON):
            store.append(lesson(one).id, ev.Started(""))
            store.append(lesson(one).id, ev.Finished(""))
        last = Map(both, store).board()
        assert last.go_on is None
        assert [p.words for a in last.areas for p in a.places] == ["done", "done"]
        store.append(lesson(LESSON).id, ev.Started(""))
        assert [p.words for a in Map(both, store).board().areas for p in a.places] == ["done", "again 1 of 7"]


@pytest.mark.parametrize("size", [(80, 3), (80, 4), (20, 5), (40, 6), (1, 1)])
async def test_turning_a_page_where_no_line_can_be_seen_does_nothing(begun: Path, size: tuple[int, int]) -> None:
    app = FakeApp(begun)
    async with app.run_test(size=size) as pilot:
        await until(pilot, lambda: app.home.board)
        await pilot.press("pageup", "pagedown", "pageup")
        assert app.return_code in (0, None)


async def test_where_every_lesson_is_done_the_map_opens_and_leads_to_the_record(tmp_path: Path) -> None:
    with Store.open(tmp_path, "me") as store:
        for one in (FIRST, LESSON):
            store.append(lesson(one).id, ev.Started(""))
            store.append(lesson(one).id, ev.Finished(""))
    app = FakeApp(tmp_path)
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: app.home.overview and "every lesson is done" in said(app))
        await pilot.press("j")
        await until(pilot, lambda: app.home.here and app.home.here.id == "what-comes-next")
        await pilot.press("k", "enter")
        await until(pilot, lambda: isinstance(app.screen, RecordScreen))


async def test_who_ends_the_last_lesson_comes_back_to_the_map(tmp_path: Path) -> None:
    with Store.open(tmp_path, "me") as store:
        store.append(lesson(FIRST).id, ev.Started(""))
        store.append(lesson(FIRST).id, ev.Finished(""))
    app = FakeApp(tmp_path)
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: app.home.board)
        await pilot.press("enter")
        await reach(pilot, Hear)
        assert isinstance(app.screen, LessonScreen)
        app.screen.session.record(ev.Finished(""))
        await pilot.press("escape")
        await until(pilot, lambda: app.screen is app.home and "every lesson is done" in said(app))
        assert app.home.map.highlighted == 0


async def test_a_lesson_that_was_skipped_from_end_to_end_is_not_done(tmp_path: Path) -> None:
    app = FakeApp(tmp_path)
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: app.home.board)
        app.open_lesson("what-comes-next")
        screen = await reach(pilot, AskBet)
        while not isinstance(screen.session.todo, Done):
            screen.record(ev.Skipped(screen.session.state.at or ""))
        await until(pilot, lambda: "You skipped all of “What comes next" in said(app) and "take it again" in said(app))
        await pilot.press("escape")
        await until(pilot, lambda: app.screen is app.home and "skipped" in said(app))
        board = app.home.board
        assert board is not None
        place = board.place("what-comes-next")
        assert place is not None
        assert (place.state, place.words, place.sign) == ("skipped", "skipped", "○")
        assert board.go_on is not None
        assert (board.go_on.id, board.go_on.first) == ("silence-one-head", ()), "nobody is asked to go back to it"
        app.open_lesson("what-comes-next")
        screen = await reach(pilot, AskBet)
        assert screen.session.state.number == 1, "there is nothing of it to look at: it begins"


def test_what_was_skipped_is_offered_when_nothing_else_is_left(tmp_path: Path) -> None:
    with Store.open(tmp_path, "me") as store:
        for one, skipped in ((FIRST, True), (LESSON, False)):
            store.append(lesson(one).id, ev.Started(""))
            store.append(lesson(one).id, ev.Finished("", skipped=skipped))
        offered = Map(course(), store).board().go_on
        assert offered is not None
        assert offered.id == "what-comes-next"
        store.append("what-comes-next", ev.Started(""))
        store.append("what-comes-next", ev.Finished(""))
        store.append("what-comes-next", ev.Started(""))
        store.append("what-comes-next", ev.Finished("", skipped=True))
        place = Map(course(), store).board().place("what-comes-next")
        assert place is not None
        assert place.words == "done", "it was taken once"


async def test_without_a_lesson_there_is_an_empty_map(tmp_path: Path) -> None:
    app = FakeApp(tmp_path, of=replace(course(), lessons=()))
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: app.home.overview)
        await pilot.press("j", "k", "enter", "r")
        assert app.home.here is None
        assert app.return_code is None
