"""The outbox: the objects whose changes Basket has yet to be told.

There is one record an object ("addon:7"), written in the transaction of the change that causes it; later
changes update it. A record says that the object changed, not how: the payload is read when it is sent, so
that the newest state wins. Beside the keys of every queue (server/storage/lease_queue.py):

    _id       "<kind>:<object id>"
    kind, object_id
    version   raised by every change
"""

import time
from collections.abc import Mapping, Sequence
from typing import Any, Final

from conf.numbers import read_number
from conf.settings.settings import Settings
from server.basket.payload import addon_synced, user_synced
from server.storage.lease_queue import PENDING
from server.storage.operations import Update

OUTBOX: Final = "outbox"
_KINDS: Final = ("addon", "user")


def sync_operation(kind: str, object_id: int) -> Update:
    """Record that an object changed; makes a parked record due, and repairs a damaged one."""
    version = {"$cond": [{"$isNumber": "$version"}, "$version", 0]}
    now = time.time()
    values = {"kind": kind, "object_id": object_id, "state": PENDING, "due": now, "refusals": 0}
    values["since"] = {"$cond": [{"$isNumber": "$since"}, "$since", now]}
    changes = [{"$set": {**values, "version": {"$add": [version, 1]}}}]
    return Update(OUTBOX, f"{kind}:{object_id}", changes, upsert=True)


def sync_parked(collection: str, record: Mapping[str, Any]) -> Update | None:
    """The operation that makes a parked record due; None if its id names no object."""
    parsed = parse_id(str(record["_id"]))
    return sync_operation(*parsed) if parsed else None


def parse_id(text: str) -> tuple[str, int] | None:
    """Kind and id of "addon:7"; None for any other text."""
    kind, _, number = text.partition(":")
    object_id = read_number(number)
    return None if kind not in _KINDS or object_id is None else (kind, object_id)


class Syncs:
    """The outbox operations of a change, for `server/changes.py` and `load --sync`.

    They are recorded whether or not Basket is switched on, so that nothing is lost meanwhile; there are at
    most as many records as changed objects.
    """

    def __init__(self, settings: Settings) -> None:
        self._counts = settings.basket_sync_counts

    def __call__(self, kind: str, old: Any, new: Any) -> Sequence[Update]:
        if kind == "addon":
            synced = addon_synced(old, new, counts=self._counts)
        else:
            synced = user_synced(old, new)
        return [sync_operation(kind, new["_id"])] if synced else []
