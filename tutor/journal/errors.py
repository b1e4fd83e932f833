"""What can go wrong with the journal, in words for a person."""

from __future__ import annotations


class JournalError(Exception):
    """The journal cannot be read or written: one line that a learner can act on. Nothing was changed."""


class JournalBusy(JournalError):
    """Another tutor has this journal open for the same learner."""


class JournalNewer(JournalError):
    """A newer tutor wrote this journal. It is left as it is."""
