"""The public catalogue in memory: what every read of public data is answered from.

Three parts follow the same changes: `documents` (the add-ons themselves),
`columns` (filters and exact sorts) and `engine` (text search). Reads and
`apply` belong to the event loop; the work of `build` and the index commits run
in threads. `build` fills new parts aside and swaps them in whole.

An add-on whose document is damaged is not public, as long as it is: `build`, `prepare`
and `apply` return which these are, and what is wrong with each.
"""

import asyncio
import secrets
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from conf.model.addons import AddonDoc, UserDoc
from conf.settings.settings import Settings
from index import facts
from index.columns.columns import Columns
from index.documents.compression import SAMPLES
from index.documents.documents import AddonDocuments
from index.documents.identifiers import identify
from index.documents.language_tools import LanguageTools
from index.documents.row_store import RowStore, digest
from index.documents.users import PublicUser
from index.entry import Entry
from index.runtime.collector import hold_off, kept_out, let_go
from index.runtime.turns import Turns
from index.search_params.clauses import Clause
from index.search_params.featured import FeaturedSets
from index.search_params.filters import SearchQuery
from index.search_params.sorting import RELEVANCE
from index.shapes.shape import Shapes
from index.startup.builder import Builder, CatalogueParts, Decode
from index.startup.prepared import prepare
from index.startup.prepared_cache import PreparedCache, documents_in, fingerprint
from index.text.engine import Engine
from index.validation import describe_error, find_addon_fault

Progress = Callable[[int], None]
UserBatches = AsyncIterator[list[UserDoc]]
Faults = dict[str, str]  # by id, as text, for some are no numbers: add-ons that were left out, and why

_CHANGES_SLICE = 0.002  # seconds of taking over changes, before other callers of the event loop get a turn


class SearchPage(NamedTuple):
    """One page of a search."""

    ids: list[int]
    scores: list[float] | None  # None when relevance takes no part in the order
    total: int  # all matches, whatever the page; fewer where the query `completes`


def ignore(count: int) -> None:
    """No progress to be told of."""


class RawAddons(NamedTuple):
    """All add-ons as they are stored, and the memory of what was made of them before."""

    batches: AsyncIterator[bytes]  # concatenated BSON documents, as `decode` takes them
    decode: Decode
    expected: int  # how many, more or less
    memory: PreparedCache  # closed where reading fails; else to be saved by whoever made it


class _Coming(NamedTuple):
    """A `build` to come: what is remembered is being read in the index-writer's thread."""

    builder: Builder
    memory: PreparedCache
    reading: Future[None]


