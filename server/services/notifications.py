"""What an account wants to be told of by mail (contract/extras.md 6).

    settings = await read(store, 7)
    settings = await change(changes, store, 7, {"reply": False})

Event loop only.
"""

from collections.abc import Mapping
from typing import Any, Final, TypedDict

from conf.vocabulary import NOTIFICATIONS
from server.changes import Change, Changes
from server.rules.faults import bare
from server.rules.fields import boolean
from server.rules.fields import read as read_fields
from server.storage.operations import Update
from server.storage.store import Store

COLLECTION: Final = "notifications"


class NotificationSetting(TypedDict):
    """One of them, as the API shows it."""

    name: str
    enabled: bool
    mandatory: bool


async def read(store: Store, user_id: int) -> list[NotificationSetting]:
    """Those that concern the account: some are for developers. In their order."""
    stored = await store.find_one(COLLECTION, {"_id": user_id}) or {}
    chosen: Mapping[str, bool] = stored.get("enabled", {})
    theirs = {"authors.user_id": user_id, "status": {"$ne": "deleted"}}
    develops = await store.find_one("addons", theirs, {"_id": 1}) is not None
    return [
        NotificationSetting(
            name=name,
            enabled=kind.mandatory or chosen.get(name, kind.default),
            mandatory=kind.mandatory,
        )
        for name, kind in NOTIFICATIONS.items()
        if develops or not kind.for_developers
    ]


async def change(
    changes: Changes, store: Store, user_id: int, sent: Mapping[str, Any]
) -> list[NotificationSetting]:
    """All of them afterwards; what does not concern the account is ignored. Raises Invalid."""
    known = {setting["name"]: setting for setting in await read(store, user_id)}
    values: dict[str, bool] = read_fields(dict.fromkeys(known, boolean), sent)
    for name, value in values.items():
        if known[name]["mandatory"]:
            raise bare("notification_mandatory", name=name, value=value)
    if values:
        chosen = {f"enabled.{name}": value for name, value in values.items()}

        async def work(under_way: Change) -> None:
            await under_way.apply(Update(COLLECTION, user_id, {"$set": chosen}, upsert=True))

        await changes.run(work)
    return await read(store, user_id)
