"""Notes and search: a key at any time, what was written is found again, and it leads back to its place."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot

from engine.experiments import experiment
from tests.ui.drive import SIZES, bet, reach, said, to_observe, write
from tests.ui.look import drawn, lines, until
from tests.ui.stage import LESSON, FakeApp, lesson
from tutor import events as ev
from tutor.journal.store import Store
from tutor.session import Session
from tutor.todo import AskBet, Hear
from tutor.ui.screens.lesson import LessonScreen
from tutor.ui.screens.note import NoteCard
from tutor.ui.screens.notes import NotesScreen
from tutor.ui.screens.page import Page
from tutor.ui.screens.record import RecordScreen
from tutor.ui.screens.search import SearchScreen

ID = "silence-one-head"
MISS = ev.Scored("guess", 0, "choice", False, 0.1, 90, "The lead is gone", "It shrinks")


def noted(home: Path) -> list[tuple[str, str, str, str]]:
    with Store.read(home, "me") as store:
        return [(r.lesson, r.step, r.body["text"], r.body["about"]) for r in store.notes()]


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A home with a lesson taken to its end, another time begun, and some notes."""
    with Store.open(tmp_path, "me") as store:
        session = Session(lesson(LESSON), store)
        for text in ("one of many is nothing much", "it carries Mary"):
            session.record(ev.Said(session.state.at or "", "elicit", "If one of them fell silent?"))
            session.record(ev.Replied("warm-up", text))
            session.record(ev.Judged("warm-up", "right", ("redundancy", "lead")))
        store.append(ID, MISS)
        store.append(ID, ev.Replied("keep", "heads share the work [of] many"))
        store.append("", ev.Noted("", "does GPT-2 do the same?"))
        store.append("", ev.Noted("", "guessing the entropy first", "worked"))
        store.append("", ev.Noted("", "a prompt of 200 words", "failed"))
    return tmp_path


# --- a note at any time ---------------------------------------------------------------------------------------------


async def note(pilot: Pilot[Any], text: str, *then: str) -> NoteCard:
    await pilot.press("ctrl+t")
    await until(pilot, lambda: isinstance(pilot.app.screen, NoteCard) and pilot.app.focused)
    card = pilot.app.screen
    assert isinstance(card, NoteCard)
    await write(pilot, text, *then)
    return card


async def test_a_note_can_be_made_while_a_field_has_the_focus(tmp_path: Path) -> None:
    app = FakeApp(tmp_path, ID)
    async with app.run_test(size=(80, 24)) as pilot:
        screen = await reach(pilot, Hear, "warm-up")
        await write(pilot, "half a reply")
        await note(pilot, "why 270?", "enter")
        await until(pilot, lambda: app.screen is screen)
        assert noted(tmp_path) == [(ID, "warm-up", "why 270?", "question")]
        assert app.focused is screen.composer
        assert screen.composer.text == "half a reply"
        assert isinstance(screen.session.todo, Hear), "a note moves nothing"


async def test_a_note_can_be_made_in_a_bet_and_on_the_map(tmp_path: Path) -> None:
    app = FakeApp(tmp_path)
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: app.home.board)
        await note(pilot, "on the map", "tab", "enter")
        await until(pilot, lambda: app.screen is app.home)
        app.open_lesson(ID)
        await reach(pilot, Hear, "warm-up")
        await write(pilot, "right", "enter")
        await reach(pilot, AskBet)
        await note(pilot, "in a bet", "shift+tab", "enter")
        await bet(pilot)
        assert noted(tmp_path) == [("", "", "on the map", "worked"), (ID, "guess", "in a bet", "failed")]


async def test_what_was_not_kept_comes_back(tmp_path: Path) -> None:
    app = FakeApp(tmp_path)
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: app.home.board)
        await note(pilot, "half a thought", "escape")
        await until(pilot, lambda: app.screen is app.home)
        assert noted(tmp_path) == []
        await note(pilot, ", and the rest", "enter")
        await until(pilot, lambda: app.screen is app.home)
        assert noted(tmp_path) == [("", "", "half a thought, and the rest", "question")]
        await note(pilot, "", "enter")
        await until(pilot, lambda: app.screen is app.home)
        assert len(noted(tmp_path)) == 1, "nothing was typed, nothing is kept"


