"""The engine against TransformerLens and nnsight: do they agree, how fast is each, what does a sweep cost as prompts grow.

    make bench-peers        or, in .venv-bench,        python -m benchmarks.sweeps [--times 5] [--quick]

Writes docs/benchmarks.md. Ratios are of medians, taken in turns in one run. --quick asks the others for fewer cells and
scales their times up, to try the script out; its figures are not for publishing, and are marked so.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

os.environ.update(HF_HUB_OFFLINE="1", TQDM_DISABLE="1", WANDB_MODE="disabled")

import torch

from benchmarks.agreement import (
    ALLOWED,
    ANSWER,
    CLEAN,
    CORRUPT,
    DISTRACTOR,
    FIRST,
    agreement,
    do,
    lab_of,
    subjects,
)
from benchmarks.machine import line, medians
from engine import fetch
from engine.amounts import said
from engine.figures import Curve, Series, columns
from engine.lab import Lab

OUT = Path("docs/benchmarks.md")
LENGTHS = (8, 16, 32, 64, 128, 256)
PAIR = {"answer": ANSWER, "distractor": DISTRACTOR}
TEXT = "The quick brown fox jumps over the lazy dog, and the dog goes on to sleep in the sun. "


def seconds(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A table in Markdown."""
    return "\n".join("| " + " | ".join(row) + " |" for row in [heads, ["---"] * len(heads), *rows])


# --- how fast -------------------------------------------------------------------------------------------------------


