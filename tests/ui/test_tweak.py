"""Tweaks on the screen: ranges, all parameters, undo and reset."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.errors import BadParameter
from engine.experiments import experiment
from tests.ui.drive import ID, bet, fields, form, reach, said, screen, to_tweak, tweak, write
from tests.ui.look import Stage, focus_on, lines, until
from tests.ui.stage import FakeApp
from tutor import events as ev
from tutor.journal.store import Store
from tutor.todo import AskBet, ChooseTweak, Hear, Retry
from tutor.ui import work
from tutor.ui.widgets.bet import BetCard
from tutor.ui.widgets.choices import Choices
from tutor.ui.widgets.composer import Field
from tutor.ui.widgets.tweak import TweakForm


async def test_a_tweak_out_of_range_is_said_beside_the_field(tmp_path: Path) -> None:
    app = FakeApp(tmp_path, ID)
    async with app.run_test(size=(80, 24)) as pilot:
        await to_tweak(pilot)
        assert "0 to 29" in said(app)
        refused = {
            "99": "layer = 99 is out of range",
            "-1": "layer = '-1' is out of range; it must be a whole number from 0 to 29",
            "x": "layer = 'x'; it must be a whole number from 0 to 29",
        }
        for typed, says in refused.items():
            await pilot.press("ctrl+u")
            await write(pilot, typed, "enter")
            await until(pilot, lambda says=says: says in said(app))  # type: ignore[misc]
            assert isinstance(screen(app).session.todo, ChooseTweak)
        await pilot.press("ctrl+u", "1", "enter")
        await until(pilot, lambda: "Nothing is changed yet" in said(app))
        assert screen(app).query(TweakForm)


async def test_a_field_holds_the_longest_word_that_can_be_chosen() -> None:
    of = TweakForm(experiment("sampling"), {"prompt": "x", "strategy": "temperature"}, ["strategy", "top_k"], {}, {})
    async with Stage(of).run_test(size=(60, 12)) as pilot:
        await until(pilot, lambda: "top_k" in "\n".join(lines(pilot.app)))
        assert lines(pilot.app)[0].split()[:3] == ["strategy", "temperature", "one"]
        await pilot.pause()
        assert isinstance(pilot.app.focused, Field)
        await pilot.press("end")
        assert pilot.app.focused.wrapped_document.height == 1, "with the cursor behind it, too"


async def test_who_tries_on_is_where_they_changed_something_last() -> None:
    base = {"prompt": "x", "strategy": "temperature", "temperature": 1.0}
    now = {**base, "temperature": 0.7}
    for past, at in (([base, now], "p-temperature"), ([base], "p-strategy")):
        of = TweakForm(experiment("sampling"), past[-1], ["strategy", "temperature"], {}, {}, past)
        async with Stage(of).run_test(size=(60, 12)) as pilot:
            await focus_on(pilot, at)


async def test_a_tweak_can_be_another_one_until_it_is_bet_on(tmp_path: Path) -> None:
    app = FakeApp(tmp_path, ID)
    async with app.run_test(size=(80, 24)) as pilot:
        await to_tweak(pilot)
        await pilot.press("ctrl+u", "0", "enter")
        await until(pilot, lambda: screen(app).query(BetCard) and app.focused and app.focused.id == "answer")
        await until(pilot, lambda: "f3 other parameters" in said(app))
        await pilot.press("f3")
        await until(pilot, lambda: screen(app).query(TweakForm) and app.focused and app.focused.id == "p-layer")
        assert "f3 other parameters" not in said(app)
        assert "Now with layer 0" not in said(app), "nothing is asked about what was given up"
        await pilot.press("ctrl+u", "2", "enter")
        await reach(pilot, AskBet)
        await bet(pilot)
        await reach(pilot, ChooseTweak)
        assert [p["layer"] for p in app.fake.ran] == [1, 2]
        assert len(screen(app).session.state.bets) == 2, "the lesson's own, and the one on what was run"


async def test_a_tweak_that_the_model_would_refuse_is_not_bet_on(tmp_path: Path) -> None:
    app = FakeApp(tmp_path, ID)
    async with app.run_test(size=(80, 24)) as pilot:
        await to_tweak(pilot)
        app.fake.refuse = BadParameter("prompt", "prompt has 9000 tokens; the model reads at most 8192")
        await pilot.press("ctrl+u", "0", "enter")
        await until(pilot, lambda: "9000 tokens" in said(app) and app.focused and app.focused.id == "p-prompt")
        assert isinstance(screen(app).session.todo, ChooseTweak)
        app.fake.refuse = None
        await pilot.press("enter")
        await until(pilot, lambda: screen(app).query(BetCard))
        assert "9000 tokens" not in said(app)


async def test_what_is_asked_about_before_the_bet_is_what_runs(tmp_path: Path) -> None:
    """Also where a parameter is put back to the lesson's own value."""
    app = FakeApp(tmp_path, ID)
    async with app.run_test(size=(80, 24)) as pilot:
        await to_tweak(pilot)
        for layer in "212":
            await tweak(pilot, layer)
        assert [p["layer"] for p in app.fake.ran] == [1, 2, 1, 2]
        assert [p["layer"] for p in app.fake.asked] == [2, 1, 2]


