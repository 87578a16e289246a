"""The public catalogue in memory: what every read of public data is answered from.

Three parts follow the same changes: `documents` (the add-ons themselves),
`columns` (filters and exact sorts) and `engine` (text search). Reads and
`apply` belong to the event loop; the work of `build` and the index commits run
in threads. `build` fills new parts aside and swaps them in whole.

An add-on whose document is damaged is not public, as long as it is: `build` and `apply`
return which these are, and what is wrong with each.

With a folder (`keep_in`) the parts outlive the process (index/snapshot/parts.py):

    catalogue.read_ahead(folder)
    if (checkpoint := await catalogue.checkpoint()) and (unsure := await catalogue.resume()) is not None:
        ...                                 # apply `unsure` and what changed since `checkpoint.position`
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
from index.runtime.collector import kept_out
from index.runtime.turns import Turns
from index.shapes.shape import Shapes
from index.snapshot.ahead import Ahead
from index.snapshot.builder import Builder, large_first
from index.snapshot.keeper import SnapshotKeeper
from index.snapshot.parts import UNUSABLE, CatalogueParts, Checkpoint, Position
from index.snapshot.prepared import prepare
from index.snapshot.preparers import Decode
from index.text.explanation import Points

T = TypeVar("T")
Progress = Callable[[int], None]
UserBatches = AsyncIterator[list[UserDoc]]
Faults = dict[str, str]  # by id, as text, for some are no numbers: add-ons that were left out, and why

_CHANGES_SLICE = 0.002  # seconds of taking over changes, before other callers of the event loop get a turn


class SearchPage(NamedTuple):
    """One page of a search."""

    ids: list[int]
    scores: list[float] | None  # None when relevance takes no part in the order
    total: int  # all matches, whatever the page; fewer in autocomplete


def ignore(count: int) -> None:
    """No progress to be told of."""


class RawAddons(NamedTuple):
    """All add-ons as they are stored."""

    batches: AsyncIterator[bytes]  # concatenated BSON documents, as `decode` takes them
    decode: Decode
    expected: int  # how many there are, more or less


class Unwritable(Exception):
    """The folder of the snapshot cannot be written; `keep_nothing` goes on without."""


class Catalogue:
    """`featured` is filled by its owner, before `build` and whenever the sets change."""

    def __init__(self, settings: Settings, shapes: Mapping[str, Shapes]) -> None:
        self.featured = FeaturedSets()
        site = _site(settings, shapes)
        self._keeper = SnapshotKeeper(partial(CatalogueParts.open, shapes, self.featured, site))
        self._ahead = Ahead(shapes, site)
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
        """Names the state searches are answered from; new after every change."""
        return f"{self._boot}{self._changes:x}"

    def stamp(self, addon_id: int) -> str:
        """Names the state of one public add-on. Raises KeyError when it is not public."""
        documents = self._parts.documents
        return f"{documents.instance}{documents.stamp(addon_id):x}"

    def __len__(self) -> int:
        return len(self._parts.columns)

    def close(self) -> None:
        self._writer.shutdown(wait=True)
        self._checkpoints.shutdown(wait=True)
        self._keeper.forget(is_used=False)
        self._parts.close(leave_image=True)
        self._keeper.close()

    # -- the snapshot

    def read_ahead(self, data: Path) -> None:
        """Begin to read the snapshot in a data folder, before it can be known what changed since."""
        self._keeper.read_ahead(data / "snapshot", self._writer)

    async def checkpoint(self) -> Checkpoint | None:
        """What is being read is the state of this; None: there is no snapshot."""
        return await self._keeper.checkpoint()

    async def resume(self) -> set[int] | None:
        """Take over what was read; the ids of add-ons to apply anew. None: it was damaged, so `build`."""
        resumed = await self._keeper.resume()
        if resumed is None:
            return None
        self._keeper.forget(is_used=True)
        gc.freeze()  # left out of every later collection
        old, self._parts = self._parts, resumed.parts
        self._changes += 1
        await asyncio.to_thread(old.close)
        return resumed.unsure

    async def check(self) -> str | None:
        """Look through what `resume` took over unseen, a little at a time; what of it is damaged."""
        return await self._parts.check()

    def keep_in(self, data: Path) -> None:
        """Keep snapshots in a data folder from now on."""
        self._keeper.keep_in(data / "snapshot")

    def keep_nothing(self) -> None:
        """No snapshot from now on: a `build` has to follow."""
        self._keeper.give_up()

    def seal(self, position: Position) -> None:
        """What there is now is the state of that position."""
        if self.is_kept:
            self._parts.seal(position)

    @property
    def is_kept(self) -> bool:
        """Whether checkpoints are of use."""
        return self._parts.records.is_kept and self._keeper.is_keeping

    @property
    def is_changed(self) -> bool:
        """Whether there is anything that the last `seal` did not know."""
        return self._parts.records.is_changed

    async def write_checkpoint(self) -> None:
        """What was sealed last is what a start finds."""
        await asyncio.get_running_loop().run_in_executor(self._checkpoints, self._keeper.write, self._parts)

    async def precompile(self) -> None:
        """Have compiled what most callers ask for, now and after many changes, until it is cancelled."""
        await self._ahead.run(lambda: self._parts)

    # -- changes

    async def build(self, users: UserBatches, addons: RawAddons, progress: Progress = ignore) -> Faults:
        """Read everything into new parts and put them in place of the old ones.

        `progress` is told the number of add-ons of each batch. Raises Unwritable.
        """
        with kept_out():
            await self._run(partial(self._keeper.forget, is_used=False))
            parts = await self._run(self._keeper.begin)
            builder = await self._run(Builder, parts, addons.decode, addons.expected)
            try:
                async for found_users in users:
                    parts.put_users(map(public_user, found_users))
                async for batch in large_first(addons.batches):
                    progress(await self._run(builder.absorb, batch))
                await self._run(builder.finish)
            except BaseException:
                self._writer.submit(builder.close)  # in its thread: work may be under way there
                raise
        old, self._parts = self._parts, parts
        self._changes += 1
        self.commits, self.changed_at = self.commits + 1, time.monotonic()
        await self._run(old.columns.release)
        loop = asyncio.get_running_loop()
        await loop.run_in_executor(self._checkpoints, old.engine.close)  # after a checkpoint under way
        old.records.close()
        return builder.faults

    async def _run(self, work: Callable[..., T], *arguments: Any) -> T:
        """In the index-writer's thread. Raises Unwritable."""
        try:
            return await asyncio.get_running_loop().run_in_executor(self._writer, work, *arguments)
        except UNUSABLE as fault:
            if not self._keeper.is_keeping:
                raise
            raise Unwritable(str(fault)) from fault

    async def apply_users(self, users: Iterable[UserDoc], gone: Iterable[int] = ()) -> set[int]:
        """Take over changed users; the ids of those whose add-ons (`by_author`) are to be applied after it.

        `gone` are ids of users who cannot be shown any more.
        """
        parts, turns = self._parts, Turns(_CHANGES_SLICE)
        changed = set(gone)
        for user_id in changed:
            parts.drop_user(user_id)
        self._changes += bool(changed)
        for user in map(public_user, users):
            if not parts.is_applied(user):
                changed.add(user.id)
                parts.put_users((user,))
                self._changes += 1
            if turns.is_over():
                await turns.give()
        return changed

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
                    prepared = prepare(addon, parts.documents)
                    parts.put(prepared)
                    if prepared.entry is None:
                        unlisted.add(addon["_id"])
                    else:
                        parts.columns.put(prepared.entry)
                        puts.append((addon, prepared.entry))
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

    async def explain(self, query: SearchQuery, locale: str, ids: list[int]) -> dict[int, Points]:
        """What these add-ons earn by the query's text; nothing without one."""
        if query.q is None:
            return {}
        explanation = self._parts.engine.explanation(query.q, locale, self._all_clauses(query))
        return await asyncio.to_thread(explanation.of, ids)

    def unmet(self, query: SearchQuery, addon_id: int) -> list[Clause]:
        """The filters that keep an add-on out of the search."""
        return [one for one in self._all_clauses(query) if addon_id not in self._parts.columns.ids((one,))]

    def suggest(self, query: SearchQuery, locale: str) -> str | None:
        """What the query's text may have been meant for, where nothing has all of it."""
        return query.q and self._parts.engine.suggest(query.q, locale, self._all_clauses(query))

    def facets(self, query: SearchQuery, locale: str) -> dict[str, list[tuple[str, int]]]:
        """By facet of the query, how many of all matches have each value, the most frequent ones first."""
        clauses = self._all_clauses(query)
        ids = None if query.q is None else self._parts.engine.ids(query.q, locale, clauses)
        return self._parts.columns.facet_counts(query.facets, clauses, ids)

    def _all_clauses(self, query: SearchQuery) -> tuple[Clause, ...]:
        if query.fits is None:
            return query.clauses
        return (*query.clauses, self._parts.columns.fitting(query.fits))


def _site(settings: Settings, shapes: Mapping[str, Shapes]) -> bytes:
    """Names all that decides ready objects, beside the add-ons and what the program is."""
    addresses = [
        (name, one.context.site_url, one.context.media_url, one.context.static_url)
        for name, one in sorted(shapes.items())
    ]
    return repr((addresses, settings.outgoing_url, settings.outgoing_secret)).encode()