def speeds(folder: Path, times: int, quick: bool) -> str:
    from benchmarks.peers import NNsight, TransformerLens

    lab = lab_of(folder, "SmolLM2-135M")
    tl, nn = TransformerLens(folder), NNsight(folder, lab.anatomy)
    clean, first, pair = lab.tokens(CLEAN), lab.tokens(FIRST), lab.pair(ANSWER, DISTRACTOR)
    n = len(clean)
    cells = [(i, k) for i in range(lab.n_layers) for k in range(n)]
    heads = [(i, h) for i in range(lab.n_layers) for h in range(lab.n_heads)]
    step = 14 if quick else 1

    def patch(clean: str, corrupt: str) -> float:
        return seconds(lambda: do(lab, "activation_patching", clean=clean, corrupt=corrupt, **PAIR))

    def peer_patch(peer: Any, step: int) -> float:
        some = cells[::step]
        corrupt = lab.tokens(CORRUPT)
        return seconds(lambda: peer.patch(clean, corrupt, "resid_pre", some, *pair)) * len(cells) / len(some)

    def loop(edits: list[Any]) -> float:
        some = edits[::step]
        took = seconds(lambda: [lab.forward(clean, edits=[e]).logits[-1, list(pair)] for e in some])
        return took * len(edits) / len(some)

    values = lab.forward(first, read=["resid_pre"])
    patches = [
        lab.edit("resid_pre", "replace", layer=i, positions=[k], value=values["resid_pre", i][k]) for i, k in cells
    ]
    silences = [lab.edit("z", "zero", layer=i, head=h) for i, h in heads]
    found = medians(
        {
            "late": lambda: patch(CLEAN, CORRUPT),
            "first": lambda: patch(CLEAN, FIRST),
            "patch: plain loop": lambda: loop(patches),
            "patch: TransformerLens": lambda: peer_patch(tl, step),
            "patch: nnsight": lambda: peer_patch(nn, 42),
            "heads": lambda: seconds(lambda: do(lab, "head_sweep", prompt=CLEAN, **PAIR)),
            "heads: plain loop": lambda: loop(silences),
            "heads: TransformerLens": lambda: seconds(lambda: tl.ablate(clean, heads[::step], *pair)) * step,
        },
        times,
    )

    every = [site for site in lab.anatomy.sites if site != "pattern"]
    eager = lab_of(folder, "eager")
    eager.model.set_attn_implementation("eager")
    rows = clean[None]
    edit = lab.edit("z", "scale", layer=23, head=3, value=0.5)
    for bench in (lab, eager):
        bench.model.generation_config.eos_token_id = None  # both write all 50 tokens

    def bare(bench: Lab) -> float:
        with torch.inference_mode():
            return seconds(lambda: bench.model(rows, use_cache=False))

    def generate() -> float:
        return seconds(lambda: lab.model.generate(rows, max_new_tokens=50, do_sample=False, pad_token_id=0))

    small = 3 if quick else 9
    found |= medians(
        {
            "read: bare": lambda: bare(lab),
            "read: every site": lambda: seconds(lambda: lab.forward(clean, read=every)),
            "read: bare, eager": lambda: bare(eager),
            "read: every site and pattern": lambda: seconds(lambda: lab.forward(clean, read=lab.anatomy.sites)),
            "read: TransformerLens": lambda: seconds(lambda: tl.read(clean, [])),
        },
        small * times,
    )
    found |= medians(
        {
            "write: transformers": generate,
            "write: with an edit": lambda: seconds(lambda: lab.generate(clean, 50, edits=[edit])),
        },
        times,
    )
    t = {name: median for name, (median, _, _) in found.items()}
    late_cells = sum(k >= 9 for _, k in cells)
    goals: list[tuple[str, str, str, float, float]] = [
        ("patching, prompts differ two thirds in", "patch: TransformerLens", "late", 40, 100),
        ("patching, prompts differ at the first token", "patch: TransformerLens", "first", 12, 20),
        (f"silencing all {len(heads)} heads", "heads: plain loop", "heads", 10, 20),
    ]
    least = [
        (what, f"{t[a] / t[b]:.1f} x", f"{must:.0f} x", f"{aim:.0f} x", mark(t[a] / t[b] >= must, t[a] / t[b] >= aim))
        for what, a, b, must, aim in goals
    ]
    most = [
        (what, f"{t[a] / t[b]:.2f} x", f"at most {must}", f"{aim}", mark(t[a] / t[b] <= must, t[a] / t[b] <= aim))
        for what, a, b, must, aim in (
            ("reading every site / bare forward", "read: every site", "read: bare", 1.15, 1.05),
            (
                "writing 50 tokens with an edit / `generate` without",
                "write: with an edit",
                "write: transformers",
                1.15,
                1.0,
            ),
        )
    ]
    beside = [
        ("patching, two thirds in, against the plain loop", f"{t['patch: plain loop'] / t['late']:.1f} x"),
        ("patching, first token, against the plain loop", f"{t['patch: plain loop'] / t['first']:.1f} x"),
        ("patching, two thirds in, against nnsight", f"{t['patch: nnsight'] / t['late']:.0f} x"),
        (
            f"patching, two thirds in, against TransformerLens asked for the {late_cells} cells alone that can matter",
            f"{t['patch: TransformerLens'] * late_cells / len(cells) / t['late']:.1f} x",
        ),
        ("silencing all heads, against TransformerLens", f"{t['heads: TransformerLens'] / t['heads']:.1f} x"),
        (
            "reading every site and the patterns / bare forward with eager attention",
            f"{t['read: every site and pattern'] / t['read: bare, eager']:.2f} x",
        ),
        (
            "TransformerLens `run_with_cache` / bare forward, eager",
            f"{t['read: TransformerLens'] / t['read: bare, eager']:.2f} x",
        ),
    ]
    raw = [
        (name, f"{m * 1000:.1f}", f"{low * 1000:.1f} to {high * 1000:.1f}") for name, (m, low, high) in found.items()
    ]
    return "\n\n".join(
        [
            table(["work", "reached", "must", "aim", ""], [*least, *most]),
            "Beside it:",
            table(["work", "ratio"], beside),
            "Medians in milliseconds. nnsight runs every 42nd cell, and its time is scaled up; all else is run in full.",
            table(["what", "median", "least to most"], raw),
            bound(lab, t),
        ]
    )


def mark(must: bool, aim: bool) -> str:
    return "aim reached" if aim else "reached" if must else "**not reached**"