async def test_a_journal_that_refuses_a_note_keeps_the_words(tmp_path: Path) -> None:
    app = FakeApp(tmp_path)
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: app.home.board)
        app.desk.store._db.execute(  # type: ignore[union-attr]
            "CREATE TEMP TRIGGER full BEFORE INSERT ON events BEGIN SELECT RAISE(ABORT, 'no room'); END"
        )
        await note(pilot, "precious", "enter")
        await until(pilot, lambda: "Not kept" in said(app))
        assert "precious" in said(app)
        app.desk.store._db.execute("DROP TRIGGER temp.full")  # type: ignore[union-attr]
        await pilot.press("enter")
        await until(pilot, lambda: app.screen is app.home)
        assert noted(tmp_path) == [("", "", "precious", "question")]


# --- the notes ------------------------------------------------------------------------------------------------------


async def to_notes(pilot: Pilot[Any]) -> NotesScreen:
    app = pilot.app
    await until(pilot, lambda: app.home.board)  # type: ignore[attr-defined]
    await pilot.press("n")
    await until(pilot, lambda: isinstance(app.screen, NotesScreen) and app.screen.entries is not None)
    await pilot.pause()
    assert isinstance(app.screen, NotesScreen)
    return app.screen


@pytest.mark.parametrize("size", SIZES)
async def test_the_notes_are_listed_newest_first_and_by_kind(home: Path, size: tuple[int, int]) -> None:
    app = FakeApp(home)
    async with app.run_test(size=size) as pilot:
        screen = await to_notes(pilot)
        assert [e.who for e in screen.entries or []] == ["failed", "worked", "question", "takeaway", "surprise"]
        assert "● all 5" in said(app)
        for kind in ("takeaways 1", "surprises 1", "questions 1", "worked 1", "did not work 1"):
            assert f"○ {kind}" in said(app)
        assert "a prompt of 200 words" in said(app)
        assert max(len(line) for line in lines(app)) <= size[0]
        seen = []
        for _ in range(5):
            await pilot.press("right")
            await pilot.pause()
            seen.append([e.who for e in screen._rows])
        assert seen == [["takeaway"], ["surprise"], ["question"], ["worked"], ["failed"]]
        await pilot.press("right", "right")
        await pilot.pause()
        text = " ".join(said(app).split())
        assert "heads share the work [of] many" in text
        assert "Silence one head" in text
        assert f"{datetime.now():%Y-%m-%d}" in text


async def test_a_surprise_says_what_was_asked(tmp_path: Path) -> None:
    of = lesson(LESSON).steps[2].run  # type: ignore[union-attr]
    own = experiment("head_ablation").parse(of.parameters("m")).model_dump(mode="json")
    with Store.open(tmp_path, "me") as store:
        store.append(ID, replace(MISS, parameters=own))
        store.append(ID, replace(MISS, step="break-it", parameters={**own, "head": 0}))
        store.append(ID, replace(MISS, step="gone", parameters=own))
    app = FakeApp(tmp_path)
    async with app.run_test(size=(120, 40)) as pilot:
        screen = await to_notes(pilot)
        texts = [entry.text for entry in screen.entries or []]
        asks = "You silence head 3 of layer 23. What happens to the lead of “Mary” over “John”?"
        missed = "The lead is gone, 90 % sure → It shrinks"
        assert texts == [missed, f"{missed} (Now with head 0. {asks})", f"{missed} ({asks})"]
        await pilot.press("escape", "m")
        await until(pilot, lambda: isinstance(app.screen, RecordScreen))
        await pilot.press("n", "n", "n")
        await until(pilot, lambda: "You silence head 3" in " ".join(said(app).split()))
        assert "1 more is no longer asked by any lesson." in " ".join(said(app).split())


async def test_a_new_note_is_in_the_list_at_once(home: Path) -> None:
    app = FakeApp(home)
    async with app.run_test(size=(80, 24)) as pilot:
        screen = await to_notes(pilot)
        await pilot.press("n")
        await until(pilot, lambda: isinstance(app.screen, NoteCard))
        await write(pilot, "one more", "enter")
        await until(pilot, lambda: "one more" in said(app) and app.screen is screen)
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(app.screen, Page))
        await pilot.press("escape", "escape")
        await until(pilot, lambda: app.screen is app.home)


