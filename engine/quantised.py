"""Weights in 4 bits each, for a model that fits in no other way: the optional extra `llmw-tutor[quant]`.

NF4 (Dettmers et al. 2023, QLoRA) keeps each weight of a layer's matrices as one of 16 values and a scale for each 64
of them; a matrix is put back into bfloat16 while it is used. Embeddings, norms and the unembedding stay as they are.
Reads and edits are of activations, so they work as on any other model.

int8 is not chosen: it takes more memory than NF4, and what it gives for one text depends on what else is in the batch,
so that a sweep would not be exact.
"""

from __future__ import annotations

from importlib.util import find_spec
from typing import Any, Literal

import torch
from torch import Tensor, nn

from engine.errors import ModelUnavailable

EXTRA = "pip install 'llmw-tutor[quant]'"
DEVICES = ("cuda", "cpu")
"""Where packed weights can be computed with."""


def is_here() -> bool:
    """Whether the extra is installed. Nothing is imported for it."""
    return find_spec("bitsandbytes") is not None


def form_of(name: str, config: Any, device: str) -> Literal["nf4", "fp4", "int8"] | None:
    """`nf4`, `fp4` or `int8` for a model whose files hold packed weights already; None where they hold plain ones.

    Raises ModelUnavailable for a kind of packing that is not known here, where the extra is missing, and on a device that
    cannot compute with them.
    """
    said: Any = getattr(config, "quantization_config", None)
    if said is None:
        return None
    said = said if isinstance(said, dict) else said.to_dict()
    method = said.get("quant_method", "")
    if method != "bitsandbytes":
        raise ModelUnavailable(f"{name} is quantised with {method!r}, which is not known here; take its plain weights")
    if not is_here():
        raise ModelUnavailable(f"the weights of {name} are quantised; to read them: {EXTRA}")
    if device not in DEVICES:
        raise ModelUnavailable(f"the weights of {name} are quantised, which {device} has no code for; try --device cpu")
    if said.get("load_in_8bit"):
        return "int8"
    return "nf4" if said.get("bnb_4bit_quant_type") == "nf4" else "fp4"


def packing() -> Any:
    """What transformers is to be told so that it packs weights into NF4 as it loads them, one after another."""
    from transformers import BitsAndBytesConfig

    return BitsAndBytesConfig(
        load_in_4bit=True,
        bnb_4bit_quant_type="nf4",
        bnb_4bit_use_double_quant=True,  # the scales are packed too: 0.4 bits a weight less
        bnb_4bit_compute_dtype=torch.bfloat16,
    )


def is_packed(module: nn.Module) -> bool:
    """Whether the module's weight is in a packed form, which is not a matrix of numbers, whatever type it is stored in."""
    return type(module).__module__.startswith("bitsandbytes")


@torch.inference_mode()
def matrix_of(module: Any, like: torch.dtype) -> Tensor:
    """The matrix [in, out] that a packed module multiplies by, bias aside, found by asking it.

    Each row of the identity matrix comes out as one row of the weight.
    """
    device = module.weight.device
    ask = torch.eye(module.in_features, dtype=like, device=device)
    rows: Tensor = module(ask)
    return rows if module.bias is None else rows - module.bias
