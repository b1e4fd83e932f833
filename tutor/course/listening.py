"""What a reply is listened for: what a good one holds, known wrong pictures, and the question for those who were right."""

from __future__ import annotations

from collections.abc import Sequence

from pydantic import Field

from tutor.course.block import Block, Experimented, Slug, Words
from tutor.course.conditions import When

DEEPER = "deeper"
"""The id by which a judgement names the answer to a deeper question."""


class Expectation(Block):
    """One thing a good reply says. `cues` are words or beginnings of words that show it; `ask` draws it out."""

    id: Slug
    says: Words
    cues: list[Words] = Field(min_length=1)
    ask: Words


class Misconception(Block):
    """A known wrong picture. `ask` makes the learner meet its consequence; `control` is a run that contradicts it."""

    id: Slug
    cues: list[Words] = Field(min_length=1)
    ask: Words
    control: Experimented | None = None


class Reading(Misconception):
    """Something that the learner may say they see. `when` it is so: who says it of a run where it is not is asked `ask`, and who
    says it again is shown `shows`, what the run gave: with `{fact}` for values, and no stop at the end."""

    when: When = Field(min_length=1)
    shows: Words


class Deeper(Block):
    """A question for those who were right, and what the lesson itself would have said to it: that is read after the learner's
    own answer, whatever it was."""

    ask: Words
    again: Words | None = None
    """The same in other words, for who asks back what it means."""
    answer: Words | None = None
    """Without it, who has no answer leaves the question open."""
    cues: list[Words] = []
    """What a good reply holds, one of them is enough; without any, none is called right."""
    wrong: list[str] = []
    """Replies that must hold none of them."""


class Listen(Block):
    expects: list[Expectation] = Field(min_length=1)
    misconceptions: list[Misconception] = []
    answer: Words
    """The authored explanation: must meet every expectation."""
    wrong: list[str] = Field(min_length=1)
    """Replies that must meet none."""
    deeper: Deeper | None = None

    def beyond(self, deeper: Deeper) -> Listen:
        """What is listened for once the deeper question was asked: its answer, and nothing of what came before."""
        own = Expectation.model_construct(
            id=DEEPER, says=deeper.answer or deeper.ask, cues=deeper.cues, ask=deeper.again or deeper.ask
        )
        answer = deeper.answer or self.answer
        return Listen.model_construct(
            expects=[own], misconceptions=[], answer=answer, wrong=deeper.wrong, deeper=deeper
        )


def pictures(of: Sequence[Misconception], question: str, answer: str = "") -> Listen:
    """Wrong pictures as what is listened for, where nothing is expected and nobody calls a reply right."""
    own = Expectation.model_construct(id="own", says=answer or question, cues=[], ask=question)
    return Listen.model_construct(
        expects=[own], misconceptions=list(of), answer=answer or question, wrong=[], deeper=None
    )
