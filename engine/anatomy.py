"""Where things are inside GPT-2, GPT-NeoX (Pythia) and Llama (SmolLM2, Llama-2). No torch here.

A site is a named place in a model, with the names of TransformerLens. Three tables say at which module of a plain
transformers model each site is found, on which side of it, and how its tensor is laid out. All else reads them, so
that a new architecture is a new table, and its sizes in `anatomy_of`. An architecture that has no table is refused by
name, never guessed.

Shapes, less the batch: residual sites [position, d_model]; q, z [position, n_heads, d_head]; k, v [position,
n_kv_heads, d_head], before the rotary embedding turns q and k; pattern [head, query, key]; mlp_post [position,
d_mlp]; logits [position, n_vocab]; pos_embed [position, d_model] where positions are a learned table, or the rotary
angles in radians [position, d_rotary / 2].
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal

from engine.errors import BadParameter, ModelUnavailable

if TYPE_CHECKING:
    from torch import Tensor

Spot = tuple[str, str]
"""A module's path and the side of it where a tensor passes: `("model.layers.3.mlp", "output")`."""

Layout = Literal["flat", "heads", "blocks", "interleaved", "pattern", "rotary"]


@dataclass(frozen=True)
class Place:
    """Where a site is: a module, a side of it, and how to find the site in the tensor that passes there."""

    path: str
    """The module's path; `{layer}` stands for the layer where the site is in every layer."""
    side: Literal["input", "output", "pattern"]
    """`pattern` is inside the module: between the softmax and the values."""
    layout: Layout = "flat"
    block: int = 0
    """Where q, k and v share one tensor: 0, 1 or 2 of them."""
    passed_by: bool = False
    """The residual stream also runs past the module, in the same tensor: an edit must be made in that tensor itself."""

    @property
    def layered(self) -> bool:
        return "{layer}" in self.path


def into(path: str, layout: Layout = "flat", *, passed_by: bool = False) -> Place:
    return Place(path, "input", layout, passed_by=passed_by)


def out_of(path: str, layout: Layout = "flat", block: int = 0) -> Place:
    return Place(path, "output", layout, block)


GPT2 = {
    "embed": out_of("transformer.wte"),
    "pos_embed": out_of("transformer.wpe"),
    "resid_pre": into("transformer.h.{layer}"),
    "q": out_of("transformer.h.{layer}.attn.c_attn", "blocks", 0),
    "k": out_of("transformer.h.{layer}.attn.c_attn", "blocks", 1),
    "v": out_of("transformer.h.{layer}.attn.c_attn", "blocks", 2),
    "pattern": Place("transformer.h.{layer}.attn", "pattern", "pattern"),
    "z": into("transformer.h.{layer}.attn.c_proj", "heads"),
    "attn_out": out_of("transformer.h.{layer}.attn.c_proj"),
    "resid_mid": into("transformer.h.{layer}.ln_2", passed_by=True),
    "up": out_of("transformer.h.{layer}.mlp.c_fc"),
    "mlp_post": into("transformer.h.{layer}.mlp.c_proj"),
    "mlp_out": out_of("transformer.h.{layer}.mlp"),
    "resid_post": out_of("transformer.h.{layer}"),
    "ln_final": out_of("transformer.ln_f"),
    "logits": out_of("lm_head"),
}

GPT_NEOX = {
    "embed": out_of("gpt_neox.embed_in"),
    "pos_embed": out_of("gpt_neox.rotary_emb", "rotary"),
    "resid_pre": into("gpt_neox.layers.{layer}"),
    "q": out_of("gpt_neox.layers.{layer}.attention.query_key_value", "interleaved", 0),
    "k": out_of("gpt_neox.layers.{layer}.attention.query_key_value", "interleaved", 1),
    "v": out_of("gpt_neox.layers.{layer}.attention.query_key_value", "interleaved", 2),
    "pattern": Place("gpt_neox.layers.{layer}.attention", "pattern", "pattern"),
    "z": into("gpt_neox.layers.{layer}.attention.dense", "heads"),
    "attn_out": out_of("gpt_neox.layers.{layer}.attention.dense"),
    "resid_mid": into("gpt_neox.layers.{layer}.post_attention_layernorm", passed_by=True),
    "up": out_of("gpt_neox.layers.{layer}.mlp.dense_h_to_4h"),
    "mlp_post": into("gpt_neox.layers.{layer}.mlp.dense_4h_to_h"),
    "mlp_out": out_of("gpt_neox.layers.{layer}.mlp"),
    "resid_post": out_of("gpt_neox.layers.{layer}"),
    "ln_final": out_of("gpt_neox.final_layer_norm"),
    "logits": out_of("lm_head"),
}