async def test_a_tweak_that_the_model_refuses_goes_back_to_its_parameters(tmp_path: Path) -> None:
    app = FakeApp(tmp_path, ID)
    async with app.run_test(size=(80, 24)) as pilot:
        await to_tweak(pilot)
        await pilot.press("ctrl+u", "0", "enter")
        await until(pilot, lambda: screen(app).query(BetCard))
        app.fake.fail = BadParameter("prompt", "prompt has 9000 tokens; the model reads at most 8192")
        await bet(pilot)
        await reach(pilot, Retry)
        await until(pilot, lambda: "9000 tokens" in said(app) and isinstance(app.focused, Choices))
        await pilot.press("enter")
        await until(pilot, lambda: screen(app).query(TweakForm) and app.focused and app.focused.id == "p-layer")
        await pilot.press("ctrl+u", "2", "enter")
        await reach(pilot, AskBet)
        await bet(pilot)
        await reach(pilot, ChooseTweak)
        assert [p["layer"] for p in app.fake.ran] == [1, 2]


# --- the form ---------------------------------------------------------------------------------------------------------


async def test_up_and_down_go_from_field_to_field_and_through_the_lines_of_a_long_one(tmp_path: Path) -> None:
    app = FakeApp(tmp_path, ID)
    async with app.run_test(size=(80, 24)) as pilot:
        await to_tweak(pilot)

        async def at(key: str, id: str, line: int = 0) -> None:
            await pilot.press(key)
            await focus_on(pilot, id)
            field = app.focused
            assert isinstance(field, Field)
            await until(pilot, lambda: field.wrapped_document.location_to_offset(field.cursor_location).y == line)

        await at("down", "p-head")
        await at("up", "p-layer")
        await at("up", "p-layer")  # there is none above
        await pilot.press("down", "down", "ctrl+u", *"many words " * 9)
        await focus_on(pilot, "p-prompt")
        await at("up", "p-prompt")
        await at("down", "p-prompt", 1)
        await at("down", "p-prompt", 1)  # there is none below
        await at("up", "p-prompt")
        await at("up", "p-head")


async def test_the_page_keys_scroll_the_talk_from_the_form_too(tmp_path: Path) -> None:
    app = FakeApp(tmp_path, ID)
    async with app.run_test(size=(80, 24)) as pilot:
        talk = (await to_tweak(pilot)).talk
        for id in ("p-layer", "p-prompt"):
            screen(app).query_one(f"#{id}", Field).focus()
            await focus_on(pilot, id)
            await until(pilot, lambda: talk.scroll_y == talk.max_scroll_y > 0)
            await pilot.press("pageup")
            await until(pilot, lambda: talk.scroll_y < talk.max_scroll_y)
            await pilot.press("pagedown")


async def test_space_goes_through_the_words_that_a_parameter_can_be(tmp_path: Path) -> None:
    app = FakeApp(tmp_path, ID)
    async with app.run_test(size=(80, 24)) as pilot:
        lesson = await to_tweak(pilot)
        await pilot.press("ctrl+l")
        await until(pilot, lambda: "one of zero, mean (space)" in said(app) and "true or false (space)" in said(app))
        of = await form(pilot)
        for name, seen in {"mode": ["mean", "zero", "mean"], "bos": ["true", "false", "true"]}.items():
            lesson.query_one(f"#p-{name}", Field).focus()
            await focus_on(pilot, f"p-{name}")
            for word in seen:
                await pilot.press("space")
                assert fields(of)[name] == word
        await pilot.press("ctrl+u", "x", "space")
        assert fields(of)["bos"] == "false", "what is none of them goes to the first"
        await pilot.press("enter")
        await bet(pilot)
        await form(pilot)
        assert app.fake.ran[-1]["mode"] == "mean"


