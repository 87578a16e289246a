"""Results of scanners about versions, which scanning services push (contract/reviewers.md 7).

    result = await push(changes, store, blocks, user, sent)
    await complete(changes, user_id, result_id, sent)
    await label(change, [version_id], "good")        # in the transaction of a decision about the versions

Event loop only.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final, cast

from conf.model.addons import AddonDoc, UserDoc
from conf.model.curated import BlockDoc
from conf.model.reviewers import BAD, SCANNERS, ScannerResultDoc
from server import clock
from server.changes import Change, Changes, NewRecord
from server.errors import NotFound
from server.rules.blocks import numbers
from server.rules.faults import Fault, Invalid, field_fault
from server.rules.review.scanner_results import initial_label, is_complete, read_new, read_update
from server.rules.versions import get_version
from server.storage.operations import Replace, Update
from server.storage.store import Store

COLLECTION: Final = "scanner_results"
_MAX_RESULTS: Final = 1000  # results of a version


def results_query(scanner: str | None, label: str | None) -> dict[str, Any]:
    """A query for results; None matches any."""
    return {name: value for name, value in (("scanner", scanner), ("label", label)) if value is not None}


async def read_page(
    store: Store, filters: Mapping[str, Any], start: int, size: int
) -> list[ScannerResultDoc]:
    """The newest first."""
    results = await store.find(COLLECTION, filters, sort=[("_id", -1)], skip=start, limit=size)
    return cast(list[ScannerResultDoc], results)


async def push(
    changes: Changes, store: Store, blocks: Mapping[str, BlockDoc], user: UserDoc, sent: Mapping[str, Any]
) -> ScannerResultDoc:
    """Store a new result; the scanner is the account's name, `blocks` are by guid. Raises Invalid."""
    version_id, results = read_new(sent)
    stored = await store.find_one("addons", {"versions.id": version_id})
    if stored is None:
        raise field_fault("version_id", "version_not_found")
    addon = cast(AddonDoc, stored)
    version = get_version(addon, version_id)
    block = blocks.get((addon["guid"] or "").lower())
    blocked = block is not None and version["version"] in numbers(block)
    result = ScannerResultDoc(
        _id=await store.next_id("scanner_result"),
        version_id=version_id,
        scanner=user["username"] if user["username"] in SCANNERS else SCANNERS[-1],
        user_id=user["_id"],
        label=initial_label(version, blocked=blocked),
        results=results,
        model_version=None,
        created=clock.now(),
    )
    await changes.write([NewRecord(COLLECTION, {**result})])
    return result


async def complete(changes: Changes, user_id: int, result_id: int | None, sent: Mapping[str, Any]) -> None:
    """Add the result of a scan that has ended. Raises NotFound, also for another account's scan, Invalid."""

    async def work(change: Change) -> None:
        stored = await change.find_one(COLLECTION, {"_id": result_id, "user_id": user_id})
        if stored is None:
            raise NotFound(str(result_id))
        if is_complete(stored["results"]):
            raise Invalid({"detail": Fault("scanner_result_updated")}, status=409)
        await change.apply(Replace(COLLECTION, {**stored, "results": read_update(sent)}))

    await changes.run(work)


async def label(change: Change, version_ids: Sequence[int], text: str) -> None:
    """Label the unlabelled results of versions; `BAD` replaces every other label as well."""
    replaceable = {"$ne": BAD} if text == BAD else None
    results = await change.find(
        COLLECTION,
        {"version_id": {"$in": list(version_ids)}, "label": replaceable},
        limit=_MAX_RESULTS,
        unchecked=True,
    )
    for result in results:
        await change.apply(Update(COLLECTION, result["_id"], {"$set": {"label": text}}))
