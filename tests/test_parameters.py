"""Parameters as they are typed: what differs from the lesson's own, and what is out of range."""

from __future__ import annotations

from typing import Any, get_args

import pytest

from engine.errors import BadParameter
from engine.experiments import catalogue, experiment
from tutor.parameters import apart, changed, changes, differences, is_token, misspaced, named, typable, whole, written

ABLATION = experiment("head_ablation")
BASE: dict[str, Any] = {"prompt": "a b", "layer": 1, "head": 2, "answer": " a", "distractor": " b"}


def typed(**more: str) -> dict[str, str]:
    """Every field as the form has it, some changed."""
    return {**{name: written(v) for name, v in whole(ABLATION, BASE).items()}, **more}


def test_what_is_typed_becomes_what_differs_from_the_lessons_own() -> None:
    assert changes(ABLATION, BASE, BASE, typed()) is None
    assert changes(ABLATION, BASE, BASE, typed(layer="3")) == {"layer": 3}
    assert changes(ABLATION, BASE, BASE, typed(layer="3", mode="mean", temperature="0.5")) == {
        "layer": 3,
        "mode": "mean",
        "temperature": 0.5,
    }


def test_what_does_not_count_is_not_said_to_be_changed() -> None:
    base = {"prompt": "a", "strategy": "temperature", "temperature": 1.0, "top_k": 50}
    of = experiment("sampling")
    assert changed({"strategy": "top_p", "top_k": 9}, base, of) == "Now with strategy top_p. "
    assert changed({"strategy": "top_k", "top_k": 9}, base, of) == "Now with strategy top_k, top k 9. "
    assert changed({"top_k": 9}, base, of) == "Now with top k 9. ", "something is always said"
    assert changed({"strategy": "no such thing"}, base, of) == "Now with strategy “no such thing”. ", (
        "of an older tutor"
    )


def test_what_was_changed_before_stays_changed() -> None:
    now = {**BASE, "mode": "mean"}
    assert changes(ABLATION, BASE, now, {"layer": "3"}) == {"layer": 3, "mode": "mean"}
    assert changes(ABLATION, BASE, now, typed()) == {}, "back to the lesson's own is a change as well"
    assert changes(ABLATION, BASE, now, typed(mode="mean")) is None


@pytest.mark.parametrize(
    ("name", "text", "says"),
    [
        ("layer", "-1", "a whole number from 0 to"),
        ("layer", "", "a whole number from 0 to"),
        ("mode", "loud", "one of zero, mean"),
        ("bos", "perhaps", "true or false"),
        ("prompt", "", "text, not empty"),
        ("temperature", "9", "a number from 0 to 5"),
    ],
)
def test_what_is_out_of_range_names_the_parameter_and_its_range(name: str, text: str, says: str) -> None:
    with pytest.raises(BadParameter) as bad:
        changes(ABLATION, BASE, BASE, typed(**{name: text}))
    assert bad.value.parameter == name
    assert name in str(bad.value)
    assert says in str(bad.value)


@pytest.mark.parametrize("layer", ["-1", "3", "9"])
def test_with_the_loaded_models_sizes_the_range_is_its_own(layer: str) -> None:
    with pytest.raises(BadParameter, match=r"it must be a whole number from 0 to 2$"):
        changes(ABLATION, BASE, BASE, typed(layer=layer), {"n_layers": 3})
    assert changes(ABLATION, BASE, BASE, typed(layer="2"), {"n_layers": 3}) == {"layer": 2}


@pytest.mark.parametrize(
    ("text", "other", "says"),
    [
        ("a b c d", "a b c e", "… c d"),
        ("a b c d e", "a b c", "… c d e"),
        ("a b c d", "a b c d e", "… c d"),
        ("a b", "c b", "a b"),
        ("a b c", "a x c", "a b c"),
        ("a b c", "a b c", "a b c"),
        (3, 4, 3),
        ("a b c d", None, "a b c d"),
    ],
)
def test_of_a_changed_text_the_part_that_differs_is_said(text: Any, other: Any, says: Any) -> None:
    assert apart(text, other) == says


def test_parameters_in_a_sentence() -> None:
    assert (
        named({"layer": 3, "prompt": "However", "strategy": "top_p"}) == "layer 3, strategy top_p, prompt “However”"
    ), "what differs is said before a line is cut"


def test_a_space_in_front_is_shown_and_can_be_typed_as_a_dot() -> None:
    assert written(" Paris") == "·Paris"
    assert changes(ABLATION, BASE, BASE, typed(answer="·a")) is None, "as it was"
    assert changes(ABLATION, BASE, BASE, typed(answer=" a")) is None
    assert changes(ABLATION, BASE, BASE, typed(answer="·cold")) == {"answer": " cold"}


def test_which_parameters_are_one_token() -> None:
    tokens = {(of.name, name) for of in catalogue() for name in of.parameters.model_fields if is_token(of, name)}
    assert {("head_ablation", "answer"), ("head_ablation", "distractor"), ("logit_bias", "token")} <= tokens
    assert {("logit_lens", "answer"), ("next_token", "answer")} <= tokens, "also where it may stay away"
    assert {name for _, name in tokens} <= {"answer", "distractor", "token"}


