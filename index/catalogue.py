"""The public catalogue, from which all reads of public data are answered.

Three parts follow the same changes: `documents` (the add-ons themselves),
`columns` (filters and exact sorts) and `engine` (text search). Reads and
`apply` run on the event loop; the work of `build` and the index commits run
in threads. `build` fills new parts and then swaps them in.

An add-on is not public while its document is damaged: `build` and `apply` return
the ids of such add-ons, and what is wrong with each.

With a folder (`keep_in`) the parts outlive the process (index/snapshot/parts.py):

    catalogue.read_ahead(folder)
    if (checkpoint := await catalogue.checkpoint()) and (stale := await catalogue.resume()) is not None:
        ...     # apply the add-ons of `stale`, and what has changed since `checkpoint.position`
    else:
        await catalogue.build(users, addons)
    catalogue.seal(position); await catalogue.write_checkpoint()        # again and again
"""

import asyncio
import gc
import secrets
import time
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

from conf.model.addons import AddonDoc, UserDoc
from conf.model.checks import describe_error, find_addon_fault
from conf.settings.settings import Settings
from index import facts
from index.criteria.clauses import Clause
from index.criteria.featured import FeaturedSets
from index.criteria.search_query import SearchQuery
from index.criteria.sorting import RELEVANCE
from index.documents.documents import AddonDocuments
from index.documents.identifiers import identify
from index.documents.language_tools import LanguageTools
from index.documents.users import public_user
from index.entry import Entry
from index.runtime.collector import gc_paused_then_frozen
from index.runtime.time_slice import TimeSlice
from index.shapes.shape import Shapes
from index.snapshot.builder import Builder, large_first
from index.snapshot.keeper import SnapshotKeeper
from index.snapshot.parts import UNUSABLE, CatalogueParts, Checkpoint, Position
from index.snapshot.precompiler import Precompiler
from index.snapshot.prepared import prepare
from index.snapshot.preparers import Decode
from index.text.explanation import ScoreBreakdown

T = TypeVar("T")
Progress = Callable[[int], None]
UserBatches = AsyncIterator[list[UserDoc]]
Faults = dict[str, str]  # add-ons that were left out, and why; by id as text, because some ids are no numbers

_CHANGES_SLICE = 0.002  # seconds for which changes are applied before the event loop serves others


class SearchPage(NamedTuple):
    """One page of a search."""

    ids: list[int]
    scores: list[float] | None  # None if relevance is no part of the order
    total: int  # all matches, whatever the page; fewer in autocomplete


def ignore(count: int) -> None:
    """For those who show no progress."""


class RawAddons(NamedTuple):
    """All add-ons as they are stored."""

    batches: AsyncIterator[bytes]  # concatenated BSON documents, as `decode` takes them
    decode: Decode
    expected: int  # their number, roughly


class Unwritable(Exception):
    """The snapshot's folder cannot be written; after `keep_nothing`, none is written."""


