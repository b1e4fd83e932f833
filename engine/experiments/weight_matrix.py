"""Look at a weight matrix.

What a model has learned is numbers in matrices. Attention has q, k, v and o; the MLP has up and down; embed is the
table of token embeddings. Every matrix is shown here as [in, out], so that its rows are what comes in and its columns
what goes out, however the architecture keeps it (engine/weights.py has the shapes). In Llama's MLP a third matrix, the
gate, decides how much of `up` passes; it is not shown.

The singular values say how much the matrix stretches in each of its directions. The effective rank (Roy & Vetterli
2007) says how many directions that comes to: exp of the entropy of the singular values divided by their sum.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Literal

from pydantic import Field

from engine.experiments.base import Count, FactSet, Head, Layer, Outcome, ParameterSet
from engine.figures import Curve, Heatmap, Series

if TYPE_CHECKING:
    from torch import Tensor

    from engine.lab import Lab

NEEDS = ()
MOST = 64
"""Rows, columns and points that a figure has at most."""


class Parameters(ParameterSet):
    COUNTS: ClassVar = {"layer": ("matrix", frozenset({"q", "k", "v", "o", "up", "down"}))}

    matrix: Literal["q", "k", "v", "o", "up", "down", "embed"] = Field(description="which matrix")
    layer: Layer = Field(default=0, description="layer, counted from 0; embed is in no layer and is the same for all")
    head: Head | None = Field(default=None, description="this head's part of q, k, v or o; all heads if not given")


class Facts(FactSet):
    rows: Count = Field(description="dimensions that come in; for embed the tokens of the vocabulary")
    cols: Count = Field(description="dimensions that go out")
    frobenius: float = Field(ge=0, description="square root of the sum of all squared weights")
    top_singular_value: float = Field(ge=0, description="the most that the matrix stretches any direction")
    effective_rank: float = Field(ge=0, description="how many directions it uses: exp of its singular values' entropy")


def run(lab: Lab, p: Parameters) -> Outcome:
    from engine.weights import block_means, singular_values, weight_of  # here, since it imports torch

    weight = weight_of(lab, p.matrix, p.layer, p.head)  # [in, out]
    rows, cols = weight.shape
    values = singular_values(weight, lab.checkpoint)  # [min(in, out)], largest first
    shares = values / values.sum()
    entropy = -shares.xlogy(shares).sum() if values[0] > 0 else values[0]

    facts = Facts(
        rows=rows,
        cols=cols,
        frobenius=weight.float().norm().item(),
        top_singular_value=values[0].item(),
        effective_rank=entropy.exp().item() if values[0] > 0 else 0.0,
    )
    means = block_means(weight, MOST)
    return Outcome(facts, [heatmap(title(p), means, rows, cols), curve(values)])


def title(p: Parameters) -> str:
    where = "" if p.matrix == "embed" else f" of layer {p.layer}"
    return f"The {p.matrix} matrix{where}" + (f", head {p.head}" if p.head is not None else "")


def heatmap(title: str, means: Tensor, rows: int, cols: int) -> Heatmap:
    """The matrix as a grid of at most MOST x MOST cells; a cell is named after its first row and column."""
    down, across = means.shape
    whole = (down, across) == (rows, cols)
    note = "one weight" if whole else f"the mean of about {rows // down} x {cols // across} weights"
    return Heatmap(
        title=title,
        note=f"Each cell is {note}.",
        row_name="in",
        column_name="out",
        rows=starts(rows, down),
        columns=starts(cols, across),
        values=means.tolist(),
        value_name="weight" if whole else "mean weight",
        signed=True,
    )


def starts(size: int, parts: int) -> list[str]:
    """The first index of each of nearly equal parts, the larger ones first, as torch.tensor_split makes them."""
    least, more = divmod(size, parts)
    return [str(i * least + min(i, more)) for i in range(parts)]


def curve(values: Tensor) -> Curve:
    """The singular values from the largest to the smallest; of many, some that are evenly spread."""
    n = len(values)
    picked = sorted({round(i * (n - 1) / max(1, MOST - 1)) for i in range(MOST)}) if n > MOST else list(range(n))
    return Curve(
        title="Singular values, largest first",
        note="A steep fall: few directions do most of the work.",
        x_name="number",
        x=[str(i) for i in picked],
        y_name="singular value",
        series=[Series(values=[values[i].item() for i in picked])],
    )
