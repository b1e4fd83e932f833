"""A model's tokens as texts: which begin with what someone typed."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from engine.lab import Lab

CUT = "\ufffd"
"""Stands in the text of a token that is a piece of a character: nobody can type it."""


class Vocabulary:
    """The texts of all tokens that a model knows. Making it takes about half a second, looking something up none."""

    def __init__(self, lab: Lab):
        self.texts = [lab.text_of(id) for id in range(min(lab.n_vocab, len(lab.tokenizer)))]

    def beginning(self, prefix: str, limit: int) -> list[str]:
        """At most `limit` tokens that begin with `prefix`, leading space and all, the lowest id first.

        Tokenizers number their tokens by how common they were, so these are the commonest.
        """
        found: dict[str, None] = {}
        for text in self.texts:
            if text.startswith(prefix) and CUT not in text:
                found[text] = None  # two ids may read the same
                if len(found) == limit:
                    break
        return list(found)


def cut(lab: Lab, text: str, bos: bool) -> list[str]:
    """The text's tokens as a run reads them. Raises BadParameter."""
    return [lab.text_of(int(token)) for token in lab.tokens(text, bos=bos, parameter="text")]
