"""Words in the corner that go by themselves."""

from __future__ import annotations

from textual.notifications import Notification

LEAST_S = 0.01


class Passing(Notification):
    """Shown again on another screen in the very moment in which it goes, a notification of Textual 8.2 gets a timer of less
    than no time, and that never ends: no key is heard any more."""

    @property
    def time_left(self) -> float:
        return max(LEAST_S, super().time_left)

    @property
    def has_expired(self) -> bool:
        return super().time_left <= 0
