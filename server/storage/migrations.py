"""The version of the stored data, and the ordered steps that raise it.

    await migrate(database, timeout, say)

A step is run by one of the starting processes, which holds and renews a lease, while the
others wait and say so. A killed process leaves the version unchanged, so that the next one
repeats the step; a step must allow that. Data newer than the program is refused, because
the program could damage it.

To change the model: append a Migration with the next number.
"""

import asyncio
import logging
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from typing import Any, Final, NamedTuple

from index.shapes.markup import cleaned
from server.errors import StartError, StoreError
from server.storage.driver import calls

log = logging.getLogger(__name__)

COLLECTION: Final = "schema"
DATA: Final = "data"  # the `_id` of its one document
LEASE: Final = 15.0  # seconds without a renewal, after which its holder counts as dead
_BATCH: Final = 100  # add-ons whose texts are cleaned at a time
_POLL: Final = 0.5  # seconds between two checks of another process's lease


class Migration(NamedTuple):
    """A step; `run` gets the database, and may be repeated after an interruption."""

    version: int  # of the data after it
    effect: str  # printed on the terminal and in the log
    run: Callable[[Any], Awaitable[None]]


async def _keep_collisions(database: Any) -> None:
    """Guids and slugs that differ in case only stay (contract/versions.md 12); schema.py logs them."""


async def _rename_kinds(database: Any) -> None:
    """The log has the key `action` for `kind`, because each line of a dump has a `kind` of its own."""
    renamed = {"$rename": {"kind": "action"}}
    await database["activity"].update_many({"kind": {"$exists": True}, "action": {"$exists": False}}, renamed)


async def _clean_texts(database: Any) -> None:
    """Clean stored markup, because reads do not clean it any more (index/shapes/markup.py)."""
    addons = database["addons"]
    async for addon in addons.find({}, batch_size=_BATCH):
        try:
            changed = await asyncio.to_thread(_changed_by_cleaning, addon)
        except Exception:  # other readers report a damaged document
            log.warning("the texts of add-on %s cannot be cleaned", addon.get("_id"), exc_info=True)
            continue
        if changed:  # a concurrent write is clean already
            same = {"_id": addon["_id"], "revision": addon.get("revision")}
            await addons.update_one(same, {"$set": changed, "$inc": {"revision": 1}})


def _changed_by_cleaning(addon: dict[str, Any]) -> dict[str, Any]:
    after = cleaned(addon)
    return {key: value for key, value in after.items() if value is not addon.get(key)}


MIGRATIONS: Final[tuple[Migration, ...]] = (
    Migration(1, "guids and slugs are one value whatever their case", _keep_collisions),
    Migration(2, "the log names what was done as dumps do", _rename_kinds),
    Migration(3, "texts are stored clean", _clean_texts),
)


async def migrate(
    database: Any,
    timeout: float,
    say: Callable[[str], None],
    migrations: Sequence[Migration] = MIGRATIONS,
    lease: float = LEASE,
) -> None:
    """Raise the data to the version of the last migration, or wait until another process has.

    `timeout`: seconds a call may take. Raises StartError where the data is newer, and what the steps raise.
    """
    target = migrations[-1].version
    owner = secrets.token_hex(8)
    is_waiting = False
    while (version := await _version(database, timeout, target)) < target:
        if not await _acquire_lease(database, timeout, owner, lease):
            if not is_waiting:
                say(f"waiting for another process, which raises the data to version {target}")
            is_waiting = True
            await asyncio.sleep(_POLL)
            continue
        async with _lease_held(database, timeout, owner, lease):
            version = await _version(database, timeout, target)
            for step in migrations:
                if step.version > version:
                    await _run(database, timeout, owner, step, say)


async def _version(database: Any, timeout: float, target: int) -> int:
    """The data's version: 0 for data older than versions, the newest for an empty database."""
    with calls(timeout):
        stored = await database[COLLECTION].find_one({"_id": DATA})
        if stored is None:
            used = [await database[name].find_one({}, {"_id": 1}) for name in ("addons", "users", "activity")]
            is_empty = not any(used)
            first = {"version": target if is_empty else 0, "owner": None}
            await database[COLLECTION].update_one({"_id": DATA}, {"$setOnInsert": first}, upsert=True)
            stored = await database[COLLECTION].find_one({"_id": DATA})
    version = int(stored["version"])
    if version > target:
        raise StartError(
            f"The data has version {version}, and this program knows versions up to {target}:"
            " start the program that wrote it, or a newer one."
        )
    return version


async def _acquire_lease(database: Any, timeout: float, owner: str, lease: float) -> bool:
    """Acquire or renew the lease, by MongoDB's clock; False while another process holds it."""
    free = {"$or": [{"$lt": [{"$ifNull": ["$until", "$$NOW"]}, "$$NOW"]}, {"$in": ["$owner", [owner, None]]}]}
    until = {"$add": ["$$NOW", int(lease * 1000)]}
    with calls(timeout):
        outcome = await database[COLLECTION].update_one(
            {"_id": DATA, "$expr": free}, [{"$set": {"owner": owner, "until": until}}]
        )
    return bool(outcome.matched_count)


@asynccontextmanager
async def _lease_held(database: Any, timeout: float, owner: str, lease: float) -> AsyncIterator[None]:
    """Hold the lease while the block runs, and release it at the end in any case."""

    async def renew() -> None:
        while True:
            await asyncio.sleep(lease / 3)
            with suppress(StoreError):
                await _acquire_lease(database, timeout, owner, lease)

    renewing = asyncio.create_task(renew(), name="migration lease")
    try:
        yield
    finally:
        renewing.cancel()
        await asyncio.gather(renewing, return_exceptions=True)
        with suppress(StoreError), calls(timeout):
            await database[COLLECTION].update_one({"_id": DATA, "owner": owner}, {"$set": {"owner": None}})


async def _run(
    database: Any, timeout: float, owner: str, step: Migration, say: Callable[[str], None]
) -> None:
    say(f"raising the data to version {step.version}: {step.effect}")
    with calls(None):
        await step.run(database)
    with calls(timeout):
        outcome = await database[COLLECTION].update_one(
            {"_id": DATA, "owner": owner}, {"$set": {"version": step.version}}
        )
    if not outcome.matched_count:
        raise StartError("Another process has taken over the migration of the data; start again.")
