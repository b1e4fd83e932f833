"""How a lesson went, line by line: what is cut still says what differs."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from tests.dialogue.course import shipped
from tests.ui.drive import ID, reach, said, to_tweak, write
from tests.ui.look import until
from tests.ui.stage import FIRST, LESSON, FakeApp, course
from tutor import events as ev
from tutor.course.format import Predict, Ranking
from tutor.loop import start
from tutor.predict import verdict
from tutor.state import Bet
from tutor.todo import Hear
from tutor.ui.transcript import last_words, summary


def test_two_long_answers_are_told_from_where_they_part() -> None:
    lesson = next(it for it in shipped() if it.id == "where-a-head-looks")
    step = next(it for it in lesson.steps if isinstance(it, Predict) and isinstance(it.predict, Ranking))
    question = step.predict
    assert isinstance(question, Ranking)
    facts = {item.fact: 1 - n / 10 for n, item in enumerate(question.items)}
    order = [item.id for item in question.items]
    order[-2:] = order[:-3:-1]
    bet = Bet(step.id, question, order, "a guess", 60, verdict(question, order, facts, 60, {}))
    state = replace(start(lesson), at=None, bets=(bet,))
    line = str(summary(state)[1][2])
    told, came = line.removeprefix("✘ ").split("  →  ")
    assert told.partition(", 60 %")[0] != came
    last, before = question.items[-1].says, question.items[-2].says
    assert told.startswith("… ")
    assert told.index(last[:8]) < told.index(before[:8])


@pytest.mark.parametrize("size", [(60, 20), (80, 24)])
async def test_the_end_shows_what_the_tutor_said_last(tmp_path: Path, size: tuple[int, int]) -> None:
    """Below it is how every bet went, which may fill the screen."""
    told = LESSON.replace("    takeaway: ", "    answer: A head may be missed and not be missing.\n    takeaway: ")
    app = FakeApp(tmp_path, ID, of=course(FIRST, told))
    async with app.run_test(size=size) as pilot:
        lesson = await to_tweak(pilot)
        for n in range(12):
            lesson.session.record(ev.Tweaked("break-it", {"layer": n}))
            lesson.session.record(ev.Predicted("break-it", "gone", "others", 50))
            (run,) = [r for s, r in lesson.session.state.results if s == "do-it"]
            lesson.session.record(ev.RunFinished("break-it", {**run, "parameters": {**run["parameters"], "layer": n}}))
        lesson.record(ev.Continued("break-it"))
        await write(pilot, "heads share their work", "enter")
        await until(pilot, lambda: lesson.session.state.at is None)
        await until(pilot, lambda: "13 bets" in " ".join(said(app).split()))
        await until(pilot, lambda: "One way to put it: “A head may be missed" in " ".join(said(app).split()))


@pytest.mark.parametrize("size", [(60, 20), (80, 24), (120, 40)])
async def test_an_end_to_which_nothing_was_said_stands_at_the_foot(tmp_path: Path, size: tuple[int, int]) -> None:
    app = FakeApp(tmp_path, ID)
    async with app.run_test(size=size) as pilot:
        lesson = await to_tweak(pilot)
        lesson.record(ev.Continued("break-it"))
        await reach(pilot, Hear, "keep")
        await write(pilot, "heads share their work", "enter")
        await until(pilot, lambda: "✔ It shrinks" in said(app))
        assert last_words(lesson.session.state) is None
