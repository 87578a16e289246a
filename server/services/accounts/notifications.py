"""Which mail an account wants to get (contract/extras.md 6).

    settings = await read(store, 7)
    settings = await change(changes, store, 7, {"reply": False})
    setting = await turn_off(changes, store, "ann@example.org", "reply")

Event loop only.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final, TypedDict

from conf.vocabulary import NOTIFICATIONS
from server.changes import Change, Changes
from server.rules.faults import Fault, Invalid, bare_fault
from server.rules.fields import boolean, read_fields
from server.storage.operations import Update
from server.storage.store import Store

COLLECTION: Final = "notifications"
_MAX_ACCOUNTS: Final = 20  # with the same e-mail address; changed together


class NotificationSetting(TypedDict):
    """A notification and its setting, as JSON."""

    name: str
    enabled: bool
    mandatory: bool


async def read(store: Store, user_id: int) -> list[NotificationSetting]:
    """The settings that concern the account, in the vocabulary's order; some concern developers only."""
    stored = await store.find_one(COLLECTION, {"_id": user_id}) or {}
    preferences: Mapping[str, bool] = stored.get("enabled", {})
    query = {"authors.user_id": user_id, "status": {"$ne": "deleted"}}
    develops = await store.find_one("addons", query, {"_id": 1}) is not None
    return [
        NotificationSetting(
            name=name,
            enabled=kind.mandatory or preferences.get(name, kind.default),
            mandatory=kind.mandatory,
        )
        for name, kind in NOTIFICATIONS.items()
        if develops or not kind.for_developers
    ]


async def change(
    changes: Changes, store: Store, user_id: int, sent: Mapping[str, Any]
) -> list[NotificationSetting]:
    """All settings after the change; names that do not concern the account are ignored. Raises Invalid."""
    settings = {setting["name"]: setting for setting in await read(store, user_id)}
    values: dict[str, bool] = read_fields(dict.fromkeys(settings, boolean), sent)
    for name, value in values.items():
        if settings[name]["mandatory"]:
            raise bare_fault("notification_mandatory", name=name, value=value)
    if values:
        await _store(changes, [user_id], values)
    return await read(store, user_id)


async def turn_off(changes: Changes, store: Store, address: str, name: Any) -> NotificationSetting:
    """Turn a notification off for every account with the e-mail address. Raises Invalid."""
    query = {"email": address, "deleted": False}
    users = await store.find("users", query, limit=_MAX_ACCOUNTS, unchecked=True)
    if not users:
        raise Invalid({"detail": Fault("email_unknown")}, 403)
    kind = NOTIFICATIONS.get(name) if isinstance(name, str) else None
    if kind is None:
        raise bare_fault("notification_unknown", name=name)
    if kind.mandatory:
        raise bare_fault("notification_mandatory", name=name, value=False)
    await _store(changes, [user["_id"] for user in users], {name: False})
    return NotificationSetting(name=name, enabled=False, mandatory=False)


async def _store(changes: Changes, user_ids: Sequence[int], values: Mapping[str, bool]) -> None:
    preferences = {f"enabled.{name}": value for name, value in values.items()}

    async def work(change: Change) -> None:
        await change.apply(*(Update(COLLECTION, id_, {"$set": preferences}, upsert=True) for id_ in user_ids))

    await changes.run(work)
