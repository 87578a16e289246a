"""API keys in the database: creates, reseals and revokes them, leaked ones too.

    secret, key = await renew(changes, keyring, 7)
    await revoke(changes, 7)
    secrets = await LeakedKeys(store, changes, keys).active_secrets(7)      # to search a package for

Event loop only.
"""

from collections.abc import Collection
from contextlib import suppress
from typing import Any

from server.auth.credentials.apikeys import ApiKeyDoc, make_api_key
from server.auth.keys.keyring import Keyring, Unsealable
from server.auth.keys.keystores import Keys
from server.changes import Change, Changes
from server.storage.operations import Insert, Update
from server.storage.store import Store

COLLECTION = "apikeys"


async def deactivate(change: Change, query: dict[str, Any]) -> int:
    """Deactivate the active keys that match; returns how many."""
    keys = await change.find(COLLECTION, query | {"active": True})
    await change.apply(*(Update(COLLECTION, key["_id"], {"$set": {"active": False}}) for key in keys))
    return len(keys)


async def renew(changes: Changes, keyring: Keyring, user_id: int) -> tuple[str, ApiKeyDoc]:
    """A new key with its secret, which is shown only once; the previous key stops working."""

    async def work(change: Change) -> tuple[str, ApiKeyDoc]:
        keys = await change.find(COLLECTION, {"user_id": user_id})
        await deactivate(change, {"user_id": user_id})
        number = max((int(key["_id"].rpartition(":")[2]) for key in keys), default=0) + 1
        secret, key = make_api_key(user_id, number, keyring)
        await change.apply(Insert(COLLECTION, key))
        return secret, key

    return await changes.run(work, wait=False)


async def revoke(changes: Changes, user_id: int) -> int:
    """Deactivate the user's keys; returns how many."""
    return await changes.run(lambda change: deactivate(change, {"user_id": user_id}), wait=False)


async def reseal(store: Store, keyring: Keyring) -> tuple[int, list[str]]:
    """Seal every key with the newest secret; returns how many, and the ids that cannot be unsealed."""
    sealed, unsealable = 0, []
    async for keys in store.scan(COLLECTION):
        for key in keys:
            try:
                secret = keyring.seal(keyring.unseal(key["secret"]))
            except Unsealable:
                unsealable.append(key["_id"])
                continue
            await store.apply(Update(COLLECTION, key["_id"], {"$set": {"secret": secret}}))
            sealed += 1
    return sealed, unsealable


class LeakedKeys:
    """Finds and revokes API keys that an uploaded package contains, where everybody could read them."""

    def __init__(self, store: Store, changes: Changes, keys: Keys) -> None:
        self._store = store
        self._changes = changes
        self._keys = keys

    async def active_secrets(self, user_id: int) -> dict[str, str]:
        """Key id -> secret of the user's active keys. Raises Unavailable."""
        secrets = {}
        for key in await self._store.find(COLLECTION, {"user_id": user_id, "active": True}):
            with suppress(Unsealable):
                secrets[key["_id"]] = self._keys.ring.unseal(key["secret"])
        return secrets

    async def revoke(self, key_ids: Collection[str]) -> None:
        """Revoke those keys that are still active. Raises ReadOnly, Unavailable."""
        query = {"_id": {"$in": list(key_ids)}}
        await self._changes.run(lambda change: deactivate(change, query), wait=False)
