"""What `check --run` says about a lesson and the facts of its runs."""

from __future__ import annotations

import io
import re
from pathlib import Path
from typing import Any

import pytest

from tests.course.good import changed, place_of, written
from tutor.checks.against import claim, prediction, reading
from tutor.checks.check import check_paths
from tutor.checks.noise import Facts, noise
from tutor.course.conditions import Condition
from tutor.course.format import Choice, Claim, Number, Option, Token
from tutor.course.listening import Reading
from tutor.settings import Settings


def choice(bound: float, fact: str = "share") -> Choice:
    low = Option(id="low", says="Low", when={fact: Condition(below=bound)})
    return Choice(
        kind="choice", ask="?", options=[low, Option(id="high", says="High", when={fact: Condition(at_least=bound)})]
    )


def exactly(value: float) -> Choice:
    options = [("is", Condition(equals=value)), ("not", Condition(is_not=value))]
    return Choice(kind="choice", ask="?", options=[Option(id=i, says=i, when={"share": c}) for i, c in options])


def number(close: float, **more: Any) -> Number:
    return Number(kind="number", ask="?", fact="share", close=close, **more)


def said(question: Choice | Number | Token, *facts: Facts) -> list[str]:
    return [
        f"{'.'.join(map(str, loc))}: {found}" for loc, found, _ in prediction(question, facts, range(len(facts)), ())
    ]


def words(top: str) -> Choice:
    one, other = Condition(equals=top), Condition(is_not=top)
    options = [{"id": "one", "says": "it", "when": {"top": one}}, {"id": "two", "says": "not", "when": {"top": other}}]
    return Choice.model_validate({"kind": "choice", "ask": "?", "options": options})


@pytest.mark.parametrize(
    ("question", "facts", "says"),
    [
        (choice(0.5), [{"share": 0.2}, {"share": 0.21}], None),
        (
            choice(0.5),
            [{"share": 0.2}, {"share": 0.8}],
            "the truth changes with the seed: low with seed 0, high with seed 1",
        ),
        (choice(0.5), [{"share": 0.4999}], "option low is true by a hair"),
        (choice(0.5), [{"share": 0.501}], "option high is true by a hair"),
        (choice(0.5), [{"share": 0.4}, {"share": 0.46}], "by a hair"),  # as near as the seeds are apart
        (choice(0.0), [{"share": 0.0005}], "by a hair"),
        (exactly(0.0), [{"share": 0.0}], "by a hair: share is 0.000, the bound 0.000"),
        (exactly(0.0), [{"share": 0.2}], None),
        (choice(3), [{"share": 3}, {"share": 3}], None),  # counted, and alike for every seed
        (choice(3), [{"share": 3}, {"share": 4}], "by a hair"),
        (choice(0.5), [{"other": 1}], "no option is true with seed 0 (share is –)"),
        (number(0.1, low=0, high=1), [{"share": 0.7}], None),
        (
            number(0.1, low=0, high=1),
            [{"share": 0.7}, {"share": 0.9}],
            "the truth changes with the seed: 0.70 with seed 0",
        ),
        (number(0.1, low=0, high=1), [{"share": 1.7}], "share is 1.70, outside `low` to `high`"),
        (number(0.6, low=0, high=1), [{"share": 0.5}], "`close` 0.60 makes every answer right"),
        (number(8), [{"share": 7}], "`close` 8.00 makes every answer right"),
        (number(2), [{"share": 7}], None),
        (words("blue"), [{"top": " blue"}], "top is “·blue”, and this condition is about it without its space"),
        (words(" blue"), [{"top": " blue"}], None),
        (Token(kind="token", ask="?", fact="top"), [{"top": " and"}, {"top": " and"}], None),
        (Token(kind="token", ask="?", fact="top"), [{"top": " "}], "which nobody can type"),
        (
            Token(kind="token", ask="?", fact="top"),
            [{"top": " a"}, {"top": " b"}],
            "“·a” with seed 0, “·b” with seed 1",
        ),
    ],
)
def test_predictions_are_held_against_the_facts_of_every_seed(
    question: Choice | Number | Token, facts: list[Facts], says: str | None
) -> None:
    found = said(question, *facts)
    assert any(says in f for f in found) if says else not found, found


@pytest.mark.parametrize(
    ("bound", "facts", "says"),
    [
        (0.5, [{"share": 0.6}], None),
        (0.5, [{"share": 0.4}], "this claim never holds: share is 0.40"),
        (0.5, [{"share": 0.6}, {"share": 0.4}], "this claim does not hold with seed 1"),
        (0.5, [{"share": 0.5005}], "this claim holds by a hair"),
    ],
)
def test_claims_hold_for_every_seed_and_not_by_a_hair(bound: float, facts: list[Facts], says: str | None) -> None:
    of = Claim(says="It is so.", when={"share": Condition(above=bound)})
    found = [f for _, f, _ in claim(of, facts, range(len(facts)), ())]
    assert any(says in f for f in found) if says else not found, found


@pytest.mark.parametrize(
    ("bound", "facts", "says"),
    [
        (0.5, [{"share": 0.4}, {"share": 0.41}], None),
        (0.5, [{"share": 0.6}], "this is so with seed 0: share is 0.60"),
        (0.5, [{"share": 0.4}, {"share": 0.6}], "this is so with seed 1: share is 0.60"),
        (0.5, [{"share": 0.4995}], "this is not so by a hair"),
    ],
)
def test_a_reading_that_is_so_would_be_asked_of_nobody(bound: float, facts: list[Facts], says: str | None) -> None:
    when = {"share": Condition(above=bound)}
    of = Reading(id="large", cues=["large"], ask="How large is it?", when=when, shows="it is {share}")
    found = [f for _, f, _ in reading(of, facts, range(len(facts)), ())]
    assert any(says in f for f in found) if says else not found, found


