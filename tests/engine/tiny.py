"""Tiny random models of all three families, with a small real tokenizer, as safetensors. Nothing is downloaded."""

from __future__ import annotations

import tempfile
from functools import cache
from pathlib import Path
from typing import Any

import torch
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import (
    AutoModelForCausalLM,
    AutoTokenizer,
    GPT2Config,
    GPTNeoXConfig,
    LlamaConfig,
    PreTrainedTokenizerFast,
)
from transformers.utils.logging import disable_progress_bar

from engine.lab import Lab

disable_progress_bar()

FAMILIES = ("gpt2", "gpt_neox", "llama")
END = "<|endoftext|>"

SENTENCES = [
    "When Mary and John went to the store, John gave a drink to Mary.",
    "When John and Mary went to the park, Mary gave a book to John.",
    "The capital of France is Paris, and the capital of Italy is Rome.",
    "A language model reads some text and says what comes next.",
    "The cat sat on the mat, and the dog sat on the cat.",
]
PROMPT = "When Mary and John went to the store, John gave a drink to"

SHAPE: dict[str, Any] = {
    "hidden_size": 32,
    "num_hidden_layers": 3,
    "num_attention_heads": 4,
    "max_position_embeddings": 64,
    "bos_token_id": 0,
    "eos_token_id": 0,
    "initializer_range": 0.2,  # large enough that heads and layers do different things
}
"""d_head is 8 in all three; Llama has two key-value heads, so query heads 0 and 1 share one."""


@cache
def tiny_tokenizer() -> PreTrainedTokenizerFast:
    """A byte-level BPE in which every word of SENTENCES is one token with its leading space."""
    bpe = Tokenizer(models.BPE())
    bpe.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    bpe.decoder = decoders.ByteLevel()
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    bpe.train_from_iterator(
        SENTENCES * 3,
        trainers.BpeTrainer(vocab_size=500, special_tokens=[END], initial_alphabet=alphabet, show_progress=False),
    )
    return PreTrainedTokenizerFast(tokenizer_object=bpe, bos_token=END, eos_token=END)


def tiny_config(family: str, **changes: Any) -> Any:
    """The configuration of a tiny model of `gpt2`, `gpt_neox` or `llama`."""
    shape = {**SHAPE, "vocab_size": len(tiny_tokenizer()), **changes}
    if family == "gpt2":
        return GPT2Config(
            **{k: v for k, v in shape.items() if k not in ("hidden_size", "num_hidden_layers", "num_attention_heads")},
            n_embd=shape["hidden_size"],
            n_layer=shape["num_hidden_layers"],
            n_head=shape["num_attention_heads"],
        )
    if family == "gpt_neox":
        return GPTNeoXConfig(**shape, intermediate_size=64, rotary_pct=0.5)
    return LlamaConfig(**{"num_key_value_heads": 2, **shape}, intermediate_size=64, tie_word_embeddings=True)


def llama_2_7b_config() -> Any:
    """The configuration of Llama-2-7B, less the weights."""
    return LlamaConfig(
        vocab_size=32000, hidden_size=4096, intermediate_size=11008, num_hidden_layers=32, num_attention_heads=32,
        num_key_value_heads=32, max_position_embeddings=4096, tie_word_embeddings=False,
    )  # fmt: skip


@cache
def tiny_folder(family: str) -> Path:
    """The folder of a tiny random model of `gpt2`, `gpt_neox` or `llama`, made once a session."""
    folder = Path(_scratch().name) / f"tiny-{family}"
    torch.manual_seed(0)
    model = AutoModelForCausalLM.from_config(tiny_config(family))
    with torch.no_grad():  # biases and norms are all 0 and 1 in a new model; a trained one has none of that
        for parameter in model.parameters():
            if parameter.ndim == 1:
                parameter += 0.1 * torch.randn_like(parameter)
    model.save_pretrained(folder, safe_serialization=True)
    tiny_tokenizer().save_pretrained(folder)
    return folder


@cache
def tiny_model(family: str) -> Any:
    """That model, loaded once, in float32 on the CPU. Tests share it: one that changes weights takes a deep copy."""
    return AutoModelForCausalLM.from_pretrained(tiny_folder(family)).eval()


def tiny_lab(family: str, model: Any = None, **arguments: Any) -> Lab:
    """A fresh bench with that model, or with another one of the same tokens."""
    tokenizer = AutoTokenizer.from_pretrained(tiny_folder(family))
    return Lab(model if model is not None else tiny_model(family), tokenizer, f"tiny-{family}", **arguments)


def hooks_of(model: Any) -> int:
    """How many hooks there are in the whole model, and modules that were given another forward."""
    return sum(len(m._forward_hooks) + len(m._forward_pre_hooks) + ("forward" in vars(m)) for m in model.modules())


@cache
def _scratch() -> tempfile.TemporaryDirectory[str]:
    return tempfile.TemporaryDirectory(prefix="llmw-tiny-")


def scratch_folder() -> Path:
    """A folder that is removed when the tests are done."""
    return Path(_scratch().name)