class Catalogue:
    """`featured` is filled by the caller, before `build` and whenever the sets change."""

    def __init__(self, settings: Settings, shapes: Mapping[str, Shapes]) -> None:
        self.featured = FeaturedSets()
        site = _site(settings, shapes)
        self._keeper = SnapshotKeeper(partial(CatalogueParts.open, shapes, self.featured, site))
        self._precompiler = Precompiler(shapes, site)
        self._parts = self._keeper.begin()
        self._boot = secrets.token_hex(4)
        self._changes = 0
        self.commits = 0  # of the text index
        self.changed_at = time.monotonic()
        self._writer = ThreadPoolExecutor(1, thread_name_prefix="index-writer")
        self._checkpoints = ThreadPoolExecutor(1, thread_name_prefix="checkpoint")

    @property
    def documents(self) -> AddonDocuments:
        return self._parts.documents

    @property
    def tools(self) -> LanguageTools:
        return self._parts.tools

    @property
    def generation(self) -> str:
        """Identifies the state that searches are answered from; new after every change."""
        return f"{self._boot}{self._changes:x}"

    def stamp(self, addon_id: int) -> str:
        """Identifies the state of one public add-on. Raises KeyError when it is not public."""
        documents = self._parts.documents
        return f"{documents.instance}{documents.stamp(addon_id):x}"

    def __len__(self) -> int:
        return len(self._parts.columns)

    def close(self) -> None:
        self._writer.shutdown(wait=True)
        self._checkpoints.shutdown(wait=True)
        self._keeper.release(is_used=False)
        self._parts.close(leave_image=True)
        self._keeper.close()

    # -- the snapshot

    def read_ahead(self, data: Path) -> None:
        """Begin to read the snapshot in a data folder, before what changed since can be known."""
        self._keeper.read_ahead(data / "snapshot", self._writer)

    async def checkpoint(self) -> Checkpoint | None:
        """The checkpoint of the snapshot that is being read; None: there is no snapshot."""
        return await self._keeper.checkpoint()

    async def resume(self) -> set[int] | None:
        """Use what was read; returns ids of add-ons to apply again. None: it is damaged, so `build`."""
        resumed = await self._keeper.resume()
        if resumed is None:
            return None
        self._keeper.release(is_used=True)
        gc.freeze()  # left out of every later collection
        old, self._parts = self._parts, resumed.parts
        self._changes += 1
        await asyncio.to_thread(old.close)
        return resumed.stale

    async def check(self) -> str | None:
        """Check the records that `resume` did not read, a few at a time; returns what is damaged."""
        return await self._parts.check()

    def keep_in(self, data: Path) -> None:
        """Keep snapshots in a data folder from now on."""
        self._keeper.keep_in(data / "snapshot")

    def keep_nothing(self) -> None:
        """Keep no snapshot from now on; `build` has to follow."""
        self._keeper.stop_keeping()

    def seal(self, position: Position) -> None:
        """The present state is that of `position`."""
        if self.keeps_snapshots:
            self._parts.seal(position)

    @property
    def keeps_snapshots(self) -> bool:
        """Whether checkpoints are of use."""
        return self._parts.records.is_persistent and self._keeper.is_keeping

    @property
    def is_changed(self) -> bool:
        """Whether anything has changed since the last `seal`."""
        return self._parts.records.is_changed

    async def write_checkpoint(self) -> None:
        """Write what was sealed last, for the next start."""
        await asyncio.get_running_loop().run_in_executor(self._checkpoints, self._keeper.write, self._parts)

    async def precompile(self) -> None:
        """Compile what most callers ask for, now and again after many changes, until cancelled."""
        await self._precompiler.run(lambda: self._parts)

    # -- changes

    async def build(self, users: UserBatches, addons: RawAddons, progress: Progress = ignore) -> Faults:
        """Read everything into new parts, which then replace the old ones.

        `progress` is called with the number of add-ons of each batch. Raises Unwritable.
        """
        with gc_paused_then_frozen():
            await self._run(partial(self._keeper.release, is_used=False))
            parts = await self._run(self._keeper.begin)
            builder = await self._run(Builder, parts, addons.decode, addons.expected)
            try:
                async for user_batch in users:
                    parts.put_users(map(public_user, user_batch))
                async for batch in large_first(addons.batches):
                    progress(await self._run(builder.add_batch, batch))
                await self._run(builder.finish)
            except BaseException:
                self._writer.submit(builder.close)  # in its thread, which may still be at work
                raise
        old, self._parts = self._parts, parts
        self._changes += 1
        self.commits, self.changed_at = self.commits + 1, time.monotonic()
        await self._run(old.columns.release)
        loop = asyncio.get_running_loop()
        await loop.run_in_executor(self._checkpoints, old.engine.close)  # after the present checkpoint
        old.records.close()
        return builder.faults

    async def _run(self, work: Callable[..., T], *arguments: Any) -> T:
        """Run in the index-writer thread. Raises Unwritable."""
        try:
            return await asyncio.get_running_loop().run_in_executor(self._writer, work, *arguments)
        except UNUSABLE as fault:
            if not self._keeper.is_keeping:
                raise
            raise Unwritable(str(fault)) from fault

    async def apply_users(self, users: Iterable[UserDoc], deleted: Iterable[int] = ()) -> set[int]:
        """Apply changed users; returns ids of users whose add-ons (`by_author`) are to be applied after it.

        `deleted` are ids of users who are not shown any more.
        """
        parts, time_slice = self._parts, TimeSlice(_CHANGES_SLICE)
        changed = set(deleted)
        for user_id in changed:
            parts.drop_user(user_id)
        self._changes += bool(changed)
        for user in map(public_user, users):
            if not parts.is_applied(user):
                changed.add(user.id)
                parts.put_users((user,))
                self._changes += 1
            if time_slice.is_over():
                await time_slice.renew()
        return changed

    def by_author(self, user_id: int) -> list[int]:
        """Ids of an author's public add-ons, which are to be applied after the user has changed."""
        return self._parts.documents.by_author(user_id)

    async def apply(self, addons: Iterable[AddonDoc], deleted: Iterable[int]) -> Faults:
        """Apply changed documents; `deleted` are ids that no longer exist.

        Details and filters show a change at once, text search after the index commit, before this returns;
        the event loop serves others meanwhile. Add-ons that are not public any more are removed from all
        three in one step after the commit, because a search must not find an add-on without a document.
        """
        parts, time_slice = self._parts, TimeSlice(_CHANGES_SLICE)
        hidden, unlisted = set(deleted), set()
        puts: list[tuple[AddonDoc, Entry]] = []
        faults: Faults = {}
        for addon in addons:
            fault = find_addon_fault(addon)
            if fault is None and facts.is_public(addon):
                try:
                    prepared = prepare(addon, parts.documents)
                    parts.put(prepared)
                    if prepared.entry is None:
                        unlisted.add(addon["_id"])
                    else:
                        parts.columns.put(prepared.entry)
                        puts.append((addon, prepared.entry))
                except Exception as error:  # one document never stops the others
                    fault = describe_error(error)
                    hidden.add(addon["_id"])
            else:
                hidden.add(addon["_id"])
            if fault:
                faults[str(addon["_id"])] = fault
            await self._yield_when_due(time_slice)
        self._changes += 1
        if puts or hidden or unlisted:
            faults |= await self._commit(parts, puts, hidden, unlisted)
        return faults

    async def _yield_when_due(self, time_slice: TimeSlice) -> None:
        """If the time slice is over. Others see what was applied so far, as a generation of its own."""
        if time_slice.is_over():
            self._changes += 1
            await time_slice.renew()

    async def _commit(
        self, parts: CatalogueParts, puts: list[tuple[AddonDoc, Entry]], hidden: set[int], unlisted: set[int]
    ) -> Faults:
        """`hidden` add-ons are not public any more, `unlisted` ones have no current version."""
        stale = [*hidden, *unlisted]
        try:
            errors = await self._run(parts.engine.apply, puts, stale)
            parts.engine.refresh()
            self.commits, self.changed_at = self.commits + 1, time.monotonic()
            hidden.update(errors)
        finally:
            for addon_id in hidden | unlisted:
                parts.columns.drop(addon_id)
            for addon_id in hidden:
                parts.drop(addon_id)
            self._changes += 1
        return {str(addon_id): describe_error(error) for addon_id, error in errors.items()}

    # -- reads

    def find(self, identifier: str) -> int | None:
        """The id of a public add-on, by id, guid or slug (contract/addons.md 2)."""
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
        """The matches from `start` to before `stop`, in the query's order."""
        parts, clauses = self._parts, self._all_clauses(query)
        if query.q is None:
            ids, count = parts.columns.page(clauses, query.sort, start, stop)
            return SearchPage(ids, None, count)
        if query.by_relevance:
            if query.autocomplete:
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

    async def explain(self, query: SearchQuery, locale: str, ids: list[int]) -> dict[int, ScoreBreakdown]:
        """The scores of these add-ons for the text of the query; empty without one."""
        if query.q is None:
            return {}
        explanation = self._parts.engine.explanation(query.q, locale, self._all_clauses(query))
        return await asyncio.to_thread(explanation.explain, ids)

    def unmet(self, query: SearchQuery, addon_id: int) -> list[Clause]:
        """The filters that an add-on does not meet."""
        columns = self._parts.columns
        return [clause for clause in self._all_clauses(query) if addon_id not in columns.ids((clause,))]

    def suggest(self, query: SearchQuery, locale: str) -> str | None:
        """What the query's text may have meant, if no add-on has all of its words."""
        return query.q and self._parts.engine.suggest(query.q, locale, self._all_clauses(query))

    def facets(self, query: SearchQuery, locale: str) -> dict[str, list[tuple[str, int]]]:
        """For each facet of the query, its values with their numbers of matches, the most frequent first."""
        clauses = self._all_clauses(query)
        ids = None if query.q is None else self._parts.engine.ids(query.q, locale, clauses)
        return self._parts.columns.facet_counts(query.facets, clauses, ids)

    def _all_clauses(self, query: SearchQuery) -> tuple[Clause, ...]:
        if query.fits is None:
            return query.clauses
        return (*query.clauses, self._parts.columns.fitting(query.fits))


def _site(settings: Settings, shapes: Mapping[str, Shapes]) -> bytes:
    """Names what compiled objects depend on besides the add-ons and the program."""
    contexts = [(version, shape.context) for version, shape in sorted(shapes.items())]
    addresses = [(version, site.site_url, site.media_url, site.static_url) for version, site in contexts]
    return repr((addresses, settings.outgoing_url, settings.outgoing_secret)).encode()
