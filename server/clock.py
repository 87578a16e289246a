"""Dates as documents and answers have them: `YYYY-MM-DDTHH:MM:SSZ`, UTC, whole seconds."""

from datetime import UTC, datetime, timedelta
from typing import Final

_FORMAT: Final = "%Y-%m-%dT%H:%M:%SZ"


def now() -> str:
    return text(datetime.now(UTC))


def text(date: datetime) -> str:
    return date.astimezone(UTC).strftime(_FORMAT)


def parse(date: str) -> datetime:
    """Raises ValueError for any other form."""
    return datetime.strptime(date, _FORMAT).replace(tzinfo=UTC)


def shifted(seconds: float, date: str | None = None) -> str:
    """The date (by default now) that many seconds later, or earlier where negative."""
    start = parse(date) if date else datetime.now(UTC)
    return text(start + timedelta(seconds=seconds))
