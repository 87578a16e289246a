"""The background workers of a process."""

from collections.abc import Callable, Mapping
from typing import Any

from conf.settings.settings import Settings
from server.auth.keys.keystores import Keys
from server.background.housekeeping import make_housekeeping_workers
from server.background.messaging import make_messaging_workers
from server.background.worker import Worker
from server.changes import Changes
from server.files.files import Files
from server.storage.store import Store
from server.throttling.limits import Limits


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

    `blocks` returns the blocks by guid.
    """
    return [
        *make_messaging_workers(settings, store, changes, is_read_only, site_url, keys),
        *make_housekeeping_workers(settings, store, files, changes, blocks, is_read_only, limits),
    ]
