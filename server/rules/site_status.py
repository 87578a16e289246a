"""What may be written to the site status (contract/versions.md 15)."""

from collections.abc import Mapping
from typing import Any, Final

from conf.limits import MAX_NOTICE
from server.rules.fields import FieldReader, boolean, read, string

FIELDS: Final[dict[str, FieldReader]] = {
    "read_only": boolean,
    "notice": string(MAX_NOTICE, blank=True, null=True),
}


def read_changes(sent: Mapping[str, Any]) -> dict[str, Any]:
    """`read_only` (bool) and `notice` (text, None for none), those that were sent. Raises Invalid."""
    changes = read(FIELDS, sent)
    if changes.get("notice") == "":
        changes["notice"] = None
    return changes
