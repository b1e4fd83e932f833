"""How large the model is, for a learner who asks: `how many layers does it have?`"""

from __future__ import annotations

import re

from engine.protocol import ModelInfo
from tutor.dialogue.asking import SMALL
from tutor.dialogue.cues import parse
from tutor.dialogue.terms import meaning
from tutor.dialogue.words import PLAIN

OF_IT = r"""(?:\s+(?:are|is|there|do|does|has|have|got|it|its|this|that|the|a|an|one|each|every|per|layer|model|mlp|vocabulary
    |dictionary|in|of|inside|know|knows|here|total|all|altogether|overall|exactly|actually|again|then|really|please))*\W*$"""
"""What may follow the thing that is counted: `how many heads look at Mary?` asks about a run."""
COUNTED = re.compile(
    rf"""{SMALL}(?:how\s+many|(?:what\s+is|what's)\s+the\s+number\s+of)\s+(?:different\s+)?(?:
      (?P<layers>layers?|blocks?)|(?P<heads>(?:attention\s+)?heads?)|(?P<neurons>(?:mlp\s+)?neurons?)
      |(?P<width>dimensions?|dims?)|(?P<tokens>tokens?(?=.*\b(?:model|know|vocabulary|dictionary|it)\b))
      |(?P<parameters>parameters?|params?|weights?)
    ){OF_IT}""",
    re.IGNORECASE | re.VERBOSE,
)
WHOLE = re.compile(
    rf"{SMALL}how\s+(?:big|large|deep|wide|small)\s+is\s+(?:this|the|that|your)\s+model\W*$", re.IGNORECASE
)


def told(reply: str, model: ModelInfo | None) -> str:
    """What the tutor can say to what the reply asks: how large the model is, or what a word of the field means; else empty."""
    return size(reply, model) or meaning(reply)


def size(reply: str, model: ModelInfo | None) -> str:
    """The size of the model that the reply asks for; empty where it asks for none, or while the model is not known."""
    if model is None or not model.n_layers:
        return ""
    for sentence in parse(reply.translate(PLAIN)):
        if found := COUNTED.match(sentence.text):
            return _said(model)[str(found.lastgroup)]
        if WHOLE.match(sentence.text):
            return _said(model)["whole"]
    return ""


def _said(model: ModelInfo) -> dict[str, str]:
    layers, heads = model.n_layers, model.n_heads
    parameters = f"about {model.n_parameters / 1e6:.0f} million parameters"
    return {
        "layers": f"This model has {layers} layers, counted from 0.",
        "heads": f"This model has {heads} attention heads in each of its {layers} layers, {heads * layers} in all.",
        "neurons": f"This model has {model.d_mlp} neurons in the MLP of each of its {layers} layers.",
        "width": f"In this model the residual stream holds {model.d_model} numbers at each position.",
        "tokens": f"The vocabulary of this model holds {model.n_vocab} tokens.",
        "parameters": f"This model has {parameters}.",
        "whole": f"This model has {layers} layers, {heads} attention heads in each, and {parameters}.",
    }
