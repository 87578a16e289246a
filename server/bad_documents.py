"""The stored documents that this process had to leave out, because they do not fit the model.

    store.bad_documents.add("addons", {7: "object missing required field tags"})
    store.bad_documents.forget("addons", [7])      # it changed, or it is good
    store.bad_documents.summary()                  # for the heartbeat

A bad document stops nothing else: its readers go on without it, and note it here. It is logged
once, and stays noted until it changes; in collections whose changes are not followed, until an
hour after it was last read.

Event loop only.
"""

import logging
import time
from collections.abc import Iterable, Mapping
from typing import Any, Final, NamedTuple

from server.storage.schema import COLLECTIONS

log = logging.getLogger(__name__)

_MAX_NAMED: Final = 10  # in a summary
_MAX_LOGGED: Final = 100  # per call of `add`, so that a damaged collection does not fill the disk
_MAX_AGE: Final = 3600.0  # seconds


class _Fault(NamedTuple):
    reason: str
    read_at: float  # by time.monotonic()


class BadDocuments:
    """The faults by collection and id; `len` is how many there are."""

    def __init__(self) -> None:
        self._by_key: dict[tuple[str, str], _Fault] = {}  # by collection and id, as text

    def __len__(self) -> int:
        return len(self._by_key)

    def add(self, collection: str, faults: Mapping[Any, str]) -> None:
        """By id: what is wrong with each."""
        logged = 0
        for id_, reason in faults.items():
            key = (collection, str(id_))
            previous = self._by_key.get(key)
            self._by_key[key] = _Fault(reason, time.monotonic())
            if previous is None or previous.reason != reason:
                logged += 1
                if logged <= _MAX_LOGGED:
                    log.error("%s %s is damaged and left out: %s", collection, id_, reason)
        if logged > _MAX_LOGGED:
            log.error("%d more of %s are damaged: run.py check names them", logged - _MAX_LOGGED, collection)

    def forget(self, collection: str, ids: Iterable[Any] | None = None) -> None:
        """Forget documents that changed, were good when read, or will be read again (None: all)."""
        if not self._by_key:
            return
        if ids is None:
            ids = [id_ for name, id_ in self._by_key if name == collection]
        for id_ in ids:
            self._by_key.pop((collection, str(id_)), None)

    def for_collection(self, collection: str) -> dict[str, str]:
        """By id: what is wrong with each."""
        return {id_: fault.reason for (name, id_), fault in self._by_key.items() if name == collection}

    def summary(self) -> dict[str, Any]:
        """The number of bad documents, and the first: `{"count": 2, "first": ["addons 7", "users 3"]}`."""
        oldest = time.monotonic() - _MAX_AGE
        for key, fault in list(self._by_key.items()):
            if fault.read_at < oldest and not COLLECTIONS[key[0]].followed:
                del self._by_key[key]
        first = list(self._by_key)[:_MAX_NAMED]
        return {"count": len(self), "first": [f"{collection} {id_}" for collection, id_ in first]}