async def test_what_one_is_done_with_leaves_the_lists_and_comes_back(home: Path) -> None:
    app = FakeApp(home)
    async with app.run_test(size=(80, 24)) as pilot:
        screen = await to_notes(pilot)
        assert "x done with" in said(app)
        await pilot.press("x")
        await until(pilot, lambda: "all 4" in said(app) and "done with 1" in said(app))
        assert "a prompt of 200 words" not in said(app)
        await pilot.press("left")
        await until(pilot, lambda: "x open again" in said(app) and "a prompt of 200 words" in said(app))
        assert "e edit" not in said(app)
        await pilot.press("x")
        await until(pilot, lambda: "all 5" in said(app) and "done with 0" in said(app))
        await pilot.press("x", "e")  # there is nothing here to be done with
        await pilot.press("right")
        await until(pilot, lambda: screen.here and screen.here.text == "a prompt of 200 words")


async def test_a_note_can_be_edited_and_what_was_written_first_is_not_lost(home: Path) -> None:
    app = FakeApp(home)
    async with app.run_test(size=(80, 24)) as pilot:
        screen = await to_notes(pilot)
        for how in ("escape", "enter"):  # nothing was changed
            await pilot.press("e")
            await until(pilot, lambda: isinstance(app.screen, NoteCard) and app.focused)
            await until(pilot, lambda: "a prompt of 200 words" in said(app))
            await pilot.press(how)
            await until(pilot, lambda: app.screen is screen)
        assert len(noted(home)) == 3
        await pilot.press("e")
        await until(pilot, lambda: isinstance(app.screen, NoteCard) and app.focused)
        await write(pilot, ", all one", "tab", "enter")
        await until(pilot, lambda: app.screen is screen and "a prompt of 200 words, all one" in said(app))
        found = [(e.who, e.settled) for e in screen.entries or [] if "200" in e.text]
        assert found == [("question", False), ("failed", True)]
        screen.list.highlighted = len(screen._rows) - 1
        await pilot.press("e")  # a surprise is no note that one wrote
        await pilot.pause()
        assert app.screen is screen
        app.action_note()
        await until(pilot, lambda: isinstance(app.screen, NoteCard))
        assert app.screen.field.text == "", "the one that was edited is no draft of the next"  # type: ignore[attr-defined]


async def test_no_notes_say_so(tmp_path: Path) -> None:
    app = FakeApp(tmp_path)
    async with app.run_test(size=(60, 20)) as pilot:
        await to_notes(pilot)
        assert "Nothing yet." in said(app)
        await pilot.press("enter", "down", "right")


async def test_where_all_notes_are_done_with_the_list_says_so(tmp_path: Path) -> None:
    with Store.open(tmp_path, "me") as store:
        store.append("", ev.Noted("", "what is a head?", "question"))
    app = FakeApp(tmp_path)
    async with app.run_test(size=(80, 24)) as pilot:
        screen = await to_notes(pilot)
        await until(pilot, lambda: "what is a head?" in said(app))
        await pilot.press("x")
        await until(pilot, lambda: "Nothing here that you are not done with." in said(app))
        await pilot.press("left")
        await until(pilot, lambda: "what is a head?" in said(app))
        assert screen is app.screen


# --- search ---------------------------------------------------------------------------------------------------------


async def to_search(pilot: Pilot[Any], words: str) -> SearchScreen:
    app = pilot.app
    await until(pilot, lambda: app.home.board)  # type: ignore[attr-defined]
    app.action_search()  # type: ignore[attr-defined]
    await until(pilot, lambda: isinstance(app.screen, SearchScreen) and app.screen.entries is not None)
    screen = app.screen
    assert isinstance(screen, SearchScreen)
    await pilot.press(*words)
    await pilot.pause()
    return screen


