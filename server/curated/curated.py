"""Operators' curated content in memory: conf/model/curated.py has the documents.

    content = CuratedContent(store, catalogue)
    await content.resync()           # before the catalogue is built, or after it was opened
    feed.subscribe(content, ...)     # before the subscribers that apply add-ons
    content.replacements.view        -> every replacement, by guid
    content.revision                 -> a number that every change raises

Each small collection is a `CuratedCollection`: its documents by id, and a view made of them when they
change, which is all that handlers use. Featured sets also go into the catalogue, because its filters
and flags depend on them.

Thread rule: event loop only.
"""

from collections.abc import Hashable, Iterable, Mapping, Sequence
from typing import Any, Final, NamedTuple, TypeVar

from conf.model.curated import (
    AppVersionsDoc,
    BlockDoc,
    CollectionDoc,
    CuratedDoc,
    DiscoveryDoc,
    FeaturedDoc,
    MappingDoc,
    OverrideDoc,
    PrimaryHeroDoc,
    ReplacementDoc,
    SecondaryHeroDoc,
    ShelfDoc,
)
from conf.vocabulary import CURATED_GUIDS, EDITION_ALIASES
from index.catalogue import Catalogue
from index.criteria.clauses import AnyOf
from index.criteria.featured import FeaturedPlaces
from index.entry import Featuring
from server.curated.curated_collection import CuratedCollection, UserCollections
from server.following.catalogue_reads import apply_addons
from server.following.subscribers import ChangedIds
from server.rules.blocks import check_unblocked
from server.rules.compatibility import CompatibilityChange, check_released
from server.storage.store import Store

Doc = TypeVar("Doc")
View = TypeVar("View")

RECOMMENDED: Final = (AnyOf(("promoted:recommended",)),)


class Overrides(NamedTuple):
    """Every override, newest first; and by guid in lower case."""

    newest_first: list[OverrideDoc]
    by_guid: Mapping[str, list[OverrideDoc]]


class Blocks(NamedTuple):
    """The blocklist by id, as text, and by guid in lower case."""

    by_id: Mapping[str, BlockDoc]
    by_guid: Mapping[str, BlockDoc]


class DiscoveryLists(NamedTuple):
    """All items by id, and those of each edition by position; "" is for editions without their own."""

    items: Sequence[DiscoveryDoc]
    by_edition: Mapping[str, list[DiscoveryDoc]]


