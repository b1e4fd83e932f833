"""The offline judge, held against replies as people write them."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from tests.dialogue.course import LISTENS, listens, shipped
from tutor.dialogue.judge import judge
from tutor.dialogue.moves import Reply

HERE = Path(__file__).parent
REPLIES = yaml.safe_load((HERE / "replies.yaml").read_text())
SHIPPED = yaml.safe_load((HERE / "replies_shipped.yaml").read_text())
KINDS = yaml.safe_load((HERE / "replies_kinds.yaml").read_text())
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
}


def verdict(step: str, reply: str) -> str:
    question, listen = ALL[step]
    j = judge(listen, reply, question)
    detail = j.misconception if j.reply is Reply.MISCONCEPTION else ",".join(j.met) if j.reply is Reply.PARTLY else ""
    return f"{j.reply}:{detail}" if detail else str(j.reply)


@pytest.mark.parametrize("name", CASES)
def test_agrees_with_the_labels(name: str) -> None:
    cases = CASES[name]
    off = [(step, label, got, reply) for step, label, reply in cases if (got := verdict(step, reply)) != label]
    not_right = [c for c in cases if c[1] != "right"]
    agreement = 1 - len(off) / len(cases)
    said_right = sum(got == "right" for _, _, got, _ in off) / len(not_right)
    report = "\n".join(f"  {step}: {label} -> {got}: {reply!r}" for step, label, got, reply in off)
    print(f"\n{name}: {len(cases)} replies, agreement {agreement:.1%}, right said of others {said_right:.1%}\n{report}")
    assert agreement >= 0.90, report
    assert said_right <= 0.02, report
