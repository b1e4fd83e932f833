"""A list to choose from, in a window of any size."""

from __future__ import annotations

from textual.widgets import OptionList


class Listed(OptionList):
    """Turning a page does nothing where not one of its lines can be seen: Textual 8.2 would look for that line."""

    def action_page_up(self) -> None:
        if self.scrollable_content_region.area:
            super().action_page_up()  # type: ignore[no-untyped-call]

    def action_page_down(self) -> None:
        if self.scrollable_content_region.area:
            super().action_page_down()  # type: ignore[no-untyped-call]
