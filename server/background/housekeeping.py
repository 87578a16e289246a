"""The background workers that look after stored data: they delete old files and abuse reports, enforce the
blocklist, approve versions whose delay is over, and share counts of requests.
"""

from collections.abc import Callable, Mapping
from typing import Any

from conf.settings.settings import Settings
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


def make_housekeeping_workers(
    settings: Settings,
    store: Store,
    files: Files,
    changes: Changes,
    blocks: Callable[[], Mapping[str, Any]],
    is_read_only: Callable[[], bool],
    limits: Limits,
) -> list[Worker]:
    """The workers, not started. `blocks` returns the blocks by guid."""
    return [
        FileCleaner(files, is_read_only),
        BlockKeeper(store, changes, blocks, is_read_only),
        DelayedApprover(store, changes, is_read_only, auto_approve=settings.auto_approve),
        RateSharing(settings, store, limits, is_read_only),
        ReportCleaner(store, settings.report_days, is_read_only),
    ]
