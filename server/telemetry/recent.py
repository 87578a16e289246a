"""The last warnings and errors of the log, in memory.

    recent = RecentRecords(); logging.getLogger().addHandler(recent)
    recent.records        # newest first

Lines are shortened. They have no tracebacks, and nothing before the @ of an address, which may be a password.
Any thread.
"""

import logging
import re
from collections import deque
from typing import Final, NamedTuple

from server.telemetry.log_format import current_request

_MAX_RECORDS: Final = 50
_MAX_LENGTH: Final = 300  # characters
_SECRET: Final = re.compile(r"//[^/@\s]{1,500}@")


class Record(NamedTuple):
    """A line; `moment` is in seconds since 1970."""

    moment: float
    level: str
    logger: str
    text: str
    request_id: str | None


class RecentRecords(logging.Handler):
    """A handler of the root logger."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self._records: deque[Record] = deque(maxlen=_MAX_RECORDS)

    @property
    def records(self) -> list[Record]:
        return list(self._records)[::-1]

    def emit(self, record: logging.LogRecord) -> None:
        try:
            text = _SECRET.sub("//***@", record.getMessage())
        except Exception:  # a wrong format, which the log's handler reports
            return
        if record.exc_info and record.exc_info[0]:
            text += f" ({record.exc_info[0].__name__})"
        request_id = getattr(record, "rid", None) or current_request.get()
        line = Record(record.created, record.levelname, record.name, text[:_MAX_LENGTH], request_id)
        self._records.append(line)
