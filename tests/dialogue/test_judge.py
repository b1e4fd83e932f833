"""The offline judge, held against replies as people write them."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from tests.dialogue.course import LISTENS, listens, shipped
from tutor.dialogue.cues import Found, find, own_question, parse
from tutor.dialogue.judge import judge
from tutor.dialogue.moves import Reply

HERE = Path(__file__).parent
REPLIES = yaml.safe_load((HERE / "replies.yaml").read_text())
SHIPPED = yaml.safe_load((HERE / "replies_shipped.yaml").read_text())
KINDS = yaml.safe_load((HERE / "replies_kinds.yaml").read_text())
LEARNERS = yaml.safe_load((HERE / "replies_learners.yaml").read_text())
READERS = yaml.safe_load((HERE / "replies_readers.yaml").read_text())
HELD_OUT = yaml.safe_load((HERE / "replies_held_out.yaml").read_text())
ALL = {**LISTENS, **{f"{of.id}/{step}": heard for of in shipped() for step, heard in listens(of).items()}}


def flat(replies: dict[str, dict[str, list[str]]], take: slice = slice(None)) -> list[tuple[str, str, str]]:
    """(step, label, reply) of each labelled reply."""
    return [
        (step, label, reply) for step, kinds in replies.items() for label, said in kinds.items() for reply in said[take]
    ]


CASES = {
    "tuned": flat(REPLIES, slice(0, None, 2)),
    "held out": flat(REPLIES, slice(1, None, 2)),
    "shipped lessons": flat(SHIPPED),
    "newer lessons": flat(KINDS),
    "all lessons": flat(LEARNERS),
    "all lessons, held out": flat(HELD_OUT),
    "readers": flat(READERS),
}
LEAST = {"all lessons, held out": 0.80, "readers": 0.80}
"""Agreement with the labels, where it is not 0.9."""


def verdict(step: str, reply: str) -> str:
    question, listen = ALL[step]
    j = judge(listen, reply, question)
    detail = j.misconception if j.reply is Reply.MISCONCEPTION else ",".join(j.met) if j.reply is Reply.PARTLY else ""
    return f"{j.reply}:{detail}" if detail else str(j.reply)


@pytest.mark.parametrize(
    "reply",
    [
        "say it",
        "just say it already",
        "ok, give up",
        "I want to give up",
        "you tell me",
        "so tell us",
        "explain it please",
    ],
)
def test_an_order_to_tell_is_one(reply: str) -> None:
    assert judge(ALL["the-likeliest-every-time/why-greedy"][1], reply).reply is Reply.TELL_ME


@pytest.mark.parametrize(
    "reply",
    [
        "because it's likely to say it again",
        "I'd say it picks up its own words",
        "hard to say, it comes back to the same",
        "it can only tell us what it knows",
        "the model would give up and repeat",
        "the figure does not tell me much",
    ],
)
def test_who_speaks_of_saying_and_telling_orders_nothing(reply: str) -> None:
    assert judge(ALL["the-likeliest-every-time/why-greedy"][1], reply).reply is not Reply.TELL_ME


@pytest.mark.parametrize("name", CASES)
def test_agrees_with_the_labels(name: str) -> None:
    cases = CASES[name]
    off = [(step, label, got, reply) for step, label, reply in cases if (got := verdict(step, reply)) != label]
    not_right = [c for c in cases if c[1] != "right"]
    agreement = 1 - len(off) / len(cases)
    said_right = sum(got == "right" for _, _, got, _ in off) / len(not_right)
    report = "\n".join(f"  {step}: {label} -> {got}: {reply!r}" for step, label, got, reply in off)
    print(f"\n{name}: {len(cases)} replies, agreement {agreement:.1%}, right said of others {said_right:.1%}\n{report}")
    assert agreement >= LEAST.get(name, 0.90), report
    assert said_right <= 0.02, report


@pytest.mark.parametrize(
    ("reply", "said"),
    [
        ("idk", True),
        ("Sorry, I really don't know", True),
        ("no idea tbh", True),
        ("im lost here", True),
        ("stuck", True),
        ("Not sure", True),
        ("hm, I'm not so sure", True),
        ("I don't understand the question", True),
        ("I have absolutely no idea", True),
        ("I'm completely lost", True),
        ("I'm a bit lost, sorry", True),
        ("you lost me", True),
        ("stuck, help", True),
        ("I am stuck on this one", True),
        ("um, no idea", True),
        ("nope, no clue tbh", True),
        ("ah, not sure", True),
        ("pass please", True),
        ("I can't tell the two apart: both drop the same", False),
        ("I think it gets lost on the way", False),
        ("tokens do not know their place", False),
        ("the tests of the other path still pass", False),
        ("the model is not sure", False),
        ("it has no idea what comes next", False),
        ("it never gets out, it's stuck", False),
        ("without that head the name is lost", False),
        ("lost in the sum of all the others", False),
    ],
)
def test_who_does_not_know_is_the_learner_and_not_the_model(reply: str, said: bool) -> None:
    question, listen = LISTENS["why"]
    assert (judge(listen, reply, question).reply is Reply.IDK) == said


@pytest.mark.parametrize(
    ("reply", "asks"),
    [
        ("what is a token", True),
        ("is it the head", True),
        ("so why not the first", True),
        ("how many are there", True),
        ("Has head 3 a twin?", True),
        ("what counts is the direction", False),
        ("has to go somewhere, so it goes there", False),
        ("which is why it repeats", False),
        ("is always the same", False),
    ],
)
def test_a_statement_may_begin_like_a_question(reply: str, asks: bool) -> None:
    assert parse(reply)[0].asks == asks


def test_all_that_is_right_and_a_wrong_picture_beside_it_is_for_the_learner_to_say() -> None:
    question, listen = LISTENS["warm-up"]
    assert judge(listen, "each head does one thing", question).reply is Reply.MISCONCEPTION
    assert judge(listen, "there is redundancy. each head does one thing", question).reply is Reply.UNSURE


@pytest.mark.parametrize(
    ("reply", "found"),
    [
        ("it copies the name in a form that nobody can read", Found.SAID),
        ("it copies the name into a place that is not seen", Found.SAID),
        ("it is not true that it copies the name", Found.DENIED),
        ("I do not think that it copies the name", Found.DENIED),
        ("it is so rare that it never copies the name", Found.DENIED),
        ("nothing that copies the name is there", Found.DENIED),
        ("it copies the name and never stops", Found.SAID),
        ("it forgets all instead of that it copies the name", Found.DENIED),
        ("it rests rather than just copies the name", Found.DENIED),
        ("that it is silent does not mean that it is idle or that it copies the name", Found.DENIED),
        ("it does not look at Mary, and that copies the name", Found.SAID),
        ("I am not sure, it copies the name", Found.SAID),
        ("I am not sure that it copies the name", Found.OPEN),
    ],
)
def test_a_denial_behind_a_noun_and_that_denies_no_more_than_what_follows(reply: str, found: Found) -> None:
    assert [hit.found for hit in find("copies name", parse(reply))] == [found]


@pytest.mark.parametrize(
    "tag", ["don't they?", "isn't it?", "wouldn't they", "is it not?", "do they not?", "isn't that so?"]
)
@pytest.mark.parametrize("between", [", ", " ", " - "])
def test_a_tag_that_wants_to_be_agreed_with_denies_nothing(between: str, tag: str) -> None:
    (said,) = find("others compensate", parse(f"the others compensate{between}{tag}"))
    assert said.found is Found.SAID


@pytest.mark.parametrize(
    "behind",
    ["they do not", "is false", "no they don't", "is not true", "that is not so", "that is wrong", "but that's wrong"],
)
def test_what_says_no_behind_an_answer_is_no_tag(behind: str) -> None:
    (said,) = find("others compensate", parse(f"the others compensate, {behind}"))
    assert said.found is Found.DENIED


@pytest.mark.parametrize(
    ("reply", "found"),
    [
        ("no doubt the others compensate", Found.SAID),
        ("without any doubt the others compensate", Found.SAID),
        ("without a doubt the others compensate", Found.SAID),
        ("there is no doubt that the others compensate", Found.SAID),
        ("it is not surprising that the others compensate", Found.SAID),
        ("with layer zero the others compensate", Found.SAID),
        ("I don't doubt that the others compensate", Found.SAID),
        ("the others compensate, so I was wrong", Found.SAID),
        ("the others compensate, my bet is wrong", Found.SAID),
        ("wrong, the others compensate", Found.SAID),
        ("it is wrong that the others compensate", Found.DENIED),
        ("it would be wrong to say the others compensate", Found.DENIED),
        ("there is doubt that the others compensate", Found.DENIED),
        ("no doubt the others never compensate", Found.DENIED),
    ],
)
def test_no_doubt_is_no_denial(reply: str, found: Found) -> None:
    assert [hit.found for hit in find("others compensate", parse(reply))] == [found]


def test_a_word_that_is_a_slip_away_from_a_cue_and_means_itself_is_no_typo() -> None:
    question, listen = ALL["ten-tries/warm-up"]
    assert judge(listen, "the chanse of each", question).reply is Reply.RIGHT  # `chance`
    assert judge(listen, "they change each time", question).reply is not Reply.RIGHT


@pytest.mark.parametrize(
    ("reply", "found"),
    [
        ("after the comma it is not so sure", Found.SAID),
        ("the model isn't sure after the comma", Found.SAID),
        ("not sure, after the comma", Found.OPEN),
        ("i am not so sure that it is after the comma", Found.OPEN),
        ("it is not after the comma", Found.DENIED),
    ],
)
def test_a_doubt_of_the_models_is_no_doubt_of_the_learners(reply: str, found: Found) -> None:
    assert [hit.found for hit in find("after comma", parse(reply))] == [found]


@pytest.mark.parametrize("lead", ["", "hm ", "hmm, ", "wait ", "maybe ", "um "])
def test_a_guess_is_a_guess_whatever_stands_before_it(lead: str) -> None:
    assert own_question(f"{lead}is it the attention?") == ""


def test_a_plea_for_help_is_a_question_with_and_without_its_mark() -> None:
    for mark in ("", "?"):
        assert own_question(f"what it cares about? can you give me a hint{mark}") == "only"
    assert own_question("it can give you a hint") == ""


@pytest.mark.parametrize("text", ["I don't understand", "sorry, I do not get it", "hm. i dont understand"])
def test_who_does_not_understand_does_not_know(text: str) -> None:
    assert judge(ALL["ten-tries/warm-up"][1], text).reply is Reply.IDK


def test_a_model_that_does_not_understand_is_an_answer() -> None:
    assert judge(ALL["ten-tries/warm-up"][1], "the models do not understand").reply is not Reply.IDK


def test_a_question_behind_an_order_to_tell_says_nothing() -> None:
    question, listen = ALL["silence-one-head/why-names"]
    assert judge(listen, "it is the other heads", question).met
    assert judge(listen, "just tell me is it the other heads", question).met == ()


@pytest.mark.parametrize(
    ("reply", "found"),
    [
        ("red is first", [Found.SAID]),
        ("now red comes in first", [Found.SAID]),
        ("red first, then blue", [Found.SAID]),
        ("red is not first", [Found.DENIED]),
        ("the first is red", []),
        ("first blue, then red", []),
        ("first red, and red is first", [Found.SAID]),
        ("redfirst", [Found.SAID]),
    ],
)
def test_words_with_an_arrow_between_them_are_meant_in_their_order(reply: str, found: list[Found]) -> None:
    assert [hit.found for hit in find("red -> first", parse(reply))] == found
