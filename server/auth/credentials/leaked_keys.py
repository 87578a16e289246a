"""API keys that are found where they should not be: in the packages of those who sign with them.

    secrets = await leaked.active_secrets(user_id)      # what to look for
    await leaked.revoke(secrets)

Event loop only.
"""

from collections.abc import Collection
from contextlib import suppress

from server.auth.keys.keyring import Unsealable
from server.auth.keys.keystores import Keys
from server.changes import Change, Changes
from server.storage.operations import Update
from server.storage.store import Store


class LeakedKeys:
    """The API keys of a store, whose secrets are sealed with the server's own."""

    def __init__(self, store: Store, changes: Changes, keys: Keys) -> None:
        """`keys`: the server's secrets."""
        self._store = store
        self._changes = changes
        self._keys = keys

    async def active_secrets(self, user_id: int) -> dict[str, str]:
        """Key -> secret, of a user's keys that are good. Raises Unavailable."""
        found = {}
        for key in await self._store.find("apikeys", {"user_id": user_id, "active": True}):
            with suppress(Unsealable):
                found[key["_id"]] = self._keys.ring.unseal(key["secret"])
        return found

    async def revoke(self, key_ids: Collection[str]) -> None:
        """Those that are good still. Raises ReadOnly, Unavailable."""

        async def work(change: Change) -> None:
            for key in await change.find("apikeys", {"_id": {"$in": list(key_ids)}, "active": True}):
                await change.apply(Update("apikeys", key["_id"], {"$set": {"active": False}}))

        await self._changes.run(work, wait=False)
