"""A model of Llama-2-7B's shape, in NF4, under a budget of 12 GB: every experiment, and the most memory it took.

    make seven-b        or        python -m benchmarks.seven_b [NAME ...] [--budget 12GB] [--tokens 64] [--cpu] [--tiny]

The weights are random and nothing is fetched. They are made and packed one matrix at a time, so at no moment is there more
of the model in memory than its packed form and one matrix. Needs the extra `quant`, and a GPU; where one is missing, it
says so in a line and ends with 0. Ends with 1 where an experiment fails or takes more than the budget.

--cpu does without a GPU, on Linux: the peak is then the process' whole resident memory, libraries included. It is slow
(a forward takes about 10 s on 2 cores, the sweeps hours). So measured on 2026-11-22 with torch 2.13.0 and bitsandbytes
0.50.2: all 21 experiments at 14 tokens, the process at most 6.6 GB, 3.8 GB of it weights. On a GPU it was not measured yet.
NAME ... are the experiments to run; all, if none is given.
--tiny tries the script itself on a model of three layers.
"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path
from typing import Any

import torch
from torch import nn
from transformers import AutoModelForCausalLM, LlamaConfig

from benchmarks.machine import line
from engine import budget, devices, quantised
from engine.amounts import parse_bytes, said
from engine.errors import EngineError
from engine.experiments import NAMES, experiment
from engine.figures import columns
from engine.lab import Lab
from engine.models import is_out_of_memory
from tests.engine.doing import do, some_values
from tests.engine.tiny import llama_2_7b_config, tiny_config, tiny_tokenizer

WORDS = " the store and Mary went to John a drink gave When park book Paris"
"""What long prompts are made of: each word is one token of the tiny tokenizer."""


def tiny() -> LlamaConfig:
    config: LlamaConfig = tiny_config("llama", hidden_size=64, max_position_embeddings=1024)
    config.intermediate_size, config.tie_word_embeddings = 128, False
    return config


def random_packed(config: LlamaConfig, device: str) -> Any:
    """A Llama with random weights, its layers' matrices in NF4, all else in bfloat16; built in place on the device."""
    from bitsandbytes.nn import Linear4bit, Params4bit

    with torch.device("meta"):
        model = AutoModelForCausalLM.from_config(config, dtype=torch.bfloat16).eval()
    luck = torch.Generator(device).manual_seed(0)

    def drawn(shape: torch.Size) -> torch.Tensor:
        return torch.empty(shape, dtype=torch.bfloat16, device=device).normal_(std=0.02, generator=luck)

    head = model.get_output_embeddings()
    for path, module in list(model.named_modules()):
        if type(module) is nn.Linear and module is not head:
            packed: Any = Linear4bit(
                module.in_features, module.out_features, bias=False, compute_dtype=torch.bfloat16, device="meta"
            )
            weight: Any = Params4bit(drawn(module.weight.shape), requires_grad=False, quant_type="nf4")
            packed.weight = weight.to(device)
            packed.quant_state = packed.weight.quant_state
            model.set_submodule(path, packed)
        elif isinstance(module, nn.Linear | nn.Embedding):
            module.weight = nn.Parameter(drawn(module.weight.shape), requires_grad=False)
        elif getattr(module, "weight", None) is not None:  # norms
            ones = torch.ones(module.weight.shape, dtype=torch.bfloat16, device=device)
            module.weight = nn.Parameter(ones, requires_grad=False)
    model.model.rotary_emb = type(model.model.rotary_emb)(config).to(device)  # it has tables of its own
    return model


def tokenizer_for(n_vocab: int) -> Any:
    """The tests' tokenizer, with words of no meaning up to the model's vocabulary."""
    import copy

    tokenizer = copy.deepcopy(tiny_tokenizer())
    tokenizer.add_tokens([f"<{i}>" for i in range(n_vocab - len(tokenizer))])
    return tokenizer


