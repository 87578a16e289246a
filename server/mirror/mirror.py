"""Fills a catalogue from another server of the contract and keeps it current, round after round.

    mirror = await Mirror.open(store, changes, client, options, phase)   # raises NoSource, OtherSource
    await mirror.run_round()     # lists, due add-ons, missing add-ons; raises SourceUnavailable
    await mirror.keep_current()  # for ever

A round continues where the last process stopped, however it ended. It sees every add-on of the source in a
list (the export of another Amoeba, else the search), stores what the list shows, and reads new and changed
add-ons whole. Then it looks up each add-on that no list had, or that was missing when it was read, and
disables it if the source says that it is not public (writer.py).

Thread rule: event loop only.
"""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Final, Self

from conf.model.queues import MirroredDoc
from server.changes import Changes
from server.errors import OperatorFault
from server.mirror.amoeba_feed import AmoebaFeed, HistoryLost
from server.mirror.client import CONNECTIONS, BadAnswer, PoliteClient, SourceUnavailable
from server.mirror.lists import Lists
from server.mirror.reader import Reader, Reading
from server.mirror.source import Source
from server.mirror.state import MirrorState
from server.mirror.walk import Walk
from server.mirror.writer import Listener, MirrorWriter
from server.storage.store import Store

POLL: Final = 25  # seconds a server may wait for the next change
# Parts that can be skipped. Without details the mirror stores only what the search shows.
PARTS: Final = ("details", "versions", "policies", "ratings", "lists")
_RETRY_PAUSE: Final = 60.0  # seconds until the next try while the source is away

# (title, total, unit) -> a context with the Listener for the progress of that work.
Phase = Callable[[str, int | None, str], AbstractContextManager[Listener]]


@dataclass(frozen=True, slots=True)
class Options:
    """How a mirror works; `names` limits it to these add-ons, unless it is empty."""

    names: Sequence[str] = ()
    skipped: frozenset[str] = frozenset()  # of PARTS
    max_package: int | None = None  # bytes of the largest package; None: no packages
    max_gone: int = 100  # add-ons that a round may disable
    period: float = 3600.0  # seconds between rounds

    def includes(self, part: str) -> bool:
        return part not in self.skipped


