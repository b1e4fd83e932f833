"""When garbage is looked for: a look is a pause, and a pause is a key that waits."""

from __future__ import annotations

import gc

from textual._styles_cache import StylesCache

LOOK_S = 2.0
"""How often it is asked whether there is enough of it."""
QUIET_S = 0.5
"""So long nobody has touched a key when it is swept out."""
ENOUGH = 4
"""Looks at what is half old since the last one at all: so many leave enough."""


def hold() -> None:
    """No looks until what is imported is there to stay."""
    gc.disable()


def settle() -> None:
    """All that a lesson needs is imported. It stays: to look it through for garbage takes 35 ms each time. Frames leave much
    garbage, a part of it older than one look through the young; few at a time keep each look short. The look through all of
    it waits for `sweep`: behind two hundred pages without a pause it took 300 ms, in the middle of a key."""
    if not gc.get_freeze_count():
        gc.freeze()
        gc.set_threshold(5_000, 4, 1_000)
    gc.enable()


def sweep() -> None:
    """Look through all of it, which is to be called when nobody types. Every screen that was closed waits for this: after a
    hundred of them the one long look would take half a second, in the middle of a word.

    Textual 8.2 keeps the last thousand widgets' lines besides, gone or not, by a method that is cached with its object.
    """
    if gc.isenabled() and gc.get_count()[2] >= ENOUGH:
        StylesCache.get_inner_outer.cache_clear()
        gc.collect()


def leave() -> None:
    """Nothing more is looked through: it all goes with the process. Python would, three times over, while the shell waits."""
    gc.disable()
    gc.freeze()
