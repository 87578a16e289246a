"""The format of log lines: JSON with the fields of mozlog 2.0, or text for people.

    set_up_logging("INFO", "auto")      # JSON unless standard error is a terminal

A line has the id of the request that it was logged for: handlers set `current_request`, and their tasks
inherit it.
"""

import json
import logging
import os
import socket
import sys
from contextvars import ContextVar
from functools import cache
from typing import Any, Final

current_request: ContextVar[str | None] = ContextVar("current_request", default=None)

_LOGGER: Final = "amoeba"
_TEXT: Final = "%(asctime)s %(levelname)s %(name)s: %(message)s"
# Python's levels as syslog's.
_SEVERITIES: Final = {
    logging.CRITICAL: 2,
    logging.ERROR: 3,
    logging.WARNING: 4,
    logging.INFO: 6,
    logging.DEBUG: 7,
}


def is_json(log_format: str) -> bool:
    """`log_format` is a value of the setting."""
    return log_format == "json" or (log_format == "auto" and not sys.stderr.isatty())


def set_up_logging(level: str, log_format: str) -> None:
    """Set up the log of the whole process, replacing earlier handlers."""
    handler = logging.StreamHandler()
    handler.setFormatter(JsonFormatter() if is_json(log_format) else TextFormatter(_TEXT))
    logging.basicConfig(level=level, handlers=[handler], force=True)


def envelope(type_: str, when: float, severity: int, fields: dict[str, Any]) -> dict[str, Any]:
    """A line's object; `when` is in seconds since 1970, `severity` syslog's."""
    return {
        "Timestamp": int(when * 1_000_000_000),
        "Type": type_,
        "Logger": _LOGGER,
        "Hostname": _hostname(),
        "EnvVersion": "2.0",
        "Severity": severity,
        "Pid": os.getpid(),
        "Fields": fields,
    }


@cache
def _hostname() -> str:
    return socket.gethostname()


def _request_id(record: logging.LogRecord) -> str | None:
    return getattr(record, "rid", None) or current_request.get()


class JsonFormatter(logging.Formatter):
    """A line is an object; a traceback is one of its fields."""

    def format(self, record: logging.LogRecord) -> str:
        fields: dict[str, Any] = {"msg": record.getMessage(), "level": record.levelname}
        if rid := _request_id(record):
            fields["rid"] = rid
        if record.exc_info and record.exc_info[0]:
            fields["error"] = record.exc_info[0].__name__
            fields["traceback"] = self.formatException(record.exc_info)
        entry = envelope(record.name, record.created, _SEVERITIES.get(record.levelno, 6), fields)
        return json.dumps(entry)  # orjson would refuse surrogates, which a path may have


class TextFormatter(logging.Formatter):
    """As logging's own, with the request's id at the end of the line."""

    def formatMessage(self, record: logging.LogRecord) -> str:
        line = super().formatMessage(record)
        rid = _request_id(record)
        return f"{line} [request {rid}]" if rid else line