LLAMA = {
    "embed": out_of("model.embed_tokens"),
    "pos_embed": out_of("model.rotary_emb", "rotary"),
    "resid_pre": into("model.layers.{layer}"),
    "q": out_of("model.layers.{layer}.self_attn.q_proj", "heads"),
    "k": out_of("model.layers.{layer}.self_attn.k_proj", "heads"),
    "v": out_of("model.layers.{layer}.self_attn.v_proj", "heads"),
    "pattern": Place("model.layers.{layer}.self_attn", "pattern", "pattern"),
    "z": into("model.layers.{layer}.self_attn.o_proj", "heads"),
    "attn_out": out_of("model.layers.{layer}.self_attn.o_proj"),
    "resid_mid": into("model.layers.{layer}.post_attention_layernorm", passed_by=True),
    "up": out_of("model.layers.{layer}.mlp.up_proj"),
    "mlp_post": into("model.layers.{layer}.mlp.down_proj"),
    "mlp_out": out_of("model.layers.{layer}.mlp"),
    "resid_post": out_of("model.layers.{layer}"),
    "ln_final": out_of("model.norm"),
    "logits": out_of("lm_head"),
}

TABLES: Mapping[str, Mapping[str, Place]] = {"gpt2": GPT2, "gpt_neox": GPT_NEOX, "llama": LLAMA}
"""The architectures that are known, by their `model_type` in transformers."""

SITES = tuple(site for site in LLAMA if site != "up")
"""Every site of the vocabulary, in the order in which a forward pass comes by. What the matrix `up` gives out is none: the
activation function comes first."""

PARALLEL = (
    "resid_mid is not in this model: attention and MLP are parallel, both read resid_pre and both are added to it, "
    "so nothing lies between them; look at resid_pre, attn_out, mlp_out or resid_post"
)


