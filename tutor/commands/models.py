"""`llmw-tutor models`: which models are here, and how to have one more."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.protocol import ModelInfo
from tutor.commands import say, table
from tutor.commands.bench import ask

if TYPE_CHECKING:
    from tutor.settings import Settings


def models(settings: Settings) -> int:
    """List the models that have a short name. Raises EngineError."""
    known = ask(settings, lambda engine, _: engine.models())
    rows = [[m.name, "yes" if m.here else "no", size(m), m.note] for m in known]
    say(table(["model", "here", "needs", "note"], rows))
    say(
        "\nA model that is not here is fetched at its first use, or now: llmw-tutor models --fetch NAME. `needs`: memory,"
        "\nat least. Any other GPT-2, GPT-NeoX or Llama model works by its Hugging Face name or as a local folder: --model NAME."
    )
    return 0


def fetch(name: str, settings: Settings) -> int:
    """Have the model on this machine and load it once, to see that it works. Raises EngineError."""
    m = ask(settings, lambda engine, on_event: engine.load(name, fetch=not settings.offline, on_event=on_event))
    shape = f"{m.n_layers} layers, {m.n_heads} heads a layer, {m.n_parameters / 1e6:.0f} million parameters"
    say(f"{m.name} is here and loads: {shape}; {m.dtype} on {m.device}, {size(m)}" + (f"\n{m.note}" if m.note else ""))
    return 0


def size(m: ModelInfo) -> str:
    if not m.bytes:
        return "–"
    return f"{m.bytes / 1e9:.1f} GB" if m.bytes >= 1e9 else f"{m.bytes / 1e6:.0f} MB"