async def test_all_parameters_can_be_opened_and_each_says_its_range(tmp_path: Path) -> None:
    app = FakeApp(tmp_path, ID)
    async with app.run_test(size=(80, 24)) as pilot:
        lesson = await to_tweak(pilot)
        assert set(fields(await form(pilot))) == {"layer", "head", "prompt"}
        await pilot.press("5", "ctrl+l")
        await until(pilot, lambda: "one of zero, mean" in said(app))
        now = fields(await form(pilot))
        assert now["layer"] == "5", "what was typed stays"
        assert (now["mode"], now["max_new_tokens"], now["bos"], now["answer"]) == ("zero", "12", "false", "·Mary")
        assert app.focused
        assert app.focused.id == "p-layer"
        lesson.query_one("#p-mode", Field).focus()
        await pilot.press("ctrl+u", *"loud", "enter")
        await until(pilot, lambda: "mode = 'loud'; it must be one of zero, mean" in said(app))
        await pilot.press("ctrl+u", *"mean", "ctrl+l", "enter")
        await bet(pilot)
        of = await form(pilot)
        assert app.fake.ran[-1]["mode"] == "mean"
        assert of.open, "what is changed is shown"
        await focus_on(pilot, "p-mode")
        lesson.query_one("#p-layer", Field).focus()
        await focus_on(pilot, "p-layer")
        await pilot.press("ctrl+u", "7", "enter")
        await bet(pilot)
        await form(pilot)
        assert (app.fake.ran[-1]["layer"], app.fake.ran[-1]["mode"]) == (7, "mean")
    with Store.read(tmp_path, "me") as store:
        tweaks = [e.parameters for e in store.events(ID) if isinstance(e, ev.Tweaked)]
    assert tweaks == [{"layer": 5, "mode": "mean"}, {"layer": 7, "mode": "mean"}]


async def test_undo_goes_back_a_change_at_a_time_and_reset_all_the_way(tmp_path: Path) -> None:
    app = FakeApp(tmp_path, ID)
    async with app.run_test(size=(80, 24)) as pilot:
        await to_tweak(pilot)
        await pilot.press("f3")
        await until(pilot, lambda: "nothing to undo" in said(app))
        await tweak(pilot, "5")
        await tweak(pilot, "7")
        await pilot.press("9")
        of = await form(pilot)

        async def shows(layer: str) -> None:
            await until(pilot, lambda: fields(of)["layer"] == layer)

        await shows("9")
        for layer in ("7", "5", "1", "1"):
            await pilot.press("f3")
            await shows(layer)
        await pilot.press("2")
        await shows("2")  # what was put back is typed over, as where one comes to it
        await pilot.press("f3")
        await shows("1")
        await pilot.press("enter")  # the lesson's own parameters, predicted and run once more
        await bet(pilot)
        of = await form(pilot)
        await pilot.press("8", "ctrl+r")
        await shows("1")
        await pilot.press("6")
        await shows("6")
        assert [p["layer"] for p in app.fake.ran] == [1, 5, 7, 1], "undo ran nothing by itself"
    with Store.read(tmp_path, "me") as store:
        kept = [e for e in store.events(ID) if isinstance(e, (ev.Tweaked, ev.RunFinished))]
    assert [type(e).__name__ for e in kept] == ["RunFinished", *["Tweaked", "RunFinished"] * 3], "nothing is lost"
    assert isinstance(kept[-2], ev.Tweaked)
    assert kept[-2].parameters == {}


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
async def test_the_keys_of_the_form_work_from_the_figure_too(tmp_path: Path, size: tuple[int, int]) -> None:
    app = FakeApp(tmp_path, ID)
    async with app.run_test(size=size) as pilot:
        await to_tweak(pilot)
        of = await form(pilot)
        await pilot.press("9")
        await until(pilot, lambda: fields(of)["layer"] == "9")
        lesson = screen(app)
        lesson.action_swap()
        await until(pilot, lambda: lesson.side.focused_here)
        await pilot.press("f3")
        await until(pilot, lambda: fields(of)["layer"] == "1")
        few = len(fields(of))
        await pilot.press("ctrl+l")
        await until(pilot, lambda: len(fields(of)) > few)
        await pilot.press("ctrl+g")
        await reach(pilot, Hear, "keep")


async def test_among_all_parameters_each_says_what_it_is(tmp_path: Path) -> None:
    app = FakeApp(tmp_path, ID)
    async with app.run_test(size=(80, 40)) as pilot:
        await to_tweak(pilot)
        of = await form(pilot)
        assert "change something, then enter" in said(app)
        await pilot.press("ctrl+l")
        await until(pilot, lambda: of.query("#p-bos"))
        of.query_one("#p-bos").focus()
        await until(pilot, lambda: "put the model's beginning-of-sequence token first" in said(app))
        await pilot.press("ctrl+u", *"perhaps", "enter")
        await until(pilot, lambda: "true or false" in said(app) and "token first" not in said(app))
        await pilot.press("ctrl+u", *"true")
        await until(pilot, lambda: "put the model's beginning-of-sequence token first" in said(app))


async def test_parameters_that_are_taken_lead_back_to_the_form(tmp_path: Path) -> None:
    app = FakeApp(tmp_path, ID)
    async with app.run_test(size=(80, 24)) as pilot:
        await to_tweak(pilot)
        of, lesson = await form(pilot), screen(app)
        lesson.action_swap()
        await until(pilot, lambda: lesson.side.focused_here)
        await pilot.press("f2")
        await until(pilot, lambda: "take its parameters" in said(app))
        await pilot.press("enter")
        await until(pilot, lambda: app.screen is lesson and of.has_focus_within)


