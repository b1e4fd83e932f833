"""The screens. Everything that knows Textual is in here; what a lesson does next is decided elsewhere."""

import os

os.environ.setdefault("ESCDELAY", "10")
"""So many milliseconds Textual waits, where a terminal does not tell esc from the start of an arrow key; it would wait 100.
A slow line may need more."""
