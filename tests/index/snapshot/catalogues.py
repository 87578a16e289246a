"""Whole catalogues in a test: built, kept in a folder, and opened from it."""

import copy
from collections.abc import AsyncIterator, Iterable, Sequence
from pathlib import Path
from typing import Any, NamedTuple, cast

import bson

from conf.model.addons import AddonDoc, UserDoc
from conf.settings.settings import Settings
from index.catalogue import Catalogue, RawAddons
from index.criteria.clauses import AnyOf, Clause
from index.criteria.featured import FeaturedPlaces
from index.criteria.search_query import SearchQuery
from index.entry import Featuring
from index.shapes.api_versions import shapes_for
from index.shapes.view import View
from index.snapshot.parts import Position
from server.demo.catalogue import addon_documents, user_documents
from server.search_params.filters import parse_search
from server.search_params.language_tools import parse_tools
from server.search_params.parameters import SearchOptions
from tests.index.shapes.shape_context import CONTEXT, VERSIONS

ADDONS = 220
POSITION = Position(b"database", {"_data": "82"}, {"addons": {"3": "damaged"}})
_BATCH = 50
_SEARCHES: tuple[dict[str, str], ...] = (
    *({"sort": sort} for sort in ("users", "created", "hotness", "rating", "name", "updated", "downloads")),
    {"app": "firefox", "type": "extension", "sort": "users"},
    {"promoted": "recommended"},
    {"appversion": "115.0", "app": "firefox"},
    {"q": "tab"},
    {"q": "dark theme manager"},
    {"q": "privat"},
    {"q": "the best", "sort": "users"},
)


class Contents(NamedTuple):
    """What a catalogue is built of."""

    addons: dict[int, AddonDoc]
    users: dict[int, UserDoc]
    featured: FeaturedPlaces | None = None


def make_contents(count: int = ADDONS) -> Contents:
    addons = cast(Iterable[AddonDoc], addon_documents(0, count))
    users = cast(Iterable[UserDoc], user_documents(0, count))
    return Contents({addon["_id"]: addon for addon in addons}, {user["_id"]: user for user in users})


async def build(contents: Contents, data: Path | None = None) -> Catalogue:
    """A catalogue of all there is, whatever the data folder holds; with one, `keep` may follow."""
    catalogue = new_catalogue(contents)
    if data is not None:
        catalogue.keep_in(data)
    await catalogue.build(user_batches(contents), raw(contents))
    return catalogue


async def reopen(contents: Contents, data: Path) -> Catalogue | None:
    """One that goes on where `keep` was called last; None where it cannot."""
    catalogue = new_catalogue(Contents({}, {}))
    catalogue.read_ahead(data)
    catalogue.keep_in(data)
    if await catalogue.checkpoint() is None or (stale := await catalogue.resume()) is None:
        catalogue.close()
        return None
    stale |= catalogue.featured.replace(contents.featured)
    known = stale & contents.addons.keys()
    await catalogue.apply([contents.addons[one] for one in known], stale - known)
    return catalogue


async def keep(catalogue: Catalogue) -> None:
    catalogue.seal(POSITION)
    await catalogue.write_checkpoint()


def new_catalogue(contents: Contents) -> Catalogue:
    catalogue = Catalogue(Settings(), {version: shapes_for(version, CONTEXT) for version in VERSIONS})
    catalogue.featured.replace(contents.featured)
    return catalogue


def raw(contents: Contents) -> RawAddons:
    return RawAddons(_batches(list(contents.addons.values())), bson.decode_all, len(contents.addons))


async def _batches(addons: Sequence[AddonDoc]) -> AsyncIterator[bytes]:
    for start in range(0, len(addons), _BATCH):
        yield b"".join(map(bson.encode, addons[start : start + _BATCH]))


async def user_batches(contents: Contents) -> AsyncIterator[list[UserDoc]]:
    yield list(contents.users.values())


