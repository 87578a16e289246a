"""Brings the snapshot of a data folder up to date where no server runs: `load` ends with it."""

from pathlib import Path

from conf.settings.settings import Settings
from index.catalogue import Catalogue, Progress
from index.shapes.api_versions import all_shapes
from server.curated.curated import CuratedContent
from server.following.feed import Feed
from server.following.indexing import Indexing
from server.storage.store import Store


async def renew_snapshot(store: Store, settings: Settings, progress: Progress) -> None:
    """Write the snapshot that the next start opens; `progress` gets each batch's size. Raises StoreError."""
    catalogue = Catalogue(settings, all_shapes(settings, "http://localhost"))
    feed = Feed(store)
    curated, indexing = CuratedContent(store, catalogue), Indexing(store, catalogue, feed)
    try:
        catalogue.read_ahead(Path(settings.data_dir))
        catalogue.keep_in(Path(settings.data_dir))
        await indexing.open_feed()
        feed.subscribe(curated, indexing, on_applied=indexing.checkpoint)
        await indexing.open(curated.resync, progress)
        feed.start()
        await feed.caught_up()
    finally:
        await feed.close()
        await indexing.close()
        catalogue.close()
