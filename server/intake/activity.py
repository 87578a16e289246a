"""What makes review notes, and what belongs to them, valid in a dump.

    {"kind": "note", "_id": 5, "addon_id": 1, "version_id": 10, "user_id": 7, "date": "...",
     "action": "approved"}
    {"kind": "activity", "_id": 8, "addon_id": 1, "user_id": 7, "date": "...", "action": "slug-changed",
     "details": {"property": "slug", "old": "a", "new": "b"}}
    {"kind": "attachment", "_id": 5, "name": "log.txt", "type": "text/plain", "content": "<base64>"}

Actions that conf/actions.py does not have are kept and shown to nobody.
"""

import base64
import re
from typing import Any, Final

from conf.model.activity import MAX_ATTACHMENT_BYTES
from server.intake.json_values import BadRecord, check_date, integer, quoted

_TOKEN: Final = re.compile(r"[0-9a-f]{32}")


def check_action(entry: dict[str, Any]) -> None:
    """A note or an entry of the log. Raises BadRecord."""
    integer(entry["_id"], "_id", 1)
    check_date(entry["date"])
    if not entry["action"]:
        raise BadRecord("no action")


def check_attachment(file: dict[str, Any]) -> None:
    """Raises BadRecord."""
    integer(file["_id"], "_id", 1)
    try:
        size = len(base64.b64decode(file["content"], validate=True))
    except ValueError:
        raise BadRecord("content is not base64") from None
    if size > MAX_ATTACHMENT_BYTES:
        raise BadRecord(f"content is larger than {MAX_ATTACHMENT_BYTES} bytes")


def check_due(due: dict[str, Any]) -> None:
    integer(due["_id"], "_id", 1)
    check_date(due["due"])


def check_token(token: dict[str, Any]) -> None:
    if not _TOKEN.fullmatch(token["_id"]):
        raise BadRecord(f"no token: {quoted(token['_id'])}")
