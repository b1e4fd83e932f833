"""Each kind of bet on its card: by keys, by mouse, and what is said where something is missing."""

from __future__ import annotations

from typing import Any

import pytest

from tests.ui.cards import BY_KEYS, MODEL, QUESTIONS, question, table
from tests.ui.look import Stage, focus_on, lines, until
from tests.ui.snapshots import settle
from tests.ui.stage import FakeBench
from tutor.course.format import Number
from tutor.predict import parse
from tutor.ui.look import Look
from tutor.ui.widgets.answers.cell import CellAnswer
from tutor.ui.widgets.answers.curve import CurveAnswer
from tutor.ui.widgets.answers.fields import NumberAnswer
from tutor.ui.widgets.bet import BetCard
from tutor.ui.widgets.sure import Sure


@pytest.mark.parametrize("kind", QUESTIONS)
async def test_a_bet_is_made_with_the_keys_alone(kind: str) -> None:
    keys, answer = BY_KEYS[kind]
    async with table(kind) as (app, pilot):
        await pilot.press(*keys.split())
        await until(pilot, lambda: app.drafts.get("answer") == app.value != "")
        assert parse(question(kind), app.value) == answer
        await pilot.press("enter", "s", "o", "enter", "7", "enter")
        await until(pilot, lambda: app.locked)
        assert (app.locked[0].answer, app.locked[0].reason, app.locked[0].confidence) == (answer, "so", 70)


@pytest.mark.parametrize("kind", QUESTIONS)
async def test_at_every_size_the_whole_card_is_there_and_another_size_changes_nothing(kind: str) -> None:
    async with table(kind) as (app, pilot):
        await pilot.press(*BY_KEYS[kind][0].split())
        before = app.value
        for size in ((60, 20), (120, 40), (50, 24), (80, 24)):
            await pilot.resize_terminal(*size)
            await until(pilot, lambda size=size: app.size == size)  # type: ignore[misc]
            await settle(pilot)
            for field in ("#answer", "#reason", "#sure"):
                region = app.query_one(field).region
                assert 0 <= region.y < region.bottom <= size[1] - 4, field  # header, rule, keys and a line of talk
                assert region.right <= size[0]
            assert app.card.region.height <= size[1] * 0.7
            assert all(len(line) <= size[0] for line in lines(app))
            assert app.value == before
            assert app.focused is not None
            assert app.focused.id == "answer"
        await pilot.press("enter")
        await focus_on(pilot, "reason")


@pytest.mark.parametrize("kind", QUESTIONS)
async def test_a_draft_comes_back_as_it_was(kind: str) -> None:
    async with table(kind) as (app, pilot):
        await pilot.press(*BY_KEYS[kind][0].split())
        await until(pilot, lambda: app.drafts.get("answer"))
        kept, shown = dict(app.drafts), app.value
    async with table(kind, drafts=kept) as (app, pilot):
        assert app.value == shown
        assert not app.drafts, "nothing is edited by showing it"


OTHER_ENTER = ("ranking", "cell", "positions", "distribution")
"""Kinds where enter takes what is there, or goes to the next row."""


@pytest.mark.parametrize("kind", [k for k in QUESTIONS if k not in OTHER_ENTER])
async def test_enter_without_an_answer_says_what_is_missing(kind: str) -> None:
    async with table(kind) as (app, pilot):
        await pilot.press("enter")
        await until(pilot, lambda: "Your bet is missing: " in app.said)
        assert app.card.answer.missing.split(":")[0] in " ".join(app.said.split())
        assert app.focused
        assert app.focused.id == "answer"


@pytest.mark.parametrize("kind", QUESTIONS)
async def test_no_card_locks_without_an_answer(kind: str) -> None:
    async with table(kind) as (app, pilot):
        app.query_one("#reason").focus()
        await pilot.press("s", "o", "enter", "5", "enter")
        await until(pilot, lambda: "Your bet is missing" in app.said)
        assert not app.locked
        assert app.query_one(Sure).value == 50


