"""Times as the journal has them, and days as the learner counts them: those of the time zone of `now`."""

from __future__ import annotations

from datetime import UTC, date, datetime


def stored(at: str) -> datetime | None:
    """A time as the journal writes it, in UTC; None where it is none. A journal may come from anywhere."""
    try:
        found = datetime.fromisoformat(at)
        return found.replace(tzinfo=found.tzinfo or UTC).astimezone(UTC)
    except (TypeError, ValueError, OverflowError):
        return None


def local(at: str, form: str) -> str:
    """A stored time as the reader's clock shows it, in this form; empty where it is none."""
    found = stored(at)
    try:
        return found.astimezone().strftime(form) if found else ""
    except OverflowError:  # at the very ends of the calendar
        return ""


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