def bound(lab: Lab, t: dict[str, float]) -> str:
    """What bounds the sweeps: their arithmetic against what this machine's matrix product does, in the same minute."""
    a, n = lab.anatomy, len(lab.tokens(CLEAN))
    x, w = torch.randn(512, a.d_model), torch.randn(a.d_mlp, a.d_model)
    product = 2 * 512 * a.d_model * a.d_mlp
    peak = product / medians({"": lambda: seconds(lambda: torch.nn.functional.linear(x, w))}, 50)[""][0]
    block = lab.module("resid_post", 0)
    per_row = 2 * sum(p.numel() for p in block.parameters() if p.ndim == 2)
    layers = lab.n_layers * (lab.n_layers + 1) // 2
    work = {
        "late": layers * sum(n - k for k in range(9, n)),
        "first": layers * sum(n - k for k in range(n)),
        "heads": layers * lab.n_heads * n,
    }
    rows = [
        (
            name,
            f"{rows:,}",
            f"{rows * per_row / 1e9:.0f}",
            f"{rows * per_row / t[name] / 1e9:.0f}",
            f"{rows * per_row / t[name] / peak:.0%}",
        )
        for name, rows in work.items()
    ]
    heads = ["sweep", "rows x layers", "GFLOP in the layers' matrices", "GFLOP/s", "of this machine's matrix product"]
    return (
        f"What bounds the sweeps: the machine's matrix product does {peak / 1e9:.0f} GFLOP/s on a batch of 512 rows "
        f"({a.d_model} x {a.d_mlp}, float32). Where the share below is near 1 a sweep is bound by arithmetic; what is "
        "missing goes to norms, activation functions, rotary embeddings and attention.\n\n" + table(heads, rows)
    )


# --- what it costs as prompts grow ------------------------------------------------------------------------------------


def one_length(folder: Path, n: int) -> None:
    """In a process of its own, so that its peak memory is its own: one sweep of n tokens, told as JSON."""
    lab = lab_of(folder, "SmolLM2-135M")
    clean = lab.tokens(TEXT * 20)[:n]
    corrupt = clean.clone()
    first = 2 * n // 3
    corrupt[first] = lab.token_id(" cat")
    texts = {"clean": lab.text_of(clean), "corrupt": lab.text_of(corrupt)}
    for name, tokens in (("clean", clean), ("corrupt", corrupt)):
        if not torch.equal(lab.tokens(texts[name]), tokens):
            raise ValueError(f"the text of {n} tokens does not give its tokens back")
    lab.forward(clean)
    before = peak_memory()
    took = seconds(lambda: do(lab, "activation_patching", **texts, **PAIR))
    suffixes = sum(n - k for k in range(first, n))
    rows = suffixes * lab.n_layers * (lab.n_layers + 1) // 2
    cells = (n - first) * lab.n_layers
    print(json.dumps({"n": n, "seconds": took, "rows": rows, "cells": cells, "before": before, "peak": peak_memory()}))


