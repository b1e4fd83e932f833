"""Days as the learner counts them: those of the time zone of `now`."""

from __future__ import annotations

from datetime import date, datetime


def day(at: datetime, now: datetime) -> date:
    """The day of a moment, where the learner is."""
    return at.astimezone(now.tzinfo).date()


def calendar(day: date, now: datetime) -> str:
    """`2 November`; with its year where that is another one."""
    return f"{day.day} {day:%B}" + (f" {day.year}" if day.year != now.year else "")


def in_days(at: datetime, now: datetime) -> str:
    """`today`, `tomorrow`, `in 5 days`."""
    days = max(0, (day(at, now) - day(now, now)).days)
    return ("today", "tomorrow")[days] if days < 2 else f"in {days} days"
