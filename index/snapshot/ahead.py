"""What most callers ask for, compiled by another process before anybody asks.

    await Ahead(shapes, site).compile(lambda: catalogue_parts)

It reads documents from the file of the records and writes what it makes into it, so that this process has
nothing to do but to say when to go on. In a full build that took two thirds of its time again; here nobody
waits for it, and whoever asks before it is there has it compiled at once. What changes meanwhile is known by
its digest, which is of what was read.
"""

import asyncio
import logging
import os
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Final, NamedTuple

from index.criteria.featured import FeaturedPlaces, FeaturedSets
from index.documents.documents import AddonDocuments
from index.documents.row_store import Dictionary
from index.runtime.processes import LOST, MANY, Processes, room_beside
from index.shapes.api_versions import shapes_for
from index.shapes.shape import Shapes
from index.shapes.urls import ShapeContext
from index.snapshot.parts import CatalogueParts, read_users
from index.snapshot.records import Damaged, Records

log = logging.getLogger(__name__)

_STEP_BACK: Final = 19  # nice's most: what it takes is what nobody else wants
_QUIET: Final = 10.0  # seconds without changes, after which many are worth a look at everything
_TOGETHER: Final = 100  # add-ons of which one transaction writes what was made: some 50 ms


class AheadContext(NamedTuple):
    """What the other process has to know."""

    contexts: dict[str, ShapeContext]  # of the shapes, by version
    site: bytes  # as for AddonDocuments
    folder: Path
    places: FeaturedPlaces | None
    dictionary: bytes  # of the documents
    dictionaries: dict[bytes, Dictionary]  # of the objects, by kind


class Ahead:
    """Of one site."""

    def __init__(self, shapes: Mapping[str, Shapes], site: bytes) -> None:
        """As for AddonDocuments."""
        self._site = {version: each.context for version, each in shapes.items()}, site

    async def run(self, current: Callable[[], CatalogueParts]) -> None:
        """Now and after many changes, for the parts there are then; until it is cancelled."""
        while True:
            instance, changes, seen = current().documents.instance, current().documents.changes, -1
            if len(current().documents) >= MANY and room_beside():
                await self.compile(current)
            # Until there were many and no more come, or there are other documents.
            while (documents := current().documents).instance == instance and (
                documents.changes != seen or documents.changes < changes + MANY
            ):
                seen = documents.changes
                await asyncio.sleep(_QUIET)

    async def compile(self, current: Callable[[], CatalogueParts]) -> None:
        """Ends when all is there, or other parts are; a fault is logged."""
        parts = current()
        documents = parts.documents
        if parts.folder is None:
            return
        processes: Processes[int, int | None] | None = None
        try:
            for addon_id in parts.columns.ids(())[:1].tolist():  # its objects become missing dictionaries
                documents.precompile(addon_id)
            dictionaries = documents.dictionary, documents.objects.dictionaries
            context = AheadContext(*self._site, parts.folder, documents.featured.table, *dictionaries)
            processes = Processes(begin, 1)
            processes.introduce(context)
            after: int | None = 0
            while after is not None and current() is parts:
                after = await asyncio.wrap_future(processes.submit(after))
        except (*LOST, Damaged) as fault:
            log.warning("add-ons are compiled when they are asked for: the process for it ended (%r)", fault)
        finally:
            if processes is not None:
                await asyncio.to_thread(processes.close)  # who is killed may take its time


def begin(context: AheadContext) -> Callable[[int], int | None]:
    """What the other process does: compile some add-ons above an id; the last one's, None after all."""
    if hasattr(os, "nice"):
        os.nice(_STEP_BACK)
    shapes = {version: shapes_for(version, site) for version, site in context.contexts.items()}
    featured, records = FeaturedSets(), Records(context.folder)
    featured.replace(context.places)
    documents = AddonDocuments(shapes, featured, records, context.site)
    documents.use_dictionary(context.dictionary)
    documents.users.update(read_users(records))
    documents.objects.dictionaries |= context.dictionaries

    def work(after: int) -> int | None:
        ids = records.ids_after(after, _TOGETHER)
        for addon_id in ids:
            with suppress(Exception):  # it is gone, or damaged: whoever asks for it is told
                documents.precompile(addon_id)
        records.seal()
        records.write()
        return ids[-1] if ids else None

    return work
