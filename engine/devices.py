"""Where to compute: a GPU if there is one that does, else the CPU."""

from __future__ import annotations

import re
import warnings

import torch

ANY = ("cuda", "mps", "cpu")
"""In the order in which `auto` tries them."""
HELP = "The README says under Models what may help; with --device cpu this is not said again."


def pick(wanted: str) -> tuple[str, str]:
    """`cuda`, `mps` or `cpu`, and why a GPU that is here is not used; empty where there is nothing to say.

    `auto` takes the first that computes. Raises ValueError where `wanted` does not.
    """
    why = ""
    for device in ANY if wanted == "auto" else (wanted,):
        wrong = trouble(device)
        if wrong is None:
            return device, f"The GPU is not used: {why}. {HELP}" if why else ""
        why = why or wrong
    if why:
        raise ValueError(f"device {wanted} does not work here: {why}")
    there = ", ".join(device for device in ANY if trouble(device) is None)
    raise ValueError(f"device {wanted} is not on this machine; there is: {there}")


def trouble(device: str) -> str | None:
    """What is wrong with a device: None where it computes, nothing to say where this machine has none.

    Of a GPU it is tried, since one may be there that this PyTorch has no code for: that shows with the first sum only.
    Where its driver is too old there seems to be none, and only a warning tells.
    """
    if device == "cpu":
        return None
    with warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("always")
        here = torch.cuda.is_available() if device == "cuda" else torch.backends.mps.is_available()
        if here:
            try:
                torch.ones(1, device=device).add_(1).item()
            except (RuntimeError, AssertionError) as error:
                return first_sentence(str(error))
            return None
    return first_sentence(str(warned[0].message)) if warned else ""


def first_sentence(text: str) -> str:
    """What torch says first, without its advice to programmers."""
    return re.split(r"\.\s|\.$|\n", text.strip(), maxsplit=1)[0]


def name(device: str) -> str:
    """What the device is called: the name of the GPU, or how many threads a CPU runs with."""
    if device == "cuda":
        return torch.cuda.get_device_name()
    if device == "mps":
        return "Apple GPU"
    threads = torch.get_num_threads()
    return f"CPU, {threads} thread{'s' if threads != 1 else ''}"
