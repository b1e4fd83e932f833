"""The largest differences between what the engine says and what TransformerLens and nnsight say, on the same weights."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import torch
from torch import Tensor
from transformers import AutoModelForCausalLM, AutoTokenizer, GPT2Config, GPTNeoXConfig

from benchmarks.peers import ORDER, Cell, NNsight, Site, TransformerLens, load
from engine.experiments import experiment
from engine.experiments.base import Outcome
from engine.lab import Lab

CLEAN = "When Mary and John went to the store, John gave a drink to"
CORRUPT = "When Mary and John went to the store, Mary gave a drink to"
FIRST = "While Mary and John went to the store, John gave a drink to"
"""Differs from CLEAN in its first token."""
ANSWER, DISTRACTOR = " Mary", " John"
ALLOWED = 1e-4


def lab_of(folder: Path, name: str) -> Lab:
    model, tokenizer = load(folder)
    return Lab(model, tokenizer, name)


@contextmanager
def subjects(smollm2: Path) -> Iterator[dict[str, Path]]:
    """The folders of the models: the one that is always there, and a GPT-2 and a Pythia shape with random weights."""
    tokenizer = AutoTokenizer.from_pretrained(smollm2)
    n_vocab = len(tokenizer)
    shapes: dict[str, Any] = {
        "GPT-2 small, random": GPT2Config(vocab_size=n_vocab, initializer_range=0.05),
        "Pythia-70m, random": GPTNeoXConfig(
            vocab_size=n_vocab,
            hidden_size=512,
            num_hidden_layers=6,
            num_attention_heads=8,
            intermediate_size=2048,
            initializer_range=0.05,
        ),
    }
    with tempfile.TemporaryDirectory() as scratch:
        folders = {"SmolLM2-135M": smollm2}
        for name, config in shapes.items():
            torch.manual_seed(0)
            model = AutoModelForCausalLM.from_config(config)
            with torch.no_grad():  # biases and norms are 0 and 1 in a new model
                for parameter in model.parameters():
                    if parameter.ndim == 1:
                        parameter += 0.1 * torch.randn_like(parameter)
            folders[name] = Path(scratch) / config.model_type
            model.save_pretrained(folders[name])
            tokenizer.save_pretrained(folders[name])
        yield folders


def do(lab: Lab, name: str, **values: Any) -> Outcome:
    page = experiment(name)
    lab.seed(0)
    return page.run(lab, page.parse(values))


def largest(ours: Sequence[float] | Tensor, theirs: Sequence[float] | Tensor) -> float:
    a, b = torch.as_tensor(ours).flatten(), torch.as_tensor(theirs).flatten()
    if a.shape != b.shape:
        raise ValueError(f"{tuple(a.shape)} numbers against {tuple(b.shape)}")
    return float((a - b).abs().max())


def agreement(lab: Lab, tl: TransformerLens, nn: NNsight, sample: int) -> dict[str, tuple[float | None, float | None]]:
    """For each question, the largest difference to TransformerLens and to nnsight.

    sample: nnsight, and TransformerLens where it takes one run a cell, answer for every `sample`-th cell.
    """
    clean, corrupt = lab.tokens(CLEAN), lab.tokens(CORRUPT)
    pair = lab.pair(ANSWER, DISTRACTOR)
    named = {"answer": ANSWER, "distractor": DISTRACTOR}
    out: dict[str, tuple[float | None, float | None]] = {}

    sites: list[Site] = [(s, i) for i in range(lab.n_layers) for s in ORDER if s in lab.anatomy.sites and s != "embed"]
    sites += [("embed", None), ("ln_final", None), ("logits", None)]
    trace = lab.forward(clean, read={site for site, _ in sites})
    ours = {(s, i): trace[s] if i is None else trace[s, i] for s, i in sites}
    reads = [peer.read(clean, sites) for peer in (tl, nn)]
    for site in dict.fromkeys(site for site, _ in sites):
        layers = [key for key in sites if key[0] == site]
        out[f"read {site}"] = tuple(max(largest(ours[k], read[k]) for k in layers) for read in reads)  # type: ignore[assignment]

    def cells_of(columns: int) -> list[Cell]:
        return [(i, k) for i in range(lab.n_layers) for k in range(columns)]

    def compare(name: str, grid: Any, cells: list[Cell], ask: Any) -> None:
        differences = []
        for peer, step in ((tl, sample), (nn, 7 * sample)):
            some = cells[::step]
            differences.append(largest([grid[i][k] for i, k in some], ask(peer, some)))
        out[name] = (differences[0], differences[1])

    swept = do(lab, "head_sweep", prompt=CLEAN, **named)
    base = swept.facts.base_logit_diff  # type: ignore[attr-defined]
    without = [[v + base for v in row] for row in swept.figures[0].values]  # type: ignore[attr-defined]
    heads = cells_of(lab.n_heads)
    compare("ablate every head", without, heads, lambda peer, some: peer.ablate(clean, some, *pair))
    for site in ("resid_pre", "attn_out", "mlp_out", "z"):
        figure: Any = do(lab, "activation_patching", clean=CLEAN, corrupt=CORRUPT, site=site, **named).figures[0]
        cells = heads if site == "z" else cells_of(len(corrupt))
        compare(
            f"patch {site}",
            figure.values,
            cells,
            lambda peer, some, site=site: peer.patch(clean, corrupt, site, some, *pair),
        )

    said: Any = do(lab, "direct_logit_attribution", prompt=CLEAN, **named).facts
    theirs = tl.attribution(clean, *pair)
    parts = [*said.attention_by_layer, *said.mlp_by_layer]
    out["direct attribution"] = (largest(parts, list(theirs.values())), None)

    from engine.experiments.induction_heads import induction_scores

    length = 25
    copy = torch.randperm(10_000, generator=torch.Generator().manual_seed(0))[:length] + 100
    tokens = torch.cat([copy, copy])
    patterns: list[Site] = [("pattern", i) for i in range(lab.n_layers)]
    scores = induction_scores(lab, lab.forward(tokens, read=["pattern"]), 0, length)
    told = []
    for peer in (tl, nn):
        read = peer.read(tokens, patterns)
        told.append(torch.stack([score_of(read[key], length) for key in patterns]))
    out["induction scores"] = (largest(scores, told[0]), largest(scores, told[1]))
    return out


def score_of(pattern: Tensor, length: int) -> Tensor:
    """Induction scores [head] from a pattern [head, query, key], written out plainly."""
    return torch.stack([pattern[:, i, i - length + 1] for i in range(length, 2 * length)]).mean(0)
