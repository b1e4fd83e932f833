"""Reading what was typed as a prediction, and holding it against facts."""

from __future__ import annotations

import pytest

from tutor.course.format import Choice, Number, Prediction, Token
from tutor.predict import NotAnAnswer, answer_text, parse, verdict

CHOICE = Choice.model_validate(
    {
        "kind": "choice",
        "ask": "What happens to the lead?",
        "options": [
            {"id": "gone", "says": "The lead is gone", "when": {"drop": {"at_least": 0.9}}},
            {"id": "dent", "says": "It shrinks by {drop}", "when": {"drop": {"from": 0.1, "below": 0.9}}},
            {"id": "a", "says": "Nothing much", "when": {"drop": {"below": 0.1}}},
        ],
    }
)
NUMBER = Number(kind="number", ask="How probable?", fact="top_prob", low=0, high=1, close=0.05)
BITS = Number(kind="number", ask="How undecided?", fact="entropy_bits", unit="bits", low=0, close=0.5)
OPEN = Number(kind="number", ask="How much?", fact="drop", close=0.1)
TOKEN = Token(kind="token", ask="Which token?", fact="top_token")


@pytest.mark.parametrize(
    ("typed", "option"),
    [
        ("gone", "gone"),
        ("1", "gone"),
        ("2", "dent"),
        (" B ", "dent"),
        ("the lead is gone", "gone"),
        ("a", "a"),
        ("c", "a"),
        ("nothing", "a"),
        ("shrinks", "dent"),
    ],
)
def test_an_option_by_id_text_number_or_letter(typed: str, option: str) -> None:
    assert parse(CHOICE, typed) == option


@pytest.mark.parametrize("typed", ["", "4", "d", "maybe", "0", "the"])
def test_what_is_no_option(typed: str) -> None:
    with pytest.raises(NotAnAnswer, match="1 to 3"):
        parse(CHOICE, typed)


@pytest.mark.parametrize(
    ("typed", "value"),
    [
        ("0.5", 0.5),
        (".5", 0.5),
        ("0,5", 0.5),
        ("5e-1", 0.5),
        ("50%", 0.5),
        ("50 %", 0.5),
        ("50 percent", 0.5),
        ("about 0.5", 0.5),
        ("~0.5", 0.5),
        (" 1 ", 1.0),
        ("0", 0.0),
        ("+0.5", 0.5),
    ],
)
def test_a_number_as_people_write_it(typed: str, value: float) -> None:
    assert parse(NUMBER, typed) == pytest.approx(value)


def test_a_number_with_its_unit_and_other_signs() -> None:
    assert parse(BITS, "3 bits") == 3
    assert parse(OPEN, "−0.5") == -0.5
    assert parse(OPEN, "-1e-3") == -0.001


@pytest.mark.parametrize("typed", ["", "half", "0.5.1", "1/2x", "0x10", "--1", "nan", "inf"])
def test_what_is_no_number(typed: str) -> None:
    with pytest.raises(NotAnAnswer, match="type a number from"):
        parse(NUMBER, typed)


@pytest.mark.parametrize(("question", "typed"), [(NUMBER, "1.5"), (NUMBER, "-0.1"), (BITS, "-1"), (OPEN, "1e999")])
def test_a_number_out_of_range(question: Prediction, typed: str) -> None:
    with pytest.raises(NotAnAnswer, match="outside the range"):
        parse(question, typed)


def test_a_comma_that_can_be_read_in_two_ways_is_asked_about() -> None:
    with pytest.raises(NotAnAnswer, match=r"1000 or 1\.000"):
        parse(OPEN, "1,000")


@pytest.mark.parametrize(
    ("typed", "token"),
    [(" Paris", " Paris"), ("Paris", "Paris"), ("·Paris", " Paris"), ("⏎", "\n"), ("Paris\n", "Paris")],
)
def test_a_token(typed: str, token: str) -> None:
    assert parse(TOKEN, typed) == token


def test_no_token() -> None:
    with pytest.raises(NotAnAnswer, match="type the token"):
        parse(TOKEN, "  ")


def test_a_choice_is_held_against_the_facts() -> None:
    right = verdict(CHOICE, "dent", {"drop": 0.502}, 70)
    assert right.right
    assert "0.50" in right.line
    assert "70 %" in right.line
    wrong = verdict(CHOICE, "gone", {"drop": 0.502}, 70)
    assert not wrong.right
    assert wrong.truth == "It shrinks by 0.50"


@pytest.mark.parametrize("facts", [{}, {"drop": None}, {"drop": "much"}, {"drop": [0.5]}])
def test_a_choice_without_its_fact_is_never_right(facts: dict[str, object]) -> None:
    for option in CHOICE.options:
        assert not verdict(CHOICE, option.id, facts, 50).right


@pytest.mark.parametrize(("said", "right"), [(0.92, True), (0.97, True), (0.87, True), (0.98, False), (0.0, False)])
def test_a_number_near_enough(said: float, right: bool) -> None:
    assert verdict(NUMBER, said, {"top_prob": 0.92}, 50).right is right


def test_a_number_says_which_way_it_was_off() -> None:
    assert "too high" in verdict(BITS, 3.0, {"entropy_bits": 2.0}, 50).line
    assert "too low" in verdict(BITS, 1.0, {"entropy_bits": 2.0}, 50).line
    assert verdict(BITS, 1.0, {"entropy_bits": 2.0}, 50).truth == "2.00 bits"


@pytest.mark.parametrize("facts", [{}, {"top_prob": None}, {"top_prob": "high"}, {"top_prob": True}])
def test_a_number_that_was_not_measured_is_never_right(facts: dict[str, object]) -> None:
    seen = verdict(NUMBER, 1.0, facts, 50)
    assert not seen.right
    assert seen.truth == "not measured"


def test_a_stored_answer_of_another_kind_is_not_right_and_does_not_fail() -> None:
    assert not verdict(NUMBER, " Paris", {"top_prob": 0.5}, 50).right
    assert not verdict(TOKEN, 0.5, {"top_token": " Paris"}, 50).right
    assert not verdict(CHOICE, 0.5, {"drop": 0.5}, 50).right
    for question, answer in ((NUMBER, " Paris"), (TOKEN, 0.5), (CHOICE, 0.5)):
        assert answer_text(question, answer)


@pytest.mark.parametrize(
    ("said", "real", "right"),
    [
        (" Paris", " Paris", True),
        ("Paris", " Paris", True),
        (" Paris", "Paris", True),
        (" paris", " Paris", False),
        (" London", " Paris", False),
        ("\n", "\n", True),
        (" ", "\n", False),
    ],
)
def test_a_token_with_and_without_its_space(said: str, real: str, right: bool) -> None:
    assert verdict(TOKEN, said, {"top_token": real}, 50).right is right


def test_a_token_that_the_run_did_not_give_is_never_right() -> None:
    for answer in ("", " Paris", "None"):
        assert not verdict(TOKEN, answer, {}, 50).right


def test_what_cannot_be_seen_is_made_visible() -> None:
    assert answer_text(TOKEN, " Paris") == "·Paris"
    assert "·Paris" in verdict(TOKEN, " London", {"top_token": " Paris"}, 50).line
    assert "⏎" in verdict(TOKEN, " London", {"top_token": "\n"}, 50).line
