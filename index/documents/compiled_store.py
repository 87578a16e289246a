"""A cache of compiled objects (compiled.py), in the records of the snapshot.

    store = CompiledStore(records, site)
    store.put("row", view, 7, digest, compiled)
    store.get("row", view, {7: digest})     -> {7: text}, without those that it does not have
    store.forget(7)

Each record has the digest of what it was made of, so one that is out of date does not count, nor does one
that is damaged. Objects of a kind are similar, so a text of the first one is the dictionary of the others.

Event loop only.
"""

import hashlib
import logging
from collections.abc import Collection, Mapping
from typing import Final, NamedTuple

from index.documents.compiled import CompiledObject, pick
from index.shapes.view import View
from index.snapshot.records import COMPILED, ID, Damaged, Records

log = logging.getLogger(__name__)

DIGEST_BYTES: Final = 8
# Changes that wait for a checkpoint; while there are as many, nothing is compiled.
_MAX_WAITING: Final = 4000


def digest(*parts: bytes) -> bytes:
    """The digest of what a record is made of."""
    return hashlib.blake2b(b"".join(parts), digest_size=DIGEST_BYTES).digest()


class Dictionary(NamedTuple):
    """The dictionary of a kind of objects; one that replaces a damaged one has another stamp."""

    text: bytes
    stamp: bytes  # in records that were packed with it, for this site


class CompiledStore:
    def __init__(self, records: Records, site: bytes = b"") -> None:
        """`site` names what objects depend on besides their add-ons."""
        self._records = records
        self._site = site
        self.dictionaries: dict[bytes, Dictionary] = {}  # by kind; good for other instances of the same site

    @property
    def has_room(self) -> bool:
        """Whether an object that is compiled now will be stored."""
        return self._records.is_persistent and self._records.waiting < _MAX_WAITING

    def get(self, kind: str, view: View, digests: Mapping[int, bytes]) -> dict[int, bytes | None]:
        """Texts to be finished; None if no variant is for the view."""
        name = _name(kind, view)
        dictionary = self._dictionary(name) if self._records.is_persistent else None
        if dictionary is None:
            return {}
        texts: dict[int, bytes | None] = {}
        start = 2 * DIGEST_BYTES  # a digest and a stamp come before the record
        ids = {name + ID.pack(addon_id): addon_id for addon_id in digests}
        for key, value in self._read(ids):
            addon_id = ids[key]
            if value.startswith(digests[addon_id] + dictionary.stamp):
                texts[addon_id] = pick(value, view, dictionary.text, start)
        return texts

    def put(self, kind: str, view: View, addon_id: int, digest: bytes, compiled: CompiledObject) -> None:
        name = _name(kind, view)
        dictionary = self._dictionary(name)
        if dictionary is None:
            dictionary = self._use(name, compiled.texts[0])
            self._records.put(name, dictionary.text)
        record = compiled.pack(dictionary.text)
        self._records.put(name + ID.pack(addon_id), digest + dictionary.stamp + record)

    def forget(self, addon_id: int) -> None:
        for name in self.dictionaries:
            self._records.drop(name + ID.pack(addon_id))

    def _dictionary(self, name: bytes) -> Dictionary | None:
        dictionary = self.dictionaries.get(name)
        if dictionary is None and (stored := self._read([name])):
            dictionary = self._use(name, stored[0][1])
        return dictionary

    def _use(self, name: bytes, text: bytes) -> Dictionary:
        dictionary = self.dictionaries[name] = Dictionary(text, digest(self._site, text))
        return dictionary

    def _read(self, keys: Collection[bytes]) -> list[tuple[bytes, bytes]]:
        """Those that exist; a damaged one is logged and dropped, so that it is compiled anew."""
        try:
            return self._records.get_many(keys)
        except Damaged as fault:
            if len(keys) > 1:
                return [item for key in keys for item in self._read([key])]
            log.warning("an object is compiled anew: %s", fault)
            for key in keys:
                self._records.drop(key)
            return []


def _name(kind: str, view: View) -> bytes:
    """The key of a kind's dictionary, and the beginning of its objects' keys."""
    return COMPILED + f"{view.version}{kind[0]}{view.wrap:d}{view.grouped:d}".encode()
