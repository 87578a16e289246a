"""What may be written to the site status (rulings: our own addition)."""

from collections.abc import Mapping
from typing import Any, Final

from server.rules.faults import Fault, Invalid

MAX_NOTICE: Final = 1000  # characters


def read_changes(fields: Mapping[str, Any]) -> dict[str, Any]:
    """`read_only` (bool), `notice` (text; None or blank for none), those that are given. Raises Invalid."""
    faults: dict[str, list[Fault]] = {}
    changes: dict[str, Any] = {}
    if "read_only" in fields:
        changes["read_only"] = fields["read_only"]
        if fields["read_only"] is None:
            faults["read_only"] = [Fault("null")]
        elif not isinstance(fields["read_only"], bool):
            faults["read_only"] = [Fault("not_a_boolean")]
    if "notice" in fields:
        changes["notice"] = fields["notice"] or None
        fault = _notice_fault(fields["notice"])
        if fault:
            faults["notice"] = [fault]
    if faults:
        raise Invalid(faults)
    return changes


def _notice_fault(notice: Any) -> Fault | None:
    if notice is not None and not isinstance(notice, str):
        return Fault("not_a_string")
    if notice and len(notice) > MAX_NOTICE:
        return Fault("too_long", limit=MAX_NOTICE)
    return None
