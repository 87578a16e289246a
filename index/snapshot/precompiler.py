"""Compiles the objects that most callers ask for in another process, before they ask.

    await Precompiler(shapes, site).compile(lambda: catalogue_parts)

The other process reads documents from the snapshot's file and writes their objects to it; this one only
tells it when to go on. As part of a full build this would take two thirds of the build's time again; here
nobody waits for it, and an object that is not ready is compiled when it is asked for. If an add-on changes
meanwhile, the digest of its object, which is of the document as it was read, tells that it is out of date.
"""

import asyncio
import logging
import os
import shutil
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Final, NamedTuple

from index.criteria.featured import FeaturedPlaces, FeaturedSets
from index.documents.compiled_store import Dictionary
from index.documents.documents import AddonDocuments
from index.runtime.process_pool import POOL_FAILURES, POOL_THRESHOLD, ProcessPool, pool_size
from index.shapes.api_versions import shapes_for
from index.shapes.shape import Shapes
from index.shapes.urls import ShapeContext
from index.snapshot.parts import CatalogueParts, read_users
from index.snapshot.records import Damaged, Records

log = logging.getLogger(__name__)

_NICENESS: Final = 19  # the lowest priority: it gets only what nobody else needs
_QUIET: Final = 10.0  # seconds without changes, after which many changes are precompiled
_RESERVE: Final = 1_000_000_000  # bytes of the disk left free, because on a full one MongoDB stops
_BATCH: Final = 100  # add-ons whose objects one transaction writes: some 50 ms


class PrecompilerContext(NamedTuple):
    """What the other process needs."""

    contexts: dict[str, ShapeContext]  # of shapes, by version
    site: bytes  # as for AddonDocuments
    folder: Path
    places: FeaturedPlaces | None
    dictionary: bytes  # of the documents
    dictionaries: dict[bytes, Dictionary]  # of the objects, by kind


class Precompiler:
    def __init__(self, shapes: Mapping[str, Shapes], site: bytes) -> None:
        """Arguments as for AddonDocuments."""
        self._site = {version: shape.context for version, shape in shapes.items()}, site

    async def run(self, get_parts: Callable[[], CatalogueParts]) -> None:
        """Compile now, and again after many changes or for other parts; until cancelled."""
        while True:
            instance, changes, last_seen = get_parts().documents.instance, get_parts().documents.changes, -1
            if len(get_parts().documents) >= POOL_THRESHOLD and pool_size():
                await self.compile(get_parts)
            # Until there were many changes and then none for a while, or the documents are others.
            while (documents := get_parts().documents).instance == instance and (
                documents.changes != last_seen or documents.changes < changes + POOL_THRESHOLD
            ):
                last_seen = documents.changes
                await asyncio.sleep(_QUIET)

    async def compile(self, get_parts: Callable[[], CatalogueParts]) -> None:
        """Returns when everything is compiled, or the parts are others; a fault is logged."""
        parts = get_parts()
        documents = parts.documents
        if parts.folder is None:
            return
        pool: ProcessPool[int, int | None] | None = None
        try:
            for addon_id in parts.columns.ids(())[:1].tolist():  # its objects are missing dictionaries
                documents.precompile(addon_id)
            dictionaries = documents.dictionary, documents.compiled.dictionaries
            context = PrecompilerContext(*self._site, parts.folder, documents.featured.table, *dictionaries)
            pool = ProcessPool(make_worker, 1)
            pool.initialize(context)
            after: int | None = 0
            while after is not None and get_parts() is parts:
                if shutil.disk_usage(parts.folder).free < _RESERVE:
                    log.warning("add-ons are compiled when they are asked for: the disk is nearly full")
                    break
                after = await asyncio.wrap_future(pool.submit(after))
        except (*POOL_FAILURES, Damaged) as fault:
            log.warning("add-ons are compiled when they are asked for: the process for it ended (%r)", fault)
        finally:
            if pool is not None:
                await asyncio.to_thread(pool.close)  # a killed process may take a while to end


def make_worker(context: PrecompilerContext) -> Callable[[int], int | None]:
    """What the other process does: compile the next add-ons above an id; returns the last, or None."""
    if hasattr(os, "nice"):
        os.nice(_NICENESS)
    shapes = {version: shapes_for(version, site) for version, site in context.contexts.items()}
    featured, records = FeaturedSets(), Records(context.folder)
    featured.replace(context.places)
    documents = AddonDocuments(shapes, featured, records, context.site)
    documents.use_dictionary(context.dictionary)
    documents.users.update(read_users(records))
    documents.compiled.dictionaries |= context.dictionaries

    def work(after: int) -> int | None:
        ids = records.ids_after(after, _BATCH)
        for addon_id in ids:
            with suppress(Exception):  # it was deleted, or is damaged, of which its reader is told
                documents.precompile(addon_id)
        records.seal()
        records.write()
        return ids[-1] if ids else None

    return work
