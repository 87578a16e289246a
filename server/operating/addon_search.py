"""Operators' search for add-ons: by id, slug, guid or a part of the name, public or not.

    rows = await find_addons(site, caller, "tab tree", "en-US")
    rows[0]["_id"], rows[0]["status"]

A row is an add-on's document with only the keys of ROW. Event loop only.
"""

from collections.abc import Iterable
from typing import Any, Final, cast

from conf.limits import MAX_QUERY
from conf.model.addons import AddonDoc
from index.criteria.search_query import SearchQuery
from index.criteria.sorting import BY_RELEVANCE
from index.documents.identifiers import identify
from server.auth.access.addon_access import OPERATED, passes
from server.auth.callers import Caller
from server.site import Site
from server.storage.documents import DocumentAccess

MAX_ROWS: Final = 25  # public add-ons, and as many of the others
_MAX_SCANNED: Final = 5_000  # add-ons that are not public; further ones are not searched
# Keys that identify add-ons, and keys that decide who may see one.
_NAMES: Final = dict.fromkeys(("name", "default_locale", "guid", "slug"), 1)
_RIGHTS: Final = ("type", "status", "disabled_by_user", "authors", "versions.channel")
ROW: Final = _NAMES | dict.fromkeys((*_RIGHTS, "average_daily_users"), 1)
_HIDDEN: Final = {
    "$or": [
        {"status": {"$lt": "public"}},
        {"status": {"$gt": "public"}},
        {"status": "public", "disabled_by_user": True},
    ]
}


async def find_addons(site: Site, caller: Caller, text: str, locale: str) -> list[AddonDoc]:
    """Add-ons that the caller may see: the one whose id, slug or guid is the text, then public ones in the
    order of a search, then others, newest first. Raises Unavailable.
    """
    text = text.strip()[:MAX_QUERY]
    if not text:
        return []
    kind, value = identify(text)
    named = int(value) if kind == "id" else await site.store.find_addon_id(kind, value)
    query = SearchQuery(text.lower(), (), BY_RELEVANCE, rescore=True)
    public = site.catalogue.search(query, locale, 0, MAX_ROWS).ids
    ids = dict.fromkeys([*([named] if named is not None else []), *public])
    ids |= dict.fromkeys(await _hidden(site.store, text))
    rows = await read_rows(site.store, ids)
    return [rows[id_] for id_ in ids if id_ in rows and passes(OPERATED, caller, rows[id_], safe=True)]


async def read_rows(
    access: DocumentAccess, ids: Iterable[int], more: Iterable[str] = ()
) -> dict[int, AddonDoc]:
    """The existing add-ons by id; `more` names further keys. Raises Unavailable."""
    query, fields = {"_id": {"$in": list(ids)}}, ROW | dict.fromkeys(more, 1)
    rows: dict[int, AddonDoc] = {}
    async for batch in access.scan("addons", query=query, fields=fields):
        rows.update((addon["_id"], cast(AddonDoc, addon)) for addon in batch)
    return rows


async def _hidden(access: DocumentAccess, text: str) -> list[int]:
    """Ids of add-ons that are not public and whose name, slug or guid contains the text."""
    folded, ids = text.casefold(), []
    scan = access.scan("addons", query=_HIDDEN, fields=_NAMES, sort=[("_id", -1)], limit=_MAX_SCANNED)
    async for batch in scan:
        ids += [addon["_id"] for addon in batch if _contains(addon, folded)]
        if len(ids) >= MAX_ROWS:
            break
    return ids[:MAX_ROWS]


def _contains(addon: dict[str, Any], folded: str) -> bool:
    texts = (*(addon["name"] or {}).values(), addon["slug"] or "", addon["guid"] or "")
    return any(folded in text.casefold() for text in texts)
