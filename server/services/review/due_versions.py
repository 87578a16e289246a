"""The versions that a person should look at, those due first (contract/reviewers.md 8).

    page = await read_due(site.store, caller, after=None, size=25)
    page.rows[0].version["version"], page.rows[0].due["due"]
    page = await read_due(site.store, caller, page.after, 25)

Event loop only.
"""

from typing import Final, NamedTuple, cast

from conf.model.activity import ReviewDueDoc
from conf.model.addons import AddonDoc, VersionDoc
from conf.numbers import read_number
from server.activity_log import REVIEW_DUE
from server.auth.access.addon_access import OPERATED_VERSIONS, passes
from server.auth.callers import Caller
from server.operating.addon_search import read_rows
from server.storage.documents import DocumentAccess

_VERSION: Final = ("versions.id", "versions.version", "versions.created", "versions.deleted")
_FIRST: Final = ("", 0)


class DueVersion(NamedTuple):
    """A row of the queue."""

    due: ReviewDueDoc
    addon: AddonDoc  # with some of its keys: addon_search.ROW
    version: VersionDoc  # with its id, number, channel and creation alone


class DuePage(NamedTuple):
    rows: list[DueVersion]
    after: str | None  # what follows comes after this; None: nothing does


async def read_due(access: DocumentAccess, caller: Caller, after: str | None, size: int) -> DuePage:
    """Of `size` versions those whose review is the caller's business. Raises Unavailable.

    `after` is a page's; anything else begins anew.
    """
    date, number = _position(after)
    later = {"$or": [{"due": {"$gt": date}}, {"due": date, "_id": {"$gt": number}}]}
    found = await access.find(REVIEW_DUE, later, sort=[("due", 1), ("_id", 1)], limit=size + 1)
    dues = cast(list[ReviewDueDoc], found[:size])
    addons = await read_rows(access, {due["addon_id"] for due in dues}, _VERSION)
    rows = [_row(caller, due, addons.get(due["addon_id"])) for due in dues]
    last = f"{dues[-1]['due']}_{dues[-1]['_id']}" if len(found) > size else None
    return DuePage([row for row in rows if row is not None], last)


def _position(after: str | None) -> tuple[str, int]:
    date, _, number = (after or "").rpartition("_")
    id_ = read_number(number)
    return _FIRST if id_ is None else (date, id_)


def _row(caller: Caller, due: ReviewDueDoc, addon: AddonDoc | None) -> DueVersion | None:
    """None for what is gone or for others to review."""
    if addon is None or addon["status"] == "deleted":
        return None
    for version in addon["versions"]:
        if version["id"] == due["_id"] and not version["deleted"]:
            readers = OPERATED_VERSIONS[version["channel"]]
            return DueVersion(due, addon, version) if passes(readers, caller, addon, safe=True) else None
    return None
