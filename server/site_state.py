"""The site's state, shared by all processes: read-only or not, and the notice.

It is one document. Every process has a copy in memory and follows the feed, so that reading
the state costs nothing and a change reaches every process.

    state = await State.load(store)
    feed.subscribe(state)
    state.current.read_only
    await state.set(read_only=True, notice="Back at noon.")

Thread rule: event loop only.
"""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any, Final

from conf.limits import MAX_NOTICE
from server.errors import BadDocument
from server.following.subscribers import ChangedIds
from server.rules.fields import FieldReader, boolean, read_fields, string
from server.storage.operations import Update
from server.storage.store import Store, Transaction

_ID: Final = "state"
FIELDS: Final[dict[str, FieldReader]] = {
    "read_only": boolean,
    "notice": string(MAX_NOTICE, blank=True, null=True),
}


@dataclass(frozen=True, slots=True)
class SiteState:
    """The state, with the keys that the site endpoint shows."""

    read_only: bool = False
    notice: str | None = None


def read_changes(sent: Mapping[str, Any]) -> dict[str, Any]:
    """The sent values of `read_only` (bool) and `notice` (text, None for none). Raises Invalid."""
    changes = read_fields(FIELDS, sent)
    if changes.get("notice") == "":
        changes["notice"] = None
    return changes


def _state(stored: Mapping[str, Any] | None) -> SiteState:
    """The valid parts of a stored document; the defaults if it is not stored yet."""
    stored = stored or {}
    notice = stored.get("notice")
    return SiteState(bool(stored.get("read_only")), notice if isinstance(notice, str) else None)


class State:
    """Subscribes to the feed."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._reading = asyncio.Lock()  # serial, because an earlier read must not replace a later one
        self.current = SiteState()

    @classmethod
    async def load(cls, store: Store) -> "State":
        state = cls(store)
        await state.resync()
        return state

    async def set(
        self, check: Callable[[SiteState], object] = lambda stored: None, **changes: Any
    ) -> SiteState:
        """Change `read_only` (bool), `notice` (text or None) or both; the other stays.

        Works in read-only mode, too, because nobody could end it otherwise. Raises Unavailable, and what
        `check` raises about the stored state.
        """
        fields = asdict(replace(self.current, **changes))
        values = {name: fields[name] for name in changes}
        if values:

            async def work(transaction: Transaction) -> None:
                check(_state(await transaction.find_one("site", {"_id": _ID}, unchecked=True)))
                await transaction.apply(Update("site", _ID, {"$set": values}, upsert=True))

            await self._store.run_transaction(work, maintenance=True)
        await self.resync()
        return self.current

    async def resync(self) -> None:
        async with self._reading:
            await self._read()

    async def _read(self) -> None:
        try:
            stored = await self._store.find_one("site", {"_id": _ID}) or {}
        except BadDocument:  # the store reports it; its valid parts are used
            stored = await self._store.find_one("site", {"_id": _ID}, unchecked=True) or {}
        self.current = _state(stored)
        self._store.read_only = self.current.read_only

    async def apply(self, changes: ChangedIds) -> None:
        if changes.site:
            await self.resync()
