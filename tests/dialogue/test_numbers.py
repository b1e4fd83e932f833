"""Numbers in a turn: what is written in one of the ways that people write it is the number of the run."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.dialogue.course import TURNS
from tutor.dialogue.numbers import spoken
from tutor.dialogue.sources import Sources

GIVEN = replace(TURNS["why-open"], facts={"n_vocab": 49152, "n_params": 1234567, "kl_bits": 4.512}, figures=())


@pytest.mark.parametrize(
    "text",
    [
        "of 49152 tokens",
        "of 49,152 tokens",
        "of 49 152 tokens",
        "of 49\u202f152 tokens",
        "1,234,567 numbers",
        "1 234 567 numbers",
        "4.512 bits",
        "4,512 bits",  # a decimal comma
        "4,51 bits",
    ],
)
def test_a_number_of_the_run_in_any_spelling(text: str) -> None:
    assert Sources(GIVEN).unknown_number(text) is None


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("of 49,153 tokens", "49,153"),
        ("of 49 153 tokens", "49 153"),
        ("1,234,568 numbers", "1,234,568"),
        ("45,12 bits", "45,12"),
        ("152 tokens", "152"),
    ],
)
def test_a_number_that_no_run_gave_in_any_spelling(text: str, number: str) -> None:
    assert Sources(GIVEN).unknown_number(text) == number


def test_what_stands_in_a_text_may_be_a_row_of_numbers() -> None:
    assert {100.0, 200.0, 300.0} <= spoken(["100 200 300"])
    assert spoken(["0,412 and 100"]) == {0.412, 100.0}
    assert spoken(["3 2000"]) == {3.0, 2000.0}