class Catalogue:
    """`featured` is filled by its owner, before `build` and whenever the sets change."""

    def __init__(self, settings: Settings, shapes: Mapping[str, Shapes], rows: Path | None = None) -> None:
        """`rows`: folder of the ready objects, which outlive the process; None: there are none."""
        self._shapes = shapes
        self._store = RowStore(rows, _maker(settings, shapes))
        self.featured = FeaturedSets()
        self._parts = self._new_parts()
        self._boot = secrets.token_hex(4)
        self._changes = 0
        self._coming: _Coming | None = None
        self._writer = ThreadPoolExecutor(1, thread_name_prefix="index-writer")

    def open_rows(self, rows: Path) -> None:
        """Keep ready objects in that folder, where none was known before."""
        self._store.open(rows)

    @property
    def documents(self) -> AddonDocuments:
        return self._parts.documents

    @property
    def tools(self) -> LanguageTools:
        return self._parts.tools

    @property
    def generation(self) -> str:
        """Names the state searches are answered from; new after every change."""
        return f"{self._boot}{self._changes:x}"

    def stamp(self, addon_id: int) -> str:
        """Names the state of one public add-on. Raises KeyError when it is not public."""
        return f"{self._boot}{self._parts.documents.stamp(addon_id):x}"

    def __len__(self) -> int:
        return len(self._parts.columns)

    def close(self) -> None:
        coming, self._coming = self._coming, None
        if coming is not None:
            coming.memory.stop()
            let_go()
        self._writer.shutdown(wait=True)
        self._store.close()

    # -- changes

    def read_ahead(self, memory: PreparedCache) -> None:
        """Begin the next `build` with what is remembered, before anything else can be read."""
        hold_off()  # until `build` or `close`
        self._coming = self._begin(memory)

    def _begin(self, memory: PreparedCache) -> _Coming:
        builder = Builder(self._new_parts(), memory)
        return _Coming(builder, memory, self._writer.submit(builder.read_ahead))

    async def build(self, users: UserBatches, addons: RawAddons, progress: Progress = ignore) -> Faults:
        """Read everything into new parts and put them in place of the old ones.

        `progress` is told the number of add-ons of each batch.
        """
        loop = asyncio.get_running_loop()
        ahead, self._coming = self._coming, None
        coming = ahead if ahead and ahead.memory is addons.memory else self._begin(addons.memory)
        with self._filling(addons.memory):
            if ahead:
                let_go()
            people = await _read_users(users)
            await asyncio.wrap_future(coming.reading)
            builder = self._fitting(coming.builder, addons)
            parts = builder.parts
            parts.documents.users.update(people)
            await self._run(builder, builder.absorb, addons, progress)
            await loop.run_in_executor(self._writer, builder.finish)
        old, self._parts = self._parts, parts
        self._changes += 1
        await loop.run_in_executor(self._writer, old.columns.release)
        await loop.run_in_executor(self._writer, parts.documents.keep_only)
        return builder.faults

    async def prepare(self, users: UserBatches, addons: RawAddons, progress: Progress = ignore) -> Faults:
        """Have the memory know everything, and read nothing into the catalogue."""
        builder = Builder(self._new_parts(), addons.memory)
        with self._filling(addons.memory):
            people = await _read_users(users)
            builder.open()
            builder = self._fitting(builder, addons)
            builder.parts.documents.users.update(people)
            await self._run(builder, builder.prepare, addons, progress)
        return builder.faults

    def _fitting(self, builder: Builder, addons: RawAddons) -> Builder:
        """Another builder, from nothing, where what was learned of few would not fit so many."""
        if 2 * len(addons.memory) >= addons.expected:
            return builder
        addons.memory.forget()
        return Builder(self._new_parts(), addons.memory)

    async def _run(
        self, builder: Builder, work: Callable[[bytes], int], addons: RawAddons, progress: Progress
    ) -> None:
        """All batches through `work`, in the index-writer's thread."""
        loop = asyncio.get_running_loop()
        builder.begin(addons.decode)
        async for batch in _large_first(addons.batches):
            progress(await loop.run_in_executor(self._writer, work, batch))

    @contextmanager
    def _filling(self, memory: PreparedCache) -> Iterator[None]:
        with kept_out():
            try:
                yield
            except BaseException:
                memory.stop()
                self._writer.submit(memory.close)  # in its thread: work may be under way there
                raise

    async def apply_users(self, users: Iterable[UserDoc], gone: Iterable[int] = ()) -> None:
        """Take over changed users; the add-ons of `by_author` are to be applied after it.

        `gone` are ids of users who cannot be shown any more.
        """
        parts, turns = self._parts, Turns(_CHANGES_SLICE)
        for user in users:
            parts.documents.put_user(public_user(user))
            await self._let_others(turns)
        for user_id in gone:
            parts.documents.drop_user(user_id)
        self._changes += 1

    def by_author(self, user_id: int) -> list[int]:
        """Ids of the public add-ons of an author: what to apply anew after the user changed."""
        return self._parts.documents.by_author(user_id)

    async def apply(self, addons: Iterable[AddonDoc], gone: Iterable[int]) -> Faults:
        """Take over changed documents; `gone` are ids that no longer exist.

        Details and filters show what is new as it is taken over, some milliseconds
        of them at a time; text search with the index commit, before this returns.
        What is hidden goes from all three in one step after the commit: a search
        must not find what has no document.
        """
        parts, turns = self._parts, Turns(_CHANGES_SLICE)
        hidden, unlisted = set(gone), set()
        puts: list[tuple[AddonDoc, Entry]] = []
        faults: Faults = {}
        for addon in addons:
            fault = find_addon_fault(addon)
            if fault is None and facts.is_public(addon):
                try:
                    entry = _take_over(addon, parts)
                    if entry is None:
                        unlisted.add(addon["_id"])
                    else:
                        puts.append((addon, entry))
                except Exception as error:  # whatever one document holds, the others are wanted
                    fault = describe_error(error)
                    hidden.add(addon["_id"])
            else:
                hidden.add(addon["_id"])
            if fault:
                faults[str(addon["_id"])] = fault
            await self._let_others(turns)
        self._changes += 1
        if puts or hidden or unlisted:
            faults |= await self._commit(parts, puts, hidden, unlisted)
        return faults

    async def _let_others(self, turns: Turns) -> None:
        """When their turn has come; they see what was taken over, as another generation."""
        if turns.is_over():
            self._changes += 1
            await turns.give()

    async def _commit(
        self, parts: CatalogueParts, puts: list[tuple[AddonDoc, Entry]], hidden: set[int], unlisted: set[int]
    ) -> Faults:
        """`hidden` add-ons are not public any more, `unlisted` ones have nothing to list."""
        stale = [*hidden, *unlisted]
        try:
            loop = asyncio.get_running_loop()
            errors = await loop.run_in_executor(self._writer, parts.engine.apply, puts, stale)
            parts.engine.refresh()
            hidden.update(errors)
        finally:
            for addon_id in hidden | unlisted:
                parts.columns.drop(addon_id)
            for addon_id in hidden:
                parts.drop(addon_id)
            self._changes += 1
        return {str(addon_id): describe_error(error) for addon_id, error in errors.items()}

    def _new_parts(self) -> CatalogueParts:
        documents, columns = AddonDocuments(self._shapes, self._store, self.featured), Columns()
        tools = LanguageTools(self._shapes, documents, columns)
        return CatalogueParts(documents, columns, Engine(), tools, self.featured)

    # -- reads

    def find(self, identifier: str) -> int | None:
        """A public add-on by id, guid or slug; the shape decides which (contract/addons.md 2)."""
        documents = self._parts.documents
        kind, value = identify(identifier)
        if kind == "id":
            return int(value) if documents.get(int(value)) else None
        return documents.find_guid(value) if kind == "guid" else documents.find_slug(value)

    def is_listed(self, addon_id: int) -> bool:
        """Whether listings may show it: public, with a current version (contract/addons.md 3.3)."""
        return addon_id in self._parts.columns

    def find_listed(self, identifier: str) -> int | None:
        """`find`, for what listings may show."""
        addon_id = self.find(identifier)
        return addon_id if addon_id is not None and self.is_listed(addon_id) else None

    def ids(self, clauses: tuple[Clause, ...]) -> list[int]:
        """All matches of a search without text, by id."""
        ids: list[int] = self._parts.columns.ids(clauses).tolist()
        return ids

    def search(self, query: SearchQuery, locale: str, start: int, stop: int) -> SearchPage:
        """The matches `start` (inclusive) to `stop` (exclusive) in the query's order."""
        parts, clauses = self._parts, self._all_clauses(query)
        if query.q is None:
            ids, count = parts.columns.page(clauses, query.sort, start, stop)
            return SearchPage(ids, None, count)
        if query.by_relevance:
            if query.completes:
                hits = parts.engine.complete(query.q, locale, clauses, stop)
            else:
                hits = parts.engine.search(query.q, locale, clauses, stop, query.rescore)
            return SearchPage(hits.ids[start:stop], hits.scores[start:stop], hits.count)
        if RELEVANCE in query.sort:
            matched, scores = parts.engine.matches(query.q, locale, clauses)
            ids, page_scores = parts.columns.sort_ids(matched, scores, query.sort, start, stop)
        else:
            matched = parts.engine.ids(query.q, locale, clauses)
            ids, page_scores = parts.columns.sort_ids(matched, None, query.sort, start, stop)
        return SearchPage(ids, page_scores, len(matched))

    def suggest(self, query: SearchQuery, locale: str) -> str | None:
        """What the query's text may have been meant for, where nothing has all of it."""
        if query.q is None:
            return None
        return self._parts.engine.suggest(query.q, locale, self._all_clauses(query))

    def _all_clauses(self, query: SearchQuery) -> tuple[Clause, ...]:
        if query.fits is None:
            return query.clauses
        return (*query.clauses, self._parts.columns.fitting(query.fits))


