"""Every figure in every form as it stands on the screen, at three sizes, with content that is short, long and wide.

After a change that is meant: `pytest tests/ui/test_figure_pictures.py --snapshot-update`, and look at the difference.
"""

from __future__ import annotations

import pytest
from rich.cells import cell_len
from syrupy.assertion import SnapshotAssertion

from engine.figures import Figure, Heatmap, Table
from tests.drawing.figures import pattern
from tests.ui.example_figures import curve, grid, texts, tokens
from tests.ui.look import Stage, lines, until
from tests.ui.test_figure_forms import both
from tutor.drawing import marked
from tutor.ui.figures import FigurePanel

LONG = "Once there was a robot who wanted to see the sea, 但是他从来没有离开过工厂。 " * 12
SIZES = [(60, 20), (80, 24), (120, 40)]
SHOWN: dict[str, tuple[Figure, list[str]]] = {
    "tokens": (tokens(n=6), []),
    "tokens, what changed": (tokens(n=6), ["d"]),
    "tokens as a table": (tokens(n=6), ["t"]),
    "texts, short": (texts(" Mary went", " John went"), []),
    "texts, long and wide": (texts(f" {LONG}", f" {LONG.replace('robot', 'dog')}"), []),
    "curve": (curve(3000.0, 800.0, 70.0, None, 4.0, 0.0), []),
    "curve, log scale": (curve(3000.0, 800.0, 70.0, None, 4.0, 0.0), ["o"]),
    "bet and run": (both(), []),
    "heatmap of values": (grid(12, 9), []),
    "heatmap of many layers": (grid(30, 14, signed=True), []),
    "heatmap of texts": (grid(12, 9, cells=True), []),
    "heatmap, marked": (marked(grid(12, 9), (2, 3), (5, 6)), []),
    "heatmap, selecting": (grid(12, 9), ["down", "z", "down", "down", "right"]),
    "heatmap, zoomed": (grid(12, 9), ["down", "z", "down", "down", "right", "z"]),
    "attention": (pattern("When Mary and 北京 John went to the supercalifragilistic store"), []),
    "attention, token by token": (pattern("When Mary and 北京 John went to the store"), ["a", "left"]),
    "table": (Table(title="Numbers", heads=["what", "how much"], body=[["北京", "1.5"], ["x" * 30, "–"]]), []),
}


async def shown(name: str, size: tuple[int, int], colour: bool = True) -> list[str]:
    """The lines of the screen. On the way: nothing hangs over, the figure has the focus and is in sight."""
    figure, keys = SHOWN[name]
    panel = FigurePanel([figure, tokens()])
    app = Stage(panel, colour=colour)
    async with app.run_test(size=size) as pilot:
        panel.focus()
        await until(pilot, lambda: panel.view and panel.view.has_focus and panel.view.virtual_size.height)
        await pilot.press(*keys)
        await pilot.pause()
        await pilot.pause()
        said = lines(app)
        assert panel.view
        assert panel.view.has_focus
        assert app.screen.region.contains_region(panel.view.region)
        assert app.screen.max_scroll_x == app.screen.max_scroll_y == 0
        if not isinstance(figure, (Heatmap, Table)):
            assert panel.view.max_scroll_x == 0
        assert all(cell_len(line) <= size[0] for line in said)
        return said


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
@pytest.mark.parametrize("name", SHOWN)
async def test_a_figure_looks_as_it_did(name: str, size: tuple[int, int], snapshot: SnapshotAssertion) -> None:
    assert "\n".join(await shown(name, size)) == snapshot


@pytest.mark.parametrize("name", [name for name in SHOWN if "heatmap" in name or "attention" in name or "bet" in name])
async def test_a_figure_without_colours_looks_as_it_did(name: str, snapshot: SnapshotAssertion) -> None:
    assert "\n".join(await shown(name, (80, 24), colour=False)) == snapshot