@dataclass(frozen=True)
class Anatomy:
    """The sizes of one model and the places of its sites."""

    family: str
    n_layers: int
    n_heads: int
    n_kv_heads: int
    """Heads that have keys and values of their own; less than n_heads with grouped queries."""
    d_model: int
    d_head: int
    d_mlp: int
    n_vocab: int
    n_ctx: int
    parallel: bool = False
    """Attention and MLP of a layer both read resid_pre (GPT-NeoX)."""

    @cached_property
    def sites(self) -> tuple[str, ...]:
        """The sites this model has."""
        return tuple(s for s in SITES if not (self.parallel and s == "resid_mid"))

    @cached_property
    def _spots(self) -> dict[tuple[str, int | None], Spot]:
        places = {site: self.place(site) for site in self.sites}
        return {
            (site, layer): (place.path.format(layer=layer), place.side)
            for site, place in places.items()
            for layer in (range(self.n_layers) if place.layered else [None])
        }

    @property
    def features(self) -> frozenset[str]:
        """What an experiment's NEEDS may ask for."""
        positions = "rotary_positions" if self.place("pos_embed").layout == "rotary" else "learned_positions"
        return frozenset({"heads", "neurons", positions, *(() if self.parallel else ("resid_mid",))})

    def place(self, site: str) -> Place:
        """Where the site is. Raises BadParameter for a site that does not exist, or not in this model."""
        if site not in SITES:
            raise BadParameter("site", f"there is no site {site!r}; there are: {', '.join(self.sites)}")
        if site not in self.sites:
            raise BadParameter("site", PARALLEL)
        return TABLES[self.family][site]

    def path(self, matrix: str) -> str:
        """The path of the module that has the matrix called so: `up`, or the name of the site that it takes in or gives."""
        return TABLES[self.family]["up"].path if matrix == "up" else self.place(matrix).path

    def spot(self, site: str, layer: int | None = None) -> Spot:
        """The module's path and side for a site; layer None for a site that is not in a layer. Raises BadParameter."""
        place = self.place(site)
        if place.layered != (layer is not None):
            where = "in every layer: name one" if place.layered else "not in a layer"
            raise BadParameter("layer", f"{site} is {where}")
        if (site, layer) not in self._spots:
            has = f"the model has layers 0 to {self.n_layers - 1}"
            raise BadParameter("layer", f"layer = {layer} is out of range; {has}")
        return self._spots[site, layer]

    def heads(self, site: str) -> int | None:
        """How many heads the site has, None where it has none. At k and v these are the key-value heads."""
        return {"q": self.n_heads, "z": self.n_heads, "pattern": self.n_heads}.get(
            site, self.n_kv_heads if site in ("k", "v") else None
        )

    def width(self, site: str) -> int | None:
        """The size of the site's last axis; None where it is not fixed (the keys of a pattern, rotary angles)."""
        if site in ("q", "k", "v", "z"):
            return self.d_head
        if site == "pattern" or self.place(site).layout == "rotary":
            return None
        return {"mlp_post": self.d_mlp, "logits": self.n_vocab}.get(site, self.d_model)

    def kv_head(self, head: int) -> int:
        """The key-value head that query head `head` reads."""
        return head // (self.n_heads // self.n_kv_heads)

    def view(self, site: str, raw: Tensor) -> Tensor:
        """The site inside the tensor that passes its place, as a view: writing to it writes to `raw`.

        raw: [batch, position, ...] (pattern: [batch, head, query, key]); the result is [batch, ...] as the module says.
        """
        place, shape = self.place(site), raw.shape[:-1]
        if place.layout == "heads":
            return raw.view(*shape, -1, self.d_head)
        if place.layout == "blocks":  # all queries, then all keys, then all values
            return raw.view(*shape, 3, self.n_heads, self.d_head)[..., place.block, :, :]
        if place.layout == "interleaved":  # head by head: its query, its key, its value
            return raw.view(*shape, self.n_heads, 3, self.d_head)[..., place.block, :]
        return raw


MOST_LAYERS = 10_000
"""Of a model with more than these even a skeleton takes minutes; none is known that has a tenth of them."""


def anatomy_of(config: Any) -> Anatomy:
    """The anatomy of a transformers config. Raises ModelUnavailable for an architecture that has no table."""
    family = getattr(config, "model_type", None) or type(config).__name__
    if family not in TABLES:
        known = ", ".join(TABLES)
        raise ModelUnavailable(f"the architecture {family!r} is not known here; known are: {known}")
    if getattr(config, "add_cross_attention", False):
        raise ModelUnavailable(f"this {family} model has cross-attention, which is not known here")
    layers = config.num_hidden_layers
    if not 1 <= layers <= MOST_LAYERS:
        raise ModelUnavailable(f"its config.json has num_hidden_layers = {layers}; it must be from 1 to {MOST_LAYERS}")
    n_heads, d_model = config.num_attention_heads, config.hidden_size
    return Anatomy(
        family=family,
        n_layers=config.num_hidden_layers,
        n_heads=n_heads,
        n_kv_heads=getattr(config, "num_key_value_heads", None) or n_heads,
        d_model=d_model,
        d_head=getattr(config, "head_dim", None) or d_model // n_heads,
        d_mlp=(getattr(config, "n_inner", None) or 4 * d_model) if family == "gpt2" else config.intermediate_size,
        n_vocab=config.vocab_size,
        n_ctx=config.max_position_embeddings,
        parallel=family == "gpt_neox" and config.use_parallel_residual,
    )
