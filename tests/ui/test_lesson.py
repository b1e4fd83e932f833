"""A lesson on the screen: what is asked, what is shown, at every size."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from engine.errors import EngineDied, ModelUnavailable
from tests.ui.drive import ID, SIZES, bet, reach, said, screen, skip_all, to_observe, to_tweak, write
from tests.ui.look import focus_on, lines, until
from tests.ui.snapshots import settle
from tests.ui.stage import FIRST, FakeApp, FakeBench, course
from tutor import events as ev
from tutor.dialogue.authored import Authored
from tutor.journal.store import Store
from tutor.todo import AskBet, ChooseTweak, Done, Hear, Retry, RunNow
from tutor.ui.screens.confirm import Confirm
from tutor.ui.screens.tries import TriesScreen
from tutor.ui.widgets.bet import BetCard
from tutor.ui.widgets.choices import Choices
from tutor.ui.widgets.composer import Field
from tutor.ui.widgets.rule import Rule
from tutor.ui.widgets.sure import Sure

# --- the whole way ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("size", SIZES)
async def test_a_whole_lesson(tmp_path: Path, size: tuple[int, int]) -> None:
    app = FakeApp(tmp_path, ID)
    async with app.run_test(size=size) as pilot:
        await to_tweak(pilot)
        assert "0.50 of the lead is gone." in [t.plain for _, _, t in screen(app).talk.items]
        await pilot.press("backspace", "0", "enter")
        await until(pilot, lambda: screen(app).query(BetCard))
        assert "Now with layer 0, head 2. " in screen(app).talk.last_said
        await bet(pilot, "3")
        await reach(pilot, Hear, "break-it")  # it was sure of that, and something else happened
        await until(pilot, lambda: "in a line, or enter goes on" in said(app))
        await pilot.press("enter")
        await reach(pilot, ChooseTweak)
        assert app.fake.ran[-1]["layer"] == 0
        await pilot.press("ctrl+g")
        await reach(pilot, Hear, "keep")
        await write(pilot, "heads share their work", "enter")
        await reach(pilot, Done)
        await until(pilot, lambda: "2 bets, 1 as you said." in " ".join(said(app).split()))
        assert "enter next: What comes next" in said(app), "what the map offers next"
        await until(pilot, lambda: "layer 0: " in said(app))  # two bets on one question are told apart
        await pilot.press("h")
        await until(pilot, lambda: app.screen is app.home and "done" in said(app))
    with Store.read(tmp_path, "me") as store:
        kinds = [r.kind for r in store.records(ID)]
        assert store.progress()[ID].done
    assert kinds.index("predicted") < kinds.index("runfinished"), "no run before its bet"


async def test_the_end_leads_on_to_the_next_lesson(tmp_path: Path) -> None:
    app = FakeApp(tmp_path, ID)
    async with app.run_test(size=(80, 24)) as pilot:
        await skip_all(pilot)
        await until(pilot, lambda: "next: What comes next" in said(app))
        await pilot.press("enter")
        await until(pilot, lambda: screen(app) and screen(app).session.lesson.title.startswith("What comes next"))


async def test_what_can_be_done_at_the_end_can_be_clicked(tmp_path: Path) -> None:
    app = FakeApp(tmp_path, ID)
    async with app.run_test(size=(80, 24)) as pilot:
        lesson = await skip_all(pilot)
        await until(pilot, lambda: "take it again" in said(app))
        await pilot.press("tab")
        await until(pilot, lambda: lesson.side.focused_here)
        await pilot.click("#choices", offset=(2, 1))
        await until(pilot, lambda: app.screen is app.home)


async def test_a_key_too_many_at_the_end_closes_nothing_else(tmp_path: Path) -> None:
    app = FakeApp(tmp_path, ID)
    async with app.run_test(size=(80, 24)) as pilot:
        lesson = await reach(pilot, object)
        lesson.action_home()
        lesson.action_home()  # as two quick keys do, before the screen is gone
        lesson.dismiss("next")
        await until(pilot, lambda: app.screen is app.home)
        await pilot.pause()
        assert app.screen is app.home


async def test_again_at_the_end_asks_first(tmp_path: Path) -> None:
    app = FakeApp(tmp_path, ID)
    async with app.run_test(size=(80, 24)) as pilot:
        lesson = await skip_all(pilot)
        await until(pilot, lambda: "take it again" in said(app) and isinstance(app.focused, Choices))
        await pilot.press("r")
        await until(pilot, lambda: isinstance(app.screen, Confirm))
        await pilot.press("escape")
        await until(pilot, lambda: app.screen is lesson)
        await pilot.press("r", "enter")
        await until(pilot, lambda: app.screen is not lesson and screen(app).session.state.at == "warm-up")


async def test_ctrl_u_takes_the_whole_line_also_where_it_is_broken(tmp_path: Path) -> None:
    app = FakeApp(tmp_path, ID)
    async with app.run_test(size=(60, 20)) as pilot:
        lesson = await reach(pilot, Hear)
        await write(pilot, "a reply that is long enough to be broken into two lines, or three", "ctrl+u")
        await until(pilot, lambda: not lesson.composer.text)


async def test_a_locked_bet_is_one_line_with_its_time(tmp_path: Path) -> None:
    app = FakeApp(tmp_path, ID)
    async with app.run_test(size=(120, 40)) as pilot:
        lesson = await to_observe(pilot)
        line = next(t.plain for kind, _, t in lesson.talk.items if kind == "bet")
        assert line.startswith("It shrinks, Mary still wins · 70 % · because others help · locked ")
        assert not lesson.query(BetCard)


async def test_two_tabs_in_a_row_lead_back_to_where_one_writes(tmp_path: Path) -> None:
    app = FakeApp(tmp_path, ID)
    async with app.run_test(size=(80, 24)) as pilot:
        lesson = await reach(pilot, Hear)
        lesson.action_swap()
        lesson.action_swap()
        await settle(pilot)
        assert app.focused is lesson.composer


@pytest.mark.parametrize("size", SIZES)
async def test_nothing_that_can_be_focused_is_off_the_screen(tmp_path: Path, size: tuple[int, int]) -> None:
    app = FakeApp(tmp_path, ID)
    async with app.run_test(size=size) as pilot:

        def inside() -> None:
            focused = app.focused
            assert focused is not None
            region = focused.region
            assert region.x >= 0
            assert region.right <= size[0]
            assert 0 <= region.y < size[1]
            assert all(len(line) <= size[0] for line in lines(app))

        await reach(pilot, Hear)
        inside()
        await write(pilot, "right", "enter")
        await reach(pilot, AskBet)
        for _ in range(4):  # the three fields, the figure, and back
            await until(pilot, lambda: screen(app).query(BetCard))
            inside()
            await pilot.press("tab")
        await focus_on(pilot, "sure")  # from the figure back to where one was
        await pilot.press("shift+tab", "shift+tab")
        await bet(pilot)
        await reach(pilot, Hear, "look")
        inside()
        await pilot.press("tab")
        await pilot.pause()
        inside()


# --- the bet ----------------------------------------------------------------------------------------------------------


async def test_a_bet_needs_all_three(tmp_path: Path) -> None:
    app = FakeApp(tmp_path, ID)
    async with app.run_test(size=(80, 24)) as pilot:
        await reach(pilot, Hear)
        await write(pilot, "right", "enter")
        lesson = await reach(pilot, AskBet)
        await focus_on(pilot, "answer")
        lesson.query_one(Sure).focus()
        await pilot.press("5", "enter")
        await until(pilot, lambda: "Your bet is missing" in said(app))
        await pilot.press("1", "enter", "enter")
        await until(pilot, lambda: "needs a reason" in said(app))
        assert isinstance(lesson.session.todo, AskBet), "nothing is locked yet"
        await write(pilot, "what is a logit?", "enter")
        await until(pilot, lambda: "Now your reason" in " ".join(said(app).split()))
        await write(pilot, "so")
        assert lesson.query_one("#reason", Field).text == "so", "the reason takes the place of the question"
        await pilot.press("enter", "enter")
        await reach(pilot, Hear, "look")


async def test_confidence_is_unset_until_it_is_set(tmp_path: Path) -> None:
    app = FakeApp(tmp_path, ID)
    async with app.run_test(size=(80, 24)) as pilot:
        await reach(pilot, Hear)
        await write(pilot, "right", "enter")
        lesson = await reach(pilot, AskBet)
        await until(pilot, lambda: lesson.query(BetCard) and app.focused and app.focused.id == "answer")
        sure = lesson.query_one(Sure)
        assert sure.value is None
        sure.focus()
        for keys, value in {"7": 70, "70": 70, "100": 100, "0": 0, "5": 50, "65": 65, "010": 10, "10": 10}.items():
            await pilot.press("home", *keys)
            assert sure.value == value, keys
        await pilot.press("left")
        assert sure.value == 0
        await pilot.press("left", "right")
        assert sure.value == 10
        await pilot.press("7", "5", "backspace")
        assert sure.value == 70
        await pilot.press("backspace")
        assert sure.value is None


async def test_more_than_100_percent_is_said_and_locks_nothing(tmp_path: Path) -> None:
    app = FakeApp(tmp_path, ID)
    async with app.run_test(size=(80, 24)) as pilot:
        await reach(pilot, Hear)
        await write(pilot, "right", "enter")
        lesson = await reach(pilot, AskBet)
        await until(pilot, lambda: lesson.query(BetCard) and app.focused and app.focused.id == "answer")
        await pilot.press("1", "enter", "s", "o", "enter", "9", "0", "0")
        sure = lesson.query_one(Sure)
        await until(pilot, lambda: "900 is more than 100 %" in said(app))
        assert sure.value is None
        await pilot.press("backspace")
        assert sure.value == 90
        await pilot.press("5")
        await until(pilot, lambda: "905 is more than 100 %" in said(app))
        await pilot.press("enter")
        await until(pilot, lambda: "How sure are you?" in said(app))
        assert isinstance(lesson.session.todo, AskBet), "nothing is locked"
        await pilot.press("1", "0", "0")
        assert sure.value == 100
        await until(pilot, lambda: "How sure are you?" not in said(app))


async def test_a_token_shows_its_leading_space_and_a_number_its_range(tmp_path: Path) -> None:
    app = FakeApp(tmp_path, "what-comes-next", of=course(FIRST))
    async with app.run_test(size=(80, 24)) as pilot:
        await reach(pilot, AskBet, "guess")
        await focus_on(pilot, "answer")
        await write(pilot, " Paris")
        await until(pilot, lambda: "·Paris" in said(app))
        await pilot.press("enter", "a", "enter", "9", "enter")
        await reach(pilot, AskBet, "sure")
        await until(pilot, lambda: "a number from 0 to 1" in said(app))
        await write(pilot, "7", "enter")
        await until(pilot, lambda: "outside the range" in " ".join(said(app).split()))
        await pilot.press("backspace")
        await write(pilot, "75%", "enter", "b", "enter", "5", "enter")
        lesson = await reach(pilot, Hear, "keep")
        assert [b.answer for b in lesson.session.state.bets] == [" Paris", 0.75]
        assert all(b.verdict and b.verdict.right for b in lesson.session.state.bets)


# --- runs that do not end well ----------------------------------------------------------------------------------------


async def test_a_dead_engine_is_one_line_and_enter_runs_again(tmp_path: Path) -> None:
    app = FakeApp(tmp_path, ID, bench=FakeBench(fail=EngineDied("The engine was killed (signal 9).")))
    async with app.run_test(size=(80, 24)) as pilot:
        await reach(pilot, Hear)
        await write(pilot, "right", "enter")
        await bet(pilot)
        await reach(pilot, Retry)
        await until(pilot, lambda: "The engine was killed (signal 9)." in said(app))
        await until(pilot, lambda: isinstance(app.focused, Choices))
        await pilot.press("enter")
        await reach(pilot, Hear, "look")


async def test_a_run_shows_progress_and_figures_and_escape_cancels_it(tmp_path: Path) -> None:
    bench = FakeBench(hold=asyncio.Event())
    app = FakeApp(tmp_path, ID, bench=bench)
    async with app.run_test(size=(120, 40)) as pilot:
        await reach(pilot, Hear)
        await write(pilot, "right", "enter")
        await bet(pilot)
        lesson = await reach(pilot, RunNow)
        await until(pilot, lambda: "12 of 30 layers" in lesson.query_one(Rule).words)
        await until(pilot, lambda: "TWEAK" in said(app), 5)
        assert "esc cancel" in said(app)
        await pilot.press("escape")
        await until(pilot, lambda: bench.cancelled)


async def test_a_model_that_cannot_be_had_is_said_and_the_talk_goes_on(tmp_path: Path) -> None:
    bench = FakeBench()
    bench.unavailable = ModelUnavailable("smollm2-135m is not here: run `llmw-tutor models --fetch smollm2-135m`.")
    app = FakeApp(tmp_path, ID, bench=bench)
    async with app.run_test(size=(80, 24)) as pilot:
        await reach(pilot, Hear)
        await until(pilot, lambda: "models --fetch" in said(app))
        await write(pilot, "right", "enter")
        await reach(pilot, AskBet)


async def test_a_figure_is_there_after_the_talk_was_scrolled(tmp_path: Path) -> None:
    app = FakeApp(tmp_path, ID)
    async with app.run_test(size=(80, 24)) as pilot:
        await reach(pilot, Hear, "warm-up")
        await write(pilot, "long words " * 60 + "right", "enter")
        await bet(pilot)
        lesson = await reach(pilot, Hear, "look")
        assert lesson.talk.max_scroll_y > 0
        await pilot.press("pageup", "tab")
        await until(pilot, lambda: "TWEAK" in said(app) and "t table" in said(app))


async def test_the_talk_goes_to_its_end_when_the_learner_commits_something(tmp_path: Path) -> None:
    app = FakeApp(tmp_path, ID)
    async with app.run_test(size=(80, 24)) as pilot:
        await reach(pilot, Hear, "warm-up")
        await write(pilot, "long words " * 90 + "right", "enter")
        lesson = await reach(pilot, AskBet)
        talk = lesson.talk

        async def scroll_up() -> None:
            await until(pilot, lambda: talk.scroll_y == talk.max_scroll_y > 0)
            await pilot.press("pageup")
            await until(pilot, lambda: talk.scroll_y < talk.max_scroll_y - 3)
            await pilot.pause()

        await scroll_up()
        at = talk.scroll_y
        await pilot.press("2", "enter", "s", "o")
        assert talk.scroll_y == at, "nothing new came"
        await pilot.press("enter", "7", "enter")
        await reach(pilot, Hear, "look")
        await until(pilot, lambda: talk.scroll_y == talk.max_scroll_y and "what do you see?" in said(app))
        await scroll_up()
        await write(pilot, "it shrank", "enter")
        await reach(pilot, Hear, "why")
        await until(pilot, lambda: talk.scroll_y == talk.max_scroll_y and "without going away?" in said(app))


async def test_letters_typed_at_a_bet_are_no_commands(tmp_path: Path) -> None:
    app = FakeApp(tmp_path, ID)
    app.copied = ""
    async with app.run_test(size=(80, 24)) as pilot:
        await to_tweak(pilot)
        await pilot.press("ctrl+u", "5", "enter")
        lesson = await reach(pilot, AskBet)
        await focus_on(pilot, "answer")
        await pilot.press(*"why they hum")
        await pilot.pause()
        assert app.screen is lesson
        assert not app.copied
        await focus_on(pilot, "answer")
        await pilot.press("f2")
        await until(pilot, lambda: isinstance(app.screen, TriesScreen))


async def test_a_question_in_place_of_what_is_seen_is_no_answer_yet(tmp_path: Path) -> None:
    app = FakeApp(tmp_path, ID)
    async with app.run_test(size=(80, 24)) as pilot:
        await to_observe(pilot)
        await write(pilot, "what is a logit?", "enter")
        await until(pilot, lambda: said(app).count("what do you see?") == 2)
        await reach(pilot, Hear, "look")
        await write(pilot, "it shrank; what is a head?", "enter")
        await reach(pilot, Hear, "why")
    with Store.read(tmp_path, "me") as store:
        asked = [(e.text, e.asks) for e in store.events(ID) if isinstance(e, ev.Replied) and e.step == "look"]
    assert asked == [("what is a logit?", "only"), ("it shrank; what is a head?", "beside")]


async def test_how_large_the_model_is_may_be_asked(tmp_path: Path) -> None:
    app = FakeApp(tmp_path, ID, voice=Authored())
    async with app.run_test(size=(80, 24)) as pilot:
        await reach(pilot, Hear)
        await write(pilot, "How many layers does it have?", "enter")
        await until(pilot, lambda: "This model has 30 layers, counted from 0." in said(app))


class Odd(FakeBench):
    async def run(self, *_: object) -> Any:
        raise RuntimeError("odd")


async def test_after_a_run_that_broke_in_a_way_nobody_foresaw_escape_leads_home(tmp_path: Path) -> None:
    app = FakeApp(tmp_path, ID, bench=Odd())
    async with app.run_test(size=(80, 24)) as pilot:
        await reach(pilot, Hear, "warm-up")
        await write(pilot, "right", "enter")
        await bet(pilot)
        await until(pilot, lambda: "Something in the tutor went wrong" in said(app))
        await pilot.press("escape")
        await until(pilot, lambda: app.screen is app.home)
