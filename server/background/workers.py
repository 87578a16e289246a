"""The background workers of a process: they notify Basket and webhooks, turn inbound mail into notes, send
mail, and delete old files and abuse reports.
"""

from collections.abc import Callable, Mapping
from typing import Any

from conf.settings.settings import Settings
from server.background.correspondence import Keys, make_correspondents
from server.background.worker import Worker
from server.changes import Changes
from server.files.cleaner import FileCleaner
from server.files.files import Files
from server.reports import ReportCleaner
from server.services.blocks import BlockKeeper
from server.services.review.delayed_approval import DelayedApprover
from server.storage.store import Store
from server.throttling.limits import Limits
from server.throttling.sharing import RateSharing


def make_workers(
    settings: Settings,
    store: Store,
    files: Files,
    changes: Changes,
    blocks: Callable[[], Mapping[str, Any]],
    is_read_only: Callable[[], bool],
    site_url: str,
    keys: Keys,
    limits: Limits,
) -> list[Worker]:
    """All workers except the validator of packages, which requests wake; not started yet.

    `blocks` returns the blocks by guid, `keys` the ring in use.
    """
    return [
        *make_correspondents(settings, store, changes, is_read_only, site_url, keys),
        FileCleaner(files, is_read_only),
        BlockKeeper(store, changes, blocks, is_read_only),
        DelayedApprover(store, changes, is_read_only, auto_approve=settings.auto_approve),
        RateSharing(settings, store, limits, is_read_only),
        ReportCleaner(store, settings.report_days, is_read_only),
    ]
