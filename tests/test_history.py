"""The history of tweaks is a fold, and any two tries can be held side by side, in words."""

from __future__ import annotations

from typing import Any

import pytest

from engine.figures import Curve, Distribution, Figure, Heatmap, Series, Table, Text, Texts, Tokens
from tests.dialogue.course import LENS, lesson
from tests.play import answer, at, take
from tutor import events as ev
from tutor.compare import compare, difference, facts, together
from tutor.history import Try, key_facts, table, tries
from tutor.loop import advance, replay, start
from tutor.state import State
from tutor.todo import ChooseTweak, todo


def tweaked(state: State, **parameters: Any) -> State:
    """One whole round: the tweak, the bet, the run."""
    state = advance(state, ev.Tweaked("break-it", parameters))
    return take(state, until=lambda s: isinstance(todo(s), ChooseTweak))[0]


@pytest.fixture(scope="module")
def state() -> State:
    begun, _ = take(start(lesson), until=at("break-it"))
    for prompt in ("One two three", "The capital of France is"):
        begun = tweaked(begun, prompt=prompt)
    return begun


def test_every_run_is_a_try_with_its_own_bets(state: State) -> None:
    of = tries(state)
    assert [one.name for one in of] == ["BASE A", "BASE B", "1", "2"]
    assert [one.experiment for one in of] == ["head_ablation", "logit_lens", "logit_lens", "logit_lens"]
    assert [len(one.bets) for one in of] == [1, 2, 1, 1]
    assert [bet for one in of for bet in one.bets] == list(state.bets)
    assert [one.what for one in of] == [
        "head ablation",
        "logit lens",
        "prompt “One two three”",
        "prompt “The capital of France is”",
    ]
    assert of[0].fact == "drop 0.50"
    assert of[0].mark == "✔"
    assert of[0].bet == "It shrinks, Mary still wins, 70 %"


def test_a_lesson_with_one_run_has_one_base() -> None:
    steps = lesson.steps[: lesson.index("before-lens")]
    state, _ = take(start(lesson.model_copy(update={"steps": steps})), until=at("why"))
    assert [one.name for one in tries(state)] == ["BASE"]


def test_prompts_that_differ_at_their_end_can_be_told_apart(state: State) -> None:
    ends = ("the capital of France is the city of", "the capital of France is the town of")
    *_, a, b = tries(tweaked(tweaked(state, prompt=f"I know that {ends[0]}"), prompt=f"I know that {ends[1]}"))
    text = facts(a, b).text()
    assert "… the city of" in text
    assert "… the town of" in text


def test_it_is_a_fold_so_it_is_there_again_after_a_kill(state: State) -> None:
    begun, events = take(start(lesson), until=at("break-it"))
    tweak = [ev.Tweaked("break-it", {"prompt": "One two three"})]
    then, more = take(advance(begun, tweak[0]), until=lambda s: isinstance(todo(s), ChooseTweak))
    assert tries(replay(lesson, [*events, *tweak, *more])) == tries(then)
    assert len(tries(then)) == 3


def test_a_run_that_failed_and_a_bet_that_was_void_are_no_try(state: State) -> None:
    asked = advance(state, ev.Tweaked("break-it", {"prompt": "x"}))
    asked = advance(asked, answer(asked, todo(asked)))
    failed = advance(asked, ev.RunFailed("break-it", "engine_died", "it ended"))
    again = tweaked(failed, prompt="y")
    assert tries(failed) == tries(state)
    new = tries(again)[-1]
    assert (new.name, new.what) == ("3", "prompt y")
    assert len(new.bets) == 1


def test_what_a_default_holds_is_no_change(state: State) -> None:
    run = ev.RunFinished("break-it", {**LENS, "parameters": {"prompt": "One two three", "answer": None, "bos": False}})
    asked = advance(state, ev.Tweaked("break-it", {"prompt": "One two three"}))
    asked = advance(asked, answer(asked, todo(asked)))
    assert tries(advance(asked, run))[-1].changed.keys() <= {"prompt", "answer"}


