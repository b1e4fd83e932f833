"""Activation patching: where does the answer live.

Two prompts that differ in a word or two, with different answers. The model reads the corrupt one, but at one place in it
the value from the clean run is put in: one layer and position of the residual stream, or of what attention or the MLP
writes into it, or one head. Where that alone moves the answer back to the clean one, the place carries what tells the
two prompts apart. Every place is tried; the grid holds the corrupt run's logit difference after each patch.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from pydantic import Field

from engine.errors import BadParameter, counted
from engine.experiments.base import Count, FactSet, Head, Layer, Logits, Outcome, ParameterSet, Prompt, Token, share_of
from engine.figures import Heatmap, shown

if TYPE_CHECKING:
    from torch import Tensor

    from engine.edits import Edit
    from engine.lab import Lab
    from engine.trace import Trace

NEEDS = ()


class Parameters(ParameterSet):
    clean: Prompt = Field(description="text whose values are put in; it has the answer")
    corrupt: Prompt = Field(description="text that is run with them: as many tokens, another answer")
    answer: Token
    distractor: Token
    site: Literal["resid_pre", "attn_out", "mlp_out", "z"] = Field(default="resid_pre", description="what is patched")


class Facts(FactSet):
    clean_logit_diff: Logits = Field(description="logit(answer) - logit(distractor) after the clean prompt")
    corrupt_logit_diff: Logits = Field(description="the same after the corrupt prompt")
    best_layer: Layer = Field(description="layer of the patch that brings back the most")
    best_position: Count | None = Field(description="position of that patch; none where site is z")
    best_head: Head | None = Field(description="head of that patch where site is z, patched at every position")
    best_recovered: float = Field(description="share of the clean run's difference that it brings back: 0 none, 1 all")
    moves_layer: Layer | None = Field(
        description="layer from which on the last position brings back more than any before it; "
        "none where there is no such layer, where nothing before it differs, and where site is not resid_pre"
    )
    first_difference: Count = Field(description="first position at which the prompts differ; none before it matters")


def run(lab: Lab, p: Parameters) -> Outcome:
    from engine.sweeps import base_run, logit_diff, measured, sweep

    clean = lab.tokens(p.clean, bos=p.bos, parameter="clean")
    corrupt = lab.tokens(p.corrupt, bos=p.bos, parameter="corrupt")
    first = first_difference(lab, clean, corrupt)
    measure = logit_diff(lab, *lab.pair(p.answer, p.distractor))

    end = ("resid_post", lab.n_layers - 1)
    trace = lab.forward(clean, read=[p.site, end], keep=1)  # the values to put in
    clean_diff = measure(trace[end][-1:]).item()
    base = base_run(lab, corrupt)
    corrupt_diff = measured(base, measure)

    edits = patches(lab, p.site, trace, first, len(corrupt))  # one for each cell of the grid that can matter
    cells = list(edits)
    columns = lab.n_heads if p.site == "z" else len(corrupt)
    grid: list[list[float | None]] = [[None] * columns for _ in range(lab.n_layers)]
    if p.site != "z":
        for row in grid:
            row[:first] = [corrupt_diff] * first  # before the prompts differ a patch changes nothing, exactly
    for indices, diffs in sweep(lab, base, [[edit] for edit in edits.values()], measure, "patching"):
        for index, diff in zip(indices, diffs, strict=True):
            layer, column = cells[index]
            grid[layer][column] = diff
        lab.partial(lambda: heatmap(lab, corrupt, p.site, grid, clean_diff, corrupt_diff))

    span = clean_diff - corrupt_diff
    recovered = {(i, k): share_of((grid[i][k] or 0.0) - corrupt_diff, span) for i, k in cells}
    best = max(cells, key=lambda cell: recovered[cell])
    facts = Facts(
        clean_logit_diff=clean_diff,
        corrupt_logit_diff=corrupt_diff,
        best_layer=best[0],
        best_position=None if p.site == "z" else best[1],
        best_head=best[1] if p.site == "z" else None,
        best_recovered=recovered[best],
        moves_layer=moves_layer(recovered, first, len(corrupt) - 1) if p.site == "resid_pre" else None,
        first_difference=first,
    )
    return Outcome(facts, [heatmap(lab, corrupt, p.site, grid, clean_diff, corrupt_diff)])


def moves_layer(recovered: dict[tuple[int, int], float], first: int, last: int) -> int | None:
    """The layer from which on the last position brings back more than any between the first difference and it."""
    moved = None
    for layer in range(max(i for i, _ in recovered), -1, -1) if first < last else ():
        if recovered[layer, last] <= max(recovered[layer, k] for k in range(first, last)):
            break
        moved = layer
    return moved


def patches(lab: Lab, site: str, trace: Trace, first: int, n: int) -> dict[tuple[int, int], Edit]:
    """For each layer and position (where site is z: head) the edit that puts the clean run's value there."""
    if site == "z":
        later = range(first, n)  # [position, head, d_head]: one head, wherever the prompts can differ
        return {
            (i, k): lab.edit("z", "replace", layer=i, head=k, positions=later, value=trace["z", i][first:, k])
            for i in range(lab.n_layers)
            for k in range(lab.n_heads)
        }
    return {
        (i, k): lab.edit(site, "replace", layer=i, positions=[k], value=trace[site, i][k])
        for i in range(lab.n_layers)
        for k in range(first, n)
    }


def first_difference(lab: Lab, clean: Tensor, corrupt: Tensor) -> int:
    """The first position at which the prompts differ. Raises BadParameter where they cannot be laid side by side."""
    if len(clean) != len(corrupt):
        count = counted(len(corrupt))
        pieces = [" | ".join(shown(lab.text_of(int(t))) for t in tokens) for tokens in (clean, corrupt)]
        raise BadParameter(
            "corrupt",
            f"corrupt has {count} and clean has {len(clean)}; they must have the same number\n"
            f"clean:   {pieces[0]}\ncorrupt: {pieces[1]}",
        )
    differ = [i for i, (a, b) in enumerate(zip(clean.tolist(), corrupt.tolist(), strict=True)) if a != b]
    if not differ:
        raise BadParameter("corrupt", "corrupt is the same text as clean; it must differ in a word or two")
    return differ[0]


def heatmap(
    lab: Lab, corrupt: Tensor, site: str, grid: list[list[float | None]], clean_diff: float, corrupt_diff: float
) -> Heatmap:
    """The corrupt run's logit difference after each patch; cells that were not run yet are empty."""
    heads = [str(head) for head in range(lab.n_heads)]
    return Heatmap(
        title=f"The logit difference after each patch of {site}",
        note=f"Without a patch {corrupt_diff:.2f}; near {clean_diff:.2f}, the clean run's, the value put in there moves the "
        "answer back.",
        row_name="layer",
        column_name="head" if site == "z" else "position",
        rows=[str(layer) for layer in range(lab.n_layers)],
        columns=heads if site == "z" else [lab.text_of(int(token)) for token in corrupt],
        values=[list(row) for row in grid],
        value_name="logit difference",
        signed=True,
        middle=corrupt_diff,
    )