async def test_enter_takes_the_option_that_was_pointed_at_and_not_one_that_was_only_there() -> None:
    async with table("choice") as (app, pilot):
        await pilot.press("enter")
        await until(pilot, lambda: "Your bet is missing: choose with a digit" in app.said)
        assert not app.value
        await pilot.press("down", "enter")
        await focus_on(pilot, "reason")
        assert app.value


# --- one by one -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("width", [40, 46, 54, 60, 80, 120])
async def test_what_can_be_typed_as_a_number_is_said_whole_however_little_room_there_is(width: int) -> None:
    async with table("number", size=(width, 20)) as (app, pilot):
        answer = app.query_one(NumberAnswer)
        await until(pilot, lambda: any(answer.hint in row for row in app.said.splitlines()))
        assert "from 0 to 1" in answer.hint


async def test_free_words_that_the_run_cannot_settle_are_doubted_once() -> None:
    async with table("text") as (app, pilot):
        await pilot.press(*"fine", "enter")
        await until(pilot, lambda: "Nothing in these words can be checked by the run" in app.said)
        await pilot.press(*" or", "enter")
        await until(pilot, lambda: "Nothing in these words" in app.said)
        await pilot.press("enter")
        await focus_on(pilot, "reason")
        await pilot.press("s", "o", "enter", "5", "enter")
        await until(pilot, lambda: app.locked)
        assert app.locked[0].answer == "fine or"


async def test_free_words_that_nobody_doubted_yet_are_not_locked() -> None:
    async with table("text") as (app, pilot):
        await pilot.press(*"fine", "tab", "s", "o", "enter", "5", "enter")
        await until(pilot, lambda: "Nothing in these words" in app.said)
        assert not app.locked
        assert app.focused
        assert app.focused.id == "answer"


async def test_a_second_enter_takes_the_order_as_it_stands() -> None:
    async with table("ranking") as (app, pilot):
        await pilot.press("enter")
        await until(pilot, lambda: "press enter once more for the order as it stands" in " ".join(app.said.split()))
        assert app.value == ""
        await pilot.press("enter")
        await until(pilot, lambda: app.value == "mary john the him")
        await focus_on(pilot, "reason")


async def test_space_holds_a_row_and_the_arrows_move_it() -> None:
    async with table("ranking") as (app, pilot):
        await pilot.press("space", "down", "down", "down", "down")
        assert app.value == "john the him mary"
        assert app.focused
        assert app.focused.id == "answer", "held, it does not leave the list"
        await pilot.press("space", "up")
        assert app.value == "john the him mary", "let go, the arrows move the cursor"
        await pilot.press("down", "down")
        await focus_on(pilot, "reason")


async def test_rows_are_moved_with_the_mouse() -> None:
    async with table("ranking") as (app, pilot):
        await pilot.click("#answer", offset=(6, 0))
        assert app.value == "john mary the him"
        await pilot.click("#answer", offset=(4, 3))
        assert app.value == "john mary him the"
        await pilot.mouse_down("#answer", offset=(12, 0))
        await pilot.hover("#answer", offset=(12, 2))
        await pilot.mouse_up("#answer", offset=(12, 2))
        assert app.value == "mary him john the"
        await pilot.hover("#answer", offset=(12, 0))
        assert app.value == "mary him john the", "the button is up"


async def test_a_cell_is_pointed_at_with_the_mouse() -> None:
    async with table("cell") as (app, pilot):
        answer = app.query_one(CellAnswer)
        await pilot.click(answer, offset=(6 + 5 * 3, 1 + 2))
        assert app.value == "2 3"
        assert "layer 2, head 3" in app.said
        await pilot.press("2", "3")
        assert app.value == "23 3"
        y = next(i for i, line in enumerate(lines(app)) if " 20 " in line) - answer.region.y
        await pilot.click(answer, offset=(6, y))
        assert app.value == "20 0", "also where it is scrolled"
        await pilot.click(answer, offset=(2, y))
        assert app.value == "20 0", "the names of the layers are no cells"