def test_a_run_of_an_older_version_is_still_a_try(state: State) -> None:
    asked = advance(state, ev.Tweaked("break-it", {"prompt": "z"}))
    asked = advance(asked, answer(asked, todo(asked)))
    old = advance(asked, ev.RunFinished("break-it", {**LENS, "parameters": {"prompt": "z", "gone": 3}}))
    assert tries(old)[-1].changed == {"prompt": "z", "gone": 3}


def test_the_history_can_be_read_as_text(state: State) -> None:
    text = table(tries(state)).text()
    assert "BASE A" in text
    assert "drop 0.50" in text
    assert "prompt “One two three”" in text


def test_each_kind_of_question_has_a_fact(state: State) -> None:
    assert {name for bet in state.bets for name in key_facts(bet.question)} == {
        "drop",
        "first_layer_top",
        "final_token",
    }


# --- two side by side ----------------------------------------------------------------------------------------------------


def of(name: str, figures: list[Figure], facts: dict[str, Any], **parameters: Any) -> Try:
    result = {"figures": [figure.model_dump(mode="json") for figure in figures], "facts": facts}
    return Try(name, "run", "head_ablation", parameters, {} if name == "BASE" else parameters, (), result)


@pytest.mark.parametrize(
    ("a", "b", "says"),
    [
        (0.5, 0.75, "+0.25"),
        (3, 1, "-2"),
        (1.0, 1.0, "same"),
        (" Mary", " John", "other"),
        (" Mary", " Mary", "same"),
        (True, False, "other"),
        ([1, 2, 3], [1, 2, 6], "1.00 apart on average"),
        ([1, 2], [1, 2], "same"),
        ([1, 2], [1, 2, 3], "other"),
        ([], [], "same"),
        ([[1]], [[2]], "other"),
        (None, None, "same"),
        (None, 3, "–"),
    ],
)
def test_the_difference_of_two_facts(a: Any, b: Any, says: str) -> None:
    assert difference(a, b) == says


def test_the_table_says_what_was_changed_and_then_the_facts() -> None:
    """A fact that neither gave is no row."""
    a = of("BASE", [], {"drop": 0.5, "top": " Mary", "ranks": list(range(30)), "gone": 1}, layer=1, head=2)
    b = of("1", [], {"drop": 0.75, "top": " John", "ranks": list(range(30)), "new": None}, layer=0, head=2)
    assert facts(a, b).table() == (
        ["", "BASE", "1", "difference"],
        [
            ["layer", "1", "0", "changed"],
            ["drop", "0.50", "0.75", "+0.25"],
            ["top", "·Mary", "·John", "other"],
            ["ranks", "30 values", "30 values", "same"],
            ["gone", "1", "–", "–"],
        ],
    )


def tokens(*runs: tuple[str, str, float]) -> Tokens:
    return Tokens(title="next", runs=[Distribution(name=n, tokens=[t], probabilities=[p]) for n, t, p in runs])


def sampled(name: str, facts: dict[str, Any], **parameters: Any) -> Try:
    result = {"facts": facts, "figures": []}
    return Try(name, "run", "sampling", {"prompt": "a b", **parameters}, parameters, (), result)


def test_the_table_leaves_out_what_does_not_count_and_what_only_figures_tell() -> None:
    a = sampled("1", {"texts": ["x", "y"], "n": 2, "probs": [0.5, 0.25]}, strategy="temperature", temperature=0.5, n=2)
    b = sampled("2", {"texts": ["z"], "n": 1, "probs": [0.5, 0.5]}, strategy="beam", temperature=2.0, n=1)
    assert facts(a, b).body == [
        ["strategy", "temperature", "beam", "changed"],
        ["temperature", "0.50", "–", "changed"],
        ["n", "2", "1", "changed"],
        ["probs", "0.50, 0.25", "0.50, 0.50", "0.12 apart on average"],
    ]


def test_all_tries_are_told_by_the_fact_that_the_tweaks_are_about(state: State) -> None:
    """The lesson's own run was bet on by another one."""
    assert [one.fact.rpartition(" ")[0] for one in tries(state)[1:]] == ["final token"] * 3


