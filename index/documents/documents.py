"""The public add-ons: their headers in memory, their documents in the snapshot's file.

A document is compressed JSON: with a dictionary trained on the first ones, 5 kB become about 1 kB.
An object that callers ask for is compiled the first time, for readers of all languages (compiled.py), and
stored in the snapshot, too (compiled_store.py).

Event loop only, except that a thread may fill a new instance that nobody else uses yet.
"""

import secrets
import time
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from itertools import repeat
from types import MappingProxyType
from typing import Final, NamedTuple, cast

import msgspec
import orjson

from conf.model.addons import AddonDoc, VersionDoc
from index import facts
from index.criteria.clauses import Fits
from index.criteria.compatibility import Usable, choose, pack_usable
from index.criteria.featured import FeaturedSets
from index.documents.compiled import compile_object, finish, finish_array
from index.documents.compiled_store import CompiledStore, digest
from index.documents.compression import Compressor
from index.documents.identifiers import IdentifierIndex
from index.documents.users import PublicUser
from index.shapes.shape import Shapes
from index.shapes.versions import Shape
from index.shapes.view import View
from index.snapshot.records import BODIES, ID, RELEASES, Records
from index.updates import Release, Releases, all_releases, pack_releases, unpack_releases

Scores = Sequence[float | None] | None

_VERSIONS_PER_BLOCK: Final = 32  # packed together: a tenth of a millisecond to unpack
_CLOSING_BRACE: Final = b"}"
_COMPILE_BUDGET: Final = 0.02  # seconds a page; other objects are rendered for the caller alone, in less time

# What is asked for of every add-on: by those who list add-ons, and by sites that show or suggest one.
PRECOMPILED: Final = (
    *(("row", View(version)) for version in ("v5", "v4", "v3")),
    *((kind, View("v5")) for kind in ("detail", "suggestion")),
)


class AddonHeader(NamedTuple):
    """What is in memory of a public add-on."""

    digest: bytes  # of everything that its objects are made of
    usable: bytes  # for `compatibility.choose`; empty if no older version fits what the current one does not
    guid: str | None
    slug: str | None
    authors: tuple[int, ...]
    exclusions: tuple[str, ...]  # countries where the add-on is withheld


class AddonBody(NamedTuple):
    """The document of a public add-on, compressed."""

    main: bytes  # with the current version only
    rest: tuple[bytes, ...]  # the other public versions, newest first, _VERSIONS_PER_BLOCK at a time


class PackedAddon(NamedTuple):
    """A public add-on, ready for `put`."""

    header: AddonHeader
    body: AddonBody
    releases: bytes  # index/updates.py


_ENCODE: Final = msgspec.msgpack.Encoder().encode
_DECODE: Final = msgspec.msgpack.Decoder(AddonBody).decode


