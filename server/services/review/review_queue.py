"""The review queue: versions that a person should review, with the dates they are due
(contract/reviewers.md 8).

    due = await set_due(changes, addon, 10, "2026-01-05T03:04:05Z")
    due = await need_review(changes, addon, 10)
    page = await read_due(site.store, caller, after=None, size=25)           # the earliest due first
    page = await read_due(site.store, caller, page.after, 25)

Event loop only.
"""

from collections.abc import Iterable
from typing import Final, NamedTuple, cast

from conf.model.activity import ReviewDueDoc
from conf.model.addons import AddonDoc, VersionDoc
from conf.numbers import read_number
from server.activity_log import REVIEW_DUE, review_due
from server.auth.access.addon_access import OPERATED_VERSION_READERS, passes
from server.auth.callers import Caller
from server.changes import Change, Changes
from server.operating.addon_search import read_rows
from server.rules.faults import field_fault
from server.rules.status import is_awaiting
from server.storage.documents import DocumentAccess
from server.storage.operations import Insert, Replace

_VERSION: Final = ("versions.id", "versions.version", "versions.created", "versions.deleted")
_START: Final = ("", 0)
_UNDATED: Final = "undated"  # prefix of positions among versions without a due date
_BATCH: Final = 25  # add-ons read at a time
_MAX_BATCHES: Final = 40  # read for a page
_AWAITING: Final = {"versions.files.status": "unreviewed", "status": {"$ne": "deleted"}}


def _version(addon: AddonDoc, version_id: int) -> VersionDoc:
    """Raises Invalid for a deleted version, or another add-on's."""
    for version in addon["versions"]:
        if version["id"] == version_id and not version["deleted"]:
            return version
    raise field_fault("version", "version_not_found")


async def _find_due(change: Change, version_id: int) -> ReviewDueDoc | None:
    return cast(ReviewDueDoc | None, await change.find_one(REVIEW_DUE, {"_id": version_id}))


async def set_due(changes: Changes, addon: AddonDoc, version_id: int, due: str) -> None:
    """Set the due date. Raises Invalid for a version that awaits no review."""
    version = _version(addon, version_id)

    async def work(change: Change) -> None:
        stored = await _find_due(change, version_id)
        if stored is None and not is_awaiting(version):
            raise field_fault("version", "version_not_awaiting")
        new = (stored or review_due(addon, version, "review-requested")) | {"due": due}
        await change.apply(Replace(REVIEW_DUE, new, upsert=True))

    await changes.run(work)


async def need_review(changes: Changes, addon: AddonDoc, version_id: int) -> str:
    """Queue the version unless it is queued already; returns its due date. Raises Invalid."""
    version = _version(addon, version_id)

    async def work(change: Change) -> str:
        stored = await _find_due(change, version_id)
        if stored is not None:
            return stored["due"]
        new = review_due(addon, version, "set-by-reviewer")
        await change.apply(Insert(REVIEW_DUE, new))
        return new["due"]

    return await changes.run(work)


class DueVersion(NamedTuple):
    """A row of the queue."""

    due: ReviewDueDoc
    addon: AddonDoc  # partial: the keys of addon_search.ROW
    version: VersionDoc  # partial: id, number, channel and creation


class DuePage(NamedTuple):
    rows: list[DueVersion]
    after: str | None  # where the next page begins; None at the end


async def read_due(access: DocumentAccess, caller: Caller, after: str | None, size: int) -> DuePage:
    """The next `size` versions that the caller reviews: first those with a due date, then those that await
    review without one, as versions of loaded add-ons may. Raises Unavailable.

    `after` comes from the previous page; anything else means the beginning.
    """
    date, number = _position(after)
    rows: list[DueVersion] = []
    if date != _UNDATED:
        rows, next_position = await _read_dated(access, caller, date, number, size)
        if next_position:
            return DuePage(rows, next_position)
        size, number = max(1, size - len(rows)), 0
    undated, next_position = await _read_undated(access, caller, number, size)
    return DuePage(rows + undated, next_position)