def _maker(settings: Settings, shapes: Mapping[str, Shapes]) -> bytes:
    """Names all that decides ready objects, beside the add-ons."""
    site = [
        (name, one.context.site_url, one.context.media_url, one.context.static_url)
        for name, one in sorted(shapes.items())
    ]
    return digest(fingerprint(), repr((site, settings.outgoing_url, settings.outgoing_secret)).encode())


def _take_over(addon: AddonDoc, parts: CatalogueParts) -> Entry | None:
    """Have documents and columns show a public add-on as it is now; its entry if listings may."""
    entry = parts.put(prepare(addon, parts.documents))
    if entry is not None:
        parts.columns.put(entry)
    return entry


async def _large_first(batches: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """The batches, the first of them large enough to fit the compression to."""
    first, count = [], 0
    async for batch in batches:
        if count >= SAMPLES:
            yield batch
            continue
        first.append(batch)
        count += len(documents_in(batch))
        if count >= SAMPLES:
            yield b"".join(first)
            first.clear()
    if count < SAMPLES:
        yield b"".join(first)


async def _read_users(users: UserBatches) -> dict[int, PublicUser]:
    return {user["_id"]: public_user(user) async for found in users for user in found}


def public_user(user: UserDoc) -> PublicUser:
    return PublicUser(user["_id"], user["username"], user["display_name"], user["picture"])