def peak_memory() -> int:
    """The most bytes this process has had in memory so far."""
    status = Path("/proc/self/status")
    if status.exists():  # `ru_maxrss` would count the parent process in, from before this one began
        return next(int(x.split()[1]) * 1024 for x in status.read_text().splitlines() if x.startswith("VmHWM:"))
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def growth(folder: Path, times: int, lengths: Sequence[int]) -> str:
    found = []
    for n in lengths:
        argv = [sys.executable, "-m", "benchmarks.sweeps", "--one-length", str(n), "--folder", str(folder)]
        runs = []
        for _ in range(1 if n >= 128 else min(times, 3)):
            told = subprocess.run(argv, check=True, stdout=subprocess.PIPE, text=True).stdout
            runs.append(json.loads(told.splitlines()[-1]))
        found.append(sorted(runs, key=lambda r: r["seconds"])[len(runs) // 2])
    rows = [
        (
            str(r["n"]),
            f"{r['cells']:,}",
            f"{r['rows']:,}",
            f"{r['seconds']:.2f}",
            f"{r['seconds'] / r['rows'] * 1e6:.1f}",
            said(r["peak"]),
            said(r["peak"] - r["before"]),
        )
        for r in found
    ]
    curve = Curve(
        title="Time for each row of each layer, in microseconds: level where the cost grows as cells x suffix",
        x_name="tokens",
        x=[str(r["n"]) for r in found],
        y_name="µs",
        series=[Series(values=[r["seconds"] / r["rows"] * 1e6 for r in found])],
    )
    heads = ["tokens", "cells", "rows x layers", "seconds", "µs a row", "peak memory", "over one forward"]
    return table(heads, rows) + "\n\n```\n" + curve.text() + "\n```"


# --- the page ---------------------------------------------------------------------------------------------------------


def differences(folders: dict[str, Path], quick: bool) -> str:
    from benchmarks.peers import NNsight, TransformerLens

    found = {}
    for name, folder in folders.items():
        lab = lab_of(folder, name)
        found[name] = agreement(lab, TransformerLens(folder), NNsight(folder, lab.anatomy), 14 if quick else 1)
        print(columns(["", "TransformerLens", "nnsight"], [[k, str(a), str(b)] for k, (a, b) in found[name].items()]))
    questions = list(dict.fromkeys(q for told in found.values() for q in told))
    rows = []
    for question in questions:
        cells = [x for told in found.values() for x in told.get(question, (None, None))]
        rows.append([question, *("–" if x is None else "0" if x == 0 else f"{x:.1e}" for x in cells)])
    most = max(x for told in found.values() for pair in told.values() for x in pair if x is not None)
    heads = ["", *(f"{name}: {peer}" for name in found for peer in ("TransformerLens", "nnsight"))]
    verdict = "within" if most <= ALLOWED else "**above**"
    return f"Largest of all: {most:.1e}, {verdict} the {ALLOWED:.0e} allowed.\n\n" + table(heads, rows)


def main() -> None:
    parser = argparse.ArgumentParser(description="the engine against TransformerLens and nnsight")
    parser.add_argument("--times", type=int, default=5)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--one-length", type=int, help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--out", type=Path, default=OUT)
    args = parser.parse_args()
    torch.set_grad_enabled(False)
    if args.one_length:
        return one_length(args.folder, args.one_length)
    folder = args.folder or fetch.ensure(fetch.cache_dir(), lambda event: None)
    machine = line("torch", "transformers", "transformer-lens", "nnsight")
    load = f"Threads: {torch.get_num_threads()}. Load average at the start: {os.getloadavg()[0]:.1f}."
    parts = [
        "# The engine against TransformerLens and nnsight",
        f"Written by `make bench-peers` (benchmarks/sweeps.py). {machine}. {load}",
    ]
    if args.quick:
        parts.append("**A quick trial: the others ran few cells, and their times are scaled up. Not for publishing.**")
    with subjects(folder) as folders:
        parts += [
            "## How far apart the answers are",
            "The same weights in float32, 14 tokens, the same questions; the largest difference over all layers, positions and "
            "heads. nnsight, which takes longest, answers for every seventh cell of a grid.",
            differences(folders, args.quick),
        ]
    parts += [
        "## How fast",
        "SmolLM2-135M, 14 tokens, residual stream, 420 cells. The others run every cell of the grid; the engine leaves out those "
        "before the first difference, which are known. A ratio is theirs over ours.",
        speeds(folder, args.times, args.quick),
        "## What a sweep costs as prompts grow",
        "Patching the residual stream of SmolLM2-135M, prompts that differ two thirds in. A row is one position of one run in "
        "one layer; cells x suffix says how many there are.",
        growth(folder, args.times, LENGTHS[:-2] if args.quick else LENGTHS),
    ]
    args.out.write_text("\n\n".join(parts) + "\n", encoding="utf-8")
    print(args.out.read_text(encoding="utf-8"))


if __name__ == "__main__":
    main()
