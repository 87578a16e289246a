"""Dates of documents and answers: `YYYY-MM-DDTHH:MM:SSZ`, UTC, whole seconds."""

import re
from datetime import UTC, datetime, timedelta
from typing import Final

_AGO: Final = re.compile(r"([0-9]{1,6})([mhdw])")
_UNITS: Final = {"m": 60, "h": 3600, "d": 24 * 3600, "w": 7 * 24 * 3600}
_FORMAT: Final = "%Y-%m-%dT%H:%M:%SZ"


def now() -> str:
    return text(datetime.now(UTC))


def text(date: datetime) -> str:
    return date.astimezone(UTC).strftime(_FORMAT)


def parse(date: str) -> datetime:
    """Raises ValueError for any other form."""
    return datetime.strptime(date, _FORMAT).replace(tzinfo=UTC)


def shifted(seconds: float, date: str | None = None) -> str:
    """The date (by default now), moved by `seconds`, which may be negative."""
    start = parse(date) if date else datetime.now(UTC)
    return text(start + timedelta(seconds=seconds))


def parse_since(written: str) -> str:
    """The date that a person typed: 2026-01-31, 2026-01-31T12:00:00Z, or an age such as 90m, 12h, 7d, 4w.

    Raises ValueError, whose text lists these forms.
    """
    try:
        if ago := _AGO.fullmatch(written):
            return shifted(-int(ago[1]) * _UNITS[ago[2]])
        return text(parse(written if "T" in written else f"{written}T00:00:00Z"))
    except (ValueError, OverflowError):  # the second is for dates before the year 1
        raise ValueError(
            f"{written!r:.80} is no date: 2026-01-31, 2026-01-31T12:00:00Z, or 90m, 12h, 7d, 4w ago"
        ) from None
