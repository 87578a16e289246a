"""Operators' changes of the blocklist, and its effect on add-ons (contract/extras.md 1).

    block = await add(changes, store, "tab@example.org", ["1.0"], BlockTexts("It steals.", None))

`add` disables the blocked versions at once; the BlockKeeper of a server does so for blocks that were loaded.
Event loop only.
"""

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, NamedTuple, cast

from conf.model.addons import AddonDoc
from conf.model.curated import BlockDoc
from conf.model.reviewers import BAD
from server import clock
from server.activity_log import record
from server.background.worker import Worker
from server.changes import Change, Changes, Edited
from server.errors import OperatorFault
from server.rules import blocks
from server.services.review import scanner_results
from server.storage.operations import Delete, Replace
from server.storage.store import Store

log = logging.getLogger(__name__)

COLLECTION: Final = "blocks"
_INTERVAL: Final = 1.0  # seconds until a change of the list is noticed
_FULL_INTERVAL: Final = 3600.0  # until the whole list is enforced again, on add-ons loaded meanwhile
_BATCH: Final = 200  # guids looked up at a time


class BlockTexts(NamedTuple):
    """The texts of a block; None leaves one as it is."""

    reason: str | None
    url: str | None


async def find(access: Store | Change, guid: str) -> BlockDoc | None:
    """The block of a guid, whatever its case."""
    stored = await access.find(COLLECTION, {"guid": guid}, sort=[("_id", 1)], limit=1, folded=True)
    return cast(BlockDoc, stored[0]) if stored else None


async def add(
    changes: Changes,
    store: Store,
    guid: str,
    versions: Sequence[str],
    texts: BlockTexts,
    *,
    soft: bool = False,
) -> BlockDoc:
    """Block versions of a guid, hard or soft; an empty `versions` means all that are stored.

    Raises OperatorFault if `versions` is empty and none is stored.
    """
    addon = await store.find_addon("guid", guid)
    guid = (addon and addon["guid"]) or guid
    version_numbers = versions or [version["version"] for version in (addon["versions"] if addon else ())]
    if not version_numbers:
        raise OperatorFault(f"no version of {guid} is stored: name those to block")
    now = clock.now()

    async def work(change: Change) -> BlockDoc:
        old = await find(change, guid) or _new(await store.next_id("block"), guid, now)
        block = blocks.with_versions(old, version_numbers, soft, now)
        changed = {name: text for name, text in texts._asdict().items() if text is not None}
        block = cast(BlockDoc, {**block, **{name: text or None for name, text in changed.items()}})
        block["reason"] = block["reason"] or ""
        await change.apply(Replace(COLLECTION, cast(Mapping[str, Any], block), upsert=True))
        if addon is not None:
            await _enforce(change, addon, block)
        return block

    return await changes.run(work)


def _new(id: int, guid: str, now: str) -> BlockDoc:
    return BlockDoc(
        _id=id, guid=guid, reason="", url=None, blocked=[], soft_blocked=[], created=now, modified=now
    )


async def _enforce(change: Change, addon: AddonDoc, block: BlockDoc) -> None:
    """Disable the blocked versions, and label their scanner results as true positives."""
    await change.edit_addon(addon["_id"], lambda newest: _enforced(newest, block))
    blocked = blocks.numbers(block)
    ids = [version["id"] for version in addon["versions"] if version["version"] in blocked]
    await scanner_results.label(change, ids, BAD)


def _enforced(addon: AddonDoc, block: BlockDoc) -> Edited[AddonDoc]:
    new = blocks.enforced(addon, block)
    if new is addon:
        return Edited(addon)
    new |= {"modified": clock.now()}
    details = {"versions": sorted(blocks.numbers(block)), "reason": block["reason"]}
    return Edited(new, [record("versions-blocked", new, None, details=details)])


async def remove(changes: Changes, guid: str, versions: Sequence[str] = ()) -> BlockDoc | None:
    """Unblock these versions, or all; returns what remains of the block. Disabled versions stay disabled.

    Raises OperatorFault if there is no block.
    """

    async def work(change: Change) -> BlockDoc | None:
        old = await find(change, guid)
        if old is None:
            raise OperatorFault(f"there is no block of {guid}; run.py block show lists all")
        remaining = blocks.without_versions(old, versions or blocks.numbers(old), clock.now())
        if not blocks.numbers(remaining):
            await change.apply(Delete(COLLECTION, old["_id"]))
            return None
        await change.apply(Replace(COLLECTION, cast(Mapping[str, Any], remaining)))
        return remaining

    return await changes.run(work)


class BlockKeeper(Worker):
    """Disables versions that loaded blocks name. Every process runs it; repeating it does no harm."""

    def __init__(
        self,
        store: Store,
        changes: Changes,
        read_blocks: Callable[[], Mapping[str, BlockDoc]],
        is_read_only: Callable[[], bool],
    ) -> None:
        """`read_blocks` returns the blocks by guid."""
        super().__init__("the keeper of the blocklist", _INTERVAL, is_read_only)
        self._store = store
        self._changes = changes
        self._read_blocks = read_blocks
        self._enforced_blocks: Mapping[str, BlockDoc] | None = None  # the list enforced last
        self._next_run = 0.0  # loop time of the next enforcement

    async def work(self) -> None:
        by_guid, now = self._read_blocks(), asyncio.get_running_loop().time()
        if by_guid is self._enforced_blocks and now < self._next_run:
            return
        guids = [block["guid"] for block in by_guid.values()]
        for start in range(0, len(guids), _BATCH):
            query = {"guid": {"$in": guids[start : start + _BATCH], "$type": "string"}}
            async for addons in self._store.scan("addons", query=query, folded=True):
                for addon in cast(list[AddonDoc], addons):
                    if block := by_guid.get(str(addon["guid"]).lower()):  # MongoDB folds more than case
                        await self._enforce(addon, block)
        self._enforced_blocks, self._next_run = by_guid, now + _FULL_INTERVAL

    async def _enforce(self, addon: AddonDoc, block: BlockDoc) -> None:
        if blocks.needs_enforcing(addon, block):
            await self._changes.run(lambda change: _enforce(change, addon, block))
            log.info("disabled the blocked versions of %s", addon["guid"])