async def _read_dated(
    access: DocumentAccess, caller: Caller, date: str, number: int, size: int
) -> tuple[list[DueVersion], str | None]:
    """At most `size` versions with due dates after this position, and the next position.

    Reads further batches until one has a version that the caller reviews.
    """
    rows: list[DueVersion] = []
    for _ in range(_MAX_BATCHES):
        later = {"$or": [{"due": {"$gt": date}}, {"due": date, "_id": {"$gt": number}}]}
        stored = await access.find(REVIEW_DUE, later, sort=[("due", 1), ("_id", 1)], limit=size + 1)
        dues = cast(list[ReviewDueDoc], stored[:size])
        addons = await read_rows(access, {due["addon_id"] for due in dues}, _VERSION)
        rows += _rows(caller, ((due, addons.get(due["addon_id"])) for due in dues))
        if len(stored) <= size:
            return rows, None
        date, number = dues[-1]["due"], dues[-1]["_id"]
        if rows:
            break
    return rows, f"{date}_{number}"


async def _read_undated(
    access: DocumentAccess, caller: Caller, number: int, size: int
) -> tuple[list[DueVersion], str | None]:
    """At least `size` versions, if there are so many, of add-ons with ids above `number`, and the next
    position. Each gets the due date that its submission would have set.

    Reads several batches of add-ons, because most versions that await review have a due date.
    """
    rows: list[DueVersion] = []
    for _ in range(_MAX_BATCHES):
        batch, last_id = await _undated_above(access, caller, number)
        rows += batch
        if last_id is None:
            return rows, None
        number = last_id
        if len(rows) >= size:
            break
    return rows, f"{_UNDATED}_{number}"


async def _undated_above(
    access: DocumentAccess, caller: Caller, number: int
) -> tuple[list[DueVersion], int | None]:
    """Rows of one batch of add-ons with ids above `number`, and the last id; None at the end."""
    ids: list[int] = []
    query, order = _AWAITING | {"_id": {"$gt": number}}, [("_id", 1)]
    async for batch in access.scan("addons", query=query, fields={"_id": 1}, sort=order, limit=_BATCH + 1):
        ids += [addon["_id"] for addon in batch]
    addons = await read_rows(
        access, ids[:_BATCH], (*_VERSION, "versions.is_disabled", "versions.files.status")
    )
    awaiting = {
        version["id"]: (addons[id_], version)
        for id_ in ids[:_BATCH]
        if id_ in addons
        for version in addons[id_]["versions"]
        if is_awaiting(version)
    }
    query = {"_id": {"$in": list(awaiting)}}
    ids_with_due = {due["_id"] for due in await access.find(REVIEW_DUE, query, limit=max(1, len(awaiting)))}
    rows = _rows(
        caller,
        (
            (review_due(addon, version, "review-requested", version["created"]), addon)
            for version_id, (addon, version) in awaiting.items()
            if version_id not in ids_with_due
        ),
    )
    return rows, ids[_BATCH - 1] if len(ids) > _BATCH else None


def _position(after: str | None) -> tuple[str, int]:
    date, _, number = (after or "").rpartition("_")
    id_ = read_number(number)
    return _START if id_ is None else (date, id_)


def _rows(caller: Caller, dues: Iterable[tuple[ReviewDueDoc, AddonDoc | None]]) -> list[DueVersion]:
    return [row for due, addon in dues if (row := _row(caller, due, addon))]


def _row(caller: Caller, due: ReviewDueDoc, addon: AddonDoc | None) -> DueVersion | None:
    """None for a deleted version, and for one the caller does not review."""
    if addon is None or addon["status"] == "deleted":
        return None
    for version in addon["versions"]:
        if version["id"] == due["_id"] and not version["deleted"]:
            readers = OPERATED_VERSION_READERS[version["channel"]]
            return DueVersion(due, addon, version) if passes(readers, caller, addon, safe=True) else None
    return None
