"""Weight matrices by the names of the field, in one layout for all architectures.

Every matrix is [in, out], as in TransformerLens: what comes in is multiplied by it from the left. That is how GPT-2's
Conv1D keeps its weights; a Linear keeps them the other way round and is turned here.

| matrix | all heads | one head |
|---|---|---|
| q | [d_model, n_heads * d_head] | [d_model, d_head] |
| k, v | [d_model, n_kv_heads * d_head] | [d_model, d_head]: that of the key-value head which the head reads |
| o | [n_heads * d_head, d_model] | [d_head, d_model] |
| up, down | [d_model, d_mlp], [d_mlp, d_model] | no heads |
| embed | [n_vocab, d_model], a row a token | no heads |

Where q, k and v share one weight (GPT-2 side by side, GPT-NeoX head by head) they are taken apart as their outputs are.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import torch
from torch import Tensor, nn

from engine import quantised
from engine.errors import BadParameter

if TYPE_CHECKING:
    from engine.lab import Lab

BEFORE = {"o": "z", "down": "mlp_post"}
"""The site at which a matrix is found, where it has another name than the matrix."""
BLOCK = 4096
"""Rows that are worked on at a time."""


def weight_of(lab: Lab, matrix: str, layer: int = 0, head: int | None = None) -> Tensor:
    """The matrix as the module says, in the model's own type: a view where the layout allows it, not to be written to.

    layer: of no account for embed. A quantised matrix is as the model uses it, each weight one of its few values. Raises
    BadParameter for a head where there is none, and where the weights are in a form that is not known.
    """
    a = lab.anatomy
    path = a.path(BEFORE.get(matrix, matrix)).format(layer=layer)
    weight = unpacked(lab, matrix, lab.model.get_submodule(path))
    if matrix in ("q", "k", "v"):
        heads = a.view(matrix, weight)  # [d_model, heads, d_head]
        if head is None:
            return heads.flatten(1)
        return heads[:, head if matrix == "q" else a.kv_head(head)]
    if head is None:
        return weight
    if matrix != "o":
        raise BadParameter("head", f"head = {head}: {matrix} has no heads; leave it out")
    return weight.view(a.n_heads, a.d_head, -1)[head]


def unpacked(lab: Lab, matrix: str, module: nn.Module) -> Tensor:
    """The module's weight as [in, out], unembed as [n_vocab, d_model]. Raises BadParameter for a form not known."""
    if quantised.is_packed(module):
        packed = quantised.matrix_of(module, lab.model.dtype)
        return packed.T if matrix == "unembed" else packed
    weight = getattr(module, "weight", None)
    if not isinstance(weight, Tensor) or weight.ndim != 2 or not weight.is_floating_point():
        kind = str(getattr(weight, "dtype", type(module).__name__)).removeprefix("torch.")
        raise BadParameter(
            "model",
            f"{lab.name} is quantised: its weights are packed ({kind}) and {matrix} cannot be read as numbers; "
            "take a model that fits in float32 or bfloat16",
        )
    return weight.T if isinstance(module, nn.Linear) and matrix != "unembed" else weight


def block_means(weight: Tensor, most: int) -> Tensor:
    """The matrix as at most `most` x `most` means over nearly equal blocks, float32 on the CPU."""
    rows = torch.stack([part.float().mean(0) for part in weight.tensor_split(min(most, weight.shape[0]))])
    cells = [part.mean(1) for part in rows.tensor_split(min(most, weight.shape[1]), dim=1)]
    return torch.stack(cells, dim=1).cpu()


def singular_values(weight: Tensor, checkpoint: Callable[[], None] = lambda: None) -> Tensor:
    """All singular values, largest first, [min(in, out)], float64 on the CPU.

    They are the square roots of the eigenvalues of W^T W, which is small however tall the matrix is (an embedding has
    tens of thousands of rows). In float64 this is exact to about 1e-8 of the largest one.
    """
    tall = weight if weight.shape[0] >= weight.shape[1] else weight.T
    gram = torch.zeros(tall.shape[1], tall.shape[1], dtype=torch.float64)
    for start in range(0, tall.shape[0], BLOCK):
        checkpoint()
        block = tall[start : start + BLOCK].cpu().double()
        gram += block.T @ block
    values: Tensor = torch.linalg.eigvalsh(gram).clamp_min(0).sqrt().flip(0)
    return values


def heads_out(lab: Lab, layer: int, z: Tensor) -> Tensor:
    """What each head adds to the residual stream, [n_heads, d_model], from its z [n_heads, d_head] at one position.

    Each head goes alone through the model's own output projection, less the projection's bias: so it holds for every
    layout and for quantised weights too. The sum over heads plus that bias is attn_out.
    """
    project = lab.model.get_submodule(lab.anatomy.spot("z", layer)[0])
    alone: Tensor = torch.block_diag(*z)  # type: ignore[no-untyped-call]  # [n_heads, n_heads * d_head]: a head a row
    with torch.inference_mode():
        with_bias = project(torch.cat([alone, torch.zeros_like(alone[:1])]))
    out: Tensor = with_bias[:-1] - with_bias[-1]
    return out


@dataclass(frozen=True)
class Readout:
    """How the end of the model turns a residual state into one logit difference, with the final norm held still.

    difference = state . direction + constant, for a state [d_model]: so what a sum of parts gives is the sum of what
    its parts give.
    """

    direction: Tensor
    """[d_model], float64 on the CPU, logits for each unit of the residual stream."""
    constant: float
    """What the norm's bias gives, whatever the state. The unembedding has none."""

    def __call__(self, part: Tensor) -> Tensor:
        """The logits that a part [..., d_model] of the state gives, [...]."""
        return part.cpu().double() @ self.direction


def readout(lab: Lab, resid: Tensor, answer: int, distractor: int) -> Readout:
    """The readout of logit(answer) - logit(distractor) with the final norm's scale as it is for `resid` [d_model].

    LayerNorm (GPT-2, GPT-NeoX) takes the mean out of the state before it scales, RMSNorm (Llama) does not.
    """
    norm = lab.model.get_submodule(lab.anatomy.place("ln_final").path)
    head = lab.model.get_submodule(lab.anatomy.place("logits").path)
    unembed = unpacked(lab, "unembed", head)  # [n_vocab, d_model]
    wanted = unembed[answer].cpu().double() - unembed[distractor].cpu().double()  # [d_model]
    direction = wanted * norm.weight.cpu().double()
    state = resid.cpu().double()
    constant = 0.0
    if isinstance(norm, nn.LayerNorm):
        state = state - state.mean()
        direction = direction - direction.mean()  # the same as taking the mean out of whatever it meets
        constant += float(norm.bias.cpu().double() @ wanted)
    epsilon = norm.eps if isinstance(norm, nn.LayerNorm) else norm.variance_epsilon
    return Readout(direction * (state.pow(2).mean() + epsilon).rsqrt(), constant)