@pytest.mark.parametrize("size", SIZES)
async def test_results_come_as_one_types(home: Path, size: tuple[int, int]) -> None:
    app = FakeApp(home)
    async with app.run_test(size=size) as pilot:
        screen = await to_search(pilot, "WORK")
        await until(pilot, lambda: "heads share the work" in said(app))
        assert [e.who for e in screen._rows] == ["you"]
        assert max(len(line) for line in lines(app)) <= size[0]
        await write(pilot, " zebra")
        await until(pilot, lambda: "Nothing holds: WORK zebra" in said(app))
        await pilot.press("escape")
        await until(pilot, lambda: app.screen is app.home)


async def test_a_result_leads_to_its_place_in_the_lesson(tmp_path: Path) -> None:
    app = FakeApp(tmp_path, ID)
    async with app.run_test(size=(80, 24)) as pilot:
        await to_observe(pilot)
        for step in ("look", "why"):
            await reach(pilot, Hear, step)
            await write(pilot, f"I see a lead that is smaller, said at {step}, and so much more " * 4, "enter")
        await reach(pilot, Hear, "why")
        app.screen.action_home()  # type: ignore[attr-defined]
        await until(pilot, lambda: app.screen is app.home)
        screen = await to_search(pilot, "fell SILENT")
        await until(pilot, lambda: [e.who for e in screen._rows] == ["tutor"])
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(app.screen, LessonScreen))
        talk = app.screen.talk  # type: ignore[attr-defined]
        await until(pilot, lambda: talk.query(".-found"))
        (found,) = talk.query(".-found")
        assert "fell silent" in found.body.plain
        await until(pilot, lambda: talk.region.contains_region(found.region) and found.region.height)
        assert isinstance(app.screen, LessonScreen)
        assert isinstance(app.screen.session.todo, Hear), "the lesson is where it was"


async def test_search_over_a_lesson_leads_into_it_and_not_beside_it(tmp_path: Path) -> None:
    app = FakeApp(tmp_path, ID)
    async with app.run_test(size=(80, 24)) as pilot:
        await reach(pilot, Hear, "warm-up")
        await write(pilot, "half a reply")
        screen = await to_search(pilot, "attention")
        await until(pilot, lambda: screen._rows)
        await pilot.press("enter")
        lesson = await reach(pilot, Hear, "warm-up")
        assert app.screen_stack == [app.home, lesson]
        assert lesson.composer.text == "half a reply"
        await pilot.press("escape")
        await until(pilot, lambda: app.screen is app.home)


async def test_a_result_of_an_earlier_time_is_shown_whole(home: Path) -> None:
    with Store.open(home, "me") as store:
        store.append(ID, ev.Started("", model="m"))
    app = FakeApp(home)
    async with app.run_test(size=(80, 24)) as pilot:
        await to_search(pilot, "nothing much")
        await until(pilot, lambda: "one of many is" in said(app))
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(app.screen, Page))
        await until(pilot, lambda: "one of many is nothing much" in said(app))


# --- when a bet was locked ------------------------------------------------------------------------------------------


async def test_a_bet_shows_when_it_was_locked_after_a_resume(tmp_path: Path) -> None:
    then = datetime.now().astimezone() - timedelta(days=40)
    with Store.open(tmp_path, "me", lambda: then) as store:
        session = Session(lesson(LESSON), store)
        session.record(ev.Skipped("warm-up"))
        session.record(ev.Predicted("guess", "dent", "others help", 70))
    app = FakeApp(tmp_path, ID)
    async with app.run_test(size=(120, 40)) as pilot:
        await reach(pilot, Hear, "look")
        text = " ".join(said(app).split())
        assert f"locked {then.day} {then:%B %H:%M}" in text


async def test_who_closes_a_hit_is_back_at_it(home: Path) -> None:
    app = FakeApp(home)
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: app.overview)
        await pilot.press("s")
        await until(pilot, lambda: isinstance(app.screen, SearchScreen) and app.focused)
        await write(pilot, "the")
        found = app.screen
        assert isinstance(found, SearchScreen)
        await until(pilot, lambda: found.list.option_count > 1)
        await pilot.press("down")
        await until(pilot, lambda: found.here and found.here.lesson == "")
        at = found.list.highlighted
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(app.screen, Page))
        await pilot.press("escape")
        await until(pilot, lambda: app.screen is found)
        await drawn(pilot)
        assert found.list.highlighted == at