def test_a_claim_that_a_measured_fact_is_exactly_so_holds_by_a_hair() -> None:
    of = Claim(says="It is so.", when={"share": Condition(equals=0.0)})
    (found,) = (f for _, f, _ in claim(of, [{"share": 0.0}], range(1), ()))
    assert "this claim holds by a hair" in found


def test_noise_is_twice_the_spread_and_never_nothing_where_it_is_measured() -> None:
    assert noise("x", [{"x": 1.0}, {"x": 1.2}]) == pytest.approx(0.4)
    assert noise("x", [{"x": 10.0}]) == pytest.approx(0.05)
    assert noise("x", [{"x": 0.0}]) == pytest.approx(0.001)
    assert noise("x", [{"x": 4}, {"x": 4}]) == 0
    assert noise("x", [{"x": 4}, {"x": 5}]) == 2


# --- on the real model ------------------------------------------------------------------------------------------------


def check(home: Path, *paths: Path) -> tuple[int, str]:
    out = io.StringIO()
    return check_paths(list(paths), Settings(home=home, device="cpu", offline=True), True, out), out.getvalue()


@pytest.mark.usefixtures("smollm2")
@pytest.mark.long
def test_the_shipped_lessons_are_true(tmp_path: Path) -> None:
    status, text = check(tmp_path)
    assert status == 0, text


@pytest.mark.usefixtures("smollm2")
def test_the_example_in_the_docs_is_true(tmp_path: Path) -> None:
    docs = (Path(__file__).parents[2] / "docs" / "lessons.md").read_text(encoding="utf-8")
    path = written(tmp_path, docs.split("```yaml\n", 1)[1].split("\n```", 1)[0])
    status, text = check(tmp_path, path)
    assert status == 0, text


@pytest.mark.usefixtures("smollm2")
def test_a_lesson_that_is_not_true_is_told_apart(tmp_path: Path) -> None:
    text = changed("{top_prob: {above: 0.6}}", "{top_prob: {below: 0.2}}")  # it is 0.86
    text = changed("at_least: 0.5", "at_least: 0.863", changed("below: 0.5", "below: 0.863", text))
    text = changed("high: 1, close", "high: 0.5, close", text)
    text = changed("below: 0.3", "above: 0.8", text)
    path = written(tmp_path, text)
    status, out = check(tmp_path, path)
    assert status == 1
    assert "this is so with seed 0: top_prob is 0.86" in out
    assert f"{path}:{place_of(text, 'claims:')[0] + 1}:" in out
    assert "this claim never holds: top_prob is 0.86" in out
    assert "is true by a hair: top_prob is 0.86" in out


@pytest.mark.usefixtures("smollm2")
def test_a_goal_can_be_reached_and_is_not_reached_before(tmp_path: Path) -> None:
    goal = "when: {top_prob: {below: 0.45}}"
    wrong = [
        (changed("by: {prompt: Is it so that}", 'by: {prompt: "2 + 1 ="}'), "{top_prob: {below: 0.45}}", "is not reached"),
        (changed(goal, "when: {top_prob: {below: 0.9}}"), "{top_prob: {below: 0.9}}", "is reached before anything is changed"),
        (changed("by: {prompt", 'by: {answer: " unbelievabilities", prompt'), '" unbelieva', "smollm2-135m refuses this: answer"),
    ]  # fmt: skip
    texts = [changed("id: two-and-two", f"id: wrong-{n}", text) for n, (text, _, _) in enumerate(wrong)]
    paths = [written(tmp_path, text, f"wrong-{n}.yaml") for n, text in enumerate(texts)]
    status, out = check(tmp_path, written(tmp_path), *paths)
    assert status == 1
    assert re.findall(r"^ok +(.*)$", out, re.MULTILINE) == ["two-and-two"]
    for path, text, (_, at, says) in zip(paths, texts, wrong, strict=True):
        place = f"{path}:{':'.join(map(str, place_of(text, at)))}: "
        (line,) = (line for line in out.splitlines() if line.startswith(str(path)))
        assert (line.startswith(place), says in line) == (True, True), line


@pytest.mark.usefixtures("smollm2")
def test_a_parameter_that_the_model_refuses_is_said_in_its_place(tmp_path: Path) -> None:
    path = written(tmp_path, changed('answer: " the"', 'answer: " unbelievabilities"'))
    status, out = check(tmp_path, path)
    assert status == 1
    line = next(line for line in out.splitlines() if line.startswith(str(path)))
    assert "smollm2-135m refuses this: answer" in line


def test_without_a_model_the_engine_says_so_and_the_status_is_its_own(tmp_path: Path) -> None:
    out = io.StringIO()
    settings = Settings(home=tmp_path, cache=tmp_path / "empty", offline=True)
    status = check_paths([written(tmp_path)], settings, True, out)
    assert status == 3
    assert out.getvalue().count("the engine could not go on: ") == 1
    assert "not run" in out.getvalue()
    assert "ok " not in out.getvalue(), "what was not run is not called true"


def test_a_start_command_that_does_not_exist_is_one_line(tmp_path: Path) -> None:
    out = io.StringIO()
    status = check_paths([written(tmp_path)], Settings(home=tmp_path, engine="no-such-command"), True, out)
    assert status == 4
    assert "Traceback" not in out.getvalue()