def test_tokens_become_one_figure_and_what_is_alike_is_there_once() -> None:
    a = tokens(("BASE", " Mary", 0.9), ("TWEAK", " Mary", 0.6))
    b = tokens(("BASE", " Mary", 0.9), ("TWEAK", " John", 0.7))
    [one] = together(a, b, "BASE", "2")
    assert [(run.name, run.tokens[0]) for run in one.runs] == [  # type: ignore[attr-defined]
        ("BASE", " Mary"),
        ("TWEAK", " Mary"),
        ("TWEAK 2", " John"),
    ]
    [other] = together(b, tokens(("BASE", " x", 1.0), ("TWEAK", " y", 1.0)), "1", "2")
    assert [run.name for run in other.runs] == ["BASE 1", "TWEAK 1", "BASE 2", "TWEAK 2"]  # type: ignore[attr-defined]
    [retitled] = together(a, b.model_copy(update={"title": "last"}), "BASE", "1")
    assert retitled.title == "BASE: next · 1: last"
    [plain] = together(tokens(("", " a", 1.0)), tokens(("", " a", 1.0)), "BASE", "1")
    assert [run.name for run in plain.runs] == ["BASE", "1"]  # type: ignore[attr-defined]


def test_curves_lie_in_one_figure_where_they_are_as_long() -> None:
    def curve(x: list[str], *values: float, y: str = "rank") -> Curve:
        return Curve(title="rank", x_name="layer", x=x, y_name=y, series=[Series(values=list(values))])

    [one] = together(curve(["0", "1"], 5, 1), curve(["0", "1"], 4, 0), "BASE", "1")
    assert [(s.name, s.values) for s in one.series] == [("BASE", [5, 1]), ("1", [4, 0])]  # type: ignore[attr-defined]
    two = together(curve(["0", "1"], 5, 1), curve(["0"], 4), "BASE", "1")
    assert [figure.title for figure in two] == ["BASE: rank", "1: rank"]
    other = together(curve(["0", "1"], 5, 1), curve(["0", "1"], 4, 0, y="bits"), "BASE", "1")
    assert len(other) == 2, "what is not measured alike has no axis in common"


def test_heatmaps_show_their_difference_around_zero() -> None:
    def grid(*values: float | None, columns: int = 2) -> Heatmap:
        names = [str(n) for n in range(columns)]
        return Heatmap(title="p", row_name="layer", column_name="head", rows=["0"], columns=names, values=[[*values]])

    change, left, right = together(grid(0.25, None), grid(0.75, 0.5), "1", "2")
    assert isinstance(change, Heatmap)
    assert change.values == [[0.5, None]]
    assert change.signed
    assert (change.title, left.title, right.title) == ("p: 2 less 1", "1: p", "2: p")
    assert len(together(grid(0.1, 0.2), grid(0.1, 0.2, 0.3, columns=3), "1", "2")) == 2


def test_texts_and_tables() -> None:
    def texts(prompt: str, text: str) -> Texts:
        return Texts(title="w", prompt=prompt, texts=[Text(name="#1", text=text)])

    [one] = together(texts("p", "x"), texts("p", "y"), "1", "2")
    assert [t.name for t in one.texts] == ["1 #1", "2 #1"]  # type: ignore[attr-defined]
    assert len(together(texts("p", "x"), texts("q", "y"), "1", "2")) == 2

    def numbers(a: str, b: str) -> Table:
        return Table(title="t", heads=["head", "drop", "kl"], body=[["3", a, "1"], ["4", b, "2"]])

    [both] = together(numbers("5", "6"), numbers("7", "6"), "1", "2")
    assert both.table() == (["head", "drop 1", "drop 2", "kl"], [["3", "5", "7", "1"], ["4", "6", "6", "2"]])


def test_what_is_on_one_side_only_is_shown_alone_and_everything_has_a_text_form() -> None:
    a = of("BASE", [tokens(("", " a", 1.0)), Texts(title="w", texts=[])], {"drop": 0.5}, layer=1)
    b = of("1", [tokens(("", " b", 1.0))], {"drop": 0.1}, layer=2)
    figures = compare(a, b)
    assert [figure.title for figure in figures] == ["BASE and 1", "next", "BASE: w"]
    assert all(figure.text().strip() for figure in figures)
    assert "-0.40" in figures[0].text()
    broken = Try("2", "run", "head_ablation", {}, {}, (), {"figures": [{"kind": "no such"}], "facts": {}})
    assert [figure.title for figure in compare(a, broken)] == ["BASE and 2", "BASE: next", "BASE: w"]