@pytest.mark.parametrize(
    ("prompt", "answer", "doubted"),
    [
        ("The opposite of hot is", "cold", True),
        ("The opposite of hot is,", "cold", True),
        ("The opposite of hot is", " cold", False),
        ("The opposite of hot is ", "cold", False),
        ('The opposite of hot is "', "cold", False),
        ("2 + 2 =", "4", False),
        ("Wednes", "day", False),
        ("热的反义词是", "冷", False),
    ],
)
def test_a_word_without_its_space_is_doubted_and_taken(prompt: str, answer: str, doubted: bool) -> None:
    values = {**BASE, "prompt": prompt, "answer": answer}
    said = misspaced(ABLATION, values, ["answer"])
    assert said == ("answer is “cold” with no space before it; as the next word it would be “·cold”" if doubted else "")
    assert changes(ABLATION, BASE, BASE, typed(prompt=prompt, answer=answer))
    assert not misspaced(ABLATION, values, ["layer"]), "of what was not given nothing is said"


def test_a_text_that_ends_with_a_space_is_doubted_and_taken() -> None:
    said = misspaced(ABLATION, {**BASE, "prompt": "The color of grass is "}, ["prompt"])
    assert said == "prompt ends with a space, and a word that comes next would bring its own"
    assert not misspaced(ABLATION, {**BASE, "prompt": "The color of grass is "}, ["layer"])
    assert not misspaced(ABLATION, {**BASE, "answer": " "}, ["answer"])


@pytest.mark.parametrize(
    ("now", "typed", "refused"),
    [
        ({}, {"top_k": "5"}, "top_k counts only with strategy top_k: the run would be the one before"),
        ({}, {"top_k": "5", "top_p": "0.5"}, "top_k counts only with strategy top_k"),
        ({"strategy": "greedy"}, {"temperature": "2"}, "temperature counts only with strategy temperature or top_k or top_p"),
        ({}, {"strategy": "top_k", "top_k": "5"}, ""),
        ({}, {"top_k": "5", "temperature": "0.5"}, ""),
        ({"strategy": "top_k", "top_k": 5}, {"strategy": "temperature", "top_k": "50"}, ""),
        ({"strategy": "top_k"}, {"top_k": "5"}, ""),
    ],
)  # fmt: skip
def test_a_change_that_changes_nothing_is_refused(now: dict[str, Any], typed: dict[str, str], refused: str) -> None:
    sampling, base = experiment("sampling"), {"prompt": "a b"}
    if refused:
        with pytest.raises(BadParameter, match=refused):
            changes(sampling, base, {**base, **now}, typed)
    else:
        assert changes(sampling, base, {**base, **now}, typed) is not None


def test_what_counts_only_with_another_says_so_by_names_that_there_are() -> None:
    for of in catalogue():
        fields = of.parameters.model_fields
        for name, (other, values) in of.parameters.COUNTS.items():
            assert name in fields
            kind = fields[other].annotation
            assert values <= ({True, False} if kind is bool else {*get_args(kind)})


@pytest.mark.parametrize(
    ("name", "base", "typed", "refused"),
    [
        ("reproducibility", {"prompt": "a b", "do_sample": False}, {"temperature": "2"}, "counts only with do_sample true"),
        ("reproducibility", {"prompt": "a b", "do_sample": False}, {"seed": "2"}, "seed counts only with do_sample true"),
        ("reproducibility", {"prompt": "a b"}, {"second_seed": "2"}, ""),
        ("weight_matrix", {"matrix": "embed"}, {"layer": "2"}, "layer counts only with matrix down or k or o or q or up or v"),
        ("weight_matrix", {"matrix": "up"}, {"layer": "2"}, ""),
    ],
)  # fmt: skip
def test_so_it_is_in_every_experiment(name: str, base: dict[str, Any], typed: dict[str, str], refused: str) -> None:
    if refused:
        with pytest.raises(BadParameter, match=refused):
            changes(experiment(name), base, base, typed)
    else:
        assert changes(experiment(name), base, base, typed) is not None


def test_defaults_are_no_differences() -> None:
    assert differences(ABLATION, BASE, {**BASE, "mode": "zero", "bos": False}) == {}


@pytest.mark.parametrize("of", catalogue(), ids=lambda e: e.name)
def test_what_is_written_is_read_back(of: Any) -> None:
    """For every parameter that has a default: the field's text is the default again."""
    fields = of.parameters.model_fields
    required: dict[str, Any] = {name: 1 for name in fields if fields[name].is_required()}
    for name in required:
        if "text" in of.parameters.range_of(name):
            required[name] = " a"
        elif "one of" in of.parameters.range_of(name):
            required[name] = of.parameters.range_of(name).removeprefix("one of ").split(", ")[0]
    base = whole(of, required)
    assert changes(of, required, required, {name: written(base[name]) for name in typable(of)}) is None


def test_a_head_is_told_with_its_layer() -> None:
    """What was tried before may have been in another one."""
    assert changed({"head": 3}, BASE, ABLATION) == "Now with layer 1, head 3. "
    assert changed({"layer": 2}, BASE, ABLATION) == "Now with layer 2, head 2. "
    assert changed({"mode": "mean"}, BASE, ABLATION) == "Now with mode mean. "
