"""Sent dates with a time. Pure; any thread."""

import re
from datetime import UTC, datetime
from typing import Any, Final

from server import clock
from server.rules.fields import with_schema, wrong_value

_DATE: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9:.]{2,15}(Z|[+-][0-9:]{2,6})?")


@with_schema(type="string", format="date-time")
def date(value: Any) -> str:
    """Reads a date as it is stored; UTC without a zone. Raises WrongValue."""
    sent = value.strip() if isinstance(value, str) else ""
    try:
        if not _DATE.fullmatch(sent):
            raise ValueError
        parsed = datetime.fromisoformat(sent)
        return clock.text((parsed if parsed.tzinfo else parsed.replace(tzinfo=UTC)).astimezone(UTC))
    except (ValueError, OverflowError):
        raise wrong_value("date_format") from None
