"""One run of a model, watched: hooks go in, the model runs, hooks come out, whatever happens.

The model stays a plain transformers model. A hook is put only where a run reads or edits something, so a bare run
costs what the model costs. Our own hooks record, not the library's `output_hidden_states`: its hooks are put in once
and do not see edits made later.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache, partial
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.functional import linear

from engine.anatomy import Anatomy, Place, Spot
from engine.edits import Edit, Memory, apply
from engine.errors import EngineError
from engine.quantised import is_packed

LONG = 8
"""Tokens, of all texts together, from which a pass may be cancelled between its layers: prompts, and what is written to
so many texts at once. Fewer are written token by token, and a run is cancelled between the tokens."""

ROWS = 8192
"""Rows of the unembedding that are put into float32 at a time: all of them would take as much memory again, twice."""


class Trace:
    """What a run gave: its logits, and the sites that were read.

    `trace[site, layer]` (or `trace[site]` where a site is not in a layer) is [position, ...] for one text and [batch,
    position, ...] for several, laid out as engine.anatomy says. An edited site is read as it is after the edit.
    """

    def __init__(self, anatomy: Anatomy, kept: Mapping[Spot, Tensor], logits: Tensor, single: bool):
        self._anatomy, self._kept, self._single = anatomy, kept, single
        self.logits = logits[0] if single else logits
        """[position, n_vocab], float32, natural-log units: the scores for what comes after each position."""

    def __getitem__(self, key: str | tuple[str, int]) -> Tensor:
        site, layer = (key, None) if isinstance(key, str) else key
        raw = self._kept.get(self._anatomy.spot(site, layer))
        if raw is None:
            where = site if layer is None else f"{site} of layer {layer}"
            raise KeyError(f"{where} was not read in this run: name it in forward(..., read=[{site!r}])")
        view = self._anatomy.view(site, raw)
        return view[0] if self._single else view


class Watch:
    """A context in which `model` runs with its edits made and its reads recorded.

    reads: sites with their layers. Edits of one site are made in the order given. checkpoint: called between the layers
    of a long pass; what it raises ends the pass. In the context, call the watch to run the model. It may be entered
    again, to go on with a text: what its edits must remember of the prompt it remembers.
    """

    def __init__(
        self,
        model: Any,
        modules: Mapping[str, nn.Module],
        anatomy: Anatomy,
        edits: Sequence[Edit] = (),
        reads: Iterable[tuple[str, int | None]] = (),
        checkpoint: Callable[[], None] | None = None,
    ):
        self._checkpoint = checkpoint
        self.model, self.modules, self.anatomy, self.edits = model, modules, anatomy, tuple(edits)
        self.kept: dict[Spot, Tensor] = {}
        self._seen = 0  # positions the model has read, this pass included
        self._memory: Memory = {}
        self._handles: list[Any] = []
        self._places: dict[Spot, Place] = {}
        self._edits: dict[Spot, list[tuple[int, Edit]]] = {}
        self._reads: set[Spot] = set()
        for index, edit in enumerate(edits):
            self._edits.setdefault(self._spot(edit.site, edit.layer), []).append((index, edit))
        for site, layer in reads:
            self._reads.add(self._spot(site, layer))
        self._patterned = any(side == "pattern" for _, side in self._places)
        self._head = modules[anatomy.spot("logits")[0]]

    def _spot(self, site: str, layer: int | None) -> Spot:
        spot = self.anatomy.spot(site, layer)
        self._places[spot] = self.anatomy.place(site)
        return spot

    def __enter__(self) -> Watch:
        try:
            if is_half(self._head):
                self._handles.append(Instead(self._head, partial(unembedded, self._head)))
            for spot, place in self._places.items():
                if place.side != "pattern":
                    self._handles.append(self._hook(self.modules[spot[0]], spot, place))
            if self._patterned:
                self._attention = self.model.config._attn_implementation
                self.model.config._attn_implementation = watched_attention_name()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *error: object) -> None:
        while self._handles:
            self._handles.pop().remove()
        if hasattr(self, "_attention"):
            self.model.config._attn_implementation = self._attention
            del self._attention

    @torch.inference_mode()
    def __call__(self, tokens: Tensor, cache: Any = None, keep: int = 0) -> Tensor:
        """Read tokens [batch, position] after what `cache` holds; float32 logits [batch, position, n_vocab].

        keep: unembed only the last `keep` positions; 0 for all. Raises EngineError where they are not finite.
        """
        self._seen = tokens.shape[1] + (cache.get_seq_length() if cache is not None else 0)
        extra = {"on_pattern": self._pattern} if self._patterned else {}
        with self._stoppable(tokens.numel()):
            output = self.model(
                input_ids=tokens, past_key_values=cache, use_cache=cache is not None, logits_to_keep=keep, **extra
            )
        return finite(output.logits.float(), self.model)

    @contextmanager
    def _stoppable(self, n_tokens: int) -> Iterator[None]:
        """A context in which a pass of so many tokens calls the checkpoint before each layer, if it is long."""
        handles = []
        check = self._checkpoint
        try:
            if check is not None and n_tokens >= LONG:
                for layer in range(self.anatomy.n_layers):
                    block = self.modules[self.anatomy.spot("resid_pre", layer)[0]]
                    handles.append(block.register_forward_pre_hook(lambda module, args: check()))
            yield
        finally:
            for handle in handles:
                handle.remove()

    # --- hooks ------------------------------------------------------------------------------------------------------

    def _hook(self, module: nn.Module, spot: Spot, place: Place) -> Any:
        def leaving(module: nn.Module, args: tuple[Any, ...], output: Tensor) -> Tensor:
            return self._after(spot, output)

        def entering(module: nn.Module, args: tuple[Any, ...]) -> tuple[Any, ...]:
            after = self._after(spot, args[0])
            if place.passed_by and after is not args[0]:  # the sum past this module uses this very tensor
                after = args[0].copy_(after)
            return (after, *args[1:])

        def turning(module: nn.Module, args: Any, kwargs: dict[str, Any], output: tuple[Tensor, Tensor]) -> Any:
            after = self._after(spot, angles_of(module, kwargs["position_ids"]))
            return turned(module, after, output[0].dtype) if spot in self._edits else None

        if place.layout == "rotary":
            return module.register_forward_hook(turning, with_kwargs=True)
        if place.side == "output":
            return module.register_forward_hook(leaving)
        return module.register_forward_pre_hook(entering)

    def _pattern(self, layer: int, pattern: Tensor) -> Tensor:
        spot = self.anatomy.spot("pattern", layer)
        return self._after(spot, pattern) if spot in self._places else pattern

    def _after(self, spot: Spot, raw: Tensor) -> Tensor:
        """`raw` with this spot's edits made, recorded if it is to be read."""
        edits = self._edits.get(spot)
        if edits:
            raw = raw.clone()
            for index, edit in edits:
                apply(edit, self.anatomy.view(edit.site, raw), self._seen, self._memory, index)
        if spot in self._reads:
            self.kept[spot] = raw
        return raw


