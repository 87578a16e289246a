"""The review queue: which versions a person should look at, until when, as administrators say
(contract/reviewers.md 8).

    due = await set_due(changes, addon, 10, "2026-01-05T03:04:05Z")
    due = await need_review(changes, addon, 10)
    page = await read_due(site.store, caller, after=None, size=25)           # those due first
    page = await read_due(site.store, caller, page.after, 25)

Event loop only.
"""

from collections.abc import Iterable
from typing import Final, NamedTuple, cast

from conf.model.activity import ReviewDueDoc
from conf.model.addons import AddonDoc, VersionDoc
from conf.numbers import read_number
from server.activity_log import REVIEW_DUE, review_due
from server.auth.access.addon_access import OPERATED_VERSIONS, passes
from server.auth.callers import Caller
from server.changes import Change, Changes
from server.operating.addon_search import read_rows
from server.rules.faults import field
from server.rules.status import is_awaiting
from server.storage.documents import DocumentAccess
from server.storage.operations import Insert, Replace

_VERSION: Final = ("versions.id", "versions.version", "versions.created", "versions.deleted")
_FIRST: Final = ("", 0)
_UNDATED: Final = "undated"  # what a position begins with among versions without a day
_LOT: Final = 25  # add-ons that are read at a time
_MOST_LOTS: Final = 40  # for a page
_AWAITING: Final = {"versions.files.status": "unreviewed", "status": {"$ne": "deleted"}}


def _version(addon: AddonDoc, version_id: int) -> VersionDoc:
    """Raises Invalid where it is another add-on's, or deleted."""
    for version in addon["versions"]:
        if version["id"] == version_id and not version["deleted"]:
            return version
    raise field("version", "version_not_found")


async def _due(change: Change, version_id: int) -> ReviewDueDoc | None:
    return cast(ReviewDueDoc | None, await change.find_one(REVIEW_DUE, {"_id": version_id}))


async def set_due(changes: Changes, addon: AddonDoc, version_id: int, due: str) -> None:
    """Raises Invalid for a version that nobody has to look at."""
    version = _version(addon, version_id)

    async def work(change: Change) -> None:
        stored = await _due(change, version_id)
        if stored is None and not is_awaiting(version):
            raise field("version", "version_not_awaiting")
        new = (stored or review_due(addon, version, "review-requested")) | {"due": due}
        await change.apply(Replace(REVIEW_DUE, new, upsert=True))

    await changes.run(work)


async def need_review(changes: Changes, addon: AddonDoc, version_id: int) -> str:
    """The day it is due, which is the old one where there was one. Raises Invalid."""
    version = _version(addon, version_id)

    async def work(change: Change) -> str:
        stored = await _due(change, version_id)
        if stored is not None:
            return stored["due"]
        new = review_due(addon, version, "set-by-reviewer")
        await change.apply(Insert(REVIEW_DUE, new))
        return new["due"]

    return await changes.run(work)


class DueVersion(NamedTuple):
    """A row of the queue."""

    due: ReviewDueDoc
    addon: AddonDoc  # with some of its keys: addon_search.ROW
    version: VersionDoc  # with its id, number, channel and creation alone


class DuePage(NamedTuple):
    rows: list[DueVersion]
    after: str | None  # what follows comes after this; None: nothing does


async def read_due(access: DocumentAccess, caller: Caller, after: str | None, size: int) -> DuePage:
    """Of `size` versions those whose review is the caller's business: what has a day, then what awaits its
    review without one, as data from elsewhere may. Raises Unavailable.

    `after` is a page's; anything else begins anew.
    """
    date, number = _position(after)
    rows: list[DueVersion] = []
    if date != _UNDATED:
        later = {"$or": [{"due": {"$gt": date}}, {"due": date, "_id": {"$gt": number}}]}
        stored = await access.find(REVIEW_DUE, later, sort=[("due", 1), ("_id", 1)], limit=size + 1)
        dues = cast(list[ReviewDueDoc], stored[:size])
        addons = await read_rows(access, {due["addon_id"] for due in dues}, _VERSION)
        rows += _rows(caller, ((due, addons.get(due["addon_id"])) for due in dues))
        if len(stored) > size:
            return DuePage(rows, f"{dues[-1]['due']}_{dues[-1]['_id']}")
        size, number = max(1, size - len(dues)), 0
    undated, following = await _read_undated(access, caller, number, size)
    return DuePage(rows + undated, following)


async def _read_undated(
    access: DocumentAccess, caller: Caller, number: int, size: int
) -> tuple[list[DueVersion], str | None]:
    """`size` versions and what else their add-ons have, of add-ons above a number, and the position to go on
    from. The day of each is the one that its submission would have been given.

    Most of what awaits a review has a day, so add-ons are read on until enough is there that has none.
    """
    rows: list[DueVersion] = []
    for _ in range(_MOST_LOTS):
        some, last = await _undated_above(access, caller, number)
        rows += some
        if last is None:
            return rows, None
        number = last
        if len(rows) >= size:
            break
    return rows, f"{_UNDATED}_{number}"


async def _undated_above(
    access: DocumentAccess, caller: Caller, number: int
) -> tuple[list[DueVersion], int | None]:
    """Of a lot of add-ons above a number, and the last one's number; None after all."""
    ids: list[int] = []
    query, order = _AWAITING | {"_id": {"$gt": number}}, [("_id", 1)]
    async for some in access.scan("addons", query=query, fields={"_id": 1}, sort=order, limit=_LOT + 1):
        ids += [each["_id"] for each in some]
    addons = await read_rows(access, ids[:_LOT], (*_VERSION, "versions.is_disabled", "versions.files.status"))
    awaiting = {
        version["id"]: (addons[id_], version)
        for id_ in ids[:_LOT]
        if id_ in addons
        for version in addons[id_]["versions"]
        if is_awaiting(version)
    }
    query = {"_id": {"$in": list(awaiting)}}
    dated = {due["_id"] for due in await access.find(REVIEW_DUE, query, limit=max(1, len(awaiting)))}
    rows = _rows(
        caller,
        (
            (review_due(addon, version, "review-requested", version["created"]), addon)
            for version_id, (addon, version) in awaiting.items()
            if version_id not in dated
        ),
    )
    return rows, ids[_LOT - 1] if len(ids) > _LOT else None


def _position(after: str | None) -> tuple[str, int]:
    date, _, number = (after or "").rpartition("_")
    id_ = read_number(number)
    return _FIRST if id_ is None else (date, id_)


def _rows(caller: Caller, dues: Iterable[tuple[ReviewDueDoc, AddonDoc | None]]) -> list[DueVersion]:
    return [row for due, addon in dues if (row := _row(caller, due, addon))]


def _row(caller: Caller, due: ReviewDueDoc, addon: AddonDoc | None) -> DueVersion | None:
    """None for what is gone or for others to review."""
    if addon is None or addon["status"] == "deleted":
        return None
    for version in addon["versions"]:
        if version["id"] == due["_id"] and not version["deleted"]:
            readers = OPERATED_VERSIONS[version["channel"]]
            return DueVersion(due, addon, version) if passes(readers, caller, addon, safe=True) else None
    return None