class Mirror:
    """`writer` stores what was read, `state` is the progress; `follows`: whether it follows a feed."""

    def __init__(
        self,
        source: Source,
        reader: Reader,
        writer: MirrorWriter,
        state: MirrorState,
        options: Options,
        phase: Phase,
    ) -> None:
        self.source = source
        self.writer = writer
        self.state = state
        self.follows = False
        self._reader = reader
        self._options = options
        self._phase = phase
        self._feed = AmoebaFeed(source, writer, state)
        self._walk = Walk(source, writer, state)
        self._lists = Lists(source, writer)
        self._may_disable = options.max_gone  # add-ons that may be disabled until the next round

    @classmethod
    async def open(
        cls, store: Store, changes: Changes, client: PoliteClient, options: Options, phase: Phase
    ) -> Self:
        """A mirror of the client's server. Raises NoSource, OtherSource, SourceUnavailable."""
        with phase(f"asking {client.base}", None, "answers") as listener:
            state = await MirrorState.open(store, client.base)
            source = await Source.find(client)
        await state.save()
        reader = Reader(
            source, [part for part in PARTS if options.includes(part)], store, options.max_package
        )
        writer = MirrorWriter(store, changes, state, client.base, listener)
        return cls(source, reader, writer, state, options, phase)

    async def run_round(self) -> None:
        """Run a whole round.

        Raises SourceUnavailable, TooManyGone, and BadAnswer if the export cannot be read.
        """
        if self._options.names:
            await self._read_named()
            return
        self._may_disable = self._options.max_gone
        await self.state.begin_round()
        if self._options.includes("lists"):
            await self._lists.read_locales()
        await self._list_all()
        if self._reads_due:
            await self._read_due()
        if self._options.includes("lists"):
            await self._lists.run()
        gone = await self._find_gone()
        self.state.document["done"] = True  # before _disable, so that the next round begins anew in any case
        await self.state.save()
        await self._disable(gone)

    async def keep_current(self) -> None:
        """Run until cancelled: a source that is away, or lost too much, is tried again."""
        loop = asyncio.get_running_loop()
        next_round = loop.time() + self._options.period
        wait = int(min(POLL, self.source.client.timeout / 2))
        while True:
            try:
                now = loop.time()
                if now >= next_round:
                    await self.run_round()
                    next_round = now + self._options.period  # only now, so that a failed round is repeated
                elif not self.follows:
                    await asyncio.sleep(next_round - now)
                elif await self._feed.poll(wait):
                    await self._read_due()
                    if self._may_disable:
                        await self._disable(await self._find_gone())
            except HistoryLost:
                next_round = loop.time()
            except (SourceUnavailable, BadAnswer) as fault:
                self.writer.listener.print_line(f"trying again in {_RETRY_PAUSE:.0f} s: {fault}")
                await asyncio.sleep(_RETRY_PAUSE)
            except TooManyGone as fault:
                self.writer.listener.print_line(f"looking again in {self._options.period:.0f} s: {fault}")
                next_round = loop.time() + self._options.period
                self._may_disable = 0

    @property
    def _reads_due(self) -> bool:
        return self.follows or self._options.includes("details")

    async def _list_all(self) -> None:
        document = self.state.document
        self.follows = await self._feed.is_supported()
        if self.follows and document["listed"]:
            try:
                await self._feed.catch_up()
                return
            except HistoryLost:
                await self.state.begin_round()
                self.follows = await self._feed.is_supported()
        if document["listed"]:
            return
        title = "reading the export" if self.follows else "reading the search"
        with self._phase(title, await self._walk.count(), "add-ons") as self.writer.listener:
            await (self._feed.read_export() if self.follows else self._walk.run())
        if self.follows:
            await self._feed.catch_up()

    async def _read_due(self) -> None:
        """Read new and changed add-ons whole."""
        files = self._options.max_package is not None
        total = await self.state.count_due(files=files)
        if not total:
            return
        with self._phase("reading add-ons", total, "add-ons") as self.writer.listener:
            async for batch in self.state.due(files=files):
                for start in range(0, len(batch), CONNECTIONS):
                    await self._read(batch[start : start + CONNECTIONS])

    async def _read(self, batch: Sequence[MirroredDoc]) -> None:
        """Read a few add-ons concurrently; the client limits their common rate."""
        tasks = [asyncio.ensure_future(self._reader.read(mirrored)) for mirrored in batch]
        try:
            outcomes = await asyncio.gather(*tasks, return_exceptions=True)
        finally:
            for task in tasks:
                task.cancel()
        read: list[tuple[MirroredDoc, Reading]] = []
        for mirrored, outcome in zip(batch, outcomes, strict=True):
            if isinstance(outcome, BadAnswer):
                await self.writer.mark_failed(mirrored, str(outcome))
            elif isinstance(outcome, Reading):
                read.append((mirrored, outcome))
        await self.writer.store_readings(read)
        await self.state.mark_missing([mirrored for mirrored, reading in read if reading.addon is None])
        self.writer.listener.progress(len(batch))
        for outcome in outcomes:
            if isinstance(outcome, BaseException) and not isinstance(outcome, BadAnswer):
                raise outcome

    async def _read_named(self) -> None:
        """Read the add-ons that `names` has by id, guid or slug."""
        names = self._options.names
        with self._phase("looking add-ons up", len(names), "add-ons") as self.writer.listener:
            ids: dict[int, None] = {}
            for name in names:
                try:
                    addon = await self.source.addon(name)
                except BadAnswer as fault:
                    self.writer.report(name, str(fault))
                    continue
                if addon is None:
                    self.writer.report(name, "there is no such add-on, or strangers do not see it")
                else:
                    ids[addon["id"]] = None
                self.writer.listener.progress(1)
        mirrored = list((await self.state.find_addons(ids)).values())
        with self._phase("reading add-ons", len(mirrored), "add-ons") as self.writer.listener:
            for start in range(0, len(mirrored), CONNECTIONS):
                await self._read(mirrored[start : start + CONNECTIONS])

    async def _find_gone(self) -> list[MirroredDoc]:
        """Look up add-ons that no list had or that were missing when read, as a shifted or broken page proves
        nothing. Returns those that are gone, at most one more than may be disabled.
        """
        gone: list[MirroredDoc] = []
        due = not self._reads_due  # else those that are due were just asked for
        total = await self.state.count_unseen(due=due)
        if not total:
            return gone
        with self._phase("looking up what is missing", total, "add-ons") as self.writer.listener:
            async for batch in self.state.unseen(due=due):
                for mirrored in batch:
                    if len(gone) > self._may_disable:
                        return gone
                    try:
                        if await self.source.addon(mirrored["_id"]) is None:
                            gone.append(mirrored)
                        else:
                            await self.state.mark_seen([mirrored])
                    except BadAnswer as fault:
                        await self.writer.mark_failed(mirrored, str(fault))
                    self.writer.listener.progress(1)
        return gone

    async def _disable(self, gone: Sequence[MirroredDoc]) -> None:
        """Disable them. Raises TooManyGone if they are more than may be disabled until the next round."""
        if len(gone) > self._may_disable:
            raise TooManyGone(
                f"more than {self._options.max_gone} add-ons are not public any more at the source, and"
                " no more of them are disabled: if that is right, say --max-gone"
            )
        await self.writer.disable(gone)
        self._may_disable -= len(gone)


class TooManyGone(OperatorFault):
    """More add-ons are gone than may be disabled, because a source that lost data must not cost us ours."""
