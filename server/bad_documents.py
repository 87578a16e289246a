"""The stored documents this process had to leave out, because they are not as the model says.

    store.bad_documents.settle("addons", faults, ids)     # after these ids were read; None: all of them
    store.bad_documents.summary()                         # for the heartbeat

One bad document stops nothing else: whoever reads it goes on without it and says so here. It is
logged once, and stays named until it is read again and found good, or gone.

Event loop only.
"""

import logging
from collections.abc import Iterable, Mapping
from typing import Any, Final

log = logging.getLogger(__name__)

_NAMED: Final = 10  # in a summary
_LOGGED: Final = 100  # of one reading: a damaged collection should not fill the disk


class BadDocuments:
    def __init__(self) -> None:
        self._reasons: dict[str, dict[str, str]] = {}  # collection -> id -> what is wrong

    def __len__(self) -> int:
        return sum(map(len, self._reasons.values()))

    def settle(self, collection: str, faults: Mapping[Any, str], ids: Iterable[Any] | None = None) -> None:
        """Of the documents with these ids (None: all) those in `faults` are bad, the others good or gone."""
        known = self._reasons.setdefault(collection, {})
        found = {str(id_): reason for id_, reason in faults.items()}
        read = list(known) if ids is None else map(str, ids)
        fresh = [id_ for id_, reason in found.items() if known.get(id_) != reason]
        for id_ in read:
            if known.pop(id_, None) and id_ not in found:
                log.info("%s %s is as it should be, or gone", collection, id_)
        known |= found
        for id_ in fresh[:_LOGGED]:
            log.error("%s %s is damaged and left out: %s", collection, id_, found[id_])
        if len(fresh) > _LOGGED:
            log.error("%d more of %s: see run.py check", len(fresh) - _LOGGED, collection)

    def summary(self) -> dict[str, Any]:
        """How many there are, and the first ones: `{"count": 2, "first": ["addons 7", "users 3"]}`."""
        names = (f"{collection} {id_}" for collection, ids in self._reasons.items() for id_ in ids)
        return {"count": len(self), "first": [name for name, _ in zip(names, range(_NAMED), strict=False)]}