class CuratedContent:
    """A subscriber of the feed."""

    def __init__(self, store: Store, catalogue: Catalogue) -> None:
        self._store = store
        self._catalogue = catalogue
        self.revision = 0
        self._unapplied: set[int] = set()  # add-ons whose places changed
        self.featured = CuratedCollection("featured", _featured_places)
        self.replacements = CuratedCollection[ReplacementDoc, list[ReplacementDoc]]("replacements", list)
        self.overrides = CuratedCollection("overrides", _overrides)
        self.mappings = CuratedCollection("mappings", _by_browser)
        self.recommendations = CuratedCollection("curated", _curated)
        self.discovery = CuratedCollection("discovery", _discovery_lists)
        self.collections = UserCollections()
        self.app_versions = CuratedCollection("app_versions", _by_app)
        self.blocks = CuratedCollection("blocks", _blocks)
        self.primary_heroes = CuratedCollection[PrimaryHeroDoc, list[PrimaryHeroDoc]]("primary_heroes", list)
        self.secondary_heroes = CuratedCollection[SecondaryHeroDoc, list[SecondaryHeroDoc]](
            "secondary_heroes", list
        )
        self.shelves = CuratedCollection("shelves", _by_position)
        collections = (value for value in vars(self).values() if isinstance(value, CuratedCollection))
        self._by_name: dict[str, CuratedCollection[Any, Any]] = {
            collection.collection: collection for collection in collections
        }
        self._public_mappings: tuple[Hashable, list[MappingDoc]] | None = None  # and the state they are of

    # -- following the feed

    async def resync(self) -> None:
        """Read everything."""
        for collection in self._by_name.values():
            await collection.read(self._store)
        await self._feature()
        self.revision += 1

    async def apply(self, changes: ChangedIds) -> None:
        for name in changes.others.keys() & self._by_name.keys():
            await self._by_name[name].read(self._store, changes.others[name])
            if name == self.featured.collection:
                await self._feature()
            self.revision += 1

    async def _feature(self) -> None:
        """Update the catalogue for add-ons whose featured places changed."""
        sets = self._catalogue.featured
        had_sets = bool(sets)
        changed = sets.replace(self.featured.view)
        if not len(self._catalogue):  # not built yet
            return
        if had_sets != bool(sets):  # without sets, the flag means recommended add-ons
            changed.update(self._catalogue.ids(RECOMMENDED))
        self._unapplied |= changed
        await apply_addons(self._store, self._catalogue, sorted(self._unapplied))
        self._unapplied.clear()

    # -- looking up

    def find_overrides(self, guids: Iterable[str] | None) -> list[OverrideDoc]:
        """The overrides of some guids, or all (None); newest first."""
        view = self.overrides.view
        if guids is None:
            return view.newest_first
        folded = dict.fromkeys(guid.lower() for guid in guids)
        overrides = [override for guid in folded for override in view.by_guid.get(guid, ())]
        return sorted(overrides, key=lambda override: override["_id"], reverse=True)

    def find_mappings(self, browser: str) -> list[MappingDoc]:
        """The mappings of a browser to public add-ons, by the extension's id."""
        state = (browser, self._catalogue.generation, self.revision)
        if self._public_mappings is None or self._public_mappings[0] != state:
            documents, is_listed = self._catalogue.documents, self._catalogue.is_listed
            self._public_mappings = (
                state,
                [
                    mapping
                    for mapping in self.mappings.view.get(browser, ())
                    if (addon_id := documents.find_guid(mapping["addon_guid"])) is not None
                    and is_listed(addon_id)
                ],
            )
        return self._public_mappings[1]

    def find_discovery(self, edition: str) -> list[DiscoveryDoc]:
        """The items of an edition, else those of all editions; by position."""
        view = self.discovery.view.by_edition
        return view.get(_edition(edition)) or view.get("", [])

    def check_released(self, change: CompatibilityChange) -> None:
        """Raises Invalid for an application version that is missing in its list."""
        check_released(change, self.app_versions.view)

    def check_unblocked(self, guid: str, version: str, site_url: str) -> None:
        """Raises Invalid for a blocked version."""
        check_unblocked(self.blocks.view.by_guid.get(guid.lower()), version, site_url)

    def find_collection(self, user: str, slug: str) -> CollectionDoc | None:
        """A user's collection; the user by id or name."""
        return self.collections.find(user, slug, self._catalogue.documents.users)


def _featured_places(sets: Sequence[FeaturedDoc]) -> FeaturedPlaces | None:
    """The places of each featured add-on; None without any set."""
    places: dict[int, tuple[Featuring, ...]] = {}
    for featured in sets:
        place = Featuring(featured["app"], featured["locale"], featured["category"])
        for addon_id in featured["addons"]:
            if place not in places.get(addon_id, ()):
                places[addon_id] = (*places.get(addon_id, ()), place)
    return places if sets else None


def _overrides(overrides: Sequence[OverrideDoc]) -> Overrides:
    by_guid: dict[str, list[OverrideDoc]] = {}
    for override in overrides:
        by_guid.setdefault(override["addon_guid"].lower(), []).append(override)
    return Overrides(list(reversed(overrides)), by_guid)


def _by_browser(mappings: Sequence[MappingDoc]) -> dict[str, list[MappingDoc]]:
    by_browser: dict[str, list[MappingDoc]] = {}
    for mapping in mappings:
        by_browser.setdefault(mapping["browser"], []).append(mapping)
    return by_browser


def _curated(lists: Sequence[CuratedDoc]) -> tuple[str, ...]:
    return tuple(lists[0]["guids"]) if lists else CURATED_GUIDS


def _discovery_lists(items: Sequence[DiscoveryDoc]) -> DiscoveryLists:
    by_edition: dict[str, list[DiscoveryDoc]] = {}
    for item in sorted(items, key=lambda item: item["position"]):
        for edition in dict.fromkeys(map(_edition, item["editions"] or [""])):
            by_edition.setdefault(edition, []).append(item)
    return DiscoveryLists(items, by_edition)


def _by_app(lists: Sequence[AppVersionsDoc]) -> dict[str, frozenset[str]]:
    return {versions["_id"]: frozenset(versions["versions"]) for versions in lists}


def _blocks(blocks: Sequence[BlockDoc]) -> Blocks:
    by_id = {str(block["_id"]): block for block in blocks}
    return Blocks(by_id, {block["guid"].lower(): block for block in blocks})


def _by_position(shelves: Sequence[ShelfDoc]) -> list[ShelfDoc]:
    return sorted(shelves, key=lambda shelf: shelf["position"])


def _edition(name: str) -> str:
    return EDITION_ALIASES.get(name.lower(), name)