def values_for(name: str, n_tokens: int) -> dict[str, Any]:
    """Parameters of an experiment, its prompts `n_tokens` long; the two of a patching sweep differ a third in."""
    values = some_values(experiment(name))
    words = (WORDS.split() * n_tokens)[:n_tokens]
    long = " ".join(words)
    other = " ".join("cat" if i == n_tokens // 3 else word for i, word in enumerate(words))
    long_ones = {"prompt": long, "text": long, "clean": long, "corrupt": other, "subject": words[0]}
    return {**values, **{k: v for k, v in long_ones.items() if k in values}}


def main() -> None:
    parser = argparse.ArgumentParser(description="every experiment on a 7B shape, in NF4, with the memory it takes")
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of: {', '.join(NAMES)}")
    parser.add_argument("--budget", default="12GB")
    parser.add_argument("--tokens", type=int, default=64, help="how long the prompts are")
    parser.add_argument("--cpu", action="store_true", help="on a CPU: slow, and the peak is that of the whole process")
    parser.add_argument("--tiny", action="store_true", help="try the script on a tiny shape")
    args = parser.parse_args()
    if unknown := set(args.names) - set(NAMES):
        parser.error(f"there is no experiment {', '.join(sorted(unknown))}")
    gpu = torch.cuda.is_available() and not args.cpu
    if not quantised.is_here():
        return print(f"skipped: this needs the extra for packed weights: {quantised.EXTRA}")
    if not gpu and not args.cpu and not args.tiny:
        return print("skipped: there is no CUDA GPU here (--cpu does without one, slowly)")
    if not gpu and not Path("/proc/self/clear_refs").exists():
        return print("skipped: without a GPU the memory can be measured on Linux only")

    device, limit = ("cuda" if gpu else "cpu"), parse_bytes(args.budget)
    config = tiny() if args.tiny else llama_2_7b_config()
    began = time.perf_counter()
    model = random_packed(config, device)
    size = sum(p.numel() * p.element_size() for p in model.parameters())
    lab = Lab(model, tokenizer_for(config.vocab_size), "llama-2-7b, random")
    built = peak(device)
    print(line("torch", "transformers", "bitsandbytes"), devices.name(device), sep="; ")
    print(f"{said(size)} of weights, made in {time.perf_counter() - began:.0f} s, at most {said(built)}")
    budget.enforce(device, limit - size)

    rows, bad = [], built > limit
    for name in args.names or NAMES:
        for n_tokens in (14, args.tokens):
            forget_peak(device)
            began, told = time.perf_counter(), "ok"
            try:
                do(lab, name, **values_for(name, n_tokens))
            except (EngineError, RuntimeError, MemoryError) as error:
                told, bad = "out of memory" if is_out_of_memory(error) else str(error).splitlines()[0][:60], True
            most = peak(device)
            bad = bad or most > limit
            rows.append([name, str(n_tokens), f"{time.perf_counter() - began:.1f}", said(most), told])
            print("\t".join(rows[-1]), flush=True)
    print()
    print(columns(["experiment", "tokens", "seconds", "peak memory", ""], rows))
    print(f"The budget of {said(limit)} was {'not kept' if bad else 'kept'}.")
    sys.exit(bad)


def peak(device: str) -> int:
    """The most bytes held since `forget_peak`: on a GPU by torch, its cache of freed memory included; else by the process."""
    if device == "cuda":
        return torch.cuda.max_memory_reserved()
    with open("/proc/self/status") as status:
        return next(int(line.split()[1]) * 1024 for line in status if line.startswith("VmHWM:"))


def forget_peak(device: str) -> None:
    if device == "cuda":
        torch.cuda.empty_cache()
        torch.cuda.reset_peak_memory_stats()
    else:
        Path("/proc/self/clear_refs").write_text("5")  # Linux' word for: the peak is what is in use now


if __name__ == "__main__":
    torch.set_grad_enabled(False)
    main()