async def test_undo_reset_and_all_are_there_for_mouse_and_palette(tmp_path: Path) -> None:
    app = FakeApp(tmp_path, ID)
    async with app.run_test(size=(80, 24)) as pilot:
        lesson = await to_tweak(pilot)
        await pilot.press("5")
        row = next(i for i, text in enumerate(lines(app)) if "f3 undo" in text)
        column = lines(app)[row].index("reset")
        await pilot.click(offset=(column, row))
        await until(pilot, lambda: fields(lesson.query_one(TweakForm))["layer"] == "1")
        names = {command.title for command in app.get_system_commands(lesson)}
        assert {"Undo", "Reset", "All parameters", "What you tried"} <= names
        command = next(c for c in app.get_system_commands(lesson) if c.title == "All parameters")
        app.call_later(command.callback)
        await until(pilot, lambda: "p-temperature" in [field.id for field in lesson.query(Field)])
        await pilot.pause()
        assert "temperature" in said(app)


async def test_what_is_typed_in_a_parameter_that_is_hidden_again_comes_back_after_a_kill(tmp_path: Path) -> None:
    app = FakeApp(tmp_path, ID)
    async with app.run_test(size=(80, 24)) as pilot:
        lesson = await to_tweak(pilot)
        await pilot.press("ctrl+l")
        await until(pilot, lambda: lesson.query("#p-mode"))
        lesson.query_one("#p-mode", Field).focus()
        await pilot.press("ctrl+u", *"mean")
        await until(pilot, lambda: lesson.session.journal.draft(ID, "break-it").get("tweak.mode") == "mean")
    app = FakeApp(tmp_path, ID)
    async with app.run_test(size=(80, 24)) as pilot:
        of = await form(pilot)
        assert fields(of)["mode"] == "mean"


async def test_a_token_without_its_space_is_doubted_before_the_bet(tmp_path: Path) -> None:
    app = FakeApp(tmp_path, ID)
    async with app.run_test(size=(80, 24)) as pilot:
        await to_tweak(pilot)
        of = await form(pilot)
        await pilot.press("ctrl+l")
        await until(pilot, lambda: "answer" in fields(of))
        assert fields(of)["answer"] == "·Mary", "its space is seen"
        of.query_one("#p-answer", Field).focus()
        await pilot.press("ctrl+u")
        await write(pilot, "Anna", "enter")
        await reach(pilot, AskBet)
        await until(pilot, lambda: "with no space before it; as the next word" in said(app) and "“·Anna”" in said(app))
        assert "f3 goes back" in " ".join(said(app).split())
        await pilot.press("f3")
        of = await form(pilot)
        await until(pilot, lambda: "answer" in fields(of))
        of.query_one("#p-answer", Field).focus()
        await pilot.press("ctrl+u")
        await write(pilot, "·Anna", "enter")
        await bet(pilot)
        await form(pilot)
        assert app.fake.ran[-1]["answer"] == " Anna"


async def test_whoever_comes_to_a_number_types_over_it(tmp_path: Path) -> None:
    app = FakeApp(tmp_path, ID)
    async with app.run_test(size=(80, 24)) as pilot:
        await to_tweak(pilot)
        of = await form(pilot)
        await focus_on(pilot, "p-layer")
        await pilot.press("5", "tab", "7", "tab", "end", "x")
        await until(pilot, lambda: fields(of)["prompt"].endswith("a drink tox"))  # a text is gone on with
        assert (fields(of)["layer"], fields(of)["head"]) == ("5", "7")


async def test_a_range_has_the_models_sizes_once_it_is_loaded(tmp_path: Path) -> None:
    app = FakeApp(tmp_path, ID)
    async with app.run_test(size=(80, 24)) as pilot:
        lesson = await to_tweak(pilot)
        await form(pilot)
        lesson.foot.learn({})
        await until(pilot, lambda: "a whole number from 0 to layers - 1" in said(app))
        lesson.post_message(work.ModelReady())
        await until(pilot, lambda: "a whole number from 0 to 29" in said(app))


async def test_a_key_that_comes_when_the_form_has_gone_does_nothing(tmp_path: Path) -> None:
    app = FakeApp(tmp_path, ID)
    async with app.run_test(size=(80, 24)) as pilot:
        lesson, gone = await to_tweak(pilot), await form(pilot)
        lesson.foot.write("later")
        await until(pilot, lambda: not gone.is_attached)
        for action in ("undo", "reset", "all", "move(1)", "leave"):
            assert await app.run_action(action, gone)
        await pilot.pause()
        assert isinstance(lesson.session.todo, ChooseTweak)
