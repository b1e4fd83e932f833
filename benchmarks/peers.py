"""TransformerLens and nnsight, each with the same few questions asked of it, in the way its own guide does it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas as pd
import torch
import transformer_lens.patching as tl_patching
from nnsight import TransformersModel
from torch import Tensor
from transformer_lens.model_bridge import TransformerBridge
from transformers import AutoModelForCausalLM, AutoTokenizer

from engine.anatomy import Anatomy

Site = tuple[str, int | None]
Cell = tuple[int, int]
"""Layer and position; layer and head where the site is z."""

ORDER = (
    "embed",
    "resid_pre",
    "q",
    "k",
    "v",
    "z",
    "attn_out",
    "pattern",
    "resid_mid",
    "mlp_post",
    "mlp_out",
    "resid_post",
)
"""The order in which nnsight must be asked: it cannot go back in a run."""


def load(folder: Path, **how: Any) -> tuple[Any, Any]:
    """A model of a folder, in float32, with weights of its own; and its tokenizer."""
    model = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32, **how).eval()
    return model, AutoTokenizer.from_pretrained(folder)


class TransformerLens:
    """Attention is eager, as it always is in a TransformerBridge."""

    name = "TransformerLens"
    NAMES = {
        **{
            site: f"blocks.{{}}.hook_{site}" for site in ("resid_pre", "attn_out", "resid_mid", "mlp_out", "resid_post")
        },
        **{site: f"blocks.{{}}.attn.hook_{site}" for site in ("q", "k", "v", "pattern", "z")},
        "mlp_post": "blocks.{}.mlp.hook_post",
        "embed": "hook_embed",
        "ln_final": "ln_final.hook_out",
        "logits": "unembed.hook_out",
    }

    def __init__(self, folder: Path):
        model, tokenizer = load(folder)
        self.bridge = TransformerBridge.boot_transformers(
            str(folder), hf_model=model, tokenizer=tokenizer, device="cpu"
        )
        self.folder = folder

    def forward(self, tokens: Tensor) -> Tensor:
        logits: Tensor = self.bridge(tokens[None])[0]
        return logits

    def read(self, tokens: Tensor, sites: Sequence[Site]) -> dict[Site, Tensor]:
        _, cached = self.bridge.run_with_cache(tokens[None])
        return {(site, layer): cached[self.NAMES[site].format(layer)][0] for site, layer in sites}

    def ablate(self, tokens: Tensor, cells: Sequence[Cell], answer: int, distractor: int) -> list[float]:
        """The logit difference with each head silent, one run a head."""

        def silence(head: int) -> Any:
            def hook(z: Tensor, hook: Any) -> Tensor:
                z[:, :, head] = 0
                return z

            return hook

        out = []
        for layer, head in cells:
            logits = self.bridge.run_with_hooks(
                tokens[None], fwd_hooks=[(f"blocks.{layer}.attn.hook_z", silence(head))]
            )
            out.append(float(logits[0, -1, answer] - logits[0, -1, distractor]))
        return out

    def patch(
        self, clean: Tensor, corrupt: Tensor, site: str, cells: Sequence[Cell], answer: int, distractor: int
    ) -> list[float]:
        """The corrupt run's logit difference after each patch, with the library's own patching functions."""
        _, cached = self.bridge.run_with_cache(clean[None])
        sweep = {
            "resid_pre": tl_patching.get_act_patch_resid_pre,
            "attn_out": tl_patching.get_act_patch_attn_out,
            "mlp_out": tl_patching.get_act_patch_mlp_out,
            "z": tl_patching.get_act_patch_attn_head_out_all_pos,
        }[site]
        found = sweep(
            self.bridge,
            corrupt[None],
            cached,
            lambda logits: logits[0, -1, answer] - logits[0, -1, distractor],
            index_df=pd.DataFrame(list(cells), columns=["layer", "head" if site == "z" else "pos"]),
            index_axis_names=None,
        )
        return [float(x) for x in found]

    def attribution(self, tokens: Tensor, answer: int, distractor: int) -> dict[Site, float]:
        """What each layer's attention and MLP give to the logit difference; weights processed as its guide asks."""
        model, tokenizer = load(self.folder)
        bridge = TransformerBridge.boot_transformers(
            str(self.folder), hf_model=model, tokenizer=tokenizer, device="cpu"
        )
        bridge.enable_compatibility_mode(disable_warnings=True)
        _, cached = bridge.run_with_cache(tokens[None])
        layers = range(bridge.cfg.n_layers)
        sites: list[Site] = [(site, layer) for site in ("attn_out", "mlp_out") for layer in layers]
        stack = torch.stack([cached[self.NAMES[str(site)].format(layer)][:, -1] for site, layer in sites])
        given = cached.logit_attrs(
            stack, torch.tensor([answer]), incorrect_tokens=torch.tensor([distractor]), pos_slice=-1
        )
        return dict(zip(sites, given[:, 0].tolist(), strict=True))


class NNsight:
    name = "nnsight"

    def __init__(self, folder: Path, anatomy: Anatomy):
        model, tokenizer = load(folder, attn_implementation="eager")
        self.model, self.anatomy = TransformersModel(model, tokenizer=tokenizer, task="text-generation"), anatomy

    def _spot(self, site: str, layer: int | None) -> tuple[Any, str]:
        path, side = self.anatomy.spot(site, layer)
        return self.model.get(path), side

    def read(self, tokens: Tensor, sites: Sequence[Site]) -> dict[Site, Tensor]:
        places = {"ln_final": len(ORDER), "logits": len(ORDER) + 1, **{site: i for i, site in enumerate(ORDER)}}
        ordered = sorted(
            sites, key=lambda s: (-1 if s[0] == "embed" else s[1] if s[1] is not None else 10**6, places[s[0]])
        )
        kept = {}
        with self.model.trace(tokens[None]):
            for site, layer in ordered:
                module, side = self._spot(site, layer)
                if side == "pattern":
                    kept[site, layer] = module.output[1].save()
                else:
                    kept[site, layer] = (module.input if side == "input" else module.output).save()
        return {
            (site, layer): self.anatomy.view(site, raw[0] if isinstance(raw, tuple) else raw)[0]
            for (site, layer), raw in kept.items()
        }

    def ablate(self, tokens: Tensor, cells: Sequence[Cell], answer: int, distractor: int) -> list[float]:
        width, out = self.anatomy.d_head, []
        for layer, head in cells:
            module, _ = self._spot("z", layer)
            with self.model.trace(tokens[None]):
                module.input[:, :, head * width : (head + 1) * width] = 0
                logits = self.model.lm_head.output[0, -1].save()
            out.append(float(logits[answer] - logits[distractor]))
        return out

    def patch(
        self, clean: Tensor, corrupt: Tensor, site: str, cells: Sequence[Cell], answer: int, distractor: int
    ) -> list[float]:
        values = self.read(clean, [(site, layer) for layer in sorted({layer for layer, _ in cells})])
        width, out = self.anatomy.d_head, []
        for layer, k in cells:
            module, side = self._spot(site, layer)
            value = values[site, layer]
            with self.model.trace(corrupt[None]):
                if site == "z":
                    module.input[:, :, k * width : (k + 1) * width] = value[None, :, k]
                elif side == "input":
                    module.input[:, k] = value[k]
                else:
                    module.output[:, k] = value[k]
                logits = self.model.lm_head.output[0, -1].save()
            out.append(float(logits[answer] - logits[distractor]))
        return out