class AddonDocuments:
    def __init__(
        self, shapes: Mapping[str, Shapes], featured: FeaturedSets, records: Records, site: bytes = b""
    ) -> None:
        """`site` names what objects depend on besides their add-ons: addresses, for instance."""
        self.users: dict[int, PublicUser] = {}
        self.instance = secrets.token_hex(4)  # stamps of one instance mean nothing in another
        self._shapes = shapes
        self.compiled = CompiledStore(records, site)
        self.featured = featured
        self._records = records
        self._headers: dict[int, AddonHeader] = {}
        self._stamps: dict[int, int] = {}  # differ after every change; 0 where there was none
        self._guids, self._slugs = IdentifierIndex(), IdentifierIndex()
        self._by_author: dict[int, list[int]] = {}
        names = (names for index in (self._guids, self._slugs) for names in (index.owners, index.claimants))
        self.memory = self.users, self._headers, self._by_author, *names  # for an image
        self.changes = 0  # how often an add-on got a new stamp
        self._packer = Compressor()

    def __len__(self) -> int:
        return len(self._headers)

    def train(self, addons: Sequence[AddonDoc]) -> None:
        """Fit the compression to the catalogue; only before the first `put`."""
        trimmed = (_trim(addon, facts.public_versions(addon)[:1]) for addon in addons)
        self._packer = Compressor.trained(map(orjson.dumps, trimmed))

    @property
    def dictionary(self) -> bytes:
        """That of `train`, for `use_dictionary` of another instance that reads what this one packed."""
        return self._packer.dictionary

    def use_dictionary(self, dictionary: bytes) -> None:
        """In place of `train`."""
        self._packer = Compressor(dictionary)

    def pack(self, addon: AddonDoc, versions: list[VersionDoc], usable: Sequence[Usable]) -> PackedAddon:
        """Pack an add-on that is public (`facts.is_public`) for `put`; changes nothing here.

        `versions` are its public ones, newest first, `usable` their ranges.
        """
        older = range(1, len(versions), _VERSIONS_PER_BLOCK)
        main = self._pack(_trim(addon, versions[:1]))
        authors = tuple(author["user_id"] for author in addon["authors"])
        header = AddonHeader(
            digest=self._digest(addon, main),
            usable=pack_usable(usable) if any(span.position for span in usable) else b"",
            guid=addon["guid"],
            slug=addon["slug"],
            authors=authors,
            exclusions=tuple(addon["region_exclusions"]),
        )
        body = AddonBody(
            main, tuple(self._pack(versions[start : start + _VERSIONS_PER_BLOCK]) for start in older)
        )
        return PackedAddon(header, body, pack_releases(addon, versions, self._packer.pack))

    def _digest(self, addon: AddonDoc, main: bytes) -> bytes:
        """The digest of everything that its objects are made of."""
        users = (self.users.get(author["user_id"]) for author in addon["authors"])
        others = self.featured.is_featured(addon["_id"]), *users
        return digest(main, repr(others).encode())

    def put(self, addon_id: int, packed: PackedAddon) -> None:
        """Insert or replace a public add-on."""
        self.drop(addon_id)
        self._restamp(addon_id)
        self.restore(addon_id, packed.header)
        self._records.put(_key(addon_id), _ENCODE(packed.body))
        self._records.put(_releases_key(addon_id), packed.releases)

    def restore(self, addon_id: int, header: AddonHeader) -> None:
        """Add one whose body is in the records already."""
        self._headers[addon_id] = header
        self._link(addon_id, header)

    def _restamp(self, addon_id: int) -> None:
        self.changes += 1
        self._stamps[addon_id] = self.changes

    def forget(self, addon_id: int) -> None:
        """`drop`, for good: its compiled objects go, too."""
        self.drop(addon_id)
        self.compiled.forget(addon_id)

    def drop(self, addon_id: int) -> None:
        header = self._headers.pop(addon_id, None)
        if header is None:
            return
        self._stamps.pop(addon_id, None)
        self._records.drop(_key(addon_id))
        self._records.drop(_releases_key(addon_id))
        for index, identifier in ((self._guids, header.guid), (self._slugs, header.slug)):
            if identifier:
                index.remove(identifier, addon_id)
        for user_id in header.authors:
            addon_ids = self._by_author[user_id]
            addon_ids.remove(addon_id)
            if not addon_ids:
                del self._by_author[user_id]

    def put_user(self, user: PublicUser) -> None:
        """Insert or replace a user; add-ons that show the user get new stamps."""
        self.users[user.id] = user
        self._restamp_author(user.id)

    def drop_user(self, user_id: int) -> None:
        """From now on, the user's add-ons are shown without them."""
        if self.users.pop(user_id, None):
            self._restamp_author(user_id)

    def _restamp_author(self, user_id: int) -> None:
        """Give an author's add-ons new stamps."""
        for addon_id in self._by_author.get(user_id, ()):
            self._restamp(addon_id)

    def by_author(self, user_id: int) -> list[int]:
        return list(self._by_author.get(user_id, ()))

    def find_guid(self, guid: str) -> int | None:
        """The id behind a guid, whatever its case (contract/addons.md 2)."""
        return self._guids.owners.get(guid.lower())

    def find_slug(self, slug: str) -> int | None:
        return self._slugs.owners.get(slug.lower())

    def ids(self, after: int) -> list[int]:
        """Those above `after`, ascending."""
        return sorted(addon_id for addon_id in self._headers if addon_id > after)

    def get(self, addon_id: int) -> AddonHeader | None:
        return self._headers.get(addon_id)

    def stamp(self, addon_id: int) -> int:
        """Differs after every change. Raises KeyError when not public."""
        if addon_id not in self._headers:
            raise KeyError(addon_id)
        return self._stamps.get(addon_id, 0)

    def addon(self, addon_id: int) -> AddonDoc:
        """The document with its current version only. Raises KeyError when not public."""
        return cast(AddonDoc, self._unpack(self._body(addon_id).main))

    def _body(self, addon_id: int) -> AddonBody:
        """Raises KeyError when not public, Damaged."""
        record = self._records.get(_key(addon_id))
        if record is None:
            raise KeyError(addon_id)
        return _DECODE(record)

    def releases(self, addon_id: int) -> Releases:
        """What update checks need. Raises KeyError when not public, Damaged."""
        record = self._records.get(_releases_key(addon_id))
        if record is None:
            raise KeyError(addon_id)
        return unpack_releases(record)

    def all_releases(self, addon_id: int) -> tuple[Releases, list[Release]]:
        """With every public version, newest first. Raises as `releases`."""
        releases = self.releases(addon_id)
        return releases, all_releases(releases, self._packer.unpack)

    def versions(self, addon_id: int) -> list[VersionDoc]:
        """All public versions, newest first. Raises KeyError when not public."""
        return [*self.addon(addon_id)["versions"], *self.older_versions(addon_id)]

    def older_versions(self, addon_id: int) -> Iterator[VersionDoc]:
        """The public versions but the current one, newest first; unpacked block by block as they are read."""
        for packed in self._body(addon_id).rest:
            yield from cast(list[VersionDoc], self._unpack(packed))

    def _older_version(self, addon_id: int, position: int) -> VersionDoc:
        """A public version that is not the current one; the newest of them has position 1."""
        block, offset = divmod(position - 1, _VERSIONS_PER_BLOCK)
        return cast(list[VersionDoc], self._unpack(self._body(addon_id).rest[block]))[offset]

    def rows(
        self, ids: Sequence[int], view: View, fits: Fits | None = None, scores: Scores = None
    ) -> list[bytes]:
        """Search results as JSON objects.

        With `fits`, an add-on whose current version does not fit is shown with its newest version that does.
        With `scores`, of which there is one for each id, `_score` is the last key.
        """
        return finish(self._rows(ids, view, fits, scores), view)

    def row_array(
        self, ids: Sequence[int], view: View, fits: Fits | None = None, scores: Scores = None
    ) -> bytes:
        """`rows` as one JSON array."""
        return finish_array(self._rows(ids, view, fits, scores), view)

    def _rows(self, ids: Sequence[int], view: View, fits: Fits | None, scores: Scores) -> Iterator[bytes]:
        ends = list(map(_score_end, scores)) if scores is not None else None
        older = fits and {addon_id: choose(self._headers[addon_id].usable, fits) for addon_id in ids}
        return self._picked("row", ids, view, ends, older or {})

    def suggestions(self, ids: Sequence[int], view: View) -> list[bytes]:
        """Autocomplete results."""
        return finish(self._picked("suggestion", ids, view), view)

    def tools(self, ids: Sequence[int], view: View) -> list[bytes]:
        """Language tools; the `id` comes first."""
        return finish(self._picked("tool", ids, view), view)

    def detail(self, addon_id: int, view: View) -> bytes:
        """The detail object. Raises KeyError when not public."""
        return self.details((addon_id,), view)[0]

    def details(self, ids: Sequence[int], view: View, *, compiles: bool = True) -> list[bytes]:
        """`compiles`: compile what is not stored yet; a waste where every add-on is read but once."""
        return finish(self._picked("detail", ids, view, compiles=compiles), view)

    def detail_with(self, addon_id: int, view: View, current: VersionDoc) -> bytes:
        """`detail` with another version in the place of the current one."""
        return orjson.dumps(self._make("detail", self.addon(addon_id), view, current=current))

    def _picked(
        self,
        kind: str,
        ids: Sequence[int],
        view: View,
        ends: Sequence[bytes] | None = None,
        older: Mapping[int, int] = MappingProxyType({}),
        compiles: bool = True,
    ) -> Iterator[bytes]:
        """Objects to be finished. `ends` are what each ends with; `older` has, by add-on, the position of
        the version to show in place of the current one.
        """
        digests = {addon_id: self._headers[addon_id].digest for addon_id in ids if not older.get(addon_id)}
        texts = self.compiled.get(kind, view, digests)
        if compiles and (missing := digests.keys() - texts.keys()):
            texts |= self._compile(kind, view, {addon_id: digests[addon_id] for addon_id in missing})
        objects = [texts.get(one) or self._render(kind, one, view, older.get(one)) for one in ids]
        return map(bytes.__add__, objects, ends or repeat(_CLOSING_BRACE))

    def _compile(self, kind: str, view: View, digests: Mapping[int, bytes]) -> dict[int, bytes | None]:
        """Compile as many as there is time and room for; their texts."""
        deadline, compiled = time.perf_counter() + _COMPILE_BUDGET, {}
        for addon_id in digests:
            if self.compiled.has_room and time.perf_counter() <= deadline:
                compiled[addon_id] = digests[addon_id]
                self._compile_one(kind, view, *self._addon_and_digest(addon_id))
        return self.compiled.get(kind, view, compiled)

    def _compile_one(self, kind: str, view: View, addon: AddonDoc, digest: bytes) -> None:
        compiled = compile_object(view, partial(self._make, kind, addon))
        self.compiled.put(kind, view, addon["_id"], digest, compiled)

    def precompile(self, addon_id: int) -> None:
        """Compile what is asked for of every add-on, unless the records have it; needs no header."""
        addon, digest = self._addon_and_digest(addon_id)
        for kind, view in PRECOMPILED if addon["versions"] else ():
            if not self.compiled.get(kind, view, {addon_id: digest}):
                self._compile_one(kind, view, addon, digest)

    def _addon_and_digest(self, addon_id: int) -> tuple[AddonDoc, bytes]:
        """`addon`, and the digest as of now: users and featured sets may be newer than its header."""
        main = self._body(addon_id).main
        addon = cast(AddonDoc, self._unpack(main))
        return addon, self._digest(addon, main)

    def _render(self, kind: str, addon_id: int, view: View, position: int | None) -> bytes:
        """An object for this caller alone, to be finished; `position` as in `older` of `_picked`."""
        current = self._older_version(addon_id, position) if position else None
        return orjson.dumps(self._make(kind, self.addon(addon_id), view, current=current))[:-1]

    def _make(self, kind: str, addon: AddonDoc, view: View, current: VersionDoc | None = None) -> Shape:
        shapes = self._shapes[view.version]
        match kind:
            case "suggestion":
                return shapes.suggestion(addon, view)
            case "tool":
                return shapes.language_tool(addon, view)
        make = shapes.row if kind == "row" else shapes.detail
        featured = self.featured.is_featured(addon["_id"])
        return make(addon, self.users, view, current=current, featured=featured)

    def _pack(self, value: object) -> bytes:
        return self._packer.pack(orjson.dumps(value))

    def _unpack(self, packed: bytes) -> object:
        return orjson.loads(self._packer.unpack(packed))

    def _link(self, addon_id: int, header: AddonHeader) -> None:
        for index, identifier in ((self._guids, header.guid), (self._slugs, header.slug)):
            if identifier:
                index.add(identifier, addon_id)
        for user_id in header.authors:
            self._by_author.setdefault(user_id, []).append(addon_id)


def _score_end(score: float | None) -> bytes:
    return b',"_score":null}' if score is None else b',"_score":%.6g}' % score


def _key(addon_id: int) -> bytes:
    return BODIES + ID.pack(addon_id)


def _releases_key(addon_id: int) -> bytes:
    return RELEASES + ID.pack(addon_id)


def _trim(addon: AddonDoc, versions: list[VersionDoc]) -> AddonDoc:
    """What the public may see of an add-on, with these versions only."""
    public: list[VersionDoc] = [{**version, "approval_notes": "", "source": None} for version in versions]
    return {**addon, "pending_authors": [], "versions": public}