def answers(catalogue: Catalogue, contents: Contents, *, scores: bool = True) -> dict[str, Any]:
    """Everything it says, byte by byte; scores to four digits, or not at all.

    What was taken out of a text index counts for its scores until it is packed up the next time.
    """
    documents = catalogue.documents
    ids = [addon_id for addon_id in contents.addons if documents.get(addon_id)]
    replies: dict[str, Any] = {
        "documents": {one: (documents.addon(one), documents.versions(one)) for one in ids},
        "details": {one: documents.detail(one, View("v5")) for one in ids},
        "rows": documents.rows([one for one in ids if catalogue.is_listed(one)], View("v4", lang="en-US")),
        "by name": {one: (find_by_each_key(catalogue, contents.addons[one])) for one in ids},
        "tools": catalogue.tools.ready(parse_tools({"app": "firefox"}, "v5"), View("v5")),
        "packs": catalogue.tools.ready(
            parse_tools({"app": "firefox", "type": "language", "appversion": "115.0"}, "v5"), View("v5")
        ),
    }
    for user in contents.users.values():
        replies[f"by {user['username']}"] = matching_ids(catalogue, AnyOf((f"username:{user['username']}",)))
    for clause in ("featured:firefox:all:*", "featured:firefox:*:*", "target_locale", "platform:all"):
        replies[clause] = matching_ids(catalogue, AnyOf((clause,)))
    for params in _SEARCHES:
        ids, points, count = results(catalogue, parse_search(params, "v5", SearchOptions()))
        replies[str(params)] = (ids, points, count) if scores or not points else (sorted(ids), count)
    older = parse_search(
        {"app": "firefox", "appversion": "60.0"}, "v5", SearchOptions(older_versions_for=("firefox",))
    )
    ids, _, count = results(catalogue, older)
    replies["older versions"] = documents.rows(ids, View("v5"), older.fits), count
    return replies


def find_by_each_key(catalogue: Catalogue, addon: AddonDoc) -> list[int | None]:
    return [catalogue.find(str(key)) for key in (addon["_id"], addon["slug"], addon["guid"]) if key]


def matching_ids(catalogue: Catalogue, clause: Clause) -> tuple[list[int], list[int]]:
    """By the columns, and by the text index."""
    query = SearchQuery("s", (clause,), ("relevance",), rescore=False)
    return catalogue.ids((clause,)), sorted(catalogue.search(query, "en-US", 0, 1000).ids)


def results(catalogue: Catalogue, query: SearchQuery) -> tuple[list[int], list[float] | None, int]:
    page = catalogue.search(query, "en-US", 0, 1000)
    scores = page.scores and [float(f"{score:.4g}") for score in page.scores]
    return page.ids, scores, page.total


async def expected_answers(contents: Contents, *, scores: bool = True) -> dict[str, Any]:
    catalogue = await build(contents)
    try:
        return answers(catalogue, contents, scores=scores)
    finally:
        catalogue.close()


async def opened(contents: Contents, data: Path) -> Catalogue:
    catalogue = await reopen(contents, data)
    assert catalogue is not None
    return catalogue


def edited(contents: Contents) -> Contents:
    """Some changed, gone, hidden, shown, renamed, new, featured."""
    addons, users = copy.deepcopy(contents.addons), copy.deepcopy(contents.users)
    ids = list(addons)
    for addon_id in ids[::17]:
        addons[addon_id]["name"] = {"en-US": f"Tab {addon_id}"}
        addons[addon_id]["average_daily_users"] += 7
    for addon_id in ids[5::50]:
        del addons[addon_id]
    for addon_id in ids[6::50]:
        addons[addon_id]["status"] = "disabled" if addons[addon_id]["status"] == "public" else "public"
    for user in list(users.values())[::9]:
        user["username"] = f"renamed-{user['_id']}"
    new = copy.deepcopy(addons[ids[1]])
    new |= {"_id": 99, "slug": "brand-new", "guid": "new@example.org"}
    places = {ids[8]: (Featuring("firefox", None, None),), ids[9]: (Featuring("firefox", "fr", None),)}
    return Contents({99: new, **addons}, users, places)


async def follow(catalogue: Catalogue, before: Contents, after: Contents) -> None:
    """As the change stream would have it."""
    catalogue.featured.replace(after.featured)
    await catalogue.apply_users(after.users.values())
    await catalogue.apply(after.addons.values(), before.addons.keys() - after.addons.keys())