async def test_digits_that_make_no_layer_begin_anew() -> None:
    async with table("cell") as (app, pilot):
        seen = []
        for key in ("2", "9", "9", "right", "3", "1"):
            await pilot.press(key)
            seen.append(app.value)
        assert seen == ["2 0", "29 0", "9 0", "9 1", "3 1", "1 1"]


async def test_positions_are_named_with_the_tokens_of_the_prompt() -> None:
    async with table("positions", (120, 40)) as (app, pilot):
        await until(pilot, lambda: "·Mary" in app.said)
        await pilot.press("home", *["right"] * 7)
        assert "layer 0, position 7  ·北京" in app.said
        await pilot.press("end", "right")
        assert app.value == "0 8", "there are no more tokens"


async def test_without_the_tokens_positions_are_numbers() -> None:
    bench = FakeBench(loaded=MODEL)
    bench.down = True
    async with table("positions", bench=bench) as (app, pilot):
        await pilot.press("5", *["right"] * 4)
        assert app.value == "5 4"
        assert "layer 5, position 4" in app.said


@pytest.mark.parametrize("kind", ["curve", "cell"])
async def test_what_needs_the_model_waits_for_it(kind: str) -> None:
    bench = FakeBench()
    async with table(kind, bench=bench) as (app, pilot):
        assert "still being loaded" in app.said
        await pilot.press("up", "7", "delete", "right", "enter")
        assert app.value == ""
        await pilot.click("#answer")
        await bench.prepare(MODEL)
        await until(pilot, lambda: "still being loaded" not in app.said)
        app.query_one("#answer").focus()
        await pilot.press("7")
        assert app.value == {"curve": "0:11.2", "cell": "7 0"}[kind]


async def test_a_curve_is_drawn_with_the_mouse() -> None:
    async with table("curve") as (app, pilot):
        answer = app.query_one(CurveAnswer)
        plot = answer.plot
        end = plot.left + plot.columns - 1
        await pilot.mouse_down(answer, offset=(plot.left, 0))
        await pilot.hover(answer, offset=(end, plot.rows - 1))
        await pilot.mouse_up(answer, offset=(end, plot.rows - 1))
        points: Any = parse(question("curve"), app.value)
        values = [value for _, value in points]
        assert len(values) == 30, "a quick hand leaves no layer out"
        assert values[0] == 16
        assert values[-1] == 0
        assert values == sorted(values, reverse=True)
        before = app.value
        await pilot.hover(answer, offset=(plot.left + 5, 0))
        assert app.value == before, "the button is up"


async def test_a_curve_between_its_points_is_straight_and_marked_as_not_drawn() -> None:
    async with table("curve") as (app, pilot):
        await pilot.press("5", "end", "0", "left")
        assert "in between" in app.said
        assert app.query_one(CurveAnswer).curve[28] == pytest.approx(8 / 29)
        await pilot.press("end")
        assert "in between" not in app.said
        await pilot.press("delete")
        assert app.value == "0:8"
        await pilot.press("home", "backspace")
        assert app.value == ""


async def test_chips_cannot_be_more_than_there_are() -> None:
    async with table("distribution") as (app, pilot):
        await pilot.press("1", "5", "down", "9")
        assert app.value == "15 5 0 0 0"
        assert "all 20 chips are placed" in app.said
        await pilot.press("down", "right")
        assert app.value == "15 5 0 0 0"


async def test_enter_goes_from_row_to_row_while_chips_are_left() -> None:
    async with table("distribution") as (app, pilot):
        await pilot.press("enter", "9", "enter", "9")
        assert app.value == "0 9 9 0 0"
        await pilot.press("enter", "enter", "enter")
        await until(pilot, lambda: "2 are left to put down" in app.said)
        assert app.focused
        assert app.focused.id == "answer", "chips in the hand are no answer yet"
        await pilot.press("2", "up", "up", "enter")
        await focus_on(pilot, "reason")


