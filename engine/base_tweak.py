"""BASE and TWEAK held against each other: what both say next, what both write, and the facts that they share."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from torch import Tensor

from engine.figures import Figure, Table, Text, Texts, Tokens, number, shown
from engine.measures import distribution, kl_bits
from engine.writer import Writer

if TYPE_CHECKING:
    from engine.lab import Lab


TOP = 5
"""So many of the most likely next tokens of each run are shown."""


def base_tweak(
    lab: Lab, base: Writer, tweak: Writer, temperature: float, always: Sequence[str], count: int | None
) -> tuple[dict[str, Any], list[Figure]]:
    """The facts of BaseTweak and the figures of two runs; `Lab.base_tweak` says what is given."""
    ids = [lab.token_id(token) for token in always]
    before, after = base.logits[0], tweak.logits[0]  # [n_vocab]
    top = min(TOP, len(before))
    show: list[int] = [*before.topk(top).indices.tolist(), *after.topk(top).indices.tolist(), *ids]
    both = (("BASE", before), ("TWEAK", after))
    runs = [distribution(logits, show, lab.text_of, name) for name, logits in both]
    figures: list[Figure] = [Tokens(title="The next token", runs=runs)]
    lab.partial(figures[0], 0)

    prompt = lab.text_of(base.prompt)
    pick = (lambda logits: lab.draw(lab.cooled(logits, temperature).softmax(-1))) if temperature else None
    luck = lab.generator.get_state()
    plain = write_base(lab, base, temperature, pick)
    written = [Text(name="BASE", text=lab.text_of(plain))]
    lab.partial(Texts(title="What it writes", prompt=prompt, texts=written), 1)
    lab.generator.set_state(luck)
    edited = lab.write(tweak, pick=pick, label="writing TWEAK")
    written.append(Text(name="TWEAK", text=lab.text_of(edited)))
    figures.append(Texts(title="What it writes", prompt=prompt, texts=written))

    facts: dict[str, Any] = {
        "base_text": written[0].text,
        "tweak_text": written[1].text,
        "base_top": lab.most_likely(before)[0],
        "tweak_top": lab.most_likely(after)[0],
        "kl_bits": kl_bits(before, after),
    }
    if count is not None:
        facts |= {"base_count": int((plain == count).sum()), "tweak_count": int((edited == count).sum())}
    if len(ids) == 2:
        differences, table = two_logits(lab, ids, before, after)
        facts |= differences
        figures.append(table)
    return facts, figures


def write_base(lab: Lab, base: Writer, temperature: float, pick: Callable[[Tensor], Tensor] | None) -> Tensor:
    """What BASE writes, [written]: as before, where all that it follows from is as before, since no edit is in it."""
    luck = lab.generator.get_state().numpy().tobytes() if temperature else b""
    key = (tuple(base.prompt.tolist()), base.room, temperature, luck)
    known = None if base.edits else lab.written.get(key)
    if known is None:
        known = lab.write(base, pick=pick, label="writing BASE")
    else:
        lab.progress("writing BASE", len(known), base.room, "tokens")
    if not base.edits:
        lab.written.keep(key, known)
    return known


def two_logits(lab: Lab, pair: Sequence[int], base: Tensor, tweak: Tensor) -> tuple[dict[str, float], Table]:
    """The logits of an answer and its distractor, from those of both runs [n_vocab]: their differences as facts, and all
    of it as a table."""
    names = [f"logit of {shown(lab.text_of(token))}" for token in pair]
    facts, body = {}, []
    for name, run in (("BASE", base), ("TWEAK", tweak)):
        first, second = (float(run[token]) for token in pair)
        facts[f"{name.lower()}_logit_diff"] = first - second
        body.append([name, number(first), number(second), number(first - second)])
    return facts, Table(title="The two logits", heads=["run", *names, "difference"], body=body)