class Instead:
    """Another function in place of a module's forward, until it is removed. The module's hooks stay at work."""

    def __init__(self, module: nn.Module, forward: Callable[..., Any]):
        self.module, self.before = module, vars(module).get("forward")
        module.forward = forward

    def remove(self) -> None:
        if self.before is None:
            del self.module.forward
        else:
            self.module.forward = self.before


def finite(numbers: Tensor, model: Any) -> Tensor:
    """The numbers as they are. Raises EngineError where one is infinite or none at all: no fact could be made of that.

    One sum tells, for less than the price of a look at each: it is finite where all are.
    """
    if not numbers.sum().isfinite():
        kind = str(model.dtype).removeprefix("torch.")
        raise EngineError(
            f"the model's numbers are not finite: they grew beyond {kind}, or its weights are damaged. If there is an edit, "
            "try a weaker one."
        )
    return numbers


# --- logits -----------------------------------------------------------------------------------------------------------


def unembedded(head: Any, state: Tensor) -> Tensor:
    """Logits [..., n_vocab] in float32 of what the final norm gave, [..., d_model], by the model's unembedding, which
    has no bias in any family.

    Not rounded to bfloat16 where the model is in it. That has steps of 1/16 at a logit of 10: tokens would tie that do
    not, and what a single head does to a logit would be lost in a step.
    """
    if not is_half(head):
        logits: Tensor = head(state).float()
        return logits
    state = state.float()
    logits = state.new_empty(*state.shape[:-1], len(head.weight))
    for start in range(0, len(head.weight), ROWS):
        rows = slice(start, start + ROWS)
        logits[..., rows] = linear(state, head.weight[rows].float())
    return logits


def is_half(head: Any) -> bool:
    """Whether the unembedding is in 16 bits, which are bfloat16 wherever a model is loaded (engine/budget.py)."""
    return not is_packed(head) and head.weight.dtype == torch.bfloat16


# --- attention that can be watched ----------------------------------------------------------------------------------


def watched_attention(
    module: Any,
    query: Tensor,
    key: Tensor,
    value: Tensor,
    attention_mask: Tensor | None,
    scaling: float | None = None,
    on_pattern: Callable[[int, Tensor], Tensor] = lambda layer, pattern: pattern,
    **kwargs: Any,
) -> tuple[Tensor, Tensor]:
    """Attention written out, so that its pattern can be read and edited. The fused kernels never hold a pattern.

    query [batch, n_heads, query, d_head]; key and value [batch, n_kv_heads, key, d_head]; the mask is added to the
    scores. on_pattern gets the layer and the pattern [batch, n_heads, query, key] and returns the one to use. The
    softmax is in float32.
    """
    group = query.shape[1] // key.shape[1]  # query heads that share one key-value head
    if group > 1:
        key, value = key.repeat_interleave(group, dim=1), value.repeat_interleave(group, dim=1)
    scores = query @ key.transpose(-1, -2) * (query.shape[-1] ** -0.5 if scaling is None else scaling)
    if attention_mask is not None:
        scores = scores + attention_mask
    pattern = on_pattern(module.layer_idx, scores.softmax(-1, dtype=torch.float32).to(value.dtype))
    return (pattern @ value).transpose(1, 2).contiguous(), pattern


@cache
def watched_attention_name() -> str:
    """Register the attention above with the library, once; its name there.

    Its mask function is registered with it: with the attention function alone the library makes no mask, and the
    model would see the future without a word.
    """
    from transformers import AttentionInterface, AttentionMaskInterface
    from transformers.masking_utils import eager_mask

    name = "llmw_watched"
    AttentionInterface.register(name, watched_attention)
    AttentionMaskInterface.register(name, eager_mask)
    return name


# --- rotary position embeddings -------------------------------------------------------------------------------------


def angles_of(rotary: Any, position_ids: Tensor) -> Tensor:
    """The angles, in radians, by which each position's queries and keys are turned: [batch, position, d_rotary / 2]."""
    angles: Tensor = position_ids[..., None].float() * rotary.inv_freq.float()
    return angles


def turned(rotary: Any, angles: Tensor, dtype: torch.dtype) -> tuple[Tensor, Tensor]:
    """What the rotary module returns for these angles: cosines and sines, [batch, position, d_rotary] each."""
    both = torch.cat((angles, angles), dim=-1)
    return (both.cos() * rotary.attention_scaling).to(dtype), (both.sin() * rotary.attention_scaling).to(dtype)
