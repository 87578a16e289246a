"""Stores what was read from the source, and disables add-ons that are gone there.

    writer = MirrorWriter(store, changes, state, origin, listener)
    await writer.store_rows([row, ...], path)               # add-ons as lists show them
    await writer.store_readings([(mirrored, reading), ...]) # add-ons read whole
    await writer.disable([mirrored, ...])

The rule (contract/extras.md 9.3): an add-on is disabled once the source says, in an answer about this add-on,
that it is not public. It is never deleted, because a deleted guid stays in use for ever, and it is public
again as soon as the source shows it. Add-ons that an operator disabled stay disabled, and deleted ones stay
deleted.

Thread rule: event loop only.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from types import MappingProxyType
from typing import Any, Final, Protocol

from conf.model.queues import MirroredDoc
from server.changes import Changes
from server.intake.loader import Summary, load_records
from server.intake.records import AddonState
from server.intake.sources import SourceRecord
from server.mirror.packages import with_stored
from server.mirror.reader import Reading
from server.mirror.records import addon_record, deleted_rating, rating_records, source_records
from server.mirror.source import has_id
from server.mirror.state import BATCH, MirrorState, with_listing, with_reading
from server.services.review import moderation
from server.storage.store import Store

Json = dict[str, Any]
_MAX_FAULTS: Final = 10_000  # that are kept, to be repeated at the end
_MAX_RATINGS: Final = 200_000  # of an add-on that are compared with the source's


class Listener(Protocol):
    """Gets the progress and the faults (server/cli/reporting.py)."""

    def report_fault(self, location: str, reason: str) -> None: ...

    def progress(self, count: int, position: int | None = None) -> None: ...

    def print_line(self, text: str) -> None: ...


class MirrorWriter:
    """`origin` is the source's address; `locales` are those of language tools, by add-on."""

    def __init__(
        self, store: Store, changes: Changes, state: MirrorState, origin: str, listener: Listener
    ) -> None:
        self._store = store
        self._changes = changes
        self._state = state
        self._origin = origin
        self.listener = listener
        self.locales: dict[int, str] = {}
        self.counts = Summary().change
        self.disabled = 0
        self.faults: dict[str, str] = {}  # location -> why it could not be taken

    async def store_rows(self, rows: Sequence[Any], source: str, *, are_details: bool = False) -> list[int]:
        """Store rows; returns their ids. A row without an id is reported as a fault of `source`."""
        addons: dict[int, Json] = {}
        for row in rows:
            if has_id(row):
                addons[row["id"]] = row
            else:
                self.report(source, f"a row without an id: {row!r:.60}")
        mirrored = await self._state.find_addons(addons)
        faults = await self._store_addons(addons, mirrored, are_details=are_details)
        round_ = self._state.document["round"]
        marked = [with_listing(mirrored[id_], row, round_, faults.get(id_)) for id_, row in addons.items()]
        await self._state.save_addons(marked)
        return list(addons)

    async def store_readings(self, readings: Sequence[tuple[MirroredDoc, Reading]]) -> None:
        """Store the add-ons that exist; a part that cannot be stored is reported, and read again."""
        available = [(mirrored, reading) for mirrored, reading in readings if reading.addon is not None]
        stored: dict[int, str] = {}
        for _, reading in available:
            stored |= reading.packages.stored if reading.packages else {}
        addons = {mirrored["_id"]: reading.addon or {} for mirrored, reading in available}
        documents = {mirrored["_id"]: mirrored for mirrored, _ in available}
        faults = await self._store_addons(addons, documents, stored, are_details=True)
        for mirrored, reading in available:
            if reading.ratings is not None and mirrored["_id"] not in faults:
                await self._store_ratings(mirrored["_id"], reading.ratings)
            for file_id, reason in (reading.packages.faults if reading.packages else {}).items():
                self.report(f"file:{file_id} of addon:{mirrored['_id']}", reason)
        round_ = self._state.document["round"]
        marked = [
            with_reading(mirrored, faults.get(mirrored["_id"]), files=reading.packages is not None)
            for mirrored, reading in available
        ]
        await self._state.save_addons([document | {"round": round_} for document in marked])

    async def mark_failed(self, mirrored: MirroredDoc, reason: str) -> None:
        """Report an add-on that could not be read; it is due again."""
        self.report(f"addon:{mirrored['_id']}", reason)
        await self._state.save_addons([mirrored | {"fault": reason, "due": True}])

    async def disable(self, gone: Iterable[MirroredDoc]) -> None:
        for mirrored in gone:
            stored = await self._store.find_one("addons", {"_id": mirrored["_id"]}, {"status": 1})
            was_public = stored is not None and stored["status"] == "public"
            if was_public:
                reason = f"not public any more at {self._origin}"
                await moderation.disable(self._changes, mirrored["_id"], reason)
                self.disabled += 1
            disabled = was_public or mirrored["disabled"]
            await self._state.save_addons(
                [mirrored | {"gone": True, "disabled": disabled, "due": False, "fault": None}]
            )

    async def store(self, records: Sequence[SourceRecord]) -> dict[str, str]:
        """Store any records; returns their faults by location. Raises Conflict, Unavailable."""
        faults: dict[str, str] = {}

        class Collector:
            """Collects the faults that the intake reports."""

            report_fault = staticmethod(faults.__setitem__)
            progress = staticmethod(lambda records, position: None)

        summary = await load_records(list(records), self._store, Collector())
        self.counts += summary.change
        for key, reason in faults.items():
            self.report(key, reason)
        return faults

    def report(self, location: str, reason: str) -> None:
        if len(self.faults) < _MAX_FAULTS:
            self.faults[location] = reason
        self.listener.report_fault(location, reason)

    async def _store_addons(
        self,
        addons: Mapping[int, Json],
        mirrored: Mapping[int, MirroredDoc],
        stored: Mapping[int, str] = MappingProxyType({}),
        *,
        are_details: bool,
    ) -> dict[int, str]:
        """Store add-ons; returns their faults by id. `stored` maps file ids to stored packages."""
        statuses = await self._statuses(addons)
        records = []
        for id_, addon in addons.items():
            status = statuses.get(id_, "public")
            if status == "deleted":
                continue
            locale = self.locales.get(id_)
            make = partial(addon_record, addon, self._origin, locale, is_detail=are_details)
            for source_record in source_records("addon", id_, make):
                hidden = status != "public" and not mirrored[id_]["disabled"]
                if isinstance(source_record.record, AddonState):
                    addon_fields = source_record.record.addon | ({"status": status} if hidden else {})
                    versions = with_stored(source_record.record.versions, stored)
                    record = replace(source_record.record, addon=addon_fields, versions=versions)
                    source_record = replace(source_record, record=record)
                records.append(source_record)
        faults = await self.store(records)
        return {int(key.rpartition(":")[2]): reason for key, reason in faults.items()}

    async def _statuses(self, ids: Iterable[int]) -> dict[int, str]:
        """The statuses of those that are stored."""
        query = {"_id": {"$in": list(ids)}}
        statuses: dict[int, str] = {}
        async for documents in self._store.scan("addons", query=query, fields={"status": 1}):
            statuses |= {document["_id"]: document["status"] for document in documents}
        return statuses

    async def _store_ratings(self, addon_id: int, ratings: Sequence[Json]) -> None:
        """Delete those that are gone first, because a new one may have the unique key of one of them."""
        listed = {rating["id"] for rating in ratings}
        listed |= {rating["reply"]["id"] for rating in ratings if has_id(rating.get("reply"))}
        query = {"addon_id": addon_id, "deleted": False}
        stored = await self._store.find("ratings", query, limit=_MAX_RATINGS)
        current = {rating["_id"] for rating in stored if rating["is_latest"]}
        gone = [
            rating
            for rating in stored
            if rating["_id"] not in listed and (rating["is_latest"] or rating["reply_to"] in current)
        ]
        await self._store_all("rating", {rating["_id"]: partial(deleted_rating, rating) for rating in gone})
        await self._store_all("rating", {rating["id"]: partial(rating_records, rating) for rating in ratings})

    async def _store_all(self, kind: str, makers: Mapping[int, Any]) -> None:
        items = list(makers.items())
        for start in range(0, len(items), BATCH):
            part = items[start : start + BATCH]
            await self.store([record for id_, make in part for record in source_records(kind, id_, make)])
