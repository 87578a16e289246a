"""The site's state: read-only or not, and the notice. Stored, the same in every process.

One document holds it; a process keeps it in memory and follows the feed, so
asking costs nothing and a change reaches every process.

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
from server.rules.fields import FieldReader, boolean, read, string
from server.storage.operations import Update
from server.storage.store import Store, Transaction

_ID: Final = "state"
FIELDS: Final[dict[str, FieldReader]] = {
    "read_only": boolean,
    "notice": string(MAX_NOTICE, blank=True, null=True),
}


@dataclass(frozen=True, slots=True)
class SiteState:
    """As the site endpoint answers it."""

    read_only: bool = False
    notice: str | None = None


def read_changes(sent: Mapping[str, Any]) -> dict[str, Any]:
    """`read_only` (bool) and `notice` (text, None for none), those that were sent. Raises Invalid."""
    changes = read(FIELDS, sent)
    if changes.get("notice") == "":
        changes["notice"] = None
    return changes


def _state(stored: Mapping[str, Any] | None) -> SiteState:
    """What can be told of the document, which nobody has checked; None: there is none yet."""
    stored = stored or {}
    notice = stored.get("notice")
    return SiteState(bool(stored.get("read_only")), notice if isinstance(notice, str) else None)


class State:
    """Subscribes to the feed."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._reading = asyncio.Lock()  # one after the other, or what was read first might hold last
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

        Works in read-only mode too, or nobody could end it. Raises Unavailable, and what `check` does
        of what is stored.
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
        except BadDocument:  # named by the store; what of it can be told holds
            stored = await self._store.find_one("site", {"_id": _ID}, unchecked=True) or {}
        self.current = _state(stored)
        self._store.read_only = self.current.read_only

    async def apply(self, changes: ChangedIds) -> None:
        if changes.site:
            await self.resync()
