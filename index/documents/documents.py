"""The public add-ons in memory: compact documents and their rendered JSON.

A document is kept as compressed JSON (a dictionary trained on the first ones
makes a 5 kB document about 1 kB), so a catalogue costs little and the garbage
collector has nothing to walk. Rendered bytes are kept per view in `RenderCache`,
bounded, because most requests ask for the same few hundred add-ons.

Used on the event loop only, except `load`, which fills a new instance in a
thread before anybody else sees it.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from typing import Final, NamedTuple, cast

import orjson

from conf.model.addons import AddonDoc, VersionDoc
from index import facts
from index.documents.compression import Compressor
from index.documents.prerendered import Slot
from index.documents.render_cache import RenderCache
from index.documents.users import PublicUser
from index.search_params.clauses import Fits
from index.search_params.compatibility import Usable, choose, pack_usable
from index.search_params.featured import FeaturedSets
from index.shapes.shape import Shapes
from index.shapes.view import View

Render = Callable[[AddonDoc], dict[str, object]]

# What the website, bulk readers and browsers that look up guids ask for (contract/clients.md 1, 7): rendered
# ahead of them.
BUNDLED: Final = (
    Slot("suggestion", View("v5")),
    Slot("row", View("v5")),
    Slot("row", View("v4", lang="en-US")),  # in full, as no request comes more often
    Slot("detail", View("v5"), like=1),
)
_TOGETHER: Final = 32  # older versions that are packed as one: a tenth of a millisecond to unpack


class Ahead(NamedTuple):
    """An add-on rendered before anybody asked."""

    addon_id: int
    stamp: int
    texts: list[bytes]  # by slot


class Packed(NamedTuple):
    """One public add-on: what is asked for often, and the rest. Follows from its document alone."""

    main: bytes  # the add-on with its current version only, compressed
    rest: tuple[bytes, ...]  # the other public versions, newest first, _TOGETHER at a time, compressed
    usable: (
        bytes  # for `compatibility.choose`; empty where no older version does what the current one does not
    )
    guid: str | None
    slug: str | None
    authors: tuple[int, ...]
    exclusions: tuple[str, ...]  # countries where the add-on is withheld


class Kept(NamedTuple):
    """`Packed`, as it is now."""

    stamp: int  # differs after every change; part of the ETag
    main: bytes
    rest: tuple[bytes, ...]
    usable: bytes
    guid: str | None
    slug: str | None
    authors: tuple[int, ...]
    exclusions: tuple[str, ...]


class AddonDocuments:
    def __init__(self, shapes: Mapping[str, Shapes], cache_bytes: int, featured: FeaturedSets) -> None:
        self.users: dict[int, PublicUser] = {}
        self._shapes = shapes
        self._featured = featured
        self._kept: dict[int, Kept] = {}
        self._by_guid: dict[str, int] = {}
        self._by_slug: dict[str, int] = {}
        self._by_author: dict[int, list[int]] = {}
        self._stamp = 0
        self._packer = Compressor()
        self._shelves = RenderCache(cache_bytes, BUNDLED)

    def __len__(self) -> int:
        return len(self._kept)

    def train(self, addons: Sequence[AddonDoc]) -> None:
        """Fit the compression to the catalogue; only before the first `put`."""
        trimmed = [_trim(addon, facts.public_versions(addon)[:1]) for addon in addons]
        self._packer = Compressor.trained(map(orjson.dumps, trimmed))
        rows = [self._renders(slot.view)["row"] for slot in BUNDLED if slot.kind == "row"]
        listed = (addon for addon in trimmed if addon["versions"])
        self._shelves.fit(row for addon in listed for row in _rendered_by(rows, addon))

    @property
    def dictionaries(self) -> tuple[bytes, ...]:
        """What `train` found out, for the `use` of another instance; what was packed here is for it alone."""
        return self._packer.dictionary, self._shelves.dictionary

    def use(self, dictionaries: tuple[bytes, ...]) -> None:
        """In place of `train`."""
        of_documents, of_rows = dictionaries
        self._packer = Compressor(of_documents)
        self._shelves.use(of_rows)

    def render_ahead(self, addon_id: int) -> Ahead | None:
        """What is asked for most (BUNDLED), before anybody does; None where that is done or not public."""
        kept, bundles = self._kept.get(addon_id), self._shelves.bundles
        if kept is None or addon_id in bundles:
            return None
        addon = self.addon(addon_id)
        texts = [_open_object(self._renders(slot.view)[slot.kind](addon)) for slot in bundles.slots]
        return Ahead(addon_id, kept.stamp, texts)

    def pack_ahead(self, rendered: Iterable[Ahead]) -> list[bytes]:
        """For `keep_ahead`; in any thread."""
        return [self._shelves.bundles.chain.pack(one.texts) for one in rendered]

    def keep_ahead(self, rendered: Iterable[Ahead], packed: Iterable[bytes]) -> bool:
        """Keep these, but for those that changed meanwhile; false when there is no more room."""
        for one, bundle in zip(rendered, packed, strict=True):
            kept = self._kept.get(one.addon_id)
            if kept is not None and kept.stamp == one.stamp:
                self._shelves.bundle(one.addon_id, bundle)
        return not self._shelves.bundles.is_full

    def _renders(self, view: View) -> dict[str, Render]:
        """The kinds of object most callers ask for, and what makes them."""
        shapes, users, is_featured = self._shapes[view.version], self.users, self._featured.is_featured
        return {
            "row": lambda addon: shapes.row(addon, users, view, featured=is_featured(addon["_id"])),
            "detail": lambda addon: shapes.detail(addon, users, view, featured=is_featured(addon["_id"])),
            "suggestion": lambda addon: shapes.suggestion(addon, view),
        }

    def pack(self, addon: AddonDoc, versions: list[VersionDoc], usable: Sequence[Usable]) -> Packed:
        """A public add-on (`facts.is_public` holds), ready for `put`; changes nothing here.

        `versions` are its public ones, newest first, `usable` their ranges.
        """
        older = range(1, len(versions), _TOGETHER)
        return Packed(
            main=self._pack(_trim(addon, versions[:1])),
            rest=tuple(self._pack(versions[start : start + _TOGETHER]) for start in older),
            usable=pack_usable(usable) if any(one.position for one in usable) else b"",
            guid=addon["guid"],
            slug=addon["slug"],
            authors=tuple(author["user_id"] for author in addon["authors"]),
            exclusions=tuple(addon["region_exclusions"]),
        )

    def put(self, addon_id: int, packed: Packed) -> None:
        """Insert or replace a public add-on."""
        self.drop(addon_id)
        self._stamp += 1
        self._kept[addon_id] = Kept(self._stamp, *packed)
        self._link(addon_id, packed)

    def drop(self, addon_id: int) -> None:
        kept = self._kept.pop(addon_id, None)
        if kept is None:
            return
        self._shelves.forget(addon_id)
        if kept.guid and self._by_guid.get(kept.guid.lower()) == addon_id:
            del self._by_guid[kept.guid.lower()]
        if kept.slug and self._by_slug.get(kept.slug.lower()) == addon_id:
            del self._by_slug[kept.slug.lower()]
        for user_id in kept.authors:
            theirs = self._by_author[user_id]
            theirs.remove(addon_id)
            if not theirs:
                del self._by_author[user_id]

    def put_user(self, user: PublicUser) -> None:
        """Take a user's new public face; the add-ons that show it are rendered anew."""
        if self.users.get(user.id) == user:
            return
        self.users[user.id] = user
        self._renew(user.id)

    def drop_user(self, user_id: int) -> None:
        """The user's add-ons are shown without them."""
        if self.users.pop(user_id, None):
            self._renew(user_id)

    def _renew(self, user_id: int) -> None:
        """Render the add-ons of an author anew."""
        for addon_id in self._by_author.get(user_id, ()):
            self._shelves.forget(addon_id)
            self._stamp += 1
            self._kept[addon_id] = self._kept[addon_id]._replace(stamp=self._stamp)

    def by_author(self, user_id: int) -> list[int]:
        return list(self._by_author.get(user_id, ()))

    def find_guid(self, guid: str) -> int | None:
        """The id behind a guid, whatever its case (contract/addons.md 2)."""
        return self._by_guid.get(guid.lower())

    def find_slug(self, slug: str) -> int | None:
        return self._by_slug.get(slug.lower())

    def get(self, addon_id: int) -> Kept | None:
        return self._kept.get(addon_id)

    def stamp(self, addon_id: int) -> int:
        return self._kept[addon_id].stamp

    def addon(self, addon_id: int) -> AddonDoc:
        """The document with its current version only. Raises KeyError when not public."""
        return cast(AddonDoc, self._unpack(self._kept[addon_id].main))

    def versions(self, addon_id: int) -> list[VersionDoc]:
        """All public versions, newest first. Raises KeyError when not public."""
        versions = self.addon(addon_id)["versions"]
        for packed in self._kept[addon_id].rest:
            versions += cast(list[VersionDoc], self._unpack(packed))
        return versions

    def _older_version(self, addon_id: int, position: int) -> VersionDoc:
        """A public version that is not the current one; the newest of them has position 1."""
        part, place = divmod(position - 1, _TOGETHER)
        return cast(list[VersionDoc], self._unpack(self._kept[addon_id].rest[part]))[place]

    def rows(self, ids: Sequence[int], view: View, fits: Fits | None = None) -> list[bytes]:
        """Search results as JSON objects without their closing brace, so that a score may follow.

        With `fits`, one whose current version does not fit has the newest that does in its place.
        """
        if fits is None:
            return self._rendered("row", ids, view, self._renders(view)["row"])
        positions = [choose(self._kept[addon_id].usable, fits) for addon_id in ids]
        placed = list(zip(ids, positions, strict=True))
        usual = iter(self.rows([addon_id for addon_id, position in placed if not position], view))
        return [
            self._row_with(addon_id, view, position) if position else next(usual)
            for addon_id, position in placed
        ]

    def _row_with(self, addon_id: int, view: View, position: int) -> bytes:
        shape = self._shapes[view.version].row(
            self.addon(addon_id),
            self.users,
            view,
            featured=self._featured.is_featured(addon_id),
            current=self._older_version(addon_id, position),
        )
        return _open_object(shape)

    def suggestions(self, ids: Sequence[int], view: View) -> list[bytes]:
        """Autocomplete results, without their closing brace."""
        return self._rendered("suggestion", ids, view, self._renders(view)["suggestion"])

    def detail(self, addon_id: int, view: View, *, grouped: bool = False) -> bytes:
        """The detail object without its closing brace. Raises KeyError when not public."""
        if not grouped:
            return self._rendered("detail", (addon_id,), view, self._renders(view)["detail"])[0]
        shapes, featured = self._shapes[view.version], self._featured.is_featured(addon_id)

        def render(addon: AddonDoc) -> dict[str, object]:
            return shapes.detail(addon, self.users, view, grouped=True, featured=featured)

        return self._rendered("grouped", (addon_id,), view, render)[0]

    def detail_with(self, addon_id: int, view: View, current: VersionDoc, *, grouped: bool) -> bytes:
        """`detail` with another version in the place of the current one."""
        shape = self._shapes[view.version].detail(
            self.addon(addon_id),
            self.users,
            view,
            grouped=grouped,
            current=current,
            featured=self._featured.is_featured(addon_id),
        )
        return _open_object(shape)

    def _rendered(self, kind: str, ids: Sequence[int], view: View, render: Render) -> list[bytes]:
        shelf = self._shelves.shelf(kind, view)
        if shelf is None:
            return [_open_object(render(self.addon(addon_id))) for addon_id in ids]
        rows = self._shelves.fetch(shelf, ids)
        for place, addon_id in enumerate(ids):
            if rows[place] is None:
                row = rows[place] = _open_object(render(self.addon(addon_id)))
                self._shelves.keep(shelf, addon_id, row)
        return cast(list[bytes], rows)

    def _pack(self, value: object) -> bytes:
        return self._packer.pack(orjson.dumps(value))

    def _unpack(self, packed: bytes) -> object:
        return orjson.loads(self._packer.unpack(packed))

    def _link(self, addon_id: int, kept: Packed) -> None:
        # Of two that differ in case alone, the older one: nobody takes over another's name.
        if kept.guid:
            guid = kept.guid.lower()
            self._by_guid[guid] = min(addon_id, self._by_guid.get(guid, addon_id))
        if kept.slug:
            slug = kept.slug.lower()
            self._by_slug[slug] = min(addon_id, self._by_slug.get(slug, addon_id))
        for user_id in kept.authors:
            self._by_author.setdefault(user_id, []).append(addon_id)


def _trim(addon: AddonDoc, versions: list[VersionDoc]) -> AddonDoc:
    """Only what the public may see, with these versions only."""
    shown: list[VersionDoc] = [{**version, "approval_notes": "", "source": None} for version in versions]
    return {**addon, "pending_authors": [], "versions": shown}


def _rendered_by(renders: Iterable[Render], addon: AddonDoc) -> Iterator[bytes]:
    """What can be rendered of an add-on nobody has looked at yet."""
    with suppress(Exception):  # it is named where it is taken (building.py)
        yield from [_open_object(render(addon)) for render in renders]


def _open_object(value: dict[str, object]) -> bytes:
    return orjson.dumps(value)[:-1]