@pytest.mark.parametrize(("size", "pitch"), [((80, 24), 2), ((60, 20), 1)])
async def test_chips_are_put_with_the_mouse(size: tuple[int, int], pitch: int) -> None:
    async with table("distribution", size) as (app, pilot):
        start = 2 + len("something else") + 2
        await pilot.click("#answer", offset=(start + pitch * 11, 0))
        await pilot.mouse_down("#answer", offset=(start, 3))
        await pilot.hover("#answer", offset=(start + pitch * 4, 3))
        await pilot.mouse_up("#answer", offset=(start + pitch * 4, 3))
        assert app.value == "12 0 0 5 0"
        await pilot.click("#answer", offset=(start - 1, 0))
        assert app.value == "0 0 0 5 0"


async def test_chips_half_put_are_kept_as_a_draft() -> None:
    async with table("distribution", drafts={"answer": "12 3 0 0 0"}) as (app, _):
        assert app.value == "12 3 0 0 0"
        assert "5 chips left" in app.said
    async with table("distribution", drafts={"answer": "Paris 12, London 3, else 5"}) as (app, _):
        assert app.value == "12 3 0 0 5", "what was typed in the plain mode is understood as well"


async def test_an_interval_is_read_again_aloud() -> None:
    async with table("number") as (app, pilot):
        await pilot.press(*"10-20", "percent_sign")
        await until(pilot, lambda: "= 0.10 to 0.20" in app.said)
        await pilot.press("enter")
        await focus_on(pilot, "reason")


async def test_a_question_in_place_of_a_reason_is_answered_and_locks_nothing() -> None:
    async with table("choice") as (app, pilot):
        await pilot.press("1", "enter", *"what is a logit?", "enter")
        await until(pilot, lambda: any("A logit is the number" in line for line in lines(app)))
        assert app.focused is not None
        assert app.focused.id == "reason"
        assert not app.locked


async def test_so_is_one_in_place_of_the_answer() -> None:
    async with table("number") as (app, pilot):
        await pilot.press(*"what is a logit?", "enter")
        await until(pilot, lambda: any("A logit is the number" in line for line in lines(app)))
        await focus_on(pilot, "answer")
        assert not app.locked


async def test_shift_goes_farther_among_the_layers() -> None:
    async with table("cell") as (app, pilot):
        await pilot.press("shift+down", "shift+down", "shift+up", "down")
        assert app.value == "6 0"


async def test_a_bet_on_a_layer_says_how_many_there_are_once_the_model_is_loaded() -> None:
    asked = Number(kind="number", ask="From which layer on?", fact="first_layer_top", low=0, close=1)
    bench = FakeBench()
    stage = Stage(BetCard(asked, {}, Look(bench, MODEL, {"prompt": "a"}, "logit_lens")))
    async with stage.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: any("a number, at least 0" in line for line in lines(stage)))
        await bench.prepare(MODEL)
        await until(pilot, lambda: any("a number from 0 to 29" in line for line in lines(stage)))


async def test_words_typed_where_a_number_goes_set_nothing_and_it_is_said() -> None:
    """An h or an l among them set the confidence once, and enter locked the bet with it."""
    async with table("number") as (app, pilot):
        await pilot.press("0", "enter")
        await focus_on(pilot, "reason")
        await pilot.press("w", "enter")
        await focus_on(pilot, "sure")
        await pilot.press(*"hello", "enter")
        await until(pilot, lambda: "How sure are you?" in app.said)
        assert not app.locked
        await pilot.press("l")
        await until(pilot, lambda: "A number goes here" in app.said)
        assert app.query_one(Sure).value is None
        await pilot.press("7", "enter")
        await until(pilot, lambda: app.locked)
        assert app.locked[0].confidence == 70
