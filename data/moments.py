"""Moments as the databases give them back: SQLite forgets the time zone, which is always UTC."""

from datetime import UTC, datetime


def utc(moment: datetime) -> datetime:
    """Give a moment in UTC; one without a time zone is in UTC already."""
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
