"""Two themes of our own, one dark and one light.

Colour means something or is absent: accent is what is yours, primary is what came from the run, red is for errors.
"""

from __future__ import annotations

from textual.theme import Theme

INK = Theme(
    name="ink",
    dark=True,
    primary="#7cc0d8",
    secondary="#7cc0d8",
    accent="#edb95e",
    success="#7cc0d8",
    warning="#edb95e",
    error="#f0727b",
    foreground="#dcdfe4",
    background="#15171b",
    surface="#15171b",
    panel="#22262d",
    boost="#22262d",
    variables={
        "border": "#3a3f49",
        "border-blurred": "#3a3f49",
        "footer-background": "#15171b",
        "input-cursor-background": "#edb95e",
        "input-cursor-foreground": "#15171b",
        "block-cursor-background": "#2b313b",
        "block-cursor-foreground": "#ffffff",
        "block-cursor-text-style": "none",
        "block-cursor-blurred-background": "#22262d",
        "scrollbar": "#3a3f49",
        "scrollbar-background": "#15171b",
        "scrollbar-corner-color": "#15171b",
    },
)

PAPER = Theme(
    name="paper",
    dark=False,
    primary="#0b6684",
    secondary="#0b6684",
    accent="#8f5200",
    success="#0b6684",
    warning="#8f5200",
    error="#b3261e",
    foreground="#1c1f24",
    background="#faf8f3",
    surface="#faf8f3",
    panel="#ece8df",
    boost="#ece8df",
    variables={
        "border": "#cbc5b8",
        "border-blurred": "#cbc5b8",
        "footer-background": "#faf8f3",
        "input-cursor-background": "#8f5200",
        "input-cursor-foreground": "#faf8f3",
        "block-cursor-background": "#e3ddcf",
        "block-cursor-foreground": "#111111",
        "block-cursor-text-style": "none",
        "block-cursor-blurred-background": "#ece8df",
        "scrollbar": "#cbc5b8",
        "scrollbar-background": "#faf8f3",
        "scrollbar-corner-color": "#faf8f3",
    },
)

MUTED = "$foreground 65%"
"""For words that are there when one looks for them; still 4.5 to 1 on both grounds. `$text-muted` is less."""
FAINT = "$foreground 30%"

OURS = (INK, PAPER)
DEFAULT = INK.name
